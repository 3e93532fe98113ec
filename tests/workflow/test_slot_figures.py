"""A new figure is one new file: the study draws it, and the report shows it with its caption."""

import re

from tests.workflow.runner import Study, pages_of

MODULE = '''
"""How many networks are kept."""

import polars as pl
from matplotlib.figure import Figure

from ricci_flow.figures.registry import Declaration
from ricci_flow.figures.style import panel_grid, styled

FIGURE = Declaration(
    caption="**Kept.** Networks of {{< var scope.condition >}}; {{< var draws >}} draws elsewhere.",
    alt="Bars of kept networks.",
    tables={"accuracy": ("architecture", "kept")},
    select=("condition",),
    numbers={"draws": "analysis.resampling.NETWORK_RESAMPLES"},
)


@styled
def draw(accuracy: pl.DataFrame) -> Figure:
    figure, (axis,) = panel_grid(1)
    counts = accuracy.group_by("architecture", maintain_order=True).agg(pl.col("kept").sum())
    axis.bar(counts["architecture"], counts["kept"])
    return figure
'''


def test_a_figure_is_one_file(checkout: Study):
    (checkout.folder / "scripts/ricci_flow/figures/kept.py").write_text(MODULE)
    assert checkout.run() == {"figure kept", "report", "report check", "manifest"}
    assert (checkout.folder / "results/mini/figures/kept.svg").is_file()
    html = pages_of(checkout.folder / "results/mini")
    assert 'id="fig-kept"' in html
    assert 'alt="Bars of kept networks."' in html
    text = " ".join(re.sub(r"<[^>]*>", "", html).split())
    assert "Kept. Networks of trained; 1000 draws elsewhere." in text
    checkout.edit("scripts/ricci_flow/figures/kept.py", "axis.bar(", "axis.barh(")
    assert checkout.run() == {"figure kept", "report", "report check", "manifest"}
    assert checkout.run() == set()
