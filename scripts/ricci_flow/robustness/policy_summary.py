"""The end of the funnel under three policies for networks whose graph falls apart at k*."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.robustness.kept import fallen_apart, policies_of, read_kept
from ricci_flow.robustness.schema import ENSEMBLE, POLICIES_SCHEMA
from ricci_flow.storage import damaged, read_table

# The pipeline's own policy.
EXCLUDE = "exclude"
NO_K_STAR = "no k at which the cell has a coefficient"
SUMMARY_SCHEMA = {
    "condition": pl.String,
    "convention": pl.String,
    "policy": pl.String,
    "kept": pl.Int32,
    "connected": pl.Int32,
    "connected_negative": pl.Int32,
    "regained": pl.Int32,
    "regained_negative": pl.Int32,
    "coefficients": pl.Int32,
    "negative": pl.Int32,
    "undefined": pl.Int32,
    "reasons": pl.String,
    "dropped": pl.Float64,
}
_PAIR = ("network", "convention")


@dataclass(frozen=True)
class Kept:
    """Kept networks at k* (see `kept.read_kept`), those measured again, and the policies.

    Of one ensemble, or of several, one below the other. measured: robustness policies.parquet.
    """

    networks: pl.DataFrame
    measured: pl.DataFrame
    policies: list[str]


def gather_policies(
    root: Path, ensembles: Sequence[str], variants: pl.DataFrame
) -> dict[str, Kept]:
    """Return what there is of the kept networks of each condition.

    root: results/<study>; ensembles: "data_set/architecture/condition"; variants: from
    `summary.gather`, which says what was asked for. Raises InputError naming the file that is
    damaged, is of another ensemble, or is not of the networks that fall apart at k*.
    """
    found: dict[str, list[Kept]] = {}
    for ensemble in ensembles:
        names = ensemble.split("/")
        folder = root / "coefficients" / ensemble
        networks = read_kept(folder / "networks.parquet", folder / "cell.parquet", names)
        path = root / "robustness" / ensemble / "policies.parquet"
        measured = read_table(path, tuple(POLICIES_SCHEMA))
        policies = policies_of(variants.filter(condition=names[2])["variant"].unique())
        apart = fallen_apart(networks).select(_PAIR).rows()
        wanted = sorted((*pair, policy) for pair in apart for policy in policies)
        if sorted(measured.select(*_PAIR, "policy").rows()) != wanted or any(
            other != tuple(names) for other in measured.select(ENSEMBLE).unique().rows()
        ):
            raise damaged(path, f"its networks are not those of {ensemble} that fall apart at k*")
        found.setdefault(names[2], []).append(Kept(networks, measured, policies))
    return {
        condition: Kept(
            pl.concat([part.networks for part in parts]),
            pl.concat([part.measured for part in parts]),
            parts[0].policies,
        )
        for condition, parts in found.items()
    }


def summarise_policies(conditions: dict[str, Kept]) -> pl.DataFrame:
    """Return statistics/policies.parquet: a row a condition, convention and policy.

    conditions: from `gather_policies`. Cells are taken together, as in the funnel, whose last
    steps are `kept`, `connected` and `connected_negative`. Schema: reports/guide/files.md.
    """
    rows = []
    for condition, given in conditions.items():
        for (convention,), kept in given.networks.group_by("convention", maintain_order=True):
            for policy in (EXCLUDE, *given.policies):
                measured = given.measured.filter(convention=convention, policy=policy)
                rows.append(
                    {"condition": condition, "convention": convention, "policy": policy}
                    | _row(kept, measured, policy == EXCLUDE)
                )
    return pl.DataFrame(rows, schema=SUMMARY_SCHEMA)


def _row(kept: pl.DataFrame, measured: pl.DataFrame, exclude: bool) -> dict[str, Any]:
    connected = kept["rho"].drop_nulls()
    regained = measured["rho"].drop_nulls()
    without = kept.filter(pl.col("rho").is_null())
    if not exclude:  # what the policy says of those that fall apart takes the place of that
        without = without.join(fallen_apart(kept), on=[*ENSEMBLE, "network"], how="anti")
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
        "dropped": (measured["dropped_points"] / measured["n_points"]).max(),
    }
