"""Conditions compared, and which of them were measured."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ricci_flow.labels import labels_of
from ricci_flow.report.text import escape


def side_by_side(table: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Return the rows sorted by `keys`, the values of each in the order of their first row.

    With the condition as the last key, rows that differ by it alone stand one below the other.
    """
    places = []
    for key in keys:
        values = table[key].unique(maintain_order=True).to_list()
        place = {value: index for index, value in enumerate(values)}
        places.append(pl.Series(key, [place[value] for value in table[key]], dtype=pl.Int32))
    order = pl.DataFrame(places).with_row_index("row").sort(*keys, "row")["row"]
    return table[order]


def measured_sentence(measured: Sequence[str], config: Mapping[str, Any]) -> str:
    """Say which conditions something was measured under, and plainly if no control is among them.

    measured: their names; config: the resolved config. A control is any condition but the primary
    one whose entry says so.
    """
    if not measured:
        return "No network was measured here."
    conditions = config.get("conditions", {})
    entries = dict(conditions) if isinstance(conditions, Mapping) else {}
    controls = [
        name
        for name in entries
        if name in measured and name != config.get("primary") and entries[name].get("control")
    ]
    labels = labels_of(config)

    def written(names: Sequence[str]) -> str:
        return ", ".join(escape(labels.title("conditions", name)) for name in names)

    if controls:
        return (
            f"Networks measured here: {written(measured)}; controls among them: "
            f"{written(controls)}."
        )
    return (
        f"Networks measured here: {written(measured)}. **No control was measured with them**, so "
        "this section cannot show what comes from training and what any network would give."
    )
