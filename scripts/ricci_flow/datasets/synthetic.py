"""Kind `synthetic`: clouds drawn by a generator."""

from collections.abc import Callable

import numpy as np

from ricci_flow.datasets.cloud import Cloud, Part
from ricci_flow.datasets.generators import GENERATORS, Generator
from ricci_flow.datasets.request import Request, Synthetic
from ricci_flow.errors import InputError
from ricci_flow.seeds import derive_generator, derive_seed


def load(request: Request, entry: Synthetic, say: Callable[[str], None]) -> Cloud:
    """Draw n_train and n_test points, of each class the share that the generator says.

    Training and test points come from two independent streams of the seed
    derive_seed(seed_name, name, "data"), so the test points do not depend on n_train. Raises
    InputError where they would take more memory than is allowed.
    """
    generator = GENERATORS[entry.generator]
    n_train, n_test = entry.n_train, entry.n_test
    needed = entry.features * 8 * (n_train + n_test)
    if needed > request.max_bytes:
        raise InputError(
            f"{request.where}: {n_train} + {n_test} points take {needed} bytes, more than "
            f"max_bytes {request.max_bytes}; ask for fewer, or raise the limit"
        )
    names = (request.seed_name, request.name, "data")
    train, test = derive_generator(*names).spawn(2)
    return Cloud(
        train=_draw(generator, train, n_train, entry.values()),
        test=_draw(generator, test, n_test, entry.test_values()),
        classes=generator.classes,
        source=f"generator {entry.generator}",
        scale="none",
        seed=derive_seed(*names),
        parameters={
            "generator": entry.generator,
            **entry.values(),
            **{f"test_{name}": value for name, value in (entry.test_parameters or {}).items()},
        },
    )


def _draw(
    generator: Generator, rng: np.random.Generator, count: int, parameters: dict[str, float]
) -> Part:
    counts = generator.counts(count)
    clouds = generator.sample(rng, *counts, **parameters)
    # Drawn points are float32 whatever they are made of, so that they stay what they have been.
    X = np.concatenate(clouds).astype(np.float32)
    y = np.repeat(np.arange(len(counts), dtype=np.uint8), [len(cloud) for cloud in clouds])
    return Part(X, y)
