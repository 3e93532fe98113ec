"""Render the report of a study as one self-contained HTML page."""

import argparse
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of this entry."""
    parser = make_parser(__doc__ or "")
    add = parser.add_argument
    add("--reports", type=Path, required=True, help="folder of report.qmd and _quarto.yml")
    add("--data-sets", type=Path, required=True, help="folder of the datasets stage")
    add("--statistics", type=Path, required=True, help="folder of the statistics stage")
    add("--figures", type=Path, nargs="+", required=True, help="the SVG files")
    add("--study", required=True, help="name of the study")
    add("--config-file", type=Path, required=True, help="the resolved config (JSON or YAML)")
    add("--benchmarks", type=Path, required=True, help="folder of Snakemake's benchmark tables")
    add("--lock", type=Path, required=True, help="the lock file of the environment")
    add("--output", type=Path, required=True, help="the HTML page to write")
    add("--renderer", choices=["auto", "quarto", "pandoc"], default="auto", help="auto: as found")
    return parser


def body(arguments: argparse.Namespace, progress: Progress) -> None:
    """Render the page."""
    from ricci_flow.report.build import Sources, render

    sources = Sources(
        reports=arguments.reports,
        data_sets=arguments.data_sets,
        statistics=arguments.statistics,
        figures=tuple(arguments.figures),
        study=arguments.study,
        config=arguments.config_file,
        benchmarks=arguments.benchmarks,
        lock=arguments.lock,
    )
    render(sources, arguments.output, renderer=arguments.renderer, say=progress.say)


if __name__ == "__main__":
    raise SystemExit(run_entry(build_parser(), body))
