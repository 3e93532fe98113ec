"""The page itself: its texts in reports/explore, filled with the packed content."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from ricci_flow.disk import staged
from ricci_flow.errors import InputError
from ricci_flow.explore.packing import pack

# The texts, and what stands in the page for each of the others.
TEXTS = ("page.html", "style.css", "script.js")


def write_page(
    folder: Path, output: Path, study: str, index: Mapping[str, Any], texts: Mapping[str, str]
) -> int:
    """Write the page, one file that loads nothing; return its bytes.

    folder: of the texts; index, texts: see `content.collect`. Raises InputError where a text is
    missing or has lost the place for another one.
    """
    page, style, script = (_read(folder / name) for name in TEXTS)
    data = {"index": pack(index), **texts}
    elements = "\n".join(
        f'<script type="text/plain" id="{name}">{text}</script>' for name, text in data.items()
    )
    filled = page
    for mark, text in {
        "<!-- study -->": escape(study),
        "/* style */": style,
        "/* script */": script,
        "<!-- data -->": elements,
    }.items():
        if mark not in filled:
            raise InputError(f"{folder / TEXTS[0]}: holds no {mark}; put it back")
        filled = filled.replace(mark, text)
    with staged(output) as part:
        part.write_text(filled, "utf-8")
    return output.stat().st_size


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as text ({error}); put it back") from None
