"""Curves on the sphere: the kernel against networks, the certificate against known norms."""

import numpy as np
import pytest
import torch

from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.layer_measures import LayerCell
from ricci_flow.claims.ledger import ledger_table
from ricci_flow.claims.papers import PAPERS
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.claims.verdicts import AS_COUNTED, REPRODUCED
from ricci_flow.datasets.generators import GENERATORS
from ricci_flow.graphs.graph import graph_of_edges
from ricci_flow.measures.base import Layer, Undefined
from ricci_flow.measures.certificate_norm import measure, tangent_kernel

GRAPH = graph_of_edges(300, np.array([[0, 1]], np.int32))


def circles(height, count=150):
    draw = GENERATORS["coaxial_circles"].sample
    return np.concatenate(draw(np.random.default_rng(3), count, count, height=height))


def test_the_kernel_is_that_of_gradients_of_wide_networks():
    """Average over networks of <df(x)/dW, df(x')/dW>, by autograd, as the definition has it."""
    angles, width, depth, networks = np.array([0.3, 1.0, 2.5]), 400, 3, 12
    points = np.stack([np.cos([0, *angles]), np.sin([0, *angles])], axis=1)
    generator, found = torch.Generator().manual_seed(1), []
    for _ in range(networks):
        sizes = [2, *[width] * depth, 1]
        scales = [2 / width] * depth + [1.0]
        weights = [
            (torch.randn(a, b, generator=generator) * scale**0.5).requires_grad_()
            for a, b, scale in zip(sizes, sizes[1:], scales, strict=False)
        ]
        gradients = []
        for x in torch.tensor(points, dtype=torch.float32):
            for W in weights[:-1]:
                x = torch.relu(x @ W)
            parts = torch.autograd.grad((x @ weights[-1])[0], weights)
            gradients.append(torch.cat([part.flatten() for part in parts]))
        found.append([float(gradients[0] @ other) / width for other in gradients[1:]])
    error = np.std(found, axis=0) / np.sqrt(networks) + 2 / width
    assert (np.abs(np.mean(found, axis=0) - tangent_kernel(angles, depth)) < 4 * error).all()
    assert tangent_kernel(np.zeros(1), 7) == pytest.approx(3.5)


@pytest.mark.parametrize(
    ("height", "norms"), [(0.5, (2.735, 1.124, 0.578)), (0.05, (148.1, 19.0, 2.68))]
)
def test_norms_fall_with_depth_as_computed_with_weights_of_length(height, norms):
    points = circles(height).astype(np.float32).astype(float)
    classes = np.repeat([0, 1], 150)
    length = 4 * np.pi * np.sqrt(1 - height**2)
    for depth, norm in zip((2, 10, 50), norms, strict=True):
        layers = [Layer(GRAPH, classes, points)] * (depth + 1)
        assert measure(layers) / np.sqrt(length) == pytest.approx(norm, rel=0.01)
    longer = [Layer(GRAPH, classes, 3 * points)] * 11
    assert measure(longer) / np.sqrt(length) == pytest.approx(norms[1], rel=0.01)


def test_what_has_no_certificate_says_why():
    points, classes = circles(0.2), np.repeat([0, 1], 150)
    with pytest.raises(Undefined, match="two classes"):
        measure([Layer(GRAPH, 0 * classes, points)] * 3)
    with pytest.raises(Undefined, match="no direction"):
        measure([Layer(GRAPH, classes, 0 * points)] * 3)


def test_circles_lie_on_the_sphere_evenly_spaced():
    points = circles(0.3)
    assert np.allclose(np.linalg.norm(points, axis=1), 1)
    assert np.allclose(points[:, 2], np.repeat([-0.3, 0.3], 150))
    steps = np.linalg.norm(np.diff(points[:150], axis=0), axis=1)
    assert np.allclose(steps, 2 * np.sqrt(1 - 0.09) * np.sin(np.pi / 150))


def test_all_right_counts_networks_without_an_error():
    accuracy = np.array([1.0, 0.99, 1.0, np.nan])
    whole = np.ones(4, bool)
    cell = LayerCell(7, np.arange(4), whole, accuracy, accuracy, {})
    (claim,) = chosen_claims(["all_right"])
    assert claim.quantity.in_cell(cell, "synthetic") == pytest.approx((2 / 3,))


def test_layers_without_networks_are_no_control_of_accuracy():
    """Their accuracies are copies, so what trained networks show they would always show, too."""
    rng = np.random.default_rng(0)

    def cells(right):
        whole, values = np.ones(4, bool), np.ones(4) if right else rng.uniform(0, 0.9, 4)
        cell = LayerCell(7, np.arange(4), whole, values, values, {})
        return {(f"set {d}", f"net {a}"): cell for d in range(3) for a in range(3)}

    conditions = {"trained": True, "untrained": False, "random_features": True}
    every = {(name, "m"): cells(right) for name, right in conditions.items()}
    groups = {f"set {d}": "synthetic" for d in range(3)}
    evidence = Evidence(every, groups, 0.95, "s", measure_cell=PAPERS["layers"].measure_cell)
    claims, controls = chosen_claims(["all_right"]), ["untrained", "random_features"]
    for drawn, verdict in (([], AS_COUNTED), (["random_features"], REPRODUCED)):
        table = ledger_table(evidence, claims, controls, {}, drawn)
        assert table["verdict"][0] == verdict
        assert table["control"].to_list() == [None, *(c for c in controls if c not in drawn)]
    # Nor is such a claim judged of them where they are no control.
    table = ledger_table(evidence, claims, ["untrained"], {}, ["random_features"])
    assert table["condition"].unique().to_list() == ["trained"]
