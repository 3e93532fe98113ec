"""The report's words, numbers and tables: true whatever the numbers are, and never empty."""

import re

import polars as pl
import pytest

from ricci_flow.claims.registry import chosen_claims
from ricci_flow.labels import labels_of
from ricci_flow.report import exclusions, ledger, provenance, tables, text
from ricci_flow.report.variables import make_variables, regression_sentence, sign_sentence
from ricci_flow.storage import write_json
from tests.fixtures import synthetic_report, synthetic_statistics
from tests.fixtures.synthetic_report import REPORTS

CLAIM_KEYS = {claim.number: claim.key for claim in chosen_claims()}


@pytest.fixture
def sources(tmp_path):
    return synthetic_report.make_sources(tmp_path)


LABELS = labels_of({"conditions": {"trained": {"title": "as they are"}}})


def summary(**changes):
    facts = synthetic_statistics.statistics_tables()["networks"]
    return synthetic_statistics.summary(facts, **changes)


@pytest.mark.parametrize(
    ("negative", "words"),
    [
        (0, "none of them"),
        (2, "fewer than half"),
        (3, "exactly half"),
        (4, "more than half"),
        (6, "all"),
    ],
)
def test_share_in_words(negative, words):
    assert "as they are networks" in sign_sentence(summary(), LABELS)
    assert words in sign_sentence(summary(connected_at_k_star=6, negative=negative), LABELS)


def test_sentences_follow_the_numbers():
    fit = {"t": 1.5, "p": 0.14, "low": -0.01, "high": 0.03, "estimate": 0.01, "observations": 40}
    sentence = regression_sentence(summary(regression=fit), 0.9)
    assert "does not clearly go with" in sentence
    assert "higher" not in sentence
    assert "lower" not in sentence
    assert "90 % interval of the slope includes zero" in sentence
    sentence = regression_sentence(summary(regression=fit | {"low": 0.001}), 0.9)
    assert "lower test accuracy" in sentence
    fit |= {"t": -5.0, "p": 1e-6, "low": -0.03, "high": -0.01, "estimate": -0.02}
    sentence = regression_sentence(summary(regression=fit), 0.95)
    assert "higher test accuracy" in sentence
    assert "excludes zero" in sentence
    assert "< 0.001" in sentence.replace("\xa0", " ")


def test_missing_values_are_put_in_words(sources, tmp_path):
    empty = summary(
        connected_at_k_star=0,
        negative=0,
        negative_share=None,
        regression={"reason": "not fitted"},
        within_cells={"median_spearman": None, "negative_cells": 0, "cells": 0},
    )
    for sentence in make_variables(empty, LABELS, 0.95)["result"].values():
        assert "None" not in sentence
        assert "nan" not in sentence
    write_json(sources.statistics / "summary.json", empty)
    regression = synthetic_statistics.regression_table(defined=False)
    regression.write_parquet(sources.statistics / "regression.parquet")
    excluded = pl.read_parquet(sources.statistics / "excluded.parquet").clear()
    excluded.write_parquet(sources.statistics / "excluded.parquet")
    synthetic_report.render_pages(sources, tmp_path / "out")
    html = " ".join(synthetic_report.read_pages(tmp_path / "out").split())
    assert "so there is none to judge" in html
    assert "could not be estimated (not fitted)" in html
    assert "not defined: 3 networks, 5 terms" in html
    assert "No network was excluded." in html


def test_cells_without_k_star_give_the_reason():
    made = synthetic_statistics.statistics_tables()
    table = tables.k_star_table(made["cells"], "trained", "forman_directed")
    assert "none: no network is above the accuracy threshold" in table
    assert len(table.splitlines()) == 2 + 6
    star = (
        made["cells"]
        .filter(pl.col("is_k_star"), pl.col("measure") == "forman_directed")
        .row(0, named=True)
    )
    expected = f"{star['k']} ({text.number(star['rho'])}; {star['connected']}/{star['kept']})"
    assert expected in table


def test_every_excluded_network_is_named():
    excluded = synthetic_statistics.statistics_tables()["excluded"]
    rows = exclusions.excluded_table(excluded).splitlines()[2:]
    named = 0
    for row in rows:
        for part in row.strip("| ").split("|")[-1].split(","):
            low, _, high = part.strip().partition("–")
            named += int(high or low) - int(low) + 1
    assert named == len(excluded)
    total = exclusions.excluded_summary(excluded)
    assert "not connected |" in total
    assert "test accuracy not above the threshold |" in total


def test_numbers_and_tables_as_text():
    assert text.number(-0.001) == "0.00"
    assert text.number(-0.5) == "−0.50"
    assert text.significant(-1.5e-7) == "−1.5 × 10^−7^"
    assert text.ranges([5, 0, 4, 3, 8, 7]) == "0, 3–5, 7, 8"
    assert text.escape("a|b_c") == r"a\|b\_c"
    with pytest.raises(ValueError, match="fill"):
        text.pipe_table(["a", "b"], [["1", " "]])
    assert provenance.duration(59) == "59.0 s"
    assert provenance.duration(185) == "3 min 05 s"


def test_no_value_is_rounded_onto_what_it_is_compared_with():
    assert text.percent(0.94968, apart=(0.95,)) == "94.97 %"
    assert text.percent(0.9499999, apart=(0.95,)) == "94.99999 %"
    assert text.percent(0.948, apart=(0.95,)) == "94.8 %"
    assert text.percent(19 / 20, apart=(0.95,)) == "95.0 %"
    assert text.percent(0.58, apart=(0.58,)) == "58.0 %"
    assert text.number(-0.0998, apart=(0.0, -0.1)) == "−0.0998"
    assert text.signed(-0.0004) == "−0.0004"
    assert text.signed(0.004, 3) == "0.004"
    assert text.signed(-0.5) == "−0.50"
    assert text.signed(0.0) == "0.00"
    assert text.p_value(0.0499) == "0.0499"
    assert text.p_value(0.05) == "0.05"
    assert text.p_value(0.0504) == "0.0504"
    assert text.p_value(0.049) == "0.049"


@pytest.mark.parametrize(
    ("claim", "value", "shown"),
    [
        (1, 0.9498, "94.98\u00a0%"),
        (1, 0.5003, "50.03\u00a0%"),
        (2, 1.04, "1.04×"),
        (2, 1.46, "1.46×"),
        (2, 6.84, "6.8×"),
        (2, 0.4712, "0.47×"),
        (3, 0.5996, "59.96\u00a0%"),
        (4, -0.098, "−0.098"),
        (4, 0.004, "0.004"),
        (5, 0.9498, "95.0\u00a0%"),  # no claim on every cell
    ],
)
def test_the_ledger_keeps_estimates_apart_from_their_limits(claim, value, shown):
    row = {"key": CLAIM_KEYS[claim], "value": value, "low": value, "high": value, "reason": None}
    assert ledger.estimate_text(row).startswith(f"{shown} (")
    assert ledger.estimate_text(row).endswith(f"to\u00a0{shown})")
    differences = {"difference": 0.0996, "difference_low": 0.0004, "difference_high": 1.0004}
    shown = {2: "0.10× (0.00 to 1.0004×)", 4: "0.10 (0.0004 to 1.00)"}
    expected = shown.get(claim, "10.0 % (0.04 to 100.0 %)").replace(" to ", "\u00a0to\u00a0")
    found = ledger.estimate_text(row | differences, "difference")
    assert found == expected.replace(" %", "\u00a0%")


def test_costs_are_summed_by_stage(tmp_path):
    synthetic_statistics.write_benchmarks(tmp_path)
    (tmp_path / "report.tsv").write_text("s\th:m:s\tmax_rss\n2.0\t0:00:02\tNA\n")
    rows = provenance.costs_table(tmp_path).splitlines()
    assert rows[2] == "| datasets | 3 | 7.5 s | 212 MB |"
    assert rows[-1].startswith("| **all** | 15 | 37.5 s")
    assert not any(row.startswith("| report") for row in rows)
    assert "No benchmark" in provenance.costs_table(tmp_path / "nowhere")


def test_versions_and_commit(sources, tmp_path, monkeypatch):
    table = provenance.versions_table(sources.lock)
    assert re.search(r"\| numpy \| \*\*[\d.]+\*\* \| 0\.0\.1 \|", table)
    assert provenance.git_state(tmp_path)[0] == "unknown"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance.git_state(REPORTS)[0] == "unknown"


def test_a_paper_without_claims_on_signs_has_no_section_on_a_fixed_k():
    first, second = chosen_claims(), chosen_claims(["rising_gap", "rising_modularity"])
    for claims, section, groups in (
        (first, "text", " (claims 2 and 3: in either group)"),
        (second, "", ""),
    ):
        judged = pl.DataFrame({"key": [claim.key for claim in claims]})
        assert ledger.fixed_section(judged, "text") == section
        assert ledger.rule_words(claims)["two_groups"] == groups
