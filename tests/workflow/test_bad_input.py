"""Bad input, in real runs: one line that names the culprit and the cure, and nothing is touched."""

import os
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from ricci_flow.errors import InputError
from ricci_flow.study.keys import CATALOGUES as CATALOGUES_READ
from ricci_flow.study.keys import Config
from ricci_flow.validation import read
from tests.unit.files import make
from tests.workflow.bad_data import BAD, TENSORS
from tests.workflow.runner import Result, Study
from tests.workflow.wrong_keys import (
    CATALOGUES,
    WrongKey,
    entries,
    leaves,
    load,
    unsafe_names,
    wrong_keys,
)


def check(kind: str, content: object, where: str) -> None:
    """Read a config or a catalogue, called as its schema is."""
    model = CATALOGUES_READ.get(kind.replace("datasets", "data_sets"))
    read(model.validate_python if model else Config.model_validate, content, where)


def some_of_each(titles: Iterable[str]) -> list[str]:
    """Return titles with every file's entries and every defect among them, and few more."""
    seen: set[str] = set()
    found = []
    for title in titles:
        of = {title.partition(": ")[0], title.rpartition(", ")[2]}
        found += [] if of <= seen else [title]
        seen |= of
    return found


KEYS, NAMED = wrong_keys(), unsafe_names()
WRONG_KEYS = KEYS | NAMED
# A run takes over a second, and says what the check without one says (test_a_wrong_key_is_named).
# What a config lacks the default one has.
RUN = [t for t in KEYS if not (t.startswith("config: ") and t.endswith(", missing"))]
RUN = [*some_of_each(RUN), *some_of_each(NAMED)]
NAMES = ("a/b", "..", "a.b", "a b", "ä", "-rf", "_a", "", "a'b", 'a"b', "$(touch pwned)", "a;b",
         "`touch pwned`", "a|b", "a&b", "a*b", "a\nb", "{a}", "a" * 65)  # fmt: skip
WRITTEN = ("results/tiny", "logs/tiny", "benchmarks/tiny", ".snakemake")


def the_error(result: Result) -> str:
    """Return the one line that says what is wrong, having checked that it is the only one."""
    assert result.status != 0, result.text
    assert "Traceback" not in result.text
    lines = result.text.strip().splitlines()
    assert [line for line in lines if line.startswith("error: ")] == lines[-1:], result.text
    message = lines[-1]
    assert message.partition("; ")[2], message  # the cure
    return message


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


class Runs:
    """Runs started ahead, as many at once as there are processors; each is asked for by title."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(os.cpu_count())
        self._runs: dict[str, Future[Result]] = {}

    def start(self, title: str, study: Study, *arguments: str) -> None:
        """Start a run."""
        self._runs[title] = self._pool.submit(study.snakemake, *arguments, timeout=300)

    def __getitem__(self, title: str) -> Result:
        return self._runs[title].result()

    def close(self) -> None:
        """Wait for what is still running, and start nothing more."""
        self._pool.shutdown(cancel_futures=True)


def chosen(request: pytest.FixtureRequest, test: str) -> list[str]:
    """Return the cases of a test that are to be run now."""
    return [
        item.callspec.params["title"]
        for item in request.session.items
        if getattr(item, "originalname", "") == test and item.fspath == request.fspath
    ]


@pytest.fixture(scope="module")
def key_runs(request, tmp_path_factory):
    """Every chosen case's run; they share a folder, since nothing may be written to it."""
    study = Study(tmp_path_factory.mktemp("keys") / "study")
    runs, titles = Runs(), chosen(request, "test_a_wrong_key_ends_the_run_at_once")
    for number, title in enumerate(titles):
        case = WRONG_KEYS[title]
        config = yaml.safe_load((study.folder / "tiny/config.yaml").read_text("utf-8"))
        path = f"tiny/{number}_{case.file}"
        (study.folder / path).write_text(yaml.safe_dump(case.content), "utf-8")
        if case.file != "config.yaml":
            config["catalogues"][
                case.file.removesuffix(".yaml").replace("datasets", "data_sets")
            ] = path
            if case.file == "measures.yaml":
                config["geometry"]["measures"] = ["mine"]
            if case.file == "settings.yaml":
                config["further"] = {"robustness": {"settings": ["mine"]}}
            path = f"tiny/{number}_config.yaml"
            (study.folder / path).write_text(yaml.safe_dump(config), "utf-8")
    before = contents(study.folder.parent)
    for number, title in enumerate(titles):
        config = f"tiny/{number}_config.yaml"
        runs.start(title, study, "results/tiny/report/config.json", "--configfile", config)
    yield runs
    runs.close()
    after = contents(study.folder.parent)
    assert {name: after[name] for name in after if ".snakemake" not in name} == before


QUICK = 4  # real starts of the quick set; every wrong key is named without one


@pytest.mark.parametrize(
    "title",
    [*list(RUN)[:QUICK], *(pytest.param(t, marks=pytest.mark.slow) for t in list(RUN)[QUICK:])],
)
def test_a_wrong_key_ends_the_run_at_once(key_runs, title):
    case = WRONG_KEYS[title]
    message = the_error(key_runs[title])
    assert f"_{case.file}: " in message
    assert case.key in message
    assert case.says in message


@pytest.mark.parametrize("title", WRONG_KEYS)
def test_a_wrong_key_is_named(title):
    case: WrongKey = WRONG_KEYS[title]
    with pytest.raises(InputError) as caught:
        check(case.file.removesuffix(".yaml"), case.content, case.file)
    message = str(caught.value)
    assert message.startswith(f"{case.file}: ")
    assert case.key in message
    assert case.says in message
    assert "; " in message
    assert "\n" not in message


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["study", "datasets", *CATALOGUES])
def test_an_unsafe_name_is_refused(kind, name):
    content = {"study": name, "data_sets": ["a"], "architectures": ["a"]}
    if kind == "study":
        kind = "config"
    else:
        content = {name: CATALOGUES.get(kind, {"kind": "sklearn", "table": "iris"})}
    with pytest.raises(InputError) as caught:
        check(kind, content, "f.yaml")
    assert "letters, digits, _ and -" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_key_of_the_schemas_is_tried():
    named = {case.key.split(".")[-1] for case in WRONG_KEYS.values()}
    for name in ("config", "datasets", *CATALOGUES):
        schema = load(name)
        parts = [schema] if name == "config" else list(entries(schema).values())
        for part in parts:
            assert {path[-1] for path, _ in leaves(part, schema)} <= named
    assert {title.partition(": ")[0] for title in KEYS} <= {t.partition(": ")[0] for t in RUN}


@pytest.fixture(scope="module")
def data_runs(request, finished, tmp_path_factory):
    """Every chosen case's run, in a copy of the finished study with one data set more."""
    runs, before = Runs(), {}
    folders = {}
    for title in chosen(request, "test_bad_data_end_with_one_line"):
        case = BAD[title]
        folder = tmp_path_factory.mktemp("data") / "study"
        study = finished.copy(folder)
        case.make(folder / case.file)
        entry = {"mine": {"kind": "file", "path": case.file, **case.keys}}
        with (folder / "tiny/datasets.yaml").open("a") as catalogue:
            catalogue.write(yaml.safe_dump(entry))
        study.edit("tiny/config.yaml", "[rolls, digits]", "[rolls, digits, mine]")
        folders[title], before[title] = folder, contents(folder.parent)
        runs.start(title, study, case.target, "--configfile", "tiny/config.yaml")
    yield runs, folders, before
    runs.close()


# The message is the same without a run (test_bad_data_are_named); these are run as well.
RUN_DATA = [
    "nan",
    "text",
    "no label",
    "fewer points than k",
    "cut npz",
    "pickled objects",
    "zip bomb",
]


@pytest.mark.parametrize("title", [title for title in BAD if BAD[title].target == TENSORS])
def test_bad_data_are_named(tmp_path, title):
    case = BAD[title]
    case.make(tmp_path / case.file)
    before = contents(tmp_path)
    with pytest.raises(InputError) as caught:
        make(tmp_path / case.file, **case.keys)
    message = str(caught.value)
    for part in (case.named or case.file, *case.says):
        assert part in message
    assert "\n" not in message
    assert contents(tmp_path) == before


@pytest.mark.parametrize("title", RUN_DATA)
def test_bad_data_end_with_one_line(data_runs, title):
    runs, folders, before = data_runs
    case = BAD[title]
    message = the_error(runs[title])
    assert (case.named or case.file) in message
    for part in case.says:
        assert part in message
    after = contents(folders[title].parent)
    kept = {n: content for n, content in before[title].items() if ".snakemake" not in n}
    assert {name: after.get(name) for name in kept} == kept
    for name in after.keys() - before[title].keys():
        assert name.startswith(tuple(f"study/{root}/" for root in WRITTEN)), name
    assert not (folders[title] / "results/tiny/datasets/mine.grid.json").exists()


def test_published_values_are_read_before_any_work(empty):
    """And not first by the statistics, after hours of training."""
    path = "reports/published/baptista2024.yaml"
    empty.edit(path, "  trained: 1512", "  trained: many")
    config = empty.folder / empty.config
    config.write_text(f"{config.read_text('utf-8')}published: {path}\n", "utf-8")
    before = contents(empty.folder)
    message = the_error(empty.tiny("--dry-run"))
    assert message.startswith(f"error: {path}: key 'funnel.trained' is 'many'")
    assert contents(empty.folder) == before
