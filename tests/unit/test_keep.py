import subprocess

import pytest

from ricci_flow.errors import InputError
from ricci_flow.report.keep import keep
from tests.fixtures import synthetic_statistics


def test_keeps_tables_figures_and_where_they_come_from(tmp_path):
    root = tmp_path / "results" / "s"
    synthetic_statistics.write_statistics(root / "statistics")
    synthetic_statistics.write_benchmarks(tmp_path / "benchmarks")
    (root / "figures").mkdir()
    (root / "figures" / "a.svg").write_text("<svg/>")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    size = keep(root, tmp_path / "benchmarks", tmp_path / "kept", "the command")
    names = {path.name for path in (tmp_path / "kept").rglob("*") if path.is_file()}
    assert {"README.md", "a.svg", "cells.parquet", "claims.parquet", "summary.json"} <= names
    assert "ties.parquet" not in names
    text = (tmp_path / "kept" / "README.md").read_text()
    assert "    the command\n" in text
    assert "| training | 3 |" in text
    assert size > 1000


def test_an_unfinished_study_is_refused(tmp_path):
    with pytest.raises(InputError, match="run the study first"):
        keep(tmp_path, tmp_path, tmp_path / "kept", "x")
