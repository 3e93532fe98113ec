"""The rules alone: from intervals to verdicts."""

from dataclasses import replace

import pytest

from ricci_flow.analysis.resampling import wilson
from ricci_flow.claims.base import Names
from ricci_flow.claims.cell_measures import CellMeasures
from ricci_flow.claims.estimates import Evidence
from ricci_flow.claims.registry import chosen_claims
from ricci_flow.claims.verdicts import (
    AS_COUNTED,
    EVERY,
    EXCEEDED,
    LAYER_ORDERS,
    MIN_CELLS,
    NO_CONTROL,
    NOT_CLEAR,
    NOT_REPRODUCED,
    REPRODUCED,
    TOO,
    UNDECIDED,
    Control,
    Estimate,
    alone,
    judge,
    standing,
)

CLAIM = {claim.number: claim for claim in chosen_claims()}
RULES = {number: claim.rule for number, claim in CLAIM.items()}
OPEN = (-0.2, 0.2)


def between(low, high, cells=12, wider=0.0):
    """An estimate; over data sets its interval is wider by so much at both ends."""
    value, ends = (low + high) / 2, (low - wider, high + wider)
    return Estimate(value, low, high, cells, None, *ends, data_sets=4)


def control(interval, difference, name="untrained"):
    return Control(name, between(*interval), between(*difference))


@pytest.mark.parametrize(
    ("claim", "interval", "verdict"),
    [
        # Every cell: above a half is not enough where 95 of a hundred are excluded.
        (1, (0.6, EVERY), REPRODUCED),
        (1, (0.6, 0.94), NOT_REPRODUCED),
        (1, (0.5, 1.0), UNDECIDED),
        (2, (1.01, 9.0), REPRODUCED),
        (2, (0.4, 1.49), NOT_REPRODUCED),
        (2, (0.4, 1.5), UNDECIDED),
        (3, (0.51, 0.55), REPRODUCED),
        (3, (0.45, 0.59), NOT_REPRODUCED),
        (3, (0.1, 0.49), NOT_REPRODUCED),
        (3, (0.45, 0.84), UNDECIDED),
        # Negative is the claim's side of claim 4.
        (4, (-0.3, -0.01), REPRODUCED),
        (4, (-0.09, 0.2), NOT_REPRODUCED),
        (4, (0.1, 0.2), NOT_REPRODUCED),
        (4, (-0.11, 0.2), UNDECIDED),
        (5, (0.51, 0.9), REPRODUCED),
        (5, (0.3, 0.59), NOT_REPRODUCED),
        (5, (0.3, 0.61), UNDECIDED),
    ],
)
def test_one_condition_by_itself(claim, interval, verdict):
    assert alone(RULES[claim], between(*interval))[0] == verdict
    few = alone(RULES[claim], between(*interval, cells=MIN_CELLS - 1))
    assert few == (UNDECIDED, "cells: 5, fewer than 6")


def test_what_speaks_for_a_claim_must_hold_over_data_sets():
    rule = RULES[3]
    assert alone(rule, between(0.7, 0.9, wider=0.19))[0] == REPRODUCED
    unsure = between(0.7, 0.9, wider=0.21)
    assert alone(rule, unsure) == (UNDECIDED, "over cells but not over data sets")
    one = replace(unsure, widest_low=None, widest_high=None, data_sets=1)
    assert alone(rule, one) == (UNDECIDED, "data sets: 1, fewer than 2")
    # What speaks against it need not.
    assert alone(rule, between(0.3, 0.5, wider=0.4))[0] == NOT_REPRODUCED
    assert alone(rule, between(0.51, 0.55, wider=0.4))[0] == NOT_REPRODUCED


def test_a_control_is_exceeded_only_where_it_is_over_data_sets_too():
    own = between(0.7, 1.0)

    def beside(wider):
        return [Control("untrained", between(0.6, 0.9), between(0.05, 0.3, wider=wider))]

    assert judge(RULES[3], own, beside(0.04))[0] == REPRODUCED
    assert judge(RULES[5], own, beside(0.04))[0] == REPRODUCED
    for claim in (3, 5):
        assert judge(RULES[claim], own, beside(0.06)) == (AS_COUNTED, f"{TOO}: untrained")


def test_what_is_undefined_is_undecided_and_says_why():
    assert judge(RULES[4], Estimate(reason="no accuracy"), []) == (UNDECIDED, "no accuracy")


def test_controls_count_unless_they_are_clearly_exceeded():
    rule, own = RULES[3], between(0.7, 1.0)
    clear = (0.05, 0.3)
    assert judge(rule, own, [control((0.6, 0.9), OPEN)]) == (AS_COUNTED, f"{TOO}: untrained")
    assert judge(rule, own, [control((0.6, 0.9), clear)]) == (REPRODUCED, "")
    # Its own interval does not show the claim, which is no difference yet.
    vague = control((0.4, 0.9), OPEN)
    assert judge(rule, own, [vague]) == (AS_COUNTED, f"{NOT_CLEAR}: untrained")
    all_three = [vague, control((0.6, 0.9), OPEN, "linear"), control((0.6, 0.9), clear, "c")]
    remark = f"{TOO}: linear; {NOT_CLEAR}: untrained; {EXCEEDED}: c"
    assert judge(rule, own, all_three) == (AS_COUNTED, remark)
    # A difference over too few cells clears nobody.
    few = Control("linear", between(0.6, 0.9), between(*clear, cells=3))
    assert judge(rule, own, [few])[0] == AS_COUNTED
    # What the networks do not do, the controls cannot make reproduced.
    assert judge(rule, between(0.2, 0.4), [control((0.6, 0.9), clear)])[0] == NOT_REPRODUCED


def test_the_side_of_a_claim_is_that_of_its_differences_too():
    rule, own = RULES[4], between(-0.4, -0.2)
    stronger = control((-0.2, -0.05), (-0.3, -0.1))
    weaker = control((-0.6, -0.5), (0.1, 0.4))
    assert judge(rule, own, [stronger])[0] == REPRODUCED
    assert judge(rule, own, [weaker])[0] == AS_COUNTED


def test_without_controls_it_is_said():
    assert judge(RULES[1], between(0.7, 1.0), []) == (REPRODUCED, NO_CONTROL)
    mute = Control("random_features", Estimate(reason="no accuracy"), Estimate(reason="none"))
    assert judge(RULES[4], between(-0.4, -0.2), [mute])[1] == "not defined in any control"
    orders = control((0.4, 0.6), (0.2, 0.4), LAYER_ORDERS)
    assert judge(RULES[5], between(0.8, 0.9), [orders]) == (UNDECIDED, NO_CONTROL)
    assert judge(RULES[5], between(0.8, 0.9), []) == (UNDECIDED, NO_CONTROL)


def test_a_claim_about_training_holds_where_every_control_is_exceeded():
    rule, own = RULES[5], between(0.8, 0.9)
    clear, open_, less = (0.01, 0.4), (-0.05, 0.2), (-0.4, -0.1)

    def verdict(*differences):
        return judge(
            rule, own, [control((0.6, 0.7), d, f"c{i}") for i, d in enumerate(differences)]
        )

    assert verdict(clear, clear) == (REPRODUCED, "")
    assert verdict(clear, open_) == (AS_COUNTED, f"{TOO}: c1; {EXCEEDED}: c0")
    assert verdict(open_, less) == (AS_COUNTED, f"{TOO}: c0, c1")
    assert judge(rule, between(0.3, 0.4), [control((0.1, 0.2), clear)])[0] == NOT_REPRODUCED


@pytest.mark.parametrize("number", [1, 5])
def test_a_count_that_linear_networks_and_random_orders_share(number):
    """The paper's recipe: 93 % negative, linear networks more, orders of layers nearly as much."""
    own = between(0.90, 0.96)
    found = [
        control((0.50, 0.58), (0.30, 0.50)),
        control((0.50, 0.56), (0.30, 0.50), "shuffled_labels"),
        control((0.98, 1.00), (-0.10, -0.02), "linear"),
    ]
    shared = f"{TOO}: linear; {EXCEEDED}: untrained, shuffled_labels"
    if number == 5:
        found.append(control((0.94, 0.98), (-0.06, 0.01), LAYER_ORDERS))
        shared = f"{TOO}: linear, {LAYER_ORDERS}; {EXCEEDED}: untrained, shuffled_labels"
    # Claim 1 is about every cell: an interval that holds 95 of a hundred.
    assert judge(RULES[number], own, found) == (AS_COUNTED, shared)


def test_random_orders_alone_stand_in_the_way_of_a_claim_about_training():
    rule, own = RULES[5], between(0.8, 0.9)
    orders = control((0.7, 0.8), (-0.05, 0.09), LAYER_ORDERS)
    found = judge(rule, own, [control((0.3, 0.4), (0.01, 0.4)), orders])
    assert found == (AS_COUNTED, f"{TOO}: {LAYER_ORDERS}; {EXCEEDED}: untrained")


def test_a_control_that_is_not_defined_has_no_standing():
    mute = Control("random_features", Estimate(reason="no accuracy"), between(0.1, 0.2))
    assert standing(RULES[4], mute) is None
    assert standing(RULES[3], Control("c", between(0.1, 0.2), Estimate(reason="none"))) is None


def test_a_claim_on_two_groups_holds_in_both_and_fails_in_either():
    """The lesser share is shown with its own interval; the verdict looks at both groups."""
    sure, unsure = between(0.55, 0.75), replace(between(0.4, 1.0), data_sets=1)
    assert sure.value < unsure.value
    lesser = replace(sure, parts=(unsure, sure))
    assert (lesser.low, lesser.high) == (0.55, 0.75)
    assert alone(RULES[3], sure)[0] == REPRODUCED
    assert alone(RULES[3], lesser)[0] == UNDECIDED
    wide, against = between(0.1, 0.8), between(0.42, 0.58)
    assert alone(RULES[3], wide)[0] == UNDECIDED
    assert alone(RULES[3], replace(wide, parts=(wide, against)))[0] == NOT_REPRODUCED
    few = replace(sure, cells=MIN_CELLS - 1)
    assert alone(RULES[3], replace(sure, parts=(few, sure))) == (
        UNDECIDED,
        f"cells: {MIN_CELLS - 1}, fewer than {MIN_CELLS}",
    )


def test_the_lesser_of_two_groups_has_its_own_interval():
    """Its low end may be above that of the other group, which has fewer cells."""
    groups = {"s": "synthetic", "r": "real"}
    trends = {("s", f"a{i}"): CellMeasures(trend=-1.0 if i < 14 else 1.0) for i in range(20)}
    trends |= {("r", f"a{i}"): CellMeasures(trend=1.0 if i < 3 else -1.0) for i in range(4)}
    evidence = Evidence({}, groups, 0.95, "seed")
    quantity = CLAIM[3].quantity
    found = quantity.pool.estimate(evidence, evidence.rows(quantity, trends), Names("c", "d"))
    assert (found.value, found.cells) == (0.7, 20)
    assert (found.low, found.high) == wilson(14, 20, 0.95)
    real = next(part for part in found.parts if part.cells == 4)
    assert (real.value, real.low, real.high) == (0.75, *wilson(3, 4, 0.95))
    assert real.low < found.low
    assert not found.beyond(found.low - 0.01, 1)
    assert found.fewest_cells == 4
