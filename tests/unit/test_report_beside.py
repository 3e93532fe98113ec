"""The tables that set a study beside the paper."""

import polars as pl
import pytest

from ricci_flow.report import beside
from ricci_flow.report.tables import PAPER_FUNNEL
from tests.fixtures.synthetic_statistics import PUBLISHED, statistics_tables


@pytest.fixture(scope="module")
def tables():
    return statistics_tables()


def test_the_reports_funnel_is_the_published_one():
    assert list(PAPER_FUNNEL) == list(PUBLISHED["funnel"].values())


def test_every_quantity_has_a_row_with_a_column_a_condition(tables):
    claims = tables["claims"]
    both = pl.concat([claims, claims.with_columns(condition=pl.lit("untrained"))])
    lines = beside.claims_table(both, "directed").splitlines()
    assert lines[0].endswith("| paper | trained | untrained |")
    assert len(lines) == 2 + len(claims.filter(pl.col("convention") == "directed"))
    share = claims.filter((pl.col("claim") == 5) & (pl.col("convention") == "directed")).row(
        0, named=True
    )
    assert f"({share['hits']} of {share['of']})" in lines[-1]
    assert "93.2 %" in lines[-1]


def test_comparison_lists_the_cells_that_both_have(tables):
    text = beside.comparison_table(tables["comparison"], "trained", "directed")
    rows = [line for line in text.splitlines()[2:]]
    assert len(rows) == 3 * 6
    assert "30\u00a0(−0.38)" in rows[0]


def test_a_study_without_published_cells_says_so(tables):
    empty = tables["comparison"].clear()
    assert beside.comparison_table(empty, "trained", "directed").strip() == beside.NOTHING_PUBLISHED
    assert beside.fit_table(tables["fit"].clear()).strip() == beside.NOTHING_PUBLISHED


def test_undefined_quantities_are_said_to_be(tables):
    claims = tables["claims"].with_columns(value=pl.lit(None, pl.Float64), of=pl.lit(0))
    assert "not defined (of 0)" in beside.claims_table(claims, "directed")
