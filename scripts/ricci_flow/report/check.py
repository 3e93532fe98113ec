"""Checks of the finished page, whichever program rendered it."""

import re

from ricci_flow.errors import InputError

_FAULTS = {
    "an unresolved shortcode": re.compile(r"\{\{&lt;|\{\{<"),
    "an unresolved variable": re.compile(r"\?var:"),
    "an unresolved reference": re.compile(r"\?@|>@(?:fig|tbl|sec)-"),
    "something loaded from the network": re.compile(
        r"""(?:\bsrc|\bsrcset|\bdata)\s*=\s*["']?(?:https?:)?//|"""
        r"""<link\b[^>]*\bhref\s*=\s*["']?(?:https?:)?//|"""
        r"""@import\s|url\(\s*["']?(?:https?:)?//""",
        re.IGNORECASE,
    ),
}


def check_page(html: str) -> None:
    """Raise InputError where the page shows something unresolved or would load from elsewhere."""
    for fault, pattern in _FAULTS.items():
        found = pattern.search(html)
        if found:
            start = max(0, found.start() - 30)
            excerpt = " ".join(html[start : found.end() + 50].split())
            raise InputError(f"the rendered report holds {fault}: ...{excerpt}...")
