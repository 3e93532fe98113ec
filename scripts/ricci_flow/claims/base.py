"""What a claim is: its words, its quantity, its rule; and the register of all claims.

A module per claim ends with `CLAIM = register(Claim(...))` and is imported by `registry`. Nothing
else knows one claim from another.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ricci_flow.claims.cell_measures import ChoiceOfK
from ricci_flow.claims.verdicts import Estimate, Rule

if TYPE_CHECKING:
    import polars as pl

    from ricci_flow.claims.estimates import Evidence

# Claims compare synthetic data with real data, which are images and tables.
GROUPS = ("synthetic", "real")
WORDS = {"synthetic": "synthetic data", "real": "images and tables"}


def side_of(group: str) -> str:
    """Return which of `GROUPS` a data set's group is of: synthetic, images or table."""
    return "synthetic" if group == "synthetic" else "real"


def words_of(groups: Iterable[str]) -> dict[str, str]:
    """Return what texts call each of `GROUPS` in a study of data sets of these groups."""
    real = {"images": "images", "table": "tables"}
    here = [word for group, word in real.items() if group in set(groups)]
    return WORDS | ({"real": " and ".join(here)} if here else {})


# Data set and architecture.
Name = tuple[str, str]
# One cell's number, with its variance where it is a correlation (Fisher's z); nan where undefined.
Row = tuple[float, ...]


@dataclass(frozen=True)
class Names:
    """What an estimate is of; random streams are named after it.

    control: of a difference, the condition that the first is compared with; more: further names.
    """

    condition: str
    measure: str
    control: str | None = None
    more: tuple[str, ...] = ()

    @property
    def stream(self) -> tuple[str, ...]:
        """Names of the random stream."""
        control = () if self.control is None else (self.control,)
        return (self.condition, *control, self.measure, *self.more)


class Pool(Protocol):
    """What is taken over cells, with its interval; see `estimates`."""

    @property
    def by_group(self) -> bool:
        """Whether each group of data sets must have cells."""
        ...

    def estimate(self, evidence: "Evidence", rows: Mapping[Name, Row], names: Names) -> Estimate:
        """Return the quantity over cells."""
        ...

    def difference(
        self, evidence: "Evidence", pairs: Mapping[Name, tuple[Row, Row]], names: Names
    ) -> Estimate:
        """Return how far the first of each pair exceeds the second, over cells."""
        ...


@dataclass(frozen=True)
class Quantity:
    """A number of one cell, and what is taken of it over cells.

    stream: part of the name of its random stream. in_cell: of what was measured in a cell (what
    that is, each paper says: `papers`), and the group of its data set (see `GROUPS`).
    """

    stream: str
    in_cell: Callable[[Any, str], Row]
    pool: Pool


@dataclass(frozen=True)
class StudyView:
    """What a claim may look at to repeat the paper's own way of judging it.

    tables: those of `analysis.study`, by file stem, and `fixed`, the rows of networks.parquet at
    the k fixed beforehand; points: of each data set; groups: which of `GROUPS` each is of, and
    words: what texts call these; published: what the claim's paper published (`published`,
    `published_local`), None where the study names nothing of it; shapes: depth and width of each
    architecture.
    """

    tables: "Mapping[str, pl.DataFrame]"
    points: Mapping[str, int]
    groups: Mapping[str, str]
    published: Mapping[str, Any] | None
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    shapes: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def of(self, table: str, condition: str, measure: str) -> "pl.DataFrame":
        """Return a table's rows of one condition and measure."""
        return self.tables[table].filter(condition=condition, measure=measure)


@dataclass(frozen=True)
class Claim:
    """One claim.

    key: its name; number: its place in the paper, which its random streams are named after;
    paper: key of the paper that makes it; evidence: key of what it is judged by (`papers`), that of
    the paper where None. text: the claim, quantity_text: what is judged, title:
    the same in a few words for a figure (the first two are Markdown). unit: of the quantity.
    rule: how it is judged. quantity: what is judged.
    at_fixed_k: what is left of a claim on signs at a k fixed beforehand.
    in_layer_orders: the quantity with each network's layers in random order, which counts as one
    more control; at_fixed_k_in_layer_orders: the same at the k fixed beforehand.
    of_accuracy: whether it is about accuracy alone, which controls without networks have not.
    comparisons: the quantity of the same networks by other means, by name, each one more control.
    needs: of a claim on measures of layers (`layer_measures`), these measures, each with a setting.
    choices_of_k: how k may be chosen, the claim's own way first (`cell_measures.CellMeasures.at`).
    published: the paper's number (None where it gives none at all), published_text: what it is of;
    published_is_quantity: whether it is the quantity itself. as_in_paper: rows for claims.parquet,
    the quantities as the paper took them, of a condition and measure; unit_in_paper: of these.
    """

    key: str
    number: int
    paper: str
    text: str
    quantity_text: str
    title: str
    unit: Literal["share", "ratio", "correlation"]
    rule: Rule
    quantity: Quantity
    as_in_paper: Callable[[StudyView, str, str], Iterator[dict[str, Any]]]
    unit_in_paper: Literal["share", "t"] = "share"
    published: Callable[[StudyView], float | None] | None = None
    published_text: str = "{}"
    published_is_quantity: bool = True
    at_fixed_k: Quantity | None = None
    in_layer_orders: Quantity | None = None
    at_fixed_k_in_layer_orders: Quantity | None = None
    choices_of_k: tuple[ChoiceOfK, ...] = ("k_star",)
    evidence: str | None = None
    of_accuracy: bool = False
    comparisons: tuple[tuple[str, Quantity], ...] = ()
    needs: tuple[tuple[str, str], ...] = ()

    @property
    def judged_by(self) -> str:
        """Key of what it is judged by."""
        return self.evidence or self.paper


REGISTERED: dict[str, Claim] = {}


def register(claim: Claim) -> Claim:
    """Enter a claim into the register and return it; ValueError where its key is taken."""
    if REGISTERED.setdefault(claim.key, claim) != claim:
        raise ValueError(f"two claims have the key {claim.key!r}")
    return claim


def share_of(hits: int, of: int) -> dict[str, Any]:
    """Return the columns of claims.parquet for a share that was counted."""
    return {"value": hits / of if of else None, "hits": hits, "of": of}


def no_quantities(_: StudyView, __: str, ___: str) -> Iterator[dict[str, Any]]:
    """Return nothing: of a claim that its paper gives no number for."""
    return iter(())


def below(value: float) -> float:
    """Return 1 where a value is negative, else 0; nan stays."""
    return value if value != value else float(value < 0)
