"""Other curvatures as a stage: left out, turned on, and what a new notion runs again."""

import json

import polars as pl

from tests.workflow.test_tiny_study import chain

AFTER = {
    *("curvatures of all ensembles", "figure curvatures", "config of the study", "report"),
    *("report check", "manifest"),
}


def test_the_stage_is_left_out_where_nothing_is_asked_for(finished):
    assert not [path for path in finished.files() if "curvature" in path and "results/" in path]
    page = (finished.folder / "results/tiny/report/report.html").read_text("utf-8")
    assert "Other curvatures were not asked for in this study" in " ".join(page.split())


def test_the_stage_runs_alone_and_a_new_notion_runs_it_again(study):
    study.edit(
        "tiny/config.yaml",
        "notions: []",
        "notions: [ollivier, augmented_forman]\n  networks: 2\n  conditions: 2\n"
        "  k_fractions: [0.1]",
    )
    stage = chain("curvatures")
    assert study.plan() == stage | AFTER
    result = study.tiny()
    assert result.status == 0, result.text
    root = study.folder / "results/tiny"
    networks = pl.read_parquet(root / "statistics/curvature_networks.parquet")
    assert len(networks) == len(stage) * 2 * 2
    assert sorted(networks["k"].unique()) == [7, 18]
    assert (networks["rho"].is_null() == networks["reason"].is_not_null()).all()
    for table in ("rolls/short/trained", "digits/long/untrained"):
        rows = pl.read_parquet(root / f"curvatures/{table}/curvatures.parquet")
        layers = 5 if "short" in table else 6
        assert len(rows) == 2 * 2 * layers
        exact = rows.filter(curvature="ollivier")
        assert ((exact["mean"] > -2) & (exact["mean"] < 1)).all()
    # The geometry stage counts the same edges at the same k.
    geometry = pl.read_parquet(root / "geometry/digits/long/untrained/layers.parquet")
    same = geometry.filter(pl.col("network") < 2, k=18, convention="union")
    assert exact["edges"].to_list() == same["edges"].to_list()
    summary = pl.read_parquet(root / "statistics/curvatures.parquet")
    assert set(summary["curvature"]) == {"ollivier", "augmented_forman"}
    assert set(summary["condition"]) == {"trained", "untrained"}
    costs = study.folder / "benchmarks/tiny/curvatures/rolls/short/trained.json"
    assert set(json.loads(costs.read_text())["seconds"]) == {"ollivier", "augmented_forman"}
    page = (root / "report/report.html").read_text("utf-8")
    assert 'id="tbl-curvatures"' in page
    assert study.tiny().nothing_to_do

    study.edit("tiny/config.yaml", "[ollivier, augmented_forman]", "[ollivier, tian]")
    assert study.plan() == stage | AFTER
    study.edit("tiny/config.yaml", "[ollivier, tian]", "[ollivier, augmented_forman]")
    assert study.plan() == set()
    # Another value of an option is another curvature, an entry that nothing names is none.
    study.edit("config/curvatures.yaml", "ollivier\nollivier_lazy:", "ollivier\nlazier:")
    assert study.plan() == set()
    entry = "ollivier:\n  module: ollivier\n"
    study.edit("config/curvatures.yaml", entry, entry + "  options: { idleness: 0.1 }\n")
    assert study.plan() == stage | AFTER


def test_an_unknown_curvature_gets_one_line_before_any_work(empty):
    empty.edit("tiny/config.yaml", "notions: []", "notions: [olivier]")
    result = empty.tiny()
    assert result.status != 0
    assert "Traceback" not in result.text
    lines = [line for line in result.text.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert "did you mean 'ollivier'?" in lines[0]
