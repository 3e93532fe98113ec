"""Checks of the finished pages, whichever program rendered them.

They look at what a page says and loads, as a browser would: at text, attributes and style sheets.
What stands in scripts and templates is nobody's to read; Quarto's own contain the very signs that
an unresolved reference has.
"""

import posixpath
import re
from collections.abc import Collection, Mapping
from html.parser import HTMLParser
from urllib.parse import unquote

from ricci_flow.errors import InputError

# Quarto sets what it cannot resolve in bold: ?@fig-x, ?var:x. So does pandoc with citations: key?
_UNRESOLVED = {
    "an unresolved reference": re.compile(r"\?@\S+"),
    "an unresolved variable": re.compile(r"\?(?:var|meta|env):\S*"),
}
# Attributes whose address a browser loads by itself; links and citations are followed by readers.
_LOADING = ("src", "srcset", "data", "poster", "background", "href", "xlink:href")
_LINKS = ("a", "area")
_OUT = re.compile(r"[a-z][a-z+.-]*:|//", re.IGNORECASE)
_REMOTE = re.compile(r"\s*(?:https?:)?//", re.IGNORECASE)
_REMOTE_STYLE = re.compile(
    r"""@import\s+(?:url\(\s*)?["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//""", re.IGNORECASE
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_UNSEEN = ("script", "template", "noscript")
_LITERAL = ("code", "pre")


class _Page(HTMLParser):
    """Collects the faults of a page and the identifiers of its elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[tuple[str, str]] = []
        self.identifiers: set[str] = set()
        self.links: list[str] = []
        self.closed = False
        self._open: dict[str, int] = {}
        self._cited: set[str] = set()
        self._bold: list[str] = []
        self._style: list[str] = []

    def _inside(self, *tags: str) -> bool:
        return any(self._open.get(tag) for tag in tags)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in (*_UNSEEN, *_LITERAL, "strong", "style"):
            self._open[tag] = self._open.get(tag, 0) + 1
        if tag == "strong":
            self._bold = []
        self._look_at(tag, attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look_at(tag, attrs)

    def _look_at(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._inside("template"):
            return
        for name, value in attrs:
            text = value or ""
            if name == "id":
                self.identifiers.add(text)
            if name == "href" and tag in _LINKS:
                self.links.append(text)
            if name == "data-cites":
                self._cited.update(text.split())
            loaded = text.split(",") if name == "srcset" else [text]
            remote = name in _LOADING and tag not in _LINKS and any(map(_REMOTE.match, loaded))
            if remote or (name == "style" and _REMOTE_STYLE.search(text)):
                self.faults.append(("something loaded from the network", f"{name}={text[:80]}"))

    def handle_endtag(self, tag: str) -> None:
        if self._open.get(tag):
            self._open[tag] -= 1
        if tag == "strong" and not self._inside(*_UNSEEN, *_LITERAL):
            self._check_bold("".join(self._bold).strip())
        if tag == "style":
            self._check_style("".join(self._style))
            self._style = []
        self.closed = self.closed or tag == "html"

    def handle_data(self, data: str) -> None:
        if self._inside("style"):
            self._style.append(data)
        elif self._inside("strong"):
            self._bold.append(data)

    def _check_bold(self, text: str) -> None:
        for fault, pattern in _UNRESOLVED.items():
            if pattern.fullmatch(text):
                self.faults.append((fault, text))
        if text.endswith("?") and text[:-1] in self._cited:
            self.faults.append(("an unresolved citation", text))

    def _check_style(self, text: str) -> None:
        found = _REMOTE_STYLE.search(_COMMENT.sub("", text))
        if found:
            self.faults.append(("something loaded from the network", found[0]))


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    page.close()
    return page


def check_page(html: str, identifiers: Collection[str] = (), name: str = "report") -> None:
    """Raise InputError where the page is no whole page or would load something from elsewhere.

    identifiers: of the elements that it must have; name: what it is called.
    """
    page = _read(html)
    if page.faults:
        fault, excerpt = page.faults[0]
        raise InputError(f"the rendered {name} holds {fault}: {excerpt}")
    missing = sorted(set(identifiers) - page.identifiers)
    if missing:
        raise InputError(f"the rendered {name} lacks {', '.join(missing[:5])}")
    if not page.closed:
        raise InputError(f"the rendered {name} is cut off: it does not end with </html>")


def check_links(pages: Mapping[str, str], files: Collection[str]) -> None:
    """Raise InputError where a link leads to nothing: a page, a place on one, or another file.

    pages: HTML by the name of the file; files: others that are there, relative to the pages.
    """
    read = {name: _read(html) for name, html in pages.items()}
    for name, page in read.items():
        for link in page.links:
            address, _, place = unquote(link).partition("#")
            file = posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
            if _OUT.match(link) or (file in files and not place):
                continue
            there = read.get(file if address else name)
            if there is None or (place and place not in there.identifiers):
                raise InputError(f"the rendered {name} holds a link that leads nowhere: {link}")
