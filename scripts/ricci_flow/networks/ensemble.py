"""Training of one ensemble, from data to weights and tables."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np

from ricci_flow.errors import InputError
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.devices import choose_device
from ricci_flow.networks.draws import Streams, draw_labels, draw_orders, draw_rows
from ricci_flow.networks.forward import hidden_layers, logits
from ricci_flow.networks.layers.base import Shape
from ricci_flow.networks.margins import mean_margins, weight_norms
from ricci_flow.networks.mean_field import check_mean_field
from ricci_flow.networks.own_module import OwnModule
from ricci_flow.networks.performance import Performance, mean_performance
from ricci_flow.networks.recipe import Recipe
from ricci_flow.networks.trainers import Task, make_trainer
from ricci_flow.tables.keys import CheckpointUnit


class Data(NamedTuple):
    """A scaled data set: X (n, features) float32, y (n) class indices 0 .. classes - 1, uint8.

    image_shape: (rows, columns) of the image that a row of features is, if it is one.
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    classes: int = 2
    image_shape: tuple[int, int] | None = None

    @property
    def inputs(self) -> Shape:
        """Shape of one point: (features,), or (1, rows, columns) of an image."""
        return (1, *self.image_shape) if self.image_shape else (self.X_train.shape[1],)


class Say(Protocol):
    """What `entry.Progress` offers: a line now and then, or always."""

    def __call__(self, message: str, *, always: bool = False) -> None:
        """Say `message`."""


class Ensemble(NamedTuple):
    """Trained networks and how they came to be.

    `parameters`: see `Trainer.parameters`; `layers`: `layer_1` .. `layer_L`, (S, n_test, width),
    the test set after each layer that is measured. `networks` and `seeds` one per network;
    `epochs` and `steps` (S,): how many whole epochs, and how many steps of the optimiser, each was
    trained; `history` one (running means, validation or None) per
    epoch, of networks that had not stopped before; `validation` None where nothing is held out.
    `margin` (S,): mean margin on the test set, or None without an output to take it of;
    `weight_norm` (S,). See `margins`.
    """

    parameters: dict[str, np.ndarray]
    layers: dict[str, np.ndarray]
    networks: list[int]
    seeds: list[int]
    epochs: np.ndarray
    steps: np.ndarray
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
    architecture: Architecture,
    recipe: Recipe,
    *,
    device: str = "auto",
    say: Say | None = None,
) -> Ensemble:
    """Train the networks numbered `networks` of an architecture on `data`.

    By the fused trainer a network comes out the same to the bit whichever others are trained with
    it; by torch it does to rounding, which training amplifies. A network stops by itself where the
    recipe says at what, and is left as it is while others are trained on.
    Final train measures are those of the final weights on the kept rows and the labels trained
    on; test measures are on the true labels. A network whose loss is no longer finite is trained
    on and reported through `say`.

    Raises InputError where there are no networks, or data, architecture, recipe and trainer do not
    fit each other.
    """
    *_, trained = train_in_parts(
        data, streams, networks, architecture, recipe, [recipe.epochs], device=device, say=say
    )
    return trained


def train_in_parts(
    data: Data,
    streams: Streams,
    networks: Sequence[int],
    architecture: Architecture,
    recipe: Recipe,
    checkpoints: Sequence[int],
    *,
    unit: CheckpointUnit = "epochs",
    device: str = "auto",
    say: Say | None = None,
) -> Iterator[Ensemble]:
    """Yield the networks of `train_ensemble` as they are after each of some epochs or steps.

    checkpoints: numbers of epochs, or of steps of the optimiser (one for each batch), as `unit`
    says, ascending, at most those of the recipe; 0 is the initialisation. Training ends with the
    last of them. Where all networks stop before, they are as they stopped; `epochs` and `steps` of
    what is yielded say which did. To look at networks changes nothing of their training.
    """
    if not networks:
        raise InputError("training: needs at least one network")
    if recipe.activation is not None:
        if isinstance(architecture, OwnModule):
            raise architecture.failed("is a module, whose activation no recipe can change")
        architecture = replace(architecture, activation=recipe.activation)
    if recipe.constraints == "none" or recipe.layer_settings:
        if isinstance(architecture, OwnModule):
            raise architecture.failed("is a module, whose layers no recipe can change")
        architecture = architecture.with_settings(recipe.layer_settings)
        if recipe.constraints == "none":
            architecture = architecture.unconstrained
    check_mean_field(architecture, recipe)
    say = say or _silent
    X, n = data.X_train, len(data.X_train)
    rows = draw_rows(streams, networks, n, recipe)
    labels = draw_labels(streams, networks, data.y_train, rows, recipe)
    kept = rows.kept.shape[1]
    smallest = kept % recipe.points_in_batch(kept) or min(kept, recipe.points_in_batch(kept))
    if recipe.epochs and smallest < architecture.smallest_batch:
        raise InputError(
            f"training: the last batch of {kept} points would have {smallest}, and the layers need "
            f"{architecture.smallest_batch} at least; change batch_size or validation_fraction"
        )
    outputs = 1 if data.classes == 2 else data.classes
    place = choose_device(device)
    trainer = make_trainer(
        Task(architecture, recipe, data.inputs, outputs, streams, networks, X, labels, device=place)
    )

    everything = np.tile(np.arange(len(data.X_test)), (len(networks), 1))
    truth = np.tile(data.y_test, (len(networks), 1))
    history: list[tuple[Performance, Performance | None]] = []
    broken, active = np.zeros(len(networks), bool), np.ones(len(networks), bool)
    epochs, steps = np.zeros((2, len(networks)), np.int64)
    in_epoch = recipe.steps(n)
    steps_at = [c * in_epoch if unit == "epochs" else c for c in checkpoints]

    def say_broken(running: Performance, epoch: int) -> None:
        fresh = ~np.isfinite(running.loss) & ~broken & active
        broken[fresh] = True
        for s in np.flatnonzero(fresh):
            say(f"network {networks[int(s)]}: loss not finite from epoch {epoch} on", always=True)

    def validate() -> Performance | None:
        return trainer.evaluate(X, labels, rows.held) if rows.held.size else None

    def as_it_is(validation: Performance | None) -> Ensemble:
        parameters = {name: values.copy() for name, values in trainer.parameters().items()}
        return Ensemble(
            parameters=parameters,
            layers=hidden_layers(architecture, parameters, data.X_test, data.inputs, outputs),
            networks=list(networks),
            seeds=[streams.seed(network) for network in networks],
            epochs=epochs.copy(),
            steps=steps.copy(),
            history=list(history),
            train=trainer.evaluate(X, labels, rows.kept),
            validation=validation,
            test=trainer.evaluate(data.X_test, truth, everything),
            margin=mean_margins(
                logits(architecture, parameters, data.X_test, data.inputs, outputs), data.y_test
            ),
            weight_norm=weight_norms(parameters),
        )

    final = -(-steps_at[-1] // in_epoch)
    if 0 in steps_at and final:
        yield as_it_is(validate())
    begun = time.monotonic()
    for epoch, order in enumerate(draw_orders(streams, networks, rows.kept, final), 1):
        before = (epoch - 1) * in_epoch
        inside = [step for step in steps_at if before < step < before + in_epoch]
        batches = recipe.points_in_batch(kept)
        parts, begin = [], 0
        for step in inside:
            end = (step - before) * batches
            parts.append((trainer.run_batches(order[:, begin:end], epoch - 1), end - begin))
            steps[active], begin = step, end
            yield as_it_is(validate())
        if steps_at[-1] < before + in_epoch:
            say_broken(mean_performance(parts), epoch)
            say(f"step {steps_at[-1]}, the last checkpoint, in epoch {epoch}", always=True)
            return
        parts.append((trainer.run_batches(order[:, begin:], epoch - 1), kept - begin))
        running = mean_performance(parts)
        epochs[active], steps[active] = epoch, before + in_epoch
        history.append((running, validate()))
        say_broken(running, epoch)
        remaining = (time.monotonic() - begun) / epoch * (final - epoch)
        shown = active & ~broken
        if recipe.stop_at is not None:
            active &= ~recipe.stop_at.reached(trainer.evaluate(X, labels, rows.kept))
            trainer.stop(~active)
        last = epoch == final or not active.any()
        say(
            f"epoch {epoch}/{final}: loss {_mean(running.loss[shown])}, "
            f"accuracy {_mean(running.accuracy[shown])}, {0 if last else remaining:.0f} s left",
            always=last,
        )
        if last:
            break
        if before + in_epoch in steps_at:
            yield as_it_is(history[-1][1])
    if recipe.stop_at is not None:
        say(
            f"{(~active).sum()} of {len(networks)} networks stopped at stop_at, after "
            f"{epochs.min()} to {epochs.max()} epochs",
            always=True,
        )
    if broken.any():
        say(
            f"{broken.sum()} of {len(networks)} networks have a loss that is not finite; "
            "they are kept, with their losses as they are",
            always=True,
        )
    validation = history[-1][1] if history else validate()
    for _ in [step for step in steps_at if step >= len(history) * in_epoch]:
        yield as_it_is(validation)


def _silent(message: str, *, always: bool = False) -> None:
    pass


def _mean(values: np.ndarray) -> str:
    return f"{values.mean():.4f}" if values.size else "undefined"
