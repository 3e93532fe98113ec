"""Training of one ensemble, from data to weights and tables."""

import time
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from ricci_flow.devices import choose_device
from ricci_flow.errors import InputError
from ricci_flow.networks.draws import Streams, draw_labels, draw_orders, draw_rows, draw_weights
from ricci_flow.networks.margins import mean_margins, weight_norms
from ricci_flow.networks.performance import Performance
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import make_trainer


class Data(NamedTuple):
    """A scaled data set: X (n, d) float32, y (n) uint8 in {0, 1}."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


class Say(Protocol):
    """What `entry.Progress` offers: a line now and then, or always."""

    def __call__(self, message: str, *, always: bool = False) -> None:
        """Say `message`."""


class Ensemble(NamedTuple):
    """Trained networks and how they came to be.

    `parameters` W1.. and b1..; `networks` and `seeds` one a network; `history` one
    (running means, validation or None) an epoch; `validation` None where nothing is held out.
    `margin` (S,): mean margin on the test set, or None without an output to take it of;
    `weight_norm` (S,). See `baselines`.
    """

    parameters: dict[str, np.ndarray]
    networks: list[int]
    seeds: list[int]
    history: list[tuple[Performance, Performance | None]]
    train: Performance
    validation: Performance | None
    test: Performance
    margin: np.ndarray | None
    weight_norm: np.ndarray


def train_ensemble(
    data: Data,
    streams: Streams,
    networks: Sequence[int],
    widths: Sequence[int],
    recipe: Recipe,
    *,
    device: str = "auto",
    say: Say | None = None,
) -> Ensemble:
    """Train the networks numbered `networks`, with hidden layers of `widths`, on `data`.

    A network comes out the same to the bit whichever others are trained beside it (on the CPU).
    Final train measures are those of the final weights on the kept rows and the labels trained
    on; test measures are on the true labels. A network whose loss is no longer finite is trained
    on and reported through `say`.

    Raises InputError where there are no networks or layers, or a value of the recipe does not fit.
    """
    if not networks or not widths or min(widths) < 1:
        raise InputError("training: needs one network, one hidden layer and widths of 1 or more")
    say = say or _silent
    X, n = data.X_train, len(data.X_train)
    rows = draw_rows(streams, networks, n, recipe)
    labels = draw_labels(streams, networks, data.y_train, rows, recipe)
    weights = draw_weights(streams, networks, [X.shape[1], *widths, 1])
    trainer = make_trainer(weights, X, labels, recipe, choose_device(device, "training"))

    def validate() -> Performance | None:
        return trainer.evaluate(X, labels, rows.held) if rows.held.size else None

    history: list[tuple[Performance, Performance | None]] = []
    broken = np.zeros(len(networks), bool)
    begun = time.monotonic()
    for epoch, order in enumerate(draw_orders(streams, networks, rows.kept, recipe.epochs), 1):
        running = trainer.run_epoch(order)
        history.append((running, validate()))
        fresh = ~np.isfinite(running.loss) & ~broken
        broken |= fresh
        for s in np.flatnonzero(fresh):
            say(f"network {networks[int(s)]}: loss not finite from epoch {epoch} on", always=True)
        remaining = (time.monotonic() - begun) / epoch * (recipe.epochs - epoch)
        say(
            f"epoch {epoch}/{recipe.epochs}: loss {_mean(running.loss[~broken])}, "
            f"accuracy {_mean(running.accuracy[~broken])}, {remaining:.0f} s left",
            always=epoch == recipe.epochs,
        )
    if broken.any():
        say(
            f"{broken.sum()} of {len(networks)} networks have a loss that is not finite; "
            "they are kept, with their losses as they are",
            always=True,
        )
    everything = np.tile(np.arange(len(data.X_test)), (len(networks), 1))
    truth = np.tile(data.y_test, (len(networks), 1))
    parameters = trainer.parameters()
    return Ensemble(
        parameters=parameters,
        networks=list(networks),
        seeds=[streams.seed(network) for network in networks],
        history=history,
        train=trainer.evaluate(X, labels, rows.kept),
        validation=history[-1][1] if history else validate(),
        test=trainer.evaluate(data.X_test, truth, everything),
        margin=mean_margins(parameters, data.X_test, data.y_test, recipe.activation),
        weight_norm=weight_norms(parameters),
    )


def _silent(message: str, *, always: bool = False) -> None:
    pass


def _mean(values: np.ndarray) -> str:
    return f"{values.mean():.4f}" if values.size else "undefined"
