"""Config files that Snakemake would answer with a traceback."""

import pytest

from check_configs import main


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text("study: mine\n")
    (tmp_path / "bytes.yaml").write_bytes(b"study: \xff\n")
    (tmp_path / "open.yaml").write_text("data_sets: [A\n")
    (tmp_path / "twice.yaml").write_text("study: a\nstudy: b\n")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("absent.yaml", "cannot be read"),
        ("bytes.yaml", "not UTF-8"),
        ("open.yaml", "not valid YAML"),
        ("twice.yaml", "'study' twice"),
        (".", "cannot be read"),
    ],
)
def test_one_line_names_the_file(files, capsys, name, expected):
    assert main(["good.yaml", name]) == 1
    line = capsys.readouterr().err
    assert line.startswith(f"error: {name}:")
    assert expected in line
    assert line.count("\n") == 1


def test_nothing_is_said_of_a_good_file(files, capsys):
    assert main(["good.yaml"]) == 0
    assert capsys.readouterr() == ("", "")
