"""Every change runs what depends on it and nothing else: real runs, not plans."""

import os
import shutil
import subprocess
import time

import pytest

from ricci_flow.storage import read_tensors
from tests.workflow.runner import Result, Study
from tests.workflow.test_tiny_study import AFTER, chain

ENSEMBLE = {"rolls/short/trained"}
GRID = {"check of rolls", "config of the study"}
MEASURED = chain("measures", "coefficients", ensembles=ENSEMBLE)


def of_networks(*ensembles):
    stages = ("training", "graphs", "measures", "coefficients")
    return chain(*stages, ensembles=ensembles)


def make_new(study: Study) -> None:
    """Give every file of a folder a new time."""
    for path in study.folder.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts:
            os.utime(path)


def test_a_study_from_nothing_runs_everything_once_and_then_nothing(finished_mini):
    first = {"data set rolls", "figure clouds", "figure graph", "guide"}
    first |= {"further measures", "figure settings"}  # of nothing, here
    everything = finished_mini.plan("--forceall")
    assert everything == of_networks(*ENSEMBLE) | GRID | AFTER | first
    assert finished_mini.run() == set()


def test_touched_files_run_nothing(checkout):
    make_new(checkout)
    assert checkout.run() == set()


def test_a_fresh_clone_over_kept_results_runs_nothing(checkout, tmp_path):
    def git(*arguments):
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=checkout.folder, check=True)

    kept = ("results", "logs", "benchmarks", ".snakemake")
    (checkout.folder / ".gitignore").write_text("".join(f"/{name}/\n" for name in kept))
    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "all")
    clone = Study.there(tmp_path / "clone", checkout.config, tmp_path / "clone")
    git("clone", "--quiet", ".", str(clone.folder))
    for name in kept:
        shutil.copytree(checkout.folder / name, clone.folder / name)  # with the times they had
    assert clone.run() == set()


def test_an_edited_comment_runs_nothing(checkout):
    for name in ("coefficients/ricci", "storage", "networks/trainers/fused/trainer"):
        path = checkout.folder / f"scripts/ricci_flow/{name}.py"
        text = path.read_text("utf-8").replace('"""', '"""In other words: ', 1)
        path.write_text(f"# A comment.\n\n{text}\n# Another.\n", "utf-8")
    assert checkout.run() == set()


def test_an_edited_formula_runs_its_stage_and_what_follows(checkout):
    name = "scripts/ricci_flow/coefficients/ricci.py"
    formula = "return np.diff(mass), curvature[{}]"
    checkout.edit(name, formula.format(":-1"), formula.format("1:"))
    table = checkout.folder / "results/mini/coefficients/rolls/short/trained/networks.parquet"
    before = table.read_bytes()
    # Further blocks have the same coefficients, here of nothing.
    further = {"further measures", "figure settings"}
    assert checkout.run() == chain("coefficients", ensembles=ENSEMBLE) | AFTER | further
    assert table.read_bytes() != before
    assert checkout.run() == set()


FIGURES = {name for name in AFTER if name.startswith("figure")}
FIGURES |= {"figure clouds", "figure graph", "figure settings"}
LIBRARIES = {
    # Intervals of local coefficients are of further measures.
    "statsmodels": AFTER - {"explore"} | {"further measures", "figure settings"},
    "matplotlib": FIGURES | {"report", "report check", "manifest"},
    "pypandoc_binary": {"report", "report check", "guide", "manifest"},
    # Training, search and hops can use it, and figures read graphs with the module that searches.
    "torch": of_networks(*ENSEMBLE) | AFTER | FIGURES,
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_another_version_runs_what_computes_with_the_library(checkout, library):
    lock = (checkout.folder / "requirements.lock").read_text("utf-8").splitlines()
    line = next(line for line in lock if line.startswith(f"{library}=="))
    checkout.edit("requirements.lock", f"{line}\n", f"{library}==99.9\n")
    if library == "torch":  # all of the chain: other tests run that
        assert checkout.plan() == LIBRARIES[library]
        return
    assert checkout.run() == LIBRARIES[library]
    assert checkout.run() == set()


def test_another_version_of_what_all_compute_with_runs_all_but_texts(checkout):
    """Config and guide compute nothing."""
    everything = checkout.plan("--forceall")
    lock = (checkout.folder / "requirements.lock").read_text("utf-8").splitlines()
    line = next(line for line in lock if line.startswith("numpy=="))
    checkout.edit("requirements.lock", f"{line}\n", "numpy==99.9\n")
    assert checkout.plan() == everything - {"config of the study", "guide"}


DATA, CONFIG = "tiny/datasets.yaml", "tiny/mini.yaml"
CONDITION = ("conditions: [trained]", "conditions: [trained, untrained]")
CHANGES = {
    "a k below the largest": (DATA, "[6, 12, 30]", "[6, 9, 12, 30]", MEASURED | GRID | AFTER),
    "a k above the largest": (
        *(DATA, "[6, 12, 30]", "[6, 12, 30, 40]"),
        MEASURED | chain("graphs", ensembles=ENSEMBLE) | GRID | AFTER | {"figure graph"},
    ),
    "a threshold": (
        *(DATA, "accuracy_threshold: 0.6", "accuracy_threshold: 0.65"),
        chain("coefficients", ensembles=ENSEMBLE) | AFTER | GRID,
    ),
    "an option of the statistics": (
        *(CONFIG, "networks: 2", "networks: 2\nconfidence: 0.9"),
        AFTER - {"explore"} | {"further measures", "figure settings", "config of the study"},
    ),
    "the recipe": (
        *(CONFIG, "epochs: 2", "epochs: 3"),
        of_networks(*ENSEMBLE) | AFTER | {"figure graph", "config of the study"},
    ),
    "neighbour lists no longer kept": (
        *(CONFIG, "networks: 2", "networks: 2\ngeometry:\n  keep_graphs: false"),
        {"config of the study", "report", "report check", "manifest"},
    ),
    "what a block asks for": (
        *(CONFIG, "robustness: { measures: [] }", "robustness: { settings: [mutual] }"),
        chain("measures robustness", ensembles=ENSEMBLE)
        | {"further measures", "figure settings"}
        | {"config of the study", "report", "report check", "manifest"},
    ),
    "a curvature": (
        *(CONFIG, "curvatures: { measures: [] }", "curvatures: { measures: [augmented_forman] }"),
        chain("measures curvatures", ensembles=ENSEMBLE)
        | {"further measures", "figure measures", "figure along_layers", "figure settings"}
        | {"config of the study", "report", "report check", "manifest"},
    ),
    "the text of the report": (
        "reports/report.qmd",
        "\n\n",
        "\n\n\n",
        {"report", "report check", "manifest"},
    ),
    "the text of the page of layers": (
        "reports/explore/page.html",
        "<h1>Explore",
        "<h1>Explore all",
        {"explore", "manifest"},
    ),
    "no page of layers": (
        *(CONFIG, "networks: 2", "networks: 2\nexplore: false"),
        {"config of the study", "report", "report check", "manifest"},
    ),
    "a condition": (
        *(CONFIG, *CONDITION),
        of_networks("rolls/short/untrained") | AFTER | {"config of the study"},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_runs_what_depends_on_it(mini, change):
    file, old, new, expected = CHANGES[change]
    mini.edit(file, old, new)
    assert mini.run() == expected
    assert mini.plan() == set()


def test_deleted_neighbour_lists_are_searched_again_where_they_are_needed(checkout):
    """By a new k, by the code of graphs and by that of the figure that draws a graph; else not."""
    checkout.edit(CONFIG, "networks: 2", "networks: 2\ngeometry:\n  keep_graphs: false")
    checkout.run("--forcerun", "build_graphs")
    lists = checkout.folder / "results/mini/graphs/rolls/short/trained/neighbours.safetensors"
    assert not lists.exists()
    assert checkout.run() == set()
    searched = MEASURED | chain("graphs", ensembles=ENSEMBLE) | AFTER | {"figure graph"}
    for name in ("graphs/graph", "figures/graph"):
        path = checkout.folder / f"scripts/ricci_flow/{name}.py"
        text = path.read_text("utf-8")
        path.write_text(text + "\n\n_ADDED = 1\n", "utf-8")
        assert checkout.plan() == searched
        path.write_text(text, "utf-8")
    checkout.edit(DATA, "[6, 12, 30]", "[6, 9, 12, 30]")
    assert checkout.run() == searched | GRID
    assert not lists.exists()
    assert checkout.run() == set()


def test_an_added_network_trains_its_ensemble_and_changes_no_other_network(mini):
    """All of the ensemble train together and again; the old ones come out the same to the bit."""
    path = mini.folder / "results/mini/training/rolls/short/trained/weights.safetensors"
    before = read_tensors(path)
    mini.edit(CONFIG, "networks: 2", "networks: 3")
    expected = of_networks(*ENSEMBLE) | AFTER | {"config of the study", "figure graph"}
    assert mini.run() == expected
    after = read_tensors(path)
    assert after.keys() == before.keys()
    for name, array in before.items():
        assert len(after[name]) == 3
        assert after[name][:2].tobytes() == array.tobytes(), name


def test_two_studies_run_at_once_in_one_folder_but_one_study_only_once(mini):
    """Snakemake locks the files that a run makes; a second run of the same study is refused."""
    text = (mini.folder / CONFIG).read_text("utf-8")
    (mini.folder / "tiny/other.yaml").write_text(text.replace("study: mini", "study: other"))
    other = Study.there(mini.folder, "tiny/other.yaml", mini.code)
    everything = other.plan("--forceall")
    process = other.start("--configfile", other.config, "--quiet", "host")
    deadline = time.monotonic() + 120
    while not list(mini.folder.glob("results/other/datasets/*")):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    refused = other.tiny()
    assert refused.status != 0
    assert "Directory cannot be locked" in refused.text
    again = chain("coefficients", ensembles=ENSEMBLE) | AFTER
    assert mini.run("--forcerun", "compute_coefficients") == again
    out, _ = process.communicate(timeout=300)
    assert process.returncode == 0, out
    assert Result(0, out).jobs() == everything
    assert mini.run() == other.run() == set()
