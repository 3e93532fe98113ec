"""The tables that compare a study with the paper."""

import polars as pl
import pytest

from ricci_flow.report import ledger, paper_tables
from ricci_flow.report.tables import fixed_k_table, funnel_table
from ricci_flow.report.text import escape
from tests.fixtures.synthetic_statistics import PUBLISHED, statistics_tables


@pytest.fixture(scope="module")
def tables():
    return statistics_tables()


def test_the_funnel_ends_with_the_published_one_where_there_is_one(tables):
    funnel = tables["funnel"]
    lines = funnel_table(funnel, True).splitlines()
    cells = [cell.strip() for cell in lines[-1].strip("|").split("|")]
    assert cells == ["published", "forman_directed", *map(str, PUBLISHED["funnel"].values())]
    assert funnel_table(funnel, False).splitlines() == lines[:-1]
    without = funnel.with_columns(published=pl.lit(None, pl.Int32))
    assert funnel_table(without, True).splitlines() == lines[:-1]
    one_step = without.with_columns(
        published=pl.when(pl.col("step") == "trained").then(1512).cast(pl.Int32)
    )
    assert funnel_table(one_step, True).splitlines()[-1].count("not given") == 3


def test_every_quantity_has_a_row_with_a_column_a_condition(tables):
    claims = tables["claims"]
    both = pl.concat([claims, claims.with_columns(condition=pl.lit("untrained"))])
    lines = paper_tables.claims_table(both, "forman_directed").splitlines()
    assert lines[0].endswith("| paper | trained | untrained |")
    assert len(lines) == 2 + len(claims.filter(pl.col("measure") == "forman_directed"))
    share = claims.filter((pl.col("claim") == 5) & (pl.col("measure") == "forman_directed")).row(
        0, named=True
    )
    assert f"({share['hits']} of {share['of']})" in lines[-2]
    assert "93.2 %" in lines[-2]
    assert "at a tenth of n" in lines[-1]


def test_comparison_lists_the_cells_that_both_have(tables):
    text = paper_tables.comparison_table(tables["comparison"], "trained", "forman_directed")
    rows = [line for line in text.splitlines()[2:]]
    assert len(rows) == 3 * 6
    assert "30\u00a0(−0.38)" in rows[0]


def test_a_study_without_published_cells_says_so(tables):
    empty = tables["comparison"].clear()
    assert (
        paper_tables.comparison_table(empty, "trained", "forman_directed").strip()
        == paper_tables.NOTHING_PUBLISHED
    )
    nothing = tables["fit"].clear()
    assert paper_tables.fit_sentence(nothing, "trained", "forman_directed").startswith(
        "No published curve"
    )
    for text in (
        paper_tables.fit_table(nothing, "trained", "forman_directed"),
        paper_tables.fit_long_table(nothing),
    ):
        assert text.strip() == paper_tables.NOTHING_PUBLISHED


def test_fit_in_words_has_the_numbers_of_the_table(tables):
    row = tables["fit"].row(0, named=True)
    other = pl.DataFrame([row | {"condition": "shuffled_labels", "curve_pearson": 0.123}])
    fit = pl.concat([tables["fit"], other.cast(dict(tables["fit"].schema))])
    text = paper_tables.fit_sentence(fit, "trained", "forman_directed")
    assert f"Of {row['published_values']} published values {row['values']} are" in text
    assert escape(row["reasons"]) in text
    right = round(row["strong"] * row["strong_same_sign"])
    assert f"above 0.3, {right} ({100 * right / row['strong']:.1f} %) have" in text
    assert f"in {row['k_within_2']} of {row['cells']} cells." in text
    assert "shuffled\\_labels has the highest correlation, 0.12." in text


def test_fit_shows_the_data_sets_of_one_condition_and_all_others_whole(tables):
    fit = tables["fit"]
    lines = paper_tables.fit_table(fit, "trained", "forman_directed").splitlines()[2:]
    assert [line.split(" | ")[0].strip("| ") for line in lines] == [
        r"**trained, forman\_directed**",
        *(escape(name) for name in fit.filter(measure="forman_directed")["data_set"].drop_nulls()),
        r"**trained, forman\_union**",
    ]
    row = fit.row(0, named=True)
    assert f"{row['values']} of {row['published_values']} |" in lines[0]
    assert f"{100 * row['strong_same_sign']:.1f} % of {row['strong']} |" in lines[0]
    assert f"{row['k_within_2']} of {row['cells']} |" in lines[0]
    long = paper_tables.fit_long_table(fit)
    assert len(long.splitlines()) == 2 + len(fit)
    assert escape(row["reasons"]) in long


def test_undefined_quantities_are_said_to_be(tables):
    claims = tables["claims"].with_columns(value=pl.lit(None, pl.Float64), of=pl.lit(0))
    assert "not defined (of 0)" in paper_tables.claims_table(claims, "forman_directed")


def test_ledger_has_a_row_per_claim_and_a_row_per_control_beside_it(tables):
    lines = ledger.ledger_table(tables["ledger"], "trained", "forman_directed").splitlines()
    compared = ledger.compared_table(tables["ledger"], "trained", "forman_directed").splitlines()
    rows = tables["ledger"].filter(condition="trained", measure="forman_directed")
    own = rows.filter(pl.col("control").is_null())
    assert len(lines) == 2 + 5
    for line, row in zip(lines[2:], own.iter_rows(named=True), strict=True):
        assert f"**{row['verdict']}**" in line
        assert line.count("\u00a0to\u00a0") + line.count("not defined") == 1
    low, value, high = (100 * own[name][0] for name in ("low", "value", "high"))
    text = f"{value:.1f}\u00a0% ({low:.1f}\u00a0to\u00a0{high:.1f}\u00a0%)"
    assert text in lines[2]
    assert text in compared[2]
    assert any("not defined (no accuracy)" in line for line in compared)
    assert "**undecided** (untrained)" not in lines[3]
    assert len(compared) == 2 + len(rows)
    for line, row in zip(compared[2:], rows.iter_rows(named=True), strict=True):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        assert cells[0] == f"({row['claim']})"
        assert cells[1] == ("**trained**" if row["control"] is None else ledger.control_name(row))
        stands = f"**{row['verdict']}**" if row["control"] is None else row["standing"]
        assert cells[2] == (stands or "not compared")
        assert cells[3] == ledger.estimate_text(row)
        assert ("\u00a0to\u00a0" in cells[4]) == (row["widest_low"] is not None)


def test_a_verdict_as_counted_names_the_controls_by_their_titles(tables):
    shown = tables["ledger"].with_columns(pl.col("control").replace("untrained", "not_trained"))
    own, *controls = shown.filter(claim=4, measure="forman_directed").iter_rows(named=True)
    text = "**reproduced as counted** (shown too: not\\_trained)"
    assert ledger.verdict(own, controls) == text
    assert text in ledger.ledger_table(shown, "trained", "forman_directed")
    assert text in ledger.ledger_long_table(shown)


def test_the_fixed_k_has_a_row_for_every_control_and_a_column_for_every_depth(tables):
    lines = ledger.fixed_table(tables["ledger"], "trained", "forman_directed").splitlines()
    assert lines[0].split(" | ")[-3:] == ["all depths", "5 layers", "11 layers |"]
    whole = "62.5\u00a0% (50.0\u00a0to\u00a075.0\u00a0%)"
    part = "25.0\u00a0% (12.5\u00a0to\u00a037.5\u00a0%)"
    names = [line.split(" | ")[1] for line in lines[2:]]
    order = "the same layers in random order"
    assert names == ["trained", "untrained", "trained", "untrained", order]
    for line in lines[2:]:
        assert f"| {whole} | {part} | not defined (cells: 0) |" in line
    one_depth = tables["ledger"].with_columns(
        fixed_by_depth=pl.lit(None, tables["ledger"].schema["fixed_by_depth"])
    )
    assert "layers |" not in ledger.fixed_table(one_depth, "trained", "forman_directed")


def test_every_estimate_of_the_ledger_is_in_the_long_table(tables):
    text = ledger.ledger_long_table(tables["ledger"])
    assert len(text.splitlines()) == 2 + len(tables["ledger"])
    assert ledger.ledger_table(tables["ledger"], "linear", "forman_directed").startswith("No claim")


def test_cells_at_the_fixed_k_have_a_column_for_every_condition():
    names = ("data_set", "architecture", "condition", "measure", "k", "kept", "networks", "rho")
    rows = [
        ("A", "narrow", "trained", "union", 9, 5, 4, -0.004),
        ("A", "narrow", "linear", "union", 9, 6, 0, None),
        ("B", "narrow", "trained", "union", 12, 6, 6, 0.5),
        ("B", "narrow", "trained", "directed", 12, 6, 6, 0.7),
    ]
    lines = fixed_k_table(pl.DataFrame(rows, names, orient="row"), "union").splitlines()
    assert lines[0] == "| data set | architecture | *k* | trained | linear |"
    assert lines[2:] == [
        "| A | narrow | 9 | −0.004 (4 of 5) | none (0 of 6) |",
        "| B | narrow | 12 | 0.50 (6 of 6) | not run |",
    ]
