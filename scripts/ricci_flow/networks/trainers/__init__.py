"""Trainers: what does the arithmetic of training, one module or package each.

A trainer is a module `NAME.py`, `NAME_trainer.py` or a package `NAME`, whose `TRAINER` is a class
like `Trainer`. A new one is a new module here, asked for by the key `trainer` of a recipe; nothing
else names it. Its options, if any, are a literal `OPTIONS` of the module: by name the default, the
lowest and the highest value.
"""

import ast
import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from ricci_flow.errors import InputError, closest
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.draws import Streams
from ricci_flow.networks.layers.base import Shape
from ricci_flow.networks.performance import Performance
from ricci_flow.networks.recipe import Recipe

# Those that `auto` chooses among: the first that supports what is asked for.
AUTO = ("fused", "torch")


@dataclass(frozen=True)
class Task:
    """What a trainer is to train.

    inputs: shape of one point. outputs: logits, 1 for two classes, else one for each. networks:
    their numbers, which name their random streams. X: (n, features) float32, scaled, and labels:
    (S, n) class indices of each network, the whole training set. device: cpu or cuda.
    """

    architecture: Architecture
    recipe: Recipe
    inputs: Shape
    outputs: int
    streams: Streams
    networks: Sequence[int]
    X: np.ndarray
    labels: np.ndarray
    device: str = "cpu"


class Trainer(Protocol):
    """Trains the networks of one task together.

    takes: what it supports, as words that follow "the trainer takes".
    """

    takes: ClassVar[str]

    def __init__(self, task: Task) -> None:
        """Draw the initial weights of the task's networks, from their streams."""

    @classmethod
    def supports(
        cls, architecture: Architecture, recipe: Recipe, outputs: int, device: str
    ) -> bool:
        """Return whether it can train such networks."""

    def run_batches(self, rows: np.ndarray, epoch: int) -> Performance:
        """Train on `rows` (S, m) in batches, a step for each; return the running means.

        They are the rows of an epoch, counted from 0, or a part of them that begins with a batch.
        The means of networks that have stopped may be anything.
        """

    def stop(self, networks: np.ndarray) -> None:
        """Leave these networks, (S,) bool, as they are from now on; for recipes with `stop_at`."""

    def evaluate(self, X: np.ndarray, labels: np.ndarray, rows: np.ndarray) -> Performance:
        """Return loss and accuracy on rows (S, m) of X (n, features) with labels (S, n)."""

    def parameters(self) -> dict[str, np.ndarray]:
        """Return the weights, the networks along the first axis.

        Of dense networks W1.. (S, fan_in, fan_out) and b1.. (S, fan_out), else the names of torch's
        state dict; float32, but for counts in int64.
        """


@cache
def trainer_modules() -> dict[str, str]:
    """Return the dotted name of the module of every trainer, by the name of the trainer."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    return {name.removesuffix("_trainer"): f"{__name__}.{name}" for name in sorted(names)}


def modules_of(trainer: str) -> list[str]:
    """Return the dotted names of the modules that may train for a recipe's `trainer`.

    Raises InputError where there is no such trainer.
    """
    known = trainer_modules()
    if trainer != "auto" and trainer not in known:
        cure = closest(trainer, ["auto", *known])
        raise InputError(f"training: key 'trainer' is {trainer!r}, which is none; {cure}")
    return [known[name] for name in (AUTO if trainer == "auto" else (trainer,))]


def options_of(recipe: Recipe) -> dict[str, float]:
    """Return the value of every option of a recipe's trainer, its default where not given.

    Raises InputError where an option is unknown or out of its bounds. No trainer is imported.
    """
    known: dict[str, tuple[float, float, float]] = {}
    for name in modules_of(recipe.trainer):
        known |= _literal_options(name.rpartition(".")[2])
    for option, value in recipe.trainer_options.items():
        if option not in known:
            raise InputError(
                f"training: key 'trainer_options.{option}' is unknown to the trainer "
                f"{recipe.trainer!r}; " + (closest(option, known) if known else "it takes none")
            )
        _, low, high = known[option]
        if not low <= value <= high:
            raise InputError(
                f"training: key 'trainer_options.{option}' is {value}; it must lie in {low}..{high}"
            )
    return {name: default for name, (default, *_) in known.items()} | recipe.trainer_options


@cache
def _literal_options(module: str) -> dict[str, tuple[float, float, float]]:
    """Return OPTIONS of a module, read and not run, since torch takes long to import."""
    path = Path(__file__).parent / f"{module}.py"
    if not path.is_file():  # a package, which has none
        return {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "OPTIONS":
            return dict(ast.literal_eval(node.value))
    return {}


def make_trainer(task: Task) -> Trainer:
    """Return the trainer of a task; those that are not asked for are not imported.

    Raises InputError where the trainer that the recipe names does not support the task.
    """
    modules = modules_of(task.recipe.trainer)
    for name in modules:
        kind: type[Trainer] = importlib.import_module(name).TRAINER
        if kind.supports(task.architecture, task.recipe, task.outputs, task.device):
            return kind(task)
    raise InputError(
        f"training: the trainer {task.recipe.trainer!r} takes {kind.takes}; use trainer: auto, or "
        "change architecture, recipe or device"
    )
