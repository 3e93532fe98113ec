"""The guide as a part of the site: the pages of reports/guide, in the look of the report.

They are read as a code host shows them (Markdown of GitHub, a notebook), so that one text serves
both. What they say of other files of the checkout is kept as a name, since no such file lies
beside the pages.
"""

import posixpath
import re
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html import escape, unescape
from pathlib import Path, PurePosixPath

from ricci_flow.errors import InputError
from ricci_flow.report.check import check_links, check_page
from ricci_flow.report.pages import FRONT, GUIDE, contents, neighbours
from ricci_flow.report.pandoc import convert

_AT_ONCE = 2  # pages
# In the order in which they are read. Each is NAME.md or NAME.ipynb of reports/guide.
NAMES = (
    "running",
    "first_steps",
    "python",
    "extending",
    "method",
    "results",
    "atlas",
    "files",
    "speed",
    "speed_notes",
    "clusters",
)
_KINDS = {".md": "gfm", ".ipynb": "ipynb"}
_TITLE = re.compile(r"<h1[^>]*>(.*?)</h1>\s*", re.DOTALL)
_SECTION = re.compile(r'<h2[^>]* id="([^"]+)"[^>]*>(.*?)</h2>', re.DOTALL)
_LINK = re.compile(r'<a\s+href="(?!#|[a-z]+:)([^"#]*)(#[^"]*)?"[^>]*>(.*?)</a>', re.DOTALL)
_DRAWN = '<img role="img" '
_TAG = re.compile(r"<[^>]*>")
_REPORT = (f"../{FRONT}.html", "Report")
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<header id="title-block-header">
<h1 class="title">{title}</h1>
</header>
{contents}
{body}
{neighbours}
</body>
</html>
"""


def guide_pages(reports: Path) -> dict[str, str]:
    """Return the pages of the guide, self-contained HTML, by the names of their files.

    reports: folder that holds `guide` and the style sheet. Raises InputError naming a text that is
    missing or has no title, or a link that leads nowhere.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        texts = list(pool.map(partial(_read, reports / GUIDE), NAMES))
    links = [(f"{name}.html", title) for name, (title, _) in zip(NAMES, texts, strict=True)]
    style = (reports / "styles.css").read_text("utf-8")
    pages = {}
    for (file, _), (title, body) in zip(links, texts, strict=True):
        navigation = contents([_REPORT, *links], file, _SECTION.findall(body))
        pages[file] = _PAGE.format(
            title=escape(title),
            style=style,
            contents=navigation,
            body=body,
            neighbours=neighbours(links, file),
        )
        check_page(pages[file], name=f"{GUIDE}/{file}")
    check_links(pages, {_REPORT[0]})
    return pages


def single_page(text: str, reports: Path, pictures: Sequence[Path] = ()) -> str:
    """Return Markdown with a title as one self-contained page; reports: of the style sheet.

    pictures: those that it shows, by the names of their files. Its links stay as they are.
    """
    with tempfile.TemporaryDirectory() as folder:
        for picture in pictures:
            shutil.copy(picture, folder)
        path = Path(folder) / "page.md"
        path.write_text(text, "utf-8")
        html = convert(path, _KINDS[path.suffix])
    title = _TITLE.search(html)
    if not title:
        raise InputError("the page begins with no title; put it back")
    page = _PAGE.format(
        title=escape(unescape(_TAG.sub("", title[1]))),
        style=(reports / "styles.css").read_text("utf-8"),
        contents="",
        body=html[: title.start()] + html[title.end() :],
        neighbours="",
    )
    check_page(page, name="page")
    return page


def _read(folder: Path, name: str) -> tuple[str, str]:
    """Return the title and the text of a page, HTML."""
    path = next((found for kind in _KINDS if (found := folder / f"{name}{kind}").is_file()), None)
    if path is None:
        raise InputError(f"{folder}: holds no {name}.md; put it back")
    html = convert(path, _KINDS[path.suffix])
    title = _TITLE.search(html)
    if not title:
        raise InputError(f"{path}: begins with no title; put it back")
    body = _LINK.sub(_link, html[: title.start()] + html[title.end() :])
    body = body.replace(_DRAWN, f'{_DRAWN}alt="What the code above draws." ')
    return unescape(_TAG.sub("", title[1])), body


def _link(match: re.Match[str]) -> str:
    """Return a link between pages of the guide; of another file the text and its name."""
    target = PurePosixPath(match[1])
    if str(target.parent) == "." and target.stem in NAMES:
        return f'<a href="{target.stem}.html{match[2] or ""}">{match[3]}</a>'
    path = posixpath.normpath(f"reports/{GUIDE}/{target}")
    return f"{match[3]} (<code>{path}</code>)"
