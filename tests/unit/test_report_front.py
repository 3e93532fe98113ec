"""The front page: its two figures, and the sentences of its answer."""

import numpy as np
import polars as pl
import pytest

from ricci_flow.analysis.join import median_pairs
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.figures.claims import draw as draw_claims
from ricci_flow.figures.layer_clouds import median_network, shown_layers, turned
from ricci_flow.figures.style import save_svg
from ricci_flow.multiverse.summary import DEPENDS, IN_MOST, IN_NEARLY_ALL
from ricci_flow.report.answer import (
    controls_sentence,
    of_primary,
    questions,
    verdicts_sentence,
)
from ricci_flow.report.multiverse import choices_sentence
from ricci_flow.storage import write_table
from tests.fixtures import drawing, synthetic_files, synthetic_statistics

PRIMARY = {"condition": "trained", "primary_measure": "forman_directed"}
RULES = {claim.key: claim.rule for claim in chosen_claims()}


@pytest.fixture(scope="module")
def ledger():
    return of_primary(synthetic_statistics.ledger_rows(), PRIMARY)


def estimates(axis):
    """The marks of a panel that are estimates: x, y from above."""
    found = [line for line in axis.lines if line.get_marker() not in ("None", "none", None, "")]
    return [(line.get_xdata()[0], -line.get_ydata()[0]) for line in found]


def uprights(axis):
    return {x[0] for x in (line.get_xdata() for line in axis.lines) if x[0] == x[-1] and len(x) > 1}


def test_every_claim_has_its_estimates_its_published_value_and_its_verdict(ledger, tmp_path):
    figure = draw_claims(ledger)
    keys = ledger.sort("claim")["key"].unique(maintain_order=True).to_list()
    assert len(figure.axes) == len(keys) == 5
    for key, axis in zip(keys, figure.axes, strict=True):
        rows = ledger.filter(key=key).to_dicts()
        expected = [(row["value"], i) for i, row in enumerate(rows) if row["value"] is not None]
        assert estimates(axis) == expected
        assert axis.get_title(loc="right") == rows[0]["verdict"]
        assert RULES[key].null in uprights(axis)
        for row in rows:
            if row["value"] is not None and row["low"] is not None:
                spans = [tuple(line.get_xdata()) for line in axis.lines]
                assert (row["low"], row["high"]) in spans
    published = ledger.filter(pl.col("control").is_null(), key="training")["published"][0]
    assert published in uprights(figure.axes[-1])
    # The paper's number for claim 4 is another quantity.
    assert uprights(figure.axes[3]) == {RULES["accuracy_link"].null}
    for file in ("a.svg", "b.svg"):
        save_svg(draw_claims(ledger), tmp_path / file)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_without_claims_the_figure_says_so(ledger):
    assert "no claim was judged" in draw_claims(ledger.clear()).texts[0].get_text()


def networks(*rhos, kept=True):
    return pl.DataFrame({"network": range(len(rhos)), "rho": rhos, "kept": kept})


def test_the_network_is_the_median_and_no_better_one():
    assert median_network(networks(-0.9, 0.3, -0.1))["network"] == 2
    assert median_network(networks(-0.9, 0.3, -0.1, None, 0.8))["network"] == 2
    assert median_network(networks(0.5, 0.5, 0.1))["network"] == 0
    assert median_network(networks(None, None)) is None
    assert median_network(networks(0.1, kept=False)) is None


def test_it_is_the_network_of_the_table_of_pairs():
    """The table behind the figure of representative networks is made by another code."""
    names = {"data_set": "a", "architecture": "b", "condition": "c", "measure": "m", "k": 3}
    constant = {name: pl.lit(value) for name, value in names.items()}
    for rhos in ((0.3, -0.2, 0.1, 0.7), (0.4, None, -0.6), (0.5, 0.5, 0.5, 0.5)):
        table = networks(*rhos).with_columns(**constant)
        geometry = table.select("network", *names).join(
            pl.DataFrame({"layer": [1, 2], "geodesic_mass": [1.0, 2.0], "curvature": [0.0, 1.0]}),
            how="cross",
        )
        assert median_network(table)["network"] == median_pairs(geometry, table)["network"][0]


def test_layers_are_the_first_the_last_and_evenly_between():
    assert shown_layers(0, 5) == [0, 1, 2, 3, 4, 5]
    assert shown_layers(1, 3) == [1, 2, 3]
    assert shown_layers(0, 10) == [0, 2, 4, 6, 8, 10]
    assert shown_layers(0, 50)[::5] == [0, 50]


def test_a_turned_cloud_is_laid_over_the_one_before():
    cloud = np.random.default_rng(3).normal(size=(40, 2)) * (3, 1)
    for angle, mirror in ((0.4, 1), (2.5, 1), (1.1, -1)):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        moved = cloud @ turn * (1, mirror)
        np.testing.assert_allclose(turned(moved, cloud), cloud, atol=1e-12)
    assert turned(cloud, None) is cloud


def test_the_clouds_of_the_network_are_drawn(tmp_path, capsys):
    synthetic_files.write_data_set(tmp_path / "datasets", "A", n=60)
    synthetic_files.write_ensemble(tmp_path, "A", "narrow_5")
    names = {"data_set": "A", "architecture": "narrow_5", "condition": "trained"}
    table = tmp_path / "networks.parquet"
    of = {**names, "measure": "forman_directed", "k": 4, "kept": True}
    rhos = {"network": [0, 1, 2], "rho": [0.9, -0.256, None]}
    write_table(table, pl.DataFrame(rhos).with_columns(**{k: pl.lit(v) for k, v in of.items()}))
    along = pl.DataFrame({"layer": range(1, 6), "value": [-5e3, -4e3, -6e3, -7e3, -8e3]})
    along = along.with_columns(
        network=1, measure=pl.lit("forman_directed"), k=4, geodesic_mass=pl.col("value") * -2
    )
    place = tmp_path / "measures/A/narrow_5/trained"
    write_table(place / "main.parquet", along)
    files = [
        *(table, tmp_path / "datasets/A.safetensors", tmp_path / "datasets/A.json"),
        tmp_path / "activations/A/narrow_5/trained/layers.safetensors",
        place / "main.parquet",
    ]
    chosen = {"measure": "forman_directed"}
    options = {"select": chosen, "settings": chosen, "titles": {"data_sets": {"A": "two-rolls"}}}
    assert drawing.draw("layer_clouds", tmp_path / "x.svg", *files, **options) == 0
    drawn = (tmp_path / "x.svg").read_text("utf-8")
    # The lower of two; hyphens of titles stay, also beside a minus.
    assert "two-rolls, narrow_5, network 1, k = 4: ρ = −0.26" in drawn
    assert all(f"<!-- {title} -->" in drawn for title in ("input", "layer 1", "layer 5"))
    assert "total curvature (10³)" in drawn
    write_table(table, pl.read_parquet(table).with_columns(rho=pl.lit(None, pl.Float64)))
    assert drawing.draw("layer_clouds", tmp_path / "x.svg", *files, **options) == 0
    assert "no network of the first cell has a coefficient" in (tmp_path / "x.svg").read_text()


def judged(*rows):
    """Rows of a ledger: claim, key, control, value, verdict."""
    columns = ("claim", "key", "control", "value", "verdict")
    made = [dict(zip(columns, row, strict=True)) for row in rows]
    ends = {"low": pl.col("value") - 0.1, "high": pl.col("value") + 0.1, "reason": pl.lit(None)}
    return pl.DataFrame(made).with_columns(condition=pl.lit("as_they_are"), **ends)


OWN = (
    (1, "some_negative_k", None, 0.9, "reproduced"),
    (4, "accuracy_link", None, -0.3, "not reproduced"),
    (5, "training", None, 0.6, "reproduced as counted"),
)


def test_verdicts_are_counted():
    assert verdicts_sentence(judged(*OWN)) == (
        "Of the 3 claims of the paper that this study judges, 1 is *reproduced* (claim 1), 1 is "
        "*reproduced as counted* (claim 5, which means that some control is not clearly exceeded) "
        "and 1 is *not reproduced* (claim 4)."
    )
    two = judged(OWN[0], (2, "size_of_k_star", None, 2.0, "reproduced"))
    assert "2 are *reproduced* (claims 1 and 2)." in verdicts_sentence(two)
    assert verdicts_sentence(two.clear()) == "No claim could be judged."


def test_networks_stand_beside_the_range_of_the_controls():
    controls = (
        (5, "training", "untrained", 0.75, None),
        (5, "training", "linear", 0.5, None),
        (5, "training", "layer orders", None, None),
    )
    said = controls_sentence(judged(*OWN, *controls)).replace("\xa0", " ")
    assert said == (
        "Networks with a negative coefficient at a *k* chosen on others: as\\_they\\_are 60.0 % "
        "(50.0 to 70.0 %); 2 controls from 50.0 % to 75.0 %."
    )
    assert controls_sentence(judged(*OWN)).endswith("; no control has a value.")
    first = controls_sentence(judged(OWN[0]))
    assert first.startswith("Cells with a negative coefficient")


def test_the_answer_says_what_the_verdicts_depend_on():
    assert choices_sentence(None) == ""
    table = pl.DataFrame(
        {
            "claim": [1, 2, 3, 4, 5],
            "standing": [IN_MOST, DEPENDS, IN_NEARLY_ALL, IN_NEARLY_ALL, DEPENDS],
            "depends_on": ["k", "layers", None, "k", "layers"],
        }
    )
    assert choices_sentence(table) == (
        "Over all combinations of plausible choices, the verdict is the same in nearly all for "
        "claims 3 and 4, is the same in most for claim 1 and depends on the layers for claims 2 "
        "and 5."
    )


def test_the_question_is_that_of_the_papers_whose_claims_are_judged(ledger):
    assert questions(ledger).startswith("@baptista2024 asked whether the layers")
    second = ledger.head(1).with_columns(key=pl.lit("local_negative"))
    assert questions(second).startswith("@hehl2025 asked it of single points")
    assert questions(pl.concat([ledger, second])).count("asked") == 2
    assert questions(ledger.clear()) == questions(ledger)
