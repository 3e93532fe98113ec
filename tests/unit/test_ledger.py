"""The claims ledger on simulated studies whose truth is known: how often is it wrong?"""

from collections import Counter
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy import stats

from ricci_flow.analysis.cells import pair_sums, pooled_pearson
from ricci_flow.analysis.resampling import wilson
from ricci_flow.claims.ledger import ledger_table
from ricci_flow.claims.verdicts import (
    AS_COUNTED,
    EXCEEDED,
    NOT_REPRODUCED,
    REPRODUCED,
    UNDECIDED,
    alone,
    judge,
)
from tests.fixtures.simulated_ledger import (
    CLAIMS,
    GROUPS,
    KS,
    coupling,
    flow,
    nothing,
    of_data_set,
    study,
    verdicts,
)

CLAIM = {claim.number: claim for claim in CLAIMS}


def count(studies, makers, *names):
    found = {claim: Counter() for claim in range(1, 6)}
    for number in range(studies):
        for claim, verdict in verdicts(makers, *names, number).items():
            found[claim][verdict] += 1
    return found


def at_most(hits, of, rate=0.05):
    """Whether so many hits are no evidence (1 in 1000) of a rate above `rate`."""
    return stats.binomtest(hits, of, rate, alternative="greater").pvalue > 1e-3


def surely_at_least(hits, of, rate=0.8):
    """Whether so many hits exclude (1 in 100) a rate below `rate`."""
    return stats.binomtest(hits, of, rate, alternative="greater").pvalue < 0.01


def test_the_reasoning_about_rates_can_fail():
    assert not at_most(14, 100)
    assert not surely_at_least(36, 40)
    assert at_most(12, 100)
    assert surely_at_least(39, 40)


def test_flow_present_is_found_in_every_claim():
    found = count(40, {"trained": flow, "untrained": nothing}, "flow")
    for claim, verdict in found.items():
        # A ratio of k* or a correlation is less often clearly above another than above chance.
        rate = 0.7 if claim in (2, 4) else 0.8
        assert surely_at_least(verdict[REPRODUCED], 40, rate), (claim, verdict)


@pytest.mark.slow
def test_flow_absent_is_not_taken_for_flow():
    found = count(120, {"trained": nothing, "untrained": nothing}, "absent")
    for claim, verdict in found.items():
        assert at_most(verdict[REPRODUCED] + verdict[AS_COUNTED], 120), (claim, verdict)
    assert surely_at_least(found[1][NOT_REPRODUCED], 120)


@pytest.mark.slow
def test_what_the_cells_of_a_data_set_share_is_not_taken_for_what_data_do():
    """Over cells alone the claims on kinds of data would be affirmed far too often."""
    makers = {"trained": of_data_set, "untrained": nothing}
    found, naive = {2: Counter(), 3: Counter()}, Counter()
    for number in range(150):
        estimates = study(makers, "shared", number)
        for claim in (2, 3):
            own = estimates.estimate(CLAIM[claim], "trained", "forman_directed")
            found[claim][alone(CLAIM[claim].rule, own)[0]] += 1
            naive[claim] += own.beyond(CLAIM[claim].rule.null, 1)
    for claim in (2, 3):
        assert at_most(found[claim][REPRODUCED], 150), (claim, found[claim])
    assert not at_most(naive[2], 150), naive


@pytest.mark.slow
def test_coupling_alone_is_not_taken_for_flow():
    found = count(100, {"trained": coupling, "untrained": coupling}, "coupling")
    # Every cell is negative, with and without training, and the order of layers adds nothing.
    assert surely_at_least(found[1][AS_COUNTED], 100)
    assert found[1][REPRODUCED] == 0
    assert surely_at_least(found[5][AS_COUNTED], 100)
    assert at_most(found[5][REPRODUCED], 100)
    for claim in (2, 3, 4):
        verdict = found[claim]
        assert at_most(verdict[REPRODUCED] + verdict[AS_COUNTED], 100), (claim, verdict)


@pytest.mark.slow
def test_coupling_that_only_training_brings_is_not_taken_for_flow():
    found = count(100, {"trained": coupling, "untrained": nothing}, "trained coupling")
    assert at_most(found[5][REPRODUCED], 100), found[5]
    assert surely_at_least(found[5][AS_COUNTED], 100), found[5]


def test_what_controls_do_too_is_not_put_down_to_training():
    found = count(40, {"trained": flow, "untrained": nothing, "linear": flow}, "both")
    for claim, verdict in found.items():
        assert surely_at_least(verdict[AS_COUNTED], 40, 0.7), (claim, verdict)
        assert at_most(verdict[REPRODUCED], 40), (claim, verdict)


def test_which_of_two_faint_intervals_excludes_chance_is_no_difference():
    """A control with the same faint effect often misses the null value where the networks do not.

    Were only controls counted whose own interval shows the claim, that would be put down to
    training.
    """
    rule, found, naive = CLAIM[4].rule, Counter(), 0
    makers = {"trained": partial(flow, link=0.3), "untrained": partial(flow, link=0.3)}
    for number in range(60):
        estimates = study(makers, "faint", number)
        own = estimates.estimate(CLAIM[4], "trained", "forman_directed")
        beside = estimates.controls(CLAIM[4], "trained", "forman_directed", ["untrained"])
        found[judge(rule, own, beside)[0]] += 1
        shown = beside[0].estimate.beyond(rule.null, rule.side)
        naive += alone(rule, own)[0] == REPRODUCED and not shown
    assert at_most(found[REPRODUCED], 60), found
    assert not at_most(naive, 60), naive


def test_without_a_control_training_is_undecided():
    found = count(3, {"trained": flow}, "alone")
    assert found[5] == {UNDECIDED: 3}
    assert found[1] == {REPRODUCED: 3}


def shifted(link, by_flow):
    """Cells with and without flow; those with it are more accurate by `by_flow`."""

    def make(rng, group):
        strong = rng.random() < 0.5
        made = flow(rng, group, link) if strong else nothing(rng, group)
        made.accuracy[:] += by_flow * strong
        return made

    return make


def pooled(estimates):
    """Spearman's correlation of coefficient and accuracy over all networks, cells ignored."""
    rho, accuracy = [], []
    for (data_set, _), cell in estimates.cells["trained", "forman_directed"].items():
        k = 4 if GROUPS[data_set] == "real" else 1
        eta, ric = np.diff(cell.mass[:, k]), cell.curvature[:, k, :-1]
        rho += [stats.pearsonr(x, y).statistic for x, y in zip(eta, ric, strict=True)]
        accuracy += cell.accuracy.tolist()
    return stats.spearmanr(rho, accuracy)


def test_simpson_cells_that_differ_are_no_link():
    makers = {"trained": shifted(0.0, 20.0), "untrained": nothing}
    found = count(60, makers, "between")
    assert at_most(found[4][REPRODUCED] + found[4][AS_COUNTED], 60), found[4]
    naive = [pooled(study({"trained": makers["trained"]}, "between", s)) for s in range(10)]
    assert sum(r.statistic < 0 and r.pvalue < 0.05 for r in naive) >= 9


def test_simpson_a_link_inside_cells_is_seen_against_the_cells():
    def make(rng, group):
        made = flow(rng, group, 3.0)
        weak = rng.random() < 0.5
        made.mass[:] += weak * np.cumsum(6 * rng.normal(size=made.mass.shape), axis=-1)
        made.accuracy[:] += 20.0 * weak
        return made

    makers = {"trained": make, "untrained": nothing}
    naive = [pooled(study({"trained": make}, "against", s)) for s in range(10)]
    assert sum(r.statistic > 0 and r.pvalue < 0.05 for r in naive) >= 7
    found = count(40, makers, "against")
    assert surely_at_least(found[4][REPRODUCED], 40), found[4]


def test_controls_with_fewer_networks_are_compared_on_equal_terms():
    """k chosen on few networks is worse; the difference must not be put down to training."""

    def faint(rng, group, networks=10):
        made = flow(rng, group, networks=networks)
        made.mass[:] += np.cumsum(2 * rng.normal(size=made.mass.shape), axis=-1)
        return made

    makers = {"trained": faint, "untrained": partial(faint, networks=4)}
    naive, paired = [], []
    for number in range(60):
        estimates = study(makers, "few", number)
        own, control = (
            estimates.estimate(CLAIM[5], c, "forman_directed") for c in ("trained", "untrained")
        )
        naive.append(own.value - control.value)
        paired.append(
            estimates.difference(CLAIM[5], "trained", "untrained", "forman_directed").value
        )
        ours, theirs = estimates.paired("trained", "untrained", "forman_directed")
        assert {m.networks for m in [*ours.values(), *theirs.values()]} == {4}
    assert stats.ttest_1samp(naive, 0).pvalue < 0.01
    assert stats.ttest_1samp(paired, 0).pvalue > 0.05


def test_cells_are_paired_and_the_others_left_out():
    estimates = study({"trained": flow, "untrained": nothing}, "pairs")
    cells = estimates.cells["untrained", "forman_directed"]
    del cells["roll", "wide"]
    found = estimates.difference(CLAIM[5], "trained", "untrained", "forman_directed")
    assert found.cells == 20
    ours, theirs = estimates.paired("trained", "untrained", "forman_directed")
    expected = np.mean([ours[name].negative - theirs[name].negative for name in cells])
    assert found.value == pytest.approx(expected)
    assert found.low < found.value < found.high


def test_intervals_of_shares_stay_between_0_and_1():
    estimates = study({"trained": flow, "untrained": coupling}, "shares")
    for claim in (1, 3, 5):
        for found in (
            estimates.estimate(CLAIM[claim], "trained", "forman_directed"),
            estimates.controls(CLAIM[5], "untrained", "forman_directed", [])[-1].estimate,
        ):
            assert 0 <= found.widest_low <= found.low <= found.value
            assert found.value <= found.high <= found.widest_high <= 1


def test_a_group_without_cells_says_so():
    estimates = study({"trained": flow}, "one group")
    cells = estimates.cells["trained", "forman_directed"]
    for name in [n for n in cells if GROUPS[n[0]] == "synthetic"]:
        del cells[name]
    for claim in (2, 3):
        found = estimates.estimate(CLAIM[claim], "trained", "forman_directed")
        assert found.value is None
        assert "synthetic data" in found.reason


def test_a_k_fixed_beforehand_is_counted_where_nothing_was_chosen():
    """At a tenth of the points flow of images is strong, that of synthetic data gone."""
    estimates = study({"trained": flow, "untrained": nothing}, "fixed")
    k = KS.tolist().index(100)
    signs, shares, orders = [], [], []
    for _, cell in sorted(estimates.cells["trained", "forman_directed"].items()):
        eta, ric = np.diff(cell.mass[:, k]), cell.curvature[:, k, :-1]
        rho = [stats.pearsonr(x, y).statistic for x, y in zip(eta, ric, strict=True)]
        shares.append(np.mean(np.array(rho) < 0))
        orders.append(cell.null_negative[:, k].mean())
        # The pooled coefficient scales every network's mass and curvature to one spread.
        signs.append(pooled_pearson(pair_sums(cell.mass[:, [k]], cell.curvature[:, [k]]).sum(0)))
    one = estimates.fixed(CLAIM[1].at_fixed_k, "trained", "forman_directed")
    five = estimates.fixed(CLAIM[5].at_fixed_k, "trained", "forman_directed")
    assert one.value == pytest.approx(np.mean(np.array(signs) < 0))
    assert (one.low, one.high) == pytest.approx(wilson(int((np.array(signs) < 0).sum()), 21, 0.95))
    assert five.value == pytest.approx(np.mean(shares))
    assert five.low < five.value < five.high
    found = estimates.fixed(CLAIM[5].at_fixed_k_in_layer_orders, "trained", "forman_directed")
    assert found.value == pytest.approx(np.mean(orders))
    assert five.value < estimates.estimate(CLAIM[5], "trained", "forman_directed").value


def test_a_k_fixed_beforehand_by_depth():
    estimates = study({"trained": flow, "untrained": nothing}, "depths")
    cells = estimates.cells["trained", "forman_directed"]
    for name in [n for n in cells if n[1] == "narrow"]:
        part = cells[name]
        cells[name] = replace(part, mass=part.mass[..., :4], curvature=part.curvature[..., :4])
    assert estimates.depths("trained", "forman_directed") == [4, 5]
    table = ledger_table(estimates, CLAIMS, ["untrained"], {})
    for row in table.filter(table["control"].is_null()).iter_rows(named=True):
        if row["claim"] not in (1, 5):
            assert row["fixed"] is row["fixed_cells"] is row["fixed_by_depth"] is None
            continue
        parts = row["fixed_by_depth"]
        assert [(part["depth"], part["cells"]) for part in parts] == [(4, 7), (5, 14)]
        whole = sum(part["value"] * part["cells"] for part in parts) / 21
        assert row["fixed"] == pytest.approx(whole)
    # A control of one depth has no parts, and its own standing.
    control = table.filter(claim=5, control="untrained").row(0, named=True)
    assert control["fixed_by_depth"] is None
    assert control["standing"] == EXCEEDED
