"""The figures: what is drawn is what was given, and the same bytes every time."""

import numpy as np
import polars as pl
import pytest

from ricci_flow.figures.accuracy import draw as draw_accuracy
from ricci_flow.figures.accuracy import stretch, unstretch
from ricci_flow.figures.accuracy_z import draw as draw_accuracy_z
from ricci_flow.figures.conditions import draw as draw_conditions
from ricci_flow.figures.draw import selected
from ricci_flow.figures.heatmap import cluster_rows, coefficient_matrix, group_by_grid
from ricci_flow.figures.heatmap import draw as draw_heatmap
from ricci_flow.figures.layers import draw as draw_layers
from ricci_flow.figures.layers import relative_to_first
from ricci_flow.figures.measures import draw as draw_measures
from ricci_flow.figures.pairs import draw as draw_pairs
from ricci_flow.figures.style import architecture_looks, save_svg
from ricci_flow.tables.statistics import FURTHER
from tests.fixtures import synthetic_statistics, synthetic_study

DRAW = {
    "accuracy": draw_accuracy,
    "layers": draw_layers,
    "cells": draw_heatmap,
    "pairs": draw_pairs,
    "networks": draw_accuracy_z,
}


@pytest.fixture(scope="module")
def tables():
    made = synthetic_statistics.statistics_tables()
    return {
        name: shown(selected(made[name], {"condition": "trained", "measure": "forman_directed"}))
        for name in DRAW
    }


def shown(table, labels=synthetic_study.LABELS):
    return labels.show(labels.with_shape(table))


@pytest.fixture(scope="module")
def published():
    return shown(synthetic_statistics.statistics_tables()["published_curves"])


def panels(figure):
    return {axis.get_title(loc="left"): axis for axis in figure.axes}


@pytest.mark.parametrize("name", DRAW)
def test_bytes_are_the_same_and_few(tables, name, tmp_path):
    for file in ("a.svg", "b.svg"):
        save_svg(DRAW[name](tables[name]), tmp_path / file)
    first = (tmp_path / "a.svg").read_bytes()
    assert first == (tmp_path / "b.svg").read_bytes()
    assert len(first) < 500_000
    assert b"<dc:date>" not in first


@pytest.mark.parametrize("name", DRAW)
def test_one_data_set_and_no_rows(tables, name, tmp_path):
    one = tables[name].filter(pl.col("data_set") == "A", pl.col("architecture") == "wide 5")
    for number, table in enumerate((one, tables[name].clear())):
        save_svg(DRAW[name](table), tmp_path / f"{number}.svg")


def test_accuracy_shows_every_network_and_counts_the_kept(tables):
    figure = draw_accuracy(tables["accuracy"])
    axes = panels(figure)
    assert list(axes) == list(synthetic_study.DATA_SETS)
    for data_set, axis in axes.items():
        rows = tables["accuracy"].filter(pl.col("data_set") == data_set)
        drawn = np.concatenate([c.get_offsets()[:, 1] for c in axis.collections])
        np.testing.assert_allclose(np.sort(drawn), np.sort(rows["test_accuracy"].to_numpy()))
        assert axis.lines[0].get_ydata()[0] == rows["threshold"][0]
        counts = [int(text.get_text()) for text in axis.texts]
        assert sum(counts) == rows["kept"].sum()


def test_accuracies_and_thresholds_that_do_not_exist_are_left_out(tables, tmp_path):
    table = tables["accuracy"].with_columns(
        threshold=pl.when(pl.col("data_set") != "A").then("threshold"),
        test_accuracy=pl.when(pl.col("network") > 0).then("test_accuracy"),
    )
    figure = draw_accuracy(table)
    for data_set, axis in panels(figure).items():
        assert len(axis.lines) == (data_set != "A")
        rows = table.filter(pl.col("network") > 0, data_set=data_set)
        assert sum(len(c.get_offsets()) for c in axis.collections) == len(rows)
    save_svg(figure, tmp_path / "x.svg")
    nothing = pl.lit(None, pl.Float64)
    for name, draw in (("accuracy", draw_accuracy), ("networks", draw_accuracy_z)):
        figure = draw(tables[name].with_columns(test_accuracy=nothing))
        assert "test accuracy" in figure.texts[0].get_text()


@pytest.mark.parametrize("name", ["accuracy", "networks"])
def test_long_names_of_data_sets_stay_in_their_panels(tables, name):
    long = {"A": "fmnist_sandal_boot", "B": "fmnist_shirt_coat", "C": "synthetic_sheets_4d"}
    table = tables[name].with_columns(pl.col("data_set").replace(long))
    figure = DRAW[name](table)
    figure.draw_without_rendering()
    titles = [(axis, axis.get_title(loc="left")) for axis in figure.axes]
    assert {"".join(t.split("\n")) for _, t in titles} >= set(long.values())
    for axis, _ in titles:
        title = axis._left_title.get_window_extent()
        beside = [other.bbox.x0 for other in figure.axes if other.bbox.x0 > axis.bbox.x1]
        assert title.x1 < min(beside, default=figure.bbox.x1)


def test_stretched_axis_is_monotone_and_invertible():
    values = np.array([0.0, 0.5, 0.9, 0.99, 0.999, 1.0])
    assert (np.diff(stretch(values)) > 0).all()
    np.testing.assert_allclose(unstretch(stretch(values)), values, atol=1e-12)


def test_layers_are_percent_of_the_first(tables):
    table = tables["layers"]
    rows = table.filter(pl.col("data_set") == "B", pl.col("architecture") == "wide 11")
    change, spread = relative_to_first(rows, "curvature")
    first = rows.sort("layer")["curvature"][0]
    assert change[0] == 0
    assert change[-1] == pytest.approx(100 * (rows["curvature"][-1] - first) / abs(first))
    assert spread[0] == pytest.approx(100 * rows["curvature_sd"][0] / abs(first))
    figure = draw_layers(table)
    assert len(figure.axes) == 2 * len(synthetic_study.DATA_SETS)
    multiple, _ = relative_to_first(rows, "geodesic_mass")
    assert multiple[0] == 1
    here = [axis for axis in figure.axes if axis.get_title(loc="left") == "B"]
    for axis, wanted in zip(here, (change, multiple), strict=True):
        drawn = [line.get_ydata() for line in axis.lines]
        assert any(len(y) == 11 and np.allclose(y, wanted) for y in drawn)
    assert figure.axes[1].get_yscale() == "log"


def test_layers_without_sd_or_mass_are_drawn_without():
    rows = pl.DataFrame(
        {"layer": [1, 2], "geodesic_mass": [None, 3.0], "geodesic_mass_sd": [None, None]},
        schema={"layer": pl.Int32, "geodesic_mass": pl.Float64, "geodesic_mass_sd": pl.Float64},
    )
    change, spread = relative_to_first(rows, "geodesic_mass")
    assert np.isnan(change).all()
    assert np.isnan(spread).all()


def test_heatmap_holds_the_coefficients_and_marks_the_least(tables):
    table = tables["cells"]
    groups = group_by_grid(table)
    assert [len(cells) for cells in groups.values()] == [18, 12, 6]
    figure = draw_heatmap(table)
    maps = [axis for axis in figure.axes if axis.get_yticklabels() and axis.get_xticklabels()]
    grid, cells = next(iter(groups.items()))
    matrix, stars = coefficient_matrix(table, grid, cells)
    order, _ = cluster_rows(matrix, grid)
    mesh, _, dots = maps[0].collections
    drawn = np.ma.filled(mesh.get_array(), np.nan)
    np.testing.assert_array_equal(drawn, matrix[order])
    for place, (x, y) in enumerate(dots.get_offsets()):
        assert y == place + 0.5
        assert x - 0.5 == np.nanargmin(matrix[order][place]) == stars[order[place]]
    limits = mesh.get_clim()
    assert limits[0] == -limits[1]


def test_strips_of_the_heatmap_are_the_published_curves(tables, published):
    gone = (pl.col("k") == pl.col("k").min().over("data_set")) & ~pl.col("is_k_star")
    table = tables["cells"].with_columns(rho=pl.when(~gone).then("rho"))
    figure = draw_heatmap(table, published)
    columns = ("data_set", "architecture", "k", "rho")
    known = {tuple(row[:3]): row[3] for row in published.select(columns).iter_rows()}
    grid, cells = next(iter(group_by_grid(table).items()))  # of A, B and C
    matrix, stars = coefficient_matrix(table, grid, cells)
    order, _ = cluster_rows(matrix, grid)
    drawn, hatched, dots, rings = figure.axes[0].collections
    fields = {}
    for path, value in zip(drawn.get_paths(), drawn.get_array().compressed(), strict=True):
        (left, bottom), (_, top) = path.vertices.min(axis=0), path.vertices.max(axis=0)
        fields[round(left), round(bottom, 6), round(top, 6)] = value
    hatches = {
        (round(path.vertices[:, 0].min()), round(path.vertices[:, 1].min(), 6))
        for path in hatched.get_paths()
    }
    assert hatched.get_hatch()
    expected, gone = {}, set()
    for row, place in enumerate(order):
        for j, k in enumerate(grid):
            if np.isnan(matrix[place, j]):
                gone.add((j, row))
            else:
                expected[j, row, row + 0.58] = matrix[place, j]
            if (*cells[place], k) in known:
                expected[j, row + 0.58, row + 0.88] = known[*cells[place], k]
    assert fields == expected
    assert hatches == gone
    assert len(dots.get_offsets()) == sum(star is not None for star in stars)
    for (x, y), place in zip(rings.get_offsets(), order, strict=True):
        curve = published.filter(data_set=cells[place][0], architecture=cells[place][1])
        shared = curve.filter(pl.col("k").is_in(list(grid)))
        assert shared.sort("rho")["k"][0] == grid[int(x)]
        assert y % 1 == pytest.approx(0.73)
    # Grids that the paper has no cell of are drawn as without it.
    one, other = (
        draw(table.filter(pl.col("data_set") == "digits_6v8"))
        for draw in (draw_heatmap, lambda rows: draw_heatmap(rows, published))
    )
    assert one.get_size_inches().tolist() == other.get_size_inches().tolist()
    assert len(one.axes[0].collections) == len(other.axes[0].collections)


def test_undefined_cells_are_hatched_and_last(tables):
    table = tables["cells"].filter(pl.col("data_set") == "digits_6v8")
    axis = draw_heatmap(table).axes[0]
    assert axis.get_yticklabels()[-1].get_text() == "digits_6v8  narrow 11"
    hatched = next(c for c in axis.collections if c.get_hatch())
    assert np.ma.count(hatched.get_array()) == table["rho"].null_count()
    assert len(axis.collections[-1].get_offsets()) == 5


def test_clustering_puts_like_rows_together():
    low, high = np.linspace(-0.6, 0, 5), np.linspace(0.6, 0, 5)
    gap = low.copy()
    gap[2] = np.nan
    nothing = np.full(5, np.nan)
    order, tree = cluster_rows(np.array([low, high, nothing, gap, high]), (1, 2, 3, 4, 5))
    assert order[-1] == 2
    assert {frozenset(order[:2]), frozenset(order[2:4])} == {frozenset({0, 3}), frozenset({1, 4})}
    assert tree is not None
    assert cluster_rows(np.array([low]), (1, 2, 3, 4, 5)) == ([0], None)


def test_slope_of_a_pairs_line_is_rho(tables):
    table = tables["pairs"]
    figure = draw_pairs(table)
    assert len(panels(figure)) == 12
    axis = panels(figure)["A, depth 5"]
    row = table.filter(pl.col("data_set") == "A", pl.col("architecture") == "narrow 5")
    line = next(line for line in axis.lines if line.get_linewidth() == 1.2)
    (x0, x1), (y0, y1) = line.get_xdata(), line.get_ydata()
    assert (y1 - y0) / (x1 - x0) == pytest.approx(row["rho"][0])
    points = axis.collections[0].get_offsets()
    assert np.polyfit(points[:, 0], points[:, 1], 1)[0] == pytest.approx(row["rho"][0], abs=1e-6)


def test_accuracy_z_leaves_out_what_is_not_kept_or_undefined(tables):
    table = tables["networks"]
    figure = draw_accuracy_z(table)
    kept = table.filter(pl.col("kept") & pl.col("rho").is_not_null())
    drawn = sum(len(c.get_offsets()) for axis in figure.axes for c in axis.collections)
    assert drawn == len(kept)
    infinite = table.with_columns(z_printed=pl.lit(float("-inf")))
    assert "no kept network" in draw_accuracy_z(infinite).texts[0].get_text()


def test_looks_tell_architectures_apart():
    rows = [("resnet_18", 5, "25"), ("a", 5, "50"), ("b", 11, "25"), ("c", 7, "25"), ("d", 11, "9")]
    rows += [("linear twin", 5, "50"), ("unknown", None, None)]
    table = pl.DataFrame(rows, schema=["architecture", "depth", "width"], orient="row")
    looks = architecture_looks(table)
    assert [look.depth for look in looks.values()] == [None, 5, 5, 5, 7, 11, 11]
    assert len({(look.colour, look.marker) for look in looks.values()}) == len(rows)
    assert len({(look.colour, str(look.line)) for look in looks.values()}) == len(rows)
    assert looks["resnet_18"].colour == looks["b"].colour == looks["c"].colour
    assert looks["b"].line == looks["d"].line == "-"


def test_conditions_show_every_cell_at_its_k_star_and_the_published_value():
    made = synthetic_statistics.statistics_tables()
    cells, comparison = (
        made[name].filter(pl.col("measure") == "forman_directed")
        for name in ("cells", "comparison")
    )
    both = pl.concat([cells, cells.with_columns(condition=pl.lit("untrained"), rho=-pl.col("rho"))])
    figure = draw_conditions(both, comparison)
    for data_set, axis in panels(figure).items():
        trained, untrained, published = axis.collections
        stars = cells.filter("is_k_star", pl.col("data_set") == data_set)["rho"].to_list()
        assert [x for x, _ in trained.get_offsets().data] == stars
        assert [x for x, _ in untrained.get_offsets().data] == [-x for x in stars]
        expected = comparison.filter(pl.col("data_set") == data_set)["published_rho"].to_list()
        assert [x for x, _ in published.get_offsets().data] == expected


def test_a_measure_without_any_coefficient_at_a_share_keeps_its_row():
    further = FURTHER.frame(
        {"block": "b", "setting": "knn", "measure": measure, "condition": "trained",
         "scope": "edge", "k_fraction": share, "rho": rho}
        for measure, share, rho in [("m", 0.05, None), ("m", 0.1, 0.5), ("other", 0.05, -0.5)]
    )  # fmt: skip
    figure = draw_measures(further, ["b"], {})
    few, many = figure.axes
    assert [len(marks.get_offsets()) for marks in few.collections] == [0, 1]
    assert [len(marks.get_offsets()) for marks in many.collections] == [1, 0]
    assert [text.get_text() for text in few.get_yticklabels()] == ["m", "other"]
