"""Opening a page in headless Chromium and asking what a reader would see."""

import json
import re
import shutil
import subprocess
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
MISSING = "Chromium is NOT installed: the page was not opened"
OPTIONS = "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run"

_CHECK = """<script>addEventListener("load", () => { const found = [...document.images].map(
i => [i.complete, i.naturalWidth, i.getBoundingClientRect().width]);
const note = document.createElement("pre"); note.id = "found";
note.textContent = JSON.stringify({images: found, wide: document.documentElement.scrollWidth});
document.body.append(note); });</script></body>"""


def open_page(page: Path, folder: Path, width: int, picture: Path | None = None) -> dict:
    """Return what Chromium says of a page at a window width.

    Keys: images (complete, natural width, shown width of each), wide (pixels the page takes),
    console (lines a script or the browser complained of). Writes a screenshot where asked.
    """
    copy = folder / "opened.html"
    copy.write_text(page.read_text("utf-8").replace("</body>", _CHECK), "utf-8")
    command = [str(CHROMIUM), *OPTIONS.split(), f"--user-data-dir={folder / 'profile'}"]
    command += [f"--window-size={width},900", "--enable-logging=stderr"]
    command += ["--virtual-time-budget=5000"]
    actions = ["--dump-dom", *([f"--screenshot={picture}"] if picture else [])]
    dumped, *_ = (
        subprocess.run(
            [*command, action, copy.as_uri()],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        for action in actions
    )
    found = re.search(r'<pre id="found">(.*?)</pre>', dumped.stdout)
    assert found, "the page did not finish loading"
    console = [line for line in dumped.stderr.splitlines() if "CONSOLE" in line]
    return json.loads(found[1]) | {"console": console}
