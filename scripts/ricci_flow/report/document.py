"""The document of the report with everything filled in, the same for every renderer.

Includes and variables are resolved here, so that neither program searches for shortcodes in texts
that come from data. What is left to them are numbers of figures and tables, references to these,
and citations.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from ricci_flow.errors import InputError
from ricci_flow.figures.registry import VARIABLE, constant, declared_figures, number_text
from ricci_flow.report.text import escape

_INCLUDE = re.compile(r"^\{\{<\s*include\s+(\S+)\s*>\}\}[ \t]*$", re.MULTILINE)
_SHORTCODE = re.compile(r"\{\{<.*?(?:>\}\}|$)", re.MULTILINE)
_IDENTIFIER = re.compile(r"(?<!\\)\{#((?:fig|tbl)-[\w-]+)")
_PLACED = re.compile(r"include\s+figures/_(\w+)\.md")
_FIGURE = re.compile(r"\]\((figures/[^)\s]+)\)")
_NOT_DRAWN = "This figure could not be drawn; the reason stands in its place."


def resolve(text: str, folder: Path, variables: Mapping[str, Any]) -> str:
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

    text = VARIABLE.sub(value, _INCLUDE.sub(include, text))
    unknown = _SHORTCODE.search(text)
    if unknown:
        raise InputError(f"the report uses {unknown[0]}, which is neither an include nor a var")
    return text


def identifiers(text: str) -> list[str]:
    """Return the identifiers of a document's figures and tables, which its page has, in order."""
    return _IDENTIFIER.findall(text)


def shown_figures(text: str) -> list[str]:
    """Return the files of the figures that a document shows."""
    return _FIGURE.findall(text)


def figure_texts(names: Collection[str], gaps: Collection[str]) -> dict[str, str]:
    """Return each figure as Markdown: its picture, caption and alternative text.

    names: of the figures that are drawn; gaps: those that could not be.
    """
    texts = {}
    for name, declared in declared_figures().items():
        if name not in names:
            continue
        numbers = {key: number_text(constant(place)) for key, place in declared.numbers.items()}
        caption = declared.caption
        for match in VARIABLE.finditer(declared.caption):
            caption = caption.replace(match[0], numbers.get(match[1], match[0]))
        alt = (_NOT_DRAWN if name in gaps else declared.alt).replace('"', "'")
        identifier = f"fig-{name.replace('_', '-')}"
        texts[name] = f'![{caption}](figures/{name}.svg){{#{identifier} fig-alt="{alt}"}}\n'
    return texts


def further_figures(texts: Mapping[str, str], documents: Iterable[str]) -> str:
    """Return the section of the figures that no document includes, "" where there are none."""
    placed = {name for text in documents for name in _PLACED.findall(text)}
    others = [text for name, text in texts.items() if name not in placed]
    return "\n".join(["## Further figures\n", *others]) if others else ""


def explore_link(config: Mapping[str, Any]) -> str:
    """Return the sentence that leads to explore.html, "" where a study makes no such page."""
    if not config.get("explore"):
        return ""
    return (
        "[Explore the layers](explore.html): move the test points of single networks from layer to "
        "layer, and see curvature, geodesic mass and *ρ* follow."
    )


def gaps_box(gaps: Mapping[str, str]) -> str:
    """Return the box that names what could not be drawn, "" where nothing is missing.

    gaps: figure -> why it was not drawn.
    """
    if not gaps:
        return ""
    lines = [f"- `{name}`: {escape(reason)}" for name, reason in gaps.items()]
    title = "**Not complete: figures that could not be drawn**"
    return "\n".join(['::: {.box .missing role="note"}', "", title, "", *lines, "", ":::", ""])
