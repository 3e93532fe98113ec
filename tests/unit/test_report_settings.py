"""Figure and tables of settings: every row in its place, and words where there is none."""

import numpy as np
import polars as pl
import pytest

from ricci_flow.analysis.settings import spread_of_draws, summarise_settings
from ricci_flow.figures.settings import draw
from ricci_flow.figures.style import save_svg
from ricci_flow.report import settings
from ricci_flow.report.conditions import measured_sentence, side_by_side
from tests.fixtures.synthetic_further import TITLES, policies_rows, settings_rows


@pytest.fixture(scope="module")
def further():
    return settings_rows()


def draw_settings(further, measure):
    return draw(further, measure, ["robustness"], TITLES)


def test_a_panel_per_setting_and_a_dot_per_coefficient_defined_on_both_sides(further):
    figure = draw_settings(further, "forman_directed")
    panels = {axis.get_title(loc="left"): axis for axis in figure.axes}
    assert len(panels) == 10
    rows = further.filter(setting="mst", measure="forman_directed")
    both = rows.drop_nulls(["rho", "reference"])
    assert 0 < len(both) < len(rows)
    axis = panels["spanning tree"]
    dots = np.concatenate([c.get_offsets() for c in axis.collections if len(c.get_offsets()) > 1])
    assert sorted(map(tuple, dots.tolist())) == sorted(both.select("reference", "rho").iter_rows())
    assert axis.texts[0].get_text() == f"{len(both)}/{len(rows)}"


def test_the_figure_is_the_same_twice_and_small(further, tmp_path):
    for name in ("a.svg", "b.svg"):
        save_svg(draw_settings(further, "forman_union"), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.svg").stat().st_size < 300_000


def test_tables_say_what_the_summary_says(further):
    summary = summarise_settings(further)
    assert settings.settings_table(summary, TITLES).count("\n") == 2 + len(summary)
    row = summary.row(
        by_predicate=(pl.col("setting") == "mst") & (pl.col("measure") == "forman_directed"),
        named=True,
    )
    policies = settings.policies_table(summary, "forman_directed").splitlines()
    assert len(policies) == 2 + 3
    cells = [cell.strip() for cell in policies[-1].split("|")[1:-1]]
    defined = row["coefficients"] - row["undefined"]
    assert cells[0] == "add a minimum spanning tree (`mst`)"
    assert cells[1] == "trained"
    assert cells[2] == f"{defined} of {row['coefficients']}"
    assert cells[5] == str(row["regained"])
    assert "5.0 %" in policies[-2]  # 20 of 400 points
    assert settings.largest_deviation(summary) == "3 × 10^−15^"


def test_the_spread_is_that_of_the_draws_of_each_network(further):
    rng = np.random.default_rng(3)
    rho = rng.normal(size=(2, 3, 4))  # cells, networks, draws
    rho[0, 0, 2:] = np.nan
    rho[1, 2, 1:] = np.nan  # a single draw
    row = further.filter(setting="subsample", measure="forman_union").row(0, named=True)
    rows = [
        row
        | {
            "data_set": f"d{c}",
            "network": s,
            "draw": d,
            "rho": rho[c, s, d] if rho[c, s, d] == rho[c, s, d] else None,
        }
        for c, s, d in np.ndindex(rho.shape)
    ]
    found = spread_of_draws(pl.DataFrame(rows, further.schema)).row(0, named=True)
    spread = [np.nanstd(one, ddof=1) for cell in rho for one in cell if (one == one).sum() > 1]
    assert (found["networks"], found["draws"], len(spread)) == (5, 4, 5)
    np.testing.assert_allclose(found["median"], np.median(spread))
    np.testing.assert_allclose(found["largest"], max(spread))
    means = [[np.nanmean(one) for one in cell if (one == one).sum() > 1] for cell in rho]
    between = np.sqrt(np.mean([np.var(cell, ddof=1) for cell in means]))
    np.testing.assert_allclose(found["between"], between)
    assert f"{np.median(spread):.3f}" in settings.draws_table(
        pl.DataFrame(rows, further.schema), TITLES
    )
    assert "No setting was drawn twice" in settings.draws_table(further, TITLES)


def test_words_where_nothing_was_measured(further):
    nothing = summarise_settings(further.clear())
    assert settings.settings_table(nothing, TITLES) == f"{settings.OFF}\n"
    assert settings.policies_table(nothing, "forman_directed") == f"{settings.OFF}\n"
    assert settings.largest_deviation(nothing) == "not measured"
    some = summarise_settings(further.filter(pl.col("setting").is_in(["knn", "mutual"])))
    assert settings.policies_table(some, "forman_directed") == f"{settings.NO_POLICY}\n"
    policies = policies_rows()
    assert settings.funnel_policies_table(policies.clear()) == f"{settings.OFF}\n"
    only = policies.filter(policy="exclude")
    assert settings.funnel_policies_table(only) == f"{settings.NO_POLICY}\n"


def cells_of(table):
    return [[c.strip() for c in line.split("|")[1:-1]] for line in table.splitlines()]


def test_the_end_of_the_funnel_under_three_policies_side_by_side():
    table = cells_of(settings.funnel_policies_table(policies_rows()))
    assert len(table) == 2 + 3 * 2
    first = (
        "add a minimum spanning tree (`mst`)",
        "trained",
        r"forman\_directed",
        "65",
        "60, 40 (66.7 %)",
    )
    assert table[4] == [
        *(*first, "4, 3 (75.0 %)", "64, 43 (67.2 %)", "1 constant curvature", "nothing"),
    ]
    assert table[2][5:8] == ["0", "60, 40 (66.7 %)", "5 not connected"]
    assert table[3][8] == "12.5 %"
    assert table[7][5:8] == ["0", "60, 40 (66.7 %)", "none"]


def test_conditions_stand_one_below_the_other(further):
    both = pl.concat([further, further.with_columns(condition=pl.lit("untrained"))])
    made = (
        settings.settings_table(summarise_settings(both), TITLES),
        settings.policies_table(summarise_settings(both), "forman_union"),
        settings.funnel_policies_table(
            pl.concat([policies_rows(), policies_rows().with_columns(condition=pl.lit("other"))])
        ),
    )
    for table, columns, other in zip(
        made, [(0, 1, 2), (1, 0), (1, 0, 2)], ("untrained", "untrained", "other"), strict=True
    ):
        lines = cells_of(table)[2:]
        assert len(lines) % 2 == 0
        for one, two in zip(lines[::2], lines[1::2], strict=True):
            condition, *rest = columns
            assert (one[condition], two[condition]) == ("trained", other)
            assert [one[i] for i in rest] == [two[i] for i in rest]


def test_rows_are_in_the_order_of_their_first_appearance():
    table = pl.DataFrame({"a": ["z", "b", "z", "b"], "b": [0.2, 0.1, 0.1, 0.2], "c": range(4)})
    assert side_by_side(table, "a", "b")["c"].to_list() == [0, 2, 3, 1]
    assert side_by_side(table.clear(), "a").is_empty()


CONDITIONS = {
    "trained": {"accuracy_filter": True},
    "tail": {"accuracy_filter": True, "title": "tail_raw"},
    "untrained": {"accuracy_filter": False, "control": True},
    "random_features": {"gaussian_of": "trained", "control": True},
}


@pytest.mark.parametrize(
    ("measured", "said", "control"),
    [
        (["trained"], ": trained.", None),
        (["trained", "tail"], ": trained, tail\\_raw.", None),
        (["trained", "untrained"], ": trained, untrained;", "untrained"),
        (["trained", "tail", "random_features"], "\\_raw, random features;", "random features"),
    ],
)
def test_whether_a_control_was_measured_is_said(measured, said, control):
    text = measured_sentence(measured, {"conditions": CONDITIONS})
    assert said in text
    assert ("No control was measured" in text) == (control is None)
    assert control is None or text.endswith(f"controls among them: {control}.")


def test_where_nothing_is_known_of_the_conditions_none_is_a_control():
    assert "No control was measured" in measured_sentence(["trained", "untrained"], {})
    assert measured_sentence([], {"conditions": CONDITIONS}) == "No network was measured here."
    # The primary condition is no control of itself.
    alone = {"conditions": {"untrained": CONDITIONS["untrained"]}, "primary": "untrained"}
    assert "No control was measured" in measured_sentence(["untrained"], alone)
