"""What the blocks of a study must be, beyond their types."""

from typing import TYPE_CHECKING

from ricci_flow.errors import InputError, closest
from ricci_flow.measurement.block import MAIN
from ricci_flow.measurement.catalogue import known_modules, read_constants

if TYPE_CHECKING:
    from ricci_flow.study.model import Study


def check_blocks(study: "Study", where: str) -> None:
    """Check the main measures and the further blocks of a study.

    Raises InputError, one line, at the first thing that is wrong.
    """
    for name in study.config.geometry.measures:
        if read_constants(study.measures[name].module)["SCOPE"] == "network":
            raise InputError(
                f"{where}: key 'geometry.measures' names {name!r}, a measure of whole networks, "
                "which have no Ricci coefficient; name it in a block of further"
            )
    for block, asked in study.config.further.items():
        key = f"further.{block}"
        if block == MAIN:
            raise InputError(f"{where}: key '{key}' has the name of the main block; use another")
        named = () if isinstance(asked.conditions, int) else asked.conditions
        for name in named:
            if name not in study.conditions:
                raise InputError(
                    f"{where}: key '{key}.conditions' names {name!r}, not among the study's "
                    f"conditions; {closest(name, study.conditions)}"
                )
        if asked.point_edges and study.measures_of(block) and not _subset(study, block):
            known = ", ".join(name for name in known_modules() if read_constants(name)["SUBSET"])
            raise InputError(
                f"{where}: key '{key}.point_edges' needs a measure that can be computed of some "
                f"edges (a module of: {known}); name one in measures, or leave the key out"
            )
        if asked.kept_at and study.measures_of(block):
            _check_checkpoints(study, block, f"{where}: key '{key}.{asked.checkpoint_key}'")
        if study.of_excluded(block) and study.measures_of(block):
            others = set(study.measures_of(block)) - set(study.config.geometry.measures)
            if others:
                raise InputError(
                    f"{where}: key '{key}.measures' names {sorted(others)[0]!r}, which has no k*; "
                    "add it to geometry.measures, or leave it out here"
                )
            if len(study.settings_of(block)) < 2:
                raise InputError(
                    f"{where}: key '{key}.settings' names no setting that keeps an excluded "
                    "network; add largest_component or mst"
                )


def _subset(study: "Study", block: str) -> bool:
    return any(
        read_constants(study.measures[name].module)["SUBSET"] for name in study.measures_of(block)
    )


def _check_checkpoints(study: "Study", block: str, key: str) -> None:
    """Check that networks of a block are trained for as long as its checkpoints say.

    Some network must have the last of them. Of steps each must have one at least, unless it is not
    trained.
    """
    asked = study.config.further[block]
    for other, entry in study.checkpoint_blocks().items():
        if entry.unit != asked.unit:
            raise InputError(
                f"{key} counts {asked.unit}, and further.{other}.{entry.checkpoint_key} counts "
                f"{entry.unit}; count the checkpoints of all blocks of a study in one of the two"
            )
    if study.of_excluded(block):
        raise InputError(
            f"{key} is for the first networks, and networks is excluded; give networks a number, "
            "or leave the checkpoints out"
        )
    trained = {
        names: study.recipe(*names).epochs if asked.unit == "epochs" else study.steps(*names)
        for names in study.block_ensembles(block)
        if study.trains(names[0], names[2])
    }
    if not trained:
        raise InputError(
            f"{key} needs networks that the study trains, and the block's conditions have none; "
            "name others under conditions"
        )
    known = [length for length in trained.values() if length is not None]
    last, first = max(asked.kept_at), min(asked.kept_at)
    if len(known) == len(trained) and last > max(known):
        raise InputError(
            f"{key} has {last}, and no network of the block is trained for more than "
            f"{max(known)} {asked.unit}; lower it or raise training.epochs"
        )
    for names, length in trained.items():
        if asked.unit == "steps" and length and first > length:
            raise InputError(
                f"{key} has none of the {length} steps that {'/'.join(names)} is trained for; add "
                "a smaller one (0 is the initialisation), or raise training.epochs"
            )
