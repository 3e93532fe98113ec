"""The neighbour graph of one network, layer by layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.errors import InputError
from ricci_flow.figures.clouds import principal_components
from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import MUTED, class_colours, in_lines, panel_grid, styled
from ricci_flow.graphs.ensemble import open_graphs
from ricci_flow.graphs.grid import drawn_k as nearest
from ricci_flow.graphs.grid import resolve_grid
from ricci_flow.labels import Labels, breadth, cut, plain
from ricci_flow.measurement.sources import read_classes
from ricci_flow.storage import TensorFile, damaged, read_json

FIGURE = Declaration(
    caption="**One network, layer by layer.** The neighbour graph of the test points at "
    "every hidden layer, an edge where either point is a neighbour of the other. "
    "Places come from a spring layout that starts from the principal components of "
    "the layer's activations; they carry no units. Where the picture shows a part "
    "of the points, the line above it says so; components are counted over all "
    "points.",
    alt="Neighbour graphs of the layers of one network, coloured by class.",
    inputs={
        "data": "datasets/{data_set}.safetensors",
        "facts": "datasets/{data_set}.json",
        "activations": "activations/{data_set}/{architecture}/{condition}/layers.safetensors",
        "neighbours": "graphs/{data_set}/{architecture}/{condition}/neighbours.safetensors",
    },
    of="first_ensemble",
    settings=("labels", "drawn_k", "k_fractions"),
)

_ITERATIONS = 60


@dataclass(frozen=True)
class LayerGraph:
    """One layer: edges (m, 2) of the union graph of all points and activations (n, width)."""

    layer: int
    edges: np.ndarray
    activations: np.ndarray


def cut_row(neighbours: np.ndarray, tied: np.ndarray, k: int) -> np.ndarray:
    """Return a row's first k entries and those after them that tie with the k-th."""
    end = min(k, len(neighbours))
    while end < len(neighbours) and tied[end]:
        end += 1
    return neighbours[:end]


def read_layers(neighbours: Path, activations: Path, network: int, k: int) -> list[LayerGraph]:
    """Read the union graphs of one network at k, layer by layer."""
    layers = []
    with open_graphs(neighbours) as graphs, TensorFile(activations) as clouds:
        for name, value, bound in (
            ("--k", k, graphs.k_max),
            ("--network", network, graphs.networks - 1),
        ):
            if not 0 <= value <= bound:
                raise InputError(f"{name} {value}: {neighbours} goes up to {bound}; give less")
        for layer in range(1, graphs.layers + 1):
            lists = graphs.lists(layer, network)
            rows = [
                cut_row(lists.indices[a:b], lists.tied[a:b], k)
                for a, b in pairwise(lists.starts.tolist())
            ]
            sources = np.repeat(np.arange(graphs.n), [len(row) for row in rows])
            pairs = np.column_stack([sources, np.concatenate(rows).astype(int)])
            edges = np.unique(np.sort(pairs, axis=1), axis=0)
            cloud = clouds[f"layer_{layer}"]
            if cloud.ndim != 3 or cloud.shape[:2] != (graphs.networks, graphs.n):
                raise damaged(activations, f"layer_{layer} has shape {cloud.shape}")
            layers.append(LayerGraph(layer, edges, cloud[network]))
    return layers


def place_points(layer: LayerGraph, chosen: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return places (points, 2) of the chosen points by a spring layout started from PCA."""
    scores, _ = principal_components(layer.activations[chosen], standardise=False)
    spread = np.abs(scores).max(axis=0)
    start = scores / np.where(spread > 0, spread, 1.0)
    # Dead units stack points on one another; springs need them apart by a hair.
    start = start + np.random.default_rng(seed).normal(0, 1e-3, start.shape)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(chosen)))
    graph.add_edges_from(_among(layer.edges, chosen).tolist())
    layout = nx.spring_layout(
        graph,
        pos=dict(enumerate(start)),
        iterations=_ITERATIONS,
        seed=seed,
        method="force",
    )
    return np.array([layout[i] for i in range(len(chosen))])


def _among(edges: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the edges between chosen points, renumbered by their place in `chosen` (sorted)."""
    inside = np.isin(edges, chosen).all(axis=1)
    return np.searchsorted(chosen, edges[inside])


def _draw_layer(
    axis: Axes, layer: LayerGraph, chosen: np.ndarray, labels: np.ndarray | None
) -> None:
    places = place_points(layer, chosen)
    lines = LineCollection(
        list(places[_among(layer.edges, chosen)]), colors=MUTED, linewidths=0.25, alpha=0.35
    )
    lines.set_rasterized(True)
    axis.add_collection(lines)
    colours = [MUTED] * len(chosen) if labels is None else class_colours(labels[chosen])
    across, up = places.T
    size = 4 if len(chosen) <= 400 else 2
    axis.scatter(across, up, s=size, c=colours, linewidths=0, zorder=2, rasterized=True)
    whole = nx.Graph(layer.edges.tolist())
    whole.add_nodes_from(range(len(layer.activations)))
    parts = nx.number_connected_components(whole)
    axis.set_title(f"layer {layer.layer}")
    axis.text(0, -0.02, f"{parts} component{'s' * (parts > 1)}", va="top", transform=axis.transAxes)
    axis.set_aspect("equal", "datalim")
    axis.axis("off")


def draw(
    files: Sequence[Mapping[str, Path]],
    labels: Labels,
    drawn_k: int | None = None,
    k_fractions: Sequence[float] | None = None,
    network: int = 0,
    points: int = 1000,
) -> Figure:
    """Return the graph of one network of the ensemble whose files are given.

    drawn_k: the k of the graph; where it is None, of the shares k_fractions of the points the one
    that `grid.drawn_k` chooses. points: see `draw_graph`.
    """
    (of,) = files
    facts = read_json(of["facts"], ("data_set", "classes", "n_test"))
    shares = None if drawn_k else k_fractions
    k = nearest(resolve_grid([drawn_k] if drawn_k else None, shares, facts["n_test"]))
    data_set = labels.title("data_sets", facts["data_set"])
    architecture = labels.title("architectures", of["neighbours"].parent.parent.name)
    return draw_graph(
        read_layers(of["neighbours"], of["activations"], network, k),
        read_classes(of["data"]),
        tuple(map(plain, facts["classes"])),
        points,
        f"{data_set}, {architecture}, network {network}, k = {k}",
    )


@styled
def draw_graph(
    layers: list[LayerGraph],
    labels: np.ndarray | None,
    classes: Sequence[str],
    points: int,
    heading: str,
) -> Figure:
    """Return the union graph of every layer, coloured by class where classes are known.

    labels: (n,) class indices, or None. At most `points` points are drawn, spread evenly over the
    file, with the edges between them; components are counted over all. heading: what graph it is.
    """
    n = len(layers[0].activations)
    chosen = np.unique(np.linspace(0, n - 1, min(points, n)).round().astype(int))
    figure, axes = panel_grid(len(layers), height=1.6, extra=0.5)
    for axis, layer in zip(axes, layers, strict=True):
        _draw_layer(axis, layer, chosen, labels)
    shown = f"all {n} points" if len(chosen) == n else f"{len(chosen)} of {n} points"
    figure.suptitle(in_lines(f"{heading}, {shown}", 80), fontsize=8.5, x=0.01, ha="left")
    dots = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker="o",
            markersize=5,
            color=colour,
            label=f"class: {cut(classes, 60)[label]}",
        )
        for colour, label in zip(class_colours(np.arange(len(classes))), classes, strict=True)
    ]
    if not dots:
        return figure
    columns = 2 if sum(breadth(str(dot.get_label())) for dot in dots) < 70 else 1
    figure.legend(handles=dots, loc="outside lower center", ncols=columns, handletextpad=0.2)
    return figure
