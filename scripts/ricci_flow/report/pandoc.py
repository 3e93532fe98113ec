"""Rendering the same document with pandoc, where there is no Quarto.

Includes and variables are filled in here; reports/pandoc.lua numbers figures and tables, resolves
the references to them and draws callouts. Only the constructs that the document uses are known.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import yaml

from ricci_flow.errors import InputError

_TIMEOUT = 120  # seconds; it needs a few
_INCLUDE = re.compile(r"^\{\{<\s*include\s+(\S+)\s*>\}\}[ \t]*$", re.MULTILINE)
_VARIABLE = re.compile(r"\{\{<\s*var\s+(\S+)\s*>\}\}")
_SHORTCODE = re.compile(r"\{\{<.*?(?:>\}\}|$)", re.MULTILINE)


def _program() -> str:
    import pypandoc

    return str(pypandoc.get_pandoc_path())


def pandoc_version() -> str:
    """Return the version of the pandoc that comes with pypandoc."""
    import pypandoc

    return str(pypandoc.get_pandoc_version())


def resolve(text: str, folder: Path, variables: dict[str, Any]) -> str:
    """Fill in the includes and variables of a document.

    Raises InputError that names an include without a file, a variable without a value, or any
    other shortcode.
    """

    def include(match: re.Match[str]) -> str:
        path = folder / match[1]
        if not path.is_file():
            raise InputError(f"the report includes {match[1]}, which does not exist")
        return resolve(path.read_text("utf-8"), folder, variables).rstrip("\n")

    def value(match: re.Match[str]) -> str:
        found: Any = variables
        for key in match[1].split("."):
            if not isinstance(found, dict) or key not in found:
                raise InputError(f"the report uses the variable {match[1]}, which has no value")
            found = found[key]
        if isinstance(found, dict | list):
            raise InputError(f"the report's variable {match[1]} is no single value")
        return str(found)

    text = _VARIABLE.sub(value, _INCLUDE.sub(include, text))
    unknown = _SHORTCODE.search(text)
    if unknown:
        raise InputError(f"the report uses {unknown[0]}, which only Quarto knows")
    return text


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
    variables = yaml.safe_load((folder / "_variables.yml").read_text("utf-8"))
    text = resolve((folder / document).read_text("utf-8"), folder, variables)
    source = (folder / document).with_suffix(".resolved.md")
    source.write_text(text, "utf-8")
    metadata, options = _metadata(folder)
    (folder / "metadata.json").write_text(json.dumps(metadata), "utf-8")
    page = (folder / document).with_suffix(".html")
    fixed = (
        "--from markdown --to html5 --standalone --embed-resources --mathml --fail-if-warnings "
        "--metadata-file metadata.json --lua-filter pandoc.lua --citeproc"
    )
    command = [_program(), source.name, "--output", page.name, *fixed.split(), *options]
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
