"""Where the points of layers come from: graphs that were searched, or activations and weights."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from ricci_flow.datasets.stored import read_scaled
from ricci_flow.errors import InputError
from ricci_flow.graphs.cloud import Cloud
from ricci_flow.graphs.ensemble import open_graphs
from ricci_flow.measurement.settings import Setting
from ricci_flow.measures.base import UNKNOWN
from ricci_flow.networks.forward import forward_layers
from ricci_flow.networks.rescaling import Parameters, deviation, logits, output_layer, rescale
from ricci_flow.networks.weights import is_dense, read_output, read_weights
from ricci_flow.storage import TensorFile, damaged

NO_WEIGHTS = "needs weights, and there are none"
NO_INPUT = "needs the input, and only activations were given"
NOT_DENSE = "needs dense networks of relu or linear units"
NO_OTHER = "needs other test points, and the study's test_points left none out"
NO_HALF = "half of the test points is fewer than 2"
NO_ANSWERS = "needs the answers of the network, and only the layers are known"
NO_RIGHT = "some network classifies fewer than 2 points rightly"
NO_CLASS = "this class has fewer than 2 points"
ONLY_LAYERS = "needs weights, and only the layers are known"
NOT_TOLD_APART = "input and output are layers like the others here; put them into the list"

# Random stream of (network, purpose, draw).
Streams = Callable[[int, str, int], np.random.Generator]


@dataclass(frozen=True)
class Origin:
    """What the points of layers are, but for the graph: see `settings.Setting`."""

    points: str = "all"
    of_class: int | None = None
    weights: str = "own"
    draw: int | None = None


@dataclass(frozen=True)
class LayerPoints:
    """One layer: its number (0 the input, 1..L hidden, L + 1 the output), cloud and classes."""

    number: int
    cloud: Cloud
    labels: np.ndarray | None


class Source(Protocol):
    """Layers of the networks of one ensemble.

    n: test points; depth: hidden layers; networks: their numbers.
    """

    n: int
    depth: int
    networks: Sequence[int]

    def unavailable(self, setting: Setting) -> str | None:
        """Return why a setting cannot be measured; None where it can."""

    def layers(
        self,
        network: int,
        origin: Origin,
        numbers: Sequence[int],
        ks: Callable[[int, int], Sequence[int]],
    ) -> Iterator[LayerPoints]:
        """Yield these layers; ks: the k of (network, points), ascending."""

    def deviation(self, network: int, origin: Origin) -> float | None:
        """Return how far rescaled units change the logits (see `networks.rescaling`)."""


@dataclass
class Searched:
    """The hidden layers whose neighbours were searched: graphs neighbours.safetensors.

    layers_file: activations layers.safetensors, where measures need the points themselves.
    """

    path: Path
    labels: np.ndarray | None = None
    layers_file: Path | None = None
    n: int = field(init=False)
    depth: int = field(init=False)
    networks: Sequence[int] = field(init=False)
    k_max: int = field(init=False)

    def __post_init__(self) -> None:
        with open_graphs(self.path) as graphs:
            self.n, self.depth, self.k_max = graphs.n, graphs.layers, graphs.k_max
            self.networks = range(graphs.networks)
        if self.layers_file:
            with TensorFile(self.layers_file) as file:
                for name in file.names:  # whole, as parts are not compared with the checksum
                    file[name]

    def unavailable(self, setting: Setting) -> str | None:
        """Only the setting of the pipeline itself is there."""
        return None if setting == Setting(title=setting.title) else "only the graphs are known"

    def layers(
        self,
        network: int,
        origin: Origin,
        numbers: Sequence[int],
        ks: Callable[[int, int], Sequence[int]],
    ) -> Iterator[LayerPoints]:
        """Yield hidden layers; raises InputError where a k exceeds what was searched."""
        wanted = ks(network, self.n)[-1]
        if wanted > self.k_max:
            raise InputError(f"{self.path}: searched up to k = {self.k_max}, not {wanted}")
        for number in numbers:
            # Opened anew each time: what was read of an open file counts as this job's memory.
            with open_graphs(self.path) as graphs:
                lists = graphs.lists(number, network)
            points = None
            if self.layers_file:
                with TensorFile(self.layers_file) as file:
                    points = file.rows(f"layer_{number}", network, network + 1)[0]
            yield LayerPoints(number, Cloud(points, wanted, lists), self.labels)

    def deviation(self, network: int, origin: Origin) -> float | None:
        """Nothing is rescaled."""
        return None


@dataclass
class Activations:
    """Activations layers.safetensors, and of them other points, layers and weights.

    networks: their numbers. labels: (n,) classes, None where unknown. data, facts: the data set,
    for the input and for rescaled units; scale: none, unit, standard, or catalogue, as the facts
    say. weights: training weights.safetensors, None for none. streams: of random draws. part: of
    the files of layers and weights, as of `TensorFile`.
    """

    path: Path
    networks: Sequence[int]
    labels: np.ndarray | None
    streams: Streams
    data: Path
    facts: Path
    scale: str = "catalogue"
    weights: Path | None = None
    part: str = ""
    _hidden: list[np.ndarray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        points = None if self.labels is None else len(self.labels)
        self._hidden = read_layers(self.path, self.networks, points, self.part)
        self.networks = list(self.networks)[: len(self._hidden[0])]
        self.n, self.depth = self._hidden[0].shape[1], len(self._hidden)
        # Of one network at a time, what was made by changing it.
        self._known: dict[Origin, _Changed] = {}
        self._known_of: int | None = None

    @cached_property
    def entering(self) -> np.ndarray:
        """The test points (n, d), scaled as for training, float32."""
        return read_scaled(self.data, self.facts, self.scale, ("X_test",))["X_test"]

    @cached_property
    def _everything(self) -> tuple[np.ndarray, np.ndarray]:
        """All test points (N, d) of the data set, scaled, and their classes; drawn or not."""
        both = read_scaled(self.data, self.facts, self.scale, ("X_test", "X_spare"))
        X, y = (np.concatenate([both[f"{a}_test"], both[f"{a}_spare"]]) for a in "Xy")
        return X, y

    @cached_property
    def _kept(self) -> list[str]:
        with TensorFile(self.data) as file:
            return list(file.names)

    @cached_property
    def _parameters(self) -> tuple[Parameters, str]:
        if self.weights is None or not is_dense(self.weights, self.part):
            raise RuntimeError("these weights are not available")
        parameters, activation = read_weights(self.weights, self.entering.shape[1], self.part)
        return dict(parameters), activation

    @cached_property
    def _dense(self) -> bool:
        return self.weights is not None and is_dense(self.weights, self.part)

    @cached_property
    def _output(self) -> Parameters | None:
        """The output layers of networks that are not dense, None where they are not known."""
        if self.weights is None:
            return None
        width = self._hidden[-1].shape[-1]
        return read_output(self.weights, len(self._hidden), width, self.part)

    def unavailable(self, setting: Setting) -> str | None:
        """Return why a setting cannot be measured; None where it can."""
        if setting.needs_weights and self.weights is None:
            return NO_WEIGHTS
        if setting.needs_weights and not self._dense:
            changed = setting.weights != "own" or setting.points == "other"
            if changed or self._output is None:
                return NOT_DENSE
        if "input" in setting.layers and "X_test" not in self._kept:
            return NO_INPUT
        if setting.points == "other" and "X_spare" not in self._kept:
            return NO_OTHER
        if setting.points == "right":
            if self.labels is None:
                return UNKNOWN
            if min(np.count_nonzero(self.right(network)) for network in self.networks) < 2:
                return NO_RIGHT
        return _no_part(setting, self.n, self.labels)

    def right(self, network: int) -> np.ndarray:
        """Return which points a network classifies rightly, (n,) bool."""
        found = self._logits_of(network, Origin())
        answers = found[:, 0] > 0 if found.shape[1] == 1 else found.argmax(axis=1)
        return np.asarray(answers == self.labels)

    def layers(
        self,
        network: int,
        origin: Origin,
        numbers: Sequence[int],
        ks: Callable[[int, int], Sequence[int]],
    ) -> Iterator[LayerPoints]:
        """Yield these layers of a network, which share half of the points, and the weights."""
        yield from _clouds(self, network, origin, numbers, ks)

    def points(self, network: int, origin: Origin, number: int) -> np.ndarray:
        """Return all points (n, width) of one layer."""
        if number == 0:
            return self._points(network, origin)[0]
        if number <= self.depth:
            return self._hidden_of(network, origin)[number - 1]
        return output_layer(self._logits_of(network, origin))

    def deviation(self, network: int, origin: Origin) -> float | None:
        """Return how far rescaled units change the logits, None where they are not rescaled."""
        if origin.weights == "own":
            return None
        return self._changed(network, origin).deviation

    def classes(self, network: int, origin: Origin) -> np.ndarray | None:
        """Return the class of every point, (n,); None where they are not known."""
        return self._points(network, origin)[1] if origin.points == "other" else self.labels

    def _points(self, network: int, origin: Origin) -> tuple[np.ndarray, np.ndarray | None]:
        """Return what enters a network, and its classes."""
        if origin.points != "other":
            return self.entering, self.labels
        X, y = self._everything
        stream = self.streams(network, "other points", origin.draw or 0)
        rows = np.sort(stream.choice(len(X), self.n, replace=False))
        return X[rows], y[rows]

    def _hidden_of(self, network: int, origin: Origin) -> list[np.ndarray]:
        """Return the hidden layers (n, width) of a network."""
        if origin.weights == "own" and origin.points != "other":
            place = self.networks.index(network)
            return [layer[place] for layer in self._hidden]
        return self._changed(network, origin).hidden

    def _logits_of(self, network: int, origin: Origin) -> np.ndarray:
        """Return the logits (n, outputs) of a network."""
        if origin.weights == "own" and origin.points != "other":
            last = self._hidden_of(network, origin)[-1].astype(np.float64)
            return logits(self._own(network), last)
        return self._changed(network, origin).logits

    def _changed(self, network: int, origin: Origin) -> "_Changed":
        """Return a network of other units or at other points; what is known of one is kept."""
        if self._known_of != network:
            self._known, self._known_of = {}, network
        if origin not in self._known:
            weights, X = self._own(network), self._points(network, origin)[0]
            rescaled, other = origin.weights == "rescaled", origin.points == "other"
            if rescaled:
                before = Origin("other", draw=origin.draw) if other else Origin()
                expected = self._changed(network, before).logits
                weights = rescale(weights, self.streams(network, "rescaling", origin.draw or 0))
            hidden = self._forward(weights, X)
            found = logits(weights, hidden[-1])
            change = deviation(expected, found) if rescaled else None
            self._known[origin] = _Changed(hidden, found, change)
        return self._known[origin]

    def _own(self, network: int) -> Parameters:
        parameters = self._parameters[0] if self._dense else self._output or {}
        stacked = {name: value[network : network + 1] for name, value in parameters.items()}
        if len(next(iter(stacked.values()))) != 1:
            raise damaged(self.weights or self.path, f"it has no network {network}")
        return {name: value.astype(np.float64) for name, value in stacked.items()}

    def _forward(self, parameters: Parameters, X: np.ndarray) -> list[np.ndarray]:
        layers = forward_layers(parameters, X, self._parameters[1])
        return [layer[0] for layer in layers.values()]


@dataclass(frozen=True)
class _Changed:
    """A network with units rescaled or at other points: hidden (n, width), logits (n, outputs).

    deviation: of the logits from those of the network as it was, where units are rescaled.
    """

    hidden: list[np.ndarray]
    logits: np.ndarray
    deviation: float | None


@dataclass
class Arrays:
    """The layers of one network as arrays (n, width), in memory or mapped from a file.

    labels: (n,) class numbers, None where they are not known. streams: of random draws.
    """

    arrays: Sequence[np.ndarray]
    labels: np.ndarray | None
    streams: Streams
    networks: Sequence[int] = range(1)

    def __post_init__(self) -> None:
        self.n, self.depth = len(self.arrays[0]), len(self.arrays)

    def unavailable(self, setting: Setting) -> str | None:
        """Return why a setting cannot be measured; None where it can."""
        if setting.weights != "own":
            return ONLY_LAYERS
        if setting.layers != ("hidden",):
            return NOT_TOLD_APART
        if setting.points == "other":
            return NO_OTHER
        if setting.points == "right":
            return NO_ANSWERS
        return _no_part(setting, self.n, self.labels)

    def right(self, network: int) -> np.ndarray:
        """The answers of the network are not known."""
        raise RuntimeError(NO_ANSWERS)

    def layers(
        self,
        network: int,
        origin: Origin,
        numbers: Sequence[int],
        ks: Callable[[int, int], Sequence[int]],
    ) -> Iterator[LayerPoints]:
        """Yield these layers, which share half of the points."""
        yield from _clouds(self, network, origin, numbers, ks)

    def points(self, network: int, origin: Origin, number: int) -> np.ndarray:
        """Return all points (n, width) of one layer."""
        return self.arrays[number - 1]

    def classes(self, network: int, origin: Origin) -> np.ndarray | None:
        """Return the class of every point, (n,); None where they are not known."""
        return self.labels

    def deviation(self, network: int, origin: Origin) -> float | None:
        """Nothing is rescaled."""
        return None


def _clouds(
    source: Activations | Arrays,
    network: int,
    origin: Origin,
    numbers: Sequence[int],
    ks: Callable[[int, int], Sequence[int]],
) -> Iterator[LayerPoints]:
    """Yield layers of a network, of all points or of the same part of them."""
    chosen = np.flatnonzero(source.right(network)) if origin.points == "right" else None
    if origin.points == "half":
        stream = source.streams(network, "subsample", origin.draw or 0)
        chosen = np.sort(stream.choice(source.n, source.n // 2, replace=False))
    for number in numbers:
        points, labels = source.points(network, origin, number), source.classes(network, origin)
        if chosen is not None:
            points, labels = points[chosen], None if labels is None else labels[chosen]
        if origin.of_class is not None and labels is not None:
            there = labels == origin.of_class
            points, labels = points[there], labels[there]
        yield LayerPoints(number, Cloud(points, ks(network, len(points))[-1]), labels)


def _no_part(setting: Setting, n: int, labels: np.ndarray | None) -> str | None:
    """Return why a part of the points cannot be measured; None where it can."""
    if setting.points == "half" and n < 4:
        return NO_HALF
    if setting.of_class is None:
        return None
    if labels is None:
        return UNKNOWN
    return NO_CLASS if np.count_nonzero(labels == setting.of_class) < 2 else None


def read_layers(
    path: Path, networks: Sequence[int], n: int | None, part: str = ""
) -> list[np.ndarray]:
    """Return (networks, n, width) of the hidden layers 1..L, of networks by their numbers.

    n: points that there must be; where None, as many as the first layer has. part: of the file.
    Numbers from 0 on end with the last network there is. Raises InputError where a layer is
    damaged, is not of n points or lacks a network, or is not finite.
    """
    layers: list[np.ndarray] = []
    if not len(networks):
        raise ValueError("no network is asked for")
    first = networks == range(len(networks))
    with TensorFile(path, part) as file:
        for number in range(1, len(file.names) + 1):
            whole = file[f"layer_{number}"]
            if not first and max(networks) >= len(whole):
                raise damaged(path, f"layer_{number} has no network {max(networks)}")
            layer = whole[: len(networks)] if first else whole[list(networks)]
            layer = layer.copy()  # the others are let go
            n = layer.shape[1] if n is None and layer.ndim == 3 else n
            if layer.ndim != 3 or layer.shape[1] != n or len(layer) != len((*layers, layer)[0]):
                raise damaged(path, f"layer_{number} has shape {layer.shape}, for {n} points")
            if not np.isfinite(layer).all():
                raise InputError(
                    f"{path}: layer {number} is not finite: a training diverged; lower "
                    "training.learning_rate or scale the features"
                )
            layers.append(layer)
    if not layers:
        raise damaged(path, "it holds no layers")
    return layers


def read_classes(data: Path) -> np.ndarray | None:
    """Return the class of every test point, (n,) uint8, of datasets/D.safetensors.

    None of activations that were given without labels.
    """
    with TensorFile(data) as file:
        labels = file["y_test"] if "y_test" in file.names else np.empty(())
        if labels.shape == (0,) and "X_test" not in file.names:
            return None
    if labels.ndim != 1 or labels.dtype != np.uint8:
        raise damaged(data, "y_test holds no class numbers")
    return labels
