"""The manifest of a real run: true, complete, and able to tell what was changed."""

import csv
import hashlib
import importlib.metadata
import os
import subprocess
import sys

from ricci_flow.manifest.verify import read_manifest, verify
from tests.workflow.runner import ROOT

TINY = "results/tiny"


def test_it_lists_every_result_and_how_it_was_made(finished):
    manifest = read_manifest(finished.folder / TINY)
    made = {
        name.removeprefix(f"{TINY}/") for name in finished.files() if name.startswith("results/")
    }
    assert set(manifest["files"]) == made - {"manifest.json"}
    for name, entry in manifest["files"].items():
        content = (finished.folder / TINY / name).read_bytes()
        assert entry["bytes"] == len(content)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
    training = "training/rolls/short/trained"
    job = manifest["jobs"][manifest["files"][f"{training}/weights.safetensors"]["job"]]
    assert job["rule"] == "train_ensemble"
    assert job["inputs"] == ["datasets/rolls.json", "datasets/rolls.safetensors"]
    assert job["parameters"]["recipe"]["epochs"] == 4
    assert job["parameters"]["entry"]["widths"] == [6] * 5
    assert len(job["code"]) == 16
    assert set(job["libraries"]) >= {"python", "numpy", "torch"}
    for name in ("numpy", "torch"):
        assert job["libraries"][name] == importlib.metadata.version(name)
    assert "reports/report.qmd" in manifest["sources"]
    rules = {job["rule"] for job in manifest["jobs"].values()}
    assert len(rules) >= 12
    for rule in rules:
        jobs = [job for job in manifest["jobs"].values() if job["rule"] == rule]
        assert all(job["code"] for job in jobs), rule
        assert all(job["libraries"] for job in jobs), rule


def test_its_seconds_are_those_of_the_benchmarks(finished):
    manifest = read_manifest(finished.folder / TINY)
    for name, made in (
        ("training/rolls/short/trained", "/networks.parquet"),
        ("measures/digits/long/untrained/main", ".parquet"),
    ):
        with (finished.folder / "benchmarks/tiny" / f"{name}.tsv").open() as file:
            expected = float(next(csv.DictReader(file, delimiter="\t"))["s"])
        seconds = manifest["seconds"][manifest["files"][f"{name}{made}"]["job"]]
        assert abs(seconds - expected) < 0.5  # Snakemake's own work around the command


def test_a_flipped_bit_is_found_and_made_good(study):
    folder = study.folder / TINY
    assert verify(folder)[0] == []
    path = folder / "figures/heatmap.svg"
    good, times = path.read_bytes(), path.stat()
    path.write_bytes(good[:-9] + bytes([good[-9] ^ 1]) + good[-8:])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    command = [sys.executable, str(ROOT / "scripts" / "verify_results.py"), str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "figures/heatmap.svg: altered: its SHA-256 differs" in answer.stderr
    result = study.tiny("--forcerun", f"{TINY}/figures/heatmap.svg")
    assert result.status == 0, result.text
    assert path.read_bytes() == good
    assert verify(folder)[0] == []


def test_a_file_altered_unseen_stops_the_next_manifest(study):
    path = study.folder / TINY / "training/rolls/short/trained/weights.safetensors"
    content, times = path.read_bytes(), path.stat()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    result = study.tiny("--forcerun", "write_manifest")
    assert result.status != 0
    assert f"error: {TINY}/training/rolls/short/trained/weights.safetensors: has changed" in (
        result.text
    )
    assert "Traceback" not in result.text
