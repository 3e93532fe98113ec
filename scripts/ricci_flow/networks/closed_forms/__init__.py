"""Layers that a theory gives in closed form, in place of networks; one module each.

A module has `TRAINER`, the trainer whose networks the theory is of, and one of two functions.
`covariances` yields the covariance (n, n) of the test points after each layer, the same for every
unit of it, and units are drawn anew in each layer. `points` yields the test points (n, features)
themselves, which the units of all layers weigh by the same random weights. A condition names the
module with the key `closed_form`; nothing else does.
"""

import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module

import numpy as np

from ricci_flow.errors import InputError, closest
from ricci_flow.networks.recipe import Recipe


@cache
def closed_forms() -> list[str]:
    """Return the names of the modules, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def module_of(name: str) -> str:
    """Return the dotted name of the module of a closed form."""
    return f"{__name__}.{name}"


def check_closed_form(name: str, recipe: Recipe) -> None:
    """Raise InputError where there is no such closed form, or a recipe's trainer is not its own."""
    if name not in closed_forms():
        raise InputError(f"is {name!r}, no module of {__name__}; {closest(name, closed_forms())}")
    trainer = import_module(module_of(name)).TRAINER
    if recipe.trainer != trainer:
        raise InputError(
            f"is {name!r}, a theory of networks of the trainer {trainer!r}, and those that it is "
            f"to be like have {recipe.trainer!r}; name another condition in gaussian_of"
        )


def gives_points(name: str) -> bool:
    """Return whether a closed form is of the points themselves, and not of their covariance."""
    return hasattr(import_module(module_of(name)), "points")


def closed_layers(
    name: str,
    recipe: Recipe,
    X_train: np.ndarray,
    y_train: np.ndarray,
    X_test: np.ndarray,
    widths: Sequence[int],
) -> Iterator[np.ndarray]:
    """Yield what a closed form says of the test points after each layer, float64.

    Their covariance, (n, n), or the points themselves, (n, features), where it `gives_points`.
    X_train, X_test: (rows, features), scaled as for training; y_train: classes 0 and 1; widths: of
    the layers. Raises InputError where the theory does not hold for them.
    """
    module = import_module(module_of(name))
    function = module.points if gives_points(name) else module.covariances
    X, X_new = (rows.astype(np.float64) for rows in (X_train, X_test))
    yield from function(recipe, X, 2.0 * y_train - 1.0, X_new, widths)
