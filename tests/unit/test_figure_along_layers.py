"""Layer coefficients, gap and measures of layers along the layers."""

import numpy as np
import polars as pl
import pytest

from ricci_flow.figures.along_layers import draw
from ricci_flow.figures.style import save_svg, series_colour
from ricci_flow.tables.statistics import ALONG_LAYERS

OF = {"networks": 3, "defined": 3, "block": "b", "k_fraction": 0.05, "condition": "trained"}
CELLS = [(d, a) for d in ("rings", "discs") for a in ("plain", "residual")]
LAYERS = {"knn": range(1, 4), "with_both": range(5)}


def rows(measures=("first", "second"), conditions=("trained", "untrained"), settings=LAYERS):
    rng = np.random.default_rng(1)
    found = []
    for setting in settings:
        for d, a in CELLS:
            for condition in conditions:
                for measure in (*measures, "modularity"):
                    for layer in LAYERS[setting]:
                        of_layer = measure == "modularity"
                        row = OF | {"setting": setting, "data_set": d, "architecture": a}
                        row |= {"condition": condition, "measure": measure, "layer": layer}
                        row |= {"scope": "layer" if of_layer else "edge", "value": rng.normal()}
                        if not of_layer:
                            row["gap"] = rng.normal()
                            if layer < max(LAYERS[setting]):
                                row["layer_rho"] = rng.uniform(-1, 1)
                        found.append(row)
    return ALONG_LAYERS.frame(found)


def lines(axis, colour):
    """Return (x, y) of the lines of a colour, thin ones first."""
    drawn = [line for line in axis.get_lines() if line.get_color() == colour]
    return [
        (line.get_xdata().tolist(), line.get_ydata().tolist())
        for line in sorted(drawn, key=lambda line: line.get_linewidth())
    ]


def test_thin_lines_are_the_cells_and_the_thick_one_is_their_mean():
    table = rows()
    figure = draw(table, "second", {"with_both": "with both"})
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert titles == ["plain", "residual"] * 3
    labels = [axis.get_ylabel().replace("\n", "") for axis in figure.axes]
    assert labels == ["layer coefficient", "", "gap between classes", "", "modularity", ""]
    assert figure._supxlabel.get_text() == "layer (with both)"
    for place, (measure, column) in enumerate(
        [("second", "layer_rho"), ("second", "gap"), ("modularity", "value")]
    ):
        for index, condition in enumerate(("trained", "untrained")):
            of = {"setting": "with_both", "architecture": "residual", "condition": condition}
            chosen = table.filter(measure=measure, **of).drop_nulls(column).sort("layer")
            cells = [chosen.filter(data_set=d)[column].to_list() for d in ("rings", "discs")]
            *thin, (x, mean) = lines(figure.axes[2 * place + 1], series_colour(index))
            assert sorted(y for _, y in thin) == sorted(cells)
            assert x == list(range(4 if column == "layer_rho" else 5))
            assert mean == pytest.approx(np.mean(cells, axis=0))
    first, second = figure.axes[:2]
    assert first.get_ylim() == second.get_ylim()


def test_a_measure_that_was_not_asked_for_gives_way_to_the_first():
    table = rows(settings=["knn"])
    named = {
        name: lines(draw(table, name, {}).axes[0], series_colour(0))
        for name in ("first", "second", "forman_directed")
    }
    assert named["forman_directed"] == named["first"] != named["second"]
    assert draw(table, "first", {})._supxlabel.get_text() == "layer"


def test_the_lowest_k_and_each_thing_once():
    table = rows(settings=["knn"])
    others = table.with_columns(k_fraction=pl.lit(0.1), layer_rho=pl.lit(9.0))
    again = table.with_columns(block=pl.lit("another"), layer_rho=pl.lit(8.0))
    alone = draw(table, "first", {})
    both = draw(pl.concat([others, table, again]), "first", {})
    for one, two in zip(alone.axes, both.axes, strict=True):
        assert lines(one, series_colour(0)) == lines(two, series_colour(0))


def test_what_is_undefined_is_left_out_and_nothing_says_so():
    table = rows(measures=["first"], settings=["knn"])
    without = table.with_columns(gap=pl.lit(None, pl.Float64))
    figure = draw(without, "first", {})
    assert {axis.get_ylabel() for axis in figure.axes} - {""} == {
        "layer \ncoefficient",
        "modularity",
    }
    torn = table.with_columns(
        layer_rho=pl.when(data_set="rings", layer=1).then(None).otherwise("layer_rho")
    )
    *_, (x, mean) = lines(draw(torn, "first", {}).axes[0], series_colour(0))
    assert x == [1, 2]
    alone = torn.filter(architecture="plain", condition="trained", measure="first", layer=1)
    assert mean[0] == pytest.approx(alone["layer_rho"].drop_nulls().item())
    gone = without.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("value", "gap"))
    gone = gone.with_columns(layer_rho=pl.lit(None, pl.Float64))
    for empty in (gone, table.clear()):
        figure = draw(empty, "first", {})
        assert not figure.axes
        assert len(figure.texts) == 1


@pytest.mark.parametrize("count", [1, 4, 5])
def test_many_architectures_are_broken_into_rows(count, tmp_path):
    table = pl.concat(
        [
            rows(settings=["knn"])
            .filter(architecture="plain")
            .with_columns(architecture=pl.lit(f"a very long name of architecture number {i}"))
            for i in range(count)
        ]
    )
    figure = draw(table, "first", {})
    assert len(figure.axes) == 3 * count
    save_svg(figure, tmp_path / "one.svg")
    save_svg(draw(table, "first", {}), tmp_path / "two.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert (tmp_path / "one.svg").stat().st_size < 300_000
    figure.draw_without_rendering()  # lays it out
    for axis in figure.axes:
        box, inside = axis._left_title.get_window_extent(), figure.bbox
        assert inside.x0 <= box.x0
        assert box.x1 <= inside.x1 + 1
