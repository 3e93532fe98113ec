"""What a training recipe is: every key of it, declared once."""

from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from ricci_flow.errors import InputError
from ricci_flow.networks.layers.base import Activation
from ricci_flow.validation import Keys, ModuleName, Share, invalid

# How features are scaled; reports/guide/method.md.
Scale = Literal["none", "unit", "standard"]
Decay = Annotated[float, Field(ge=0, lt=1)]
Added = Annotated[float, Field(gt=0)]


class RMSprop(Keys):
    """RMSprop as Keras 2.9 has it, not centred: a step is g / (sqrt(mean of g^2) + epsilon)."""

    name: Literal["rmsprop"] = "rmsprop"
    rho: Decay = 0.9
    """Decay of the mean of squared gradients"""
    epsilon: Added = 1e-7
    """Added to the root of that mean"""


class Adam(Keys):
    """Adam (Kingma and Ba 2015, arXiv 1412.6980)."""

    name: Literal["adam"] = "adam"
    beta_1: Decay = 0.9
    """Decay of the mean of gradients"""
    beta_2: Decay = 0.999
    """Decay of the mean of squared gradients"""
    epsilon: Added = 1e-8
    """Added to the root of that mean"""


class SGD(Keys):
    """Stochastic gradient descent."""

    name: Literal["sgd"] = "sgd"
    momentum: Decay = 0.0
    """Share of the last step that is added to this one"""


_Name = Literal["rmsprop", "adam", "sgd"]


def _by_name(value: object) -> object:
    """Return an optimiser's name alone as the mapping that it is short for."""
    if isinstance(value, Mapping | RMSprop | Adam | SGD):
        return value
    if value not in get_args(_Name):
        raise invalid(
            f"must be one of {', '.join(get_args(_Name))}, or a mapping of a name and options"
        )
    return {"name": value}


Optimiser = Annotated[
    Annotated[RMSprop | Adam | SGD, Field(discriminator="name")],
    BeforeValidator(_by_name, json_schema_input_type=_Name | RMSprop | Adam | SGD),
]


class RecipeKeys(Keys):
    """What a study, and a study for one data set, says of a recipe."""

    epochs: Annotated[int, Field(ge=0, le=100_000)] = 50
    """Passes over the training points; 0 leaves the networks untrained"""
    batch_size: Annotated[int, Field(ge=1, le=1_000_000)] = 32
    """Points in a batch; all where there are fewer"""
    learning_rate: Annotated[float, Field(gt=0, le=10)] = 0.001
    """Learning rate of the optimiser"""
    optimiser: Optimiser = RMSprop()
    """Name of the optimiser (rmsprop, adam, sgd), or name and options"""
    trainer: ModuleName = "auto"
    """What does the arithmetic: auto takes fused (compiled; dense networks, two classes, RMSprop,
    on a processor) where it can and torch elsewhere; or a module of networks/trainers"""
    validation: Literal["random", "tail", "none"] = "random"
    """Training points that are held out: random ones of each network, or tail, the last ones as
    stored, which are of one class (as Keras does)"""
    validation_fraction: Share = 0.2
    """Share of the training points held out"""
    scale: Literal["catalogue", Scale] = "catalogue"
    """How features are scaled; catalogue means as the data set's own entry says"""


class Recipe(RecipeKeys):
    """How the networks of an ensemble are trained; Keras 2.9 semantics throughout.

    The loss follows from the data: binary cross-entropy of one logit for two classes, cross-entropy
    for more.
    """

    activation: Activation | None = None
    """Activation function in place of the architecture's; linear for none"""
    labels: Literal["true", "shuffled"] = "true"
    """Labels trained on; shuffled permutes them for each network, among the points trained on and
    among those held out, so that class frequencies stay"""

    def rows_kept(self, rows: int) -> int:
        """Return how many of `rows` training rows are trained on, rounded as Keras does.

        Raises InputError where nothing would be left to train on or to validate on.
        """
        if self.validation == "none":
            return rows
        kept = int(rows * (1.0 - self.validation_fraction))
        if not 0 < kept < rows:
            raise InputError(
                f"validation_fraction {self.validation_fraction} of {rows} training rows leaves "
                f"{kept} to train on; change it, or set validation to none"
            )
        return kept
