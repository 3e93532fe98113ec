"""What a training recipe is: every key of it, declared once."""

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, get_args

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from ricci_flow.errors import InputError
from ricci_flow.networks.layers import LayerSettings
from ricci_flow.networks.layers.base import Activation, Initialisation
from ricci_flow.networks.performance import Performance
from ricci_flow.validation import Keys, ModuleName, Share, absent, invalid

# How features are scaled; reports/guide/method.md.
Scale = Literal["none", "unit", "standard"]
Decay = Annotated[float, Field(ge=0, lt=1)]
Added = Annotated[float, Field(gt=0)]
WeightDecay = Annotated[float, Field(ge=0, le=10)]


class RMSprop(Keys):
    """RMSprop as Keras 2.9 has it, not centred: a step is g / (sqrt(mean of g^2) + epsilon)."""

    name: Literal["rmsprop"] = "rmsprop"
    rho: Decay = 0.9
    """Decay of the mean of squared gradients"""
    epsilon: Added = 1e-7
    """Added to the root of that mean"""
    weight_decay: WeightDecay = 0.0
    """Times every weight and bias, added to its gradient"""


class Adam(Keys):
    """Adam (Kingma and Ba 2015, arXiv 1412.6980)."""

    name: Literal["adam"] = "adam"
    beta_1: Decay = 0.9
    """Decay of the mean of gradients"""
    beta_2: Decay = 0.999
    """Decay of the mean of squared gradients"""
    epsilon: Added = 1e-8
    """Added to the root of that mean"""
    weight_decay: WeightDecay = 0.0
    """Times every weight and bias, added to its gradient"""


class AdamW(Adam):
    """Adam with weight decay apart from the step (Loshchilov and Hutter 2019, arXiv 1711.05101)."""

    name: Literal["adamw"] = "adamw"  # type: ignore[assignment]
    weight_decay: WeightDecay = 0.01
    """Times the learning rate: the share of every weight and bias that a step takes off"""


class SGD(Keys):
    """Stochastic gradient descent."""

    name: Literal["sgd"] = "sgd"
    momentum: Decay = 0.0
    """Share of the last step that is added to this one"""
    weight_decay: WeightDecay = 0.0
    """Times every weight and bias, added to its gradient"""


def _by_name(names: object) -> Callable[[object], object]:
    """Return what makes of a name alone, one of a Literal, the mapping that it is short for."""
    known = get_args(names)

    def read(value: object) -> object:
        if isinstance(value, Mapping | Keys):
            return value
        if value not in known:
            raise invalid(f"must be one of {', '.join(known)}, or a mapping of a name and options")
        return {"name": value}

    return read


_Optimisers = Literal["rmsprop", "adam", "adamw", "sgd"]
Optimiser = Annotated[
    Annotated[RMSprop | Adam | AdamW | SGD, Field(discriminator="name")],
    BeforeValidator(
        _by_name(_Optimisers), json_schema_input_type=_Optimisers | RMSprop | Adam | AdamW | SGD
    ),
]


class Cosine(Keys):
    """Half a cosine from the learning rate down (Loshchilov and Hutter 2017, arXiv 1608.03983)."""

    name: Literal["cosine"] = "cosine"
    final: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the learning rate that would be left after the last epoch"""

    def share(self, epoch: int, epochs: int) -> float:
        """Return the share of the learning rate in an epoch, counted from 0."""
        return self.final + (1 - self.final) * (1 + math.cos(math.pi * epoch / epochs)) / 2


class Step(Keys):
    """The learning rate times a factor after every so many epochs."""

    name: Literal["step"] = "step"
    every: Annotated[int, Field(ge=1)]
    """Epochs from one change to the next"""
    factor: Annotated[float, Field(gt=0, le=1)] = 0.1
    """What the learning rate is multiplied by"""

    def share(self, epoch: int, epochs: int) -> float:
        """Return the share of the learning rate in an epoch, counted from 0."""
        return self.factor ** (epoch // self.every)


_Schedules = Literal["cosine", "step"]
Schedule = Annotated[
    Annotated[Cosine | Step, Field(discriminator="name")],
    BeforeValidator(_by_name(_Schedules), json_schema_input_type=_Schedules | Cosine | Step),
]


class StopAt(Keys):
    """When a network is trained well enough: it stops after the first epoch at whose end it is."""

    accuracy: Annotated[float, Field(gt=0, le=1)] | None = None
    """Accuracy, on the points trained on, that is enough"""
    loss: Added | None = None
    """Loss, on the points trained on, that is low enough; either is enough where both are given"""

    @model_validator(mode="after")
    def _any(self) -> "StopAt":
        if self.accuracy is None and self.loss is None:
            raise absent("accuracy")
        return self

    def reached(self, found: Performance) -> np.ndarray:
        """Return which networks are trained well enough, (S,) bool."""
        enough = np.zeros(len(found.loss), bool)
        if self.accuracy is not None:
            enough |= found.accuracy >= self.accuracy
        if self.loss is not None:
            enough |= found.loss <= self.loss
        return enough


def _points_or_full(value: object) -> object:
    if isinstance(value, str) and value != "full":
        raise invalid("must be a number of points, or full")
    return value


class RecipeKeys(Keys):
    """What a study, and a study for one data set, says of a recipe."""

    epochs: Annotated[int, Field(ge=0, le=100_000)] = 50
    """Passes over the training points, at most (see stop_at); 0 leaves the networks untrained"""
    stop_at: StopAt | None = None
    """Accuracy or loss on the points trained on at which a network stops, each by itself"""
    batch_size: Annotated[
        Annotated[int, Field(ge=1, le=1_000_000)] | Literal["full"],
        BeforeValidator(_points_or_full),
    ] = 32
    """Points in a batch; all where there are fewer, and with full"""
    learning_rate: Annotated[float, Field(gt=0, le=10)] = 0.001
    """Learning rate of the optimiser, in the first epoch where there is a schedule"""
    schedule: Schedule | None = None
    """How the learning rate changes from epoch to epoch: cosine, or name and options (cosine with
    final; step with every and factor); it stays where null"""
    optimiser: Optimiser = RMSprop()
    """Name of the optimiser (rmsprop, adam, adamw, sgd), or name and options (weight_decay, too)"""
    initialisation: Initialisation = "glorot"
    """How weights are drawn before training: glorot, with biases of zero, as Keras does; torch,
    uniform in +-1 / sqrt(fan_in) for weights and biases; or normal with a sigma_w, of variance
    sigma_w^2 / fan_in, with biases of zero. Of dense layers also independent, weights of
    sigma_w / fan_in around mean / fan_in, and features, the least weights with the features of
    normal ones on the training points. A module of your own draws its own"""
    parametrisation: Literal["standard", "mean_field"] = "standard"
    """What a step of gradient descent means: standard, one learning rate; or mean_field, that of
    networks whose units are means over the units before them, with steps that keep their size
    however wide layers are (dense layers, optimiser sgd without weight_decay)"""
    trainer: ModuleName = "auto"
    """What does the arithmetic: auto takes fused (compiled; dense networks, two classes, RMSprop
    without weight decay, initialisation glorot, on a processor) where it can and torch elsewhere;
    or a module of networks/trainers"""
    trainer_options: dict[str, float] = {}
    """Options of that trainer, by name; its defaults where absent"""
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
    constraints: Literal["kept", "none"] = "kept"
    """Whether layers are constrained as their kinds say (cp_dense), or stand without, as plain
    layers of the same width; other kinds constrain nothing"""
    layer_settings: LayerSettings = {}
    """Settings in place of those that the architecture's layers have, by kind, as
    {dag: {graph: "2_02_002"}}"""
    labels: Literal["true", "shuffled"] = "true"
    """Labels trained on; shuffled permutes them for each network, among the points trained on and
    among those held out, so that class frequencies stay"""

    def points_in_batch(self, rows: int) -> int:
        """Return how many points a batch has, of at most `rows` that are trained on."""
        return rows if self.batch_size == "full" else self.batch_size

    def steps(self, rows: int) -> int:
        """Return how many steps of the optimiser an epoch has, one for each batch.

        rows: of the training set, those held out among them.
        """
        kept = self.rows_kept(rows)
        return -(-kept // self.points_in_batch(kept))

    def rate(self, epoch: int) -> float:
        """Return the learning rate in an epoch, counted from 0."""
        if self.schedule is None:
            return self.learning_rate
        return self.learning_rate * self.schedule.share(epoch, self.epochs)

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
