"""The ensemble on a CPU: one network after the other, each epoch in compiled code.

A network's weights, their running squares and a batch stay in the processor's second-level cache
for a whole epoch, which a stack of networks does not. And since nothing of one network is near
another, a network comes out the same to the bit whichever are trained with it.
"""

from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ricci_flow.compiled import Kernels
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.draws import draw_weights
from ricci_flow.networks.performance import Performance
from ricci_flow.networks.recipe import Recipe, RMSprop
from ricci_flow.networks.trainers import Task
from ricci_flow.networks.trainers.fused.denormals import flushed_denormals
from ricci_flow.networks.trainers.fused.units import INNER, LANES

if TYPE_CHECKING:
    from ricci_flow.networks.trainers.fused import kernels
else:
    kernels = Kernels("ricci_flow.networks.trainers.fused.kernels")


class FusedTrainer:
    """S networks, trained with a hand-written backward pass; denormals are flushed to zero.

    Agrees with `torch_trainer` to rounding (1e-5 over a few steps; then training itself amplifies
    it).
    """

    takes: ClassVar[str] = (
        "dense relu or linear networks of two classes with initialisation glorot, trained by "
        "rmsprop without weight_decay on a processor"
    )

    def __init__(self, task: Task) -> None:
        self.recipe, X = task.recipe, task.X
        widths = [X.shape[1], *(task.architecture.widths or ()), task.outputs]
        weights = draw_weights(task.streams, task.networks, widths)
        self.shapes = [w.shape[1:] for w in weights]
        self.X = X
        self.labels = task.labels.astype(np.uint8)
        self._relu = task.architecture.activation == "relu"
        self._rows = _pad_columns(X)
        self._batch = self.recipe.points_in_batch(len(X))
        capacity = _up(self._batch, INNER)
        sizes = [_up(n, LANES) for n in widths]
        self._plan = _make_plan(widths, capacity)
        count = int(sum(a * b + b for a, b in pairwise(sizes)))
        self._parameters = _zeros(len(task.labels), count)
        self._squares = _zeros(len(task.labels), count)
        for layer, w in enumerate(weights):
            self._matrix(layer)[:, : w.shape[1], : w.shape[2]] = w
        widest, inner = max(sizes[1:]), max(sizes[1:-1])
        self._work = (
            _zeros(int(self._plan[-1, 3]) + capacity * LANES),  # every layer of a batch
            _zeros(sizes[0]),  # columns that are not zero in a batch
            _zeros(capacity * widest),  # gradient of a layer's output
            _zeros(capacity * widest),  # and of the layer's before
            _zeros(inner * widest),  # a transposed matrix
            _zeros(INNER * widest),  # gradient of a few rows of one
        )
        optimiser = self.recipe.optimiser
        assert isinstance(optimiser, RMSprop)  # see `supports`
        self._rates = np.array(
            [self.recipe.learning_rate, optimiser.rho, optimiser.epsilon], np.float32
        )
        self._stopped = np.zeros(len(task.labels), bool)

    @classmethod
    def supports(
        cls, architecture: Architecture, recipe: Recipe, outputs: int, device: str
    ) -> bool:
        """Return whether the networks and their recipe are what `takes` says."""
        return (
            architecture.widths is not None
            and architecture.activation in ("relu", "linear")
            and outputs == 1
            and recipe.initialisation == "glorot"
            and isinstance(recipe.optimiser, RMSprop)
            and recipe.optimiser.weight_decay == 0
            and device == "cpu"
        )

    def run_batches(self, rows: np.ndarray, epoch: int) -> Performance:
        """Train on `rows` (S, m) in batches; see `Trainer`."""
        self._rates[0] = self.recipe.rate(epoch)
        return self._run(self._rows, self.labels, rows, train=True)

    def stop(self, networks: np.ndarray) -> None:
        """Leave these networks, (S,) bool, as they are from now on."""
        self._stopped = networks.copy()

    def evaluate(self, X: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Performance:
        """Return loss and accuracy on rows (S, m) of X (n, d) with labels (S, n)."""
        padded = self._rows if X is self.X else _pad_columns(X)
        return self._run(padded, labels, rows, train=False)

    def parameters(self) -> dict[str, np.ndarray]:
        """Return W1.. (S, fan_in, fan_out) and b1.. (S, fan_out), float32."""
        arrays = {}
        for layer, (fan_in, fan_out) in enumerate(self.shapes):
            end = int(self._plan[layer, 2] + self._plan[layer, 0] * self._plan[layer, 1])
            arrays[f"W{layer + 1}"] = self._matrix(layer)[:, :fan_in, :fan_out].copy()
            arrays[f"b{layer + 1}"] = self._parameters[:, end : end + fan_out].copy()
        return arrays

    def _matrix(self, layer: int) -> np.ndarray:
        """Return a view (S, fan_in, fan_out) of a layer's weights, padding included."""
        fan_in, fan_out, start = (int(v) for v in self._plan[layer, :3])
        flat = self._parameters[:, start : start + fan_in * fan_out]
        return flat.reshape(-1, fan_in, fan_out)

    def _run(self, X: np.ndarray, labels: np.ndarray, rows: np.ndarray, train: bool) -> Performance:
        sums = np.full((len(rows), 2), np.nan)
        with flushed_denormals():
            for s, order in enumerate(rows):
                if train and self._stopped[s]:
                    continue
                sums[s] = kernels.run_rows(
                    self._plan,
                    X.reshape(-1),
                    order,
                    labels[s][order],
                    self._batch,
                    self._parameters[s],
                    self._squares[s],
                    *self._work,
                    self._rates,
                    self._relu,
                    train,
                )
        return Performance(sums[:, 0] / rows.shape[1], sums[:, 1] / rows.shape[1])


def _up(count: int, unit: int) -> int:
    return -(-int(count) // unit) * unit


def _zeros(*shape: int) -> np.ndarray:
    """Return float32 zeros that begin on a cache line: vectors across two cost half the speed."""
    count = int(np.prod(shape))
    buffer = np.zeros(count + LANES, np.float32)
    start = (-buffer.ctypes.data // 4) % LANES
    return buffer[start : start + count].reshape(shape)


def _pad_columns(X: np.ndarray) -> np.ndarray:
    padded = _zeros(len(X), _up(X.shape[1], LANES))
    padded[:, : X.shape[1]] = X
    return padded


def _make_plan(widths: list[int], capacity: int) -> np.ndarray:
    """Return the plan that `kernels` describes, for layers of `widths` from input to output."""
    plan = np.zeros((len(widths), 5), np.int64)
    plan[:, 4] = [_up(width, INNER) for width in widths]
    for layer, (fan_in, fan_out) in enumerate(pairwise(_up(width, LANES) for width in widths)):
        weights, entering = plan[layer, 2:4]
        plan[layer, :2] = fan_in, fan_out
        plan[layer + 1, 2:4] = weights + fan_in * fan_out + fan_out, entering + capacity * fan_in
    return plan
