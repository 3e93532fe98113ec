"""Every claim judged in every specification."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ricci_flow.claims.base import Claim, side_of, words_of
from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.verdicts import Estimate, judge, standing
from ricci_flow.multiverse.cells import Cells, Key, all_kept, of_data_sets
from ricci_flow.multiverse.choices import Option, Specification, specifications
from ricci_flow.tables.multiverse import SPECIFICATIONS

_ESTIMATE = ("value", "low", "high", "widest_low", "widest_high", "cells", "reason")


@dataclass(frozen=True)
class Recipe:
    """One way to train: its condition, and the controls it is compared with."""

    condition: str
    controls: Sequence[str]


@dataclass(frozen=True)
class Choices:
    """Everything that is combined.

    options: of every choice, its own one first; recipes, data: what these options stand for;
    groups: of each data set.
    """

    options: Mapping[str, Mapping[str, Option]]
    recipes: Mapping[str, Recipe]
    data: Mapping[str, Sequence[str]]
    groups: Mapping[str, str]


def specifications_table(
    cells: Mapping[Key, Cells],
    choices: Choices,
    claims: Sequence[Claim],
    level: float,
    seed_name: str,
    progress: Callable[[str], None] = lambda text: None,
) -> pl.DataFrame:
    """Return specifications.parquet.

    cells: see `cells.read_cells`; level: of the intervals; seed_name: root name of the random
    streams, which are those of the ledger: specifications share them.
    """
    groups = {name: side_of(group) for name, group in choices.groups.items()}
    words = words_of(choices.groups.values())
    known: dict[tuple[str, ...], Evidence] = {}
    rows: list[dict[str, Any]] = []
    every = list(specifications(choices.options))
    for number, specification in enumerate(every, 1):
        key = (specification.measure, specification.policy, specification.layers)
        place = (*key, specification.threshold)
        if place not in known:
            here = cells.get(key, {})
            here = all_kept(here) if specification.threshold == "all" else here
            known[place] = Evidence(here, groups, level, seed_name, words)
        for row in _rows(known[place], choices, specification, claims):
            # Of the first specification, with k chosen in the claim's own way.
            rows.append(row | {"own": number == 1 and row["own"]})
        progress(f"specification {number} of {len(every)} judged")
    return SPECIFICATIONS.frame(rows)


def _rows(
    evidence: Evidence,
    choices: Choices,
    specification: Specification,
    claims: Sequence[Claim],
) -> Iterator[dict[str, Any]]:
    recipe = choices.recipes[specification.recipe]
    condition, measure = recipe.condition, specification.measure
    cells = of_data_sets(evidence.cells, choices.data[specification.data])
    offered = choices.options["k"]
    for claim in claims:
        for place, choice in enumerate(claim.choices_of_k):
            if choice not in offered and place:
                continue
            head = vars(specification) | {"own": place == 0}
            plausible = not specification.implausible and _plausible(offered, choice)
            head |= {"claim": claim.number, "key": claim.key, "k": choice, "plausible": plausible}
            if not cells.get((condition, measure)):
                why = "no cell has these layers"
                yield head | {"verdict": "undecided", "remark": why, "reason": why, "cells": 0}
                continue
            seen = evidence.seen(cells, choice)
            own = seen.estimate(claim, condition, measure)
            compared = seen.controls(claim, condition, measure, recipe.controls)
            verdict, remark = judge(claim.rule, own, compared)
            yield head | _columns(own) | {"verdict": verdict, "remark": remark}
            for control in compared:
                found = {"control": control.name, "standing": standing(claim.rule, control)}
                yield head | _columns(control.estimate) | found


def _plausible(offered: Mapping[str, Option], choice: str) -> bool:
    return choice not in offered or offered[choice].plausible


def _columns(estimate: Estimate) -> dict[str, Any]:
    return {name: getattr(estimate, name) for name in _ESTIMATE}
