"""Measures and Ricci coefficients of the layers of one network, by the code of the workflow."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.api.layers import Layers, read_labels, read_layers
from ricci_flow.api.names import read_measures, read_settings
from ricci_flow.api.result import Result
from ricci_flow.coefficients.nulls import layer_orders
from ricci_flow.coefficients.series import series_coefficient
from ricci_flow.errors import InputError
from ricci_flow.graphs.grid import k_of_fraction
from ricci_flow.measurement.ensemble import Plan, measure_ensemble
from ricci_flow.measurement.settings import REFERENCE
from ricci_flow.measurement.sources import Arrays
from ricci_flow.seeds import derive_generator
from ricci_flow.tables.keys import ENSEMBLE

# What tables of a study say in addition, and what is not known of layers alone.
_OF_STUDY = [*ENSEMBLE, "network", "deviation"]
_SERIES = ["setting", "draw", "k_fraction", "k", "measure"]
# First what one looks for: polars shows the first and last columns of a wide table.
_FIRST = [
    "measure",
    "k",
    "layer",
    "value",
    "geodesic_mass",
    "name",
    "k_fraction",
    "setting",
    "draw",
]
UNDIRECTED = "this graph has no directed edges"
MEASURES = ("forman_directed", "forman_union")
SHARES = (0.05, 0.1, 0.2)


def measure(
    layers: Any,
    labels: Any = None,
    k: float | Sequence[float] = SHARES,
    measures: str | Sequence[str] | Mapping[str, Mapping[str, Any]] = MEASURES,
    settings: str | Sequence[str] | Mapping[str, Mapping[str, Any]] = REFERENCE,
    *,
    local: bool = True,
    draws: int = 3,
    seed: str = "default",
) -> Result:
    """Return what the workflow measures, for the layers of one network: see `Result`.

    layers: a list of arrays (n, features) of the same n points, in order, or a mapping of them by
    names; arrays of numpy, torch, polars or pandas. Or a path: a .npz or .safetensors file of the
    layers, or a folder with a file for each. Or what `record` returned. Features may differ in
    number and in scale; units are the layers' own. A coefficient needs 4 layers.

    labels: (n,) the class of each point, of any type, or a path; only measures of classes need it.
    k: neighbours of a point: whole numbers are counts, numbers between 0 and 1 shares of n.
    measures: names as in a study: of config/measures.yaml or of modules of ricci_flow.measures; or
    a mapping of names to entries as there, {"module": NAME, "options": {...}}.
    settings: names as in a study: of config/settings.yaml or of modules of ricci_flow.graphs.kinds;
    or a mapping of names to entries as there, such as {"half": {"points": "half"}}.
    local: whether also point by point: coefficients of points and of layers, and the gap between
    classes. draws: how often a setting is drawn that is random. seed: name of the random streams,
    for those and where there are too many orders to count; in a study it is
    SEED_NAME/DATA_SET/ARCHITECTURE/CONDITION, and network 0.

    Time grows with n^2 (features + n / 64) a layer; memory is that of one layer and of two graphs
    of n^2 / 8 bytes for every k.

    Raises InputError, one line, where one of these will not do. Sources: Baptista et al. 2024,
    Scientific Reports 14:23383 (Eqs 9 to 11); those of the measures are in their modules.
    """
    points = read_layers(layers)
    arrays = list(points.values())
    n = len(arrays[0])
    chosen = read_measures(measures)
    asked = read_settings(settings)
    grid = _grid(k, n // 2 if any(s.points == "half" for s in asked.values()) else n)
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise InputError(f"draws: is {draws}; give a whole number from 1 on")
    if not isinstance(seed, str):
        raise InputError(f"seed: is {seed}; give text")
    streams = partial(derive_generator, seed)
    source = Arrays(arrays, read_labels(labels, n), streams)
    plan = Plan(
        chosen,
        asked,
        lambda network, n: [
            (None, k) if isinstance(k, int) else (k, k_of_fraction(k, n)) for k in grid
        ],
        draws,
        local,
    )
    found = measure_ensemble(plan, source, ("", "", ""), lambda line: None)
    titles = dict(enumerate(points, 1))
    name = pl.col("layer").replace_strict(titles, default=None, return_dtype=pl.String)
    table = found.table.drop(_OF_STUDY).with_columns(name=name)
    table = table.select(*_FIRST, pl.exclude(_FIRST))
    return Result(
        table=table,
        coefficients=pl.concat([_coefficients(table, seed), _without(plan, n, table)]),
        local=found.local.drop([*ENSEMBLE, "network"]),
        layers=_described(points),
    )


def _without(plan: Plan, n: int, table: pl.DataFrame) -> pl.DataFrame:
    """Return a row, as of `_coefficients`, for what the table has no rows of."""
    measured = set(table.select("setting", "measure").unique().rows())
    rows = [
        {"setting": setting, "k_fraction": share, "k": k, "measure": name, "reason": UNDIRECTED}
        for setting in plan.settings
        for share, k in plan.grid(0, n)
        for name, measure in plan.measures.items()
        if (setting, name) not in measured and measure.directed
    ]
    return _frame(rows, table)


def _described(points: Layers) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "layer": range(1, len(points) + 1),
            "name": list(points),
            "n": [len(array) for array in points.values()],
            "features": [array.shape[1] for array in points.values()],
            "made_by": [points.made_by.get(name) for name in points],
        },
        schema_overrides={"layer": pl.Int32, "made_by": pl.String},
    )


def _coefficients(table: pl.DataFrame, seed: str) -> pl.DataFrame:
    """Return a row for each setting, draw, k and measure of layers: coefficient and companions."""
    rows = []
    orders: dict[int, np.ndarray] = {}  # by depth
    series = table.filter(pl.col("scope") != "network")
    for key, part in series.group_by(_SERIES, maintain_order=True):
        names = dict(zip(_SERIES, key, strict=True))
        if part["layer"][0] is None:
            rows.append(names | {"reason": part["reason"][0]})
            continue
        # The streams of the same coefficient in a study: see coefficients.tables and
        # analysis.further.
        own: list[Any] = ["permutation", names["measure"], names["k"]]
        if names["setting"] != REFERENCE:
            own = [*(names[of] for of in ("setting", "measure", "k")), names["draw"] or 0, own[0]]
        depth = len(part)
        if depth not in orders:
            orders[depth] = layer_orders(depth, derive_generator(seed, "layer orders"))
        found = series_coefficient(part, derive_generator(seed, 0, *own), orders[depth])
        rows.append(names | {name: value for name, value in found.items() if value is not None})
    return _frame(rows, table)


def _frame(rows: Sequence[Mapping[str, Any]], table: pl.DataFrame) -> pl.DataFrame:
    """Return a table of coefficients; table: of measures, for the types of its keys."""
    schema = {name: table.schema[name] for name in _SERIES} | {
        "points": pl.Int32, "rho": pl.Float64, "p": pl.Float64, "p_method": pl.String,
        "coupling": pl.Float64, "spearman": pl.Float64, "rho_detrended": pl.Float64,
        "rho_next": pl.Float64, "null_mean": pl.Float64, "null_negative": pl.Float64,
        "p_orders": pl.Float64, "reason": pl.String,
    }  # fmt: skip
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema)


def _grid(k: Any, n: int) -> list[int | float]:
    """Return the k asked for: counts as int, shares as float."""
    asked = list(k) if isinstance(k, Iterable) and not isinstance(k, str) else [k]
    found: list[int | float] = []
    for value in asked:
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
            raise InputError(f"k: {value!r} is no number; give counts or shares of the points")
        if isinstance(value, int | np.integer):
            if not 1 <= value < n:
                raise InputError(f"k: is {value} for {n} points; give counts from 1 to {n - 1}")
            found.append(int(value))
        elif not 0 < value < 1:
            raise InputError(f"k: is {value}; give whole numbers, or shares between 0 and 1")
        elif n < 3:
            raise InputError(f"k: shares of {n} points; give 3 points at least")
        else:
            found.append(float(value))
    if not found:
        raise InputError("k: none is given; give counts, or shares of the points")
    return list(dict.fromkeys(found))
