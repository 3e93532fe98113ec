"""What rho would be without any flow, and its pictures."""

from itertools import permutations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from ricci_flow.analysis import nulls as module
from ricci_flow.analysis.nulls import (
    BINS,
    COUPLED_DRAWS,
    HISTOGRAM_ORDERS,
    LAWS,
    _histogram,
    coupled_layers,
    null_laws,
    rho_of,
)
from ricci_flow.figures.nulls import draw as draw_nulls
from ricci_flow.figures.spread import draw as draw_spread
from ricci_flow.figures.style import save_svg
from tests.fixtures.simulated_ledger import KS, cell, coupling, nothing
from tests.fixtures.synthetic_statistics import statistics_tables

DEPTH = 5


def stars(cells, k, depth=DEPTH):
    """networks.parquet of one condition at one k."""
    rows = []
    for (data_set, architecture), made in cells.items():
        column = list(KS).index(k)
        rho = rho_of(made.mass[:, column], made.curvature[:, column])
        for number, value in zip(made.numbers.tolist(), rho.tolist(), strict=True):
            rows.append(
                {"condition": "c", "measure": "forman_directed", "depth": depth}
                | {"data_set": data_set, "architecture": architecture, "k": k}
                | {"network": number, "kept": True, "rho": value}
            )
    return pl.DataFrame(rows, schema_overrides={"depth": pl.Int32, "k": pl.Int32})


def laws(make, data_sets=12, **options):
    cells = {
        (f"d{i}", "a"): make(np.random.default_rng(i), "real", networks=20, **options)
        for i in range(data_sets)
    }
    return null_laws({("c", "forman_directed"): cells}, stars(cells, 50), "s")


def test_rho_of_layers_against_scipy():
    mass, curvature = np.random.default_rng(0).normal(size=(2, 3, DEPTH))
    expected = [
        stats.pearsonr(np.diff(g), ric[:-1]).statistic
        for g, ric in zip(mass, curvature, strict=True)
    ]
    assert rho_of(1e9 + 1e3 * mass, curvature) == pytest.approx(expected, abs=1e-6)
    assert np.isnan(rho_of(mass, np.ones((3, DEPTH)))).all()


def test_coupled_layers_have_the_marginals_and_the_coupling():
    rng = np.random.default_rng(1)
    skewed = np.exp(rng.normal(size=(400, 11)))
    curvature = -(np.log(skewed) ** 3) + 0.3 * rng.normal(size=skewed.shape)
    drawn = coupled_layers(skewed, curvature, 4000, np.random.default_rng(2))
    for given, values in zip((skewed, curvature), drawn, strict=True):
        given = stats.zscore(given, axis=1)
        assert values.shape == (4000, 11)
        # Drawn from the given values: 44,000 of them stray 0.0098 with odds of 1 in 2000.
        assert stats.ks_2samp(values.ravel(), given.ravel()).statistic < 0.0098
    ranks = stats.spearmanr(drawn[0].ravel(), drawn[1].ravel()).statistic
    scored = [stats.zscore(v, axis=1).ravel() for v in (skewed, curvature)]
    assert ranks == pytest.approx(stats.spearmanr(*scored).statistic, abs=0.03)
    # Layers know nothing of each other.
    assert abs(np.corrcoef(drawn[0][:, 0], drawn[1][:, 1])[0, 1]) < 4 / np.sqrt(4000)


def test_coupling_of_nine_tenths_gives_two_thirds_below_zero():
    """Independent layers with a correlation of 0.9 give -0.66 on average (4 pairs)."""
    _, summary = laws(coupling)
    rng = np.random.default_rng(3)
    mass, noise = rng.normal(size=(2, 40_000, DEPTH))
    literal = rho_of(mass, 0.9 * mass + np.sqrt(1 - 0.81) * noise)
    row = summary.row(0, named=True)
    assert literal.mean() == pytest.approx(-0.66, abs=0.01)
    assert row["coupling_mean"] == pytest.approx(literal.mean(), abs=0.03)
    assert row["coupling_negative"] == pytest.approx((literal < 0).mean(), abs=0.02)
    # Such networks are what the law describes: 240 of them, 1 in 20 in its tail, odds 1000 to 1.
    hits = round(240 * row["significant_coupling"])
    assert stats.binomtest(hits, 240, 0.05).pvalue > 1e-3


def test_without_coupling_the_law_is_flat():
    _, summary = laws(coupling, strength=0.0)
    row = summary.row(0, named=True)
    assert abs(row["coupling_mean"]) < 0.03
    assert row["coupling_negative"] == pytest.approx(0.5, abs=0.02)


def test_pictures_are_laws_and_count_every_network_alike():
    found, _ = laws(nothing, data_sets=2)
    assert found["law"].unique(maintain_order=True).to_list() == list(LAWS)
    for (_,), part in found.group_by("law"):
        assert len(part) == BINS
        assert part["share"].sum() == pytest.approx(1)
    assert _histogram(np.array([[0.1, np.nan], [0.9, 0.9]]), np.array([-1, 0, 1])).tolist() == [
        0.0,
        pytest.approx(2.0),
    ]


def picture_of_orders(mass, curvature):
    """The shares of the law over layer orders of layers (networks, L), at one k."""
    networks, depth = mass.shape
    layers = [np.repeat(values[:, None], len(KS), axis=1) for values in (mass, curvature)]
    cells = {("d", "a"): cell(*layers, np.zeros(networks), networks)}
    found, _ = null_laws({("c", "forman_directed"): cells}, stars(cells, 12, depth), "s")
    return found.filter(pl.col("law") == "layer orders")["share"].to_numpy()


def law_by_hand(mass, curvature):
    """Shares of rho over all orders of the layers of each network, order by order."""
    values = [
        stats.pearsonr(np.diff(g[list(order)]), ric[list(order)][:-1]).statistic
        for g, ric in zip(mass, curvature, strict=True)
        for order in permutations(range(mass.shape[1]))
    ]
    counts, _ = np.histogram(values, np.linspace(-1, 1, BINS + 1))
    return counts / len(values)


@pytest.mark.parametrize(("depth", "networks"), [(5, 4), (6, 2), (7, 1)])
def test_layer_orders_of_the_picture_are_all_orders(depth, networks):
    """With an early layer that stands out, so that some of the orders give another law."""
    mass, curvature = np.random.default_rng(4).normal(size=(2, networks, depth))
    mass[:, 0] += 5
    curvature[:, 0] -= 5
    expected = law_by_hand(mass, curvature)
    assert picture_of_orders(mass, curvature) == pytest.approx(expected, abs=1e-12)
    assert COUPLED_DRAWS == 2000


def test_layer_orders_of_deep_networks_are_a_sample_of_all(monkeypatch):
    """Depth 8 (40,320 orders): 500 drawn ones, and not the observed one more often than another."""
    mass, curvature = np.random.default_rng(5).normal(size=(2, 1, 8))
    mass[:, 0] += 5
    curvature[:, 0] -= 5
    drawn = picture_of_orders(mass, curvature)
    np.testing.assert_allclose(
        drawn * HISTOGRAM_ORDERS, np.round(drawn * HISTOGRAM_ORDERS), atol=1e-9
    )
    # Far off the diagonal, the law of one order alone would be one bin.
    orders = np.array(list(permutations(range(8))))
    every = rho_of(mass[0][orders], curvature[0][orders])
    law, _ = np.histogram(every, np.linspace(-1, 1, BINS + 1))
    # Kolmogorov's distance of 500 draws from their law exceeds 0.087 with odds of 1 in 1000.
    distance = np.abs(np.cumsum(drawn) - np.cumsum(law / len(every))).max()
    assert distance < 0.087
    called = []
    monkeypatch.setattr(module, "rho_of", lambda g, ric: called.append(g) or rho_of(g, ric))
    picture_of_orders(mass, curvature)
    (permuted,) = (g for g in called if g.shape == (1, HISTOGRAM_ORDERS, 8))
    assert sum(np.array_equal(row, mass[0]) for row in permuted[0]) == 0


def five(table):
    names = ("trained", "untrained", "shuffled_labels", "linear", "random_features")
    return pl.concat([table.with_columns(condition=pl.lit(name)) for name in names])


def test_nulls_are_drawn_by_condition_and_depth(tmp_path):
    table = five(laws(coupling, data_sets=2)[0])
    deep = table.with_columns(depth=pl.lit(11, pl.Int32)).filter(condition="trained")
    figure = draw_nulls(pl.concat([table, deep]))
    assert len(figure.axes) == 10
    assert figure.axes[0].get_title(loc="left") == "trained, depth 5"
    assert figure.axes[3].texts[0].get_text() == "none"
    observed = figure.axes[0].patches[0].get_data().values
    expected = table.filter(law="observed", condition="trained")["share"].to_numpy()
    np.testing.assert_array_equal(observed, expected)
    save_svg(figure, tmp_path / "a.svg")
    save_svg(draw_nulls(pl.concat([table, deep])), tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    save_svg(draw_nulls(table.clear()), tmp_path / "c.svg")


def test_spread_shows_every_cell_under_every_condition(tmp_path):
    networks = statistics_tables()["networks"].filter(pl.col("measure") == "forman_directed")
    table = five(networks)
    figure = draw_spread(table)
    drawn = networks.filter(pl.col("kept") & pl.col("rho").is_not_null())
    for axis in figure.axes:
        here = drawn.filter(pl.col("data_set") == axis.get_title(loc="left"))
        cells = here.group_by("architecture", maintain_order=True).agg(pl.col("rho"))
        medians = [line for line in axis.lines if line.get_color() == "white"]
        assert len(medians) == 5 * len(cells)
        found = sorted({line.get_xdata()[0] for line in medians})
        assert found == pytest.approx(sorted(np.median(rho) for rho in cells["rho"]))
        heights = [line.get_ydata()[0] for line in axis.lines if line.get_linewidth() == 3.8]
        assert len(set(heights)) == len(heights)
    save_svg(figure, tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size < 500_000
    save_svg(draw_spread(table.clear()), tmp_path / "b.svg")
