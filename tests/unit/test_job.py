"""The arguments of a job: JSON and files, and errors of one line that name the field."""

import json
from pathlib import Path

import pytest

from ricci_flow.errors import InputError
from ricci_flow.job import Job, read_job, run_job


class Example(Job):
    """An example."""

    data: Path
    """the data"""
    tables: list[Path] = []
    other: list[Path] | None = None
    count: int = 3
    share: float | None = None


def test_files_and_settings_become_fields(tmp_path):
    job = read_job(Example, '{"count": 4}', [["data", "a b"], ["tables", "x", "y"], ["other", "z"]])
    assert job == Example(
        data=Path("a b"), tables=[Path("x"), Path("y")], other=[Path("z")], count=4
    )
    assert read_job(Example, '{"data": "a"}', [["tables"]]).tables == []


def test_a_job_is_read_from_a_file(tmp_path):
    path = tmp_path / "job.json"
    path.write_text(json.dumps({"data": "a", "share": 1}))
    assert read_job(Example, str(path)) == Example(data=Path("a"), share=1.0)
    path.write_text('{"data": 3}')
    with pytest.raises(InputError, match=rf"^{path}: key 'data' is 3; it must be of type text"):
        read_job(Example, str(path))


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("{}", "job: key 'data' is missing at (top level); add it"),
        ('{"data": "a", "count": "4"}', "job: key 'count' is '4'; it must be of type integer"),
        ('{"data": "a", "count": true}', "job: key 'count' is True; it must be of type integer"),
        ('{"data": "a", "cuont": 4}', "job: unknown key 'cuont'; did you mean 'count'?"),
        ('{"data": "a", "share": NaN}', "job: key 'share' is nan; it must be"),
        ('{"data": ', "job: is not valid JSON"),
        ("none.json", "none.json: cannot be read (No such file or directory); check the path"),
    ],
)
def test_a_wrong_field_is_one_line(capsys, settings, says):
    status = run_job(Example, lambda job, progress: None, [settings, "--job", "j"])
    said = capsys.readouterr().err
    assert status == 1
    assert said.startswith(f"[j] error: {says}")
    assert said.count("\n") == 1


def test_the_label_is_the_name_of_the_log(tmp_path, capsys):
    log = tmp_path / "logs" / "study" / "training" / "A" / "wide_5.log"
    status = run_job(
        Example,
        lambda job, progress: progress.say(f"{job.count}"),
        ["{}", "--file", "data", "d", "--log", str(log)],
    )
    assert status == 0
    assert capsys.readouterr().err == "[training/A/wide_5] 3\n"
    first, last = log.read_text().splitlines()
    assert first == "[training/A/wide_5] 3"
    assert " ran with python " in last


def test_help_names_every_field(capsys):
    with pytest.raises(SystemExit):
        run_job(Example, lambda job, progress: None, ["--help"])
    assert "data: the data" in capsys.readouterr().out
