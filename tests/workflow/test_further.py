"""Further blocks in whole runs: what they make, what a change of them runs, and none of them."""

import json

import polars as pl
import pytest

from tests.workflow.runner import pages_of
from tests.workflow.test_tiny_study import ENSEMBLES, chain

MEASURED = {name for name in ENSEMBLES if name.endswith("/trained")}
AFTER = {"further measures", "figure settings", "config of the study"}
AFTER |= {"report", "report check", "manifest"}
OLD = "settings: [mutual, rescaled, with_input_and_output, mst]"
NO_CURVATURES = "curvatures:\n    measures: []"


def ensembles_of(root, block):
    return {path.parent.relative_to(root / "measures").as_posix()
            for path in root.glob(f"measures/*/*/*/{block}.parquet")}  # fmt: skip


def test_settings_of_the_first_condition_are_measured_and_knn_is_the_pipelines(finished):
    root = finished.folder / "results/tiny"
    assert ensembles_of(root, "robustness") == MEASURED
    further = pl.read_parquet(root / "statistics/further.parquet")
    assert set(further["setting"]) == {
        *("knn", "mutual", "rescaled", "with_input_and_output", "mst"),
    }
    assert set(further["network"]) == {0, 1}
    # A tenth of the 181 digits is in the grid of the study too.
    keys = ["data_set", "architecture", "condition", "network", "measure", "k"]
    tables = [
        pl.read_parquet(root / f"coefficients/{name}/networks.parquet") for name in sorted(MEASURED)
    ]
    both = further.filter(setting="knn").join(pl.concat(tables), on=keys)
    assert len(both) >= 2 * 2 * 2
    assert both["rho"].equals(both["rho_right"].alias("rho"), null_equal=True)
    summary = pl.read_parquet(root / "statistics/settings.parquet")
    assert len(summary) == 2 * 5 - 1  # the mutual graph has no directed edges
    page = " ".join(pages_of(root).split())
    assert "spanning tree</td>" in page
    assert "No control was measured with them" in page
    assert "No other curvatures were asked for in this study" in page


def test_networks_excluded_at_k_star_are_measured_under_the_policy_asked_for(finished):
    root = finished.folder / "results/tiny"
    summary = pl.read_parquet(root / "statistics/policies.parquet")
    funnel = pl.read_parquet(root / "statistics/funnel.parquet").filter(condition="trained")
    for measure in ("forman_directed", "forman_union"):
        exclude, mst = summary.filter(measure=measure).iter_rows(named=True)
        assert (exclude["policy"], mst["policy"]) == ("exclude", "mst")
        steps = funnel.filter(measure=measure)["networks"].to_list()
        counted = ["kept", "connected", "connected_negative"]
        assert [exclude[name] for name in counted] == steps[1:]
        assert [mst[name] for name in counted] == steps[1:]
        excluded = pl.read_parquet(root / "statistics/excluded.parquet").filter(
            pl.col("condition") == "trained",
            pl.col("measure") == measure,
            pl.col("reason").str.starts_with("not connected"),
        )
        assert mst["regained"] == len(excluded)  # with the tree every graph is connected
    assert ensembles_of(root, "excluded") == MEASURED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OLD, "settings: [mutual, subsample]"),
        ("draws: 1", "draws: 2"),
        ("k_fractions: [0.05, 0.1]", "k_fractions: [0.2]"),
    ],
    ids=["settings", "draws", "fractions"],
)
def test_a_change_runs_its_block_and_the_report(study, old, new):
    study.edit("tiny/config.yaml", old, new)
    assert study.plan() == chain("measures robustness", ensembles=MEASURED) | AFTER


def test_another_condition_is_measured_beside_the_first(study):
    study.edit("tiny/config.yaml", "draws: 1", "draws: 1\n    conditions: [trained, untrained]")
    assert study.plan() == chain("measures robustness", ensembles=ENSEMBLES - MEASURED) | AFTER


def test_without_blocks_nothing_is_measured_and_the_report_says_so(study):
    study.edit("tiny/config.yaml", OLD, "measures: []")
    study.edit("tiny/config.yaml", "excluded:", "excluded:\n    measures: []")
    assert study.plan() == AFTER
    result = study.tiny()
    assert result.status == 0, result.text
    page = pages_of(study.folder / "results/tiny")
    page = " ".join(page.split())
    assert page.count("Not measured: no block of this study") == 3
    assert "No network was measured here." in page
    assert study.tiny().nothing_to_do


def test_a_block_runs_alone_and_a_new_measure_runs_it_again(study):
    study.edit(
        "tiny/config.yaml",
        NO_CURVATURES,
        "curvatures:\n    measures: [ollivier, augmented_forman]\n    networks: 2\n"
        "    conditions: 2\n    k_fractions: [0.1]",
    )
    stage, after = chain("measures curvatures"), AFTER | {"figure measures", "figure along_layers"}
    assert study.plan() == stage | after
    result = study.tiny()
    assert result.status == 0, result.text
    root = study.folder / "results/tiny"
    networks = pl.read_parquet(root / "statistics/further.parquet").filter(block="curvatures")
    assert len(networks) == len(stage) * 2 * 2
    assert sorted(networks["k"].unique()) == [7, 18]
    assert (networks["rho"].is_null() == networks["reason"].is_not_null()).all()
    for table in ("rolls/short/trained", "digits/long/untrained"):
        rows = pl.read_parquet(root / f"measures/{table}/curvatures.parquet")
        layers = 5 if "short" in table else 6
        assert len(rows) == 2 * 2 * layers
        exact = rows.filter(measure="ollivier")
        assert ((exact["mean"] > -2) & (exact["mean"] < 1)).all()
    # The main block counts the same edges at the same k.
    main = pl.read_parquet(root / "measures/digits/long/untrained/main.parquet")
    same = main.filter(pl.col("network") < 2, k=18, measure="forman_union")
    same = same.sort("network", "layer")
    assert exact["edges"].to_list() == same["edges"].to_list()
    summary = pl.read_parquet(root / "statistics/measures.parquet").filter(block="curvatures")
    assert set(summary["measure"]) == {"ollivier", "augmented_forman"}
    assert set(summary["condition"]) == {"trained", "untrained"}
    costs = study.folder / "benchmarks/tiny/measures/rolls/short/trained/curvatures.json"
    assert set(json.loads(costs.read_text())["seconds"]) == {"ollivier", "augmented_forman"}
    page = pages_of(root)
    assert 'id="tbl-measures"' in page
    assert study.tiny().nothing_to_do

    study.edit("tiny/config.yaml", "[ollivier, augmented_forman]", "[ollivier, tian]")
    assert study.plan() == stage | after
    study.edit("tiny/config.yaml", "[ollivier, tian]", "[ollivier, augmented_forman]")
    assert study.plan() == set()
    # Another value of an option is another measure, an entry that nothing names is none.
    study.edit("config/measures.yaml", "ollivier\nollivier_lazy:", "ollivier\nlazier:")
    assert study.plan() == set()
    entry = "ollivier:\n  module: ollivier\n"
    study.edit("config/measures.yaml", entry, entry + "  options: { idleness: 0.1 }\n")
    assert study.plan() == stage | after


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (NO_CURVATURES, "curvatures:\n    measures: [olivier]", "did you mean 'ollivier'?"),
        (OLD, "settings: [mutal]", "did you mean 'mutual'?"),
        ("draws: 1", "draws: 1\n    conditions: [untraind]", "did you mean 'untrained'?"),
        ("excluded:", "main:", "key 'further.main' has the name of the main block"),
        ("settings: [mst]", "settings: []", "names no setting that keeps an excluded network"),
        ("draws: 1", "draw: 1", "did you mean 'draws'?"),
        ("draws: 1", "draws: 0", "it must be at least 1"),
    ],
)
def test_a_wrong_block_gets_one_line_before_any_work(empty, old, new, said):
    empty.edit("tiny/config.yaml", old, new)
    result = empty.tiny()
    assert result.status != 0
    assert "Traceback" not in result.text
    lines = [line for line in result.text.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert said in lines[0]
