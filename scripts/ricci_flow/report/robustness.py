"""Tables of the coefficients on other graphs, points, layers and weights."""

import polars as pl

from ricci_flow.labels import POLICIES, VARIANTS
from ricci_flow.report.conditions import side_by_side
from ricci_flow.report.text import escape, number, percent, pipe_table, significant

OFF = "Not measured: this study's config names no `robustness.variants`."
NO_POLICY = "This study's config names neither `largest_component` nor `mst`."


def variants_table(summary: pl.DataFrame) -> str:
    """Return a row a condition, variant and convention: statistics/robustness.parquet."""
    rows = [
        [
            escape(row["condition"]),
            escape(VARIANTS.get(row["variant"], row["variant"])),
            escape(row["convention"]),
            f"{row['coefficients'] - row['undefined']} of {row['coefficients']}",
            escape(row["reasons"] or "none"),
            percent(row["negative"]),
            number(row["median_rho"]),
            str(row["compared"]),
            number(row["median_change"]),
            percent(row["flips"]),
            number(row["spearman"]),
        ]
        for row in side_by_side(summary, "variant", "convention", "condition").iter_rows(named=True)
    ]
    headings = ["condition", "variant", "convention", "defined", "undefined", "ρ < 0"]
    headings += ["median ρ", "compared", "median change of ρ", "sign changes", "Spearman"]
    return pipe_table(headings, rows, left=3, empty=OFF)


def policies_table(summary: pl.DataFrame, convention: str) -> str:
    """Return what three policies make of the networks whose graph is not connected, at fixed k.

    summary: statistics/robustness.parquet.
    """
    policies = {"baseline": POLICIES["exclude"], **POLICIES}
    chosen = summary.filter(pl.col("variant").is_in(list(policies)), convention=convention)
    rows = [
        [
            f"{policies[row['variant']]} (`{row['variant']}`)",
            escape(row["condition"]),
            f"{row['coefficients'] - row['undefined']} of {row['coefficients']}",
            percent(row["negative"]),
            number(row["median_rho"]),
            str(row["regained"]),
            percent(row["regained_negative"], "there are none"),
            percent(row["dropped"]),
        ]
        for row in side_by_side(chosen, "variant", "condition").iter_rows(named=True)
    ]
    headings = ["policy", "condition", "defined", "ρ < 0", "median ρ", "regained"]
    headings += ["ρ < 0 of the regained", "most points dropped at a layer"]
    if chosen["variant"].n_unique() < 2:
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
            escape(row["convention"]),
            str(row["kept"]),
            part(row["connected"], row["connected_negative"]),
            part(row["regained"], row["regained_negative"]),
            part(row["coefficients"], row["negative"]),
            escape(row["reasons"] or "none"),
            percent(row["dropped"], "nothing"),
        ]
        for row in side_by_side(policies, "convention", "policy", "condition").iter_rows(named=True)
    ]
    headings = ["policy", "condition", "convention", "kept", "connected at *k*\\*, ρ < 0"]
    headings += ["regained, ρ < 0", "together, ρ < 0", "without ρ"]
    headings += ["most points dropped at a layer"]
    if policies["policy"].n_unique() < 2:
        rows = []
    return pipe_table(headings, rows, left=3, empty=OFF if policies.is_empty() else NO_POLICY)


def largest_deviation(summary: pl.DataFrame) -> str:
    """Return the largest deviation of logits after rescaling, as a share of the largest logit."""
    worst = summary["deviation"].max()
    return significant(worst if isinstance(worst, float) else None, 2, "not measured")
