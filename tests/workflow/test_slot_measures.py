"""A new measure is one file and one entry, a new kind of graph one file: the study runs with them.

The files are the examples of reports/guide/extending.md.
"""

import re

import numpy as np
import polars as pl

from tests.workflow.runner import ROOT, Study, pages_of

MEASURES, GRAPHS = "scripts/ricci_flow/measures", "scripts/ricci_flow/graphs/kinds"
FURTHER = {"further measures", "figure settings", "config of the study"}
FURTHER |= {"figure measures", "figure along_layers"}
FURTHER |= {"report", "report check", "manifest"}


def add(study: Study, file: str) -> None:
    """Write an example of the guide to the file that it is of."""
    page = (ROOT / "reports/guide/extending.md").read_text("utf-8")
    at = page.index(file.removeprefix("scripts/ricci_flow/"))
    code = re.search(r"^```python\n(.*?)^```", page[at:], re.MULTILINE | re.DOTALL)
    (study.folder / file).write_text(code[1], "utf-8")


def test_measures_of_edges_and_layers_and_a_kind_of_graph(checkout: Study):
    add(checkout, f"{MEASURES}/weighted_forman.py")
    add(checkout, f"{MEASURES}/effective_dimension.py")
    add(checkout, f"{GRAPHS}/cosine.py")
    assert checkout.run() == set()  # nothing names them yet
    entries = "forman_0: { module: weighted_forman, options: { weight: 0 } }\n"
    entries += "effective_dimension: { module: effective_dimension }\n"
    for catalogue, text in (("measures", entries), ("settings", "cosine: { graph: cosine }\n")):
        path = checkout.folder / f"config/{catalogue}.yaml"
        path.write_text(path.read_text("utf-8") + text, "utf-8")
    assert checkout.run() == set()
    checkout.edit(
        "tiny/mini.yaml",
        "curvatures: { measures: [] }",
        "mine: { measures: [forman_union, forman_0, effective_dimension], settings: [cosine],\n"
        "    k_fractions: [0.1, 0.3], local: true }\n"
        "  curvatures: { measures: [] }",
    )
    assert checkout.run() == {"measures mine rolls/short/trained"} | FURTHER
    results = checkout.folder / "results/mini"
    table = pl.read_parquet(results / "measures/rolls/short/trained/mine.parquet")
    assert set(table["setting"]) == {"knn", "cosine"}
    by = {name: table.filter(measure=name) for name in table["measure"].unique()}
    assert by["forman_0"]["value"].equals(by["forman_union"]["value"])
    dimension = by["effective_dimension"]
    assert dimension["value"].is_between(1, 6).all()
    assert dimension["layer_rho"].null_count() == len(dimension)
    further = pl.read_parquet(results / "statistics/further.parquet")
    own = further.filter(measure="forman_union", setting="knn")
    new = further.filter(measure="forman_0", setting="knn")
    for column in ("rho", "local_median", "reason"):
        assert own[column].equals(new[column], null_equal=True)
    assert np.isfinite(dimension["value"].to_numpy()).all()
    # Each is hashed by itself: an edit of one measure runs what uses it, and nothing else.
    checkout.edit(f"{MEASURES}/weighted_forman.py", "4.0 - first", "5.0 - first")
    assert checkout.plan() == {"measures mine rolls/short/trained"} | FURTHER - {
        "config of the study"
    }


def test_the_study_is_judged_by_a_new_measure(checkout: Study):
    add(checkout, f"{MEASURES}/weighted_forman.py")
    path = checkout.folder / "config/measures.yaml"
    text = (
        path.read_text("utf-8") + "forman_5: { module: weighted_forman, options: { weight: 5 } }\n"
    )
    path.write_text(text, "utf-8")
    checkout.edit(
        "tiny/mini.yaml",
        "networks: 2",
        "networks: 2\ngeometry: { measures: [forman_union, forman_5], primary_measure: forman_5 }",
    )
    run = checkout.run()
    assert "measures rolls/short/trained" in run
    assert "graphs rolls/short/trained" not in run  # it needs no search
    ledger = pl.read_parquet(checkout.folder / "results/mini/statistics/ledger.parquet")
    assert set(ledger["measure"]) == {"forman_union", "forman_5"}
    page = pages_of(checkout.folder / "results/mini")
    assert "forman_5" in page.replace("\\_", "_")
