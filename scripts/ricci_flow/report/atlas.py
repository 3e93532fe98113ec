"""The overview of the atlas: a row per system, a column per question, from the studies' tables."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from matplotlib.figure import Figure

from ricci_flow.analysis.beyond_controls import LAYER_ORDERS, excluded_share
from ricci_flow.analysis.inference import correct
from ricci_flow.claims.registry import DEFAULT_PAPER, claim_of
from ricci_flow.claims.verdicts import MIN_CELLS, MIN_DATA_SETS
from ricci_flow.figures.systems import Row, draw
from ricci_flow.labels import Labels
from ricci_flow.report.ledger import estimate_text, fixed_text, verdict
from ricci_flow.report.text import (
    escape,
    listed,
    number,
    p_cell,
    percent,
    pipe_table,
    signed,
)
from ricci_flow.storage import read_table
from ricci_flow.tables.statistics import BEYOND_CONTROLS, FIXED_K, LEDGER

# Holm's corrected p at most this: beyond the controls.
LEVEL = 0.05
# Claims of these are no system's own headline.
OTHERS = (DEFAULT_PAPER, "atlas")
NO_RESULTS = "no results yet"
_ORDERS = "layers in random order"
# Controls that most systems have, by their titles: these have a look of their own in the picture.
_COMMON = ("untrained", "shuffled labels", "random features", _ORDERS)
PICTURE = "systems.svg"
_EXPLAINED = (
    "*Own claims*: does our implementation reproduce what the system's authors found, and do its"
    " controls show the same?\n*Ricci-like flow*: are coefficients at the *k* nearest to a tenth of"
    " the points, fixed beforehand, negative, and lower than those\nof every control? Networks are"
    " compared with those of the same number under each control, and with their own layers in"
    " random order,\nby turning the signs of the differences. The largest *p* of a system's"
    " controls counts, corrected by Holm's method over all systems of\nthe table that have one;"
    f" *yes* at {LEVEL:g} or less. It speaks of the cells that there are: fewer than"
    f" {MIN_CELLS} cells or {MIN_DATA_SETS} data sets decide\nnothing."
    " *Excluded*: kept networks without a coefficient.\n"
)
_PICTURED = "A line per system: mean coefficient of its networks and of every control"
_BELOW_PICTURE = (
    "Mean coefficients at that *k*: the networks of each system (filled) and its controls; on the"
    " right, whether Ricci-like flow\nappears. A filled mark left of all others would be a flow"
    " that only these networks have.\n"
)
_FOUNDING = (
    "*Estimate*: share of networks with a negative coefficient at a *k* chosen on the other half of"
    " the networks of their cell. A claim is\n*reproduced as counted* where at least one control"
    " shows the same.\n"
)


@dataclass(frozen=True)
class System:
    """A study of the atlas.

    name: of the study; title: of the system, Markdown; link: what its row leads to; condition,
    measure: those that its report speaks of; labels: what is shown for its names; networks: whether
    it has any, else its layers are drawn and it is part of the scale. statistics: folder of its
    tables.
    """

    name: str
    title: str
    link: str
    condition: str
    measure: str
    labels: Labels
    networks: bool
    statistics: Path


@dataclass(frozen=True)
class Found:
    """The tables of a system: rows of its measure; None where there are none."""

    system: System
    ledger: pl.DataFrame | None
    beyond: pl.DataFrame | None
    fixed_k: pl.DataFrame | None


def atlas_page(systems: Sequence[System], made_by: str, picture: str) -> str:
    """Return the overview as Markdown.

    made_by: a sentence on where its numbers are from; picture: where `atlas_picture` lies. Raises
    InputError where a table is damaged.
    """
    every = [_read(system) for system in systems]
    pages = [found for found in every if found.system.networks]
    scale = [found for found in every if not found.system.networks]
    parts = ["# Atlas\n", made_by + "\n"]
    parts += ["Does Ricci-like flow appear in neighbouring theories, too?\n", overview(pages)]
    parts += [_EXPLAINED, f"![{_PICTURED}]({picture})\n", _BELOW_PICTURE]
    parts += ["## Claims of the founding paper\n", founding_table(pages), _FOUNDING]
    parts += ["## Each control\n", controls_table(pages)]
    if scale:
        parts += [
            "## The scale\n",
            "Layers of which it is known whether they flow, and Gaussian clouds like them. *Below"
            " random orders*: draws whose coefficient is\nbelow 95 % of those of their own layers"
            " in random order; chance gives 5 %.\n",
            *(scale_table(found) for found in scale),
        ]
    return "\n".join(parts)


def _read(system: System) -> Found:
    def table(schema: Any) -> pl.DataFrame | None:
        path = system.statistics / Path(schema.file).name
        if not path.is_file():
            return None
        return read_table(path, schema).filter(measure=system.measure)

    return Found(system, table(LEDGER), table(BEYOND_CONTROLS), table(FIXED_K))


def atlas_picture(systems: Sequence[System]) -> Figure:
    """Return the mean coefficient of every system and of its controls on one axis."""
    pages = [_read(system) for system in systems if system.networks]
    rows = []
    for found, test in zip(pages, _tests(pages), strict=True):
        system, beyond = found.system, _beyond(found)
        rhos = beyond.filter(control=LAYER_ORDERS)["rho"].to_list()
        controls = beyond.drop_nulls("control_rho").select("control", "control_rho").iter_rows()
        rows.append(
            Row(
                title=system.title,
                answer=re.split(r"\W", answer(test).strip("*"))[0],
                rho=rhos[0] if rhos else None,
                controls=[(_named(system, control), rho) for control, rho in controls],
            )
        )
    return draw(rows, _COMMON)


def overview(pages: Sequence[Found]) -> str:
    """Return the table of systems, with one correction over all of them."""
    rows = []
    for found, test in zip(pages, _tests(pages), strict=True):
        system, excluded = found.system, "not known"
        if found.fixed_k is not None:
            shares = excluded_share(found.fixed_k.filter(condition=system.condition))
            excluded = percent(shares["excluded"][0]) if len(shares) else "all"
        p, holm = (p_cell(test.get(name)) for name in ("p", "p_holm"))
        rows.append(
            [
                f"[{system.title}]({system.link})",
                _own_claims(found),
                answer(test),
                signed(test.get("rho")),
                test.get("nearest", "not defined"),
                f"{p}; {holm}" if "p" in test else "not defined",
                excluded,
            ]
        )
    headings = ["system", "own claims", "Ricci-like flow beyond the controls", "mean ρ"]
    headings += ["difference from the nearest control", "*p*; Holm", "excluded"]
    return pipe_table(headings, rows, 3, "The atlas has no system.")


def _tests(pages: Sequence[Found]) -> list[dict[str, Any]]:
    tests = [_test(found) for found in pages]
    correct(tests, "systems of the atlas")
    return tests


def _own_claims(found: Found) -> str:
    """Return the verdicts on what the system's authors found."""
    if found.ledger is None:
        return NO_RESULTS
    own = found.ledger.filter(pl.col("control").is_null(), condition=found.system.condition)
    texts = [
        f"{claim_of(row['key']).text}: **{row['verdict']}**, {estimate_text(row)}"
        for row in own.iter_rows(named=True)
        if claim_of(row["key"]).paper not in OTHERS
    ]
    return "<br>".join(texts) or "none was judged"


def _test(found: Found) -> dict[str, Any]:
    """Return what question (b) is answered by: p, the largest over the controls, and why if none.

    nearest: the difference from the control with that p.
    """
    if found.beyond is None or found.fixed_k is None:
        return {"reason": NO_RESULTS}
    condition = found.system.condition
    rows = found.beyond.filter(condition=condition).to_dicts()
    named = {row["control"]: _named(found.system, row["control"]) for row in rows}
    undefined = [named[row["control"]] for row in rows if row["p"] is None]
    if not [row for row in rows if row["control"] != LAYER_ORDERS]:
        return {"reason": "no control was run"}
    if undefined:
        return {"reason": f"no coefficient to compare with: {listed(undefined)}"}
    nearest = max(rows, key=lambda row: (row["p"], row["difference"]))
    ends = [nearest["low"], nearest["high"]]
    between = "" if None in ends else f" ({number(ends[0])} to {number(ends[1])})"
    own = found.fixed_k.filter(pl.col("rho").is_not_null(), condition=condition)
    return {
        "p": nearest["p"],
        "rho": rows[-1]["rho"],  # of the networks alone, against their own layers in random order
        "nearest": f"{signed(nearest['difference'])}{between}, {named[nearest['control']]}",
        "not_exceeded": [named[row["control"]] for row in rows if row["p"] > LEVEL],
        "cells": min(row["cells"] for row in rows),
        "data_sets": own["data_set"].n_unique(),
    }


def _named(system: System, control: str) -> str:
    if control == LAYER_ORDERS:
        return _ORDERS
    return escape(system.labels.title("conditions", control))


def answer(test: dict[str, Any]) -> str:
    """Return the answer to the question on Ricci-like flow; test: with `p_holm`, see `_test`."""
    if "p" not in test:
        return f"open: {test['reason']}"
    for name, least in (("cells", MIN_CELLS), ("data_sets", MIN_DATA_SETS)):
        if test[name] < least:
            return f"open: {name.replace('_', ' ')}: {test[name]}, fewer than {least}"
    if test["not_exceeded"]:
        return f"**no**: not beyond {listed(test['not_exceeded'])}"
    if test["rho"] >= 0:
        return "**no**: the mean coefficient is not negative"
    return "**yes**" if test["p_holm"] <= LEVEL else "**no**: not after the correction"


def controls_table(pages: Sequence[Found]) -> str:
    """Return every comparison of every system: one system by one control."""
    rows = []
    for found in pages:
        system = found.system
        for row in _beyond(found).iter_rows(named=True):
            ends = [row["low"], row["high"]]
            between = "" if None in ends else f"{number(ends[0])} to {number(ends[1])}"
            rows.append(
                [
                    system.title,
                    _named(system, row["control"]),
                    *(signed(row[name]) for name in ("rho", "control_rho", "difference")),
                    between or "not defined",
                    p_cell(row["p"]),
                    f"{row['networks']} of {row['pairs']}",
                ]
            )
    headings = ["system", "control", "mean ρ", "mean ρ of the control", "difference", "interval"]
    return pipe_table([*headings, "*p*", "networks compared"], rows, 2, "No system has results.")


def founding_table(pages: Sequence[Found]) -> str:
    """Return the claims of the founding paper that a system judges, with what its controls show."""
    rows = []
    for found in pages:
        system = found.system
        if found.ledger is None:
            continue
        ledger = system.labels.show(found.ledger.filter(condition=system.condition))
        for (key,), group in ledger.group_by(["key"], maintain_order=True):
            claim = claim_of(str(key))
            if claim.paper != DEFAULT_PAPER:
                continue
            own, *controls = group.iter_rows(named=True)
            texts = (estimate_text(own), fixed_text(own), verdict(own, controls))
            rows.append([system.title, f"({claim.number}) {claim.title}", *texts])
    headings = ["system", "claim", "estimate", "at a *k* fixed beforehand", "verdict"]
    return pipe_table(headings, rows, len(headings), "No system has judged one.")


def _beyond(found: Found) -> pl.DataFrame:
    """Return the comparisons of a system's first condition with its controls."""
    beyond = BEYOND_CONTROLS.frame() if found.beyond is None else found.beyond
    return beyond.filter(condition=found.system.condition)


def scale_table(found: Found) -> str:
    """Return the coefficients of layers whose flow is known, a row per kind and condition."""
    system, rows = found.system, []
    if found.fixed_k is None:
        return f"{system.title}: {NO_RESULTS}.\n"
    for row in found.fixed_k.iter_rows(named=True):
        rows.append(
            [
                escape(system.labels.title("data_sets", row["data_set"])),
                "the layers themselves"
                if row["condition"] == system.condition
                else escape(system.labels.title("conditions", row["condition"])),
                signed(row["rho"]),
                *(_share(row, name) for name in ("negative", "significant")),
                f"{row['networks']} of {row['kept']}",
            ]
        )
    headings = ["layers", "networks", "median ρ", "negative", "below random orders", "defined"]
    return pipe_table(headings, rows, 2)


def _share(row: dict[str, Any], name: str) -> str:
    if row[name] is None:
        return "not defined"
    low, high = (percent(row[f"{name}_{end}"]) for end in ("low", "high"))
    return f"{percent(row[name])} ({low.removesuffix(' %')} to {high})"
