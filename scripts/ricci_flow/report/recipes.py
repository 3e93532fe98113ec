"""The table of recipes as Markdown."""

import polars as pl

from ricci_flow.report.text import escape, number, percent, pipe_table

_HEADINGS = (
    "data set",
    "recipe",
    "rms, seen",
    "rms, unseen",
    "halves",
    "Pearson, unseen",
    "sign right",
    "k\\* within 2",
    "kept",
    "least in a cell",
)


def recipes_page(table: pl.DataFrame) -> str:
    """Return a Markdown table per published data set and measure, nearest recipe first.

    table: see `statistics.recipes.recipe_table`.
    """
    parts = []
    keys = ["published_as", "measure"]
    for (name, measure), rows in table.group_by(keys, maintain_order=True):
        body = [
            (
                escape(row["data_set"]),
                escape(row["condition"]),
                number(row["rms_seen"], 3),
                number(row["rms_unseen"], 3),
                f"{number(row['rms_unseen_first_half'], 3)}, "
                f"{number(row['rms_unseen_second_half'], 3)}",
                number(row["pearson_unseen"]),
                percent(row["strong_same_sign"]),
                f"{row['k_within_2']} of {row['cells']}",
                f"{row['kept']} of {row['networks']}",
                percent(row["kept_least"]),
            )
            for row in rows.iter_rows(named=True)
        ]
        parts.append(
            f"**{escape(name)}** ({escape(measure)})\n\n{pipe_table(_HEADINGS, body, left=2)}"
        )
    return "\n".join(parts)
