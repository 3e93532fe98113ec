"""What a study should be told before it runs, though it can run."""

from pathlib import Path
from typing import TYPE_CHECKING

from ricci_flow.coefficients.depth import FOR_RHO, FOR_Z
from ricci_flow.datasets.request import DrawnLayers
from ricci_flow.study.machine import cores, memory_mb
from ricci_flow.study.needs import Needs

if TYPE_CHECKING:
    from ricci_flow.study.model import Study


def warnings_of(study: "Study") -> list[str]:
    """Return warnings about a study, one line each: the key, what follows, and the cure."""
    catalogue = study.config.catalogues.architectures
    lines = []
    own = {entry.architecture or name: name for name, entry in study.given().items()}
    for name, entry in study.architectures.items():
        layers = entry.architecture().depth
        if layers >= FOR_Z:
            continue
        kind = "widths" if entry.widths else "measured" if entry.measured else "layers"
        file, key = catalogue, f"{name}.{kind}"
        if name in own:
            drawn = isinstance(study.data_sets[own[name]], DrawnLayers)
            file = study.config.catalogues.data_sets
            key = f"{own[name]}.{'depth' if drawn else 'path'}"
        without = "z (claim 4 and the regression)"
        if layers < FOR_RHO:
            without = f"Ricci coefficient, which needs {FOR_RHO}, and no {without}"
        lines.append(
            f"{file}: key '{key}' has {layers} hidden layers: its networks will have "
            f"no {without}, which needs {FOR_Z}; give it {FOR_Z - layers} more for these numbers"
        )
    asked = study.config.conditions
    for name in study.given():
        conditions = [names[2] for names in study.ensembles() if names[0] == name]
        others = [
            condition
            for condition in asked
            if condition not in conditions
            and name in (getattr(study.conditions.get(condition), "data_sets", None) or [name])
        ]
        if others:
            lines.append(
                f"{study.config.catalogues.data_sets}: the layers of '{name}' stand for condition "
                f"{study.primary}; left out for it: {', '.join(others)}"
            )
    for block in study.checkpoint_blocks():
        lines += _without_checkpoints(study, block)
    if len(study.given()) == len(study.data_sets):
        left = [a for a in study.config.architectures if a not in study.architectures]
        lines.append(f"nothing is trained, so these architectures are left out: {', '.join(left)}")
    return lines


def _without_checkpoints(study: "Study", block: str) -> list[str]:
    """Return a line for the ensembles of a block that lack some of its checkpoints."""
    entry = study.config.further[block]
    asked = sorted(entry.kept_at)
    lacking: dict[str, list[str]] = {}
    for names in study.block_ensembles(block):
        found = study.checkpoints(*names, block)
        if found and entry.unit == "steps":
            last = study.steps(*names)
            found = [step for step in found if last is None or step <= last]
        missing = [f"{checkpoint}" for checkpoint in asked if checkpoint not in found]
        if missing:
            why = f"no checkpoint {', '.join(missing)}: trained for fewer {entry.unit}"
            if not study.trains(names[0], names[2]):
                why = "no checkpoints: no networks that the study trains"
            ensembles = lacking.setdefault(why, [])
            ensembles.append("/".join(names))
    return [
        f"key 'further.{block}.{entry.checkpoint_key}': {', '.join(ensembles[:3])}"
        f"{f' and {len(ensembles) - 3} more' if len(ensembles) > 3 else ''} will have {why}"
        for why, ensembles in lacking.items()
    ]


def costs_of(study: "Study", free: int | None = None, at_once: int | None = None) -> list[str]:
    """Return what a study will cost where that is much, one line each; none once it has a report.

    free: MB of memory, at_once: cores; those of this machine by default. Nothing is said of less
    than an hour, or of jobs that fit into the memory.
    """
    if Path(f"{study.config.results}/{study.name}/report/report.html").exists():
        return []
    needs, lines = Needs(study), []
    seconds, at_once = needs.seconds(), at_once or cores()
    hours = sum(seconds.values()) / 3600
    cure = "fewer networks, k or conditions, or test_points, make it less"
    if hours / at_once > 1:
        most = sorted(seconds, key=lambda stage: -seconds[stage])[:3]
        parts = ", ".join(f"{stage} {seconds[stage] / 3600:.1f}" for stage in most)
        unknown = needs.unknown()
        without = f", without {', '.join(unknown)}, of unknown size" if unknown else ""
        lines.append(
            f"this study takes some {hours:.1f} processor hours ({parts}{without}), "
            f"{hours / at_once:.1f} hours on {at_once} cores; {cure}"
        )
    free = memory_mb() if free is None else free
    largest, job = needs.largest()
    if largest > free:
        lines.append(
            f"{job} takes some {largest / 1000:.1f} GB of memory, and {free / 1000:.1f} GB are "
            f"free; {cure}"
        )
    return lines
