"""Every claim judged in every specification."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from ricci_flow.claims.base import Claim, side_of, words_of
from ricci_flow.claims.cell_measures import ChoiceOfK
from ricci_flow.claims.estimates import Cells, Evidence
from ricci_flow.claims.verdicts import Estimate, judge, standing
from ricci_flow.multiverse.cells import all_kept, of_data_sets
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


class Measured(Protocol):
    """What was measured under every choice; see `sources`."""

    measure_cell: Callable[..., Any]

    def choices_of_k(self, claim: Claim) -> Sequence[str]:
        """Return the choices of k that a claim is judged under, the study's own first."""
        ...

    def cells(self, specification: Specification, k: str) -> Cells:
        """Return the cells, by (condition, measure), then by (data set, architecture)."""
        ...

    def choice_of_k(self, k: str) -> ChoiceOfK | None:
        """Return how k is chosen from what is measured in a cell; None where it is given."""
        ...


def specifications_table(
    measured: Measured,
    choices: Choices,
    claims: Sequence[Claim],
    level: float,
    seed_name: str,
    progress: Callable[[str], None] = lambda text: None,
) -> pl.DataFrame:
    """Return specifications.parquet.

    level: of the intervals; seed_name: root name of the random streams, which are those of the
    ledger: specifications share them.
    """
    groups = {name: side_of(group) for name, group in choices.groups.items()}
    words = words_of(choices.groups.values())
    known: dict[tuple[int, str], Evidence] = {}

    def evidence_of(specification: Specification, k: str) -> Evidence:
        """Return the evidence; specifications with the same cells share it."""
        here = measured.cells(specification, k)
        place = (id(here), specification.threshold)
        if place not in known:
            cells = all_kept(here) if specification.threshold == "all" else here
            known[place] = Evidence(cells, groups, level, seed_name, words, measured.measure_cell)
        return known[place]

    rows: list[dict[str, Any]] = []
    every = list(specifications(choices.options))
    for number, specification in enumerate(every, 1):
        for row in _rows(measured, evidence_of, choices, specification, claims):
            # Of the first specification, with k chosen in the claim's own way.
            rows.append(row | {"own": number == 1 and row["own"]})
        progress(f"specification {number} of {len(every)} judged")
    return SPECIFICATIONS.frame(rows)


def _rows(
    measured: Measured,
    evidence_of: Callable[[Specification, str], Evidence],
    choices: Choices,
    specification: Specification,
    claims: Sequence[Claim],
) -> Iterator[dict[str, Any]]:
    recipe = choices.recipes[specification.recipe]
    condition, measure = recipe.condition, specification.measure
    offered = choices.options["k"]
    for claim in claims:
        for place, choice in enumerate(measured.choices_of_k(claim)):
            evidence = evidence_of(specification, choice)
            cells = of_data_sets(evidence.cells, choices.data[specification.data])
            head = vars(specification) | {"own": place == 0}
            plausible = not specification.implausible and _plausible(offered, choice)
            head |= {"claim": claim.number, "key": claim.key, "k": choice, "plausible": plausible}
            if not cells.get((condition, measure)):
                why = "no cell has these layers"
                yield head | {"verdict": "undecided", "remark": why, "reason": why, "cells": 0}
                continue
            seen = evidence.seen(cells, measured.choice_of_k(choice))
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
