"""The study's tables of curvatures against literal counts, and the report's section."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from ricci_flow.curvatures.ensemble import SCHEMAS
from ricci_flow.curvatures.summary import summarise_classes, summarise_curvatures
from ricci_flow.figures.curvatures import draw as draw_curvatures
from ricci_flow.figures.style import save_svg
from ricci_flow.report import build
from ricci_flow.report.curvatures import NOT_ASKED, curvatures_section, mean_seconds
from ricci_flow.storage import read_json, write_json, write_table
from tests.fixtures import synthetic_report

CONFIG = {"curvatures": {"notions": {"forman": {}, "tian": {}}}}


def make_tables(networks=5):
    """Return invented tables of two cells, 4 layers; forman undefined in one network."""
    rng = np.random.default_rng(0)
    rows = {name: [] for name in SCHEMAS}
    for data_set in ("A", "B"):
        for network in range(networks):
            names = {"data_set": data_set, "architecture": "x", "condition": "trained"}
            names |= {"network": network, "k_fraction": 0.05, "k": 5}
            for layer in range(1, 5):
                broken = {"modularity": None, "reason": "a class has no edge"}
                rows["partition"].append(
                    names
                    | {"layer": layer, "edges": 90, "between": 9, "normalised_cut": layer / 2}
                    | {"modularity": layer / 10 + network, "reason": None}
                    | (broken if (data_set, network, layer) == ("B", 0, 1) else {})
                )
            for curvature in ("forman", "tian"):
                lost = (data_set, network, curvature) == ("A", 0, "forman")
                rows["local"].append(
                    names
                    | {"curvature": curvature, "points": 3, "p": 0.5, "p_method": "exact"}
                    | {"rho": None if lost else rng.uniform(-1, 1)}
                    | {"reason": "not connected at layer 2" if lost else None}
                    | {"local_points": 80, "local_apart": 15 + network, "local_constant": 5}
                    | {name: rng.uniform(-1, 1) for name in ("local_median", "local_negative")}
                    | {"local_low": -1.0, "local_high": 1.0, "local_reason": None}
                )
                for layer in range(1, 5):
                    rows["curvatures"].append(
                        names
                        | {"curvature": curvature, "layer": layer, "edges": 90, "total": -9.0}
                        | {"mean": -0.1, "gap": layer * (network + 1.0), "gap_reason": None}
                        | {"layer_rho": None if layer == 4 else rng.uniform(-1, 1)}
                        | {"layer_points": 90, "layer_reason": None}
                    )
    return {name: pl.DataFrame(rows[name], schema=schema) for name, schema in SCHEMAS.items()}


def test_summary_literally():
    tables = make_tables()
    found = summarise_curvatures(tables["curvatures"], tables["local"])
    assert found["curvature"].to_list() == ["forman", "tian"]
    rho = {
        name: tables["local"].filter(curvature=name)["rho"].to_list() for name in ("forman", "tian")
    }
    for row in found.iter_rows(named=True):
        mine = [r for r in rho[row["curvature"]] if r is not None]
        assert (row["networks"], row["defined"]) == (10, len(mine))
        assert row["negative"] == pytest.approx(sum(r < 0 for r in mine) / len(mine))
        low, middle, high = np.quantile(mine, [0.25, 0.5, 0.75])
        assert [row["rho_low"], row["rho"], row["rho_high"]] == pytest.approx([low, middle, high])
        layer = tables["curvatures"].filter(curvature=row["curvature"])["layer_rho"].drop_nulls()
        assert row["layers"] == len(layer) == 30
        assert row["layers_negative"] == pytest.approx(np.mean(layer.to_numpy() < 0))
        assert (row["gap_first"], row["gap_last"]) == (3, 12)  # medians of 1..5 and of 4, 8 .. 20
        assert (row["local_points"], row["local_apart"], row["local_constant"]) == (800, 170, 50)
    assert found["agreement"][0] == 1
    both = [(a, b) for a, b in zip(rho["tian"], rho["forman"], strict=True) if b is not None]
    assert found["agreement"][1] == pytest.approx(spearmanr(both)[0], abs=1e-12)


def test_agreement_says_why_there_is_none():
    tables = make_tables()
    few = summarise_curvatures(
        *(tables[name].filter(pl.col("network") < 2) for name in ("curvatures", "local"))
    )
    assert few["agreement_reason"].to_list() == ["3 networks, fewer than 4"] * 2
    alone = summarise_curvatures(
        *(tables[name].filter(curvature="tian") for name in ("curvatures", "local"))
    )
    assert alone["agreement_reason"].to_list() == ["forman was not asked for"]


def test_classes_literally():
    found = summarise_classes(make_tables()["partition"])
    assert found.rows() == [
        ("A", "trained", 0.05, 5, pytest.approx(2.1), pytest.approx(2.4), 0.5, 2.0, 0),
        ("B", "trained", 0.05, 5, pytest.approx(2.6), pytest.approx(2.4), 0.5, 2.0, 1),
    ]


def test_seconds_are_a_mean_over_graphs(tmp_path):
    write_json(tmp_path / "A/x.json", {"graphs": 10, "seconds": {"a": 5}})
    write_json(tmp_path / "A/y.json", {"graphs": 30, "seconds": {"a": 15, "b": 60}})
    assert mean_seconds(tmp_path) == {"a": 0.5, "b": 2}
    assert mean_seconds(tmp_path / "nowhere") == {}


@pytest.fixture
def sources(tmp_path):
    """Sources of a report of a study that asks for other curvatures."""
    sources = synthetic_report.make_sources(tmp_path)
    tables = make_tables()
    local = tables["local"]
    summary = summarise_curvatures(tables["curvatures"], local)
    write_table(sources.statistics / "curvatures.parquet", summary)
    write_table(
        sources.statistics / "curvature_classes.parquet", summarise_classes(tables["partition"])
    )
    costs = {"graphs": 4, "seconds": {"forman": 1.0, "tian": 6.0}}
    write_json(sources.benchmarks / "curvatures/A/x/trained.json", costs)
    save_svg(draw_curvatures(local), tmp_path / "curvatures.svg")
    config = read_json(sources.config) | CONFIG
    write_json(sources.config, config)
    return build.Sources(
        **{**vars(sources), "figures": (*sources.figures, tmp_path / "curvatures.svg")}
    )


def test_report_shows_the_section(sources, tmp_path):
    build.render(sources, tmp_path / "report.html", renderer="pandoc", say=lambda _: None)
    html = " ".join((tmp_path / "report.html").read_text("utf-8").split())
    assert NOT_ASKED.strip()[:40] not in html
    assert 'id="fig-curvatures"' in html
    assert 'id="tbl-curvatures"' in html
    assert "No control was measured beside them" in html
    assert "9 of 10" in html
    assert "170 and 50 of 1020" in html
    assert '<td style="text-align: right;">1.5</td>' in html
    assert "[[" not in html
    assert html.count("<img") == len(sources.figures)


def test_report_says_that_nothing_was_asked_for(sources, tmp_path):
    off = synthetic_report.make_sources(tmp_path / "off")
    build.render(off, tmp_path / "report.html", renderer="pandoc", say=lambda _: None)
    html = " ".join((tmp_path / "report.html").read_text("utf-8").split())
    assert "Other curvatures were not asked for in this study" in html
    assert "fig-curvatures" not in html
    # Tables left by an earlier run do not show.
    assert curvatures_section(sources.reports, sources.statistics, tmp_path, {}) == NOT_ASKED


def test_figure_without_any_coefficient_says_so(tmp_path):
    local = make_tables()["local"].with_columns(rho=pl.lit(None, pl.Float64))
    save_svg(draw_curvatures(local), tmp_path / "none.svg")
    assert "no network is connected at every layer" in (tmp_path / "none.svg").read_text("utf-8")
