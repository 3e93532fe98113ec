"""The report in a browser: every picture loads, nothing complains, nothing scrolls sideways."""

import json
import re
import shutil
import subprocess

import pytest

from ricci_flow.report import build
from tests.fixtures import synthetic_report
from tests.fixtures.synthetic_report import FIGURES

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)


@pytest.fixture
def sources(tmp_path):
    return synthetic_report.make_sources(tmp_path)


CHECK = """<script>addEventListener("load", () => { const found = [...document.images].map(
i => [i.complete, i.naturalWidth]); const note = document.createElement("pre"); note.id = "found";
note.textContent = JSON.stringify({images: found, wide: document.documentElement.scrollWidth});
document.body.append(note); });</script></body>"""


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is NOT installed: the page was not opened")
@pytest.mark.parametrize("width", [1200, 500])
def test_page_opens_in_a_browser(sources, tmp_path, width):
    page = tmp_path / "report.html"
    build.render(sources, page, renderer="pandoc", say=lambda _: None)
    page.write_text(page.read_text("utf-8").replace("</body>", CHECK), "utf-8")
    options = "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run"
    command = [str(CHROMIUM), *options.split(), f"--user-data-dir={tmp_path / 'profile'}"]
    command += [
        f"--window-size={width},900",
        "--enable-logging=stderr",
        "--virtual-time-budget=5000",
    ]
    dumped = subprocess.run(
        [*command, "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "CONSOLE" not in dumped.stderr
    found = re.search(r'<pre id="found">(.*?)</pre>', dumped.stdout)
    assert found
    facts = json.loads(found[1])
    assert len(facts["images"]) == len(FIGURES)
    assert all(complete and natural > 0 for complete, natural in facts["images"])
    assert facts["wide"] <= width, "the page scrolls sideways"
    picture = tmp_path / "page.png"
    subprocess.run(
        [*command, f"--screenshot={picture}", page.as_uri()],
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert picture.stat().st_size > 10_000
