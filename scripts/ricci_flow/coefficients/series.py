"""The coefficient of one series: the layers of a network, by one measure on one kind of graph."""

from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.coefficients.nulls import layer_nulls
from ricci_flow.coefficients.ricci import ricci_coefficient


def series_coefficient(
    part: pl.DataFrame, generator: np.random.Generator, orders: np.ndarray | None = None
) -> dict[str, Any]:
    """Return the fields of `ricci.RicciCoefficient`, and with `orders` those of `nulls.LayerNulls`.

    part: the layers in order, as in a table of measures: layer, value, reason, geodesic_mass.
    generator: see `ricci.ricci_coefficient`; orders: see `nulls.layer_orders`. `reason` is why
    there is no rho; a field that is undefined is None or absent.
    """
    undefined = part.filter(pl.col("value").is_null())
    if len(undefined):
        layer, reason = undefined.select("layer", "reason").row(0)
        return {"points": len(part) - 1, "reason": f"{reason} at layer {layer}"}
    mass = part["geodesic_mass"].fill_null(np.nan).to_numpy()
    values = part["value"].to_numpy()
    coefficient = ricci_coefficient(mass, values, generator, part["layer"][0])
    found = asdict(coefficient)
    if coefficient.rho is not None:
        found["reason"] = None  # that it has no z matters to the regression alone
        if orders is not None:
            found |= asdict(layer_nulls(mass, values, orders))
    return found
