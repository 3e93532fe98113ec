"""Blocks of a study: what is measured in addition to the main measurement."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from ricci_flow.tables.keys import CheckpointUnit
from ricci_flow.validation import Keys, Name, Names, Once, Several, Share, invalid

EXCLUDED = "excluded"
# Name of the main measurement, which no further block can have.
MAIN = "main"


def _number_or_names(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | list | tuple):
        raise PydanticCustomError("number_or_list", "")
    return value


def _which(value: object) -> str:
    return "number" if isinstance(value, int) else "names"


class Block(Keys):
    """Further measurements of some networks; left out where the list of measures is empty."""

    measures: Once[Name] | None = None
    """Names from the catalogue of measures; those of geometry.measures where null; where there are
    none the block is left out"""
    settings: Once[Name] = ("knn",)
    """Names from the catalogue of settings; knn, to compare them with, is always measured"""
    k_fractions: Several[Share] = (0.05,)
    """k as shares of the test points"""
    networks: Annotated[int, Field(ge=1, le=10_000)] | Literal["excluded"] = 2
    """So many networks of an ensemble, from the first, whatever their accuracy; all where it has
    fewer. Or excluded: those that are kept but not connected at the k* of their cell, at that k"""
    conditions: Annotated[
        Annotated[Annotated[int, Field(ge=1)], Tag("number")] | Annotated[Names, Tag("names")],
        Discriminator(_which),
        BeforeValidator(_number_or_names),
    ] = 1
    """So many conditions of the study, the primary one first, or their names"""
    checkpoints: Several[Annotated[int, Field(ge=0, le=100_000, strict=True)]] | None = None
    """Epochs after which the networks are measured, in place of the end of their training, each
    once, in any order; 0 is the initialisation. Each network has those that it was trained for"""
    checkpoint_steps: Several[Annotated[int, Field(ge=0, le=10**9, strict=True)]] | None = None
    """The same in steps of the optimiser, one for each batch, also inside of epochs; in place of
    checkpoints. Checkpoints of a study are all epochs or all steps"""
    draws: Annotated[int, Field(ge=1, le=1000)] = 3
    """How often settings are drawn that are random, for every network"""
    local: bool = False
    """Whether also point by point: local and layer coefficients, and the gap between classes"""
    layer_orders: Annotated[int, Field(ge=0, le=10_000)] = 0
    """In how many random orders of the layers local coefficients are taken, too; needs local"""
    point_permutations: Annotated[int, Field(ge=0, le=100_000)] = 0
    """By how many random permutations of the points p of every layer coefficient is found (all of
    them where there are 12 points or fewer); 0 for no p; needs local"""
    point_edges: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Of how many edges of every point, drawn at random, curvatures by optimal transport (modules
    ollivier and lin_lu_yau) are computed; 0 for all edges"""

    @model_validator(mode="after")
    def _one_unit(self) -> "Block":
        if self.checkpoints and self.checkpoint_steps:
            raise invalid(
                "must stand alone: give checkpoints or checkpoint_steps, not both",
                "checkpoint_steps",
            )
        return self

    @property
    def kept_at(self) -> tuple[int, ...]:
        """The checkpoints, in epochs or steps; none where the end of the training is measured."""
        return self.checkpoints or self.checkpoint_steps or ()

    @property
    def unit(self) -> CheckpointUnit:
        """What the checkpoints count."""
        return "steps" if self.checkpoint_steps else "epochs"

    @property
    def checkpoint_key(self) -> str:
        """The key that names the checkpoints."""
        return "checkpoint_steps" if self.checkpoint_steps else "checkpoints"
