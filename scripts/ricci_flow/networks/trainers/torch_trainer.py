"""The ensemble as stacked matrices in torch: for CUDA, and the reference for `fused`."""

import numpy as np
import torch
from torch.nn import functional

from ricci_flow.networks.performance import Performance
from ricci_flow.networks.recipe import EPSILON, RHO, Recipe

# Floats of gathered rows held at a time while evaluating: 64 MB.
_CHUNK = 2**24


class StackedTrainer:
    """S networks as (S, fan_in, fan_out) matrices; one batched product a layer.

    The loss is summed over the networks, so each one's gradient is that of training it alone.
    `weights` one (S, fan_in, fan_out) float32 array a layer; biases start at zero. `X` (n, d)
    float32 and `labels` (S, n) are the whole training set.
    """

    def __init__(
        self,
        weights: list[np.ndarray],
        X: np.ndarray,
        labels: np.ndarray,
        recipe: Recipe,
        device: str = "cpu",
    ) -> None:
        self.device = torch.device(device)
        torch.set_flush_denormal(True)
        self.recipe = recipe
        self.X = torch.from_numpy(X).to(self.device)
        self.labels = self._load(labels)
        self.weights = [torch.tensor(w, device=self.device, requires_grad=True) for w in weights]
        self.biases = [
            torch.zeros(w.shape[0], 1, w.shape[2], device=self.device, requires_grad=True)
            for w in self.weights
        ]
        self.optimiser = torch.optim.RMSprop(
            [*self.weights, *self.biases], lr=recipe.learning_rate, alpha=RHO, eps=EPSILON
        )

    def run_epoch(self, orders: np.ndarray) -> Performance:
        """Train on the rows `orders` (S, n_kept) in batches; return the running means."""
        rows = torch.from_numpy(orders).to(self.device)
        labels = self.labels.gather(1, rows)
        losses = torch.zeros(len(orders), dtype=torch.float64, device=self.device)
        hits = torch.zeros_like(losses)
        for start in range(0, orders.shape[1], self.recipe.batch_size):
            batch = slice(start, start + self.recipe.batch_size)
            logits = self._forward(self.X[rows[:, batch]])
            loss = _losses(logits, labels[:, batch])
            self.optimiser.zero_grad()
            loss.mean(1).sum().backward()
            self.optimiser.step()
            with torch.no_grad():
                losses += loss.sum(1)
                hits += _hits(logits, labels[:, batch])
        return _measures(losses, hits, orders.shape[1])

    @torch.no_grad()
    def evaluate(self, X: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Performance:
        """Return loss and accuracy on rows (S, m) of X (n, d) with labels (S, n)."""
        points = torch.from_numpy(X).to(self.device)
        picked = torch.from_numpy(rows).to(self.device)
        truth = self._load(labels).gather(1, picked)
        losses = torch.zeros(len(rows), dtype=torch.float64, device=self.device)
        hits = torch.zeros_like(losses)
        step = max(1, _CHUNK // (len(rows) * X.shape[1]))
        for start in range(0, rows.shape[1], step):
            chunk = slice(start, start + step)
            logits = self._forward(points[picked[:, chunk]])
            losses += _losses(logits, truth[:, chunk]).sum(1)
            hits += _hits(logits, truth[:, chunk])
        return _measures(losses, hits, rows.shape[1])

    def parameters(self) -> dict[str, np.ndarray]:
        """Return W1.. (S, fan_in, fan_out) and b1.. (S, fan_out), float32."""
        arrays = {}
        for layer, (w, b) in enumerate(zip(self.weights, self.biases, strict=True), 1):
            arrays[f"W{layer}"] = w.detach().cpu().numpy().copy()
            arrays[f"b{layer}"] = b.detach().cpu().numpy()[:, 0].copy()
        return arrays

    def _load(self, labels: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(labels.astype(np.float32)).to(self.device)

    def _forward(self, h: torch.Tensor) -> torch.Tensor:
        """Return the logits (S, m) of points (S, m, d)."""
        last = len(self.weights) - 1
        for layer, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = torch.baddbmm(b, h, w)
            if layer < last and self.recipe.activation == "relu":
                h = torch.relu(h)
        return h[..., 0]


def _losses(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")


def _hits(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return ((logits > 0) == (labels > 0)).sum(1)


def _measures(losses: torch.Tensor, hits: torch.Tensor, count: int) -> Performance:
    return Performance((losses / count).cpu().numpy(), (hits / count).cpu().numpy())
