"""One network at work: its cloud from layer to layer, with curvature and geodesic mass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from scipy.linalg import orthogonal_procrustes

from ricci_flow.figures.clouds import principal_components
from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    INK,
    MUTED,
    NARROW,
    class_colours,
    in_lines,
    say_nothing_to_draw,
    styled,
)
from ricci_flow.labels import Labels, cut, plain
from ricci_flow.measurement.sources import read_classes
from ricci_flow.storage import TensorFile, damaged, read_json, read_table

FIGURE = Declaration(
    caption="**A cloud moves through a network.** Top: the test points at some layers, each panel "
    "to its own scale, as the two principal components of the layer, turned so that they lie as "
    "near as they can to the panel before. Below: total curvature and geodesic mass at every "
    "hidden layer; under Ricci flow mass would rise where curvature is low. The network is chosen "
    "by a rule: the first data set, architecture and condition of the study, at the *k*\\* of that "
    "cell, and of its kept networks the one whose Ricci coefficient is the median (of two in the "
    "middle the lower).",
    alt="Test points of one network, coloured by class, at its input and at layers up to the last; "
    "below them two lines along the layers, total curvature and geodesic mass.",
    tables={"networks": ("network", "measure", "k", "rho", "kept")},
    inputs={
        "data": "datasets/{data_set}.safetensors",
        "facts": "datasets/{data_set}.json",
        "activations": "activations/{data_set}/{architecture}/{condition}/layers.safetensors",
        "layers": "measures/{data_set}/{architecture}/{condition}/main.parquet",
    },
    of="first_ensemble",
    select=("measure",),
    settings=("labels", "measure"),
)

PANELS = 6
_POINTS_SHOWN = 600
_LINES = {"value": ("total curvature", "o"), "geodesic_mass": ("geodesic mass", "s")}
_UNITS = (("", 1.0), (" (10³)", 1e3), (" (10⁶)", 1e6), (" (10⁹)", 1e9))


@dataclass(frozen=True)
class Moving:
    """One network's cloud: title and points (n, width) of each panel, and classes (n) or None."""

    panels: Sequence[tuple[str, np.ndarray]]
    labels: np.ndarray | None
    classes: Sequence[str]


def median_network(networks: pl.DataFrame) -> dict[str, Any] | None:
    """Return the row of the kept network of median coefficient; None where none has one.

    networks: rows of statistics/networks.parquet, of one cell and measure. Of two in the middle
    the lower is taken, as in statistics/pairs.parquet.
    """
    ordered = networks.filter("kept").drop_nulls("rho").sort("rho", "network")
    return ordered.row((len(ordered) - 1) // 2, named=True) if len(ordered) else None


def shown_layers(first: int, last: int, panels: int = PANELS) -> list[int]:
    """Return which layers get a panel: the first (0 is the input), the last, evenly between."""
    count = min(panels, last - first + 1)
    return np.linspace(first, last, count).round().astype(int).tolist()


def turned(points: np.ndarray, before: np.ndarray | None) -> np.ndarray:
    """Return points (n, 2) turned or mirrored to be as near as they can to those before.

    The orthogonal Procrustes problem (Schönemann 1966); distances stay as they are.
    """
    if before is None:
        return points
    return np.asarray(points @ orthogonal_procrustes(points, before)[0])


def draw(
    networks: pl.DataFrame, files: Sequence[Mapping[str, Path]], labels: Labels, measure: str
) -> Figure:
    """Return the figure of the network that the caption names.

    networks: statistics/networks.parquet of one measure of curvature, `measure`; files: the inputs
    of `FIGURE`, of one ensemble.
    """
    (of,) = files
    facts = read_json(of["facts"], ("data_set", "classes"))
    folder = of["layers"].parent
    cell = {
        "data_set": labels.title("data_sets", facts["data_set"]),
        "architecture": labels.title("architectures", folder.parent.name),
    }
    condition = labels.title("conditions", folder.name)
    chosen = median_network(networks.filter(condition=condition, **cell))
    if chosen is None:
        return say_nothing_to_draw("no network of the first cell has a coefficient")
    network, k = int(chosen["network"]), int(chosen["k"])
    columns = ("network", "layer", "measure", "k", "value", "geodesic_mass")
    along = read_table(of["layers"], columns).filter(measure=measure, k=k, network=network)
    rho = f"{chosen['rho']:.2f}".replace("-", "−")
    heading = f"{', '.join(cell.values())}, network {network}, k = {k}: ρ = {rho}"
    return draw_moving(_read_moving(of, network, facts), along.sort("layer"), heading)


def _read_moving(of: Mapping[str, Path], network: int, facts: Mapping[str, Any]) -> Moving:
    with TensorFile(of["data"]) as data, TensorFile(of["activations"]) as layers:
        last = sum(name.startswith("layer_") for name in layers.names)
        panels = []
        for layer in shown_layers(0 if "X_test" in data.names else 1, last):
            if layer == 0:
                panels.append(("input", data["X_test"]))
                continue
            cloud = layers[f"layer_{layer}"]
            if cloud.ndim != 3 or not 0 <= network < len(cloud):
                raise damaged(of["activations"], f"layer_{layer} has shape {cloud.shape}")
            panels.append((f"layer {layer}", cloud[network]))
    labels = read_classes(of["data"])
    sizes = {len(points) for _, points in panels} | ({len(labels)} if labels is not None else set())
    if len(sizes) != 1:
        raise damaged(of["activations"], f"points of input, layers and classes: {sorted(sizes)}")
    return Moving(panels, labels, tuple(map(plain, facts["classes"])))


@styled
def draw_moving(moving: Moving, along: pl.DataFrame, heading: str) -> Figure:
    """Return the clouds of the panels, and below them curvature and mass along the layers.

    along: one row per hidden layer, in order, with value (total curvature) and geodesic_mass.
    heading: what network it is.
    """
    rows = -(-len(moving.panels) // 3)
    figure = Figure(figsize=(NARROW, 1.3 * rows + 2.1), layout="constrained")
    figure.suptitle(in_lines(heading, 66), fontsize=8.5, x=0.01, ha="left")
    parts = figure.subfigures(2, 1, squeeze=False, height_ratios=(1.3 * rows, 1.6))
    above, below = parts[:, 0]
    axes = above.subplots(rows, 3, squeeze=False).flat
    before = None
    for axis, (title, points) in zip(axes, moving.panels, strict=False):
        scores, _ = principal_components(points, standardise=title == "input")
        before = turned(scores, before)
        _draw_cloud(axis, before, moving.labels)
        axis.set_title(title)
    for axis in axes:
        axis.remove()
    lines = zip(below.subplots(1, 2, squeeze=False)[0], _LINES.items(), strict=True)
    for axis, (name, (label, marker)) in lines:
        _draw_line(axis, along, name, label, marker)
    _legend(figure, moving.classes)
    return figure


def _draw_cloud(axis: Axes, places: np.ndarray, labels: np.ndarray | None) -> None:
    step = -(-len(places) // _POINTS_SHOWN)
    colours = MUTED if labels is None else class_colours(labels[::step])
    across, up = places[::step].T
    axis.scatter(across, up, s=4, c=colours, linewidths=0, alpha=0.8, rasterized=True)
    axis.set(xticks=[], yticks=[])
    axis.set_aspect("equal", "datalim")


def _draw_line(axis: Axes, along: pl.DataFrame, name: str, label: str, marker: str) -> None:
    values = along[name].to_numpy()
    thousands = int(np.log10(max(np.abs(values).max(), 1.0)) // 3)
    unit, size = _UNITS[min(thousands, len(_UNITS) - 1)]
    axis.plot(along["layer"].to_numpy(), values / size, color=INK, marker=marker,
              markersize=3.5, linewidth=1.3)  # fmt: skip
    axis.set_title(f"{label}{unit}")
    axis.set_xlabel("layer")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axis.yaxis.set_major_locator(MaxNLocator(4))


def _legend(figure: Figure, classes: Sequence[str]) -> None:
    if classes:
        dots = [
            Line2D([], [], linestyle="none", marker="o", markersize=4, color=colour, label=name)
            for colour, name in zip(
                class_colours(np.arange(len(classes))), cut(classes, 30).values(), strict=True
            )
        ]
        figure.legend(
            handles=dots, loc="outside lower center", ncols=min(3, len(dots)), handletextpad=0.2
        )
