"""A figure that cannot be drawn: a named gap in the report, a run that fails, and a new try."""

import re
import sys

import pytest

from tests.workflow.runner import Study
from tests.workflow.test_failed_jobs import errors

# A `python` for the jobs with which one figure is drawn of a table that is not there.
ASTRAY = """#!/bin/bash
if [[ "$*" == *"-m draw_figure "*'"figure": "heatmap"'* ]]; then
  set -- "$@" --file files nowhere.parquet nowhere.parquet
fi
exec {python} "$@"
"""
FIGURE = "results/mini/figures/heatmap.svg"
CAUSE = "figure heatmap could not be drawn: nowhere.parquet: "


@pytest.fixture
def astray(mini: Study, tmp_path):
    """A finished study that lost a figure, and a folder of programs that cannot draw it."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "python").write_text(ASTRAY.format(python=sys.executable))
    (folder / "python").chmod(0o755)
    (mini.folder / FIGURE).unlink()
    return mini, str(folder)


def test_the_report_names_the_gap_and_the_next_run_fills_it(astray):
    mini, programs = astray
    page = mini.folder / "results/mini/report/report.html"
    mini.programs = programs
    result = mini.tiny()
    assert result.status == 1
    (error,) = errors(result.text)
    assert error.startswith(f"error: report check: {CAUSE}")
    assert result.text.rstrip().endswith(error)
    text = " ".join(re.sub(r"<[^>]*>", "", page.read_text("utf-8")).split())
    assert "Not complete" in text
    assert "heatmap: nowhere.parquet: " in text
    mini.programs = ""
    assert mini.run() == {"figure heatmap", "report", "report check", "manifest"}
    assert "Not complete" not in page.read_text("utf-8")
    assert mini.run() == set()


def test_a_single_figure_that_cannot_be_drawn_fails_the_run(astray):
    mini, programs = astray
    mini.programs = programs
    result = mini.tiny("--cores", "1", FIGURE)
    assert result.status == 1
    assert errors(result.text)[-1].startswith(f"error: {CAUSE}")
    assert not (mini.folder / FIGURE).exists()
    mini.programs = ""
    assert mini.tiny("--cores", "1", FIGURE).status == 0
    assert (mini.folder / FIGURE).is_file()
