"""Deep linear networks drawn from their posterior, exactly, a layer at a time (Gibbs sampling).

Source: Li and Sompolinsky 2021 (Physical Review X 11, 031059). A network is f(x) = x W_1 ... W_d,
without biases; weights of a layer with m inputs are normal with variance sigma^2 / m beforehand,
and f(x) = y + sqrt(temperature) noise on the points trained on, with y = -1 and 1 for the classes.

Given all other layers, f depends on W_l by the vector W_l b alone, with b = W_(l+1) ... W_d. That
vector has a normal posterior, what is orthogonal to it stays as it was beforehand. So a layer is
drawn at once: no step size, no gradient. An epoch is one sweep over the layers; networks differ by
their random streams, and the last sweep counts.
"""

from itertools import pairwise
from typing import ClassVar

import numpy as np

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.performance import Performance
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task, options_of

# Default, lowest and highest value. The theory is of temperature 0, where narrow networks of more
# points than units would not move.
OPTIONS = {"sigma": (1.0, 0.01, 100.0), "temperature": (1e-4, 1e-8, 100.0)}


class GibbsLinearTrainer:
    """S networks; each depends on its own stream alone."""

    takes: ClassVar[str] = (
        "dense layers without activation (activation: linear), two classes and batch_size full"
    )

    def __init__(self, task: Task) -> None:
        self.task = task
        options = options_of(task.recipe)
        self.sigma, self.temperature = options["sigma"], options["temperature"]
        self._generators = [task.streams.generator(n, "gibbs") for n in task.networks]
        sizes = [task.X.shape[1], *(task.architecture.widths or ()), 1]
        self._weights = [
            [self._prior(generator, shape) for shape in pairwise(sizes)]
            for generator in self._generators
        ]
        self._stopped = np.zeros(len(task.networks), bool)

    @classmethod
    def supports(
        cls, architecture: Architecture, recipe: Recipe, outputs: int, device: str
    ) -> bool:
        """Return whether a network is a product of matrices, sampled given all points at once."""
        linear = architecture.widths is not None and architecture.activation == "linear"
        return linear and outputs == 1 and recipe.batch_size == "full"

    def run_batches(self, rows: np.ndarray, epoch: int) -> Performance:
        """Draw every layer of every network once, given `rows` (S, m); see `Trainer`."""
        for s, row in enumerate(rows):
            if not self._stopped[s]:
                y = 2.0 * self.task.labels[s, row] - 1.0
                self._sweep(self._weights[s], self.task.X[row].astype(np.float64), y, s)
        return self.evaluate(self.task.X, self.task.labels, rows)

    def stop(self, networks: np.ndarray) -> None:
        """Leave these networks, (S,) bool, as they are from now on."""
        self._stopped = networks.copy()

    def evaluate(self, X: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Performance:
        """Return cross-entropy, of f as a logit, and accuracy; see `Trainer`."""
        found = []
        for weights, truth, row in zip(self._weights, labels, rows, strict=True):
            f = np.linalg.multi_dot([X[row].astype(np.float64), *weights])[:, 0]
            y = truth[row]
            found.append((np.mean(np.logaddexp(0, f) - y * f), np.mean((f > 0) == y)))
        loss, accuracy = np.array(found).T
        return Performance(loss, accuracy)

    def parameters(self) -> dict[str, np.ndarray]:
        """Return the weights, and biases of zero; see `Trainer`."""
        named: dict[str, np.ndarray] = {}
        for place, stack in enumerate(zip(*self._weights, strict=True), 1):
            named[f"W{place}"] = np.stack(stack).astype(np.float32)
            named[f"b{place}"] = np.zeros((len(stack), stack[0].shape[1]), np.float32)
        return named

    def _prior(self, generator: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        return np.asarray(self.sigma / np.sqrt(shape[0]) * generator.standard_normal(shape))

    def _sweep(self, weights: list[np.ndarray], X: np.ndarray, y: np.ndarray, s: int) -> None:
        """Draw each layer given the others, from the first to the last, in place."""
        generator = self._generators[s]
        backward = [np.ones(1)]
        for W in weights[:0:-1]:
            backward.append(W @ backward[-1])
        H = X
        for place, b in enumerate(reversed(backward)):
            W = self._prior(generator, weights[place].shape)
            length = float(np.linalg.norm(b))
            unit = b / length
            # y = A v + noise, for v = W unit: a draw from the prior, moved by what y asks for.
            A, before = length * H, W @ unit
            variance = self.sigma**2 / len(before)
            noise = np.sqrt(self.temperature) * generator.standard_normal(len(y))
            K = variance * A @ A.T + self.temperature * np.eye(len(y))
            after = before + variance * A.T @ np.linalg.solve(K, y - A @ before - noise)
            weights[place] = W + np.outer(after - before, unit)
            H = H @ weights[place]


TRAINER = GibbsLinearTrainer
