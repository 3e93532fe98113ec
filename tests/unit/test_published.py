"""Published values, the comparison with them, and the quantities behind the claims."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ricci_flow.analysis.comparison import compare_cells, fit_to_published
from ricci_flow.analysis.published import NOTHING_PUBLISHED, read_published
from ricci_flow.claims.base import StudyView
from ricci_flow.claims.ledger import claims_table
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.errors import InputError

PUBLISHED_FILE = Path("reports/published/baptista2024.yaml")
PUBLISHED = read_published(PUBLISHED_FILE)


def test_published_values_are_the_papers():
    assert list(PUBLISHED["funnel"].values()) == [1512, 1361, 1227, 1144]
    assert PUBLISHED["negative_share"] == pytest.approx(1144 / 1227, abs=5e-4)
    cells = [value for row in PUBLISHED["cells"].values() for value in row.values()]
    assert len(cells) == 42
    assert PUBLISHED["cells"]["mnist_6v8"]["narrow_5"] == [500, -0.09]
    assert PUBLISHED["cells"]["C"]["bottleneck_11"] == [7, -0.37]
    assert all(-1 < rho < 0 for _, rho in cells)


def test_missing_published_values_are_named(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("funnel: {}\n")
    with pytest.raises(InputError, match=r"p\.yaml"):
        read_published(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  trained: 1512", "  trained: many", "'funnel.trained' is 'many'"),
        ("  trained: 1512", "  training: 1512", "'funnel.training' is 1512"),
        ("  t: -2.27", "  t_value: -2.27", "'regression.t' is no number"),
    ],
)
def test_wrong_published_values_are_named(tmp_path, old, new, said):
    path = tmp_path / "p.yaml"
    text = PUBLISHED_FILE.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new).replace("figure3:", "# figure3:"), "utf-8")
    with pytest.raises(InputError, match=re.escape(f"p.yaml: key {said}")):
        read_published(path)


def cells():
    rows = [
        # data set, architecture, k, rho, is k*
        ("A", "narrow_5", 30, -0.5, True),
        ("A", "narrow_5", 50, -0.1, False),
        ("A", "wide_5", 30, 0.2, False),
        ("A", "wide_5", 50, 0.1, True),
        ("mnist_6v8", "narrow_5", 250, -0.4, True),
        ("mnist_6v8", "narrow_5", 500, -0.2, False),
        ("mnist_1v7", "wide_5", 350, None, False),
        ("mine", "narrow_5", 9, -0.3, True),
    ]
    table = pl.DataFrame(
        rows, schema=["data_set", "architecture", "k", "rho", "is_k_star"], orient="row"
    )
    return table.with_columns(
        condition=pl.lit("trained"),
        measure=pl.lit("forman_directed"),
        reason=pl.when(pl.col("rho").is_null()).then(pl.lit("why")),
    )


def test_comparison_has_the_cells_that_both_have():
    table = compare_cells(cells(), PUBLISHED)
    assert table.select(
        "data_set",
        "architecture",
        "published_k",
        "published_rho",
        "k",
        "rho",
        "rho_at_published_k",
        "reason",
    ).rows() == [
        ("A", "narrow_5", 30, -0.38, 30, -0.5, -0.5, None),
        ("A", "wide_5", 30, -0.40, 50, 0.1, 0.2, None),
        ("mnist_6v8", "narrow_5", 500, -0.09, 250, -0.4, -0.2, None),
        ("mnist_1v7", "wide_5", 350, -0.77, None, None, None, "why"),
    ]


def test_fit_is_what_it_says():
    fit = fit_to_published(compare_cells(cells(), PUBLISHED), cells(), PUBLISHED).row(0, named=True)
    assert (fit["cells"], fit["undefined"]) == (4, 1)
    differences = np.array([-0.5 + 0.38, 0.1 + 0.40, -0.4 + 0.09])
    assert fit["rms_difference"] == pytest.approx(np.sqrt((differences**2).mean()))
    there = np.array([-0.5 + 0.38, 0.2 + 0.40, -0.2 + 0.09])
    assert fit["rms_difference_at_published_k"] == pytest.approx(np.sqrt((there**2).mean()))
    assert fit["same_sign"] == pytest.approx(2 / 3)
    # Ours rank -.5 < -.4 < .1; the paper's -.40 < -.38 < -.09 with cells 2, 1, 3.
    assert fit["spearman"] == pytest.approx(-0.5)
    assert fit["median_k_ratio"] == 1
    # k* 30, 50, 250 where the paper has 30, 30, 500: a half and the double count as near.
    assert fit["k_within_2"] == 3


def test_nothing_in_common_gives_empty_tables():
    comparison = compare_cells(cells(), NOTHING_PUBLISHED)
    assert len(comparison) == len(fit_to_published(comparison, cells(), NOTHING_PUBLISHED)) == 0


def test_claims_count_what_they_say():
    names = {"condition": "trained", "measure": "forman_directed"}
    layers = pl.DataFrame(
        [
            names | {"data_set": d, "architecture": a, "layer": layer, "curvature": value}
            for d, a, values in (
                ("A", "narrow_5", (-1.0, -2.0, -3.0)),
                ("A", "wide_5", (-3.0, -2.0, -2.5)),
                ("mine", "narrow_5", (-3.0, -2.0, -1.0)),
            )
            for layer, value in enumerate(values, 1)
        ]
    )
    networks = pl.DataFrame(
        [
            names | {"kept": kept, "rho": rho}
            for kept, rho in ((True, -0.1), (True, 0.3), (True, None), (False, -0.9), (True, -0.2))
        ]
    )
    regression = pl.DataFrame(
        [names | {"coefficient": "z_printed", "term": "z_printed", "t": -1.5, "observations": 3}]
    )
    tables = {"cells": cells(), "layers": layers, "networks": networks, "regression": regression}
    points = {"A": 1000, "mine": 90, "mnist_6v8": 1932, "mnist_1v7": 2163}
    groups = {name: "synthetic" if name == "A" else "real" for name in points}
    curves = [names | {"fixed": fixed, "rho": rho} for fixed, rho in
              ((True, -0.1), (False, -0.2), (True, 0.3), (True, None))]  # fmt: skip
    tables |= {"k_curves": pl.DataFrame(curves), "fixed": networks.with_columns(rho=-pl.col("rho"))}
    rows = claims_table(StudyView(tables, points, groups, PUBLISHED), chosen_claims()).rows(
        named=True
    )
    at_a_tenth = [row for row in rows if row["quantity"].endswith("at a tenth of n")]
    assert [(r["claim"], r["hits"], r["of"]) for r in at_a_tenth] == [(1, 1, 2), (5, 1, 3)]
    rows = [row for row in rows if row not in at_a_tenth]
    found = {(row["claim"], row["quantity"].split(" on ")[-1]): row for row in rows}
    assert [row["claim"] for row in rows] == [1, 2, 2, 3, 3, 4, 5]
    assert (rows[0]["hits"], rows[0]["of"]) == (3, 5)
    assert found[2, "synthetic data"]["value"] == pytest.approx((0.03 + 0.05) / 2)
    assert found[2, "synthetic data"]["low"] == 0.03
    assert found[2, "images and tables"]["value"] == pytest.approx((250 / 1932 + 0.1) / 2)
    # Published, over the six cells of A alone: k* 30, 30, 50, 100, 90, 100 of 1000.
    assert found[2, "synthetic data"]["published"] == pytest.approx(0.07)
    assert [(row["hits"], row["of"]) for row in rows[3:5]] == [(1, 2), (1, 1)]
    assert (rows[5]["published"], rows[5]["value"]) == (-2.27, -1.5)
    assert (rows[6]["hits"], rows[6]["of"]) == (2, 3)
