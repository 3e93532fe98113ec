"""Put the report together in a clean folder and render its pages."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.claims.registry import chosen_claims
from ricci_flow.disk import staged
from ricci_flow.errors import InputError
from ricci_flow.figures.gap import read_gap
from ricci_flow.labels import Labels, labels_of
from ricci_flow.report import (
    answer,
    conditions,
    data_sets,
    document,
    exclusions,
    ledger,
    links,
    local,
    measures,
    multiverse,
    paper_tables,
    provenance,
    settings,
    system,
    tables,
    training_time,
    verdicts,
)
from ricci_flow.report.check import check_links, check_page
from ricci_flow.report.pages import (
    EXPLORE,
    GUIDE_START,
    STATISTICS,
    Page,
    file_link,
    joined,
    page_names,
    pages_list,
    read_page,
    without_system,
)
from ricci_flow.report.pandoc import pandoc_version, render_with_pandoc
from ricci_flow.report.quarto import find_quarto, quarto_version, render_with_quarto
from ricci_flow.report.text import escape
from ricci_flow.report.variables import NEEDED, make_variables
from ricci_flow.storage import damaged, read_json, read_table

SCRIPT, BIBLIOGRAPHY = "tables.js", "references.bib"
# Without which there is no report, in addition to the pages.
TEXTS = (
    SCRIPT,
    BIBLIOGRAPHY,
    system.TEXT,
    local.TEXT,
    measures.TEXT,
    multiverse.TEXT,
    training_time.TEXT,
    verdicts.TEXT,
)


@dataclass(frozen=True)
class Sources:
    """What a report is made of; the files are described in reports/guide/files.md.

    code: the commit and what is to be said of its working tree; None: those of `reports`.
    """

    reports: Path
    data_sets: Path
    statistics: Path
    figures: tuple[Path, ...]
    study: str
    config: Path
    benchmarks: Path
    lock: Path
    code: tuple[str, str] | None = None


def render(
    sources: Sources, folder: Path, renderer: str = "auto", say: Callable[[str], None] = print
) -> None:
    """Render the pages of the report into `folder`, each a self-contained HTML file.

    renderer: "quarto", "pandoc", or "auto" for Quarto where the program is found and works, else
    pandoc, with the reason on the page. Raises InputError where something that the report refers
    to is missing; then no page is written.
    """
    quarto = find_quarto() if renderer != "pandoc" else None
    if renderer == "quarto" and quarto is None:
        raise InputError("quarto: the program is not found; install it or use --renderer pandoc")
    why = "as was asked for" if renderer == "pandoc" else "Quarto was not found"
    with tempfile.TemporaryDirectory(prefix="report-", ignore_cleanup_errors=True) as name:
        pages = None
        if quarto is not None:
            try:
                pages = _quarto_pages(sources, Path(name) / "quarto", quarto, say)
            except _QuartoError as error:
                if renderer == "quarto":
                    raise InputError(str(error)) from None
                why = str(error)
        if pages is None:
            pages = _pandoc_pages(sources, Path(name) / "pandoc", why, say)
        for file, html in pages.items():
            with staged(folder / file) as part:
                part.write_text(html, "utf-8")
    size = sum(len(html) for html in pages.values())
    say(f"rendered {len(pages)} pages into {folder} ({size / 1e6:.1f} MB)")


class _QuartoError(Exception):
    """Quarto is there and makes no pages; another renderer may."""


def _quarto_pages(
    sources: Sources, folder: Path, program: str, say: Callable[[str], None]
) -> dict[str, str]:
    folder.mkdir()
    try:
        version = quarto_version(program, folder)
    except InputError as error:
        raise _QuartoError(str(error)) from None
    note = f"This page was rendered by {version}."
    say(note)
    pages = fill(sources, folder, note)
    try:
        return _checked(sources, pages, render_with_quarto(program, folder, _names(pages)))
    except InputError as error:
        raise _QuartoError(f"{version}: {error}") from None


def _pandoc_pages(
    sources: Sources, folder: Path, why: str, say: Callable[[str], None]
) -> dict[str, str]:
    folder.mkdir()
    by = f"This page was rendered by pandoc {pandoc_version()} instead of Quarto"
    say(f"{by} ({why}).")
    pages = fill(sources, folder, f"{by} ({escape(why)}).")
    return _checked(sources, pages, render_with_pandoc(folder, _names(pages)))


def _names(pages: Sequence[Page]) -> list[str]:
    return [page.name for page in pages]


def _checked(sources: Sources, pages: Sequence[Page], rendered: Sequence[Path]) -> dict[str, str]:
    """Return the rendered pages by the names of their files."""
    found = {}
    for page, path in zip(pages, rendered, strict=True):
        try:
            found[page.file] = path.read_text("utf-8")
        except (OSError, ValueError) as error:
            raise InputError(f"the rendered {page.file} is no text ({error})") from None
        check_page(found[page.file], document.identifiers(page.text), page.file)
    files = {f"{STATISTICS}/{path.name}" for path in sources.statistics.iterdir()}
    check_links(found, {*files, EXPLORE, GUIDE_START})
    return found


def fill(sources: Sources, folder: Path, note: str) -> list[Page]:
    """Write the documents of the pages and all that they refer to into `folder`; return them."""
    for path in sorted(sources.reports.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            if path.suffix in (".qmd", ".md", ".yml", ".bib", ".js"):
                _check_text(path)
            shutil.copyfile(path, folder / path.name)
    config = provenance.read_config(sources.config)
    about = config.get("about")
    names = page_names(sources.reports, system=bool(about))
    if not about:
        without_system(folder)
    for name in (*(f"{page}.qmd" for page in names), *TEXTS):
        if not (folder / name).exists():
            raise InputError(f"{sources.reports}: holds no {name}; put it back")
    gaps = _copy_figures(sources.figures, folder / "figures")
    summary = read_json(sources.statistics / "summary.json", NEEDED)
    _write_tables(sources, folder / "tables", config, summary)
    (folder / "tables" / "_gaps.md").write_text(document.gaps_box(gaps), "utf-8")
    _write_figures(folder, [path.stem for path in sources.figures], gaps, about or "")
    variables = _variables(sources, config, summary, note)
    pages = _resolved(folder, names, variables, explore=bool(config.get("explore")))
    for page in pages:
        for name in document.shown_figures(page.text):
            if not (folder / name).is_file():
                raise InputError(f"{page.name}.qmd shows {name}, which is not among --figures")
        (folder / f"{page.name}.qmd").write_text(page.text, "utf-8")
    if not any(document.shown_figures(page.text) for page in pages):
        raise InputError(f"{sources.reports}: the pages show no figure; put the documents back")
    return pages


def _resolved(
    folder: Path, names: Sequence[str], variables: dict[str, Any], *, explore: bool
) -> list[Page]:
    """Return the pages with everything filled in; the front page lists the others."""

    def read(name: str) -> Page:
        text = (folder / f"{name}.qmd").read_text("utf-8")
        return read_page(name, document.resolve(text, folder, variables))

    others = [read(name) for name in names[1:]]
    (folder / "tables" / "_pages.md").write_text(pages_list(others), "utf-8")
    bibliography, script = ((folder / name).read_text("utf-8") for name in (BIBLIOGRAPHY, SCRIPT))
    return joined([read(names[0]), *others], bibliography, script, explore=explore)


def _copy_figures(paths: tuple[Path, ...], folder: Path) -> dict[str, str]:
    """Copy the figures; return those that could not be drawn, with the reasons."""
    folder.mkdir()
    gaps = {}
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: the figure is missing; draw it first")
        if reason := read_gap(path):
            gaps[path.stem] = reason
        shutil.copyfile(path, folder / path.name)
    return gaps


def _write_figures(folder: Path, names: list[str], gaps: dict[str, str], about: str) -> None:
    """Write every figure as figures/_name.md, and as figures/_others.md what no text includes.

    about: the text on a system, which may include some.
    """
    texts = document.figure_texts(names, gaps)
    written = [
        path.read_text("utf-8") for path in folder.iterdir() if path.suffix in (".qmd", ".md")
    ]
    texts["others"] = document.further_figures(texts, [*written, about])
    for name, text in texts.items():
        (folder / "figures" / f"_{name}.md").write_text(text, "utf-8")


def _check_text(path: Path) -> None:
    """Raise InputError where a text of the report is none; these are no results to make again."""
    try:
        path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as text ({error}); put it back") from None


def _variables(
    sources: Sources, config: dict[str, Any], summary: dict[str, Any], note: str
) -> dict[str, Any]:
    labels, confidence = labels_of(config), float(config.get("confidence", 0.95))
    variables = make_variables(summary, labels, confidence)
    commit, state = sources.code or provenance.code_state()
    seed_name = config.get("seed_name") or sources.study
    varied = settings.varied(
        read_table(sources.statistics / "settings.parquet", ("block", "condition", "deviation"))
    )
    measured = varied["condition"].unique(maintain_order=True).to_list()
    judged = answer.of_primary(
        read_table(sources.statistics / "ledger.parquet", answer.COLUMNS), summary
    )
    return variables | {
        "rules": ledger.rule_words(chosen_claims(judged["key"].unique().to_list())),
        "study": sources.study,
        "code": {"commit": f"`{commit}`", "state": escape(state)},
        "seeds": {"name": f"`{seed_name}`"},
        "render": {"note": note},
        "question": {"asked": answer.questions(judged)},
        "answer": {
            "verdicts": answer.verdicts_sentence(judged),
            "controls": answer.controls_sentence(labels.show(judged)),
            "choices": multiverse.choices_sentence(
                multiverse.read_multiverse(sources.statistics, config)
            ),
        },
        "settings": {
            "deviation": settings.largest_deviation(varied),
            "measured": conditions.measured_sentence(measured, config),
        },
        "system": _system(sources, config, summary, labels) if config.get("about") else {},
    }


def _system(
    sources: Sources, config: dict[str, Any], summary: dict[str, Any], labels: Labels
) -> dict[str, str]:
    """Return the variables of the page of a system."""
    fixed = labels.show(read_table(sources.statistics / "fixed_k.parquet"))
    condition = labels.title("conditions", summary["condition"])
    return {
        # Between the quotes of a YAML header.
        "title": escape(system.title_of(config["about"])).replace("'", "''"),
        "excluded": system.excluded_sentence(fixed, condition, summary["primary_measure"]),
    }


def _write_tables(
    sources: Sources, folder: Path, config: dict[str, Any], summary: dict[str, Any]
) -> None:
    """Write every table as tables/_name.md."""

    def said(name: str, write: Callable[..., str], *arguments: Any) -> str:
        """Return what `write` makes of a table of statistics; name the file if it is another's."""
        path = sources.statistics / f"{name}.parquet"
        table = read_table(path)
        try:
            return write(labels.show(table), *arguments)
        except (pl.exceptions.ColumnNotFoundError, KeyError) as error:
            raise damaged(path, f"no column {error}") from None

    def made(name: str, write: Callable[..., str], *arguments: Any) -> str:
        """Return a table of the page, with a link to the file behind it."""
        return f"{said(name, write, *arguments)}\n{file_link(name)}"

    labels = labels_of(config)
    first = labels.title("conditions", summary["condition"])
    primary = (first, summary["primary_measure"])
    fixed_k = read_table(sources.statistics / "fixed_k.parquet")
    facts = [
        known | {"data_set": labels.title("data_sets", known["data_set"])}
        for known in data_sets.read_facts(sources.data_sets, list(config["data_sets"]))
    ]
    texts = {
        "data_sets": said("accuracy", data_sets.data_sets_table, facts),
        "data_set_notes": data_sets.notes_list(facts),
        "funnel": made("funnel", tables.funnel_table, bool(config.get("published"))),
        "k_star": made("cells", tables.k_star_table, *primary),
        "cells": made("cells", tables.cells_table),
        "regression": made("regression", tables.regression_table, *primary),
        "regressions": made("regression", tables.regressions_table),
        "networks": made("networks", tables.networks_table, *primary),
        "within": made("within_cells", tables.within_table, *primary),
        "within_long": made("within_cells", tables.within_long_table),
        "excluded_summary": made("excluded", exclusions.excluded_summary),
        "excluded": made("excluded", exclusions.excluded_table),
        "ties": made("ties", exclusions.ties_table),
        "ledger": made(
            "ledger",
            ledger.ledger_table,
            *primary,
            multiverse.read_multiverse(sources.statistics, config),
        ),
        "verdicts": said("ledger", verdicts.verdicts_section, primary[1], sources.reports),
        "fixed_k": said(
            "ledger", ledger.fixed_section, (sources.reports / "_fixed_k.md").read_text("utf-8")
        ),
        "fixed_k_cells": made("fixed_k", tables.fixed_k_table, primary[1]),
        "beyond_controls": made(
            "beyond_controls", system.beyond_table, labels.show(fixed_k), *primary
        ),
        "ledger_compared": made("ledger", ledger.compared_table, *primary),
        "ledger_fixed": made("ledger", ledger.fixed_table, *primary),
        "ledger_long": made("ledger", ledger.ledger_long_table),
        "claims": made("claims", paper_tables.claims_table, primary[1]),
        "held_out": made("held_out", paper_tables.held_out_table, *primary),
        "accuracy_link": made("accuracy_link", links.accuracy_link_table, *primary),
        "baselines": made("baselines", links.baselines_table, *primary),
        "nulls": made("nulls", paper_tables.nulls_table, primary[1]),
        "comparison": made("comparison", paper_tables.comparison_table, *primary),
        "settings": made("settings", settings.settings_table, labels.titles["settings"]),
        "draws": made("further", settings.draws_table, labels.titles["settings"]),
        "policies": made("settings", settings.policies_table, primary[1]),
        "funnel_policies": made("policies", settings.funnel_policies_table),
        "fit": made("fit", paper_tables.fit_table, *primary),
        "fit_sentence": said("fit", paper_tables.fit_sentence, *primary),
        "fit_long": made("fit", paper_tables.fit_long_table),
        "multiverse": multiverse.multiverse_section(sources.reports, sources.statistics, config),
        "measures": measures.measures_section(
            sources.reports, sources.statistics, sources.benchmarks, config
        ),
        "local": local.local_section(sources.reports, sources.statistics, config),
        "training_time": training_time.training_time_section(
            sources.reports, sources.statistics, config
        ),
        "versions": provenance.versions_table(sources.lock),
        "costs": provenance.costs_table(sources.benchmarks),
        "config": provenance.config_block(system.short_config(config)),
        "explore": document.explore_link(config),
    }
    if about := config.get("about"):
        texts["about"] = system.body_of(about)
        texts["system_claims"] = made("ledger", system.claims_table, *primary)
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"_{name}.md").write_text(text, "utf-8")
