"""Quarto: used where it works; where it does not, pandoc takes over and the page says why."""

import html
import os
import re
import time
from pathlib import Path

import pytest

from ricci_flow.errors import InputError
from ricci_flow.report import quarto
from tests.fixtures import synthetic_report

# Pages with all that the documents name, and a script with the signs that are looked for in text.
PAGE = r"""
mkdir site
grep 'qmd$' _quarto.yml | sed 's/.*- \(.*\).qmd/\1/' | while read page; do
{ echo '<html><head><script>function f(x) { return x?@fig : "?var:y {{< z >}} src=//w"; }</script>'
  echo '</head><body>made by a fake'
  grep -o '{#[a-z][a-z_-]*' $page.qmd | sed 's/{#\(.*\)/<p id="\1"><\/p>/'
  echo '</body></html>'; } > site/$page.html
done
"""
WORKING = (
    r"""if [ "$1" = --version ]; then echo 9.9.9; exit 0; fi
for file in _quarto.yml report.qmd left_out.qmd tables/_funnel.md figures/clouds.svg; do
  test -f "$file" || { echo "no $file"; exit 3; }
done
if grep -q '{{<' *.qmd; then echo unresolved; exit 4; fi
"""
    + PAGE
)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    return synthetic_report.make_sources(tmp_path_factory.mktemp("sources"))


@pytest.fixture
def fake(tmp_path, monkeypatch):
    def make(body: str, first: str = "#!/bin/sh\n") -> Path:
        program = tmp_path / "bin" / "quarto"
        program.parent.mkdir(exist_ok=True)
        program.write_text(first + body)
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
        return program

    return make


def rendered(sources, tmp_path, renderer="auto"):
    said = synthetic_report.render_pages(sources, tmp_path / "out", renderer)
    return said, synthetic_report.read_pages(tmp_path / "out")


def words(page):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page)).split())


def test_quarto_that_works_is_used(sources, tmp_path, fake):
    fake(f'echo "$@" >> {tmp_path}/arguments\n' + WORKING)
    said, page = rendered(sources, tmp_path)
    assert said[0] == "This page was rendered by Quarto 9.9.9."
    assert "made by a fake" in page
    calls = (tmp_path / "arguments").read_text().splitlines()
    assert calls == ["--version", "render --to html"]


@pytest.mark.parametrize("home", [None, "/nowhere", "/proc"])
def test_quarto_has_a_home_to_write_to(sources, tmp_path, fake, monkeypatch, home):
    if home is None:
        monkeypatch.delenv("HOME", raising=False)
    else:
        monkeypatch.setenv("HOME", home)
        monkeypatch.setenv("XDG_CACHE_HOME", f"{home}/cache")
    fake('mkdir -p "$HOME/a" "$XDG_CACHE_HOME/b" "$XDG_DATA_HOME/c" || exit 7\n' + WORKING)
    assert "made by a fake" in rendered(sources, tmp_path)[1]


BROKEN = {
    "no version": ("echo cannot find deno >&2; exit 1", "exit status 1, cannot find deno"),
    "garbage as version": (r"printf '\377\000lorem ipsum\n'", "gives no version"),
    "no version, no word": ("exit 127", "exit status 127, without a message"),
    "fails": (
        'if [ "$1" = --version ]; then echo 9.9.9; exit 0; fi; echo "ERROR: no"; exit 1',
        "Quarto 9.9.9: Quarto failed with exit status 1: ERROR: no",
    ),
    "no page": (
        'if [ "$1" = --version ]; then echo 9.9.9; fi',
        "Quarto wrote no report.html",
    ),
    "garbage as page": (
        WORKING + r"printf '\377\376\000' > site/report.html",
        "the rendered report.html is no text",
    ),
    "another page": (WORKING + "echo '<html></html>' > site/report.html", "lacks fig-claims"),
    "page cut off": (
        WORKING + "sed -i '/<.html>/d' site/left_out.html",
        "left_out.html is cut off",
    ),
    "log tells of something unresolved": (
        WORKING + r"printf '\033[33mWARNING Unable to resolve crossref @fig-x\033[39m\n' >&2",
        "crossref @fig-x",
    ),
    "log tells of a citation": (
        WORKING + r"echo '[WARNING] Citeproc: citation x not found' >&2",
        "citation x",
    ),
    "page shows an unresolved reference": (
        WORKING + "sed -i 's|made|<strong>?@fig-x</strong> made|' site/report.html",
        "unresolved reference: ?@fig-x",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_quarto_gives_way_to_pandoc(sources, tmp_path, fake, kind):
    body, reason = BROKEN[kind]
    fake(body)
    said, page = rendered(sources, tmp_path)
    assert reason in " ".join(said)
    assert "instead of Quarto (Quarto" in words(page)
    assert reason in words(page)
    assert 'id="tbl-ledger"' in page
    with pytest.raises(InputError, match=re.escape(reason)):
        rendered(sources, tmp_path, renderer="quarto")


def test_quarto_that_is_no_program_gives_way(sources, tmp_path, fake):
    fake("", first="\x7fELF")
    said, page = rendered(sources, tmp_path)
    assert "cannot be started (Exec format error)" in said[0]
    assert "cannot be started" in words(page)


def gone(process: int) -> bool:
    """Say whether a process has ended, be its entry still there or not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("when", ["--version", "render"])
def test_quarto_that_hangs_is_ended_with_its_children(sources, tmp_path, fake, monkeypatch, when):
    monkeypatch.setattr(quarto, "_ANSWER", 2.0)
    monkeypatch.setattr(quarto, "_RENDER", 2.0)
    hang = f'if [ "$1" = {when} ]; then sleep 600 & echo $! > {tmp_path}/child; wait; fi\n'
    fake(hang + WORKING)
    said, page = rendered(sources, tmp_path)
    assert f"`quarto {when}` did not end in 2 s" in " ".join(said)
    assert "did not end in 2 s" in words(page)
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if gone(child):
            break
        time.sleep(0.1)
    assert gone(child)


def test_where_there_is_none_pandoc_is_used(sources, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    said, _ = rendered(sources, tmp_path)
    assert "instead of Quarto (Quarto was not found)." in said[0]
    with pytest.raises(InputError, match="not found; install it"):
        synthetic_report.render_pages(sources, tmp_path / "x", "quarto")
    assert not os.path.exists(tmp_path / "x")
