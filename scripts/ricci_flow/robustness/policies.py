"""What other policies make of the networks that are excluded at the k* of their cell.

A kept network whose graph at k* falls apart at some layer has no geodesic mass there, and the
pipeline excludes it. Every one of them, and no other network, is measured here again under the
policies that keep it, at that very k*. k* itself stays as chosen, on the connected networks.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ricci_flow.robustness.graphs import measure_points
from ricci_flow.robustness.network import Row, coefficient
from ricci_flow.robustness.schema import ENSEMBLE
from ricci_flow.storage import damaged


def policy_rows(
    apart: Sequence[Mapping[str, Any]],
    hidden: Sequence[np.ndarray],
    policies: Sequence[str],
    source: Path,
) -> list[Row]:
    """Return the rows of one network in robustness policies.parquet, a convention and policy each.

    apart: its rows of `kept.fallen_apart`. hidden: (n, width) of layers 1..L. source: the file of
    coefficients that `apart` is from. Raises InputError where a graph falls apart at other layers
    than it says.
    """
    ks = sorted({row["k"] for row in apart})
    measured = [measure_points(points, ks, policies) for points in hidden]
    made = []
    for row in apart:
        k, convention = row["k"], row["convention"]
        again = coefficient([layer["baseline", k] for layer in measured], convention, 1)[2]
        if again != row["reason"]:
            here = f"network {row['network']} at k = {k} is {again or 'connected'} here"
            raise damaged(source, f"{here}, and {row['reason']} there")
        for policy in policies:
            chosen = [layer[policy, k] for layer in measured]
            points, rho, reason = coefficient(chosen, convention, 1)
            made.append(
                {name: row[name] for name in (*ENSEMBLE, "network", "convention", "k")}
                | {"policy": policy, "excluded": row["reason"]}
                | {"n_points": len(hidden[0]), "points": points, "rho": rho, "reason": reason}
                | {"dropped_points": max(layer.dropped for layer in chosen)}
            )
    return made
