"""What a training recipe is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ricci_flow.errors import InputError

Validation = Literal["tail", "random", "none"]
Labels = Literal["true", "shuffled"]
Activation = Literal["relu", "linear"]

# RMSprop of Keras 2.9 (keras/optimizers/optimizer_v2/rmsprop.py), momentum 0, not centred.
RHO = 0.9
EPSILON = 1e-7


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the networks of an ensemble are trained; Keras 2.9 semantics throughout.

    `epochs` 0 leaves the networks untrained. `validation` is what is held out of the training
    set: `tail` its last rows as stored (as Keras does, so with rows stored by class a single
    class), `random` rows drawn for each network, or `none`. `labels` shuffled permutes the
    labels anew for each network, those trained on and those held out each among themselves, so
    that class frequencies stay. `activation` linear makes a deep linear network.

    Raises InputError where a value is out of its range.
    """

    epochs: int = 50
    batch_size: int = 32
    learning_rate: float = 0.001
    validation: Validation = "random"
    validation_fraction: float = 0.2
    activation: Activation = "relu"
    labels: Labels = "true"

    def __post_init__(self) -> None:
        _require(self.epochs >= 0, "epochs", self.epochs, "0 or more")
        _require(self.batch_size >= 1, "batch_size", self.batch_size, "1 or more")
        _require(self.learning_rate > 0, "learning_rate", self.learning_rate, "more than 0")
        fraction = self.validation_fraction
        _require(0 < fraction < 1, "validation_fraction", fraction, "between 0 and 1")
        _require_one_of("validation", self.validation, get_args(Validation))
        _require_one_of("activation", self.activation, get_args(Activation))
        _require_one_of("labels", self.labels, get_args(Labels))

    def rows_kept(self, rows: int) -> int:
        """Return how many of `rows` training rows are trained on, rounded as Keras does.

        Raises InputError where nothing would be left to train on or to validate on.
        """
        if self.validation == "none":
            return rows
        kept = int(rows * (1.0 - self.validation_fraction))
        if not 0 < kept < rows:
            raise InputError(
                f"validation_fraction {self.validation_fraction} of {rows} training rows leaves "
                f"{kept} to train on; change it, or set validation to none"
            )
        return kept


def _require(holds: bool, name: str, value: object, expected: str) -> None:
    if not holds:
        raise InputError(f"training: {name} is {value}; it must be {expected}")


def _require_one_of(name: str, value: str, choices: Sequence[str]) -> None:
    _require(value in choices, name, repr(value), "one of " + ", ".join(choices))
