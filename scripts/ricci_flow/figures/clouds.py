"""What the data sets look like: scatter, sample images or principal components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ricci_flow.datasets.stored import read_data_set
from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    FAINT,
    MUTED,
    WIDTH,
    class_colours,
    in_lines,
    say_nothing_to_draw,
    styled,
    title_inches,
)
from ricci_flow.labels import Labels, cut, plain

FIGURE = Declaration(
    caption="**The data sets.** Test points of both classes. Three features: as they are. "
    "Images: the first three of each class. Otherwise: the first two principal "
    "components, with their shares of the variance. Features have no units.",
    alt="One panel per data set: scatter plots and sample images of both classes.",
    inputs={"tensors": "datasets/{data_set}.safetensors", "facts": "datasets/{data_set}.json"},
    of="points",
    settings=("labels",),
)

COLUMNS = 3
IMAGES_PER_CLASS = 3
_POINTS_SHOWN = 1500


@dataclass(frozen=True)
class Cloud:
    """The test set of one data set: points (n, d), labels (n) class indices, and names."""

    title: str
    points: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    image_shape: tuple[int, int] | None = None
    standardise: bool = False


def read_cloud(tensors: Path, facts_file: Path, labels: Labels) -> Cloud:
    """Read the test set of datasets/D.safetensors and the facts of D.json."""
    needed = ("data_set", "classes", "image_shape", "scale")
    arrays, facts = read_data_set(tensors, facts_file, needed)
    shape = facts["image_shape"]
    return Cloud(
        title=labels.title("data_sets", str(facts["data_set"])),
        points=arrays["X_test"],
        labels=arrays["y_test"],
        classes=tuple(map(plain, facts["classes"])),
        image_shape=(int(shape[0]), int(shape[1])) if shape else None,
        standardise=facts["scale"] == "standard",
    )


def principal_components(points: np.ndarray, standardise: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the first two principal components (n, 2) and their shares of the variance.

    Signs are fixed so that the largest loading of each component is positive.
    """
    centred = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    if standardise:
        deviation = centred.std(axis=0)
        centred = centred / np.where(deviation > 0, deviation, 1.0)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.sign(axes[np.arange(len(axes)), largest])[:, None]
    scores = centred @ axes.T
    shares = singular[:2] ** 2 / max(float((singular**2).sum()), np.finfo(float).tiny)
    if scores.shape[1] < 2:  # a single feature: a line
        scores, shares = np.column_stack([scores, np.zeros(len(scores))]), np.append(shares, 0.0)
    return scores, shares


def _scatter(axis: Axes, cloud: Cloud, coordinates: np.ndarray) -> None:
    """Scatter all classes in one artist, in the file's order, so that none hides another."""
    step = -(-len(coordinates) // _POINTS_SHOWN)
    colours = class_colours(cloud.labels[::step])
    look: dict[str, Any] = {"s": 3, "c": colours, "linewidths": 0, "alpha": 0.8, "rasterized": True}
    axis.scatter(*coordinates[::step].T, **look)


def _draw_space(axis: Axes, cloud: Cloud) -> None:
    _scatter(axis, cloud, cloud.points)
    for name, dimension in zip("xyz", ("$x_1$", "$x_2$", "$x_3$"), strict=True):
        getattr(axis, f"set_{name}label")(dimension, labelpad=-14, parse_math=True)
        getattr(axis, f"set_{name}ticks")([])
        pane = getattr(axis, f"{name}axis")
        pane.pane.set_facecolor("white")
        pane.pane.set_edgecolor(FAINT)
        pane.line.set_color(MUTED)
    axis.set_box_aspect((1, 1, 0.9), zoom=1.12)  # type: ignore[arg-type, call-arg]
    axis.view_init(elev=18, azim=-62)  # type: ignore[attr-defined]


def _draw_images(axis: Axes, cloud: Cloud, shape: tuple[int, int]) -> None:
    """One row of images per class, the first ones of the file."""
    height, width = shape
    count = len(cloud.classes)
    mosaic = np.full((count * (height + 1) - 1, IMAGES_PER_CLASS * (width + 1) - 1), np.nan)
    for label in range(count):
        chosen = np.flatnonzero(cloud.labels == label)[:IMAGES_PER_CLASS]
        for place, index in enumerate(chosen):
            top, left = label * (height + 1), place * (width + 1)
            mosaic[top : top + height, left : left + width] = cloud.points[index].reshape(shape)
    axis.imshow(mosaic, cmap="gray_r", interpolation="nearest")
    axis.set_xticks([])
    names = [cut(cloud.classes, 14)[name] for name in cloud.classes]
    axis.set_yticks((height - 1) / 2 + (height + 1) * np.arange(count), names)
    axis.tick_params(length=0)
    colours = class_colours(np.arange(count))
    for tick, colour in zip(axis.get_yticklabels(), colours, strict=True):
        tick.set(color=colour, fontweight="bold", rotation=90, va="center", ha="center")
    for side in axis.spines.values():
        side.set_visible(False)


def _draw_plane(axis: Axes, cloud: Cloud) -> None:
    if cloud.points.shape[1] == 2:
        _scatter(axis, cloud, cloud.points)
        axis.set_xlabel("$x_1$", parse_math=True)
        axis.set_ylabel("$x_2$", parse_math=True)
        axis.set_box_aspect(0.85)
        return
    scores, shares = principal_components(cloud.points, cloud.standardise)
    _scatter(axis, cloud, scores)
    axis.set_xlabel(f"component 1 ({100 * shares[0]:.0f} %)")
    axis.set_ylabel(f"component 2 ({100 * shares[1]:.0f} %)")
    axis.set(xticks=[], yticks=[], box_aspect=0.85)


def draw(files: Sequence[Mapping[str, Path]], labels: Labels) -> Figure:
    """Return the figure of the test sets in these files; labels: titles of the data sets."""
    if not files:
        return say_nothing_to_draw("activations were given, without the points of their data sets")
    return draw_clouds([read_cloud(of["tensors"], of["facts"], labels) for of in files])


@styled
def draw_clouds(clouds: Sequence[Cloud]) -> Figure:
    """Return one panel per data set: space, sample images, or first two principal components."""
    columns = min(COLUMNS, len(clouds))
    rows = -(-len(clouds) // columns)
    height = 1.75 + title_inches(cloud.title for cloud in clouds)
    figure = Figure(figsize=(WIDTH, height * rows + 0.3), layout="constrained")
    for place, cloud in enumerate(clouds):
        space = cloud.points.shape[1] == 3 and cloud.image_shape is None
        axis = figure.add_subplot(rows, columns, place + 1, projection="3d" if space else None)
        if cloud.image_shape is not None:
            _draw_images(axis, cloud, cloud.image_shape)
        elif space:
            _draw_space(axis, cloud)
        else:
            _draw_plane(axis, cloud)
        axis.set_title(in_lines(cloud.title), loc="left")
    shown = np.arange(max(len(cloud.classes) for cloud in clouds))
    labels = [f"class y = {label}" for label in shown]
    dots = [
        Line2D([], [], linestyle="none", marker="o", markersize=5, color=colour, label=label)
        for colour, label in zip(class_colours(shown), labels, strict=True)
    ]
    figure.legend(
        handles=dots, loc="outside upper center", ncols=min(5, len(dots)), handletextpad=0.2
    )
    return figure
