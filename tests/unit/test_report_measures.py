"""The study's tables of measures against literal counts, and the report's section."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from ricci_flow.analysis.measures import summarise_layer_measures, summarise_measures
from ricci_flow.figures.measures import draw
from ricci_flow.figures.style import save_svg
from ricci_flow.report import build
from ricci_flow.report.measures import NOT_ASKED, mean_seconds, measures_section
from ricci_flow.storage import read_json, write_json, write_table
from ricci_flow.tables.measures import MEASURES
from ricci_flow.tables.statistics import FURTHER
from tests.fixtures import synthetic_report


def draw_measures(networks):
    return draw(networks, ["more"], {})


def make_tables(networks=5):
    """Return further.parquet and the layers behind it: two cells, 4 layers, one rho undefined."""
    rng = np.random.default_rng(0)
    rows, layers = [], []
    for data_set in ("A", "B"):
        for network in range(networks):
            names = {"block": "more", "data_set": data_set, "architecture": "x", "network": network}
            names |= {"condition": "trained", "setting": "knn", "k_fraction": 0.05, "k": 5}
            for layer in range(1, 5):
                broken = {"value": None, "reason": "a class has no edge"}
                layers.append(
                    names
                    | {"measure": "modularity", "scope": "layer", "layer": layer}
                    | {"value": layer / 10 + network}
                    | (broken if (data_set, network, layer) == ("B", 0, 1) else {})
                )
            for measure in ("forman_union", "tian"):
                lost = (data_set, network, measure) == ("A", 0, "forman_union")
                edge = names | {"measure": measure, "scope": "edge"}
                rows.append(
                    edge
                    | {"points": 3, "p": 0.5, "p_method": "exact"}
                    | {"rho": None if lost else rng.uniform(-1, 1)}
                    | {"reason": "not connected at layer 2" if lost else None}
                    | {"local_points": 80, "local_apart": 15 + network, "local_constant": 5}
                    | {name: rng.uniform(-1, 1) for name in ("local_median", "local_negative")}
                )
                for layer in range(1, 5):
                    layers.append(
                        edge
                        | {"layer": layer, "value": -9.0, "gap": layer * (network + 1.0)}
                        | {"layer_rho": None if layer == 4 else rng.uniform(-1, 1)}
                    )
    long = MEASURES.frame(layers).with_columns(block=pl.lit("more"))
    return FURTHER.frame(rows), long


def test_summary_literally():
    networks, layers = make_tables()
    found = summarise_measures(networks, layers)
    assert found["measure"].to_list() == ["forman_union", "tian"]
    rho = {
        name: networks.filter(measure=name)["rho"].to_list() for name in ("forman_union", "tian")
    }
    for row in found.iter_rows(named=True):
        mine = [r for r in rho[row["measure"]] if r is not None]
        assert (row["networks"], row["defined"]) == (10, len(mine))
        assert row["negative"] == pytest.approx(sum(r < 0 for r in mine) / len(mine))
        low, middle, high = np.quantile(mine, [0.25, 0.5, 0.75])
        assert [row["rho_low"], row["rho"], row["rho_high"]] == pytest.approx([low, middle, high])
        layer = layers.filter(measure=row["measure"])["layer_rho"].drop_nulls()
        assert row["layers"] == len(layer) == 30
        assert row["layers_negative"] == pytest.approx(np.mean(layer.to_numpy() < 0))
        assert (row["gap_first"], row["gap_last"]) == (3, 12)  # medians of 1..5 and of 4, 8 .. 20
        assert (row["local_points"], row["local_apart"], row["local_constant"]) == (800, 170, 50)
    assert found["agreement"][0] == 1
    both = [(a, b) for a, b in zip(rho["tian"], rho["forman_union"], strict=True) if b is not None]
    assert found["agreement"][1] == pytest.approx(spearmanr(both)[0], abs=1e-12)


def test_agreement_says_why_there_is_none():
    tables = make_tables()
    few = summarise_measures(*(table.filter(pl.col("network") < 2) for table in tables))
    assert few["agreement_reason"].to_list() == ["3 networks, fewer than 4"] * 2
    alone = summarise_measures(*(table.filter(measure="tian") for table in tables))
    assert alone["agreement_reason"].to_list() == ["forman_union was not asked for"]


def test_measures_of_layers_literally():
    found = summarise_layer_measures(make_tables()[1])
    names = ("more", "knn", "modularity")
    assert found.rows() == [
        (*names, "A", "trained", 0.05, 5, pytest.approx(2.1), pytest.approx(2.4), 0),
        (*names, "B", "trained", 0.05, 5, pytest.approx(2.6), pytest.approx(2.4), 1),
    ]


def test_seconds_are_a_mean_over_graphs(tmp_path):
    write_json(tmp_path / "A/x/more.json", {"graphs": 10, "seconds": {"a": 5}})
    write_json(tmp_path / "A/y/more.json", {"graphs": 30, "seconds": {"a": 15, "b": 60}})
    write_json(tmp_path / "A/y/other.json", {"graphs": 30, "seconds": {"a": 9}})
    assert mean_seconds(tmp_path, ["more"]) == {"a": 0.5, "b": 2}
    assert mean_seconds(tmp_path / "nowhere", ["more"]) == {}


@pytest.fixture
def sources(tmp_path):
    """Sources of a report of a study that asks for other curvatures."""
    sources = synthetic_report.make_sources(tmp_path)
    networks, layers = make_tables()
    asked = pl.col("layer_rho").is_not_null() & (pl.col("measure") == "tian")
    layers = layers.with_columns(layer_p=pl.when(asked).then(0.01))
    write_table(sources.statistics / "measures.parquet", summarise_measures(networks, layers))
    write_table(sources.statistics / "layer_measures.parquet", summarise_layer_measures(layers))
    costs = {"graphs": 4, "seconds": {"forman_union": 1.0, "tian": 6.0}}
    write_json(sources.benchmarks / "measures/A/x/trained/more.json", costs)
    save_svg(draw_measures(networks), tmp_path / "measures.svg")
    return build.Sources(
        **{**vars(sources), "figures": (*sources.figures, tmp_path / "measures.svg")}
    )


def test_report_shows_the_section(sources, tmp_path):
    synthetic_report.render_pages(sources, tmp_path / "out")
    html = " ".join(synthetic_report.read_pages(tmp_path / "out").split())
    assert NOT_ASKED.strip()[:40] not in html
    assert 'id="fig-measures"' in html
    assert 'id="tbl-measures"' in html
    assert 'id="tbl-layer-measures"' in html
    assert "No control was measured with them" in html
    assert "9 of 10" in html
    assert "170 and 50 of 1020" in html
    assert html.count("≤ 0.05: 100.0 %, corrected 100.0 %)") == 1
    assert '<td style="text-align: right;">1.5</td>' in html
    assert "[[" not in html
    assert html.count("<img") == len(sources.figures)


def test_report_says_that_nothing_was_asked_for(tmp_path):
    off = synthetic_report.make_sources(tmp_path / "off")
    synthetic_report.render_pages(off, tmp_path / "out")
    html = " ".join(synthetic_report.read_pages(tmp_path / "out").split())
    assert "No other curvatures were asked for in this study" in html
    assert "fig-measures" not in html
    config = read_json(off.config)
    assert measures_section(off.reports, off.statistics, tmp_path, config) == NOT_ASKED


def test_figure_without_any_coefficient_says_so(tmp_path):
    networks = make_tables()[0].with_columns(rho=pl.lit(None, pl.Float64))
    save_svg(draw_measures(networks), tmp_path / "none.svg")
    assert "no network is connected at every layer" in (tmp_path / "none.svg").read_text("utf-8")
