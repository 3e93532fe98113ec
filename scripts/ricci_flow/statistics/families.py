"""Families of tests: which p values are corrected together."""

from typing import Any


def correct(rows: list[dict[str, Any]], family: str) -> None:
    """Name the family of `rows` and add p values corrected over those of them that have one.

    Adds `family`, `p_holm` (Holm 1979: the chance of any false finding in the family) and
    `p_benjamini_hochberg` (1995: the share of false ones among the findings).
    """
    from statsmodels.stats.multitest import multipletests

    tested = [row for row in rows if row.get("p") is not None]
    for row in rows:
        row["family"] = family
    if tested:
        p = [row["p"] for row in tested]
        for name, method in (("p_holm", "holm"), ("p_benjamini_hochberg", "fdr_bh")):
            for row, value in zip(tested, multipletests(p, method=method)[1], strict=True):
                row[name] = float(value)
