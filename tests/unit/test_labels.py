"""Titles for names: in tables that are shown, never confused with one another, as plain text."""

from pathlib import Path

import polars as pl
import pytest

from ricci_flow.labels import breadth, cut, labels_of, plain, read_labels
from ricci_flow.study.model import load_study
from ricci_flow.yaml_file import load_yaml

ROOT = Path(__file__).parents[2]
STUDY = {
    "data_sets": {"A": {"title": "Swiss rolls"}, "my_cells": {}, "B": {"title": "a_b $c$ | <d>"}},
    "architectures": {"narrow_5": {"widths": [25] * 5}, "odd": {"widths": [50, 25, 50, 50]}},
    "conditions": {"trained": {}, "shuffled_labels": {}, "tail": {"title": "tail, raw"}},
}


@pytest.fixture
def labels():
    return labels_of(STUDY)


def test_titles_take_the_place_of_names_and_of_nothing_else(labels):
    table = pl.DataFrame(
        {
            "data_set": ["A", "my_cells", "B", "unknown"],
            "architecture": ["narrow_5", "odd", "odd", "odd"],
            "condition": ["trained", "shuffled_labels", "tail", "trained"],
            "control": [None, "tail", "layer orders", "shuffled_labels"],
            "term": ["data_set: A", "width: A", "intercept", "data_set: unknown"],
            "reason": ["A", "A", None, "trained"],
            "rho": [0.1, None, 0.2, 0.3],
        }
    )
    shown = labels.show(table)
    assert shown.columns == table.columns
    assert shown["data_set"].to_list() == ["Swiss rolls", "my_cells", "a_b $c$ | <d>", "unknown"]
    assert shown["architecture"].to_list() == ["narrow 5", "odd", "odd", "odd"]
    words = ["trained", "shuffled labels", "tail, raw", "trained"]
    assert shown["condition"].to_list() == words
    assert shown["control"].to_list() == [None, "tail, raw", "layer orders", "shuffled labels"]
    terms = ["data set: Swiss rolls", "width: A", "intercept", "data set: unknown"]
    assert shown["term"].to_list() == terms
    assert shown.select("reason", "rho").equals(table.select("reason", "rho"))
    assert labels.show(shown.clear()).is_empty()


def test_shapes_are_those_of_the_widths(labels):
    table = pl.DataFrame({"architecture": ["odd", "narrow_5", "unknown"]})
    shaped = labels.with_shape(table)
    assert shaped["depth"].to_list() == [4, 5, None]
    assert shaped["width"].to_list() == ["50/25/50", "25", None]
    given = table.with_columns(depth=pl.lit(1), width=pl.lit("x"))
    assert labels.with_shape(given).equals(given)


def test_no_two_names_are_shown_alike():
    same = {"a": {"title": "cells"}, "b": {"title": "cells"}, "c": {"title": "others"}}
    labels = labels_of({"data_sets": same})
    assert labels.titles["data_sets"] == {"a": "cells (a)", "b": "cells (b)", "c": "others"}
    spaces = labels_of({"conditions": {"a_b": {}, "x": {"title": " a\tb\n"}}})
    assert spaces.titles["conditions"] == {"a_b": "a b (a_b)", "x": "a b (x)"}
    sly = {"a": {"title": "t"}, "b": {"title": "t"}, "c": {"title": "t (a)"}}
    assert labels_of({"data_sets": sly}).titles["data_sets"] == {"a": "a", "b": "b", "c": "c"}


def test_what_is_written_is_read_and_may_be_a_part(labels):
    assert read_labels(labels.as_json()) == labels
    part = read_labels(labels.as_json(data_sets=["B"], architectures=["odd"]))
    assert part.titles == {"data_sets": {"B": "a_b $c$ | <d>"}, "architectures": {"odd": "odd"}}
    assert part.shapes == {"odd": (4, "50/25/50")}
    for text in ("[]", "{}", "x"):
        with pytest.raises(ValueError, match=r"labels|Expecting"):
            read_labels(text)


def test_text_is_one_line_and_long_text_is_cut_in_its_middle():
    assert plain("a\x00b\r\n c\u2028 <$_>\ud800") == "a b c <$_>"
    assert breadth("ab猫") == 4
    long = ["the first of a few long titles", "the last of a few long titles", "short"]
    shown = cut(long, 20)
    assert list(shown) == long
    assert shown["short"] == "short"
    assert shown[long[0]] == "the first of…titles"
    # These would be the same in 20 letters.
    alike = [f"one long title {n} of a few long titles" for n in range(2)]
    assert cut(alike, 20) == {text: text for text in alike}
    assert all(breadth(text) <= 9 for text in cut(["猫" * 9, "犬猫" * 9], 9).values())


@pytest.mark.parametrize("config", ["config", "paper", "recipes"])
def test_titles_of_the_catalogues_fit_beside_a_row(config):
    base, own = (load_yaml(ROOT / "config" / f"{name}.yaml") for name in ("config", config))
    titles = load_study({**base, **own}).labels().titles
    for kind, letters in (("data_sets", 20), ("architectures", 14), ("conditions", 20)):
        assert cut(titles[kind].values(), letters) == {t: t for t in titles[kind].values()}
    assert titles["architectures"]["wide_5"] == "wide 5"
