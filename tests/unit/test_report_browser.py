"""The report in a browser: every picture loads, nothing complains, nothing scrolls sideways."""

import pytest

from ricci_flow.report import build
from tests.browser import CHROMIUM, MISSING, open_page
from tests.fixtures import synthetic_report
from tests.fixtures.synthetic_report import FIGURES


@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
@pytest.mark.parametrize("width", [1200, 500])
def test_page_opens_in_a_browser(tmp_path, width):
    sources = synthetic_report.make_sources(tmp_path)
    page, picture = tmp_path / "report.html", tmp_path / "page.png"
    build.render(sources, page, renderer="pandoc", say=lambda _: None)
    found = open_page(page, tmp_path, width, picture)
    assert not found["console"]
    assert len(found["images"]) == len(FIGURES)
    assert all(complete and natural > 0 for complete, natural, _ in found["images"])
    assert found["wide"] <= width, "the page scrolls sideways"
    assert picture.stat().st_size > 10_000
