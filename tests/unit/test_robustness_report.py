"""Figure and tables of robustness: every row in its place, and words where there is none."""

import numpy as np
import polars as pl
import pytest

from ricci_flow.figures.robustness import draw_robustness
from ricci_flow.figures.style import save_svg
from ricci_flow.report import robustness
from ricci_flow.robustness.summary import summarise
from tests.fixtures.synthetic_robustness import variants_rows


@pytest.fixture(scope="module")
def variants():
    return variants_rows()


def test_a_panel_a_variant_and_a_dot_a_coefficient_defined_on_both_sides(variants):
    figure = draw_robustness(variants, "directed")
    panels = {axis.get_title(loc="left"): axis for axis in figure.axes}
    assert len(panels) == 7
    rows = variants.filter(variant="mst", convention="directed")
    both = rows.drop_nulls(["rho", "baseline"])
    assert 0 < len(both) < len(rows)
    axis = panels["spanning tree"]
    dots = np.concatenate([c.get_offsets() for c in axis.collections if len(c.get_offsets()) > 1])
    assert sorted(map(tuple, dots.tolist())) == sorted(both.select("baseline", "rho").iter_rows())
    assert axis.texts[0].get_text() == f"{len(both)}/{len(rows)}"


def test_the_figure_is_the_same_twice_and_small(variants, tmp_path):
    for name in ("a.svg", "b.svg"):
        save_svg(draw_robustness(variants, "union"), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.svg").stat().st_size < 300_000


def test_tables_say_what_the_summary_says(variants):
    summary = summarise(variants)
    assert robustness.variants_table(summary).count("\n") == 2 + len(summary)
    row = summary.row(
        by_predicate=(pl.col("variant") == "mst") & (pl.col("convention") == "directed"),
        named=True,
    )
    policies = robustness.policies_table(summary, "trained", "directed").splitlines()
    assert len(policies) == 2 + 3
    cells = [cell.strip() for cell in policies[-1].split("|")[1:-1]]
    defined = row["coefficients"] - row["undefined"]
    assert cells[0] == "add a minimum spanning tree (`mst`)"
    assert cells[1] == f"{defined} of {row['coefficients']}"
    assert cells[4] == str(row["regained"])
    assert "5.0 %" in policies[-2]  # 20 of 400 points
    assert robustness.largest_deviation(summary) == "3 × 10^−15^"


def test_words_where_nothing_was_measured(variants):
    nothing = summarise(variants.clear())
    assert robustness.variants_table(nothing) == f"{robustness.OFF}\n"
    assert robustness.policies_table(nothing, "trained", "directed") == f"{robustness.OFF}\n"
    assert robustness.largest_deviation(nothing) == "not measured"
    some = summarise(variants.filter(pl.col("variant").is_in(["baseline", "mutual"])))
    text = robustness.policies_table(some, "trained", "directed")
    assert text == f"{robustness.NO_POLICY}\n"
