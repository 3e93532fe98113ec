"""Settings: what the layers are of which something is measured, and which graph is put on them."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from ricci_flow.graphs.kinds import kinds
from ricci_flow.validation import Keys, OneOf, Several, Title, invalid

Part = Literal["input", "hidden", "output"]
# The setting of the pipeline itself, with which all others are compared.
REFERENCE = "knn"


def _with_hidden(layers: tuple[Part, ...]) -> tuple[Part, ...]:
    if "hidden" not in layers:
        raise invalid("must name hidden")
    return layers


class Setting(Keys):
    """One setting; what it does not say is as in the pipeline itself."""

    title: Title | None = None
    """Title in figures, tables and pages, in place of its name"""
    graph: Annotated[str, OneOf(kinds)] = "knn"
    """Kind of graph: a module of scripts/ricci_flow/graphs/kinds"""
    points: Literal["all", "half", "other", "right"] = "all"
    """All test points; or a half of them drawn at random; or as many others, drawn of all that the
    data set has, where the study's test_points took a part of them; or only those that the network
    classifies rightly, of which k is a share"""
    of_class: Annotated[int, Field(ge=0)] | None = None
    """Only the points of this class, counted from 0; k is a share of these. All where absent"""
    layers: Annotated[Several[Part], AfterValidator(_with_hidden)] = ("hidden",)
    """Hidden layers; with the input as the first one, with the output as the last"""
    weights: Literal["own", "rescaled"] = "own"
    """The weights of the network, or its hidden units rescaled at random, which changes its layers
    but not its function"""

    @model_validator(mode="after")
    def _one_part(self) -> "Setting":
        if self.of_class is not None and self.points != "all":
            raise invalid("must stand alone: give points or of_class, not both", "of_class")
        return self

    @property
    def is_drawn(self) -> bool:
        """Whether something in it is drawn at random."""
        return self.points in ("half", "other") or self.weights == "rescaled"

    @property
    def is_plain(self) -> bool:
        """Whether it is of the kNN graph of all test points and of the network's own weights."""
        whole = self.points == "all" and self.of_class is None
        return whole and self.graph == REFERENCE and self.weights == "own"

    @property
    def needs_weights(self) -> bool:
        """Whether the network's weights are needed."""
        of_output = "output" in self.layers or self.points in ("other", "right")
        return self.weights == "rescaled" or of_output


def read_settings(entries: Mapping[str, Mapping[str, object]]) -> dict[str, Setting]:
    """Return settings by name; raises pydantic's ValidationError where one is wrong."""
    return {name: Setting.model_validate(entry) for name, entry in entries.items()}
