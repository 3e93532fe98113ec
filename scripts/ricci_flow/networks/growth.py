"""Filters of a convolution that grow out of images, without labels.

Source: Zhu and Chen 2023 (arXiv 2309.03049) and the code that they released. A filter answers a
patch x of an image by sigmoid(<w, x> + b). A place of an image is active where some filter answers
it by more than `THRESHOLD` (and less than three times that, which a sigmoid always does). In each
round every image of the few with the most inactive places is given a new filter: that of one of
these places, drawn at random, fitted so that it answers that patch and not the samples of the other
filters. It stays if it makes a place of its image active.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

# By more a filter has to answer a patch, and by less than three times that.
THRESHOLD = 0.65
# A layer is grown where no image has a larger share of inactive places.
ENOUGH = 0.1
# Of the fit of a filter, by Adam.
STEPS, RATE = 100, 0.005
# The fit begins where so many filters have a sample.
FITTED_FROM = 4
# A patch that differs by less, in all its numbers together, from a sample gets no filter.
SAME = 0.2
# So many of the last filters move their samples to the image that is looked at.
MOVING = 5
# The first filter answers patches of zeros: its weights and its bias.
BLANK = -2.0, 1.0


class Filter(NamedTuple):
    """Weights (d,) and bias of one filter."""

    weights: np.ndarray
    bias: float


class Filters(NamedTuple):
    """Weights (m, d) and biases (m,) of m filters, float64.

    rounds: that were made; inactive: the largest share of inactive places that an image has.
    """

    weights: np.ndarray
    biases: np.ndarray
    rounds: int
    inactive: float


def patches_of(images: np.ndarray, kernel: int) -> np.ndarray:
    """Return the patches (n, rows * columns, channels * kernel * kernel), float64, of images.

    images: (n, channels, rows, columns). A patch is what a convolution of stride 1 sees at a place,
    images being padded by zeros so that there are as many places as pixels; kernel: odd.
    """
    edge = kernel // 2
    padded = np.pad(images.astype(np.float64), ((0, 0), (0, 0), (edge, edge), (edge, edge)))
    seen = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(2, 3))
    n, channels, rows, columns = images.shape
    return seen.transpose(0, 2, 3, 1, 4, 5).reshape(n, rows * columns, channels * kernel**2)


def filter_of(patch: np.ndarray) -> Filter:
    """Return the filter that a patch (d,) begins as: <w, patch> is 1, weights add up to 0, no bias.

    That of a patch of equal numbers is the patch itself, since no such weights exist.
    """
    apart = patch - patch.mean()
    return Filter(patch.copy() if np.ptp(patch) == 0 else apart / (apart @ patch), 0.0)


def answers(patches: np.ndarray, filters: Filter | Filters) -> np.ndarray:
    """Return what filters make of patches (.., d): of one (..), of several (.., m)."""
    bias = filters.bias if isinstance(filters, Filter) else filters.biases
    return np.asarray(expit(patches @ filters.weights.T + bias))


def active(patches: np.ndarray, of: Filter, threshold: float = THRESHOLD) -> np.ndarray:
    """Return which patches (.., d) a filter answers, (..) bool."""
    found = answers(patches, of)
    return (found > threshold) & (found < 3 * threshold)


def fitted(begun: Filter, patch: np.ndarray, others: np.ndarray) -> Filter:
    """Return a filter that answers `patch` (d,) by 1 and each of `others` (m, d) by 0, about.

    STEPS steps of Adam (Kingma and Ba 2015) on (f(patch) - 1)^2 + the mean of f(other)^2. Written
    out, since torch takes ten times as long for vectors as short as these.
    """
    seen = np.vstack([patch, others])
    seen = np.column_stack([seen, np.ones(len(seen))])
    target = np.zeros(len(seen))
    target[0] = 1.0
    weight = np.where(target == 1.0, 1.0, 1.0 / len(others))
    values = np.append(begun.weights, begun.bias)
    mean, square = np.zeros((2, len(values)))
    for step in range(1, STEPS + 1):
        f = expit(seen @ values)
        gradient = (2 * weight * (f - target) * f * (1 - f)) @ seen
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        size = np.sqrt(square / (1 - 0.999**step)) + 1e-8
        values = values - RATE * mean / (1 - 0.9**step) / size
    return Filter(values[:-1], float(values[-1]))


def grow(
    patches: np.ndarray,
    generator: np.random.Generator,
    *,
    images: int,
    rounds: int,
    most: int,
    threshold: float = THRESHOLD,
) -> Filters:
    """Return the filters that grow out of the patches (n, places, d) of n images.

    images: that are given a filter in a round; rounds: at most. The first images are drawn at
    random, before the first round. Raises OverflowError where there would be more than `most`
    filters.
    """
    d = patches.shape[2]
    filters = [Filter(np.full(d, BLANK[0]), BLANK[1])]
    samples = [np.zeros(d)]
    on = active(patches, filters[0], threshold)

    def visit(image: int) -> None:
        free = np.flatnonzero(~on[image])
        if not len(free):
            return
        patch = patches[image, generator.choice(free)]
        _move_samples(patches[image], filters, samples, threshold)
        if min(np.abs(sample - patch).sum() for sample in samples) < SAME:
            return
        new = filter_of(patch)
        if len(samples) >= FITTED_FROM:
            new = fitted(new, patch, np.stack(samples))
        if active(patches[image, free], new, threshold).any():
            if len(filters) == most:
                raise OverflowError
            filters.append(new)
            samples.append(patch)
            on[:] |= active(patches, new, threshold)

    for image in generator.integers(len(patches), size=images):
        visit(int(image))
    made = 0
    while (inactive := (~on).mean(axis=1)).max() >= ENOUGH and made < rounds:
        for image in np.argsort(inactive, kind="stable")[-images:]:
            visit(int(image))
        made += 1
    weights = np.stack([one.weights for one in filters])
    biases = np.array([one.bias for one in filters])
    return Filters(weights, biases, made, float(inactive.max()))


def _move_samples(
    places: np.ndarray, filters: list[Filter], samples: list[np.ndarray], threshold: float
) -> None:
    """Let the last filters have as sample the patch of an image, of `places`, they answer most."""
    for number in range(max(0, len(filters) - MOVING), len(filters)):
        found = answers(places, filters[number])
        if found.max() >= threshold:
            samples[number] = places[found.argmax()]


def random_patches(
    patches: np.ndarray, generator: np.random.Generator, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights (count, d) and biases (count,) of filters of patches drawn at random.

    patches: (n, places, d). Not fitted: as `filter_of`. Patches of equal numbers are not drawn.
    """
    known = patches.reshape(-1, patches.shape[2])
    known = known[np.ptp(known, axis=1) > 0]
    drawn = known[generator.choice(len(known), count, replace=len(known) < count)]
    filters = [filter_of(patch) for patch in drawn]
    return np.stack([one.weights for one in filters]), np.array([one.bias for one in filters])
