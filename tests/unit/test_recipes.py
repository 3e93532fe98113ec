"""Recipes held against published curves: by a literal loop, and by curves that are known."""

import numpy as np
import polars as pl
import pytest

from ricci_flow.analysis.cells import CellMoments, pair_sums
from ricci_flow.analysis.published import FIGURE3_SCHEMA
from ricci_flow.analysis.recipes import recipe_table
from ricci_flow.report.recipes import recipes_page

KS = [5, 10, 20]
NETWORKS, LAYERS = 6, 5


def measured(seed, kept=range(NETWORKS)):
    """Return random masses and curvatures (networks, ks, layers) and the moments of the kept."""
    generator = np.random.default_rng(seed)
    mass = generator.normal(size=(NETWORKS, len(KS), LAYERS)).cumsum(axis=2)
    curvature = generator.normal(size=mass.shape) - 0.4 * mass
    kept = list(kept)
    return mass, curvature, CellMoments(50, kept, KS, pair_sums(mass[kept], curvature[kept]))


def pooled(mass, curvature, networks, k):
    eta = np.concatenate([np.diff(mass[s, k]) for s in networks])
    ric = np.concatenate([curvature[s, k, :-1] for s in networks])
    return float(np.corrcoef(eta, ric)[0, 1])


def rms(differences):
    return float(np.sqrt(np.mean(np.square(differences))))


@pytest.fixture
def study():
    cells = {
        ("short", "forman_directed", "A", "wide"): measured(1, [0, 1, 2, 4, 5]),
        ("short", "forman_directed", "A", "narrow"): measured(2, [0, 3, 5]),
        ("long", "forman_directed", "A_other", "wide"): measured(3),
        ("long", "forman_directed", "A_other", "narrow"): measured(4),
    }
    generator = np.random.default_rng(9)
    rows = [
        (data_set, architecture, k, float(generator.uniform(-0.8, 0.8)))
        for architecture in ("wide", "narrow")
        for k in KS
        for data_set in ("A",)
    ]
    rows += [("A_other", *row[1:]) for row in rows]
    return cells, pl.DataFrame(rows, schema=FIGURE3_SCHEMA, orient="row")


def table_of(cells, figure3, seen=("wide",)):
    moments = {key: cell[2] for key, cell in cells.items()}
    sizes = dict.fromkeys(cells, NETWORKS)
    return recipe_table(moments, sizes, figure3, {"A": "A", "A_other": "A"}, seen)


def test_distances_are_those_of_a_literal_loop(study):
    cells, figure3 = study
    table = table_of(cells, figure3)
    assert table["published_as"].to_list() == ["A", "A"]
    for row in table.iter_rows(named=True):
        for side, architecture in (("seen", "wide"), ("unseen", "narrow")):
            mass, curvature, kept = cells[
                row["condition"], "forman_directed", row["data_set"], architecture
            ]
            published = figure3.filter(data_set=row["data_set"], architecture=architecture)
            theirs = published["rho"].to_numpy()
            ours = [pooled(mass, curvature, kept.networks, k) for k in range(len(KS))]
            assert row[f"rms_{side}"] == pytest.approx(rms(ours - theirs), abs=1e-9)
            assert row[f"pearson_{side}"] == pytest.approx(np.corrcoef(ours, theirs)[0, 1])
            for half, numbers in (("first", range(3)), ("second", range(3, 6))):
                chosen = [s for s in kept.networks if s in numbers]
                ours = [pooled(mass, curvature, chosen, k) for k in range(len(KS))]
                if side == "unseen":
                    assert row[f"rms_unseen_{half}_half"] == pytest.approx(rms(ours - theirs))
    first, second = table.iter_rows(named=True)
    assert first["rms_seen"] <= second["rms_seen"]  # the nearest of a data set first


def test_networks_are_counted(study):
    cells, figure3 = study
    short = table_of(cells, figure3).filter(condition="short").row(0, named=True)
    assert (short["cells"], short["networks"], short["kept"]) == (2, 12, 8)
    assert short["kept_least"] == 0.5
    assert short["connected"] == 8
    assert short["values"] == 6


def test_a_study_that_is_the_published_one(study):
    cells, _ = study
    rows = [
        (key[2], key[3], k, pooled(mass, curvature, kept.networks, place))
        for key, (mass, curvature, kept) in cells.items()
        for place, k in enumerate(KS)
    ]
    published = pl.DataFrame(rows, schema=FIGURE3_SCHEMA, orient="row")
    table = table_of(cells, published)
    for row in table.iter_rows(named=True):
        assert row["rms_seen"] == pytest.approx(0, abs=1e-9)
        assert row["rms_unseen"] == pytest.approx(0, abs=1e-9)
        assert row["pearson_unseen"] == pytest.approx(1)
        assert row["strong_same_sign"] in (None, 1)
        assert row["k_within_2"] == row["cells"]
        # Half of the networks are other networks.
        assert row["rms_unseen_first_half"] > 0.01


def test_a_cell_without_kept_networks_has_no_coefficient_and_is_counted(study):
    cells, figure3 = study
    cells["short", "forman_directed", "A", "narrow"] = measured(2, [])
    row = table_of(cells, figure3).filter(condition="short").row(0, named=True)
    assert row["kept_least"] == 0
    assert row["rms_unseen"] is None
    assert row["rms_seen"] is not None
    page = recipes_page(table_of(cells, figure3))
    assert "not defined" in page
    assert "5 of 12" in page
