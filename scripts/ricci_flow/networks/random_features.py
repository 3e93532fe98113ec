"""Random features: Gaussian clouds in place of the layers of trained networks.

Every layer of a network is replaced by points drawn from the normal distribution that has the
mean and the covariance of its activations. Widths, scales and principal directions stay; clusters,
classes, and every relation of one layer to the next are gone. So what a coefficient of such layers
shares with that of the network is not due to flow. Where a theory knows the covariance of the
points after each layer, clouds are drawn by that instead.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from ricci_flow.seeds import derive_generator, derive_seed


def gaussian_like(cloud: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return as many points as `cloud` (n, width) has, normal with its mean and covariance.

    float32. The covariance (divisor n - 1) may be singular: constant units stay constant, and the
    points stay in the affine span of the cloud.
    """
    values = cloud.astype(np.float64)
    mean = values.mean(axis=0)
    centred = values - mean
    covariance = centred.T @ centred / (len(values) - 1)
    variances, directions = np.linalg.eigh(covariance)
    # What rounding leaves of a zero variance, of either sign, would give width to a flat direction.
    variances[variances < variances[-1] * len(variances) * np.finfo(np.float64).eps] = 0.0
    draws = generator.standard_normal(values.shape)
    points = mean + (draws * np.sqrt(variances)) @ directions.T
    constant = (cloud == cloud[:1]).all(axis=0)
    points[:, constant] = cloud[0, constant]
    return points.astype(np.float32)


def feature_seed(names: Sequence[str], network: int) -> int:
    """Return the seed of a network's Gaussian layers; names: as in `random_features`."""
    return derive_seed(*names, network, "features")


def random_features(
    layers: Mapping[str, np.ndarray], networks: int, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return `layer_1 .. layer_L`, each (networks, n, width) float32.

    layers: activations (S, n, width) of the ensemble that is matched, of which the first
    `networks` are used; names: seed name, data set, architecture, condition. Every layer of every
    network has a random stream of its own.
    """
    return {
        name: np.stack(
            [
                gaussian_like(stack[network], derive_generator(feature_seed(names, network), name))
                for network in range(networks)
            ]
        )
        for name, stack in layers.items()
    }


def gaussian_units(
    layers: Mapping[str, tuple[np.ndarray, int]], networks: int, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return layers, each (networks, n, width) float32, of independent normal units of mean zero.

    layers: by name the covariance (n, n) of the points, the same for every unit, and the width;
    names: as of `random_features`, whose random streams these are.
    """
    drawn = {}
    for name, (covariance, width) in layers.items():
        variances, directions = np.linalg.eigh(covariance)
        root = directions * np.sqrt(variances.clip(0))
        units = [
            derive_generator(feature_seed(names, network), name).standard_normal((len(root), width))
            for network in range(networks)
        ]
        drawn[name] = np.stack([(root @ unit).astype(np.float32) for unit in units])
    return drawn


def weighed_points(
    layers: Mapping[str, tuple[np.ndarray, int]], networks: int, names: Sequence[str]
) -> dict[str, np.ndarray]:
    """Return layers, each (networks, n, width) float32, of units that weigh features at random.

    layers: by name the points (n, features) and the width; names: as of `random_features`. Weights
    are standard normal, a network's own, and the same in all its layers.
    """
    features = {points.shape[1] for points, _ in layers.values()}
    shape = (max(features), max(width for _, width in layers.values()))
    seeds = [feature_seed(names, network) for network in range(networks)]
    weights = np.stack([derive_generator(s, "weights").standard_normal(shape) for s in seeds])
    return {
        name: (points @ weights[:, :, :width]).astype(np.float32)
        for name, (points, width) in layers.items()
    }
