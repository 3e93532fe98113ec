"""The report: complete, self-contained, true in words, and refused where anything is unresolved."""

import re

import pytest
import yaml

from ricci_flow.errors import InputError
from ricci_flow.report.document import resolve
from ricci_flow.report.pages import page_names
from ricci_flow.storage import read_json, write_json
from tests import jobs
from tests.fixtures import synthetic_report, synthetic_statistics
from tests.fixtures.synthetic_report import FIGURES, REPORTS, read_pages, render_pages

NAMES = page_names(REPORTS)


@pytest.fixture
def sources(tmp_path):
    return synthetic_report.make_sources(tmp_path)


def edit(sources, old, new):
    documents = sorted(sources.reports.glob("*.qmd"))
    document = next(path for path in documents if old in path.read_text("utf-8"))
    document.write_text(document.read_text("utf-8").replace(old, new, 1), "utf-8")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The folder of a rendered report, and what was said."""
    folder = tmp_path_factory.mktemp("report")
    said = render_pages(synthetic_report.make_sources(folder), folder / "out")
    return folder / "out", said


def test_pages_are_whole_and_self_contained(pages):
    folder, said = pages
    assert {path.name for path in folder.iterdir()} == {f"{name}.html" for name in NAMES}
    html = read_pages(folder)
    for fault in ("{{<", "?var", "?@", "@fig-", "@tbl-"):
        assert fault not in html
    assert not re.search(r"""src=["']?https?:""", html)
    assert "instead of Quarto" in html
    assert "instead of Quarto" in said[0]
    assert html.count("<img") == len(FIGURES)
    for table in re.findall(r"<tbody>.*?</tbody>", html, flags=re.DOTALL):
        assert not re.search(r"<td[^>]*>\s*</td>", table)


def test_numbers_begin_anew_on_every_page_and_references_lead_across(pages):
    folder, _ = pages
    labels = {}
    for name in NAMES:
        html = (folder / f"{name}.html").read_text("utf-8")
        for kind, word in (("fig", "Figure"), ("tbl", "Table")):
            found = re.findall(
                rf'id="({kind}-[\w-]+)".*?<figcaption[^>]*>\s*({word}\xa0\d+):', html, re.DOTALL
            )
            numbers = [label.partition("\xa0")[2] for _, label in found]
            assert numbers == [str(i + 1) for i in range(len(found))], name
            labels |= {f"{name}.html#{identifier}": label for identifier, label in found}
    html = re.sub(r"[ \n]+", " ", read_pages(folder))
    across = re.findall(r'<a href="(\w+\.html#(?:fig|tbl)[\w-]+)"[^>]*>(\w+\xa0\d+) in “', html)
    assert len(across) >= 3
    assert all(labels[target] == label for target, label in across)
    assert 'href="#tbl-funnel"' in html
    assert 'href="#ref-baptista2024"' in html


def test_every_page_leads_to_all_others(pages):
    folder, _ = pages
    for place, name in enumerate(NAMES):
        html = (folder / f"{name}.html").read_text("utf-8")
        contents, _ = html.split("</nav>", 1)
        assert [f"{n}.html" for n in NAMES] == re.findall(r'<a href="(\w+\.html)"', contents)
        assert f'href="{name}.html" aria-current="page"' in contents
        before = re.findall(r'rel="prev" href="(\w+)\.html"', html)
        after = re.findall(r'rel="next" href="(\w+)\.html"', html)
        assert before == NAMES[max(place - 1, 0) : place]
        assert after == NAMES[place + 1 : place + 2]
        assert "explore.html" not in html


def test_pages_lead_to_the_one_to_explore_where_it_is_made(sources, tmp_path):
    write_json(sources.config, read_json(sources.config) | {"explore": True})
    render_pages(sources, tmp_path / "out")
    # In the contents of every page, and in a sentence of the first.
    assert read_pages(tmp_path / "out").count('href="explore.html"') == len(NAMES) + 1


def test_the_front_page_is_short(pages):
    folder, _ = pages
    html = (folder / "report.html").read_text("utf-8").partition("<body>")[2]
    words = re.sub(r"<[^>]*>", " ", re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL))
    assert 200 < len(words.split()) <= 1500
    assert html.count("<img") == 2
    assert "<table" not in html


def test_pages_are_the_same_twice(pages, sources, tmp_path):
    folder, _ = pages
    render_pages(sources, tmp_path / "again")
    assert read_pages(tmp_path / "again") == read_pages(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  - claims.qmd", "  - clams.qmd", "holds no clams.qmd"),
        ("  - report.qmd", "  - method.qmd", "has to begin with report.qmd"),
        ("render:", "renders:", "lists no pages"),
    ],
)
def test_a_wrong_list_of_pages_is_named(sources, tmp_path, old, new, message):
    project = sources.reports / "_quarto.yml"
    text = project.read_text("utf-8")
    assert old in text
    project.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(InputError, match=re.escape(message)):
        render_pages(sources, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("@fig-clouds", "@fig-cloud", "fig-cloud"),
        ("@tbl-funnel", "@tbl-tunnel", "tbl-tunnel"),
        ("@hamilton1982", "@nobody1900", "nobody1900"),
        ("var result.sign", "var result.sigh", "result.sigh"),
        ("var result.sign", "var result", "result"),
        ("tables/_funnel.md", "tables/_tunnel.md", "tables/_tunnel.md"),
        ("figures/_clouds.md", "figures/_crowds.md", "figures/_crowds.md"),
        ("{{< var result.sign >}}", "{{< meta title >}}", "meta title"),
        ("figures/_layers.md", "figures/_pairs.md", "fig-pairs"),
        ("figures/_nulls.md", "figures/_pairs.md", "fig-pairs"),
        ("(left_out.html)", "(left.html)", "leads nowhere: left.html"),
        ("#how-to-read-the-numbers", "#how", "leads nowhere: method.html#how"),
    ],
)
def test_what_is_unresolved_is_an_error(sources, tmp_path, old, new, message):
    if old == "@fig-clouds":
        edit(sources, "## The networks\n", "See @fig-cloud.\n\n## The networks\n")
    else:
        edit(sources, old, new)
    with pytest.raises(InputError, match=re.escape(message)):
        render_pages(sources, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_includes_nest_and_variables_are_looked_up(tmp_path):
    (tmp_path / "a.md").write_text("a {{< var x.y >}}\n{{< include b.md >}}\n")
    (tmp_path / "b.md").write_text("b\n")
    assert resolve("{{< include a.md >}}\n\nend", tmp_path, {"x": {"y": 1}}) == "a 1\nb\n\nend"


def test_entry_takes_yaml_and_tells_what_is_missing(sources, tmp_path, capsys):
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(synthetic_statistics.CONFIG))
    job = {
        "study": "synthetic",
        "reports": sources.reports,
        "data_sets": sources.data_sets,
        "statistics": sources.statistics,
        "config": config,
        "benchmarks": sources.benchmarks,
        "lock": sources.lock,
        "renderer": "pandoc",
        "figures": list(map(str, sources.figures)),
        "pages": [tmp_path / f"{name}.html" for name in NAMES],
    }
    assert jobs.call("render_report", jobs.arguments(**job)) == 0
    capsys.readouterr()
    one = jobs.arguments(**{**job, "pages": job["pages"][:1]})
    assert jobs.call("render_report", one) == 1
    assert "pages: have to be accuracy.html, claims.html" in capsys.readouterr().err
    job["figures"].append("no.svg")
    capsys.readouterr()
    assert jobs.call("render_report", jobs.arguments(**job)) == 1
    said = capsys.readouterr().err
    assert "no.svg" in said
    assert "Traceback" not in said
