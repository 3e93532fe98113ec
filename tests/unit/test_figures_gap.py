"""A figure that cannot be drawn: its entry leaves a named gap where it is asked to."""

import re
from xml.etree import ElementTree

import pytest

from ricci_flow.errors import InputError
from ricci_flow.figures import draw
from ricci_flow.figures.gap import read_gap, take_gaps, write_gap
from tests import jobs
from tests.fixtures import drawing, synthetic_report
from tests.fixtures.synthetic_report import SVG

REASON = 'table.parquet: 3 < 4 & "five"\n\x00' + "a long word " * 90


def words(path):
    return " ".join(" ".join(ElementTree.parse(path).getroot().itertext()).split())


def test_the_picture_names_figure_and_reason(tmp_path):
    path = tmp_path / "heatmap.svg"
    write_gap(path, "heatmap", REASON)
    assert read_gap(path).startswith('table.parquet: 3 < 4 & "five"')
    assert "“heatmap” is missing" in words(path)
    assert '3 < 4 & "five"' in words(path)
    assert words(path).endswith("...")
    (tmp_path / "whole.svg").write_text(SVG)
    assert read_gap(tmp_path / "whole.svg") is None
    (tmp_path / "cut.svg").write_text(SVG[:-3])
    with pytest.raises(InputError, match=r"cut\.svg"):
        read_gap(tmp_path / "cut.svg")


def drawn(monkeypatch, tmp_path, error, **settings):
    def fail(*arguments):
        raise error

    monkeypatch.setattr(draw, "draw_from_files", fail)
    files = (tmp_path / "spread.svg", tmp_path / "t.parquet")
    return drawing.draw("spread", *files, log=tmp_path / "log", **settings)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (InputError("t.parquet: is damaged"), "t.parquet: is damaged"),
        (ValueError("two\nlines"), "ValueError: two lines (not foreseen: please report it)"),
    ],
)
def test_the_entry_leaves_a_gap_where_asked_to(monkeypatch, tmp_path, error, reason):
    assert drawn(monkeypatch, tmp_path, error) == 1
    assert not (tmp_path / "spread.svg").exists()
    assert drawn(monkeypatch, tmp_path, error, gap=True) == 0
    assert read_gap(tmp_path / "spread.svg") == reason
    log = (tmp_path / "log").read_text()
    assert f"error: {reason}" in log
    assert ("Traceback" in log) == isinstance(error, ValueError)


@pytest.mark.parametrize("error", [MemoryError(), OSError(28, "No space left on device")])
def test_want_of_memory_or_disk_is_no_gap(monkeypatch, tmp_path, error):
    """The job may be tried again with more of it."""
    assert drawn(monkeypatch, tmp_path, error, gap=True) == 1
    assert not (tmp_path / "spread.svg").exists()


def text_of(html):
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def test_the_page_says_what_is_missing_and_the_check_fails(tmp_path, capsys):
    sources = synthetic_report.make_sources(tmp_path)
    write_gap(tmp_path / "spread.svg", "spread", "it is *astray*")
    write_gap(tmp_path / "nulls.svg", "nulls", "so is this")
    page = tmp_path / "out" / "report.html"
    synthetic_report.render_pages(sources, page.parent)
    assert "spread: it is *astray*" in text_of(page.read_text("utf-8"))
    html = synthetic_report.read_pages(page.parent)
    text = text_of(html)
    assert "Not complete" in text
    assert "spread: it is *astray*" in text
    assert len(re.findall(r'\balt="This figure could not be drawn; the reason', html)) == 2
    line = jobs.arguments(
        page=page, figures=list(map(str, sources.figures)), checked=tmp_path / "checked.json"
    )
    assert jobs.call("check_report", line) == 1
    said = capsys.readouterr().err
    assert "] figure spread could not be drawn: it is *astray*\n" in said
    assert "] figure nulls could not be drawn: so is this\n" in said
    assert len(re.findall("error:", said)) == 1
    assert not (tmp_path / "checked.json").exists()
    # The next run finds these missing, and the others as they were.
    assert {path.stem for path in sources.figures if not path.exists()} == {"spread", "nulls"}
    for name in ("spread", "nulls"):
        (tmp_path / f"{name}.svg").write_text(SVG)
    assert jobs.call("check_report", line) == 0
    assert take_gaps(sources.figures) == []
    synthetic_report.render_pages(sources, page.parent)
    assert "Not complete" not in page.read_text("utf-8")
