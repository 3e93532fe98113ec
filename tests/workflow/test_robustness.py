"""Robustness in whole runs: what it makes, what a change of it runs, and a study without it."""

import polars as pl
import pytest

from tests.workflow.test_tiny_study import ENSEMBLES, chain

MEASURED = {name for name in ENSEMBLES if name.endswith("/trained")}
AFTER = {"robustness summary", "figure robustness", "config of the study"}
AFTER |= {"report", "report check", "manifest"}
OLD = "variants: [mutual, rescaled, with_input_and_output, mst]"


def test_variants_of_the_first_condition_are_measured_and_the_baseline_is_the_pipelines(finished):
    root = finished.folder / "results/tiny"
    made = {path.parent.relative_to(root / "robustness").as_posix()
            for path in root.glob("robustness/*/*/*/variants.parquet")}  # fmt: skip
    assert made == MEASURED
    variants = pl.read_parquet(root / "statistics/robustness_variants.parquet")
    assert set(variants["variant"]) == {
        *("baseline", "mutual", "rescaled", "with_input_and_output", "mst"),
    }
    assert set(variants["network"]) == {0, 1}
    # A tenth of the 181 digits is in the grid of the study too.
    keys = ["data_set", "architecture", "condition", "network", "convention", "k"]
    tables = [
        pl.read_parquet(root / f"coefficients/{name}/networks.parquet") for name in sorted(MEASURED)
    ]
    both = variants.filter(variant="baseline").join(pl.concat(tables), on=keys)
    assert len(both) >= 2 * 2 * 2
    assert both["rho"].equals(both["rho_right"].alias("rho"), null_equal=True)
    summary = pl.read_parquet(root / "statistics/robustness.parquet")
    assert len(summary) == 2 * 5 - 1  # the mutual graph has one convention
    page = " ".join((root / "report/report.html").read_text("utf-8").split())
    assert "spanning tree</td>" in page
    assert "No control was measured beside them" in page


def test_networks_excluded_at_k_star_are_measured_under_the_policy_asked_for(finished):
    root = finished.folder / "results/tiny"
    summary = pl.read_parquet(root / "statistics/policies.parquet")
    funnel = pl.read_parquet(root / "statistics/funnel.parquet").filter(condition="trained")
    for convention in ("directed", "union"):
        exclude, mst = summary.filter(convention=convention).iter_rows(named=True)
        assert (exclude["policy"], mst["policy"]) == ("exclude", "mst")
        steps = funnel.filter(convention=convention)["networks"].to_list()
        counted = ["kept", "connected", "connected_negative"]
        assert [exclude[name] for name in counted] == steps[1:]
        assert [mst[name] for name in counted] == steps[1:]
        excluded = pl.read_parquet(root / "statistics/excluded.parquet").filter(
            pl.col("condition") == "trained",
            pl.col("convention") == convention,
            pl.col("reason").str.starts_with("not connected"),
        )
        assert mst["regained"] == len(excluded)  # with the tree every graph is connected
    made = {path.parent.relative_to(root / "robustness").as_posix()
            for path in root.glob("robustness/*/*/*/policies.parquet")}  # fmt: skip
    assert made == MEASURED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OLD, "variants: [mutual, subsample]"),
        ("draws: 1", "draws: 2"),
        ("draws: 1", "draws: 1\n  k_fractions: [0.2]"),
    ],
    ids=["variants", "draws", "fractions"],
)
def test_a_change_runs_robustness_and_the_report(study, old, new):
    study.edit("tiny/config.yaml", old, new)
    assert study.plan() == chain("robustness", ensembles=MEASURED) | AFTER


def test_another_condition_is_measured_beside_the_first(study):
    study.edit("tiny/config.yaml", "draws: 1", "draws: 1\n  conditions: [trained, untrained]")
    assert study.plan() == chain("robustness", ensembles=ENSEMBLES - MEASURED) | AFTER


def test_without_variants_nothing_is_measured_and_the_report_says_so(study):
    study.edit("tiny/config.yaml", OLD, "variants: []")
    assert study.plan() == AFTER
    result = study.tiny()
    assert result.status == 0, result.text
    page = (study.folder / "results/tiny/report/report.html").read_text("utf-8")
    page = " ".join(page.split())
    assert page.count("Not measured: this study") == 3
    assert "No network was measured here." in page
    assert study.tiny().nothing_to_do


def test_a_condition_that_the_study_lacks_is_refused(empty):
    empty.edit("tiny/config.yaml", "draws: 1", "draws: 1\n  conditions: [untraind]")
    result = empty.tiny()
    assert result.status != 0
    assert "key 'robustness.conditions' names 'untraind'" in result.text
    assert "did you mean 'untrained'?" in result.text
    assert "Traceback" not in result.text
