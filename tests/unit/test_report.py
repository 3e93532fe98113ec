"""The report: complete, self-contained, true in words, and refused where anything is unresolved."""

import re
import subprocess
import sys

import pytest
import yaml

from ricci_flow.errors import InputError
from ricci_flow.report import build
from ricci_flow.report.check import check_page
from ricci_flow.report.pandoc import resolve
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
        ("figures/clouds.svg", "figures/crowds.svg", "figures/crowds.svg"),
        ("{{< var result.sign >}}", "{{< meta title >}}", "meta title"),
        ("#fig-layers ", "#fig-pairs ", "fig-pairs"),
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


FAKE_QUARTO = """#!/bin/sh
if [ "$1" = --version ]; then echo 9.9.9; exit 0; fi
echo "$@" > "$QUARTO_ARGUMENTS"
for file in _variables.yml _quarto.yml report.qmd tables/_funnel.md figures/clouds.svg; do
  test -f "$file" || exit 3
done
{extra}
echo "<html><body>made by a fake</body></html>" > report.html
"""


@pytest.fixture
def fake_quarto(tmp_path, monkeypatch):
    def make(extra=""):
        program = tmp_path / "bin" / "quarto"
        program.parent.mkdir(exist_ok=True)
        program.write_text(FAKE_QUARTO.replace("{extra}", extra))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        monkeypatch.setenv("QUARTO_ARGUMENTS", str(tmp_path / "arguments"))
        return tmp_path / "arguments"

    return make


def test_quarto_is_used_where_it_is_found(sources, tmp_path, fake_quarto):
    arguments = fake_quarto()
    said = []
    build.render(sources, tmp_path / "report.html", say=said.append)
    assert arguments.read_text().split() == ["render", "report.qmd", "--to", "html"]
    assert said[0] == "This page was rendered by Quarto 9.9.9."
    assert "made by a fake" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("echo 'WARNING: Unable to resolve crossref @fig-x' >&2", "crossref @fig-x"),
        (
            "printf '\\033[33m[WARNING] Citeproc: citation x not found\\033[39m\\n' >&2",
            "citation x",
        ),
        ("echo ERROR: no >&2; exit 1", "status 1: ERROR: no"),
        ("exit 0", "wrote no report.html"),
        ("echo '<p>?var:x</p>' > report.html; exit 0", "unresolved variable"),
        ("echo '<p>?@fig-x</p>' > report.html; exit 0", "unresolved reference"),
    ],
)
def test_quarto_that_leaves_something_open_fails(sources, tmp_path, fake_quarto, extra, message):
    fake_quarto(extra)
    with pytest.raises(InputError, match=re.escape(message)):
        build.render(sources, tmp_path / "report.html", say=lambda _: None)
    assert not (tmp_path / "report.html").exists()


def test_network_sources_are_refused():
    check_page('<a href="https://doi.org/1">a link may lead out</a>')
    for bad in ('<img src="https://x/y.png">', "<link rel=x href=//cdn/x.css>", "@import 'x'"):
        with pytest.raises(InputError, match="network"):
            check_page(bad)


def test_entry_takes_yaml_and_tells_what_is_missing(sources, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(synthetic_statistics.CONFIG))
    command = [sys.executable, "-m", "render_report", "--reports", str(sources.reports)]
    command += ["--statistics", str(sources.statistics), "--study", "synthetic"]
    command += ["--config-file", str(config), "--benchmarks", str(sources.benchmarks)]
    command += ["--lock", str(sources.lock), "--output", str(tmp_path / "x.html")]
    command += ["--renderer", "pandoc", "--figures"]
    good = [*command, *map(str, sources.figures)]
    subprocess.run(good, check=True, capture_output=True)
    wrong = subprocess.run([*command, "no.svg"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 1
    assert "no.svg" in wrong.stderr
    assert "Traceback" not in wrong.stderr
