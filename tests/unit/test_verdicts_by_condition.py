"""Verdicts by condition: the figure, the sentence, and when the conditions differ in epochs."""

from pathlib import Path

import polars as pl
import pytest

from ricci_flow.claims.registry import chosen_claims
from ricci_flow.claims.verdicts import EVERY
from ricci_flow.errors import InputError
from ricci_flow.figures.style import save_svg
from ricci_flow.figures.verdicts import draw as draw_verdicts
from ricci_flow.report.verdicts import verdicts_section, verdicts_sentence
from ricci_flow.study.model import load_study
from ricci_flow.yaml_file import load_yaml
from tests.fixtures import synthetic_statistics

REPORTS = Path("reports")
RULES = {claim.number: claim.rule for claim in chosen_claims()}
EPOCHS = {"trained": 50, "short": 5}


@pytest.fixture(scope="module")
def ledger():
    """Two conditions; of the second claim 1 is reproduced and claim 4 has no value."""
    first = synthetic_statistics.ledger_rows().filter(measure="forman_directed")
    first = first.with_columns(value=pl.col("value").fill_null(0.5))
    own, claim = pl.col("control").is_null(), pl.col("claim")
    short = first.with_columns(
        condition=pl.lit("short"),
        verdict=pl.when(own & (claim == 1)).then(pl.lit("not reproduced")).otherwise("verdict"),
        value=pl.when(claim != 4).then("value"),
    )
    return pl.concat([first, short])


def marks(axis):
    """The marks of a panel: x, y, marker."""
    found = [line for line in axis.lines if line.get_marker() not in ("None", "none", None, "")]
    return [(line.get_xdata()[0], line.get_ydata()[0], line.get_marker()) for line in found]


def levels(axis):
    """Heights of the lines across a panel."""
    lines = [line for line in axis.lines if list(line.get_xdata()) == [0, 1]]
    return {line.get_ydata()[0] for line in lines}


def test_every_estimate_is_at_its_condition_with_the_mark_of_its_verdict(ledger, tmp_path):
    figure = draw_verdicts(ledger, EPOCHS)
    assert len(figure.axes) == 5
    own = ledger.filter(pl.col("control").is_null())
    shapes = {"reproduced": "o", "reproduced as counted": "s", "undecided": "D"}
    for claim, axis in enumerate(figure.axes, start=1):
        rows = own.filter(pl.col("value").is_not_null(), claim=claim)
        expected = [
            (EPOCHS[row["condition"]], row["value"], shapes.get(row["verdict"], "X"))
            for row in rows.iter_rows(named=True)
        ]
        assert marks(axis) == expected
        assert [text.get_text() for text in axis.texts] == ["not defined"] * (2 - len(rows))
    assert figure.axes[0].get_xscale() == "log"
    for file in ("a.svg", "b.svg"):
        save_svg(draw_verdicts(ledger, EPOCHS), tmp_path / file)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_lines_are_the_values_that_verdicts_are_made_by_and_the_published_one(ledger):
    first, second, third, fourth, fifth = draw_verdicts(ledger, {}).axes
    assert levels(first) == {RULES[1].null, EVERY, 0.9}
    assert levels(second) == {RULES[2].null, RULES[2].margin, 0.9}
    assert levels(third) == {RULES[3].null, RULES[3].margin}
    # The paper's number for claim 4 is another quantity.
    assert levels(fourth) == {RULES[4].null, RULES[4].margin}
    assert levels(fifth) == {RULES[5].null, RULES[5].margin, 0.9}


def test_conditions_that_differ_otherwise_stand_in_their_order(ledger):
    axis = draw_verdicts(ledger, {}).axes[0]
    assert [x for x, _, _ in marks(axis)] == [0, 1]
    assert axis.get_xscale() == "linear"
    lowest = axis.figure.axes[-1]
    assert [label.get_text() for label in lowest.get_xticklabels()] == ["trained", "short"]


def test_the_sentence_names_claims_whose_verdicts_differ(ledger):
    own = ledger.filter(pl.col("control").is_null())
    assert verdicts_sentence(own) == (
        "Verdicts that differ between conditions: claim 1 is *reproduced* in trained and "
        "*not reproduced* in short. In both conditions, claim 2 is *undecided*, claim 3 is "
        "*not reproduced*, claim 4 is *reproduced as counted* and claim 5 is *reproduced*."
    )
    same = own.filter(pl.col("claim") > 3)
    assert verdicts_sentence(same) == (
        "No verdict differs between conditions: in both conditions claim 4 is *reproduced as "
        "counted* and claim 5 is *reproduced*."
    )


def test_only_a_study_that_judges_several_conditions_has_the_section(ledger, tmp_path):
    text = verdicts_section(ledger, "forman_directed", REPORTS)
    assert "claim 1 is *reproduced* in trained" in text
    assert "figures/_verdicts.md" in text
    assert verdicts_section(ledger.filter(condition="trained"), "forman_directed", REPORTS) == ""
    (tmp_path / "_verdicts.md").write_text("nothing")
    with pytest.raises(InputError, match=r"_verdicts\.md: has no place \[\[sentence\]\]"):
        verdicts_section(ledger, "forman_directed", tmp_path)


def study(**changes):
    return load_study({**load_yaml(Path("config/epochs.yaml")), **changes})


def test_epochs_of_the_study_that_differs_in_nothing_else():
    shipped = study()
    assert shipped.judged() == ["epochs_50", "epochs_20", "epochs_10", "epochs_5", "epochs_2"]
    assert shipped.epochs() == {f"epochs_{n}": n for n in (50, 20, 10, 5, 2)}
    assert shipped.controls() == ["untrained"]


def test_epochs_say_nothing_of_conditions_that_differ_in_more_or_less():
    # Another recipe; the same epochs twice; epochs that depend on the data set.
    assert study(conditions=["epochs_5", "tail_raw"], primary=None).epochs() == {}
    assert study(conditions=["trained", "epochs_50"], primary=None).epochs() == {}
    of_one = {"by_data_set": {"B": {"epochs": 7}}}
    assert study(conditions=["trained", "epochs_5"], primary=None, training=of_one).epochs() == {}
    found = study(conditions=["trained", "epochs_5"], primary=None).epochs()
    assert found == {"trained": 50, "epochs_5": 5}
