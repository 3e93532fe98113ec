"""The page of a system: where a study names a text, and only there."""

import re
from html import unescape

import polars as pl
import pytest

from ricci_flow.analysis.beyond_controls import LAYER_ORDERS
from ricci_flow.errors import InputError
from ricci_flow.figures import betti, fixed_k
from ricci_flow.report.pages import page_names
from ricci_flow.report.system import beyond_table, excluded_sentence
from ricci_flow.storage import read_json, write_json
from ricci_flow.study.about import read_about
from ricci_flow.tables.statistics import ALONG_LAYERS, BEYOND_CONTROLS, FIXED_K
from tests.fixtures.synthetic_report import REPORTS, SVG, make_sources, render_pages

ABOUT = """# A *small* system's name

It moves points, as @hamilton1982 does.

## What deviates from the original

Everything, see @tbl-funnel.

{{< include figures/_betti.md >}}
"""
ENSEMBLE = {"data_set": "x", "architecture": "a", "measure": "m", "k": 20}


def texts_of(figure):
    """Return all text of a figure."""
    axes = [text.get_text() for axis in figure.axes for text in axis.texts]
    return " ".join([text.get_text() for text in figure.texts] + axes)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The rendered page, and the names of all pages."""
    folder = tmp_path_factory.mktemp("system")
    sources = make_sources(folder)
    write_json(sources.config, read_json(sources.config) | {"about": ABOUT})
    figures = [*sources.figures]
    for name in ("betti", "fixed_k"):
        (folder / f"{name}.svg").write_text(SVG)
        figures.append(folder / f"{name}.svg")
    object.__setattr__(sources, "figures", tuple(figures))
    render_pages(sources, folder / "out")
    names = {path.stem for path in (folder / "out").iterdir()}
    return (folder / "out/system.html").read_text("utf-8"), names


def test_the_page_has_text_claims_coefficients_and_a_picture(page):
    html, names = page
    assert names == set(page_names(REPORTS, system=True))
    assert page_names(REPORTS, system=True)[:2] == ["report", "system"]
    assert "system" not in page_names(REPORTS)
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
    assert "A *small* system's name" in text
    first, second, third = (
        text.rindex(words)
        for words in (
            "What deviates from the original",
            "Its claims",
            "Does Ricci-like flow appear?",
        )
    )
    assert first < second < third
    assert "Negative coefficients are a property of well-trained networks" in text
    assert html.count("<img") == 2
    for identifier in ("tbl-system-claims", "tbl-system-flow", "fig-betti", "fig-fixed-k"):
        assert f'id="{identifier}"' in html


def test_the_table_of_controls_and_the_share_that_is_excluded():
    rows = [
        {"condition": "trained", "measure": "m", "control": control, "pairs": 9, "networks": n}
        | {"cells": 3, "rho": -0.25, "control_rho": 0.5, "difference": -0.75}
        | {"low": -1.0, "high": -0.5, "p": 0.0001}
        for control, n in (("linear", 8), (LAYER_ORDERS, 9))
    ]
    counts = [
        ENSEMBLE | {"condition": condition, "kept": 10, "networks": n, "negative": 0.5}
        for condition, n in (("trained", 9), ("linear", 5))
    ]
    beyond, fixed = BEYOND_CONTROLS.frame(rows), FIXED_K.frame(counts)
    lines = beyond_table(beyond, fixed, "trained", "m").splitlines()
    linear, orders = (re.split(r"\s*\|\s*", line.strip("| ")) for line in lines[2:4])
    assert linear == [
        *("linear", "−0.25 and 0.50", "−0.75 (−1.00 to −0.50)", "\\<\xa00.001"),
        *("8 of 9", "50.0 %"),
    ]
    assert (orders[0], orders[-1]) == ("the same layers in random order", "10.0 %")
    sentence = excluded_sentence(fixed, "trained", "m")
    assert sentence.startswith("Of 10 kept trained networks 1 (10.0 %) have no coefficient there")
    assert excluded_sentence(fixed, "none", "m") == "No none network is kept."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Title\n", "begins with no title; begin it with a line '# TITLE'"),
        ("", "begins with no title"),
        ("# T\n\n## Results\n", "to be '## What deviates from the original', and is '## Results'"),
        ("# T\n\ntext\n", "and is none"),
    ],
)
def test_a_text_that_will_not_do_is_refused_in_one_line(tmp_path, text, message):
    path = tmp_path / "about.md"
    path.write_text(text)
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        read_about(str(path), "my.yaml")
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)


def test_a_text_that_is_missing_is_named_with_the_key(tmp_path):
    with pytest.raises(InputError) as raised:
        read_about("nowhere.md", "my.yaml")
    assert str(raised.value) == (
        "my.yaml: key 'about' is 'nowhere.md', not a file; name a Markdown file beside the "
        "config, or leave the key out"
    )
    with pytest.raises(InputError, match="cannot be read as text"):
        read_about(str(tmp_path), "my.yaml")


def test_the_picture_of_betti_numbers_sums_classes_and_dimensions():
    rows = [
        {"block": "b", "setting": setting, "measure": measure, "k_fraction": share}
        | {"data_set": "x", "architecture": "a", "condition": condition, "layer": layer}
        | {"scope": "layer", "networks": 2, "defined": 0, "value": value}
        for setting in ("first_class", "second_class", "knn")
        for measure in ("betti_0", "betti_1", "modularity")
        for share in (0.02, 0.1)
        for condition in ("trained", "linear")
        for layer, value in ((0, 4.0), (1, 1.0 if condition == "linear" else 2.0))
    ]
    table = ALONG_LAYERS.frame(rows)
    sums = betti.sums(table)
    assert dict(sums.filter(condition="trained").select("layer", "value").iter_rows()) == {
        0: 16.0,
        1: 8.0,
    }
    figure = betti.draw(table)
    assert [line.get_ydata().tolist() for line in figure.axes[0].lines] == [[16, 8], [16, 4]]
    nothing = betti.draw(table.filter(setting="knn"))
    assert "no Betti numbers of classes" in texts_of(nothing)


def test_the_picture_of_coefficients_has_a_dot_per_ensemble():
    rows = [
        ENSEMBLE
        | {"condition": condition, "kept": 3, "networks": 3, "rho": rho}
        | {"rho_quarter": rho - 0.1, "rho_three_quarters": rho + 0.1}
        for condition, rho in (("trained", -0.5), ("linear", 0.25))
    ]
    table = FIXED_K.frame(rows)
    (axis,) = fixed_k.draw(table).axes
    assert [dots.get_offsets()[0][0] for dots in axis.collections] == [-0.5, 0.25]
    assert [line.get_xdata()[0] for line in axis.lines[1:]] == pytest.approx([-0.6, 0.15])
    empty = fixed_k.draw(table.with_columns(rho=pl.lit(None, pl.Float64)))
    assert "no kept network" in texts_of(empty)
