"""The claims ledger: every claim of the paper, our estimate, the same in every control, a verdict.

Rules are in `verdicts`, estimates in `estimates`, what is measured in a cell in `cell_measures`,
and each claim in a module of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from ricci_flow.analysis.study import Analysis
from ricci_flow.claims.base import Claim, Quantity, StudyView, side_of, words_of
from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.papers import PAPERS
from ricci_flow.claims.point_measures import of_the_paper
from ricci_flow.claims.verdicts import LAYER_ORDERS, Estimate, judge, standing
from ricci_flow.tables.statistics import CLAIMS, LEDGER


def claims_tables(analysis: Analysis, claims: Sequence[Claim]) -> dict[str, pl.DataFrame]:
    """Return claims.parquet and ledger.parquet by file stem."""
    settings = analysis.settings
    named = {name: settings.groups.get(name, "table") for name in settings.thresholds}
    groups = {name: side_of(group) for name, group in named.items()}
    words = words_of(named.values())
    tables = analysis.tables | {"fixed": analysis.fixed}
    if analysis.further is not None:
        networks, layers = analysis.further
        tables |= {"further": networks, "layer_coefficients": of_the_paper(layers)}
    if analysis.stopping is not None:
        tables["early_stopping"] = analysis.stopping
    found: dict[str, list[pl.DataFrame]] = {"claims": [], "ledger": []}
    for name in dict.fromkeys(claim.judged_by for claim in claims):
        paper, of_paper = PAPERS[name], [claim for claim in claims if claim.judged_by == name]
        view = StudyView(
            tables,
            analysis.points,
            groups,
            paper.published(analysis),
            words,
            settings.architectures,
        )
        evidence = Evidence(
            paper.cells(analysis),
            groups,
            settings.confidence,
            settings.seed_name,
            words,
            paper.measure_cell,
        )
        printed = published_numbers(view, of_paper)
        found["claims"].append(claims_table(view, of_paper))
        found["ledger"].append(
            ledger_table(evidence, of_paper, settings.controls, printed, settings.drawn)
        )
    empty = {"claims": CLAIMS.frame(), "ledger": LEDGER.frame()}
    return {name: pl.concat([empty[name], *parts]) for name, parts in found.items()}


def claims_table(view: StudyView, claims: Sequence[Claim]) -> pl.DataFrame:
    """Return claims.parquet: the quantities as the paper took them."""
    pairs = view.tables["cells"].select("condition", "measure").unique(maintain_order=True)
    rows = [
        {"claim": claim.number, "key": claim.key, "condition": condition, "measure": measure} | row
        for condition, measure in pairs.iter_rows()
        for claim in claims
        for row in claim.as_in_paper(view, condition, measure)
    ]
    return CLAIMS.frame(rows)


def published_numbers(view: StudyView, claims: Sequence[Claim]) -> dict[str, float]:
    """Return the paper's number, by key, for each claim that has one in this study."""
    if view.published is None:
        return {}
    found = {claim.key: claim.published(view) for claim in claims if claim.published is not None}
    return {key: number for key, number in found.items() if number is not None}


def ledger_table(
    evidence: Evidence,
    claims: Sequence[Claim],
    controls: Sequence[str],
    published: Mapping[str, float],
    drawn: Sequence[str] = (),
) -> pl.DataFrame:
    """Return ledger.parquet: one row per claim and condition that is no control, then its controls.

    controls: names of the conditions that are controls; published: the paper's number, by key;
    drawn: conditions without networks, of which no claim on accuracy is judged, and which none is
    compared with.
    A row without `control` has the claim's own estimate and verdict, one with it the same
    quantity in that control, the difference from it and how it compares. Both have what a k fixed
    beforehand leaves of a claim on signs, also for each depth where there are several.
    """
    rows: list[dict[str, Any]] = []
    for condition, measure in evidence.cells:
        if condition in controls:
            continue
        for claim in claims:
            if claim.of_accuracy and condition in drawn:
                continue
            head = {"claim": claim.number, "key": claim.key}
            head |= {"condition": condition, "measure": measure}
            own = evidence.estimate(claim, condition, measure)
            here = [c for c in controls if not (claim.of_accuracy and c in drawn)]
            compared = evidence.controls(claim, condition, measure, here)
            verdict, remark = judge(claim.rule, own, compared)
            verdicts = {"verdict": verdict, "remark": remark, "published": published.get(claim.key)}
            fixed = _fixed(evidence, claim.at_fixed_k, condition, measure)
            rows.append(head | verdicts | asdict(own) | fixed)
            for control in compared:
                more = {"control": control.name, "standing": standing(claim.rule, control)}
                more |= _columns("difference", control.difference)
                if control.name == LAYER_ORDERS:
                    quantity = claim.at_fixed_k_in_layer_orders
                    more |= _fixed(evidence, quantity, condition, measure)
                else:
                    more |= _fixed(evidence, claim.at_fixed_k, control.name, measure)
                rows.append(head | asdict(control.estimate) | more)
    return LEDGER.frame(rows)


def _columns(what: str, estimate: Estimate) -> dict[str, Any]:
    names = ("low", "high", "cells", "widest_low", "widest_high")
    return {what: estimate.value} | {f"{what}_{name}": getattr(estimate, name) for name in names}


def _fixed(
    evidence: Evidence, quantity: Quantity | None, condition: str, measure: str
) -> dict[str, Any]:
    """Return the columns on the k fixed beforehand; none for a claim without such a quantity."""
    if quantity is None:
        return {}
    depths = evidence.depths(condition, measure)
    found = {
        depth: evidence.fixed(quantity, condition, measure, depth)
        for depth in (None, *(depths if len(depths) > 1 else []))
    }
    by_depth = [
        {"depth": depth}
        | {name: getattr(estimate, name) for name in ("value", "low", "high", "cells")}
        for depth, estimate in found.items()
        if depth is not None
    ]
    return {**_columns("fixed", found[None]), "fixed_by_depth": by_depth or None}
