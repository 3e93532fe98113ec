"""All choices in a whole run: what it makes, that nothing is trained for it, and wrong names."""

import polars as pl
import pytest

from tests.workflow.runner import pages_of

ASKED = "multiverse={policies: [exclude, released, pieces], thresholds: [above]}"
MEASURED = {
    f"{what} under all choices {data_set}/{architecture}/{condition}"
    for what in ("measures", "series")
    for data_set in ("rolls", "digits")
    for architecture in ("short", "long")
    for condition in ("trained", "untrained")
}
AFTER = {"claims under all choices", "figure specifications", "config of the study"}
AFTER |= {"report", "report check", "manifest"}


@pytest.mark.slow
def test_claims_of_a_finished_study_are_judged_under_all_choices(study):
    assert study.run("--config", ASKED) == MEASURED | AFTER
    statistics = study.folder / "results/tiny/statistics"
    table = pl.read_parquet(statistics / "specifications.parquet")
    ledger = pl.read_parquet(statistics / "ledger.parquet").filter(
        condition="trained", measure="forman_directed"
    )
    ours = table.filter("own")
    assert len(ours) == len(ledger) > 5
    for name in ("key", "control", "value", "low", "high", "verdict", "standing"):
        assert ours[name].to_list() == ledger[name].to_list(), name
    found = pl.read_parquet(statistics / "multiverse.parquet")
    # Two measures, two plausible policies, four kinds of layers; by claim one to three k.
    assert found["specifications"].to_list() == [48, 16, 32, 32, 48]
    assert found["implausible"].to_list() == [24, 8, 16, 16, 24]
    page = " ".join(pages_of(study.folder / "results/tiny").split())
    assert "<th>over all choices</th>" in page.replace(' style="text-align: left;"', "")
    assert "the released code: a network is kept where" in page
    assert study.plan("--config", ASKED) == set()
    # One policy more measures its graph; without the key nothing but the report is made again.
    more = ASKED.replace("pieces]", "pieces, mst]")
    assert study.plan("--config", more) == MEASURED | AFTER
    assert study.plan() == {"config of the study", "report", "report check", "manifest"}


UNION = """geometry:
  measures: [forman_directed, forman_union]
  primary_measure: forman_union
"""
POINTS = """further:
  points:
    measures: [forman_union, augmented_forman, modularity]
    settings: [with_input_and_output, with_output]
    conditions: 2
    local: true
"""


@pytest.mark.slow
def test_claims_on_local_coefficients_are_judged_under_what_their_block_measures(study):
    study.edit(study.config, "further:\n", POINTS)
    study.edit(study.config, "geometry:\n", UNION)
    jobs = study.run("--config", "multiverse={}", "claims=[local_negative, rising_gap]")
    assert "claims under all choices" in jobs
    assert not {job for job in jobs if job.startswith(("measures under", "series under", "train"))}
    statistics = study.folder / "results/tiny/statistics"
    table = pl.read_parquet(statistics / "specifications.parquet")
    ledger = pl.read_parquet(statistics / "ledger.parquet").filter(
        condition="trained", measure="forman_union"
    )
    ours = table.filter("own")
    assert len(ours) == len(ledger) > 3
    for name in ("key", "control", "value", "low", "high", "verdict", "standing"):
        assert ours[name].to_list() == ledger[name].to_list(), name
    found = pl.read_parquet(statistics / "multiverse.parquet")
    # Two measures, three kinds of layers; once more with all networks, which is not plausible.
    assert found["specifications"].to_list() == found["implausible"].to_list() == [6, 6]
    assert ours["layers"].unique().to_list() == ["with_both"]
    assert "as in Hehl et al. 2025" in pages_of(study.folder / "results/tiny")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("multiverse={policies: [excluded]}", "key 'multiverse.policies"),
        (
            "multiverse={recipes: {a: {condition: untrained, reason: x}}}",
            "key 'multiverse.recipes.a.condition' names 'untrained', a control; claims are judged",
        ),
        (
            "multiverse={recipes: {a: {condition: trained, controls: [linear], reason: x}}}",
            "key 'multiverse.recipes.a.controls' names 'linear', not among the study's controls",
        ),
        (
            "multiverse={data: {a: {data_sets: [roll], reason: x}}}",
            "key 'multiverse.data.a.data_sets' names 'roll', not among the study's data_sets; "
            "did you mean 'rolls'?",
        ),
        (
            "multiverse={data: {a: {data_sets: [rolls]}}}",
            "key 'reason' is missing at multiverse.data.a",
        ),
    ],
)
def test_a_wrong_name_is_one_line_before_any_work(empty, asked, says):
    result = empty.tiny("--dry-run", "--config", asked)
    assert result.status == 1
    (line,) = [line for line in result.text.splitlines() if line.startswith("error: ")]
    assert says in line
