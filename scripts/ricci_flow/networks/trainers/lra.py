"""Local representation alignment: every layer learns from a target of its own.

Source: Ororbia, Mali, Kifer and Giles 2023 (AAAI 37, 9327; arXiv 2002.03911) and the method that it
builds on, Ororbia and Mali 2019 (LRA-E, AAAI 33, 4651). With h_l = z_(l-1) W_l + b_l and
z_l = phi(h_l), the error e of the last layer is that of the logits, softmax less labels. Downwards
each layer is given by feedback weights E a direction d_l = e_(l+1) E_l, a target
y_l = phi(h_l - beta d_l), and an error e_l = z_l - y_l. It learns by z_(l-1)^T e_l alone, and its
feedback weights by -gamma e_(l+1)^T d_l; the recipe's optimiser takes both as gradients.

With E_l the transpose of W_(l+1) and small beta, e_l is beta^(L - l) times the error of
back-propagation in h_l: lower layers are told less by powers of beta. With `error_every` m every
m-th layer is told by the last one itself, as in the recursive method, which so loses one power.
"""

from typing import ClassVar

import torch

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.layers.base import activation_module
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task, options_of
from ricci_flow.networks.trainers.torch_trainer import TorchTrainer, losses_of, make_optimiser

# Default, lowest and highest value. beta, gamma: those of the paper; feedback: standard deviation
# of the feedback weights before training; error_every: 0 for no layer that is told by the last.
OPTIONS = {
    "beta": (0.1205, 1e-4, 10.0),
    "gamma": (0.1524, 0.0, 10.0),
    "feedback": (1.0, 1e-4, 10.0),
    "error_every": (0.0, 0.0, 1000.0),
}


class LocalTrainer(TorchTrainer):
    """S networks of dense layers, from the same weights, rows and batches as by the others."""

    takes: ClassVar[str] = "dense layers"

    def __init__(self, task: Task) -> None:
        super().__init__(task)
        options = options_of(task.recipe)
        self.beta, self.gamma = options["beta"], options["gamma"]
        widths = [*(task.architecture.widths or ()), task.outputs]
        every, last = int(options["error_every"]), len(widths) - 1
        # The layer that tells each hidden one, counted from 0.
        self._source = [
            last if every and (place + 1) % every == 0 else place + 1 for place in range(last)
        ]
        generators = [task.streams.generator(network, "feedback") for network in task.networks]
        self.feedback = []
        for place, source in enumerate(self._source):
            shape = (widths[source], widths[place])
            drawn = [torch.from_numpy(g.standard_normal(shape)).float() for g in generators]
            self.feedback.append((options["feedback"] * torch.stack(drawn)).to(self.device))
        places = [*(f"{place}.linear" for place in task.architecture.places), "output.linear"]
        self._layers = [
            (self._weights[f"{place}.weight"], self._weights[f"{place}.bias"]) for place in places
        ]
        activation = task.recipe.activation or task.architecture.activation
        self._phi = activation_module(activation)
        self.optimiser = make_optimiser(
            [*self._weights.values(), *self.feedback],
            task.recipe.learning_rate,
            task.recipe.optimiser,
        )

    @classmethod
    def supports(
        cls, architecture: Architecture, recipe: Recipe, outputs: int, device: str
    ) -> bool:
        """Return whether all layers are dense."""
        return architecture.widths is not None

    @torch.no_grad()
    def _backward(
        self, points: torch.Tensor, labels: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        entering, before = [points], []
        for weight, bias in self._layers:
            before.append(entering[-1] @ weight.transpose(1, 2) + bias[:, None])
            entering.append(self._phi(before[-1]))
        logits, m = before[-1], points.shape[1]
        errors = self.errors(before, labels)
        for (weight, bias), error, z in zip(self._layers, errors, entering, strict=False):
            weight.grad, bias.grad = error.transpose(1, 2) @ z / m, error.mean(1)
        for E, source in zip(self.feedback, self._source, strict=True):
            told = errors[source]
            E.grad = -self.gamma * told.transpose(1, 2) @ (told @ E) / m
        return logits, losses_of(logits, labels)

    def errors(self, before: list[torch.Tensor], labels: torch.Tensor) -> list[torch.Tensor]:
        """Return the error (S, m, width) of every layer, from the first to that of the logits.

        before: of every layer what enters its activation; labels: (S, m).
        """
        logits = before[-1]
        if logits.shape[2] == 1:
            last = torch.sigmoid(logits) - labels[..., None]
        else:
            one_hot = torch.nn.functional.one_hot(labels, logits.shape[2])
            last = torch.softmax(logits, 2) - one_hot
        found = {len(before) - 1: last}
        for place in range(len(before) - 2, -1, -1):
            d = found[self._source[place]] @ self.feedback[place]
            h = before[place]
            found[place] = self._phi(h) - self._phi(h - self.beta * d)
        return [found[place] for place in range(len(before))]


TRAINER = LocalTrainer
