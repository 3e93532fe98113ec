"""The aggregated Ricci coefficient of every cell over k."""

import math
from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.cluster.hierarchy import dendrogram, linkage

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import (
    INK,
    MUTED,
    WIDTH,
    row_labels,
    say_nothing_to_draw,
    styled,
)

FIGURE = Declaration(
    caption="**The aggregated coefficient over *k*.** A row is a cell; rows with similar "
    "curves stand together (average linkage, Euclidean distance over *k*, tree on "
    "the right). Blue is negative, Ricci-flow-like. Dots mark *k*\\*; hatched fields "
    "are undefined (no network kept, or none of them connected at every layer). The "
    "strip below a row, where there is one, is the curve as published in the same "
    "colours, blank where it has no value, with a ring at its lowest point.",
    alt="Heat map of the aggregated Ricci coefficient, rows are cells and columns are k.",
    tables={
        "cells": (),
        "published_curves": ("data_set", "architecture", "k", "share", "rho"),
    },
    select=("condition", "measure"),
)

_ROW_INCHES = 0.165
# With published values a row is higher: the study's field, a strip of theirs below it, a gap.
_ROW_WITH_STRIP = 0.24
_FIELD, _STRIP = 0.58, 0.88


def group_by_grid(table: pl.DataFrame) -> dict[tuple[int, ...], list[tuple[str, str]]]:
    """Return the cells (data set, architecture) that share a grid of k, by that grid."""
    groups: dict[tuple[int, ...], list[tuple[str, str]]] = {}
    for keys, rows in table.group_by(["data_set", "architecture"], maintain_order=True):
        grid = tuple(sorted(int(k) for k in rows["k"].unique()))
        groups.setdefault(grid, []).append((str(keys[0]), str(keys[1])))
    return groups


def coefficient_matrix(
    table: pl.DataFrame, grid: tuple[int, ...], cells: list[tuple[str, str]]
) -> tuple[np.ndarray, list[int | None]]:
    """Return rho (cells, k), nan where undefined, and each cell's column of k* (None: none)."""
    matrix = np.full((len(cells), len(grid)), np.nan)
    stars: list[int | None] = [None] * len(cells)
    for row in table.iter_rows(named=True):
        cell = (row["data_set"], row["architecture"])
        if cell not in cells:
            continue
        i, j = cells.index(cell), grid.index(row["k"])
        if row["rho"] is not None:
            matrix[i, j] = row["rho"]
        if row["is_k_star"]:
            stars[i] = j
    return matrix, stars


def published_strips(
    published: pl.DataFrame | None, groups: Mapping[tuple[int, ...], list[tuple[str, str]]]
) -> dict[tuple[int, ...], np.ndarray | None]:
    """Return the published values of each group at its grid, (cells, k), None where there are none.

    nan: not published at that k or for that cell.
    """
    known: dict[tuple[str, str, int], float] = {}
    if published is not None:
        rows = published.select("data_set", "architecture", "k", "rho").iter_rows()
        known = {(data_set, architecture, k): rho for data_set, architecture, k, rho in rows}
    strips: dict[tuple[int, ...], np.ndarray | None] = {}
    for grid, cells in groups.items():
        values = np.array([[known.get((*cell, k), np.nan) for k in grid] for cell in cells])
        strips[grid] = values if np.isfinite(values).any() else None
    return strips


def cluster_rows(matrix: np.ndarray, grid: tuple[int, ...]) -> tuple[list[int], np.ndarray | None]:
    """Return the order of the rows by average-linkage clustering, and the tree.

    Rows are compared by Euclidean distance over k; undefined values are interpolated in k for
    the comparison alone (at the ends the nearest defined value). Rows with no value come last
    and outside the tree, which is None where fewer than two rows have one.
    """
    defined = [i for i, row in enumerate(matrix) if np.isfinite(row).any()]
    rest = [i for i in range(len(matrix)) if i not in defined]
    if len(defined) < 2:
        return defined + rest, None
    k = np.asarray(grid, dtype=float)
    filled = []
    for i in defined:
        known = np.isfinite(matrix[i])
        filled.append(np.interp(k, k[known], matrix[i, known]))
    tree = linkage(np.asarray(filled), method="average", optimal_ordering=True)
    order = dendrogram(tree, no_plot=True)["leaves"]
    return [defined[i] for i in order] + rest, tree


def _draw_tree(axis: Axes, tree: np.ndarray | None) -> None:
    axis.axis("off")
    if tree is None:
        return
    drawn = dendrogram(tree, no_plot=True)
    for places, heights in zip(drawn["icoord"], drawn["dcoord"], strict=True):
        axis.plot(heights, np.asarray(places) / 10, color=MUTED, linewidth=0.7)
    axis.set_xlim(left=0)


def _lay_out(matrix: np.ndarray, strip: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of all bands, (bands, k), and the edges of the bands, (bands + 1,).

    strip: published values, (rows, k), nan where there is none; None: the rows are whole.
    """
    rows = np.arange(len(matrix), dtype=float)
    if strip is None:
        return matrix, np.append(rows, len(matrix))
    gap = np.full(matrix.shape, np.nan)
    bands = np.stack([matrix, strip, gap], axis=1).reshape(-1, matrix.shape[1])
    edges = np.stack([rows, rows + _FIELD, rows + _STRIP], axis=1).ravel()
    return bands, np.append(edges, len(matrix))


def _draw_group(
    axis: Axes,
    matrix: np.ndarray,
    strip: np.ndarray | None,
    stars: list[int | None],
    cells: list[tuple[str, str]],
    grid: tuple[int, ...],
    limit: float,
    labels: dict[tuple[str, str], str],
) -> Collection:
    bands, edges = _lay_out(matrix, strip)
    places = np.arange(len(grid) + 1)
    # The gaps between rows take no place in the file where each field is drawn for itself.
    mesh = (axis.pcolormesh if strip is None else axis.pcolor)(
        places,
        edges,
        np.ma.masked_invalid(bands),
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        edgecolors="white",
        linewidth=0.4,
    )
    # Of published values a missing one is left blank.
    missing, _ = _lay_out(np.isnan(matrix), None if strip is None else np.zeros(strip.shape, bool))
    undefined = np.ma.masked_where(missing != 1, np.zeros(missing.shape))
    if undefined.count():
        blank = ListedColormap(["white"])
        axis.pcolor(
            places, edges, undefined, cmap=blank, edgecolor=MUTED, hatch="/////", linewidth=0
        )
    middle = (1 if strip is None else _FIELD) / 2
    marked = [(j + 0.5, i + middle) for i, j in enumerate(stars) if j is not None]
    if marked:
        columns, rows = zip(*marked, strict=True)
        axis.scatter(columns, rows, s=15, c=INK, edgecolors="white", linewidths=0.7)
    lowest = [] if strip is None else [i for i, row in enumerate(strip) if np.isfinite(row).any()]
    if strip is not None and lowest:
        axis.scatter(
            [np.nanargmin(strip[i]) + 0.5 for i in lowest],
            [i + (_FIELD + _STRIP) / 2 for i in lowest],
            s=7,
            c="white",
            edgecolors=INK,
            linewidths=0.7,
        )
    axis.set_xticks(np.arange(len(grid)) + 0.5, [str(k) for k in grid], rotation=90)
    middles = np.arange(len(cells)) + (0.5 if strip is None else _STRIP / 2)
    axis.set_yticks(middles, [labels[cell] for cell in cells])
    axis.set_ylim(len(cells), 0)
    axis.tick_params(length=0)
    for side in axis.spines.values():
        side.set_visible(False)
    return mesh


@styled
def draw(table: pl.DataFrame, published: pl.DataFrame | None = None) -> Figure:
    """Return the aggregated coefficient over k, clustered rows; a panel per grid of k.

    table: statistics/cells.parquet of one condition and measure; published:
    published_curves.parquet, if any, drawn as a strip below each row, at the k that both have. A
    dot marks k*, a ring the published one; hatching marks an undefined coefficient.
    """
    if table.is_empty():
        return say_nothing_to_draw("no cell was measured under this condition and measure")
    groups = group_by_grid(table)
    strips = published_strips(published, groups)
    heights = [
        (_ROW_INCHES if strips[grid] is None else _ROW_WITH_STRIP) * len(cells)
        for grid, cells in groups.items()
    ]
    figure = Figure(figsize=(WIDTH, sum(heights) + 0.5 * len(groups) + 0.7), layout="constrained")
    grid = figure.add_gridspec(len(groups), 2, height_ratios=heights, width_ratios=(1, 0.12))
    drawn = [table["rho"].cast(pl.Float64).fill_null(0).to_numpy()]
    drawn += [strip.ravel() for strip in strips.values() if strip is not None]
    largest = float(np.nanmax(np.abs(np.concatenate(drawn))))
    limit = max(0.1, math.ceil(10 * largest) / 10)
    every = [cell for cells in groups.values() for cell in cells]
    labels = dict(zip(every, row_labels(every), strict=True))
    maps: list[Axes] = []
    for place, (ks, cells) in enumerate(groups.items()):
        matrix, stars = coefficient_matrix(table, ks, cells)
        strip = strips[ks]
        order, tree = cluster_rows(matrix, ks)
        axis = figure.add_subplot(grid[place, 0])
        mesh = _draw_group(
            axis,
            matrix[order],
            None if strip is None else strip[order],
            [stars[i] for i in order],
            [cells[i] for i in order],
            ks,
            limit,
            labels,
        )
        _draw_tree(figure.add_subplot(grid[place, 1], sharey=axis), tree)
        maps.append(axis)
    maps[-1].set_xlabel("k (nearest neighbours)")
    bar = figure.colorbar(mesh, ax=maps, location="top", aspect=45, pad=0.01)
    words = "aggregated Ricci coefficient ρ\n(● k*,  hatched: undefined)"
    if any(strip is not None for strip in strips.values()):
        words += "\nstrip below: as published  (○ k*)"
    bar.set_label(words)
    bar.locator = MaxNLocator(nbins=6, steps=[1, 2, 5, 10])
    bar.update_ticks()
    bar.outline.set_visible(False)
    return figure
