"""Tables of the coefficients on other graphs, points, layers and weights."""

import polars as pl

from ricci_flow.report.text import escape, number, percent, pipe_table, significant

OFF = "Not measured: this study's config names no `robustness.variants`."
NO_POLICY = "This study's config names neither `largest_component` nor `mst`."
LABELS = {
    "baseline": "baseline",
    "mutual": "mutual graph",
    "subsample": "half of the points",
    "rescaled": "units rescaled",
    "with_input": "with input layer",
    "with_output": "with output layer",
    "with_input_and_output": "with both",
    "largest_component": "largest component",
    "mst": "spanning tree added",
}
# What becomes of a network whose graph falls apart at some layer.
POLICIES = {
    "baseline": "exclude the network",
    "largest_component": "take the largest component",
    "mst": "add a minimum spanning tree",
}


def variants_table(summary: pl.DataFrame) -> str:
    """Return a row a condition, variant and convention: statistics/robustness.parquet."""
    rows = [
        [
            escape(row["condition"]),
            LABELS.get(row["variant"], escape(row["variant"])),
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
        for row in summary.iter_rows(named=True)
    ]
    headings = ["condition", "variant", "convention", "defined", "undefined", "ρ < 0"]
    headings += ["median ρ", "compared", "median change of ρ", "sign changes", "Spearman"]
    return pipe_table(headings, rows, left=3, empty=OFF)


def policies_table(summary: pl.DataFrame, condition: str, convention: str) -> str:
    """Return what three policies make of the networks whose graph falls apart."""
    chosen = {
        row["variant"]: row
        for row in summary.filter(condition=condition, convention=convention).iter_rows(named=True)
    }
    rows = []
    for variant in [name for name in POLICIES if name in chosen]:
        row = chosen[variant]
        rows.append(
            [
                f"{POLICIES[variant]} (`{variant}`)",
                f"{row['coefficients'] - row['undefined']} of {row['coefficients']}",
                percent(row["negative"]),
                number(row["median_rho"]),
                str(row["regained"]),
                percent(row["regained_negative"], "there are none"),
                percent(row["dropped"]),
            ]
        )
    headings = ["policy", "defined", "ρ < 0", "median ρ", "regained", "ρ < 0 of the regained"]
    headings += ["most points dropped at a layer"]
    if len(rows) < 2:
        rows = []
    return pipe_table(headings, rows, left=1, empty=OFF if not chosen else NO_POLICY)


def largest_deviation(summary: pl.DataFrame) -> str:
    """Return the largest deviation of logits after rescaling, as a share of the largest logit."""
    worst = summary["deviation"].max()
    return significant(worst if isinstance(worst, float) else None, 2, "not measured")
