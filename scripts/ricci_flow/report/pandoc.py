"""Rendering the same documents with pandoc, where there is no Quarto.

reports/pandoc.lua numbers figures and tables and resolves the references to them. Only the
constructs that the documents use are known.
"""

import json
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from ricci_flow.errors import InputError

_TIMEOUT = 120  # seconds; it needs a few
_AT_ONCE = 2  # pages


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
    metadata["document-css"] = False
    return metadata, options


def render_with_pandoc(folder: Path, names: Sequence[str]) -> list[Path]:
    """Render the documents of these names in `folder` and return their pages.

    Raises InputError where anything is unresolved.
    """
    metadata, options = _metadata(folder)
    (folder / "metadata.json").write_text(json.dumps(metadata), "utf-8")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda name: _render(folder, name, options), names))


def convert(path: Path, kind: str) -> str:
    """Return a text as HTML, without head and body, its pictures within.

    kind: what it is written in, in pandoc's words. Raises InputError where it refers to a picture
    that is missing.
    """
    fixed = (
        "--to html5 --embed-resources --mathml --wrap=none --fail-if-warnings "
        "--syntax-highlighting=none"
    )
    command = [path.name, "--from", kind, *fixed.split()]
    return _call(path.parent, command, path.name)


def _render(folder: Path, name: str, options: Sequence[str]) -> Path:
    page = folder / f"{name}.html"
    fixed = (
        "--from markdown --to html5 --standalone --embed-resources --mathml --fail-if-warnings "
        "--metadata-file metadata.json --lua-filter pandoc.lua --citeproc"
    )
    command = [f"{name}.qmd", "--output", f"{name}.html", *fixed.split(), *options]
    _call(folder, command, f"{name}.qmd")
    return page


def _call(folder: Path, arguments: Sequence[str], name: str) -> str:
    """Run pandoc in a folder; return what it wrote to its standard output."""
    try:
        answer = subprocess.run(
            [_program(), *arguments],
            cwd=folder,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=_TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise InputError(f"pandoc took longer than {_TIMEOUT} s over {name}") from None
    if answer.returncode != 0:
        lines = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
        raise InputError(f"pandoc could not render {name}: {' / '.join(lines)[:600]}")
    return answer.stdout
