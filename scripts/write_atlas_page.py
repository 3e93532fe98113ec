"""Write the overview of the atlas and its picture, from the tables of its studies.

As Markdown for the guide, from the kept tables; or for a name that ends in .html as a page, from
the tables of studies that were run.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ricci_flow.entry import Progress, make_parser, run_entry

if TYPE_CHECKING:
    from ricci_flow.report.atlas import System

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "reports" / "atlas"
KEPT_PICTURE = ROOT / "reports" / "pictures" / "atlas.svg"


def write_atlas_page(arguments: argparse.Namespace, progress: Progress) -> None:
    """Read the tables, write the page."""
    from ricci_flow.disk import staged
    from ricci_flow.figures.style import save_svg
    from ricci_flow.report.atlas import PICTURE, atlas_page, atlas_picture
    from ricci_flow.report.guide import single_page

    page = arguments.output.suffix == ".html"
    picture = arguments.output.parent / PICTURE if page else KEPT_PICTURE
    link = PICTURE if page else os.path.relpath(picture, arguments.output.parent)
    systems, made_by = sources(arguments.results)
    text = atlas_page(systems, made_by, link)
    save_svg(atlas_picture(systems), picture)
    with staged(arguments.output) as part:
        part.write_text(single_page(text, ROOT / "reports", [picture]) if page else text, "utf-8")
    progress.say(f"atlas in {arguments.output}")


def sources(results: Path = KEPT) -> tuple[list["System"], str]:
    """Return the systems, a study each, and a sentence on what their tables are.

    results: folder that holds STUDY/statistics of each.
    """
    from snakemake.utils import update_config

    from ricci_flow.report.atlas import System
    from ricci_flow.report.system import title_of
    from ricci_flow.study.model import load_study
    from ricci_flow.yaml_file import load_yaml

    systems = []
    kept = results.resolve() == KEPT
    base = ROOT / "config" / "config.yaml"
    for path in sorted((ROOT / "config" / "atlas").glob("*.yaml")):
        own = load_yaml(path)
        if "study" not in own:  # a catalogue of one
            continue
        merged = load_yaml(base)
        update_config(merged, own)
        study = load_study(merged, str(path), [(base.parent, load_yaml(base)), (path.parent, own)])
        report = f"../{study.name}/report/{'system' if study.config.about else 'report'}.html"
        text = Path(study.config.about or path).name
        systems.append(
            System(
                name=study.name,
                title=title_of(study.about() or f"# {study.name}"),
                link=f"../../config/atlas/{text}" if kept else report,
                condition=study.primary,
                measure=study.config.geometry.primary_measure,
                labels=study.labels(),
                networks=len(study.given()) < len(study.data_sets),
                statistics=results / study.name / "statistics",
            )
        )
    made_by = (
        "Made by `python scripts/write_atlas_page.py` from the kept tables; do not edit. How they"
        " were made: [atlas](../atlas/README.md).\n`python3 scripts/run_atlas.py` runs all studies"
        " and writes the same of what they find."
        if kept
        else "Made from the tables of the studies in `config/atlas` that were run here."
    )
    return systems, made_by


def main(argv: list[str] | None = None) -> int:
    """Run the entry; return the exit status."""
    parser = make_parser(__doc__ or "")
    parser.add_argument("--results", type=Path, default=KEPT, help="holds STUDY/statistics")
    parser.add_argument("--output", type=Path, default=ROOT / "reports" / "guide" / "atlas.md")
    return run_entry(parser, write_atlas_page, argv)


if __name__ == "__main__":
    sys.exit(main())
