"""The choices that a verdict may depend on, their options, and why each is plausible or not.

Options and reasons stand here, and in the study's config, before any result is known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Annotated, Literal

from pydantic import Field

from ricci_flow.validation import Keys, Name, Names, Several, Title

Policy = Literal["exclude", "released", "largest_component", "mst", "pieces"]
ChoiceOfK = Literal["k_star", "other_half", "fixed"]
Layers = Literal["hidden", "with_input", "with_output", "with_both"]
Threshold = Literal["above", "all"]
Reason = Annotated[str, Field(min_length=1, max_length=300)]


@dataclass(frozen=True)
class Option:
    """One option of a choice: what readers are shown, why it may be taken, or why it may not."""

    title: str
    reason: str
    plausible: bool = True


# Of every choice the first option is the study's own.
OPTIONS: Mapping[str, Mapping[str, Option]] = {
    "policy": {
        "exclude": Option(
            "exclude networks in pieces",
            "the text of the paper: a network has no coefficient where a graph is not connected",
        ),
        "released": Option(
            "exclude as released",
            "the released code: a network is kept where input and hidden layers have the same "
            "components, and distances are summed within these",
        ),
        "largest_component": Option(
            "largest component", "distances are defined there, and few points are lost"
        ),
        "mst": Option(
            "spanning tree added", "usual in manifold learning: the graph is always connected"
        ),
        "pieces": Option(
            "sum within pieces",
            "a graph that falls into pieces seems to shrink: a mistake",
            plausible=False,
        ),
    },
    "k": {
        "k_star": Option(
            "k* of the same networks", "as in the paper, which chooses k by the result"
        ),
        "other_half": Option(
            "k of other networks", "chosen by the result, but on networks that are not judged"
        ),
        "fixed": Option("k fixed beforehand", "a tenth of the points: chosen by no result"),
    },
    "layers": {
        "hidden": Option("hidden layers", "as in the paper"),
        "with_input": Option("with the input", "the data before the first layer are a cloud too"),
        "with_output": Option("with the output", "the output is a layer like the others"),
        "with_both": Option("with input and output", "as in Hehl et al. 2025"),
    },
    "threshold": {
        "above": Option("accurate networks", "the claims are about well-trained networks"),
        "all": Option(
            "all networks", "networks that did not learn are not what is claimed", plausible=False
        ),
    },
}
# Of claims on local coefficients, which know no other.
POINT_POLICY = Option(
    "leave out points",
    "as in Hehl et al. 2025: a point whose neighbours are apart in a layer has no coefficient",
)
MEASURE_REASONS = {
    "augmented_forman": "as in Hehl et al. 2025",
    "tian": "their bound of Ollivier's curvature",
    "forman_directed": "directed edges, as in the released code",
    "forman_union": "edges without direction, as in the text of the paper",
}
# In this order: columns of the tables.
DIMENSIONS = ("recipe", "data", "measure", "policy", "k", "layers", "threshold")
DIMENSION_TITLES = {
    "recipe": "training recipe",
    "data": "data sets",
    "measure": "measure of curvature",
    "policy": "graphs in pieces",
    "k": "choice of k",
    "layers": "layers",
    "threshold": "accuracy threshold",
}


class RecipeChoice(Keys):
    """A condition of the study that is one way to train, and the controls to compare it with."""

    condition: Name
    """Condition of the study, no control"""
    controls: Names | None = None
    """Controls trained by the same recipe; all controls of the study where null"""
    title: Title | None = None
    """Title in figures and tables; the condition's where null"""
    reason: Reason
    """Why this recipe may be taken, or why not; written before the results are known"""
    plausible: bool = True
    """Whether it counts among the defensible choices"""


class DataChoice(Keys):
    """Data sets of the study that stand for the data of the claims."""

    data_sets: Names
    """Names of data sets of the study"""
    title: Title | None = None
    """Title in figures and tables, in place of its name"""
    reason: Reason
    """Why these may be taken, or why not; written before the results are known"""
    plausible: bool = True
    """Whether they count among the defensible choices"""


class Multiverse(Keys):
    """The choices under which every claim is judged, all combined; the first option of each is the
    study's own. Options that are not plausible are taken one at a time and counted apart. Claims on
    local coefficients are judged under the settings and k_fractions of their block."""

    recipes: dict[Name, RecipeChoice] = {}
    """Training recipes, by names of your own; the primary condition where empty"""
    data: dict[Name, DataChoice] = {}
    """Groups of data sets, by names of your own; all data sets together where empty"""
    policies: Several[Policy] = ("exclude", "released", "largest_component", "mst", "pieces")
    """What becomes of a network with a graph that is not connected"""
    k: Several[ChoiceOfK] = ("k_star", "other_half", "fixed")
    """How k is chosen"""
    layers: Several[Layers] = ("hidden", "with_input", "with_output", "with_both")
    """Which layers count"""
    thresholds: Several[Threshold] = ("above", "all")
    """Which networks count"""

    def kinds(self) -> list[str]:
        """Return the kinds of graphs that are measured: those of the policies."""
        return list(dict.fromkeys(kind_of(policy) for policy in self.policies))

    def settings(self) -> dict[str, dict[str, object]]:
        """Return what is measured, as entries of the catalogue of settings.

        Layers that some networks do not have are in settings of their own.
        """
        found: dict[str, dict[str, object]] = {}
        for kind in self.kinds():
            found[kind] = {"graph": kind}
            if self.needs("input") or (kind == "pieces" and "released" in self.policies):
                found[f"{kind}_input"] = {"graph": kind, "layers": ["input", "hidden"]}
            if self.needs("output"):
                found[f"{kind}_output"] = {"graph": kind, "layers": ["hidden", "output"]}
        return found

    def needs(self, part: str) -> bool:
        """Return whether the input or the output is among the layers of any option."""
        return bool({f"with_{part}", "with_both"} & set(self.layers))


def kind_of(policy: str) -> str:
    """Return the kind of graph (see `graphs.kinds`) that a policy is computed from."""
    return policy if policy in ("largest_component", "mst") else "pieces"


@dataclass(frozen=True)
class Specification:
    """One option of every choice but k, which differs by claim."""

    recipe: str
    data: str
    measure: str
    policy: str
    layers: str
    threshold: str
    implausible: int


def specifications(options: Mapping[str, Mapping[str, Option]]) -> Iterator[Specification]:
    """Yield all combinations of the options of every choice but k, the study's own first.

    Options that are not plausible are not combined with each other.
    """
    names = [name for name in DIMENSIONS if name != "k"]
    for chosen in product(*(options[name] for name in names)):
        found = dict(zip(names, chosen, strict=True))
        bad = sum(not options[name][option].plausible for name, option in found.items())
        if bad <= 1:
            yield Specification(**found, implausible=bad)
