"""The manifest: what it lists, what of a folder it finds wrong, and that it needs no library."""

import base64
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ricci_flow.errors import InputError
from ricci_flow.manifest.make import digest_of, make_manifest, save_manifest
from ricci_flow.manifest.records import parameters_of, read_records
from ricci_flow.manifest.verify import read_manifest, verify
from ricci_flow.storage import read_tensors, write_tensors

RECORDS = Path(".snakemake/metadata")
ROOT = Path("results/mini")
CODE = ("abc", "without other changes")


def record(output, rule, command, inputs=(), **more):
    """Write a record as Snakemake does: named by base64, in folders where it would be too long."""
    name = base64.urlsafe_b64encode(output.encode()).decode()
    pieces = [name[i : i + 254] for i in range(0, len(name), 254)]
    path = RECORDS.joinpath(*(f"@{piece}" for piece in pieces[:-1]), pieces[-1])
    path.parent.mkdir(parents=True, exist_ok=True)
    sums = {item: f"sha256:{sha256(item)}" for item in inputs if Path(item).is_file()}
    entry = {
        "rule": rule,
        "shellcmd": command,
        "input": list(inputs),
        "log": ["logs/mini/x.log"],
        "params": ["'0123456789abcdef'", "'numpy 2.4.6, polars 2.1.0'", "3", "'mini'"],
        "starttime": 100.0,
        "endtime": 102.5,
        "input_checksums": sums,
    }
    path.write_text(json.dumps(entry | more))


def sha256(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def write(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)
    return str(path)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A study of two stages, the first with two outputs, beside what an earlier config left."""
    monkeypatch.chdir(tmp_path)
    text = write("reports/text.qmd", "words")
    write(
        "logs/mini/x.log", "[x] epoch 1\n[x] ran with python 3.11.7, numpy 1.26.4, scipy 1.17.1\n"
    )
    tensors = write(ROOT / "weights/a.bin", "weights")
    history = write(ROOT / "weights/history.bin", "history")
    page = write(ROOT / "report/page.html", "page")
    stale = write(ROOT / "weights/stale.bin", "of a data set taken away")
    train = (
        f"python -m train --networks 3 --widths 6 6 --flag --weights {tensors} --history {history}"
        " --threads 1 --job x --log logs/mini/x.log"
    )
    record(tensors, "train", train)
    record(history, "train", train)
    render = f"python -m render --root {ROOT / 'weights'} --text {text} --page {page}"
    record(page, "render", render, [tensors, text])
    record(stale, "train", train.replace("a.bin", "stale.bin"))
    return tmp_path


def made():
    manifest = make_manifest(ROOT, [f"./{ROOT}/report/page.html"], RECORDS, CODE)
    save_manifest(ROOT / "manifest.json", manifest)
    return manifest


def test_it_lists_what_the_targets_were_made_from(folder):
    manifest = made()
    assert set(manifest["files"]) == {"weights/a.bin", "weights/history.bin", "report/page.html"}
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == sha256(ROOT / name)
        assert entry["bytes"] == (ROOT / name).stat().st_size
    assert manifest["files"]["weights/history.bin"]["job"] == "weights/a.bin"
    assert manifest["jobs"]["weights/a.bin"] == {
        "rule": "train",
        "inputs": [],
        "sources": [],
        "parameters": {"networks": "3", "widths": ["6", "6"], "flag": []},
        "code": "0123456789abcdef",
        "libraries": {"python": "3.11.7", "numpy": "1.26.4", "polars": "absent"},
    }
    page = manifest["jobs"]["report/page.html"]
    assert (page["inputs"], page["sources"]) == (["weights/a.bin"], ["reports/text.qmd"])
    assert page["parameters"] == {}
    assert manifest["sources"] == {"reports/text.qmd": sha256("reports/text.qmd")}
    assert manifest["seconds"] == {"weights/a.bin": 2.5, "report/page.html": 2.5}
    assert manifest["commit"] == "abc"


def test_versions_of_a_job_whose_log_is_gone_or_of_other_code_are_not_made_up(folder):
    write("logs/mini/x.log", "[x] read numpy 1.26.4\n")
    assert made()["jobs"]["weights/a.bin"]["libraries"] is None
    Path("logs/mini/x.log").unlink()
    assert made()["jobs"]["weights/a.bin"]["libraries"] is None
    record(f"{ROOT}/report/page.html", "print", f"printf x > {ROOT}/report/page.html")
    assert made()["jobs"]["report/page.html"]["libraries"] == {}


def test_a_bit_that_changed_before_the_first_reader_is_seen_by_its_checksum_alone(folder):
    """A manifest knows what was read of a file, not what was written."""
    path = ROOT / "weights/a.bin"
    write_tensors(path, {"W1": np.arange(4.0)})
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    page = f"{ROOT}/report/page.html"
    record(page, "render", f"python -m render --page {page}", [str(path)])
    made()
    (ROOT / "weights/stale.bin").unlink()
    assert verify(ROOT)[0] == []
    with pytest.raises(InputError, match="does not match its checksum"):
        read_tensors(path)


def test_long_paths_and_damaged_records(folder):
    long = f"{ROOT}/{'x' * 150}/{'y' * 150}"
    record(long, "train", "python -m train")
    (RECORDS / "not base64").write_text("{}")
    (RECORDS / base64.urlsafe_b64encode(b"broken").decode()).write_text("{")
    assert len(read_records(RECORDS)) == 5
    assert read_records(RECORDS)[long].rule == "train"
    record("lost.bin", "train", "python -m train --name 'a quote that is not closed")
    assert "lost.bin" not in read_records(RECORDS)


def test_results_without_records_are_listed_whole(folder):
    shutil.rmtree(RECORDS)
    write(ROOT / ".part.bin.part", "half")
    manifest = made()
    assert len(manifest["files"]) == 4  # the stale one cannot be told apart
    assert all(entry["job"] is None for entry in manifest["files"].values())


def test_a_file_deleted_after_use_is_not_missing(folder):
    (ROOT / "weights/a.bin").unlink()
    assert made()["files"]["weights/a.bin"]["sha256"] is None
    (ROOT / "weights/stale.bin").unlink()
    lines, summary = verify(ROOT)
    assert not lines
    assert summary.startswith("2 files as listed, 0.0 MB; 1 not kept")


def test_a_file_altered_before_it_is_listed_is_refused(folder):
    write(ROOT / "weights/a.bin", "Weights")
    with pytest.raises(InputError, match=r"a\.bin: has changed since .*page\.html was made from"):
        made()


ALTERED = {
    "altered": (lambda path: path.write_text("Weights"), "altered: its SHA-256 differs"),
    "longer": (lambda path: path.write_text("weights!"), "altered: 8 bytes instead of 7"),
    "truncated": (lambda path: path.write_text("weigh"), "truncated: 5 of 7 bytes"),
    "missing": (Path.unlink, "missing"),
    "link": (
        lambda path: (path.unlink(), path.symlink_to("history.bin")),
        "altered: a link stands in its place",
    ),
    "folder": (lambda path: (path.unlink(), path.mkdir()), "altered: it is not a file any more"),
}


@pytest.mark.parametrize("case", ALTERED)
def test_what_is_wrong_is_named(folder, case):
    (ROOT / "weights/stale.bin").unlink()
    made()
    assert verify(ROOT)[0] == []
    change, expected = ALTERED[case]
    change(ROOT / "weights/a.bin")
    assert verify(ROOT)[0] == [f"weights/a.bin: {expected}"]


def test_unlisted_files_are_named(folder):
    made()
    (ROOT / "report/dangling").symlink_to("nowhere")
    assert verify(ROOT)[0] == [
        f"{name}: unlisted; this study did not make it"
        for name in ("report/dangling", "weights/stale.bin")
    ]


def edit(change):
    manifest = made()
    change(manifest)
    save_manifest(ROOT / "manifest.json", manifest)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m["files"].pop("weights/a.bin"), "has been altered"),
        (lambda m: m.update(seconds={}), "has been altered"),
        (lambda m: m.update(format=9), "has format 9, not 1"),
        (lambda m: m.pop("sha256"), "is no manifest"),
    ],
)
def test_an_altered_manifest_is_refused(folder, change, message):
    edit(change)
    with pytest.raises(InputError, match=message):
        verify(ROOT)


@pytest.mark.parametrize("name", ["../elsewhere", "/etc/passwd", "a/../../b"])
def test_a_manifest_that_leads_elsewhere_is_refused(folder, name):
    def lead(manifest):
        manifest["files"][name] = manifest["files"]["weights/a.bin"]
        manifest["sha256"] = digest_of(manifest)

    edit(lead)
    with pytest.raises(InputError, match="outside the folder"):
        read_manifest(ROOT)


def test_missing_and_truncated_manifests_are_named(folder):
    with pytest.raises(InputError, match=r"manifest\.json: is missing; run the study"):
        verify(ROOT)
    made()
    path = ROOT / "manifest.json"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match=r"manifest\.json: is no manifest"):
        verify(ROOT)


def test_the_command_needs_no_library_and_no_place(folder, tmp_path_factory):
    (ROOT / "weights/stale.bin").unlink()
    made()
    moved = tmp_path_factory.mktemp("another machine") / "results"
    shutil.move(ROOT, moved)
    script = Path(__file__).resolve().parents[2] / "scripts" / "verify_results.py"

    def run():
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        return subprocess.run(
            [sys.executable, "-S", str(script), str(moved)],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    good = run()
    assert (good.returncode, good.stderr.count("\n")) == (0, 1)
    assert "3 files as listed" in good.stderr
    (moved / "weights/a.bin").unlink()
    write(moved / "report/page.html", "pag")
    bad = run()
    assert bad.returncode == 1
    lines = [line.split("] ", 1)[1] for line in bad.stderr.splitlines()]
    assert lines[:2] == ["report/page.html: truncated: 3 of 4 bytes", "weights/a.bin: missing"]
    assert len(lines) == 3
    assert lines[2].startswith(f"error: {moved}: 2 not as listed (1 files as listed")


def test_parameters_of_a_job_are_its_settings(tmp_path):
    given = {"recipe": {"epochs": 4}, "networks": 3}
    path = tmp_path / "job.json"
    path.write_text(json.dumps(given))
    for settings in (json.dumps(given), str(path)):
        command = f"python -m train {shlex.quote(settings)} --file data a/b --threads 1 --log 'l'"
        assert parameters_of(command, {"a/b"}) == given


def test_parameters_are_options_that_name_no_file():
    command = "python -m draw heat --table a/b.parquet --shift -1 --name 'two words' --folder a"
    assert parameters_of(f"{command} --root a/", {"a/b.parquet"}) == {
        "argument": "heat",
        "shift": "-1",
        "name": "two words",
        "folder": "a",
        "root": "a/",
    }
    assert parameters_of("printf '%s' x > a/b.parquet", {"a/b.parquet"}) == {}
