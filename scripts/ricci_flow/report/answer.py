"""The answer of the front page: the verdicts in one sentence, and networks beside controls."""

from typing import Any

import polars as pl

from ricci_flow.claims.registry import DEFAULT_PAPER, claim_of
from ricci_flow.claims.verdicts import AS_COUNTED, NOT_REPRODUCED, REPRODUCED, UNDECIDED
from ricci_flow.report.ledger import estimate_text, value_text
from ricci_flow.report.text import count, escape, listed

# What of ledger.parquet must be there.
COLUMNS = ("condition", "measure", "key", "claim", "control", "value", "low", "high", "verdict")
# What each paper asked, by its key in reports/references.bib.
_QUESTIONS = {
    "baptista2024": (
        "@baptista2024 asked whether the layers of a ReLU network change the cloud's neighbour "
        "graph in that way, and whether networks that do so more strongly classify better."
    ),
    "hehl2025": (
        "@hehl2025 asked it of single points: whether distances around a point follow the "
        "curvature there, and what training, depth and width have to do with it."
    ),
    "naitzat2020": (
        "@naitzat2020 asked it of topology: whether classes lose their pieces and holes from layer "
        "to layer."
    ),
    "ororbia2023": (
        "@ororbia2023 ask whether layers that learn from targets of their own do as well as by "
        "back-propagation."
    ),
    "wang2021": (
        "@wang2021 ask when deep networks tell two curves on a sphere apart, and what depth is for."
    ),
    "mingard2025": (
        "@mingard2025 ask whether networks prefer simple functions, before training already, and "
        "whether that is what they generalise by."
    ),
    "makantasis2021": (
        "@makantasis2021 ask whether few samples are enough where the weights are of low rank."
    ),
    "chen2022": (
        "@chen2022 ask whether the graph of a network's nodes says how fast it is trained."
    ),
    "fang2021": (
        "@fang2021 ask what wide networks come to whose units are means over the units before them."
    ),
    "zhang2021": (
        "@zhang2021 ask whether initial coordinates that no rotation changes are all that networks "
        "on geometric data need."
    ),
    "zhu2023": (
        "@zhu2023 ask whether filters that grow out of the images, without labels, serve as well "
        "as filters that are trained."
    ),
    "li2021": (
        "@li2021 ask what the layers of deep linear networks learn, and answer it in closed form."
    ),
}
_MEANINGS = {
    REPRODUCED: "",
    AS_COUNTED: ", which means that some control is not clearly exceeded",
    UNDECIDED: "",
    NOT_REPRODUCED: "",
}


def of_primary(ledger: pl.DataFrame, summary: dict[str, Any]) -> pl.DataFrame:
    """Return the rows of the condition and measure that the page speaks of."""
    return ledger.filter(condition=summary["condition"], measure=summary["primary_measure"])


def questions(judged: pl.DataFrame) -> str:
    """Say what the papers of the claims asked; the founding one where no claim is judged.

    judged: as of `verdicts_sentence`.
    """
    papers = {claim_of(key).paper for key in judged["key"].unique()} or {DEFAULT_PAPER}
    return " ".join(text for paper, text in _QUESTIONS.items() if paper in papers)


def verdicts_sentence(judged: pl.DataFrame) -> str:
    """Say how many claims have which verdict.

    judged: rows of ledger.parquet of one condition and measure.
    """
    own = judged.filter(pl.col("control").is_null()).sort("claim")
    if own.is_empty():
        return "No claim could be judged."
    parts = []
    for verdict, meaning in _MEANINGS.items():
        numbers = own.filter(verdict=verdict)["claim"].to_list()
        if numbers:
            named = f"claim{'s' * (len(numbers) > 1)} {listed(numbers)}"
            verb = "is" if len(numbers) == 1 else "are"
            parts.append(f"{len(numbers)} {verb} *{verdict}* ({named}{meaning})")
    claims = count(own.height, "claim")
    papers = {claim_of(key).paper for key in own["key"]}
    whose = "the paper" if len(papers) == 1 else "the papers"
    return f"Of the {claims} of {whose} that this study judges, {listed(parts)}."


def controls_sentence(judged: pl.DataFrame) -> str:
    """Say what the quantity of the claim about training is, in the networks and every control.

    judged: as of `verdicts_sentence`, with titles; the first claim takes the place of the one
    about training where that is not judged.
    """
    keys = judged.sort("claim")["key"].unique(maintain_order=True).to_list()
    if not keys:
        return ""
    key = next((key for key in keys if claim_of(key).rule.training), keys[0])
    own, *controls = judged.filter(key=key).iter_rows(named=True)
    quantity = claim_of(key).quantity_text
    text = f"{quantity[:1].upper()}{quantity[1:]}: {escape(own['condition'])} {estimate_text(own)}"
    values = [row["value"] for row in controls if row["value"] is not None]
    if not values:
        return f"{text}; no control has a value."
    low, high = (value_text(key, value) for value in (min(values), max(values)))
    between = low if len(values) == 1 else f"from {low} to {high}"
    return f"{text}; {count(len(values), 'control')} {between}.".replace(" %", "\u00a0%")
