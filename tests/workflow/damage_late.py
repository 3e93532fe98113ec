"""The entries beside and behind the stages of damage.py: further measures, figures, report.

And which entries there are at all.
"""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from ricci_flow.figures.registry import declared_figures
from ricci_flow.report.guide import NAMES as GUIDE_PAGES
from ricci_flow.report.pages import page_names
from tests.fixtures.drawing import words_of
from tests.jobs import arguments, call, entry_names
from tests.workflow.damage import DAMAGE, ENSEMBLE, ENSEMBLES, NAMES
from tests.workflow.damage import commands as commands_of_stages
from tests.workflow.runner import ROOT

CURVATURES = {"forman_union": {"module": "forman_union"}, "modularity": {"module": "modularity"}}
# What the blocks of the tiny study are measured of.
MEASURED = [
    f"{data_set}/{a}/trained" for data_set in ("rolls", "digits") for a in ("short", "long")
]
# What the report has tables of.
REPORTED = (
    *("funnel", "cells", "regression", "networks", "within_cells", "excluded", "ties", "ledger"),
    *("claims", "held_out", "accuracy_link", "baselines", "nulls", "comparison", "settings"),
    *("policies", "fit", "measures", "layer_measures", "accuracy", "local_settings"),
    *("local_comparison", "fixed_k", "beyond_controls"),
)
PRIMARY = {"condition": "trained", "measure": "forman_directed"}
SETTINGS = {"measure": "forman_directed", "epochs": {}, "setting_titles": {}}
MULTIVERSE = {"policies": ["exclude", "mst"], "layers": ["hidden"], "thresholds": ["above"]}
SETTINGS |= {"blocks_varied": ["robustness"], "blocks_pointwise": ["curvatures"]}
# Figures drawn from tables alone.
FIGURES = {name: of for name, of in declared_figures().items() if of.tables and not of.inputs}


# Entry: where it is looked at what it makes of damaged files, or why not.
ELSEWHERE = {
    "make_dataset": "it reads what the user gives: test_bad_input.py, test_datasets_files.py",
    "read_activations": "it reads what the user gives: test_datasets_activations.py",
    "write_config": "it reads nothing",
    "write_manifest": "test_damage_archive.py",
    "archive_results": "test_damage_archive.py",
    "render_archive": "test_damage_archive.py",
    "compare_recipes": "no rule calls it; it reads tables by the functions of the statistics",
    "write_results_page": "no rule calls it; it reads kept tables: test_guide.py",
    "write_atlas_page": "no rule calls it; it reads kept tables: test_atlas.py",
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
            *("k_curves", "layers", "null_laws", "pairs", "further"),
            *("along_layers", "published_curves"),
        )
    },
}
# Stage, file: of a data set (without pictures) the labels alone are read, of the lists of all
# networks those of one.
PARTLY_READ = (
    ("measure main", "datasets"),
    ("draw_figure graph", "datasets"),
    ("draw_figure graph", "neighbours"),
    ("render_explore", "rolls.safetensors"),
    ("draw_figure layer_clouds", "datasets"),
)


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
    if any(stage == reader and file in name for reader, file in PARTLY_READ):
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
    words = {name: words for name, (words, _) in commands(results, results).items()}
    for ensemble in ENSEMBLES:
        fields = json.loads(words["measure"][0].replace(ENSEMBLE, ensemble))
        fields |= {"names": ensemble.split("/"), "measures": CURVATURES, "local": True}
        fields |= {"settings": {"knn": {}}}
        fields |= {"costs": str(new / f"benchmarks/tiny/measures/{ensemble}/curvatures.json")}
        table = results / "measures" / ensemble / "curvatures.parquet"
        fields |= {"table": str(table), "local_table": str(table.with_suffix(".local.parquet"))}
        assert call("measure", arguments(**fields)) == 0
        fields |= {"table": str(results / "measures" / ensemble / "choices.parquet")}
        fields |= {"settings": {kind: {"graph": kind} for kind in ("pieces", "mst")}}
        fields |= {"measures": {"forman_directed": {"module": "forman_directed"}}}
        fields |= {"networks": 3, "local": False, "local_table": None, "costs": None}
        assert call("measure", arguments(**fields)) == 0
        series = results / "coefficients" / ensemble / "choices.parquet"
        fields = {"measures": fields["table"], "multiverse": MULTIVERSE, "table": str(series)}
        assert call("compute_choices", arguments(**fields)) == 0
    assert call("judge_choices", judging(results, results / "statistics")) == 0
    fields = json.loads(words["summarise_measures"][0]) | {"output": str(results / "statistics")}
    assert call("summarise_measures", arguments(**fields)) == 0
    for name in ("measures", "along_layers"):
        shutil.copy(results / "figures/settings.svg", results / f"figures/{name}.svg")
    add_checkpoints(results, words)
    return results


def add_checkpoints(results: Path, words: Mapping[str, list[str]]) -> None:
    """Train the networks of an ensemble again, with checkpoints, and measure these."""
    training, activations = results / "training" / ENSEMBLE, results / "activations" / ENSEMBLE
    fields = json.loads(words["train_ensemble"][0])
    fields |= {"entry": {"widths": [6] * 5}, "recipe": {"epochs": 1}, "checkpoints": [0, 1]}
    fields |= {"weights": f"{training / 'checkpoints.safetensors'}", "history": None}
    fields |= {"network_table": f"{training / 'checkpoints.parquet'}"}
    fields |= {"layers": f"{activations / 'checkpoints.safetensors'}"}
    assert call("train_ensemble", arguments(**fields)) == 0
    table = results / "measures" / ENSEMBLE / "over_training.checkpoints.parquet"
    fields = json.loads(words["measure checkpoints"][0]) | {"table": str(table)}
    fields |= {"local_table": str(table.with_suffix(".local.parquet"))}
    assert call("measure", arguments(**fields)) == 0
    fields = json.loads(words["summarise_checkpoints"][0])
    fields |= {"output": str(results / "statistics")}
    assert call("summarise_checkpoints", arguments(**fields)) == 0


def judging(results: Path, output: Path) -> list[str]:
    """Return the command line that judges two choices of the tiny study."""
    option = {"title": "an option", "reason": "a reason", "plausible": True}
    names = {
        **{"recipe": ["one"], "data": ["all"], "measure": ["forman_directed"]},
        **{"policy": ["exclude", "mst"], "k": ["k_star", "fixed"]},
        **{"layers": ["hidden"], "threshold": ["above"]},
    }
    return arguments(
        root=results,
        ensembles=list(ENSEMBLES),
        options={choice: dict.fromkeys(found, option) for choice, found in names.items()},
        recipes={"one": {"condition": "trained", "controls": ["untrained"]}},
        data={"all": ["rolls"]},
        thresholds={"rolls": 0.2},
        unfiltered=["untrained"],
        groups={"rolls": "synthetic"},
        output=output,
    )


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
        pages=[str(output / f"{name}.html") for name in page_names(folder / "reports")],
        renderer="pandoc",
    )


def commands(results: Path, out: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Return what damage.py does of the stages, and the same of the entries of this file."""
    data, facts = "datasets/rolls.safetensors", "datasets/rolls.json"
    layers = f"activations/{ENSEMBLE}/layers.safetensors"
    clouds = ["statistics/networks.parquet", data, facts, layers]
    clouds.append(f"measures/{ENSEMBLE}/main.parquet")
    weights = f"training/{ENSEMBLE}/weights.safetensors"
    stages = commands_of_stages(results, out)
    stages["draw_figure graph"][1].append(f"graphs/{ENSEMBLE}/neighbours.safetensors")
    coefficients = [f"coefficients/{ENSEMBLE}/{name}.parquet" for name in ("networks", "cell")]
    of_blocks = [
        f"measures/{ENSEMBLE}/{block}{kind}.parquet"
        for block in ("robustness", "curvatures")
        for kind in ("", ".local")
    ]
    of_checkpoints = [
        f"activations/{ENSEMBLE}/checkpoints.safetensors",
        f"training/{ENSEMBLE}/checkpoints.safetensors",
        f"training/{ENSEMBLE}/checkpoints.parquet",
    ]
    measured_checkpoints = [
        f"measures/{ENSEMBLE}/over_training.checkpoints{kind}.parquet" for kind in ("", ".local")
    ]
    settings = {"knn": {}, "mst": {"graph": "mst"}}
    settings |= {"both": {"layers": ["input", "hidden", "output"]}}
    return {
        **stages,
        "measure": (
            arguments(
                names=NAMES,
                measures={name: {"module": name} for name in ("forman_directed", "forman_union")},
                settings=settings,
                k_fractions=[0.1],
                networks=1,
                data=results / data,
                facts=results / facts,
                layers=results / layers,
                weights=results / weights,
                table=out / "t",
                local_table=out / "l",
            ),
            [data, facts, layers, weights],
        ),
        "measure excluded": (
            arguments(
                names=NAMES,
                measures={"forman_union": {"module": "forman_union"}},
                data=results / data,
                facts=results / facts,
                layers=results / layers,
                coefficients=results / coefficients[0],
                cell=results / coefficients[1],
                table=out / "t",
                local_table=out / "l",
            ),
            coefficients,
        ),
        "measure checkpoints": (
            arguments(
                names=NAMES,
                measures={"forman_union": {"module": "forman_union"}},
                settings=settings,
                k_fractions=[0.1],
                networks=1,
                local=True,
                asked=[0, 1],
                data=results / data,
                facts=results / facts,
                layers=results / of_checkpoints[0],
                weights=results / of_checkpoints[1],
                checkpoints=results / of_checkpoints[2],
                table=out / "t",
                local_table=out / "l",
            ),
            of_checkpoints,
        ),
        "summarise_checkpoints": (
            arguments(root=results, blocks={"over_training": [ENSEMBLE]}, output=out / "s"),
            [of_checkpoints[2], *measured_checkpoints],
        ),
        "compute_choices": (
            arguments(
                measures=results / f"measures/{ENSEMBLE}/choices.parquet",
                multiverse=MULTIVERSE,
                table=out / "t",
            ),
            [f"measures/{ENSEMBLE}/choices.parquet"],
        ),
        "judge_choices": (
            judging(results, out / "s"),
            [
                f"training/{ENSEMBLE}/networks.parquet",
                f"coefficients/{ENSEMBLE}/choices.parquet",
            ],
        ),
        "summarise_measures": (
            arguments(
                root=results,
                blocks={"robustness": MEASURED, "curvatures": ENSEMBLES},
                excluded={"excluded": MEASURED},
                settings={"excluded": ["knn", "mst"]},
                output=out / "s",
            ),
            [*of_blocks, f"measures/{ENSEMBLE}/excluded.parquet", *coefficients],
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
        "render_explore": (
            arguments(
                study="tiny",
                root=results,
                data_sets=["rolls"],
                ensembles=[ENSEMBLE],
                measures={name: {"module": name} for name in ("forman_directed", "forman_union")},
                primary_measure="forman_directed",
                checkpoints={"over_training": [ENSEMBLE]},
                texts=[
                    ROOT / f"reports/explore/{n}" for n in ("page.html", "style.css", "script.js")
                ],
                page=out / "e.html",
            ),
            [
                *(data, facts, layers, f"measures/{ENSEMBLE}/main.parquet", coefficients[0]),
                *(of_checkpoints[0], of_checkpoints[2], measured_checkpoints[0]),
                "statistics/checkpoints.parquet",
            ],
        ),
        "render_guide": (
            arguments(
                reports=ROOT / "reports",
                pages=[out / f"guide/{name}.html" for name in GUIDE_PAGES],
            ),
            [],
        ),
        "draw_figure layer_clouds": (
            words_of(
                *("layer_clouds", out / "f.svg"),
                *(results / path for path in clouds),
                select={"measure": PRIMARY["measure"]},
                settings={"measure": PRIMARY["measure"]},
            ),
            clouds,
        ),
        "check_report": (
            arguments(
                page="r.html",
                figures=[str(results / "figures/clouds.svg")],
                checked=out / "c.json",
            ),
            ["figures/clouds.svg"],
        ),
        "render_report": (
            report(results, out),
            [
                *("report/config.json", "figures/clouds.svg", "statistics/summary.json"),
                *(f"statistics/{table}.parquet" for table in REPORTED),
                facts,
            ],
        ),
    }
