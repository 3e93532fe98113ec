"""What every kind of layer is, and how weights are initialised."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, get_args

import numpy as np
from pydantic import BeforeValidator, Field, ValidationError

from ricci_flow.validation import Keys, inside, invalid

if TYPE_CHECKING:
    from torch import Tensor, nn

# Of one point: (features,) or (channels, rows, columns).
Shape = tuple[int, ...]
Activation = Literal["relu", "linear", "tanh", "sigmoid", "gelu", "leaky_relu"]


class Normal(Keys):
    """Normal weights of mean 0 and variance sigma_w^2 / fan_in, and biases of zero."""

    name: Literal["normal"] = "normal"
    sigma_w: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """Width of the weights: tanh networks are ordered up to 1, and chaotic above"""


class Independent(Normal):
    """Weights v / fan_in, all v independent, normal, and of the same size however wide layers are.

    So a unit is a mean over the units before it, and all units of a layer become the same as
    layers become wide. The first layer is as `Normal` says, as the input has one width. Biases are
    zero.
    """

    name: Literal["independent"] = "independent"  # type: ignore[assignment]
    mean: Annotated[float, Field(ge=-1000, le=1000)] = 1.0
    """Mean of v; with 0 the units of wide layers vanish"""


class Features(Normal):
    """The least weights that give the training points the features of normal weights.

    Source: Fang, Lee, Yang and Zhang 2021 (COLT, PMLR 134, 1887). The features of a unit are its
    values on the training points, those held out among them. Features of the hidden layers are made
    by `Normal` weights, layer by layer, and then reached by the weights of least norm. These are
    v / fan_in, with v of the same size however wide layers are, once they have more units than
    there are points. The output is `Independent`, of mean 0. Biases are zero.
    """

    name: Literal["features"] = "features"  # type: ignore[assignment]


# By what they are called in a config; a name alone is short for its defaults.
_KINDS: dict[str, type[Normal]] = {
    "normal": Normal,
    "independent": Independent,
    "features": Features,
}


def _read_initialisation(value: object) -> object:
    if isinstance(value, Mapping):
        if (name := value.get("name", "normal")) not in [*_KINDS]:
            raise invalid(f"must be one of {', '.join(_KINDS)}", "name")
        try:
            return _KINDS[name].model_validate(value)
        except ValidationError as error:
            raise inside(error) from None
    if value not in (names := get_args(_Names)) and not isinstance(value, Normal):
        raise invalid(f"must be one of {', '.join(names)}, or normal with a sigma_w")
    return _KINDS[value]() if isinstance(value, str) and value in _KINDS else value


# How weights are drawn before training; see `initialise`.
_Names = Literal["glorot", "torch", "normal", "independent", "features"]
_Kinds = Normal | Independent | Features
Initialisation = Annotated[
    Literal["glorot", "torch"] | _Kinds,
    BeforeValidator(_read_initialisation, json_schema_input_type=_Names | _Kinds),
]


def of_place(
    initialisation: Initialisation, *, first: bool = False, last: bool = False
) -> Initialisation:
    """Return how the layer after the input, the output, or one in between is drawn."""
    if not isinstance(initialisation, Independent | Features):
        return initialisation
    sigma_w = initialisation.sigma_w
    if isinstance(initialisation, Features) and last:
        return Independent(mean=0.0, sigma_w=sigma_w)
    alone = isinstance(initialisation, Independent) and not first
    return initialisation if alone else Normal(sigma_w=sigma_w)


@dataclass(frozen=True)
class Surroundings:
    """What a layer is built into.

    activation: name of the activation function. generator: makes the initial weights; layers draw
    from it in their order. initialisation: how, see `initialise`. entered: where layers take points
    together, the points (n, features) that entered the network when it was last called, alone in a
    list.
    """

    activation: Activation
    generator: np.random.Generator
    initialisation: Initialisation = "glorot"
    entered: "list[Tensor]" = field(default_factory=list)


class Layer(Keys):
    """One layer of an architecture; kinds add their settings as fields.

    smallest_batch: points that it must have at a time to be trained. together: whether what it
    makes of a point depends on the other points, so that all have to be there at once.
    from_points: whether its weights are made of the points trained on, before training.
    """

    smallest_batch: ClassVar[int] = 1
    together: ClassVar[bool] = False
    from_points: ClassVar[bool] = False

    kind: str
    measured: bool = True
    """Whether the output is one of the layers 1..L whose geometry is measured"""

    @property
    def label(self) -> str:
        """The layer's width, as a part of the architecture's in tables: "25".

        Empty where it is that of the layer before.
        """
        raise NotImplementedError

    @property
    def parts(self) -> "tuple[Layer, ...]":
        """The layers that this one is made of, if it is made of others."""
        return ()

    @property
    def unconstrained(self) -> "Layer":
        """The layer without what its kind constrains; itself where it constrains nothing."""
        return self

    def with_settings(self, settings: Mapping[str, Mapping[str, Any]]) -> "Layer":
        """Return the layer with other settings, those of its kind."""
        return type(self).model_validate({**dict(self), **settings.get(self.kind, {})})

    def build(self, entering: Shape, around: Surroundings) -> "tuple[nn.Module, Shape]":
        """Return the module and the shape of what leaves it.

        Raises InputError where the layer cannot take what enters.
        """
        raise NotImplementedError


def glorot_uniform(
    generator: np.random.Generator, fan_in: int, fan_out: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Return Glorot-uniform weights, float32.

    Keras' default (Glorot and Bengio 2010): uniform in +-sqrt(6 / (fan_in + fan_out)).
    """
    limit = np.sqrt(6.0 / (fan_in + fan_out))
    return generator.uniform(-limit, limit, shape).astype(np.float32)


@contextmanager
def seeded(generator: np.random.Generator) -> Iterator[None]:
    """Seed torch's random numbers by a child of a generator while something is built."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(generator.spawn(1)[0].integers(2**63)))
        yield


def initialise(
    module: "nn.Module", around: Surroundings, fan_in: int, fan_out: int, shape: tuple[int, ...]
) -> None:
    """Give a module initial weights, drawn in this shape; that of a matrix is (fan_in, fan_out).

    glorot: see `glorot_uniform`, biases are zero. torch: the default of torch.nn.Linear and Conv2d,
    weights and then biases uniform in +-1 / sqrt(fan_in). Normal, Independent: see there; networks
    of any sigma_w have the same normal numbers.
    """
    units = shape[1] if len(shape) == 2 else shape[0]
    bias = np.zeros(units, np.float32)
    if isinstance(around.initialisation, Independent):
        v = around.initialisation.sigma_w * around.generator.standard_normal(shape)
        weight = ((around.initialisation.mean + v) / fan_in).astype(np.float32)
    elif isinstance(around.initialisation, Normal):
        width = around.initialisation.sigma_w / np.sqrt(fan_in)
        weight = (width * around.generator.standard_normal(shape)).astype(np.float32)
    elif around.initialisation == "glorot":
        weight = glorot_uniform(around.generator, fan_in, fan_out, shape)
    else:
        limit = 1.0 / np.sqrt(fan_in)
        weight = around.generator.uniform(-limit, limit, shape).astype(np.float32)
        bias = around.generator.uniform(-limit, limit, units).astype(np.float32)
    _set_weights(module, weight.T if len(shape) == 2 else weight, bias)


def _set_weights(module: "nn.Module", weight: np.ndarray, bias: np.ndarray) -> None:
    import torch

    tensors: list[Tensor] = [module.weight, module.bias]  # type: ignore[list-item]
    with torch.no_grad():
        tensors[0].copy_(torch.from_numpy(np.ascontiguousarray(weight)))
        tensors[1].copy_(torch.from_numpy(bias))


def activation_module(name: Activation) -> "nn.Module":
    """Return the module of an activation function."""
    from torch import nn

    modules = {
        "relu": nn.ReLU,
        "linear": nn.Identity,
        "tanh": nn.Tanh,
        "sigmoid": nn.Sigmoid,
        "gelu": nn.GELU,
        "leaky_relu": nn.LeakyReLU,
    }
    return modules[name]()


def chain(**modules: "nn.Module") -> "nn.Module":
    """Return modules one after the other, by name."""
    from collections import OrderedDict

    from torch import nn

    return nn.Sequential(OrderedDict(modules))


def size(shape: Shape) -> int:
    """Return how many numbers one point has."""
    return int(np.prod(shape))
