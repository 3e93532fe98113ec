"""The pages of a report: which there are, and what leads from one to another.

Both renderers number figures and tables anew on every page, in their order. What crosses pages is
made here, before either of them sees a text: references, the contents of all pages, the identifiers
of sections that these lead to, and the list of what a page cites.
"""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import yaml

from ricci_flow.errors import InputError
from ricci_flow.report.document import identifiers

PROJECT = "_quarto.yml"
FRONT = "report"
# Only studies of a system of the atlas have it.
SYSTEM = "system"
# Made beside the pages where a study asks for it.
EXPLORE = "explore.html"
# Folder of the guide, in reports and beside the pages, and its first page.
GUIDE = "guide"
GUIDE_START = f"{GUIDE}/running.html"
# From a page of results/STUDY/report.
STATISTICS = "../statistics"
_HEADER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_SECTION = re.compile(r"^## (.+?)(?: \{#([\w-]+)\})?$", re.MULTILINE)
_REFERENCE = re.compile(r"(?<![\\\w`@])@((?:fig|tbl)-[\w-]*\w)")
_CITED = re.compile(r"(?<![\\\w`@])@([\w:-]*\w)")
_KEY = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)
_WORDS = {"fig": "Figure", "tbl": "Table"}


@dataclass(frozen=True)
class Page:
    """One page: its name, title, a word for it in the contents, what it is about, its document."""

    name: str
    title: str
    short: str
    description: str
    text: str

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.name}.html"


def page_names(reports: Path, *, system: bool = False) -> list[str]:
    """Return the names of the pages in their order: what the project file says is rendered.

    system: with the page of a system of the atlas. Raises InputError where it says nothing, or does
    not begin with the front page.
    """
    path = reports / PROJECT
    try:
        listed = yaml.safe_load(path.read_text("utf-8"))["project"]["render"]
        names = [Path(str(name)).stem for name in listed]
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: lists no pages ({reason}); put it back") from None
    if names[:1] != [FRONT] or len({*names}) < len(names):
        raise InputError(f"{path}: project.render has to begin with {FRONT}.qmd, each page once")
    return [name for name in names if system or name != SYSTEM]


def without_system(folder: Path) -> None:
    """Take the page of a system out of a project that is a copy."""
    (folder / f"{SYSTEM}.qmd").unlink(missing_ok=True)
    project = folder / PROJECT
    lines = project.read_text("utf-8").splitlines(keepends=True)
    project.write_text("".join(line for line in lines if f"- {SYSTEM}.qmd" not in line), "utf-8")


def check_files(files: Sequence[Path], reports: Path, *, system: bool = False) -> Path:
    """Return the folder of the files of all pages; InputError where they are not these.

    system: see `page_names`.
    """
    expected = {f"{name}.html" for name in page_names(reports, system=system)}
    folders = {path.parent for path in files}
    if {path.name for path in files} != expected or len(folders) != 1:
        raise InputError(
            f"pages: have to be {', '.join(sorted(expected))}, all in one folder; correct them"
        )
    return folders.pop()


def read_page(name: str, text: str) -> Page:
    """Return a page of its document.

    Raises InputError where the document has no title.
    """
    found = _HEADER.match(text)
    try:
        header = yaml.safe_load(found[1]) if found else {}
        title = str(header["title"])
    except (yaml.YAMLError, KeyError, TypeError):
        raise InputError(f"{name}.qmd: begins with no title; put it back") from None
    short, description = (str(header.get(key, title)) for key in ("short", "description"))
    return Page(name, title, short, description, text)


def file_link(table: str) -> str:
    """Return a paragraph that leads to the file of a table of statistics."""
    return f"[Table as a Parquet file]({STATISTICS}/{table}.parquet){{.file}}\n"


def pages_list(pages: Sequence[Page]) -> str:
    """Return the list of pages as Markdown."""
    lines = [f"- [{page.title}]({page.file}): {page.description}" for page in pages]
    return "\n".join(lines) + "\n"


def joined(pages: Sequence[Page], bibliography: str, script: str, *, explore: bool) -> list[Page]:
    """Return the pages with all that crosses them.

    bibliography: in BibTeX; script: JavaScript of pages with tables; explore: whether the contents
    lead to `EXPLORE`. Raises InputError where two figures or tables have one identifier.
    """
    places = _places(pages)
    keys = {*_KEY.findall(bibliography)}
    found = []
    for page in pages:
        text = page.text
        if keys & {*_CITED.findall(text)}:
            text = f"{text.rstrip()}\n\n## References\n\n::: {{#refs}}\n:::\n"
        text = _REFERENCE.sub(partial(_across, page=page, places=places), text)
        found.append(replace(page, text=_SECTION.sub(_with_identifier, text)))
    return [_with_frame(page, found, script, explore) for page in found]


def _places(pages: Sequence[Page]) -> dict[str, tuple[Page, str]]:
    """Return the page and label of every figure and table, by identifier."""
    places: dict[str, tuple[Page, str]] = {}
    for page in pages:
        counts = dict.fromkeys(_WORDS, 0)
        for identifier in identifiers(page.text):
            if identifier in places:
                raise InputError(f"two things of the report are called {identifier}")
            kind = identifier.partition("-")[0]
            counts[kind] += 1
            places[identifier] = (page, f"{_WORDS[kind]}\u00a0{counts[kind]}")
    return places


def _across(match: re.Match[str], page: Page, places: Mapping[str, tuple[Page, str]]) -> str:
    """Return a link where the reference leads to another page; else it is the renderer's."""
    there, label = places.get(match[1], (page, ""))
    if there is page:
        return match[0]
    return f"[{label} in “{there.short}”]({there.file}#{match[1]})"


def _slug(title: str) -> str:
    """Return the identifier of a section as pandoc makes it."""
    plain = re.sub(r"[^\w\s.-]", "", title).strip().lower()
    return re.sub(r"\s+", "-", plain)


def _with_identifier(match: re.Match[str]) -> str:
    return f"## {match[1]} {{#{match[2] or _slug(match[1])}}}"


def _with_frame(page: Page, pages: Sequence[Page], script: str, explore: bool) -> Page:
    """Return a page with the contents before its text and its neighbours after it."""
    header = _HEADER.match(page.text)
    start = header.end() if header else 0
    links = [(other.file, other.short) for other in pages]
    sections = [
        (match[2], re.sub(r"\*(\w+)\*", r"<em>\1</em>", html.escape(match[1])))
        for match in _SECTION.finditer(page.text)
    ]
    others = [(EXPLORE, "Explore")] if explore else []
    others.append((GUIDE_START, "Guide"))
    parts = [
        page.text[:start],
        raw(contents([*links, *others], page.file, sections)),
        page.text[start:].strip("\n"),
        raw(neighbours(links, page.file)),
    ]
    if "{#tbl-" in page.text:
        parts.append(raw(f"<script>\n{script.strip()}\n</script>"))
    return replace(page, text="\n\n".join(parts) + "\n")


def raw(text: str) -> str:
    """Return HTML as Markdown that leaves it alone."""
    return f"```{{=html}}\n{text}\n```"


def contents(
    links: Sequence[tuple[str, str]], here: str, sections: Sequence[tuple[str, str]]
) -> str:
    """Return the contents of all pages as HTML.

    links: (address, text) of every page; here: address of the page that it is for; sections:
    (identifier, HTML) of that page.
    """
    lines = ['<nav class="pages" aria-label="Pages of this report">', "<ul>"]
    below = [f'<li><a href="#{identifier}">{text}</a></li>' for identifier, text in sections]
    inner = "\n<ul>\n" + "\n".join(below) + "\n</ul>\n" if below else ""
    for address, text in links:
        current = ' aria-current="page"' if address == here else ""
        link = f'<a href="{address}"{current}>{html.escape(text)}</a>'
        lines.append(f"<li>{link}{inner if current else ''}</li>")
    return "\n".join([*lines, "</ul>", "</nav>"])


def neighbours(links: Sequence[tuple[str, str]], here: str) -> str:
    """Return links to the page before and the page after one as HTML; arguments as `contents`."""
    at = [address for address, _ in links].index(here)
    found = []
    if at:
        address, text = links[at - 1]
        found.append(f'<a rel="prev" href="{address}">← {html.escape(text)}</a>')
    if at + 1 < len(links):
        address, text = links[at + 1]
        found.append(f'<a rel="next" href="{address}">{html.escape(text)} →</a>')
    return "\n".join(['<nav class="turn" aria-label="Next pages">', *found, "</nav>"])
