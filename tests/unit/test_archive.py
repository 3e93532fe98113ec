"""Archives: what goes in, that two are the same, and that a hostile one does nothing."""

import gzip
import io
import os
import tarfile
from pathlib import Path

import pytest

from ricci_flow.archive.pack import pack
from ricci_flow.archive.unpack import check, unpack
from ricci_flow.errors import InputError
from ricci_flow.manifest.make import make_manifest, save_manifest

ROOT = Path("results/mini")
SOURCES = [Path("reports/report.qmd"), Path("requirements.lock")]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A finished study without records: a table, a tensor, texts and a benchmark."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        f"{ROOT}/statistics/a.parquet": "table",
        f"{ROOT}/weights/w.safetensors": "weights",
        "benchmarks/mini/a.tsv": "s\n1.0\n",
        "benchmarks/mini/measures/a.json": "{}",
        "reports/report.qmd": "words",
        "requirements.lock": "numpy==2.4.6",
    }.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    target = f"{ROOT}/statistics/a.parquet"
    manifest = make_manifest(ROOT, [target], Path("none"), ("abc", "clean"))
    manifest["sources"] = {}
    save_manifest(ROOT / "manifest.json", manifest)
    return tmp_path


def packed(name="a.tar.gz", **options):
    pack(ROOT, Path("benchmarks/mini"), SOURCES, Path(name), **options)
    return Path(name)


def members(path):
    with tarfile.open(path) as archive:
        return {member.name for member in archive}


def test_tensors_are_left_out_unless_asked_for(folder):
    small = {
        "mini/results/manifest.json",
        "mini/results/left_out.json",
        "mini/results/statistics/a.parquet",
        "mini/benchmarks/a.tsv",
        "mini/benchmarks/measures/a.json",
        "mini/reports/report.qmd",
        "mini/requirements.lock",
    }
    assert members(packed()) == small
    assert members(packed(tensors=True)) == small | {"mini/results/weights/w.safetensors"}


def test_two_archives_are_the_same_to_the_bit(folder):
    first = packed().read_bytes()
    for path in folder.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    assert packed("b.tar.gz").read_bytes() == first


def test_it_unpacks_elsewhere_and_is_found_intact(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "new"
    place = unpack(packed(), elsewhere, 10**6)
    assert place == elsewhere / "mini"
    assert check(place).startswith("1 files as listed, 0.0 MB; 1 not kept")
    (place / "results/statistics/a.parquet").write_text("Table")
    with pytest.raises(InputError, match=r"a\.parquet: altered"):
        check(place)


def test_a_missing_table_is_not_taken_for_left_out(folder):
    place = unpack(packed(), Path("new"), 10**6)
    (place / "results/statistics/a.parquet").unlink()
    with pytest.raises(InputError, match=r"a\.parquet: missing"):
        check(place)


def test_results_that_are_not_as_listed_are_not_archived(folder):
    (ROOT / "weights/w.safetensors").write_text("weight")
    with pytest.raises(InputError, match=r"cannot be archived: weights/w\.safetensors: truncated"):
        packed()
    assert not Path("a.tar.gz").exists()


def member(name, content=b"x", kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content), kind, link
    return info, content


def hostile(*entries):
    with tarfile.open("bad.tar.gz", "w:gz") as archive:
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content))
    return Path("bad.tar.gz")


HOSTILE = {
    "parent": ([member("mini/../../evil")], "leads elsewhere"),
    "absolute": ([member("/tmp/evil")], "leads elsewhere"),
    "top": ([member("evil")], "leads elsewhere"),
    "symlink": ([member("mini/a", b"", tarfile.SYMTYPE, "/etc/passwd")], "no plain file"),
    "hard link": ([member("mini/a", b"", tarfile.LNKTYPE, "/etc/passwd")], "no plain file"),
    "device": ([member("mini/a", b"", tarfile.CHRTYPE)], "no plain file"),
    "through a link": (
        [member("mini/a", b"", tarfile.SYMTYPE, ".."), member("mini/a/evil")],
        "no plain file",
    ),
    "twice": ([member("mini/a"), member("mini/a", b"y")], "a second copy"),
    "two folders": ([member("mini/a"), member("other/a")], "a second copy or folder"),
    "file as folder": ([member("mini/a"), member("mini/a/b")], "cannot be unpacked"),
    "bomb": ([member("mini/a", bytes(2000))], "unpacks to more than 1000 bytes"),
    "bomb in pieces": ([member(f"mini/{i}", bytes(300)) for i in range(9)], "more than 1000"),
    "empty": ([], "is empty"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_leaves_nothing(folder, case):
    entries, message = HOSTILE[case]
    path = hostile(*entries)
    before = {*folder.rglob("*"), *folder.parent.glob("*")}
    with pytest.raises(InputError, match=message):
        unpack(path, Path("out/new"), 1000)
    assert {*folder.rglob("*"), *folder.parent.glob("*")} == before | {folder / "out"}


@pytest.mark.parametrize("cut", [10, -20, None])
def test_a_truncated_or_foreign_file_is_named(folder, cut):
    content = packed().read_bytes()
    Path("cut.tar.gz").write_bytes(content[:cut] if cut else gzip.compress(b"no archive at all"))
    with pytest.raises(InputError, match=r"^cut\.tar\.gz: cannot be unpacked"):
        unpack(Path("cut.tar.gz"), Path("new"), 10**6)
    assert not Path("new").exists()


def test_an_existing_folder_is_not_touched(folder):
    Path("new").mkdir()
    with pytest.raises(InputError, match="new: exists already"):
        unpack(packed(), Path("new"), 10**6)
    assert not list(Path("new").iterdir())
