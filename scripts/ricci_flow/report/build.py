"""Put the report together in a clean folder and render it to one page."""

import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ricci_flow.errors import InputError
from ricci_flow.report import (
    beside,
    curvatures,
    exclusions,
    ledger,
    links,
    provenance,
    robustness,
    tables,
)
from ricci_flow.report.check import check_page
from ricci_flow.report.pandoc import pandoc_version, render_with_pandoc
from ricci_flow.report.quarto import find_quarto, quarto_version, render_with_quarto
from ricci_flow.report.variables import make_variables
from ricci_flow.storage import read_json, read_table

DOCUMENT = "report.qmd"


@dataclass(frozen=True)
class Sources:
    """What a report is made of; the files are described in workflow/README.md.

    code: the commit and what is to be said of its working tree; None: those of `reports`.
    """

    reports: Path
    statistics: Path
    figures: tuple[Path, ...]
    study: str
    config: Path
    benchmarks: Path
    lock: Path
    code: tuple[str, str] | None = None


def render(
    sources: Sources, output: Path, renderer: str = "auto", say: Callable[[str], None] = print
) -> None:
    """Render the report to `output`, one self-contained HTML file.

    renderer: "quarto", "pandoc", or "auto" for Quarto where the program is found. Raises
    InputError where something that the report refers to is missing.
    """
    quarto = find_quarto() if renderer != "pandoc" else None
    if renderer == "quarto" and quarto is None:
        raise InputError("quarto: the program is not found; install it or use --renderer pandoc")
    with tempfile.TemporaryDirectory(prefix="report-") as name:
        folder = Path(name)
        version = quarto_version(quarto) if quarto else f"pandoc {pandoc_version()}"
        note = f"This page was rendered by {version}."
        if quarto is None:
            why = "Quarto was not found" if renderer == "auto" else "as was asked for"
            note = f"This page was rendered by {version} instead of Quarto ({why})."
        say(note)
        fill(sources, folder, note)
        page = render_with_quarto(quarto, folder) if quarto else render_with_pandoc(folder)
        check_page(page.read_text("utf-8"))
        output.parent.mkdir(parents=True, exist_ok=True)
        part = output.with_name(f".{output.name}.part")
        shutil.copyfile(page, part)
        part.replace(output)
    say(f"rendered {output} ({output.stat().st_size / 1e6:.1f} MB)")


def fill(sources: Sources, folder: Path, note: str) -> None:
    """Write all that the document refers to into `folder`."""
    for path in sorted(sources.reports.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            shutil.copyfile(path, folder / path.name)
    document = folder / DOCUMENT
    if not document.exists():
        raise InputError(f"{sources.reports}: holds no {DOCUMENT}")
    (folder / "figures").mkdir()
    for path in sources.figures:
        if not path.is_file():
            raise InputError(f"{path}: the figure is missing; draw it first")
        shutil.copyfile(path, folder / "figures" / path.name)
    for name in re.findall(r"\]\((figures/[^)\s]+)\)", document.read_text("utf-8")):
        if not (folder / name).is_file():
            raise InputError(f"{DOCUMENT} shows {name}, which is not among --figures")
    config = provenance.read_config(sources.config)
    summary = read_json(sources.statistics / "summary.json")
    _write_tables(sources, folder / "tables", config, summary)
    variables = _variables(sources, config, summary, note)
    text = yaml.safe_dump(variables, allow_unicode=True, sort_keys=False, width=1000)
    (folder / "_variables.yml").write_text(text, "utf-8")


def _variables(
    sources: Sources, config: dict[str, Any], summary: dict[str, Any], note: str
) -> dict[str, Any]:
    variables = make_variables(summary, float(config.get("confidence", 0.95)))
    commit, state = sources.code or provenance.git_state(sources.reports)
    seed_name = config.get("seed_name") or sources.study
    return variables | {
        "study": sources.study,
        "code": {"commit": f"`{commit}`", "state": state},
        "seeds": {"name": f"`{seed_name}`"},
        "render": {"note": note},
        "robustness": {
            "deviation": robustness.largest_deviation(
                read_table(sources.statistics / "robustness.parquet")
            )
        },
    }


def _write_tables(
    sources: Sources, folder: Path, config: dict[str, Any], summary: dict[str, Any]
) -> None:
    """Write every table as tables/_name.md."""

    def read(name: str) -> Any:
        return read_table(sources.statistics / f"{name}.parquet")

    primary = (summary["condition"], summary["primary_convention"])
    cells, within, excluded = read("cells"), read("within_cells"), read("excluded")
    regression = read("regression")
    made = {
        "funnel": tables.funnel_table(read("funnel")),
        "k_star": tables.k_star_table(cells, *primary),
        "cells": tables.cells_table(cells),
        "regression": tables.regression_table(regression, *primary),
        "regressions": tables.regressions_table(regression),
        "networks": tables.networks_table(read("networks"), *primary),
        "within": tables.within_table(within, *primary),
        "within_long": tables.within_long_table(within),
        "excluded_summary": exclusions.excluded_summary(excluded),
        "excluded": exclusions.excluded_table(excluded),
        "ties": exclusions.ties_table(read("ties")),
        "ledger": ledger.ledger_table(read("ledger"), *primary),
        "ledger_long": ledger.ledger_long_table(read("ledger")),
        "claims": beside.claims_table(read("claims"), primary[1]),
        "held_out": beside.held_out_table(read("held_out"), *primary),
        "accuracy_link": links.accuracy_link_table(read("accuracy_link"), *primary),
        "baselines": links.baselines_table(read("baselines"), *primary),
        "nulls": beside.nulls_table(read("nulls"), primary[1]),
        "comparison": beside.comparison_table(read("comparison"), *primary),
        "robustness": robustness.variants_table(read("robustness")),
        "policies": robustness.policies_table(read("robustness"), *primary),
        "fit": beside.fit_table(read("fit")),
        "curvatures": curvatures.curvatures_section(
            sources.reports, sources.statistics, sources.benchmarks, config
        ),
        "versions": provenance.versions_table(sources.lock),
        "costs": provenance.costs_table(sources.benchmarks),
        "config": provenance.config_block(config),
    }
    folder.mkdir()
    for name, text in made.items():
        (folder / f"_{name}.md").write_text(text, "utf-8")
