"""Text that comes from data is drawn as it stands, with a glyph for every character."""

import html
import json
import re
import warnings
from xml.etree import ElementTree

import matplotlib
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from ricci_flow.figures import glyphs
from ricci_flow.figures.registry import declared_figures
from ricci_flow.figures.style import in_lines, legend_above, row_labels, save_svg, styled
from ricci_flow.labels import labels_of
from ricci_flow.storage import read_json, write_json
from tests.fixtures import drawing, synthetic_files, synthetic_statistics, synthetic_study

SIGNS = (r"$\frac{$", "$x_1$", "_a__b", "{{< var x >}} |", "<b>&amp;*#", r"a--b\n\$", "$")
TITLES = {
    "data_sets": dict(zip(synthetic_study.DATA_SETS, SIGNS, strict=False)),
    "architectures": dict(zip(synthetic_study.ARCHITECTURES, reversed(SIGNS), strict=False)),
    "conditions": {"trained": SIGNS[0], "untrained": SIGNS[2]},
}
LABELS = labels_of(
    {kind: {n: {"title": t} for n, t in titles.items()} for kind, titles in TITLES.items()}
    | {
        "architectures": {
            name: {"title": title, "widths": synthetic_study.WIDTHS[name]}
            for name, title in TITLES["architectures"].items()
        }
    }
)
FIGURES = ("accuracy", "layers", "heatmap", "pairs", "accuracy_z", "spread")
FIGURES += ("conditions", "k_curves", "forest")


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    synthetic_statistics.write_statistics(folder / "statistics")
    return folder


def shown_text(svg):
    """Return the comments that Matplotlib writes before the paths of every text."""
    ElementTree.fromstring(svg)
    return html.unescape(" ".join(re.findall(r"<!--(.*?)-->", svg, re.DOTALL)))


@pytest.mark.parametrize("figure", FIGURES)
def test_titles_are_drawn_as_they_stand_and_never_as_formulas(figure, study, tmp_path, monkeypatch):
    formulas = []
    parse = MathTextParser.parse
    monkeypatch.setattr(
        MathTextParser, "parse", lambda self, s, *rest: formulas.append(s) or parse(self, s, *rest)
    )
    declared = declared_figures()[figure]
    primary = {"condition": "trained", "measure": "forman_directed"}
    files = [study / "statistics" / f"{name}.parquet" for name in declared.tables]
    select = {column: primary[column] for column in declared.select}
    out = tmp_path / "x.svg"
    assert drawing.draw(figure, out, *files, select=select, **json.loads(LABELS.as_json())) == 0
    assert not {*formulas} & {*SIGNS}
    assert all("Ric" in s or "k^*" in s or "rho" in s or "eta" in s for s in formulas)
    shown = shown_text((tmp_path / "x.svg").read_text("utf-8"))
    for title in TITLES["data_sets"].values():
        # Hyphens are changed in comments, and lines broken.
        assert title.replace("--", "- -").split()[0] in shown, title


@styled
def legend_of(*texts):
    from matplotlib.lines import Line2D

    figure = Figure(figsize=(5, 2), layout="constrained")
    axis = figure.subplots()
    axis.set_title(texts[0], loc="left")
    axis.set_yticks(range(len(texts)), texts)
    legend_above(figure, [Line2D([], [], label=text) for text in texts])
    return figure


def test_a_legend_shows_every_label_and_fits(tmp_path):
    figure = legend_of("_nolegend", "$a$", "a rather long title of a condition, and then some")
    save_svg(figure, tmp_path / "x.svg")
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()][:2] == ["_nolegend", "$a$"]
    assert legend.get_window_extent().x1 <= figure.bbox.x1
    assert "_nolegend" in shown_text((tmp_path / "x.svg").read_text("utf-8"))


def font_with(path, text, family="Lucky"):
    square = TTGlyphPen(None)
    for place, point in enumerate(((0, 0), (500, 0), (500, 700), (0, 700))):
        (square.lineTo if place else square.moveTo)(point)
    square.closePath()
    names = [".notdef", *(f"uni{ord(c):04X}" for c in text)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(c): f"uni{ord(c):04X}" for c in text})
    builder.setupGlyf({name: square.glyph() for name in names})
    builder.setupHorizontalMetrics({name: (600, 50) for name in names})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular", "psName": family})
    builder.setupOS2(sTypoAscender=800)
    builder.setupPost()
    builder.save(path)
    return str(path)


def test_another_font_of_the_machine_has_the_glyphs(tmp_path, monkeypatch):
    fonts = [
        font_with(tmp_path / "a_bold.ttf", "猫犬", "Heavy"),
        font_with(tmp_path / "b.ttf", "猫犬", "Lucky"),
        font_with(tmp_path / "c.ttf", "鳥", "Bird"),
        str(tmp_path / "none.ttf"),
    ]
    monkeypatch.setattr(glyphs, "findSystemFonts", lambda: fonts)
    before = list(matplotlib.rcParams["font.family"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("a.svg", "b.svg"):
            assert save_svg(legend_of("猫 cat", "犬", "鳥"), tmp_path / name) == []
    svg = (tmp_path / "a.svg").read_text("utf-8")
    assert svg == (tmp_path / "b.svg").read_text("utf-8")
    assert "Lucky-" in svg
    assert "Bird-" in svg
    assert "Heavy-" not in svg
    assert "U+" not in shown_text(svg)
    assert matplotlib.rcParams["font.family"] == before


def test_a_character_without_a_glyph_is_told_by_its_number(tmp_path, monkeypatch):
    monkeypatch.setattr(glyphs, "findSystemFonts", lambda: [])
    figure = legend_of("猫", "犬", "e\u200db")
    height = figure.get_size_inches()[1]
    other = legend_of("猫")
    other.supxlabel("x", fontsize=8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert save_svg(figure, tmp_path / "a.svg") == ["犬", "猫"]
    shown = [text.get_text() for text in figure.legends[0].get_texts()]
    assert shown[:2] == ["[U+732B]", "[U+72AC]"]
    note = figure.texts[-1]
    assert "no font of this machine" in note.get_text()
    save_svg(other, tmp_path / "b.svg")
    assert other.get_supxlabel() == f"x\n{note.get_text()}"
    assert len(other.texts) == 1
    # In a margin of its own below the axes.
    assert figure.get_size_inches()[1] > height
    assert note.get_window_extent().y1 <= figure.axes[0].get_tightbbox().y0


def test_the_entry_warns_of_missing_glyphs_and_draws(study, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(glyphs, "findSystemFonts", lambda: [])
    labels = {"titles": {"data_sets": {"A": "猫"}}}
    tables = [study / f"statistics/{name}.parquet" for name in ("cells", "published_curves")]
    given = {"select": {"condition": "trained", "measure": "forman_directed"}, **labels}
    out, log = tmp_path / "x.svg", tmp_path / "log"
    assert drawing.draw("heatmap", out, *tables, log=log, **given) == 0
    for said in (capsys.readouterr().err, (tmp_path / "log").read_text("utf-8")):
        assert "warning: no font of this machine has 猫 (U+732B)" in said
    assert "[U+732B]" in shown_text((tmp_path / "x.svg").read_text("utf-8"))


def test_classes_of_any_text_are_drawn(tmp_path):
    synthetic_files.write_data_set(tmp_path / "datasets", "digits_1v7", n=60)
    facts = tmp_path / "datasets" / "digits_1v7.json"
    classes = [SIGNS[0], "a class of a very long name\nin two lines"]
    write_json(facts, read_json(facts) | {"classes": classes})
    files = (facts.with_suffix(".safetensors"), facts)
    assert drawing.draw("clouds", tmp_path / "x.svg", *files) == 0
    assert SIGNS[0] in shown_text((tmp_path / "x.svg").read_text("utf-8"))


def test_titles_break_between_words_and_within_what_is_longer_than_a_line():
    for text in ("fmnist_sandal_boot of 2017", "a" * 40, "猫" * 20 + " b"):
        lines = in_lines(text, 15).split("\n")
        assert "".join(lines) == text
        assert len(lines) > 1


def test_rows_of_long_titles_stay_apart():
    cells = [(f"a data set of a long title, the {n}", "narrow 5") for n in ("first", "second")]
    first, second = row_labels(cells)
    assert first != second
    assert len(first) < len(cells[0][0])
