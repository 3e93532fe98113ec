"""A picture in the place of a figure that could not be drawn: it names the figure and the reason.

Without Matplotlib, which may be the very thing that failed.
"""

import textwrap
from collections.abc import Iterable
from pathlib import Path
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from ricci_flow.disk import staged
from ricci_flow.storage import damaged

_ATTRIBUTE = "data-not-drawn"
_LETTERS, _LINES = 62, 12


def write_gap(path: Path, figure: str, reason: str) -> None:
    """Write the picture that says that, and why, `figure` is missing."""
    shown = "".join(c if c.isprintable() else " " for c in reason).strip() or "no reason was given"
    lines = textwrap.wrap(shown, _LETTERS)
    if len(lines) > _LINES:
        lines = [*lines[: _LINES - 1], "..."]
    texts = [f'<text x="18" y="32" font-weight="bold">Figure “{escape(figure)}” is missing</text>']
    texts += [
        f'<text x="18" y="{58 + 18 * i}">{escape(text)}</text>' for i, text in enumerate(lines)
    ]
    height = 62 + 18 * len(lines)
    with staged(path) as part:
        part.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" width="480" height="{height}" '
            f'viewBox="0 0 480 {height}" {_ATTRIBUTE}={quoteattr(shown)} '
            'font-family="DejaVu Sans, sans-serif" font-size="13" fill="#222222">\n'
            f'<rect x="1" y="1" width="478" height="{height - 2}" fill="#fff7e6" '
            'stroke="#d55e00" stroke-dasharray="6 4"/>\n' + "\n".join(texts) + "\n</svg>\n",
            "utf-8",
        )


def read_gap(path: Path) -> str | None:
    """Return why the figure of an SVG file is missing; None where it is there.

    Raises InputError where the file is not well-formed: a browser would show a broken picture.
    """
    elements: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _, attributes: elements.append(attributes)
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (OSError, expat.ExpatError) as error:
        raise damaged(path, error) from None
    return elements[0].get(_ATTRIBUTE)


def take_gaps(paths: Iterable[Path]) -> list[str]:
    """Return a line for each figure that is missing, and delete its picture.

    The next run then draws it again, whatever was in the way.
    """
    lines = []
    for path in paths:
        reason = read_gap(path)
        if reason is not None:
            path.unlink()
            lines.append(f"figure {path.stem} could not be drawn: {reason}")
    return lines
