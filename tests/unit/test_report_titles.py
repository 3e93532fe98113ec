"""Pages show titles as they stand; the tables on disk keep the names."""

import json
import re

import polars as pl
import pytest

from ricci_flow.report import build
from ricci_flow.report.text import escape
from ricci_flow.storage import read_json, write_json
from tests.fixtures import synthetic_study
from tests.fixtures.synthetic_report import make_sources

DATA_SETS = {
    name: {"title": f"{signs} of {place}"}
    for place, (name, signs) in enumerate(
        zip(
            synthetic_study.DATA_SETS,
            ("$x_1$", "{{< var x >}}", "a|b", "<b>", "*c*", r"\frac"),
            strict=True,
        )
    )
}
CONDITIONS = {"trained": {"title": "$as$ they_are"}, "untrained": {}}
# Where rows are not told by data sets.
WITHOUT = {"config", "costs", "versions", "measures", "ledger", "ledger_long", "claims", "fit"}
WITHOUT |= {"funnel", "nulls", "accuracy_link", "baselines", "settings", "policies"}
WITHOUT |= {"funnel_policies", "excluded_summary", "gaps", "fit_sentence", "pages"}
# Of the conditions, and of what was noticed about data sets, here nothing.
WITHOUT |= {"ledger_compared", "ledger_fixed", "fixed_k", "verdicts", "data_set_notes"}
WITHOUT |= {"beyond_controls"}
# What the study does not ask for.
WITHOUT |= {"checkpoints", "draws", "multiverse", "training_time", "local", "explore"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    sources = make_sources(folder)
    config = read_json(sources.config) | {"data_sets": DATA_SETS, "conditions": CONDITIONS}
    write_json(sources.config, config)
    (folder / "filled").mkdir()
    build.fill(sources, folder / "filled", "")
    texts = {p.stem[1:]: p.read_text("utf-8") for p in (folder / "filled/tables").glob("*.md")}
    return sources, texts


def test_every_table_shows_titles_and_no_names(filled):
    _, texts = filled
    for name in texts.keys() - WITHOUT:
        shown = [entry for entry in DATA_SETS.values() if escape(entry["title"]) in texts[name]]
        assert shown, name
        assert not re.search(r"digits\\?_|breast\\?_", texts[name]), name
    assert escape("$as$ they_are") in texts["cells"] + texts["ledger"]
    assert r"digits_1v7" in texts["config"]


def test_tables_on_disk_keep_the_names(filled):
    sources, _ = filled
    cells = pl.read_parquet(sources.statistics / "cells.parquet")
    assert cells["data_set"].unique(maintain_order=True).to_list() == [*DATA_SETS]
    summary = json.loads((sources.statistics / "summary.json").read_text("utf-8"))
    assert summary["condition"] == "trained"
