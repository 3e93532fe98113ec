"""Damage to what the manifest and the archive are made of, and to the archive: named as well."""

import gzip
import io
import shutil
import tarfile
from pathlib import Path

import pytest

from ricci_flow.manifest.verify import verify
from tests.jobs import arguments
from tests.workflow.damage import DAMAGE
from tests.workflow.damage_late import ELSEWHERE, report
from tests.workflow.test_damage import call, the_error, written

RESULTS = Path("results/tiny")
PAGES_AND_GRIDS = ("report/*.html", "datasets/*.grid.json")
RECORDS = Path(".snakemake/metadata")
# Results of every kind, each of which a later job read.
READ = (
    *("datasets/rolls.json", "graphs/rolls/short/trained/neighbours.safetensors"),
    *("statistics/cells.parquet", "figures/clouds.svg", "report/config.json"),
)


@pytest.fixture(scope="module")
def whole(finished, tmp_path_factory):
    """A copy of the finished study, to damage and to mend again."""
    return shutil.copytree(finished.folder, tmp_path_factory.mktemp("archive") / "study")


@pytest.fixture
def folder(whole, monkeypatch):
    """The same, as the folder in which the entries run: records name files relative to it."""
    monkeypatch.chdir(whole)
    return whole


@pytest.fixture
def commands(tmp_path):
    """The command lines by entry; what they write goes into out/."""
    texts = [path for path in sorted(Path("reports").iterdir()) if path.is_file()]
    lock = Path("requirements.lock")
    targets = [path for name in PAGES_AND_GRIDS for path in sorted(RESULTS.glob(name))]
    (tmp_path / "out").mkdir()
    packed, out = tmp_path / "tiny.tar.gz", tmp_path / "out"
    return {
        "write_manifest": arguments(
            root=RESULTS, targets=list(map(str, targets)), records=RECORDS, manifest=out / "m"
        ),
        "archive_results": [
            *(
                "--root",
                str(RESULTS),
                "--benchmarks",
                "benchmarks/tiny",
                "--output",
                str(out / "a"),
            ),
            *("--sources", *map(str, texts), str(lock)),
        ],
        "render_archive": [str(packed), "--output", str(out / "new"), "--renderer", "pandoc"],
        "render_report": report(RESULTS, out),
    }


def everything(path):
    """Damage a file in every way, and take it away; yield what was done; mend it."""
    content = path.read_bytes()
    try:
        for title, damage in DAMAGE.items():
            path.write_bytes(damage(content))
            yield title
        path.unlink()
        yield "missing"
    finally:
        path.write_bytes(content)


def test_the_entries_named_for_this_file_are_tried_here(folder, commands):
    here = {name for name, where in ELSEWHERE.items() if Path(__file__).name in where}
    assert here <= set(commands)


@pytest.mark.parametrize("name", READ)
def test_a_result_that_is_not_what_was_read_of_it_stops_the_manifest(
    folder, commands, tmp_path, name
):
    words, path = commands["write_manifest"], RESULTS / name
    for title in everything(path):
        if title == "missing":  # as after a rule's temp(): nothing of it to list
            assert call("write_manifest", words)[0] == 0
            continue
        error = the_error(*call("write_manifest", words))
        assert error.startswith(f"{path}: has changed since ")
        assert error.endswith(f"run again with --forcerun {path}")
        assert not written(tmp_path)


def test_a_damaged_record_is_as_none(folder, commands, tmp_path):
    path = max(RECORDS.rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    for title in everything(path):
        status, said = call("write_manifest", commands["write_manifest"])
        assert "Traceback" not in said
        if not title.startswith("flip"):  # those may leave another record, and a good one
            assert status == 0, said
            assert "have no record" in said
    assert written(tmp_path)


def test_what_is_not_as_listed_is_not_archived(folder, commands, tmp_path):
    words = commands["archive_results"]
    assert call("archive_results", words)[0] == 0
    (tmp_path / "out/a").unlink()
    for name in ("statistics/cells.parquet", "report/report.html"):
        for _ in everything(RESULTS / name):
            error = the_error(*call("archive_results", words))
            assert error.startswith(f"{RESULTS}: cannot be archived: {name}: ")
            assert error.endswith(f"run again with --forcerun {RESULTS / name}")
    for path in (RESULTS / "manifest.json", Path("reports/report.qmd"), Path("requirements.lock")):
        for _ in everything(path):
            error = the_error(*call("archive_results", words))
            assert error.startswith(f"{path}: ")
            assert "; " in error  # the cure
    assert not written(tmp_path)


def test_a_damaged_archive_leaves_nothing(folder, commands, tmp_path):
    assert call("archive_results", commands["archive_results"])[0] == 0
    packed = (tmp_path / "out/a").rename(tmp_path / "tiny.tar.gz")
    words = commands["render_archive"]
    for _ in everything(packed):
        error = the_error(*call("render_archive", words))
        assert error.startswith(f"{packed}: cannot be unpacked (")
        assert error.endswith("get the file again")
        assert not list((tmp_path / "out").iterdir())
    assert call("render_archive", words)[0] == 0


@pytest.mark.parametrize("name", ["results/statistics/cells.parquet", "reports/report.qmd"])
def test_an_archive_whose_content_is_not_as_listed_leaves_nothing(folder, commands, tmp_path, name):
    assert call("archive_results", commands["archive_results"])[0] == 0
    whole = (tmp_path / "out/a").rename(tmp_path / "whole")
    with (
        gzip.open(whole) as stream,
        tarfile.open(fileobj=stream) as old,
        tarfile.open(tmp_path / "tiny.tar.gz", "w:gz") as new,
    ):
        for member in old:
            content = old.extractfile(member).read()
            if member.name == f"tiny/{name}":
                content = DAMAGE["flip in the middle"](content)
            new.addfile(member, io.BytesIO(content))
    error = the_error(*call("render_archive", commands["render_archive"]))
    assert f"{name.removeprefix('results/')}: altered" in error
    assert error.endswith("get the file again")
    assert not list((tmp_path / "out").iterdir())


def test_a_text_of_the_report_that_is_none_is_named(folder, commands, tmp_path):
    words = commands["render_report"]
    for path in (Path("reports/report.qmd"), Path("reports/_quarto.yml")):
        for title in everything(path):
            if title.startswith("flip") or (path.suffix, title) == (".qmd", "cut"):
                continue  # another text, and perhaps a good one
            error = the_error(*call("render_report", words))
            assert path.name in error
            assert "put" in error.partition("; ")[2]
            assert not written(tmp_path)


def test_a_damaged_benchmark_is_named(folder, commands, tmp_path):
    path = Path("benchmarks/tiny/training/rolls/short/trained.tsv")
    for title in everything(path):
        if title.startswith("flip") or title in ("cut", "missing"):
            continue  # Snakemake writes no checksum, and without it there is a job less
        error = the_error(*call("render_report", commands["render_report"]))
        assert error.startswith(f"{path}: is no benchmark of Snakemake (")
        assert error.endswith("delete it and run again")
        assert not written(tmp_path)


def test_all_of_it_was_mended(folder):
    assert verify(RESULTS)[0] == []
