"""Text from data is text on the page, whatever signs it is made of."""

import html
import json
import re
import subprocess
from pathlib import Path

import polars as pl
import pytest
import yaml

from ricci_flow.report import document, exclusions, provenance
from ricci_flow.report.pandoc import _program
from ricci_flow.report.text import escape, literal_block, pipe_table
from ricci_flow.report.variables import regression_sentence
from tests.fixtures import synthetic_statistics

HOSTILE = [
    "$x$ and $5, $6",
    "a_b_c __init__ *kept* **x** ~~y~~ H~2~O x^2^",
    "{{< include /etc/passwd >}} {{< var study >}} {{< meta title >}}",
    "{{{< x >}}} {.class} [link](http://x) ![i](j) [^1] @fig-clouds ?@fig-x [@nobody]",
    "a | b || c",
    "<script>alert(1)</script> <!-- x --> &amp; &#123; <https://x.org>",
    "`code` ``` ~~~ \\ \\\\ \\n",
    "1. one",
    "- item",
    "# heading",
    "> quote",
    "+ --- ... -- 'single' \"double\" (c) (@x)",
    ": definition",
    "10 % of 日本語 ‘ü’ = 2 × ½",
    "https://example.org/a_b?c=d&e=$f",
    "::: {.callout-note}",
    "two\nlines\tand\ra tab",
]
ARGUMENTS = "--from markdown --to html5 --wrap none --mathml --citeproc"


def shown(markdown: str) -> str:
    command = [_program(), *ARGUMENTS.split()]
    answer = subprocess.run(
        command, input=markdown, capture_output=True, text=True, check=True, timeout=60
    )
    return answer.stdout


def plain(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", page))


@pytest.fixture(scope="module")
def page():
    """Return every text rendered as a cell, a paragraph, a heading and an item of a list."""
    parts = [pipe_table(["text", "n"], [[escape(text), "1"] for text in HOSTILE])]
    parts += [f"{escape(text)}\n\n## {escape(text)}\n\n- {escape(text)}\n" for text in HOSTILE]
    return shown(document.resolve("\n".join(parts), Path("/nowhere"), {"study": "s"}))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_shown_as_it_is(page, text):
    expected = " ".join(text.split())
    for tag in ("td", "p", "h2", "li"):
        found = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>", page, flags=re.DOTALL)
        assert expected in [" ".join(plain(part).split()) for part in found], tag
    assert "<script" not in page
    assert "<math" not in page


def test_lines_are_shown_as_they_are():
    text = "\n".join(HOSTILE) + "\n```\n\n~~~\n</code></pre>\n"
    block = literal_block(text)
    assert "{{<" not in block
    assert document.resolve(block, Path("/nowhere"), {}) == block
    assert plain(shown(f"before\n\n{block}\nafter\n")) == f"before\n{text}\nafter\n"


def test_config_is_shown_whole():
    config = {"study": "s", "data_sets": {f"d{i}": {"title": t} for i, t in enumerate(HOSTILE)}}
    text = plain(shown(provenance.config_block(config)))
    assert yaml.safe_load(text) == json.loads(json.dumps(config))


def test_reasons_are_escaped_in_sentences_and_tables():
    reason = "3 networks of $A_1$ | 5 *terms*"
    facts = synthetic_statistics.statistics_tables()
    summary = synthetic_statistics.summary(facts["networks"], regression={"reason": reason})
    assert f"({reason})" in plain(shown(regression_sentence(summary, 0.95)))
    excluded = facts["excluded"].with_columns(reason=pl.lit(reason))
    for table in (exclusions.excluded_table(excluded), exclusions.excluded_summary(excluded)):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", shown(table))
        assert reason in map(plain, cells)


def test_a_share_in_a_column_of_words_keeps_its_sign_beside_it():
    table = pipe_table(["k", "of"], [["5.0 % of all", "10 %"]])
    assert table.splitlines()[-1] == "| 5.0\u00a0% of all | 10 % |"
