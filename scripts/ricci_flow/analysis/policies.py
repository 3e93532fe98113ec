"""The end of the funnel under policies for networks whose graph is not connected at k*.

The pipeline excludes such a network, for it has no geodesic mass at some layer. A block of excluded
networks measures every one of them, and no other, under settings that keep it, at that very k*.
k* itself is not changed: it was chosen on the connected networks.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.analysis.further import block_coefficients
from ricci_flow.analysis.join import read_ensembles
from ricci_flow.analysis.kept import not_connected, read_kept
from ricci_flow.measurement.settings import REFERENCE
from ricci_flow.storage import damaged
from ricci_flow.tables.keys import ENSEMBLE
from ricci_flow.tables.measures import LOCAL, MEASURES
from ricci_flow.tables.statistics import POLICIES

# The pipeline's own policy.
EXCLUDE = "exclude"
NO_K_STAR = "no k at which the cell has a coefficient"
_PAIR = [*ENSEMBLE, "network", "measure", "k"]


def policies_table(
    root: Path, blocks: Mapping[str, Sequence[str]], settings: Mapping[str, Sequence[str]]
) -> pl.DataFrame:
    """Return statistics/policies.parquet: a row per condition, measure and policy.

    root: results/<study>; blocks: the ensembles of every block of excluded networks; settings: of
    each block. Cells are taken together, as in the funnel, whose last steps are `kept`, `connected`
    and `connected_negative`. Raises InputError naming the file that is damaged, is of another
    ensemble, or is not of the networks that are not connected at k*.
    """
    rows = []
    for block, ensembles in blocks.items():
        kept = pl.concat([_kept(root, ensemble) for ensemble in ensembles])
        measured = _measured(root, block, ensembles, kept)
        policies = [setting for setting in settings[block] if setting != REFERENCE]
        for (condition, measure), part in kept.group_by(
            ["condition", "measure"], maintain_order=True
        ):
            here = measured.filter(condition=condition, measure=measure)
            for policy in (EXCLUDE, *policies):
                rows.append(
                    {"condition": condition, "measure": measure, "policy": policy}
                    | _row(part, here.filter(setting=policy), policy == EXCLUDE)
                )
    return POLICIES.frame(rows)


def _kept(root: Path, ensemble: str) -> pl.DataFrame:
    folder = root / "coefficients" / ensemble
    names = ensemble.split("/")
    return read_kept(folder / "networks.parquet", folder / "cell.parquet", names)


def _measured(root: Path, block: str, ensembles: Sequence[str], kept: pl.DataFrame) -> pl.DataFrame:
    """Return the coefficients of a block, of networks that are not connected at k* alone."""
    folder = root / "measures"
    table = read_ensembles(
        root, "measures", f"{block}.parquet", ensembles, MEASURES, may_be_empty=True
    )
    found = block_coefficients(table, LOCAL.frame(), "")
    excluded = not_connected(kept).select(*_PAIR, why="reason")
    both = excluded.join(found, on=_PAIR, how="left", maintain_order="left")
    again = both.filter(setting=REFERENCE).select(*_PAIR, again="reason")
    checked = excluded.join(again, on=_PAIR, how="left", maintain_order="left")
    for row in checked.filter(~pl.col("why").eq_missing(pl.col("again"))).iter_rows(named=True):
        path = folder / "/".join(row[name] for name in ENSEMBLE) / f"{block}.parquet"
        here = f"network {row['network']} at k = {row['k']} is {row['again'] or 'connected'} here"
        raise damaged(path, f"{here}, and {row['why']} in the coefficients")
    return both


def _row(kept: pl.DataFrame, measured: pl.DataFrame, exclude: bool) -> dict[str, Any]:
    connected = kept["rho"].drop_nulls()
    regained = measured["rho"].drop_nulls()
    without = kept.filter(pl.col("rho").is_null())
    if not exclude:  # what the policy says of those that are not connected takes the place of that
        without = without.join(not_connected(kept), on=[*ENSEMBLE, "network"], how="anti")
    why = [
        NO_K_STAR if row["k"] is None else row["reason"].partition(" at layer")[0]
        for row in without.iter_rows(named=True)
    ]
    why += [reason.partition(" at layer")[0] for reason in measured["reason"].drop_nulls()]
    negative = [int((values < 0).sum()) for values in (connected, regained)]
    return {
        "kept": len(kept),
        "connected": len(connected),
        "connected_negative": negative[0],
        "regained": len(regained),
        "regained_negative": negative[1],
        "coefficients": len(connected) + len(regained),
        "negative": sum(negative),
        "undefined": len(why),
        "reasons": "; ".join(f"{n} {reason}" for reason, n in Counter(why).most_common()) or None,
        "left_out": (measured["left_out"] / measured["n"]).max(),
    }
