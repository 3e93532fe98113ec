"""Opening a page in headless Chromium and asking what a reader would see."""

import base64
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
MISSING = "Chromium is NOT installed: the page was not opened"
OPTIONS = "--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run"

# Numbers in the tables of a page, also in those that are folded away, that stand on two lines.
_BROKEN = r"""(() => {
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
  const broken = [];
  for (const cell of document.querySelectorAll("td, th")) {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const found of texts.currentNode.data.matchAll(/[-−]?\d[\d.,]*(\s?%)?/g)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, found.index);
        range.setEnd(texts.currentNode, found.index + found[0].length);
        const seen = [...range.getClientRects()].filter((line) => line.width > 0);
        if (new Set(seen.map((line) => Math.round(line.top))).size > 1) broken.push(found[0]);
      }
    }
  }
  return broken;
})()"""

# The pictures of a page (complete, natural width, shown width, alternative text), the pixels that
# it takes, and the text that is shown.
_SEEN = """({
  images: [...document.images].map(
    (i) => [i.complete, i.naturalWidth, i.getBoundingClientRect().width, i.alt]),
  wide: document.documentElement.scrollWidth,
  text: document.body.innerText,
})"""


class Page:
    """A page in headless Chromium, which a test can use as a reader would; a context manager.

    Spoken to over a pipe by Chromium's DevTools protocol, so keys and clicks are real ones.
    requested: addresses that the page loaded; complaints: what a script or the browser said.
    """

    def __init__(self, page: Path, folder: Path, width: int, height: int = 900) -> None:
        self.requested: list[str] = []
        self.complaints: list[str] = []
        self._number, self._buffer = 0, b""
        (here, its_out), (its_in, there) = os.pipe(), os.pipe()
        self._read, self._write = here, there
        command = [str(CHROMIUM), *OPTIONS.split(), f"--user-data-dir={folder / 'profile'}"]
        command += ["--remote-debugging-pipe", "about:blank"]
        self._process = subprocess.Popen(
            # The protocol is spoken on file descriptors 3 and 4. (Other shells know one digit.)
            ["bash", "-c", f'exec "$@" 3<&{its_in} 4>&{its_out}', "bash", *command],
            pass_fds=(its_in, its_out),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(its_in)
        os.close(its_out)
        targets = self._call("Target.getTargets")["targetInfos"]
        target = next(of["targetId"] for of in targets if of["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.open(page)

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._read)
        os.close(self._write)

    _session: str | None = None

    def open(self, page: Path) -> None:
        """Go to another page."""
        self.requested.clear()
        address = page.absolute().as_uri()
        self.call("Page.navigate", url=address)
        # A page may keep its view in the address, after a "#", as soon as it is there.
        self.wait_for(
            f"location.href.split('#')[0] === '{address}' && document.readyState === 'complete'"
        )

    def seen(self) -> dict[str, Any]:
        """Return what a reader sees (keys of `_SEEN`), and `loaded`: what came from elsewhere."""
        itself = self.ask("location.href")
        loaded = [of for of in self.requested if of != itself and not of.startswith("data:")]
        return {**self.ask(_SEEN), "loaded": loaded}

    def broken_numbers(self) -> list[str]:
        """Open what is folded away and return the numbers of tables that stand on two lines."""
        return self.ask(_BROKEN)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Return the answer to a command of the protocol."""
        return self._call(method, **parameters)

    def ask(self, expression: str) -> Any:
        """Return the value of JavaScript, a promise's too."""
        options = {"returnByValue": True, "awaitPromise": True}
        answer = self.call("Runtime.evaluate", expression=expression, **options)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 20) -> None:
        """Wait until JavaScript is true."""
        until = time.monotonic() + seconds
        while not self.ask(expression):
            assert time.monotonic() < until, f"not so after {seconds} s: {expression}"
            time.sleep(0.05)

    def press(self, *keys: str) -> None:
        """Press keys, by the names that scripts see."""
        codes = {"Tab": 9, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38}
        codes |= {"ArrowRight": 39, "ArrowDown": 40, "Enter": 13}
        for key in keys:
            of = {"key": key, "windowsVirtualKeyCode": codes.get(key, ord(key[0].upper()))}
            of |= {"text": "\r"} if key == "Enter" else {} if key in codes else {"text": key}
            self.call("Input.dispatchKeyEvent", type="keyDown", **of)
            self.call("Input.dispatchKeyEvent", type="keyUp", **of)

    def point_at(self, x: float, y: float) -> None:
        """Move the pointer."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """Write a screenshot, of the whole page or of what is in the window."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(found["data"]))

    def printed(self) -> int:
        """Return how many sheets of A4 the page takes on paper."""
        pdf = base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])
        return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self._note(answer)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._read, 2**20)
            assert part, "Chromium has ended"
            self._buffer += part
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def _note(self, event: dict[str, Any]) -> None:
        of = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.requested.append(of["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(of["exceptionDetails"]))
            case "Runtime.consoleAPICalled":
                self.complaints.append(f"{of['type']}: {of['args']}")
            case "Log.entryAdded":
                self.complaints.append(of["entry"]["text"])
