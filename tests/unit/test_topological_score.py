"""The score of Suresh et al. on the Betti numbers that they released, and the page with it."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from ricci_flow.analysis.topological_score import topological_score
from ricci_flow.report.text import number, pipe_table
from ricci_flow.yaml_file import load_yaml

FILE = Path("reports/published/suresh2023.yaml")
# By their own code, on the arrays that the table is the means of.
THEIRS = [0.2034, 0.1944, 0.1466, 0.0134, 0.0084, 0.0556, -0.0311, -0.0315, -0.0286]


def published():
    content = load_yaml(FILE)
    table = pl.read_csv(FILE.parent / content["omega"])
    blocks = {
        str(name): part["omega"].to_numpy()
        for (name,), part in table.group_by("model", maintain_order=True)
    }
    return content["accuracy"], blocks


def test_scores_are_theirs_and_rank_accuracy_the_other_way_round():
    accuracy, blocks = published()
    assert list(blocks) == list(accuracy)
    scores = [topological_score(omega) for omega in blocks.values()]
    assert np.round(scores, 4).tolist() == THEIRS
    assert stats.spearmanr(scores, list(accuracy.values())).statistic == pytest.approx(-0.90)


def test_score_is_that_of_the_normal_equations():
    omega = np.array([9.0, 14, 7, 6, 2])
    powers = np.vander(np.arange(1.0, 6), 4, increasing=True)
    penalty = np.diag([0, 1e-3, 1e-3, 1e-3])
    fitted = np.linalg.solve(
        powers.T @ powers + penalty, powers.T @ (omega / np.sqrt((omega**2).sum()))
    )
    assert topological_score(omega) == pytest.approx(fitted @ [0, 1, 0.5, 0.5], rel=1e-8)


def test_the_page_shows_them():
    accuracy, blocks = published()
    rows = [
        [
            name, *(f"{value:,.0f}" for value in (len(omega), omega[0], omega.max(), omega[-1])),
            number(topological_score(omega), 4), f"{accuracy[name]:.2f}",
        ]
        for name, omega in blocks.items()
    ]  # fmt: skip
    headings = ["network", "blocks", "Ω: first", "largest", "last", "θ", "accuracy (%)"]
    assert pipe_table(headings, rows) in Path("config/atlas/betti.md").read_text("utf-8")
