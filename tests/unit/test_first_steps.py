"""The notebook of the guide: its code runs as it stands, and shows what is kept in it."""

import re

import nbformat
import pytest

from tests.notebook import NOTEBOOK, run_cells

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def outputs(notebook):
    return run_cells(notebook)


def words_and_numbers(text):
    """Return a text without its numbers and lines of tables, and its numbers.

    Trained weights differ in the last digits from one machine to another.
    """
    words = re.sub(r"[\s─═]+", " ", NUMBER.sub("#", text))
    return words, [float(number) for number in NUMBER.findall(text)]


def test_the_code_shows_what_is_kept(notebook, outputs):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) == len(outputs)
    for cell, found in zip(cells, outputs, strict=True):
        assert [output.output_type for output in cell.outputs] == [o.output_type for o in found]
        for kept, output in zip(cell.outputs, found, strict=True):
            if output.output_type == "stream":
                texts = kept.text, output.text
            else:
                assert set(kept.data) == set(output.data)
                texts = kept.data["text/plain"], output.data["text/plain"]
            (words, numbers), (words_now, numbers_now) = map(words_and_numbers, texts)
            assert words_now == words
            assert numbers_now == pytest.approx(numbers, rel=0.1, abs=0.1)


def test_its_pictures_are_kept_and_it_is_small(notebook):
    nbformat.validate(notebook)
    kept = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    pictures = [
        output.data["image/png"] for output in kept if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 2
    assert all(picture.startswith("iVBORw0KGgo") for picture in pictures)  # PNG
    assert NOTEBOOK.stat().st_size < 400_000


def test_the_guide_and_the_readme_show_it():
    guide = NOTEBOOK.parent
    for page in (guide / "python.md", guide.parents[1] / "README.md"):
        assert "first_steps.ipynb)" in page.read_text("utf-8")
    text = "\n".join(
        cell.source for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "markdown"
    )
    for target, anchor in re.findall(r"\]\(([^)#]+)#?([^)]*)\)", text):
        page = (guide / target).read_text("utf-8")
        assert not anchor or anchor.replace("-", " ") in page.lower()
