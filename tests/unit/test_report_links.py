"""The report's tables on accuracy say what the statistics tables hold."""

import polars as pl
import pytest

from ricci_flow.analysis.baselines import ALONE, BASELINES, COEFFICIENT, PARTIAL, SLOPE
from ricci_flow.labels import BASELINE_QUANTITIES, PREDICTORS
from ricci_flow.report.links import TESTED, accuracy_link_table, baselines_table
from ricci_flow.report.paper_tables import held_out_table
from ricci_flow.report.text import p_value, significant
from tests.fixtures import synthetic_statistics


@pytest.fixture(scope="module")
def tables():
    return synthetic_statistics.statistics_tables()


def lines(text):
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return rows[0], rows[2:]


def test_every_predictor_has_its_name_and_numbers(tables):
    assert tuple(PREDICTORS) == (COEFFICIENT, *BASELINES)
    chosen = tables["baselines"].filter(condition="trained", measure="forman_union").to_dicts()
    heading, rows = lines(baselines_table(tables["baselines"], "trained", "forman_union"))
    assert heading == ["predictor", *BASELINE_QUANTITIES.values()]
    assert [*BASELINE_QUANTITIES] == [ALONE, PARTIAL, SLOPE]
    assert [row[0].replace("\\", "") for row in rows] == list(PREDICTORS.values())
    assert rows[0][2:] == ["itself", "itself"]
    for given in chosen:
        row = rows[list(PREDICTORS).index(given["predictor"])]
        cell = row[1 + list(BASELINE_QUANTITIES).index(given["quantity"])]
        ends = f"({significant(given['low'])} to {significant(given['high'])})"
        assert cell.startswith(f"{significant(given['estimate'])} {ends}; *p* ")
        p = [p_value(given[name]) for name in ("p", "p_holm", "p_benjamini_hochberg")]
        assert cell.partition("*p* ")[2].replace("\\", "").split(" / ") == p


def test_a_reason_stands_where_there_is_no_estimate(tables):
    gone = tables["baselines"].with_columns(
        *(pl.lit(None, pl.Float64).alias(name) for name in ("estimate", "low", "high", "p")),
        reason=pl.lit("no network has a margin"),
    )
    _, rows = lines(baselines_table(gone, "trained", "forman_union"))
    assert {row[1] for row in rows} == {"none: no network has a margin"}
    assert baselines_table(gone, "absent", "forman_union") == "No baseline was looked at.\n"


def test_one_road_is_primary(tables):
    heading, rows = lines(
        accuracy_link_table(tables["accuracy_link"], "trained", "forman_directed")
    )
    assert heading == ["method", *TESTED]
    assert len(rows) == 9
    assert sum("(primary)" in row[0] for row in rows) == 1


def test_the_fixed_k_stands_with_its_band(tables):
    held_out = tables["held_out"].filter(condition="trained", measure="forman_directed").to_dicts()
    assert held_out[3]["rho_fixed"] < -0.005
    _, rows = lines(held_out_table(tables["held_out"], "trained", "forman_directed"))
    assert rows[0][-1] == "not defined (*k* = none)"
    assert "no band; *k* = 40" in rows[1][-1]
    assert f"{held_out[3]['rho_fixed']:.2f}".replace("-", "−") in rows[3][-1]
    assert "(−0.90 to 0.10; *k* = 40)" in rows[3][-1]
