"""The report: complete, self-contained, true in words, and refused where anything is unresolved."""

import re

import pytest
import yaml

from ricci_flow.errors import InputError
from ricci_flow.report import build
from ricci_flow.report.document import resolve
from tests import jobs
from tests.fixtures import synthetic_report, synthetic_statistics
from tests.fixtures.synthetic_report import FIGURES


@pytest.fixture
def sources(tmp_path):
    return synthetic_report.make_sources(tmp_path)


def edit(sources, old, new):
    document = sources.reports / "report.qmd"
    whole = document.read_text("utf-8")
    assert old in whole
    document.write_text(whole.replace(old, new, 1), "utf-8")


def test_page_is_whole_and_self_contained(sources, tmp_path):
    said = []
    build.render(sources, tmp_path / "out" / "report.html", renderer="pandoc", say=said.append)
    html = (tmp_path / "out" / "report.html").read_text("utf-8")
    for fault in ("{{<", "?var", "?@", "@fig-", "@tbl-"):
        assert fault not in html
    assert not re.search(r"""src=["']?https?:""", html)
    assert "instead of Quarto" in html
    assert "instead of Quarto" in said[0]
    assert html.count("<img") == len(FIGURES)
    numbers = [int(n) for n in re.findall(r"<figcaption[^>]*>\s*Table\xa0(\d+):", html)]
    assert numbers == list(range(1, len(numbers) + 1))
    for table in re.findall(r"<tbody>.*?</tbody>", html, flags=re.DOTALL):
        assert not re.search(r"<td[^>]*>\s*</td>", table)
    assert 'href="#tbl-funnel"' in html
    assert 'href="#ref-baptista2024"' in html
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.html"]


def test_page_is_the_same_twice(sources, tmp_path):
    for name in ("a.html", "b.html"):
        build.render(sources, tmp_path / name, renderer="pandoc", say=lambda _: None)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("@fig-clouds", "@fig-cloud", "fig-cloud"),
        ("@tbl-funnel", "@tbl-tunnel", "tbl-tunnel"),
        ("@hamilton1982", "@nobody1900", "nobody1900"),
        ("var result.sign", "var result.sigh", "result.sigh"),
        ("var result.sign", "var result", "result"),
        ("tables/_funnel.md", "tables/_tunnel.md", "tables/_tunnel.md"),
        ("figures/_clouds.md", "figures/_crowds.md", "figures/_crowds.md"),
        ("{{< var result.sign >}}", "{{< meta title >}}", "meta title"),
        ("figures/_layers.md", "figures/_pairs.md", "fig-pairs"),
    ],
)
def test_what_is_unresolved_is_an_error(sources, tmp_path, old, new, message):
    if old == "@fig-clouds":
        edit(sources, "## The networks", "See @fig-cloud.\n\n## The networks")
    else:
        edit(sources, old, new)
    with pytest.raises(InputError, match=re.escape(message)):
        build.render(sources, tmp_path / "report.html", renderer="pandoc", say=lambda _: None)
    assert not (tmp_path / "report.html").exists()


def test_includes_nest_and_variables_are_looked_up(tmp_path):
    (tmp_path / "a.md").write_text("a {{< var x.y >}}\n{{< include b.md >}}\n")
    (tmp_path / "b.md").write_text("b\n")
    assert resolve("{{< include a.md >}}\n\nend", tmp_path, {"x": {"y": 1}}) == "a 1\nb\n\nend"


def test_entry_takes_yaml_and_tells_what_is_missing(sources, tmp_path, capsys):
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(synthetic_statistics.CONFIG))
    job = {
        "study": "synthetic",
        "reports": sources.reports,
        "data_sets": sources.data_sets,
        "statistics": sources.statistics,
        "config": config,
        "benchmarks": sources.benchmarks,
        "lock": sources.lock,
        "renderer": "pandoc",
        "figures": list(map(str, sources.figures)),
        "page": tmp_path / "x.html",
    }
    assert jobs.call("render_report", jobs.arguments(**job)) == 0
    job["figures"].append("no.svg")
    capsys.readouterr()
    assert jobs.call("render_report", jobs.arguments(**job)) == 1
    said = capsys.readouterr().err
    assert "no.svg" in said
    assert "Traceback" not in said
