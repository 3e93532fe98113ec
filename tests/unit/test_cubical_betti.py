"""Betti numbers of feature maps against components of pictures and of their complements."""

import numpy as np
import pytest
from scipy import ndimage

from ricci_flow.graphs.graph import graph_of_edges
from ricci_flow.measures.base import Layer, Undefined
from ricci_flow.measures.cubical_betti import measure, sublevel_betti


def pieces(inside, corners):
    """Return the number of components; corners: whether pixels that share a corner touch."""
    structure = ndimage.generate_binary_structure(inside.ndim, inside.ndim if corners else 1)
    return ndimage.label(inside, structure)[1]


def euler(inside):
    """Return vertices less edges plus faces less solids of closed pixels, each counted once."""
    cells = set()
    for place in np.argwhere(inside):
        for shift in np.ndindex(*(3,) * inside.ndim):  # 0, 1, 2: low end, inside, high end
            cells.add(tuple(2 * place + shift))
    return sum((-1) ** sum(part % 2 for part in cell) for cell in cells)


def by_duality(picture, threshold):
    """Return the Betti numbers: holes (voids) are the components outside that are closed in."""
    inside = picture <= threshold
    outside = np.pad(~inside, 1, constant_values=True)
    whole, closed_in = pieces(inside, True), pieces(outside, False) - 1
    if picture.ndim == 2:
        return [whole, closed_in, 0]
    return [whole, whole + closed_in - euler(inside), closed_in]


@pytest.mark.parametrize("shape", [(9, 9), (7, 4), (5, 5, 5), (3, 6, 6)])
@pytest.mark.parametrize("threshold", [-1.0, 0.0, 0.7, 9.0])
def test_random_pictures_and_volumes(shape, threshold):
    rng = np.random.default_rng(0)
    for _ in range(5):
        picture = rng.normal(size=shape)
        assert sublevel_betti(picture, threshold) == by_duality(picture, threshold)


def test_closed_forms():
    ring = np.ones((3, 3))
    ring[1, 1] = 5
    assert sublevel_betti(ring, 1.0) == [1, 1, 0]
    shell = np.ones((3, 3, 3))
    shell[1, 1, 1] = 5
    assert sublevel_betti(shell, 1.0) == [1, 0, 1]
    assert sublevel_betti(shell, 0.5) == [0, 0, 0]
    assert sublevel_betti(np.eye(2), 0.0) == [1, 0, 0]  # they touch at a corner


def layer(points):
    return Layer(graph_of_edges(len(points), np.empty((0, 2), np.int32)), points=points)


def test_maps_are_summed_over_channels_and_averaged_over_points():
    rng = np.random.default_rng(1)
    maps = rng.normal(size=(6, 3, 5, 5)).astype(np.float32)
    points = layer(maps.reshape(6, -1))
    for dimension in range(2):
        expected = np.mean(
            [sum(by_duality(channel, 0.2)[dimension] for channel in maps[i]) for i in range(4)]
        )
        options = {"dimension": dimension, "threshold": 0.2, "channels": 3}
        assert measure(points, **options, points=4) == pytest.approx(expected)
        # Another order of the channels is the same to maps, and not to a volume.
        other = layer(maps[:, [2, 0, 1]].reshape(6, -1))
        assert measure(other, **options) == measure(points, **options)
    assert measure(other, **options, volume=1) != measure(points, **options, volume=1)


def test_relu_changes_nothing_at_a_threshold_of_zero_or_more():
    points = np.random.default_rng(2).normal(size=(5, 2 * 36)).astype(np.float32)
    for dimension in range(3):
        options = {"dimension": dimension, "threshold": 0.3, "channels": 2, "volume": 1}
        after = measure(layer(np.maximum(points, 0)), **options)
        assert after == measure(layer(points), **options)


def test_units_that_are_no_square_maps_have_a_reason():
    with pytest.raises(Undefined, match="10 units are not 2 square maps"):
        measure(layer(np.zeros((3, 10), np.float32)), channels=2)
