"""What jobs ask for, and what a study is told it will cost."""

import copy
from pathlib import Path

import numpy as np

from ricci_flow.study.jobs import grown
from ricci_flow.study.model import load_study
from ricci_flow.study.needs import Needs
from ricci_flow.study.sizes import Size, size_of
from ricci_flow.study.warnings import costs_of
from ricci_flow.yaml_file import load_yaml
from tests.unit.test_datasets_folders import idx_folder

ROOT = Path(__file__).parents[2]
DEFAULT = load_yaml(ROOT / "config/config.yaml")
NAMES = ["mine", "wide_5", "trained"]


def study(folder, entry, **changes):
    """A study of one data set `mine` and five layers of 50 units, with no further blocks."""
    (folder / "datasets.yaml").write_text(f"mine: {entry}\n", "utf-8")
    config = copy.deepcopy(DEFAULT) | {
        "results": f"{folder}/results",
        "data_sets": ["mine"],
        "architectures": ["wide_5"],
        "conditions": ["trained"],
        "further": {},
        "catalogues": {"data_sets": f"{folder}/datasets.yaml"},
    }
    return load_study(config | changes, "my.yaml")


def drawn(n):
    return f"{{kind: synthetic, generator: crossing_sheets, n_test: {n}}}"


def test_sizes_are_known_from_entries_headers_and_facts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").symlink_to(ROOT / "config")
    assert size_of(study(tmp_path, drawn(700)), "mine") == Size(1000, 700, 3)
    assert size_of(study(tmp_path, drawn(700), test_points=90), "mine") == Size(1000, 90, 3)
    idx_folder(tmp_path / "files")
    assert size_of(study(tmp_path, "{kind: idx, path: files}"), "mine") == Size(60, 30, 20)
    np.savez("a.npz", X=np.zeros((50, 4)), y=np.zeros(50))
    entry = "{kind: file, path: a.npz, test_fraction: 0.2}"
    assert size_of(study(tmp_path, entry), "mine") == Size(40, 10, 4)
    np.savez("b.npz", **{f"layer_{i}": np.zeros((2, 30, 5), np.float32) for i in range(1, 6)})
    assert size_of(study(tmp_path, "{kind: activations, path: b.npz}"), "mine").test == 30
    entry = "{kind: openml, openml_name: a}"
    unknown = study(tmp_path, entry)
    assert size_of(unknown, "mine") is None
    assert Needs(unknown).unknown() == ["mine"]
    facts = Path(f"results/{unknown.name}/datasets/mine.json")
    facts.parent.mkdir(parents=True)
    facts.write_text('{"n_train": 8, "n_test": 6, "features": 2}', "utf-8")
    assert size_of(unknown, "mine") == Size(8, 6, 2)


def test_small_jobs_ask_for_what_they_always_did_and_large_ones_for_more(tmp_path):
    for n, k, larger in ((1000, 0.1, False), (10_000, 0.5, True)):
        needs = Needs(study(tmp_path, drawn(n), geometry={"k_fractions": [k]}))
        asked = grown(300, lambda wildcards, needs=needs: needs.measures(*NAMES))
        assert (asked(None, 1) > 300) == larger
        assert asked(None, 3) == 4 * asked(None, 1)
    assert grown(300)(None, 2) == 600


def test_what_jobs_of_many_neighbours_take_is_what_they_ask_for(tmp_path, monkeypatch):
    """Peak memory by getrusage of the jobs themselves."""
    monkeypatch.syspath_prepend(str(ROOT / "tests/benchmarks"))
    from growth import measure

    n, share, networks = 5000, 0.4, 3
    took = measure(tmp_path, n, networks, 1, [int(share * n)])
    given = study(tmp_path, drawn(n), geometry={"k_fractions": [share]}, networks=networks)
    needs = Needs(given)
    for job, asked in (("graphs", needs.graphs), ("measures", needs.measures)):
        assert 0.5 * asked(*NAMES) < took[job].memory < asked(*NAMES), job


def test_a_small_study_is_told_nothing(tmp_path):
    assert costs_of(study(tmp_path, drawn(500)), free=2000, at_once=2) == []


def test_hours_and_memory_are_told_before_and_not_after(tmp_path):
    large = study(tmp_path, drawn(60_000), networks=36, training=DEFAULT["training"])
    hours, memory = costs_of(large, free=2000, at_once=2)
    assert "processor hours" in hours
    assert "hours on 2 cores" in hours
    assert memory.startswith("graphs of mine/wide_5/trained takes some ")
    assert memory.count("GB") == 2
    assert "\n" not in hours + memory
    fewer = study(tmp_path, drawn(60_000), networks=36, test_points=500)
    assert costs_of(fewer, free=2000, at_once=2) == []
    page = Path(f"{large.config.results}/{large.name}/report/report.html")
    page.parent.mkdir(parents=True)
    page.write_text("done", "utf-8")
    assert costs_of(large, free=2000, at_once=2) == []


def test_the_estimate_of_a_study_that_was_clocked(tmp_path):
    """The paper with 50 epochs took 1 h 46 min on two cores (reports/guide/speed.md)."""
    for name, train, test in (("mnist_1v7", 13007, 2163), ("mnist_6v8", 11769, 1932)):
        archive(tmp_path / f"{name}.npz", train, test)
    for name in ("fmnist_sandal_boot", "fmnist_shirt_coat"):
        archive(tmp_path / f"{name}.npz", 12000, 2000)
    config = copy.deepcopy(DEFAULT)
    for key, value in load_yaml(ROOT / "config/paper_50_epochs.yaml").items():
        config[key] = {**config[key], **value} if isinstance(config.get(key), dict) else value
    given = load_study(config | {"published": None, "data_dir": f"{tmp_path}"}, "paper")
    assert Needs(given).unknown() == []
    assert 1 / 1.5 < sum(Needs(given).seconds().values()) / (2 * 6360) < 1.5


def archive(path, train, test):
    shapes = {"X_train": (train, 784), "y_train": train, "X_test": (test, 784), "y_test": test}
    np.savez_compressed(path, **{name: np.zeros(s, np.uint8) for name, s in shapes.items()})
