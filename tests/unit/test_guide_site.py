"""The guide beside the report: complete, self-contained, and every link leads somewhere."""

import re
import shutil
from html import unescape
from pathlib import Path

import pytest

from ricci_flow.report.guide import NAMES
from tests.browser import CHROMIUM, MISSING, Page
from tests.jobs import arguments, call

REPORTS = Path(__file__).resolve().parents[2] / "reports"


def words_of(reports, folder):
    return arguments(reports=reports, pages=[str(folder / f"{name}.html") for name in NAMES])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "guide"
    assert call("render_guide", words_of(REPORTS, folder)) == 0
    return folder


def test_every_text_of_the_guide_is_a_page():
    texts = {path.stem for path in (REPORTS / "guide").iterdir()}
    assert texts == {*NAMES}
    assert len(texts) == len(NAMES)


def test_pages_say_what_their_texts_say(folder):
    for name in NAMES:
        html = (folder / f"{name}.html").read_text("utf-8")
        path = REPORTS / "guide" / f"{name}.md"
        if path.is_file():
            text = path.read_text("utf-8")
            headings = re.findall(r"^## (.+)$", re.sub(r"(?ms)^```.*?^```", "", text), re.MULTILINE)
            plain = unescape(re.sub(r"<[^>]*>", "", html)).replace("\u2019", "'")
            assert text.startswith(f"# {re.search('<title>(.*)</title>', html)[1]}\n")
            # Once in the contents, once in the text.
            for heading in headings:
                assert re.sub(r"\s+", " ", plain).count(re.sub(r"[*`]", "", heading)) >= 2, heading
        assert html.count('aria-current="page"') == 1


def test_links_between_pages_are_kept_and_other_files_are_named(folder):
    running = (folder / "running.html").read_text("utf-8")
    assert 'href="extending.html' in running
    assert "(<code>config/README.md</code>)" in re.sub(r"\s+", " ", running)
    assert not re.search(r'href="[^"]*\.md', running)
    assert 'href="../report.html"' in running
    assert running.count('src="data:image/png') == 2


def broken(tmp_path, name, old, new):
    shutil.copytree(REPORTS / "guide", tmp_path / "reports/guide")
    shutil.copytree(REPORTS / "pictures", tmp_path / "reports/pictures")
    shutil.copy(REPORTS / "styles.css", tmp_path / "reports")
    path = tmp_path / "reports/guide" / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("speed.md", "# Speed\n", "Speed\n", "speed.md: begins with no title; put it back"),
        (
            "speed.md",
            "# Speed\n",
            "# Speed\n\n[x](method.md#no)\n",
            "leads nowhere: method.html#no",
        ),
        ("running.md", "front_page.png", "back_page.png", "could not render running.md"),
    ],
)
def test_a_wrong_text_is_named(tmp_path, capsys, name, old, new, message):
    broken(tmp_path, name, old, new)
    assert call("render_guide", words_of(tmp_path / "reports", tmp_path / "out")) == 1
    said = capsys.readouterr().err
    assert message in said
    assert not (tmp_path / "out").exists()


def test_a_missing_text_is_named(tmp_path, capsys):
    broken(tmp_path, "method.md", "#", "#").unlink()
    assert call("render_guide", words_of(tmp_path / "reports", tmp_path / "out")) == 1
    assert "holds no method.md; put it back" in capsys.readouterr().err


@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_open_in_a_browser(folder, tmp_path, width):
    with Page(folder / "running.html", tmp_path, width) as page:
        for name in NAMES:
            page.open(folder / f"{name}.html")
            found = page.seen()
            assert not page.complaints, name
            assert not found["loaded"], name
            assert all(complete and natural > 0 for complete, natural, *_ in found["images"])
            assert all(len(alt) > 20 for *_, alt in found["images"])
            assert found["wide"] <= width, f"{name} scrolls sideways"
