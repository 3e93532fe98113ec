"""The whole graph of rules, from nothing to the report, and what a change runs again."""

import os

import polars as pl
import pytest

from ricci_flow.report.pages import page_names
from tests.workflow.runner import ROOT, Study

ENSEMBLES = {
    f"{data_set}/{architecture}/{condition}"
    for data_set in ("rolls", "digits")
    for architecture in ("short", "long")
    for condition in ("trained", "untrained")
}
AFTER = {
    "statistics",
    *(
        f"figure {name}"
        for name in (
            "accuracy",
            "layers",
            "heatmap",
            "pairs",
            "accuracy_z",
            "spread",
            "nulls",
            "conditions",
            "k_curves",
            "forest",
            "claims",
            "layer_clouds",
        )
    ),
    "report",
    "report check",
    "explore",
    "manifest",
}


# What follows coefficients of the primary condition beside the statistics.
VARIED = {"further measures", "figure settings"}
ROLLS = {e for e in ENSEMBLES if "rolls" in e}
TRAINED_ROLLS = {"rolls/short/trained", "rolls/long/trained"}


def chain(*stages, ensembles=ENSEMBLES):
    return {f"{stage} {ensemble}" for stage in stages for ensemble in ensembles}


def test_everything_is_made(finished):
    made = finished.files()
    for ensemble in ENSEMBLES:
        assert {
            f"results/tiny/training/{ensemble}/weights.safetensors",
            f"results/tiny/training/{ensemble}/history.parquet",
            f"results/tiny/activations/{ensemble}/layers.safetensors",
            f"results/tiny/graphs/{ensemble}/neighbours.safetensors",
            f"results/tiny/measures/{ensemble}/main.parquet",
            f"results/tiny/coefficients/{ensemble}/cell.parquet",
            f"logs/tiny/training/{ensemble}.log",
            f"benchmarks/tiny/training/{ensemble}.tsv",
        } <= made
    pages = {f"results/tiny/report/{name}.html" for name in page_names(ROOT / "reports")}
    assert pages <= made
    drawn = {name.removeprefix("figure ") for name in AFTER if name.startswith("figure ")}
    assert {path for path in made if path.startswith("results/tiny/figures/")} == {
        f"results/tiny/figures/{name}.svg" for name in drawn | {"clouds", "graph", "settings"}
    }


def test_tables_hold_every_network_layer_and_k(finished):
    root = finished.folder / "results/tiny"
    for ensemble in ENSEMBLES:
        geometry = pl.read_parquet(root / f"measures/{ensemble}/main.parquet")
        layers = 5 if "short" in ensemble else 6
        ks = [6, 12, 30] if "rolls" in ensemble else [18, 54]  # a tenth, three tenths of 181
        assert sorted(geometry["k"].unique()) == ks
        assert len(geometry) == len(geometry.unique()) == 3 * layers * len(ks) * 2
    accuracy = pl.read_parquet(root / "statistics/accuracy.parquet")
    assert len(accuracy) == 3 * len(ENSEMBLES)
    assert accuracy["seed"].null_count() == 0


def test_untrained_networks_start_where_trained_ones_did(finished):
    table = pl.read_parquet(finished.folder / "results/tiny/statistics/accuracy.parquet")
    keys = ["data_set", "architecture", "network"]
    sides = [
        table.filter(pl.col("condition") == name).sort(keys) for name in ("trained", "untrained")
    ]
    assert sides[0]["seed"].to_list() == sides[1]["seed"].to_list()
    assert sides[0]["test_accuracy"].to_list() != sides[1]["test_accuracy"].to_list()


def test_a_second_run_finds_nothing_to_do(finished):
    result = finished.tiny()
    assert result.status == 0
    assert result.nothing_to_do, result.text


def test_touched_files_and_new_times_run_nothing(study):
    for path in study.folder.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts:
            os.utime(path)
    assert study.plan() == set()


def test_a_second_run_elsewhere_gives_the_same_tables_to_the_bit(finished, empty):
    result = empty.tiny("--cores", "1")
    assert result.status == 0, result.text
    names = [
        name for name in finished.files() if name.endswith((".parquet", ".safetensors", ".svg"))
    ]
    assert len(names) > 50
    for name in names:
        assert (finished.folder / name).read_bytes() == (empty.folder / name).read_bytes(), name


FOUR_LINES = """
mine:
  kind: file
  path: mine.csv
  label: kind
"""


def write_csv(study):
    rows = ["x,y,kind"] + [f"{i % 7},{(i * i) % 11},{'ab'[i % 2]}" for i in range(120)]
    (study.folder / "mine.csv").write_text("\n".join(rows) + "\n")


def test_an_added_data_set_runs_its_own_chain_and_the_statistics(study):
    write_csv(study)
    catalogue = study.folder / "tiny/datasets.yaml"
    catalogue.write_text(catalogue.read_text() + FOUR_LINES)
    study.edit("tiny/config.yaml", "[rolls, digits]", "[rolls, digits, mine]")
    new = {f"mine/{a}/{c}" for a in ("short", "long") for c in ("trained", "untrained")}
    stages = ("training", "graphs", "measures")
    expected = chain(*stages, "coefficients", ensembles=new) | AFTER
    mine = {"mine/short/trained", "mine/long/trained"}
    expected |= chain("measures robustness", "measures excluded", ensembles=mine)
    expected |= VARIED | {
        "data set mine",
        "check of mine",
        "figure clouds",
        "config of the study",
    }
    assert study.run() == expected
    assert study.run() == set()
    cells = pl.read_parquet(study.folder / "results/tiny/statistics/cells.parquet")
    assert "mine" in cells["data_set"].to_list()


def test_a_data_set_taken_away_runs_only_the_statistics(study):
    study.edit("tiny/config.yaml", "[rolls, digits]", "[rolls]")
    assert study.run() == AFTER | VARIED | {"figure clouds", "config of the study"}
    assert study.run() == set()


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        # A k below the largest: no search; above it: the search too, but no training.
        (
            "tiny/datasets.yaml",
            "[6, 12, 30]",
            "[6, 9, 12, 30]",
            chain("measures", "coefficients", ensembles=ROLLS)
            | chain("measures excluded", ensembles=TRAINED_ROLLS)
            | AFTER
            | VARIED
            | {"check of rolls", "config of the study"},
        ),
        (
            "tiny/datasets.yaml",
            "[6, 12, 30]",
            "[6, 12, 30, 40]",
            chain("graphs", "measures", "coefficients", ensembles=ROLLS)
            | chain("measures excluded", ensembles=TRAINED_ROLLS)
            | AFTER
            | VARIED
            | {"check of rolls", "config of the study", "figure graph"},
        ),
        (
            "tiny/datasets.yaml",
            "accuracy_threshold: 0.6",
            "accuracy_threshold: 0.65",
            # Untrained networks are kept whatever their accuracy.
            chain("coefficients", "measures excluded", ensembles=TRAINED_ROLLS)
            | AFTER
            | VARIED
            | {"check of rolls", "config of the study"},
        ),
        (
            "tiny/config.yaml",
            "networks: 3",
            "networks: 3\nconfidence: 0.9",
            AFTER - {"explore"} | VARIED | {"config of the study"},
        ),
        ("reports/report.qmd", "\n\n", "\n\n\n", {"report", "report check", "manifest"}),
    ],
    ids=["smaller-k", "larger-k", "threshold", "confidence", "text"],
)
def test_a_change_runs_what_depends_on_it(study, file, old, new, expected):
    study.edit(file, old, new)
    assert study.plan() == expected


def test_the_order_of_a_grid_means_nothing(study):
    study.edit("tiny/datasets.yaml", "[6, 12, 30]", "[30, 6, 12]")
    study.edit("tiny/config.yaml", "[0.1, 0.3]", "[0.3, 0.1]")
    assert study.plan() <= {"config of the study", "report", "report check", "manifest"}


def test_a_study_beside_another_disturbs_nothing(study):
    before = {name for name in study.files() if name.startswith("results/")}
    study.edit("tiny/config.yaml", "study: tiny", "study: other")
    assert len(study.plan()) > 50
    study.edit("tiny/config.yaml", "study: other", "study: tiny")
    assert study.plan() == set()
    assert {name for name in study.files() if name.startswith("results/")} == before


BAD = {
    "an unknown key": ("tiny/config.yaml", "networks: 3", "network: 3", "did you mean 'networks'?"),
    "a value out of range": (
        "tiny/config.yaml",
        "epochs: 4",
        "epochs: -4",
        "'training.epochs' is -4",
    ),
    "no such data set": ("tiny/config.yaml", "[rolls, digits]", "[rols]", "did you mean 'rolls'?"),
    "broken YAML": ("tiny/datasets.yaml", "kind: sklearn", "kind: [", "tiny/datasets.yaml: line"),
    "k above n": ("tiny/datasets.yaml", "[6, 12, 30]", "[6, 70]", "'rolls.k_grid' goes up to 70"),
    "no such file": (
        "tiny/datasets.yaml",
        'kind: sklearn\n  table: digits\n  classes: ["1", "7"]',
        "kind: file\n  path: no.csv\n  label: y",
        "'digits.path' is 'no.csv'",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_one_line_before_any_work(empty: Study, case):
    file, old, new, expected = BAD[case]
    empty.edit(file, old, new)
    before = empty.files()
    result = empty.tiny()
    assert result.status != 0
    assert "Traceback" not in result.text
    lines = [line for line in result.text.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert expected in lines[0]
    assert result.text.strip().endswith(lines[0])
    assert empty.files() == before


def test_a_grid_that_does_not_fit_ends_before_training(empty: Study):
    empty.edit("tiny/datasets.yaml", 'classes: ["1", "7"]', 'classes: ["1", "7"]\n  k_grid: [400]')
    result = empty.tiny()
    assert result.status != 0
    assert "Traceback" not in result.text
    assert "data set digits: k_grid goes up to 400, not below the 181 test points" in result.text
    assert not list(empty.folder.glob("results/tiny/training/digits/*/*/weights.safetensors"))
