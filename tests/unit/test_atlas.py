"""The overview of the atlas: one row per system, one correction over all, and its kept page."""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from statsmodels.stats.multitest import multipletests

import environment
import run_atlas
import run_study
import write_atlas_page
from ricci_flow.analysis.beyond_controls import LAYER_ORDERS
from ricci_flow.figures.style import save_svg
from ricci_flow.figures.systems import NETWORKS, OTHER
from ricci_flow.labels import labels_of
from ricci_flow.report.atlas import NO_RESULTS, System, atlas_page, atlas_picture
from ricci_flow.report.guide import single_page
from ricci_flow.storage import read_table, write_table
from ricci_flow.tables.statistics import BEYOND_CONTROLS, FIXED_K, LEDGER
from ricci_flow.yaml_file import load_yaml

ROOT = Path(__file__).resolve().parents[2]
LABELS = labels_of({"conditions": {"linear": {"title": "straight networks"}}})


def system(folder, name, ps=None, rho=-0.3, cells=6, data_sets=2):
    """A system whose controls have these p; without any it has no tables."""
    made = System(
        name, f"System {name}", f"{name}.html", "trained", "m", LABELS, True, folder / name
    )
    if ps is None:
        return made
    of = {"condition": "trained", "measure": "m"}
    beyond = [
        of
        | {"control": control, "pairs": 9, "networks": 8, "cells": cells, "rho": rho, "p": p}
        | {"control_rho": rho + 1 - p, "difference": p - 1, "low": p - 1.5, "high": p - 0.5}
        for control, p in ps.items()
    ]
    fixed = [
        {"data_set": f"set {d}", "architecture": "a", "k": 20, "kept": 4, "networks": 3}
        | of
        | {"rho": rho}
        for d in range(data_sets)
    ]
    ledger = [
        of
        | {"claim": 1, "key": key, "value": 0.9, "low": 0.8, "high": 1.0, "cells": 6}
        | {"data_sets": 2, "verdict": verdict, "fixed": 0.5, "fixed_low": 0.4, "fixed_high": 0.6}
        for key, verdict in (
            ("betti_falls", "undecided"),
            ("betti_goes_with_rho", "undecided"),
            ("training", "reproduced as counted"),
        )
    ]
    shown = {"control": "linear", "value": 0.7, "standing": "shown too", "verdict": None}
    ledger.append(ledger[-1] | shown)
    tables = ((BEYOND_CONTROLS, beyond), (FIXED_K, fixed), (LEDGER, ledger))
    for schema, rows in tables:
        write_table(made.statistics / Path(schema.file).name, schema.frame(rows))
    return made


def rows_of(text, section=0):
    """Return the rows of a section's table, cells split, without the heading."""
    part = re.split(r"^## ", text, flags=re.MULTILINE)[section]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [re.split(r"\s*(?<!\\)\|\s*", line.strip("| ")) for line in lines[2:]]


def test_a_row_per_system_with_one_correction_over_all(tmp_path):
    clear = {"linear": 0.01, LAYER_ORDERS: 0.02}
    systems = [
        system(tmp_path, "one", clear),
        system(tmp_path, "two", {"linear": 0.004, LAYER_ORDERS: 0.001}),
        system(tmp_path, "three", {"linear": 0.3, LAYER_ORDERS: 0.9}),
        system(tmp_path, "four"),
        system(tmp_path, "five", clear, rho=0.1),
        system(tmp_path, "six", clear, cells=5),
        system(tmp_path, "seven", clear, data_sets=1),
    ]
    text = atlas_page(systems, "Made by hand.", "p.svg")
    rows = rows_of(text)
    assert [row[0] for row in rows] == [f"[{s.title}]({s.link})" for s in systems]
    largest = [0.02, 0.004, 0.9, 0.02, 0.02, 0.02]
    holm = dict(
        zip(
            ("one", "two", "three", "five", "six", "seven"),
            multipletests(largest, method="holm")[1],
            strict=True,
        )
    )
    assert holm["one"] > 0.05 > holm["two"]
    assert [row[2] for row in rows] == [
        "**no**: not after the correction",
        "**yes**",
        "**no**: not beyond straight networks and layers in random order",
        f"open: {NO_RESULTS}",
        "**no**: the mean coefficient is not negative",
        "open: cells: 5, fewer than 6",
        "open: data sets: 1, fewer than 2",
    ]
    assert rows[1][5] == f"0.004; {holm['two']:.3f}"
    assert rows[0][4] == "−0.98 (−1.48 to −0.48), layers in random order"
    assert rows[0][6] == "25.0 %"
    assert rows[0][1].count("**") == 2  # its own claim alone
    assert rows[3][1] == NO_RESULTS
    assert len(rows_of(text, 2)) == 12


def test_claims_of_the_founding_paper_with_what_the_controls_show(tmp_path):
    text = atlas_page([system(tmp_path, "one", {"linear": 0.01}), system(tmp_path, "two")], "", "p")
    (row,) = rows_of(text, 1)
    assert [cell.replace("\xa0", " ") for cell in row] == [
        "System one",
        "(5) negative networks",
        "90.0 % (80.0 to 100.0 %)",
        "50.0 % (40.0 to 60.0 %)",
        "**reproduced as counted** (shown too: straight networks)",
    ]


def test_the_picture_has_a_mark_per_control_and_an_answer_per_system(tmp_path):
    """Controls that most systems have look the same everywhere; all others are one kind."""
    systems = [
        system(tmp_path, "one", {"linear": 0.3, "untrained": 0.2, LAYER_ORDERS: 0.1}, rho=-0.5),
        system(tmp_path, "two"),
        system(tmp_path, "three", {LAYER_ORDERS: 0.01}),
    ]
    figure = atlas_picture(systems)
    (axis,) = figure.axes
    (legend,) = figure.legends
    looks = {
        (handle.get_marker(), handle.get_color()): text.get_text()
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True)
    }
    marks = {
        (looks[line.get_marker(), line.get_color()], *line.get_xydata()[0].round(6))
        for line in axis.lines
        if len(line.get_xdata()) == 1
    }
    assert marks == {
        (NETWORKS, -0.5, 0),
        (OTHER, 0.2, 0),
        ("untrained", 0.3, 0),
        ("layers in random order", 0.4, 0),
        (NETWORKS, -0.3, -2),
        ("layers in random order", 0.69, -2),
    }
    assert [text.get_text() for text in axis.texts] == ["no coefficient", "no", "open", "open"]
    assert [label.get_text() for label in axis.get_yticklabels()] == [
        f"System {name}" for name in ("one", "two", "three")
    ]


def test_the_kept_picture_is_drawn_from_the_kept_tables(tmp_path):
    systems, _ = write_atlas_page.sources()
    save_svg(atlas_picture(systems), tmp_path / "drawn.svg")
    drawn, kept = (
        path.read_text("utf-8") for path in (tmp_path / "drawn.svg", write_atlas_page.KEPT_PICTURE)
    )
    assert drawn == kept, "run python scripts/write_atlas_page.py"


def test_without_a_control_or_a_coefficient_it_is_open(tmp_path):
    alone = system(tmp_path, "one", {LAYER_ORDERS: 0.01})
    bare = system(tmp_path, "two", {"linear": 0.5, LAYER_ORDERS: 0.01})
    path = bare.statistics / "beyond_controls.parquet"
    table = read_table(path, BEYOND_CONTROLS)
    undefined = pl.when(pl.col("control") != "linear").then("p")
    write_table(path, table.with_columns(p=undefined))
    first, second = rows_of(atlas_page([alone, bare], "", "p.svg"))
    assert first[2] == "open: no control was run"
    assert second[2] == "open: no coefficient to compare with: straight networks"


def test_layers_of_known_flow_are_a_scale_and_no_system(tmp_path):
    drawn = replace(system(tmp_path, "drawn", {"linear": 0.001}), networks=False)
    text = atlas_page([drawn, system(tmp_path, "one", {"linear": 0.02})], "", "p.svg")
    assert [row[0] for row in rows_of(text)] == ["[System one](one.html)"]
    assert rows_of(text)[0][5] == "0.02; 0.02"
    (row, _) = rows_of(text, 3)
    assert row == ["set 0", "the layers themselves", "−0.30", *["not defined"] * 2, "3 of 4"]


def test_as_a_page_it_is_self_contained(tmp_path):
    systems = [system(tmp_path, "one", {"linear": 0.02})]
    picture = tmp_path / "p.svg"
    save_svg(atlas_picture(systems), picture)
    text = atlas_page(systems, "Made by hand.", picture.name)
    html = single_page(text, ROOT / "reports", [picture])
    assert "<h1" in html
    assert "p.svg" not in html
    assert html.count("<svg") + html.count("data:image/svg") == 1
    assert 'href="one.html"' in html


def test_every_study_of_the_atlas_has_a_text():
    studies = [load_yaml(path) for path in sorted((ROOT / "config" / "atlas").glob("*.yaml"))]
    named = {study["study"]: study.get("about") for study in studies if "study" in study}
    assert named == {name: f"{name}.md" for name in named}
    systems, _ = write_atlas_page.sources()
    assert {system.name: system.networks for system in systems}["known_flows"] is False
    assert all(system.networks for system in systems if system.name != "known_flows")


def test_the_kept_page_is_made_from_the_kept_tables():
    written = (ROOT / "reports" / "guide" / "atlas.md").read_text("utf-8")
    made = atlas_page(*write_atlas_page.sources(), picture="../pictures/atlas.svg")
    assert written == made, "run python scripts/write_atlas_page.py"


@pytest.mark.parametrize(("words", "overview"), [([], True), (["-n"], False)])
def test_every_study_is_run_and_the_overview_written(monkeypatch, words, overview):
    """Also where one fails; a dry run writes nothing."""
    ran, written = [], []

    def run(arguments):
        ran.append(arguments)
        return 3 if "betti" in arguments[1] else 0

    def program(name, *arguments):
        written.append((name, *arguments))
        return 0

    monkeypatch.setattr(run_study, "run", run)
    monkeypatch.setattr(environment, "run", program)
    monkeypatch.setattr("sys.argv", ["run_atlas.py", *words])
    assert run_atlas.main() == 3
    names = {Path(arguments[1]).stem for arguments in ran}
    assert names >= {"betti", "known_flows"}
    assert not {name for name in names if name.endswith("_conditions")}
    assert all(arguments[2:] == words for arguments in ran)
    assert bool(written) == overview
