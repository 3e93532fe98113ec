"""README and guide: short enough, every link resolves, generated pages are current."""

import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ricci_flow.graphs.cloud import Cloud
from ricci_flow.graphs.graph import union_graphs
from ricci_flow.measures import augmented_forman, forman_union
from ricci_flow.measures.base import Layer
from ricci_flow.report.results_page import results_page
from ricci_flow.tables.guide import with_tables

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted(
        path
        for folder in ("config", "reports", "scripts", "tests", "workflow")
        for path in (ROOT / folder).rglob("*.md")
        if not path.name.startswith("_")  # parts of the report, whose links are Quarto's
    ),
]
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)")


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_fits_on_130_lines():
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 130


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_relative_links_and_anchors_resolve(page):
    text = FENCE.sub("", page.read_text("utf-8"))
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), link


def test_the_page_of_results_is_made_from_the_kept_tables():
    written = (ROOT / "reports" / "guide" / "results.md").read_text("utf-8")
    assert written == results_page(ROOT / "reports"), "run python scripts/write_results_page.py"


def test_the_columns_of_all_tables_are_made_from_their_declarations():
    written = (ROOT / "reports" / "guide" / "files.md").read_text("utf-8")
    assert written == with_tables(written), "run python -m ricci_flow.tables"


def example(file):
    """Return the module that the guide's page on extending shows for a file."""
    page = (ROOT / "reports" / "guide" / "extending.md").read_text("utf-8")
    code = re.search(r"^```python\n(.*?)^```", page[page.index(file) :], re.MULTILINE | re.DOTALL)
    module = ModuleType(file)
    exec(code[1], module.__dict__)
    return module


def test_the_examples_of_measures_and_graphs_compute_what_they_say():
    generator = np.random.default_rng(7)
    points = generator.normal(size=(60, 3))
    directions = points / np.linalg.norm(points, axis=1, keepdims=True)
    graph = next(union_graphs(Cloud(directions, 6).lists, [6]))
    forman = example("measures/weighted_forman.py")
    assert forman.measure(graph, weight=0).sum() == forman_union.total(graph)
    assert (forman.measure(graph) == augmented_forman.measure(graph)).all()
    dimension = example("measures/effective_dimension.py").measure
    flat = np.concatenate([directions, np.zeros((60, 2))], axis=1)
    assert dimension(Layer(graph, points=np.eye(5))) == pytest.approx(4)
    assert dimension(Layer(graph, points=flat)) == pytest.approx(
        dimension(Layer(graph, points=directions))
    )
    cloud = Cloud((directions * generator.uniform(1, 9, (60, 1))).astype(np.float32), 6)
    by_angle = example("kinds/cosine.py").build(cloud, 6, next(union_graphs(cloud.lists, [6])))
    assert (by_angle.bits == graph.bits).all()
    assert by_angle.connected == graph.connected
