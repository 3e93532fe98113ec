"""Rendering with Quarto."""

import re
import shutil
import subprocess
from pathlib import Path

from ricci_flow.errors import InputError

# Quarto exits with 0 on these; an incomplete report is no report.
_UNRESOLVED = re.compile(
    r"unable to resolve|\?var:|\?@|shortcode '?[\w-]+'? not found|citeproc: citation|"
    r"could not fetch resource|not found in.*variables",
    re.IGNORECASE,
)
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def find_quarto() -> str | None:
    """Return the path of the program, or None."""
    return shutil.which("quarto")


def quarto_version(program: str) -> str:
    """Return `Quarto 1.6.42`."""
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    lines = answer.stdout.split()
    return f"Quarto {lines[0]}" if lines else "Quarto"


def render_with_quarto(program: str, folder: Path, document: str = "report.qmd") -> Path:
    """Render the document in `folder` and return the page.

    Raises InputError where Quarto fails or its log tells of something unresolved.
    """
    answer = subprocess.run(
        [program, "render", document, "--to", "html"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    log = _COLOURS.sub("", answer.stdout + "\n" + answer.stderr)
    if answer.returncode != 0:
        tail = " / ".join(line.strip() for line in log.splitlines() if line.strip())[-600:]
        raise InputError(f"quarto render failed with status {answer.returncode}: {tail}")
    for line in log.splitlines():
        if _UNRESOLVED.search(line):
            raise InputError(f"quarto render left something unresolved: {line.strip()}")
    page = (folder / document).with_suffix(".html")
    if not page.is_file():
        raise InputError(f"quarto render wrote no {page.name}; its log: {log.strip()[-300:]}")
    return page
