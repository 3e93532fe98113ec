"""Provenance: Snakemake's own report with captions, and one file that another machine renders."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

from tests.workflow.runner import ROOT

CAPTIONS = {
    "figures/clouds.svg": "Test points of both classes.",
    "figures/graph.svg": "One network, layer by layer.",
    "figures/heatmap.svg": "The aggregated coefficient over k.",
    "figures/accuracy.svg": "A dot is a network, filled where it is kept",
    "figures/accuracy_z.svg": "A mark is a kept network",
    "figures/layers.svg": "Along the layers at k*",
    "figures/pairs.svg": "Representative networks.",
    "figures/conditions.svg": "The aggregated coefficient by condition.",
    "statistics/claims.parquet": "What the paper claims",
    "statistics/cells.parquet": "of every cell, condition and measure",
    "report/report.html": "The page of the study tiny",
    "report/claims.html": "A page of the report.",
}


def test_snakemakes_report_carries_the_captions(finished, tmp_path):
    path = tmp_path / "provenance.zip"
    result = finished.tiny("--report", str(path))
    assert result.status == 0, result.text
    with zipfile.ZipFile(path) as archive:
        page = archive.read("provenance/report.html").decode()
        names = {name.rsplit("/", 1)[1] for name in archive.namelist()}
    start = page.index('results = {"results/') + len("results = ")
    results, _ = json.JSONDecoder().raw_decode(page, start)
    for name, words in CAPTIONS.items():
        caption = re.sub(r"<[^>]*>", "", results[f"results/tiny/{name}"]["caption"])
        assert words in " ".join(caption.split()), name
        assert name.rsplit("/", 1)[1] in names
    figures = {name for name in finished.files() if re.match(r"results/.*\.svg$", name)}
    # A new figure needs a caption: shown() in its rule, and a file in workflow/report.
    assert {name for name in results if name.endswith(".svg")} == figures
    assert all(entry["caption"].strip() for entry in results.values())


def texts_of(folder):
    return {path.name: path.read_text("utf-8") for path in folder.glob("*.html")}


def test_an_archive_is_checked_and_rendered_elsewhere_without_computing(study, tmp_path):
    result = study.tiny("--cores", "2", "archive")
    assert result.status == 0, result.text
    assert result.text.count("Finished jobid") == 1
    assert study.tiny("--cores", "2", "archive").nothing_to_do
    packed = tmp_path / "machine" / "tiny.tar.gz"
    packed.parent.mkdir()
    shutil.move(study.folder / "results/tiny.tar.gz", packed)
    archived = texts_of(study.folder / "results/tiny/report")
    guide = texts_of(study.folder / "results/tiny/report/guide")
    shutil.rmtree(study.folder)
    scripts = tmp_path / "checkout" / "scripts"
    shutil.copytree(ROOT / "scripts", scripts)
    answer = subprocess.run(
        [sys.executable, str(scripts / "render_archive.py"), packed.name, "--output", "out"],
        cwd=packed.parent,
        env={**os.environ, "PYTHONPATH": str(scripts)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    out = packed.parent / "out"
    assert "the pages are equal to the archived ones to the bit" in answer.stderr
    # Links to tables lead to where these are now.
    new = "tiny/results/statistics/"
    here = {name: html.replace("../statistics/", new) for name, html in archived.items()}
    assert texts_of(out) == here
    assert "tiny/results/statistics/ledger.parquet" in here["claims.html"]
    assert (out / "tiny/results/statistics/ledger.parquet").is_file()
    # Neither the data nor a network is in the archive: nothing could have been computed from them.
    assert not list((packed.parent / "out").rglob("*.safetensors"))
    assert {path.name for path in packed.parent.iterdir()} == {"tiny.tar.gz", "out"}
    assert {path.name for path in out.iterdir()} == {"tiny", "guide", *archived}
    assert texts_of(out / "guide") == guide
    assert guide
