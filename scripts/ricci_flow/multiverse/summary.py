"""What a verdict depends on: shares of specifications, variance explained, single changes.

Shares are of specifications, which rest on the same networks: they are no probabilities.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.claims.base import Claim
from ricci_flow.claims.verdicts import AS_COUNTED, NOT_REPRODUCED, REPRODUCED, UNDECIDED
from ricci_flow.multiverse.choices import DIMENSIONS, Option
from ricci_flow.tables.multiverse import CHOICES, EFFECTS, VERDICTS

# Share of the specifications with the same verdict from which on it holds in them.
NEARLY_ALL, MOST = 0.9, 2 / 3
IN_NEARLY_ALL, IN_MOST, DEPENDS = "in nearly all", "in most", "depends on"


def choices_table(options: Mapping[str, Mapping[str, Option]]) -> pl.DataFrame:
    """Return choices.parquet."""
    return CHOICES.frame(
        {
            "choice": choice,
            "option": name,
            "title": option.title,
            "plausible": option.plausible,
            "reason": option.reason,
            "own": choice != "k" and place == 0,
        }
        for choice, of in options.items()
        for place, (name, option) in enumerate(of.items())
    )


def verdicts_tables(
    specifications: pl.DataFrame, claims: Sequence[Claim]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return multiverse.parquet and choice_effects.parquet, of specifications.parquet."""
    verdicts, effects = [], []
    for claim in claims:
        every = specifications.filter(pl.col("control").is_null(), key=claim.key)
        head = {"claim": claim.number, "key": claim.key}
        plausible = every.filter("plausible").to_dicts()
        own = every.filter("own").row(0, named=True)
        found = [
            head | effect
            for name in DIMENSIONS
            if (effect := _effect(name, plausible, own, logarithm=claim.unit == "ratio"))
        ]
        effects += found
        others = every.filter(~pl.col("plausible"))["verdict"].to_list()
        verdicts.append(head | _verdicts(plausible, own["verdict"], others, found))
    return VERDICTS.frame(verdicts), EFFECTS.frame(effects)


def _verdicts(
    plausible: Sequence[Mapping[str, Any]],
    own: str,
    others: Sequence[str],
    effects: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    found = [row["verdict"] for row in plausible]
    same = found.count(own) / len(found)
    changing = max(effects, key=lambda effect: effect["changes"] or 0.0, default=None)
    return {
        "verdict": own,
        "specifications": len(found),
        "same": same,
        "reproduced": found.count(REPRODUCED),
        "as_counted": found.count(AS_COUNTED),
        "undecided": found.count(UNDECIDED),
        "not_reproduced": found.count(NOT_REPRODUCED),
        "implausible": len(others),
        "implausible_same": list(others).count(own) / len(others) if others else None,
        "standing": IN_NEARLY_ALL if same >= NEARLY_ALL else IN_MOST if same >= MOST else DEPENDS,
        "depends_on": changing["choice"] if changing and changing["changes"] else None,
    }


def _effect(
    name: str, rows: Sequence[Mapping[str, Any]], own: Mapping[str, Any], *, logarithm: bool
) -> dict[str, Any] | None:
    """Return the row of one choice; None where it has one option."""
    options = list(dict.fromkeys(row[name] for row in rows))
    if len(options) < 2:
        return None
    others = [other for other in DIMENSIONS if other != name]
    groups: dict[tuple[Any, ...], dict[str, str]] = {}
    for row in rows:
        groups.setdefault(tuple(row[o] for o in others), {})[row[name]] = row["verdict"]
    pairs = [a != b for group in groups.values() for a, b in combinations(group.values(), 2)]
    around = groups.get(tuple(own[o] for o in others), {})
    changed = [option for option, verdict in around.items() if verdict != own["verdict"]]
    return {
        "choice": name,
        "options": len(options),
        "explained": explained(
            [row["value"] for row in rows], [row[name] for row in rows], logarithm=logarithm
        ),
        "pairs": len(pairs),
        "changes": float(np.mean(pairs)) if pairs else None,
        "from_own": ", ".join(changed) or None,
    }


def explained(
    values: Sequence[float | None], options: Sequence[str], *, logarithm: bool = False
) -> float | None:
    """Return the share of the variance of some values that lies between the means of options.

    The correlation ratio eta squared of a one-way analysis of variance; with all combinations of
    choices the shares of the choices add up to 1 at most, and interactions are the rest. None
    where nothing varies. logarithm: of the logarithms, as ratios are compared.
    """
    known = [(v, o) for v, o in zip(values, options, strict=True) if v is not None]
    numbers = np.array([v for v, _ in known], dtype=float)
    numbers = np.log(numbers) if logarithm else numbers
    total = float(((numbers - numbers.mean()) ** 2).sum()) if len(numbers) else 0.0
    if total <= 1e-12 * float((numbers**2).sum()):
        return None
    names = np.array([o for _, o in known])
    means = {o: numbers[names == o].mean() for o in set(names.tolist())}
    between = sum((names == o).sum() * (m - numbers.mean()) ** 2 for o, m in means.items())
    return float(between / total)
