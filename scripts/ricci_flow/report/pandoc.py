"""Rendering the same document with pandoc, where there is no Quarto.

reports/pandoc.lua numbers figures and tables and resolves the references to them. Only the
constructs that the document uses are known.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from ricci_flow.errors import InputError

_TIMEOUT = 120  # seconds; it needs a few


def _program() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_path())


def pandoc_version() -> str:
    """Return the version of the pandoc that comes with pypandoc."""
    import pypandoc

    return str(pypandoc.get_pandoc_version())


def _metadata(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return the metadata and options of _quarto.yml in pandoc's words."""
    try:
        project = yaml.safe_load((folder / "_quarto.yml").read_text("utf-8"))
        html = project["format"]["html"]
        options = ["--css", str(html["css"])]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"the report's _quarto.yml is no project ({reason}); put it back"
        ) from None
    kept = ("lang", "bibliography", "link-citations", "csl")
    metadata = {name: project[name] for name in kept if name in project}
    metadata["toc-title"] = html.get("toc-title", "Contents")
    metadata["document-css"] = False
    if html.get("toc"):
        options += ["--toc", f"--toc-depth={html.get('toc-depth', 3)}"]
    return metadata, options


def render_with_pandoc(folder: Path, document: str = "report.qmd") -> Path:
    """Render the document in `folder` and return the page.

    Raises InputError where anything is unresolved.
    """
    metadata, options = _metadata(folder)
    (folder / "metadata.json").write_text(json.dumps(metadata), "utf-8")
    page = (folder / document).with_suffix(".html")
    fixed = (
        "--from markdown --to html5 --standalone --embed-resources --mathml --fail-if-warnings "
        "--metadata-file metadata.json --lua-filter pandoc.lua --citeproc"
    )
    command = [_program(), document, "--output", page.name, *fixed.split(), *options]
    try:
        answer = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_TIMEOUT
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"pandoc took longer than {_TIMEOUT} s over the report") from None
    if answer.returncode != 0:
        lines = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
        raise InputError(f"pandoc could not render the report: {' / '.join(lines)[:600]}")
    return page
