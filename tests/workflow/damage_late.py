"""The entries beside and behind the stages of damage.py: curvatures, robustness, figures, report.

And which entries there are at all.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import measure_curvatures
import summarise_curvatures
from ricci_flow.figures.registry import declared_figures
from tests.fixtures.drawing import words_of
from tests.jobs import arguments, entry_names
from tests.workflow.damage import DAMAGE, ENSEMBLE, ENSEMBLES, NAMES, line
from tests.workflow.damage import commands as commands_of_stages
from tests.workflow.runner import ROOT

NOTIONS = ("forman=forman", "augmented=augmented_forman")
OTHERS = ("rolls/short/trained", "digits/short/trained")  # that robustness is measured of
CURVATURES = ("curvatures", "local", "partition")
# What the report has tables of, beside the two of the curvatures.
REPORTED = (
    *("funnel", "cells", "regression", "networks", "within_cells", "excluded", "ties", "ledger"),
    *("claims", "held_out", "accuracy_link", "baselines", "nulls", "comparison", "robustness"),
    *("policies", "fit", "curvatures", "curvature_classes", "accuracy"),
)
PRIMARY = {"condition": "trained", "convention": "directed"}
SETTINGS = {"convention": "directed", "epochs": {}}
# Figures drawn from tables.
FIGURES = {name: of for name, of in declared_figures().items() if of.tables}


# Entry: where it is looked at what it makes of damaged files, or why not.
ELSEWHERE = {
    "make_dataset": "it reads what the user gives: test_bad_input.py, test_datasets_files.py",
    "write_config": "it reads nothing",
    "write_manifest": "test_damage_archive.py",
    "archive_results": "test_damage_archive.py",
    "render_archive": "test_damage_archive.py",
    "compare_recipes": "no rule calls it; it reads tables by the functions of the statistics",
    "write_results_page": "no rule calls it; it reads kept tables: test_guide.py",
    "verify_results": "it is there to name what is damaged: test_manifest.py",
}
# Rules that run none of our entries.
NO_ENTRY = {"all": "it runs nothing"}
# Rule: inputs that it waits for without reading them, as `kind` writes them.
UNREAD = {
    "check_report": {"report/report.html"},
    "render_report": {
        f"statistics/{name}.parquet"
        for name in (
            *("k_curves", "layers", "null_laws", "pairs", "robustness_variants"),
            "published_curves",
        )
    },
}


def entries() -> set[str]:
    """Return every script that is run as an entry, each figure of draw_figure by itself."""
    found = set(entry_names())
    return found - {"draw_figure"} | {f"draw_figure {name}" for name in declared_figures()}


def rules() -> dict[str, str | None]:
    """Return the entry of every rule of the workflow, None where it runs none of ours."""
    files = [ROOT / "workflow/Snakefile", *sorted((ROOT / "workflow/rules").glob("*.smk"))]
    found = {}
    for path in files:
        _, *parts = re.split(r"^rule (\w+):$", path.read_text("utf-8"), flags=re.MULTILINE)
        for name, body in zip(parts[::2], parts[1::2], strict=True):
            entry = re.search(r"\b(?:python -m |entry\(\s*\")(\w+)", body)
            found[name] = entry[1] if entry else None
    return found


def kind(name: str) -> str:
    """Return a result's name with a star for its ensemble, data set or figure."""
    return re.sub(r"\b(rolls|digits)(/\w+/\w+)?|(?<=figures/)\w+", "*", name)


def damages(stage: str, name: str) -> list[Callable[[bytes], bytes]]:
    """Return what to do to a file that a stage reads, in turn."""
    if name.endswith((".svg", "config.json")):
        # They carry no checksum: with a bit changed they may be as good as before.
        return [damage for title, damage in DAMAGE.items() if "flip" not in title]
    if stage == "draw_figure graph" and "neighbours" in name:
        # Of the lists of all networks those of one are read.
        return [damage for title, damage in DAMAGE.items() if "flip" not in title]
    if "published_curves" in name:
        # Without published values it has no rows, and begins with the mark of its checksum.
        return [damage for title, damage in DAMAGE.items() if title != "flip at the start"]
    if stage == "render_report" and name.endswith(".parquet"):
        # All are read by one function, and every call copies and checks the figures.
        return [DAMAGE["flip in the middle"], DAMAGE["a table"]]
    return list(DAMAGE.values())


def copy_with_curvatures(folder: Path, new: Path) -> Path:
    """Copy a study's folder, measure other curvatures there; return its results/tiny."""
    shutil.copytree(folder, new)
    results = new / "results/tiny"
    words = commands(results, results)
    for ensemble in ENSEMBLES:
        measured = [word.replace(ENSEMBLE, ensemble) for word in words["measure_curvatures"][0]]
        measured[measured.index("--names") + 3] = ensemble.split("/")[2]
        measured += line(costs=new / f"benchmarks/tiny/curvatures/{ensemble}.json")
        measured[measured.index("--output") + 1] = str(results / "curvatures" / ensemble)
        assert measure_curvatures.main(measured) == 0
    summarised = words["summarise_curvatures"][0]
    summarised[summarised.index("--output") + 1] = str(results / "statistics")
    assert summarise_curvatures.main(summarised) == 0
    config = json.loads((results / "report/config.json").read_text("utf-8"))
    config["curvatures"]["notions"] = {"forman": {}, "augmented": {}}
    (results / "report/config.json").write_text(json.dumps(config), "utf-8")
    shutil.copy(results / "figures/robustness.svg", results / "figures/curvatures.svg")
    return results


def report(results: Path, output: Path) -> list[str]:
    """Return the command line of the report."""
    folder = results.parent.parent
    return arguments(
        reports=folder / "reports",
        data_sets=results / "datasets",
        statistics=results / "statistics",
        figures=[str(path) for path in sorted((results / "figures").glob("*.svg"))],
        study="tiny",
        config=results / "report/config.json",
        benchmarks=folder / "benchmarks/tiny",
        lock=folder / "requirements.lock",
        page=output,
        renderer="pandoc",
    )


def commands(results: Path, out: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Return what damage.py does of the stages, and the same of the entries of this file."""
    data, facts = "datasets/rolls.safetensors", "datasets/rolls.json"
    layers = f"activations/{ENSEMBLE}/layers.safetensors"
    weights = f"training/{ENSEMBLE}/weights.safetensors"
    stages = commands_of_stages(results, out)
    stages["draw_figure graph"][1].append(f"graphs/{ENSEMBLE}/neighbours.safetensors")
    coefficients = [f"coefficients/{ENSEMBLE}/{name}.parquet" for name in ("networks", "cell")]
    measured = [f"robustness/{ENSEMBLE}/{name}.parquet" for name in ("variants", "policies")]
    return {
        **stages,
        "measure_curvatures": (
            line(layers=results / layers, dataset=results / data, notions=NOTIONS, names=NAMES)
            + line(k_fractions=0.1, output=out / "c"),
            [layers, data],
        ),
        "summarise_curvatures": (
            line(root=results, ensembles=ENSEMBLES, output=out / "s"),
            [f"curvatures/{ENSEMBLE}/{name}.parquet" for name in CURVATURES],
        ),
        "measure_robustness": (
            line(data=results / data, facts=results / facts, layers=results / layers, names=NAMES)
            + line(weights=results / weights, variants="with_input_and_output", k_fractions=0.1)
            + line(coefficients=results / coefficients[0], cell=results / coefficients[1])
            + line(networks=1, table=out / "t", policies=out / "p"),
            [data, facts, layers, weights, *coefficients],
        ),
        "summarise_robustness": (
            line(root=results, ensembles=OTHERS, output=out / "s"),
            [*measured, *coefficients],
        ),
        **{
            f"draw_figure {figure}": (
                words_of(
                    *(figure, out / "f.svg"),
                    *(results / f"statistics/{table}.parquet" for table in of.tables),
                    select={key: PRIMARY[key] for key in of.select},
                    settings={key: SETTINGS[key] for key in of.settings},
                ),
                [f"statistics/{table}.parquet" for table in of.tables],
            )
            for figure, of in FIGURES.items()
        },
        "check_report": (
            arguments(
                page="r.html",
                figures=[str(results / "figures/clouds.svg")],
                checked=out / "c.json",
            ),
            ["figures/clouds.svg"],
        ),
        "render_report": (
            report(results, out / "r.html"),
            [
                *("report/config.json", "figures/clouds.svg", "statistics/summary.json"),
                *(f"statistics/{table}.parquet" for table in REPORTED),
                facts,
            ],
        ),
    }
