"""The curves over k and the forest plot: what is drawn is what is given."""

import numpy as np
import polars as pl
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Polygon

from ricci_flow.analysis.accuracy_link import PRIMARY
from ricci_flow.analysis.baselines import ALONE, BASELINES, PARTIAL
from ricci_flow.errors import InputError
from ricci_flow.figures import forest
from ricci_flow.figures.forest import draw as draw_forest
from ricci_flow.figures.forest import forest_rows, slope_rows
from ricci_flow.figures.k_curves import draw as draw_k_curves
from ricci_flow.figures.style import save_svg
from ricci_flow.labels import BASELINE_QUANTITIES, META_ANALYSES, METHODS, PREDICTORS, SLOPES
from ricci_flow.storage import write_table
from tests.fixtures import drawing, synthetic_statistics, synthetic_study

FOREST = ("within_cells", "accuracy_link", "baselines")


@pytest.fixture(scope="module")
def made():
    return synthetic_statistics.statistics_tables()


@pytest.fixture(scope="module")
def curves(made):
    return made["k_curves"].filter(measure="forman_directed")


@pytest.fixture(scope="module")
def tables(made):
    return [made[name].filter(condition="trained", measure="forman_directed") for name in FOREST]


def test_every_panel_holds_its_curves_and_the_band_of_the_first(curves):
    figure = draw_k_curves(curves)
    grid = np.array(figure.axes).reshape(6, 6)
    for d, data_set in enumerate(synthetic_study.DATA_SETS):
        assert grid[d, 0].get_title(loc="left") == data_set
        for a, architecture in enumerate(synthetic_study.ARCHITECTURES):
            axis = grid[d, a]
            cell = curves.filter(data_set=data_set, architecture=architecture).sort("k")
            drawn = axis.lines[2:]  # after zero and a tenth
            for line, condition in zip(reversed(drawn), ("trained", "untrained"), strict=True):
                rows = cell.filter(condition=condition)
                np.testing.assert_array_equal(line.get_xdata(), rows["share"])
                rho = rows["rho"].cast(pl.Float64).fill_null(np.nan)
                np.testing.assert_array_equal(line.get_ydata(), rho)
            (band,) = axis.collections
            known = cell.filter(pl.col("low").is_not_null(), condition="trained")
            corners = [path.vertices for path in band.get_paths()]
            if len(known):
                heights = np.concatenate(corners)[:, 1]
                assert heights.min() == pytest.approx(known["low"].min())
                assert heights.max() == pytest.approx(known["high"].max())
            else:
                assert not corners
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert shown == ["trained", "untrained"]


def test_published_curves_are_dashed_behind_where_the_paper_has_the_cell(curves, made):
    published = made["published_curves"]
    figure = draw_k_curves(curves, published)
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert shown == ["trained", "untrained", "as published"]
    grid = np.array(figure.axes).reshape(6, 6)
    with_curve = 0
    for d, data_set in enumerate(synthetic_study.DATA_SETS):
        for a, architecture in enumerate(synthetic_study.ARCHITECTURES):
            lines = grid[d, a].lines
            (*dashed,) = (line for line in lines if line.is_dashed())
            rows = published.filter(data_set=data_set, architecture=architecture).sort("k")
            assert len(dashed) == (len(rows) > 0)
            for line in dashed:
                with_curve += 1
                np.testing.assert_array_equal(line.get_xdata(), rows["share"])
                np.testing.assert_array_equal(line.get_ydata(), rows["rho"])
                low, high = grid[d, a].get_xlim()
                assert low < min(rows["share"]) < max(rows["share"]) < high
                others = [other.zorder for other in lines[2:] if other is not line]
                assert line.zorder < min(others)
    assert with_curve == 18
    without = draw_k_curves(curves, published.clear())
    shown = [text.get_text() for text in without.legends[0].get_texts()]
    assert shown == ["trained", "untrained"]


def test_a_grid_within_a_decade_has_ticks_too(curves):
    short = curves.filter(pl.col("share").is_between(0.02, 0.06))
    axis = draw_k_curves(short).axes[0]
    low, high = axis.get_xlim()
    assert len([tick for tick in axis.get_xticks() if low <= tick <= high]) == 2


def test_rows_are_the_cells_and_what_they_add_up_to(tables):
    within, link, baselines = tables
    rows = forest_rows(*tables)
    cells = [row for row in rows if row.kind == "cell"]
    assert [row.estimate for row in cells] == within["spearman"].to_list()
    assert [row.networks for row in cells] == within["networks"].to_list()
    (primary,) = (row for row in rows if row.kind == "primary")
    expected = link.filter(pl.col("primary"))
    assert primary[2:5] == expected.select("estimate", "low", "high").row(0)
    pooled = [row for row in rows if row.kind == "pooled"]
    # Two more meta-analyses of the coefficient come first.
    for place, quantity in ((2, PARTIAL), (2 + len(BASELINES), ALONE)):
        for row, name in zip(pooled[place:], BASELINES, strict=False):
            given = baselines.filter(quantity=quantity, predictor=name)
            assert row[2:5] == given.select("estimate", "low", "high").row(0)
    assert len(pooled) == 2 + 2 * len(BASELINES)


def test_slopes_beyond_one_exclude_zero(tables):
    link = tables[1]
    rows = slope_rows(link)[1:]
    methods = [name for name in link["method"] if name in SLOPES]
    assert len(rows) == len(methods) == 6
    for row, name in zip(rows, SLOPES, strict=True):
        given = link.filter(method=name).row(0, named=True)
        half = (given["high"] - given["low"]) / 2
        assert row.high - row.low == pytest.approx(2)
        assert row.estimate * half == pytest.approx(given["estimate"])
        assert (row.low > 0 or row.high < 0) == (given["low"] > 0 or given["high"] < 0)


def test_every_name_is_one_of_the_tables(made):
    methods = set(made["accuracy_link"]["method"])
    assert set(METHODS) == methods
    assert next(iter(META_ANALYSES)) == PRIMARY
    assert {ALONE, PARTIAL} < {*BASELINE_QUANTITIES} == {*made["baselines"]["quantity"]}
    assert {*BASELINES} < {*PREDICTORS} == {*made["baselines"]["predictor"]}


def test_no_row_vanishes_unseen(tables):
    within, link, baselines = tables
    with pytest.raises(InputError, match="no method meta_all"):
        draw_forest(within, link.filter(pl.col("method") != "meta_all"), baselines)


def test_the_forest_draws_each_interval(tables):
    figure = draw_forest(*tables)
    above, below = figure.axes
    defined = tables[0].filter(pl.col("spearman").is_not_null())
    bars = [line.get_xdata() for line in above.lines if len(set(line.get_xdata())) == 2]
    np.testing.assert_allclose(bars, defined.select("low", "high").to_numpy())
    squares = [c.get_offsets()[0, 0] for c in above.collections]
    np.testing.assert_allclose(squares, defined["spearman"])
    areas = np.array([c.get_sizes()[0] for c in above.collections])
    np.testing.assert_allclose(areas / areas[0], defined["networks"] / defined["networks"][0])
    diamonds = [p for p in above.patches if isinstance(p, Polygon)]
    coloured = [p for p in diamonds if to_hex(p.get_facecolor()) == forest._PRIMARY]
    assert len(coloured) == 1
    primary = tables[1].filter(pl.col("primary")).row(0, named=True)
    places = coloured[0].get_xy()[:, 0]
    assert (places.min(), places.max()) == pytest.approx((primary["low"], primary["high"]))
    assert len(below.patches) == 6
    undefined = sum(text.get_text() == "not defined" for text in above.texts)
    assert undefined == len(tables[0]) - len(defined) > 0


def test_bytes_are_the_same_and_few(curves, tables, tmp_path):
    for name, figure in (("k", draw_k_curves), ("f", draw_forest)):
        given = (curves,) if name == "k" else tables
        for number in range(2):
            save_svg(figure(*given), tmp_path / f"{name}{number}.svg")
        first = (tmp_path / f"{name}0.svg").read_bytes()
        assert first == (tmp_path / f"{name}1.svg").read_bytes()
        assert len(first) < 500_000


def test_one_cell_and_no_rows(curves, tables, tmp_path):
    one = {"data_set": "A", "architecture": "wide_5"}
    save_svg(draw_k_curves(curves.filter(**one).head(1)), tmp_path / "a.svg")
    save_svg(draw_k_curves(curves.clear()), tmp_path / "b.svg")
    gone = [
        table.with_columns(
            pl.lit(None, pl.Float64).alias(name) for name in {"spearman", "estimate", "low", "high"}
            if name in table.columns
        )
        for table in tables
    ]  # fmt: skip
    for number, given in enumerate((gone, [table.clear() for table in tables])):
        save_svg(draw_forest(*given), tmp_path / f"{number}.svg")


def test_the_entry_draws_both_and_names_a_wrong_table(made, tmp_path, capsys):
    for name in (*FOREST, "k_curves", "published_curves"):
        write_table(tmp_path / f"{name}.parquet", made[name])

    def draw(figure, *names):
        files = (tmp_path / f"{name}.parquet" for name in names)
        chosen = {"condition": "trained"} if figure == "forest" else {}
        chosen |= {"measure": "forman_directed"}
        return drawing.draw(figure, tmp_path / f"{figure}.svg", *files, select=chosen)

    assert draw("k_curves", "k_curves", "published_curves") == 0
    assert draw("forest", *FOREST) == 0
    assert (tmp_path / "forest.svg").stat().st_size > 10_000
    capsys.readouterr()
    for figure, names in (
        ("forest", ("within_cells", "baselines", "baselines")),
        ("k_curves", ("k_curves", "baselines")),
        ("k_curves", ("baselines", "published_curves")),
    ):
        assert draw(figure, *names) == 1
        assert "baselines.parquet" in capsys.readouterr().err
    assert draw("k_curves", "k_curves") == 1
    assert "published_curves; give these" in capsys.readouterr().err
    assert draw("k_curve", "k_curves") == 1
    assert "k_curves" in capsys.readouterr().err
