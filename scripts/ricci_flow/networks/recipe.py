"""What a training recipe is: every key of it, declared once."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ricci_flow.errors import InputError
from ricci_flow.networks.layers.base import Activation

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, lt=1)]


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RMSprop(_Declared):
    """RMSprop as Keras 2.9 has it, not centred: a step is g / (sqrt(mean of g^2) + epsilon)."""

    name: Literal["rmsprop"] = "rmsprop"
    rho: Share = Field(default=0.9, description="Decay of the mean of squared gradients")
    epsilon: Positive = Field(default=1e-7, description="Added to the root of that mean")


class Adam(_Declared):
    """Adam (Kingma and Ba 2015, arXiv 1412.6980)."""

    name: Literal["adam"] = "adam"
    beta_1: Share = Field(default=0.9, description="Decay of the mean of gradients")
    beta_2: Share = Field(default=0.999, description="Decay of the mean of squared gradients")
    epsilon: Positive = Field(default=1e-8, description="Added to the root of that mean")


class SGD(_Declared):
    """Stochastic gradient descent."""

    name: Literal["sgd"] = "sgd"
    momentum: Share = Field(
        default=0.0, description="Share of the last step that is added to this one"
    )


def _by_name(value: object) -> object:
    """Return an optimiser's name alone as the mapping that it is short for."""
    return {"name": value} if isinstance(value, str) else value


Optimiser = Annotated[
    Annotated[RMSprop | Adam | SGD, Field(discriminator="name")], BeforeValidator(_by_name)
]


class Recipe(_Declared):
    """How the networks of an ensemble are trained; Keras 2.9 semantics throughout.

    The loss follows from the data: binary cross-entropy of one logit for two classes, cross-entropy
    for more. Raises pydantic's ValidationError where a value is out of its range; `read_recipe`
    says the same in one line.
    """

    epochs: int = Field(
        default=50,
        ge=0,
        le=100_000,
        description="Passes over the training points; 0 leaves the networks untrained",
    )
    batch_size: int = Field(
        default=32, ge=1, le=1_000_000, description="Points in a batch; all where there are fewer"
    )
    optimiser: Optimiser = Field(
        default=RMSprop(),
        description="Name of the optimiser (rmsprop, adam, sgd), or name and options",
    )
    learning_rate: float = Field(
        default=0.001, gt=0, le=10, description="Learning rate of the optimiser"
    )
    validation: Literal["random", "tail", "none"] = Field(
        default="random",
        description=(
            "Training points that are held out: random ones of each network, or tail, the last "
            "ones as stored, which are of one class (as Keras does)"
        ),
    )
    validation_fraction: float = Field(
        default=0.2, gt=0, lt=1, description="Share of the training points held out"
    )
    activation: Activation | None = Field(
        default=None,
        description="Activation function in place of the architecture's; linear for none",
    )
    labels: Literal["true", "shuffled"] = Field(
        default="true",
        description=(
            "Labels trained on; shuffled permutes them for each network, among the points trained "
            "on and among those held out, so that class frequencies stay"
        ),
    )
    trainer: str = Field(
        default="auto",
        description=(
            "What does the arithmetic: auto takes fused (compiled; dense networks, two classes, "
            "RMSprop, on a processor) where it can and torch elsewhere; or a module of trainers/"
        ),
    )

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


def read_recipe(values: Mapping[str, Any], where: str = "training") -> Recipe:
    """Return a recipe; raises InputError, one line, for the first value that will not do."""
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        raise InputError(f"{where}: {first_error(error)}") from None


def first_error(error: ValidationError) -> str:
    """Return the first thing that is wrong on one line: key, value, what is expected."""
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"])) or "value"
    return f"key {key!r} is {first['input']!r}; {first['msg'][:1].lower()}{first['msg'][1:]}"
