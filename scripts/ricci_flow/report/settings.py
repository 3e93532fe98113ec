"""Tables of the coefficients on other graphs, points, layers and weights."""

from collections.abc import Mapping

import polars as pl

from ricci_flow.analysis.settings import spread_of_draws
from ricci_flow.labels import POLICIES
from ricci_flow.measurement.settings import REFERENCE
from ricci_flow.report.conditions import side_by_side
from ricci_flow.report.text import escape, number, percent, pipe_table, significant

OFF = "Not measured: no block of this study names other settings."
NO_POLICY = "No block of this study names `largest_component` or `mst`."


def varied(summary: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of statistics/settings.parquet of blocks with other settings than knn."""
    blocks = summary.filter(pl.col("setting") != REFERENCE)["block"].unique().to_list()
    return summary.filter(pl.col("block").is_in(blocks))


def settings_table(summary: pl.DataFrame, titles: Mapping[str, str]) -> str:
    """Return a row per condition, setting and measure: statistics/settings.parquet.

    titles: of the settings.
    """
    summary = varied(summary)
    rows = [
        [
            escape(row["condition"]),
            escape(titles.get(row["setting"], row["setting"])),
            escape(row["measure"]),
            f"{row['coefficients'] - row['undefined']} of {row['coefficients']}",
            escape(row["reasons"] or "none"),
            percent(row["negative"]),
            number(row["median_rho"]),
            str(row["compared"]),
            number(row["median_change"]),
            percent(row["flips"]),
            number(row["spearman"]),
        ]
        for row in side_by_side(summary, "setting", "measure", "condition").iter_rows(named=True)
    ]
    headings = ["condition", "setting", "measure", "defined", "undefined", "ρ < 0"]
    headings += ["median ρ", "compared", "median change of ρ", "sign changes", "Spearman"]
    return pipe_table(headings, rows, left=3, empty=OFF)


def draws_table(networks: pl.DataFrame, titles: Mapping[str, str]) -> str:
    """Return how much coefficients differ between draws: statistics/further.parquet.

    titles: of the settings.
    """
    rows = [
        [
            escape(row["condition"]),
            escape(titles.get(row["setting"], row["setting"])),
            escape(row["measure"]),
            number(row["k_fraction"], 3),
            str(row["networks"]),
            str(row["draws"]),
            number(row["median"], 3),
            number(row["largest"], 3),
            number(row["between"], 3),
        ]
        for row in spread_of_draws(networks).iter_rows(named=True)
    ]
    headings = ["condition", "setting", "measure", "share for *k*", "networks", "draws"]
    headings += ["spread over draws", "largest", "spread over networks"]
    return pipe_table(headings, rows, left=3, empty="No setting was drawn twice.")


def policies_table(summary: pl.DataFrame, measure: str) -> str:
    """Return what three policies make of the networks whose graph is not connected, at fixed k.

    summary: statistics/settings.parquet.
    """
    policies = {REFERENCE: POLICIES["exclude"], **POLICIES}
    chosen = varied(summary).filter(pl.col("setting").is_in(list(policies)), measure=measure)
    rows = [
        [
            f"{policies[row['setting']]} (`{row['setting']}`)",
            escape(row["condition"]),
            f"{row['coefficients'] - row['undefined']} of {row['coefficients']}",
            percent(row["negative"]),
            number(row["median_rho"]),
            str(row["regained"]),
            percent(row["regained_negative"], "there are none"),
            percent(row["left_out"]),
        ]
        for row in side_by_side(chosen, "setting", "condition").iter_rows(named=True)
    ]
    headings = ["policy", "condition", "defined", "ρ < 0", "median ρ", "regained"]
    headings += ["ρ < 0 of the regained", "most points left out at a layer"]
    if chosen["setting"].n_unique() < 2:
        rows = []
    return pipe_table(headings, rows, left=2, empty=OFF if chosen.is_empty() else NO_POLICY)


def funnel_policies_table(policies: pl.DataFrame) -> str:
    """Return the end of the funnel under three policies: statistics/policies.parquet."""

    def part(count: int, negative: int) -> str:
        return f"{count}, {negative} ({percent(negative / count)})" if count else "0"

    rows = [
        [
            f"{POLICIES.get(row['policy'], escape(row['policy']))} (`{row['policy']}`)",
            escape(row["condition"]),
            escape(row["measure"]),
            str(row["kept"]),
            part(row["connected"], row["connected_negative"]),
            part(row["regained"], row["regained_negative"]),
            part(row["coefficients"], row["negative"]),
            escape(row["reasons"] or "none"),
            percent(row["left_out"], "nothing"),
        ]
        for row in side_by_side(policies, "measure", "policy", "condition").iter_rows(named=True)
    ]
    headings = ["policy", "condition", "measure", "kept", "connected at *k*\\*, ρ < 0"]
    headings += ["regained, ρ < 0", "together, ρ < 0", "without ρ"]
    headings += ["most points left out at a layer"]
    if policies["policy"].n_unique() < 2:
        rows = []
    return pipe_table(headings, rows, left=3, empty=OFF if policies.is_empty() else NO_POLICY)


def largest_deviation(summary: pl.DataFrame) -> str:
    """Return the largest deviation of logits after rescaling, as a share of the largest logit."""
    worst = summary["deviation"].max()
    return significant(worst if isinstance(worst, float) else None, 2, "not measured")
