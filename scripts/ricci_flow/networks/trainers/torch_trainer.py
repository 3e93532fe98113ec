"""The general trainer: any architecture in torch, an ensemble at once through `torch.func`."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import torch
from torch.func import functional_call, stack_module_state
from torch.nn import functional

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.layers.base import Features
from ricci_flow.networks.mean_field import reach_features, step_shares
from ricci_flow.networks.own_module import OwnModule
from ricci_flow.networks.performance import Performance
from ricci_flow.networks.recipe import SGD, Adam, AdamW, Optimiser, Recipe, RMSprop
from ricci_flow.networks.recording import record
from ricci_flow.networks.trainers import Task

# torch's optimiser, and its names for the options of the recipe's.
_OPTIMISERS: dict[type, Callable[..., torch.optim.Optimizer]] = {
    RMSprop: lambda p, o, **shared: torch.optim.RMSprop(p, alpha=o.rho, eps=o.epsilon, **shared),
    Adam: lambda p, o, **shared: torch.optim.Adam(p, **_betas(o), **shared),
    AdamW: lambda p, o, **shared: torch.optim.AdamW(p, **_betas(o), **shared),
    SGD: lambda p, o, **shared: torch.optim.SGD(p, momentum=o.momentum, **shared),
}


class TorchTrainer:
    """S networks whose weights are stacked along a first axis; denormals are flushed to zero.

    The loss is summed over the networks, so the gradient of each is that of training it alone, and
    every optimiser works number by number.
    """

    takes: ClassVar[str] = (
        "every recipe and all layers but those that take points together (heat_filter), which need "
        "trainer: whole_cloud, and those made of points (grown_conv2d), which need trainer: grow"
    )
    # Floats of gathered rows held at a time while evaluating: 64 MB.
    chunk: ClassVar[int] = 2**24
    # Along which the points of each network lie; None: all networks have the same points.
    points_axis: ClassVar[int | None] = 0

    def __init__(self, task: Task) -> None:
        torch.set_flush_denormal(True)
        self.task = task
        self.device = torch.device(task.device)
        members = [self._member(network) for network in task.networks]
        self._model = members[0]
        self._weights, self._buffers = stack_module_state(members)
        for stack in (self._weights, self._buffers):
            for name, values in stack.items():
                moved = values.detach().to(self.device)
                stack[name] = moved.requires_grad_(stack is self._weights)
        self.X = torch.from_numpy(task.X).to(self.device)
        self.labels = self._load(task.labels)
        recipe = task.recipe
        trained: list[Any] = list(self._weights.values())
        if recipe.parametrisation == "mean_field":
            shares = step_shares(self._weights)
            trained = [
                {"params": [values], "share": shares[name]}
                for name, values in self._weights.items()
            ]
        self.optimiser = make_optimiser(trained, recipe.learning_rate, recipe.optimiser)
        self._batch = recipe.points_in_batch(len(task.X))
        self._stopped = torch.zeros(len(members), dtype=torch.bool, device=self.device)
        if isinstance(task.architecture, OwnModule):
            self._try(task.architecture)

    def _member(self, network: int) -> torch.nn.Sequential:
        """Return a network as it is before training."""
        task = self.task
        member = task.architecture.build(
            task.inputs,
            task.outputs,
            task.streams.generator(network, "init"),
            task.recipe.initialisation,
        )
        if isinstance(task.recipe.initialisation, Features):
            reach_features(member, task.X)
        return member

    @classmethod
    def supports(
        cls, architecture: Architecture, recipe: Recipe, outputs: int, device: str
    ) -> bool:
        """Return whether its layers take points one by one, or as a batch has them."""
        return not architecture.together and not architecture.from_points

    def run_batches(self, rows: np.ndarray, epoch: int) -> Performance:
        """Train on `rows` (S, m) in batches; see `Trainer`."""
        self._model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = group.get("share", 1.0) * self.task.recipe.rate(epoch)
        kept = self._of_stopped()
        picked = torch.from_numpy(rows).to(self.device)
        labels = self.labels.gather(1, picked)
        losses = torch.zeros(len(rows), dtype=torch.float64, device=self.device)
        hits = torch.zeros_like(losses)
        for start in range(0, rows.shape[1], self._batch):
            batch = slice(start, start + self._batch)
            self.optimiser.zero_grad()
            logits, loss = self._backward(self.X[picked[:, batch]], labels[:, batch])
            self.optimiser.step()
            with torch.no_grad():
                losses += loss.sum(1)
                hits += _hits(logits, labels[:, batch])
        with torch.no_grad():  # they took part, since all share each step
            for stack, values in zip(self._stacks(), kept, strict=True):
                stack[self._stopped] = values
        return _performance(losses, hits, rows.shape[1])

    def _backward(
        self, points: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Set the gradients of a batch; return its logits (S, m, outputs) and losses (S, m).

        points: (S, m, features); labels: (S, m).
        """
        logits = self._forward(points)
        loss = losses_of(logits, labels)
        loss.mean(1).sum().backward()
        return logits, loss

    def stop(self, networks: np.ndarray) -> None:
        """Leave these networks, (S,) bool, as they are from now on."""
        self._stopped = torch.from_numpy(networks.copy()).to(self.device)

    @torch.no_grad()
    def evaluate(self, X: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Performance:
        """Return loss and accuracy on rows (S, m) of X (n, features) with labels (S, n)."""
        self._model.eval()
        points = torch.from_numpy(X).to(self.device)
        picked = torch.from_numpy(rows).to(self.device)
        truth = self._load(labels).gather(1, picked)
        losses = torch.zeros(len(rows), dtype=torch.float64, device=self.device)
        hits = torch.zeros_like(losses)
        step = max(1, self.chunk // (len(rows) * X.shape[1]))
        for start in range(0, rows.shape[1], step):
            chunk = slice(start, start + step)
            logits = self._forward(points[picked[:, chunk]])
            losses += losses_of(logits, truth[:, chunk]).sum(1)
            hits += _hits(logits, truth[:, chunk])
        return _performance(losses, hits, rows.shape[1])

    def parameters(self) -> dict[str, np.ndarray]:
        """Return the weights; see `Trainer`."""
        arrays = {
            name: values.detach().cpu().numpy().copy()
            for name, values in {**self._weights, **self._buffers}.items()
        }
        if self.task.architecture.widths is None:
            return arrays
        places = [*self.task.architecture.places, "output"]
        named = {}
        for place, child in enumerate(places, 1):
            named[f"W{place}"] = arrays[f"{child}.linear.weight"].transpose(0, 2, 1).copy()
            named[f"b{place}"] = arrays[f"{child}.linear.bias"]
        return named

    def _stacks(self) -> list[torch.Tensor]:
        return [*self._weights.values(), *self._buffers.values()]

    def _of_stopped(self) -> list[torch.Tensor]:
        """Return copies of what the networks that have stopped consist of."""
        return [stack.detach()[self._stopped] for stack in self._stacks()]

    def _load(self, labels: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(labels.astype(np.int64)).to(self.device)

    def _forward(self, points: torch.Tensor) -> torch.Tensor:
        """Return the logits (S, m, outputs) of points (S, m, features)."""

        def one(
            weights: dict[str, torch.Tensor], buffers: dict[str, torch.Tensor], x: torch.Tensor
        ) -> torch.Tensor:
            return functional_call(self._model, (weights, buffers), (x,))

        # No random numbers: those of a network would depend on the others.
        axes = (0, 0, self.points_axis)
        return torch.vmap(one, axes, randomness="error")(self._weights, self._buffers, points)

    def _try(self, own: OwnModule) -> None:
        """Run a module of the user's on two points, so that what fails does so before training.

        Raises InputError.
        """
        before = {name: values.clone() for name, values in self._buffers.items()}
        try:
            record(self._model, self.task.X[:2], own.places)
            self._model.train()
            with torch.no_grad():
                found = self._forward(self.X[:2].expand(len(self.task.networks), -1, -1))
        except Exception as error:
            if "random operation" in str(error):
                error = ValueError(
                    "draws random numbers in training (as dropout does), by which a network would "
                    "depend on those beside it; leave these out"
                )
            raise own.failed(error) from error
        self._buffers = before
        expected = (len(self.task.networks), 2, self.task.outputs)
        if tuple(found.shape) != expected:
            raise own.failed(
                f"gives logits of shape {tuple(found.shape[1:])} for 2 points, not {expected[1:]}"
            )


TRAINER = TorchTrainer


def make_optimiser(
    parameters: Sequence[Any], learning_rate: float, optimiser: Optimiser
) -> torch.optim.Optimizer:
    """Return torch's optimiser for a recipe's; parameters: tensors, or groups of them."""
    return _OPTIMISERS[type(optimiser)](
        parameters, optimiser, lr=learning_rate, weight_decay=optimiser.weight_decay
    )


def _betas(optimiser: Adam) -> dict[str, Any]:
    return {"betas": (optimiser.beta_1, optimiser.beta_2), "eps": optimiser.epsilon}


def losses_of(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the cross-entropy (S, m) of logits (S, m, outputs) and class indices (S, m)."""
    if logits.shape[2] == 1:
        return functional.binary_cross_entropy_with_logits(
            logits[..., 0], labels.to(logits.dtype), reduction="none"
        )
    return functional.cross_entropy(logits.transpose(1, 2), labels, reduction="none")


def _hits(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    found = logits[..., 0] > 0 if logits.shape[2] == 1 else logits.argmax(2)
    return (found == labels).sum(1)


def _performance(losses: torch.Tensor, hits: torch.Tensor, count: int) -> Performance:
    return Performance((losses / count).cpu().numpy(), (hits / count).cpu().numpy())
