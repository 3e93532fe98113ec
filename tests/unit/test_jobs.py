"""How rules ask for jobs: commands, settings, requests."""

import json
import re
from pathlib import Path

import pytest

from ricci_flow.study.jobs import by_names, entry, grown, job, names_of, one_of

WILDCARDS = {"data_set": "A", "architecture": "short", "condition": "trained", "figure": "x"}


def test_a_command_names_the_field_of_every_file():
    assert entry("train", "input.data", "table=output.networks", launcher="on_gpu") == (
        "on_gpu python -m train {params.job:q} --file data {input.data:q}"
        " --file table {output.networks:q} --threads {threads} --log {log:q}"
    )


def test_settings_are_values_and_functions_of_the_wildcards():
    text = job(names_of, networks=3, threshold=lambda w: None, figure=lambda w: w["figure"] * 2)
    assert json.loads(text(WILDCARDS)) == {
        "data_set": "A",
        "architecture": "short",
        "condition": "trained",
        "networks": 3,
        "figure": "xx",
    }


def test_long_settings_go_into_a_file_whose_name_tells_them_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = (job(names=[f"{n}" * 40 for n in range(start, 900)])({}) for start in (0, 1))
    assert first != second
    assert len(json.loads(Path(first).read_text("utf-8"))["names"]) == 900
    assert len(first) < 100


def test_a_function_of_names_becomes_one_of_wildcards():
    assert by_names(lambda *names: names)(WILDCARDS) == ("A", "short", "trained")


@pytest.mark.parametrize(("attempt", "expected"), [(1, 500), (2, 1000), (3, 2000)])
def test_requests_double_with_every_attempt(attempt, expected):
    assert grown(500)(None, attempt) == expected


def test_no_name_matches_the_pattern_of_none():
    assert re.fullmatch(one_of(["a", "b"]), "b")
    assert not re.fullmatch(one_of([]), "")
