"""The numbers and the wording of the prose: the variables of the document.

Every sentence is chosen by a rule from the numbers, so it stays true whatever they are.
"""

from typing import Any

from ricci_flow.figures.registry import constant, number_text
from ricci_flow.labels import Labels
from ricci_flow.report.text import count, escape, number, p_value, percent, signed, significant

# What summary.json must have.
NEEDED = (
    *("study", "data_sets", "architectures", "conditions", "measures", "cells"),
    *("condition", "primary_measure", "networks_per_ensemble", "networks_per_control"),
    *("networks_trained", "networks_all_conditions", "kept", "connected_at_k_star", "negative"),
    *("regression", "within_cells"),
)

# Constants of the code that the text names, and where they are.
NUMBERS = {
    "fixed_fraction": "analysis.choice_of_k.FIXED_FRACTION",
    "halvings": "analysis.choice_of_k.SPLITS",
    "resamples": "analysis.resampling.NETWORK_RESAMPLES",
    "least_resampled": "analysis.resampling.LEAST_RESAMPLED",
    "orders": "coefficients.nulls.SAMPLES",
    "layers_of_all_orders": "coefficients.nulls.EXACT_DEPTH",
}


def _half(part: int, whole: int) -> str:
    if part == whole:
        return "all of them"
    if part == 0:
        return "none of them"
    if 2 * part == whole:
        return "exactly half"
    return "more than half" if 2 * part > whole else "fewer than half"


def sign_sentence(summary: dict[str, Any], labels: Labels) -> str:
    """Say how many coefficients are negative, of the networks of the primary condition."""
    connected, negative = int(summary["connected_at_k_star"]), int(summary["negative"])
    condition = escape(labels.title("conditions", summary["condition"]))
    if connected == 0:
        return (
            f"No {condition} network that is kept has a Ricci coefficient at the *k*\\* of its "
            "cell, so there is none to judge."
        )
    verb = "has" if connected == 1 else "have"
    share = percent(negative / connected, apart=(0.5,))
    return (
        f"Of {count(connected, f'{condition} network')} kept and connected at the *k*\\* of their "
        f"cell, {negative} ({share}) {verb} a negative Ricci coefficient: "
        f"{_half(negative, connected)}."
    )


def _reason(fit: dict[str, Any]) -> str:
    return escape(fit.get("reason") or "no reason was recorded")


def regression_sentence(summary: dict[str, Any], confidence: float) -> str:
    """Say what the regression of accuracy on the adjusted coefficient found."""
    fit = summary["regression"]
    if fit.get("t") is None or fit.get("estimate") is None:
        return (
            "Whether test accuracy goes with the adjusted coefficient could not be estimated "
            f"({_reason(fit)})."
        )
    low, high = float(fit["low"]), float(fit["high"])
    zero = f"the {100 * confidence:g} % interval of the slope {{}} zero"
    if low <= 0 <= high:
        return (
            "Given data set, width and depth, test accuracy does not clearly go with the adjusted "
            f"coefficient ({regression_phrase(summary)}; {zero.format('includes')})."
        )
    direction = "higher" if fit["estimate"] < 0 else "lower"
    return (
        "Given data set, width and depth, networks with a more negative adjusted coefficient have "
        f"{direction} test accuracy on average ({regression_phrase(summary)}; "
        f"{zero.format('excludes')})."
    )


def within_sentence(summary: dict[str, Any]) -> str:
    """Say what the correlations inside the cells are."""
    within = summary["within_cells"]
    cells, median = int(within["cells"]), within.get("median_spearman")
    if cells == 0 or median is None:
        return (
            "Inside a single cell, where neither data set nor architecture differs, accuracy and "
            "coefficient could not be correlated."
        )
    return (
        "Inside single cells, where neither data set nor architecture differs, the median Spearman "
        f"correlation of coefficient and accuracy is {signed(median)}, and it is negative in "
        f"{within['negative_cells']} of {count(cells, 'cell')}."
    )


def regression_phrase(summary: dict[str, Any]) -> str:
    """Return t, p and N for a caption."""
    fit = summary["regression"]
    if fit.get("t") is None:
        return f"not defined: {_reason(fit)}"
    p = p_value(fit.get("p"))
    return (
        f"*t* = {number(fit['t'])}, *p* {p if p.startswith('<') else '= ' + p}, "
        f"*N* = {fit['observations']}"
    )


def estimate_phrase(summary: dict[str, Any], confidence: float) -> str:
    """Return the slope and its interval."""
    fit = summary["regression"]
    if fit.get("estimate") is None:
        return f"not defined ({_reason(fit)})"
    return (
        f"{significant(fit['estimate'])} ({100 * confidence:g} % interval "
        f"{significant(fit.get('low'))} to {significant(fit.get('high'))})"
    )


def _per_ensemble(summary: dict[str, Any]) -> str:
    """Return how many networks a cell has, under the primary condition and the others.

    Where activations were given cells have as many as there are, so the sum is told.
    """
    first, trained = int(summary["networks_per_ensemble"]), int(summary["networks_trained"])
    if trained != first * int(summary["cells"]):
        return f"{count(trained, 'network')} under the first condition"
    others = int(summary["networks_per_control"])
    text = f"{count(first, 'network')} each"
    return text if first == others else f"{text}, {others} where a condition is not the first"


def make_variables(summary: dict[str, Any], labels: Labels, confidence: float) -> dict[str, Any]:
    """Return the variables of the document but for provenance; all values are Markdown."""
    measures = list(summary["measures"])
    conditions = [labels.title("conditions", name) for name in summary["conditions"]]
    first = labels.title("conditions", summary["condition"])
    return {
        "study": str(summary["study"]),
        "networks": {
            "trained": str(summary["networks_trained"]),
            "all": str(summary["networks_all_conditions"]),
            "per_ensemble": _per_ensemble(summary),
            "kept": str(summary["kept"]),
            "connected": str(summary["connected_at_k_star"]),
            "negative": str(summary["negative"]),
        },
        "scope": {
            "cells": count(int(summary["cells"]), "cell"),
            "data_sets": count(len(summary["data_sets"]), "data set"),
            "architectures": count(len(summary["architectures"]), "architecture"),
            "conditions": ", ".join(map(escape, conditions)),
            "measures": ", ".join(f"`{name}`" for name in measures),
            "condition": escape(first),
            "measure": f"`{summary['primary_measure']}`",
            "confidence": f"{100 * confidence:g} %",
        },
        "numbers": {name: number_text(constant(place)) for name, place in NUMBERS.items()},
        "result": {
            "sign": sign_sentence(summary, labels),
            "regression": regression_sentence(summary, confidence),
            "within": within_sentence(summary),
            "fit": regression_phrase(summary),
            "slope": estimate_phrase(summary, confidence),
        },
    }
