"""The page of results in the guide, made from the kept tables of the paper's study."""

from pathlib import Path
from typing import Any

import polars as pl

from ricci_flow.claims.registry import claim_of
from ricci_flow.report.multiverse import choices_sentence, verdicts_table
from ricci_flow.report.text import number, percent, pipe_table, significant
from ricci_flow.storage import read_table
from ricci_flow.tables.multiverse import VERDICTS

_MEASURE = {"measure": "forman_directed"}
_NETWORKS = {"condition": "trained"}
_CONTROLS = {
    "untrained": "untrained",
    "shuffled_labels": "shuffled labels",
    "linear": "linear",
    "random_features": "random features",
}
_SETTINGS = {
    "subsample": "half of the points",
    "rescaled": "hidden units rescaled",
    "with_input": "input as a layer",
    "with_output": "output as a layer",
    "with_input_and_output": "both as layers",
}
_POLICIES = {
    "exclude": "network excluded",
    "largest_component": "largest component",
    "mst": "spanning tree added",
}
_PAPER, _LONGER = "paper", "paper_50_epochs"
# Of the second paper: kept studies, and which claims are taken from each.
_SECOND = {
    "hehl2025": (
        *("local_negative", "deeper_networks", "wider_networks", "middle_layers", "rising_gap"),
        "rising_modularity",
    ),
    "hehl2025_residual": ("residual_monotone",),
    "hehl2025_training": ("early_stopping",),
}


_SECOND_CONTROLS = {
    "untrained": "untrained",
    "untrained_glorot": "Glorot",
    "shuffled_labels": "shuffled labels",
    "linear": "linear",
    "layer orders": "random order",
}


def results_page(kept: Path) -> str:
    """Return the Markdown of the page.

    kept: the folder with `paper`, `paper_50_epochs`, `multiverse`, `epochs` and the studies of the
    second paper, each with `statistics/`. Raises InputError, one line, where a table is missing or
    damaged.
    """
    parts = [
        "# Results\n",
        "Made by `python scripts/write_results_page.py` from the kept tables; do not edit. All"
        " numbers but the last table's are for the\nmeasure `forman_directed`. The claims and"
        " their verdicts are in the [README](../../README.md); definitions are in"
        " [method](method.md).\n",
        "## The paper's counts\n",
        _counts(kept),
        "## Distance to the paper's Figure 3\n",
        "All 42 curves over *k*, 570 values. *Clear signs*: values with a published size above"
        " 0.3 whose sign is right.\n",
        _curves(kept),
        "## Depth, and a *k* fixed beforehand\n",
        "Share of networks with a negative coefficient. *Random order*: the same with the layers"
        " of each network in random order.\n*Below random orders*: networks below 95 % of their"
        " own random orders; chance gives 5 %.\n",
        _depths(kept),
        "## Graphs that are not connected\n",
        "Kept networks at the *k*\\* of their cell, under three ways to treat graphs that are not"
        " connected.\n",
        _policies(kept),
        "## Robustness\n",
        "First two networks of each cell, *k* at 5 and 10 % of *n*. *Sign changes*: share of"
        " coefficients whose sign differs from that\nof the main measurement.\n",
        _robustness(kept),
        "## Over all choices\n",
        "Every claim under all combinations of choices ([study](../multiverse/README.md),"
        " [choices](method.md#all-choices)).\n" + choices_sentence(_verdicts(kept)) + "\n",
        verdicts_table(_verdicts(kept)),
        "## Epochs\n",
        "Claims 1 and 5 by the number of epochs ([study](../epochs/README.md)): six data sets, two"
        " architectures.\n",
        _epochs(kept),
        "## A second paper\n",
        "The claims of Hehl et al. (arXiv 2509.22362), measure `augmented_forman`, by the same"
        " rules. [Studies](../hehl2025/README.md):\n[residual networks]"
        "(../hehl2025_residual/README.md) for claim 7, [over training]"
        "(../hehl2025_training/README.md) for claim 8.\n",
        _second(kept),
    ]
    return "\n".join(parts)


def _table(kept: Path, study: str, name: str) -> pl.DataFrame:
    return read_table(kept / study / "statistics" / f"{name}.parquet").filter(**_MEASURE)


def _counts(kept: Path) -> str:
    columns = []
    for study in (_PAPER, _LONGER):
        funnel = _table(kept, study, "funnel").filter(**_NETWORKS)
        slope = _table(kept, study, "regression").filter(
            coefficient="z_printed", term="z_printed", **_NETWORKS
        )
        columns.append([*funnel["networks"].to_list(), slope["t"][0]])
    funnel = _table(kept, _PAPER, "funnel").filter(**_NETWORKS)
    link = _table(kept, _PAPER, "ledger").filter(
        pl.col("control").is_null(), key="accuracy_link", **_NETWORKS
    )
    published = [*funnel["published"].to_list(), link["published"][0]]
    names = [f"networks: {step}" for step in funnel["step"]]
    names.append("*t* of the coefficient in the regression")
    rows = [
        [name, *(_count(value) for value in values)]
        for name, *values in zip(names, published, *columns, strict=True)
    ]
    return pipe_table(["count", "paper", "here", "here, 50 epochs"], rows)


def _count(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else number(value)


def _curves(kept: Path) -> str:
    fit = _table(kept, _PAPER, "fit").filter(pl.col("data_set").is_null())
    rows = []
    for condition in ("trained", *_CONTROLS):
        row = fit.row(by_predicate=pl.col("condition") == condition, named=True)
        rows.append(
            [
                _CONTROLS.get(condition, condition),
                number(row["curve_rms"]),
                number(row["curve_pearson"]),
                f"{percent(row['strong_same_sign'])} of {row['strong']}",
                f"{row['k_within_2']} of {row['cells']}",
            ]
        )
    headings = ["networks", "root mean square", "Pearson", "clear signs"]
    return pipe_table([*headings, "*k*\\* within a factor of 2"], rows)


def _depths(kept: Path) -> str:
    nulls = _table(kept, _PAPER, "nulls")
    rows = []
    for condition in ("trained", *_CONTROLS):
        for row in nulls.filter(condition=condition).sort("depth").iter_rows(named=True):
            rows.append(
                [
                    _CONTROLS.get(condition, condition),
                    str(row["depth"]),
                    *(percent(row[name]) for name in ("negative", "null_negative")),
                    *(percent(row[f"fixed_{name}"]) for name in ("negative", "null_negative")),
                    percent(row["fixed_significant_orders"]),
                ]
            )
    headings = ["networks", "layers", "at *k*\\*", "random order", "at the fixed *k*"]
    return pipe_table([*headings, "random order", "below random orders"], rows)


def _verdicts(kept: Path) -> pl.DataFrame:
    return read_table(kept / "multiverse" / "statistics" / "multiverse.parquet", VERDICTS)


def _policies(kept: Path) -> str:
    policies = _table(kept, _PAPER, "policies").filter(**_NETWORKS)
    rows = []
    for row in policies.iter_rows(named=True):
        counts = ("coefficients", "negative", "regained", "regained_negative")
        rows.append([_POLICIES[row["policy"]], *(_count(row[name]) for name in counts)])
    headings = ["graphs that are not connected", "coefficients", "negative", "regained"]
    return pipe_table([*headings, "negative of these"], rows)


def _robustness(kept: Path) -> str:
    table = _table(kept, _PAPER, "settings")
    rows = []
    for name, words in _SETTINGS.items():
        found: dict[str, dict[str, Any]] = {
            row["condition"]: row for row in table.filter(setting=name).iter_rows(named=True)
        }
        pair = (found["trained"], found["untrained"])
        rows.append(
            [
                words,
                *(percent(row["flips"]) for row in pair),
                *(significant(row["spearman"]) for row in pair),
            ]
        )
    headings = ["change", "sign changes, trained", "untrained"]
    return pipe_table([*headings, "rank correlation, trained", "untrained"], rows)


def _epochs(kept: Path) -> str:
    keys = ("some_negative_k", "training")
    cells, networks = (claim_of(key).number for key in keys)
    ledger = _table(kept, "epochs", "ledger").filter(pl.col("control").is_null())
    rows = []
    for condition in ledger["condition"].unique(maintain_order=True):
        if not condition.startswith("epochs_"):
            continue
        own = {row["key"]: row for row in ledger.filter(condition=condition).to_dicts()}
        rows.append(
            [
                condition.removeprefix("epochs_"),
                *(_estimate(own[key]) for key in keys),
                percent(own["training"]["fixed"]),
                *(own[key]["verdict"] for key in keys),
            ]
        )
    headings = ["epochs", f"claim {cells}, cells", f"claim {networks}, networks"]
    headings.append(f"claim {networks} at the fixed *k*")
    return pipe_table([*headings, f"verdict, claim {cells}", f"claim {networks}"], rows)


def _second(kept: Path) -> str:
    rows = []
    for study, keys in _SECOND.items():
        ledger = read_table(kept / study / "statistics" / "ledger.parquet").filter(
            measure="augmented_forman", **_NETWORKS
        )
        for key in keys:
            own, *controls = ledger.filter(key=key).iter_rows(named=True)
            beside = {row["control"]: percent(row["value"]) for row in controls}
            named = [beside.pop(name, "none") for name in _SECOND_CONTROLS]
            others = [f"{value} {name}" for name, value in beside.items()]
            rows.append(
                [
                    f"{claim_of(key).number} {claim_of(key).text}",
                    percent(own["published"], missing="no number"),
                    _estimate(own),
                    *named,
                    ", ".join(others) or "none",
                    own["verdict"],
                ]
            )
    headings = ["claim", "paper", "here", *_SECOND_CONTROLS.values(), "others", "verdict"]
    return pipe_table(headings, rows)


def _estimate(row: dict[str, Any]) -> str:
    value, low, high = (percent(row[name]) for name in ("value", "low", "high"))
    return f"{value} ({low.removesuffix(' %')} to {high})"
