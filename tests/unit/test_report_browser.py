"""The report in a browser: pictures load, nothing complains or scrolls sideways."""

import pytest

from ricci_flow.report.pages import page_names
from tests.browser import CHROMIUM, MISSING, Page
from tests.fixtures import synthetic_report
from tests.fixtures.synthetic_report import FIGURES, REPORTS

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
NAMES = page_names(REPORTS)
# Of the table of all cells.
ROWS = """[...document.querySelectorAll("#tbl-cells tbody tr")].filter((row) => !row.hidden)
.map((row) => [...row.cells].map((cell) => cell.textContent))"""
FIELD = 'document.querySelector("#tbl-cells input[type=search]")'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    synthetic_report.render_pages(synthetic_report.make_sources(folder), folder)
    return folder


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_open_in_a_browser(folder, tmp_path, width):
    pictures = 0
    with Page(folder / "report.html", tmp_path, width) as page:
        assert len(page.seen()["text"].split()) <= 1500
        for name in NAMES:
            page.open(folder / f"{name}.html")
            found = page.seen()
            assert not page.complaints, name
            assert not found["loaded"], name
            assert all(complete and natural > 0 for complete, natural, *_ in found["images"])
            assert all(len(alt) > 20 for *_, alt in found["images"])
            assert found["wide"] <= width, f"{name} scrolls sideways"
            pictures += len(found["images"])
            assert page.broken_numbers() == [], name
        narrow = "<table><td style='width: 1px; white-space: normal'>5.0 %</td></table>"
        page.ask(f'document.body.insertAdjacentHTML("beforeend", "{narrow}")')
        assert page.broken_numbers() == ["5.0 %"]
    assert pictures == len(FIGURES)


def test_long_tables_are_sorted_and_searched(folder, tmp_path):
    kept = 5  # a column of numbers
    with Page(folder / "curvature.html", tmp_path, 1280) as page:
        page.ask('document.querySelector("#tbl-cells").closest("details").open = true')
        before = page.ask(ROWS)
        button = f'document.querySelectorAll("#tbl-cells th button")[{kept}]'
        page.ask(f"{button}.focus()")
        page.press("Enter")
        up = page.ask(ROWS)
        page.press("Enter")
        down = page.ask(ROWS)
        page.ask(f"{FIELD}.focus()")
        page.press(*"union", " ", *"1v7")
        found = page.ask(ROWS)
        said = page.ask(f"{FIELD}.nextSibling.textContent")
    numbers = [int(row[kept]) for row in up]
    assert sorted(map(tuple, up)) == sorted(map(tuple, before))
    assert numbers == sorted(numbers)
    assert numbers[0] < numbers[-1]
    assert [int(row[kept]) for row in down] == numbers[::-1]
    assert 0 < len(found) < len(before)
    assert all("union" in row[1] and "1v7" in row[2] for row in found)
    assert said == f"{len(found)} of {len(before)} rows"


def test_colours_follow_the_reader_and_paper_is_white(folder, tmp_path):
    colour = "getComputedStyle(document.documentElement).backgroundColor"
    with Page(folder / "report.html", tmp_path, 1280) as page:
        assert page.ask(colour) == "rgb(255, 255, 255)"
        dark = [{"name": "prefers-color-scheme", "value": "dark"}]
        page.call("Emulation.setEmulatedMedia", features=dark)
        assert page.ask(colour) != "rgb(255, 255, 255)"
        assert page.ask("getComputedStyle(document.images[0]).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        page.call("Emulation.setEmulatedMedia", media="print", features=dark)
        assert page.ask(colour) == "rgb(255, 255, 255)"


def test_the_front_page_takes_few_sheets_of_paper(folder, tmp_path):
    with Page(folder / "report.html", tmp_path, 1280) as page:
        front = page.printed()
        page.open(folder / "curvature.html")
        assert page.printed() > front
        page.ask("document.body.insertAdjacentHTML('beforeend', '<p>line</p>'.repeat(200))")
        long = page.printed()
    assert 1 <= front <= 5
    assert long >= 6
