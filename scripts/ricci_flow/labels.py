"""How a study's names are shown: titles for readers, and text that comes from data as plain text.

Tables that machines read keep the names; figures and pages show what `Labels` makes of them.
"""

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a plan is made without it
    import polars as pl

KINDS = ("data_sets", "architectures", "conditions", "settings")
# Columns of the tables that hold names, and of what.
_COLUMNS = {
    "data_set": "data_sets",
    "architecture": "architectures",
    "condition": "conditions",
    "control": "conditions",
}
# What readers see for the keys in columns of the tables.
# What becomes of a network whose graph is not connected at some layer.
POLICIES = {
    "exclude": "exclude the network",
    "largest_component": "take the largest component",
    "mst": "add a minimum spanning tree",
}
# Analyses of accuracy and coefficient: slopes of regressions, then correlations inside the cells.
SLOPES = {
    "ols": "least squares (the paper's)",
    "ols_bootstrap": "least squares, bootstrap",
    "ols_clustered": "least squares, clustered",
    "logit": "logit of accuracy, clustered",
    "logit_all": "logit, all networks",
    "mixed": "mixed model",
}
META_ANALYSES = {
    "meta": "meta-analysis",
    "meta_all": "meta-analysis, all networks",
    "meta_bootstrap": "meta-analysis, bootstrap",
}
METHODS = SLOPES | META_ANALYSES
PREDICTORS = {
    "z_printed": "adjusted coefficient",
    "in_degree_variance": "Var(in-degree) / k²",
    "in_degree_variance_change": "change of Var(in-degree) / k²",
    "margin": "margin",
    "test_loss": "test loss",
    "weight_norm": "weight norm",
}
BASELINE_QUANTITIES = {
    "correlation": "correlation of accuracy and the predictor inside the cells",
    "partial_correlation": "correlation of accuracy and z inside the cells, given the predictor",
    "slope": "least squares slope of z, given the predictor, clustered",
}


@dataclass(frozen=True)
class Labels:
    """What is shown for the names of one study.

    titles: of each of `KINDS`, the text for every name; no two of a kind are the same, and a name
    without one is shown as it is. shapes: (depth, width) of every architecture, by name.
    """

    titles: Mapping[str, Mapping[str, str]]
    shapes: Mapping[str, tuple[int, str]]

    def title(self, kind: str, name: str) -> str:
        """Return the text for a name of one of `KINDS`."""
        return self.titles.get(kind, {}).get(name, name)

    def show(self, table: "pl.DataFrame") -> "pl.DataFrame":
        """Return a table of statistics with titles in place of the names of its rows."""
        import polars as pl

        shown = [
            pl.col(column).replace(dict(self.titles.get(kind, {})))
            for column, kind in _COLUMNS.items()
            if table.schema.get(column) == pl.String
        ]
        if table.schema.get("term") == pl.String:
            values = table["term"].unique().drop_nulls().to_list()
            shown.append(pl.col("term").replace({text: self._term(text) for text in values}))
        return table.with_columns(shown)

    def with_shape(self, table: "pl.DataFrame") -> "pl.DataFrame":
        """Add depth and width of every row's architecture, a name; null where it is not known.

        A table that has both, or no architecture, stays as it is.
        """
        import polars as pl

        if "architecture" not in table.columns or {"depth", "width"} <= set(table.columns):
            return table
        depth = {name: depth for name, (depth, _) in self.shapes.items()}
        width = {name: width for name, (_, width) in self.shapes.items()}
        name = pl.col("architecture")
        return table.with_columns(
            depth=name.replace_strict(depth, default=None, return_dtype=pl.Int32),
            width=name.replace_strict(width, default=None, return_dtype=pl.String),
        )

    def as_json(self, **only: Sequence[str]) -> str:
        """Return the labels for `read_labels`: all of them, or of each kind given only these."""
        titles = {
            kind: {name: self.title(kind, name) for name in names}
            for kind, names in (only or self.titles).items()
        }
        shapes = {
            name: shape
            for name, shape in self.shapes.items()
            if name in titles.get("architectures", {})
        }
        return json.dumps({"titles": titles, "shapes": shapes}, ensure_ascii=True)

    def _term(self, text: str) -> str:
        """Return a term of a regression, `data_set: NAME`, with the title."""
        column, colon, name = text.partition(": ")
        return (
            f"data set: {self.title('data_sets', name)}" if column == "data_set" and colon else text
        )


def labels_of(entries: Mapping[str, Any]) -> Labels:
    """Return the labels of a study.

    entries: a resolved config, or as much of one: for each of `KINDS` the catalogue's entries by
    name (a list of names alone has no titles).
    """
    # The models take time to load, and a figure, which is given its labels, needs none.
    from ricci_flow.networks.architecture import read_architecture

    titles = {}
    for kind in KINDS:
        found = entries.get(kind, {})
        found = found if isinstance(found, Mapping) else {name: {} for name in found}
        titles[kind] = _unlike(
            {
                # Names of data sets are the user's own; the others read as words.
                name: plain((entry or {}).get("title") or "")
                or (name if kind == "data_sets" else name.replace("_", " "))
                for name, entry in found.items()
            }
        )
    architectures = entries.get("architectures", {})
    described = architectures if isinstance(architectures, Mapping) else {}
    shapes = {
        name: (architecture.depth, architecture.width)
        for name, entry in described.items()
        if {"widths", "layers", "module"} & entry.keys()
        for architecture in [read_architecture(entry)]
    }
    return Labels(titles, shapes)


def read_labels(text: str) -> Labels:
    """Return the labels that `Labels.as_json` wrote; raises ValueError where there are none."""
    read = json.loads(text)
    if not isinstance(read, dict) or set(read) != {"titles", "shapes"}:
        raise ValueError("no labels: titles and shapes")
    shapes = {name: (depth, width) for name, (depth, width) in read["shapes"].items()}
    return Labels(read["titles"], shapes)


def plain(text: object) -> str:
    """Return text from data on one line, without control characters."""
    visible = (
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") else character
        for character in str(text)
    )
    return " ".join("".join(visible).split())


def breadth(text: str) -> int:
    """Return how broad text is, in letters; characters of East Asia are two letters broad."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(texts: Iterable[str], letters: int) -> dict[str, str]:
    """Return each text with "…" in the middle where it is broader than so many letters.

    Texts that would then be alike stay whole.
    """
    shown = {text: _cut(text, letters) for text in texts}
    times = Counter(shown.values())
    return {text: text if times[short] > 1 else short for text, short in shown.items()}


def _cut(text: str, letters: int) -> str:
    if breadth(text) <= letters:
        return text
    head, tail = text, text
    while breadth(tail) > letters // 3:
        tail = tail[1:]
    while breadth(head) > letters - 1 - letters // 3:
        head = head[:-1]
    return f"{head.rstrip()}…{tail.lstrip()}"


def _unlike(titles: Mapping[str, str]) -> dict[str, str]:
    """Return the titles, with the name after those that are alike: rows must not be confused."""
    alike = {title for title, times in Counter(titles.values()).items() if times > 1}
    told = {
        name: f"{title} ({name})" if title in alike else title for name, title in titles.items()
    }
    return told if len(set(told.values())) == len(told) else {name: name for name in titles}
