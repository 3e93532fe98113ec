"""Where paths lead that are given on the command line, in a config, or in a catalogue."""

import os
from pathlib import Path

import pytest
import yaml
from snakemake.cli import parse_config

from ricci_flow.errors import InputError
from ricci_flow.study.command_line import resolve
from ricci_flow.study.model import load_study
from ricci_flow.study.paths import CHECKOUT, check_writable, locate, named_in

HERE, ROOT = Path("/home/me/work"), Path("/opt/clone")
STUDY = {"study": "mine", "data_sets": ["cells"], "architectures": ["one"]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("-n results/x --cores 2", "-n results/x --cores 2"),
        ("--configfile a.yaml -n", "-n --configfile /home/me/work/a.yaml"),
        ("--configfile=sub/a.yaml", "--configfile /home/me/work/sub/a.yaml"),
        ("--configfile /a.yaml", "--configfile /a.yaml"),
        # Snakemake itself would take the last place alone.
        (
            "--configfile /a.yaml -n --configfiles /b.yaml /c.yaml",
            "-n --configfile /a.yaml /b.yaml /c.yaml",
        ),
        (
            "--config data_dir=images networks=2 -n -C published=../p.yaml",
            "-n --config data_dir=/home/me/work/images networks=2 "
            "published=/home/me/work/../p.yaml",
        ),
        ("--config data_dir= study=a/b", "--config data_dir= study=a/b"),
        ("--report r.zip results/x", "--report /home/me/work/r.zip results/x"),
        ("--snakefile=w/f --report -n", "--snakefile=/home/me/work/w/f --report -n"),
        ("--until one -s f results/x", "--until one -s /home/me/work/f results/x"),
        ("-n --configfile /a.yaml -- -s", "-n --configfile /a.yaml -- -s"),
        ("--profile mine --workflow-profile none", "--profile mine --workflow-profile none"),
    ],
)  # fmt: skip
def test_paths_belong_to_the_folder_where_the_command_is_given(given, expected):
    assert " ".join(resolve(given.split(), HERE, ROOT)[0]) == expected


def test_in_the_checkout_paths_stay_as_they_are():
    given = ["-n", "--directory", "out", "--configfile", "a.yaml", "--config", "data_dir=images"]
    assert resolve(given, ROOT, ROOT) == (given, ["a.yaml"])


def test_a_tilde_is_the_home(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    given = ["--configfile=~/a.yaml", "--config", "data_dir=~/images", "--directory", "~/out"]
    assert resolve(given, ROOT, ROOT)[0] == [
        *("--directory", "/home/me/out", "--configfile", "/home/me/a.yaml"),
        *("--config", "data_dir=/home/me/images"),
    ]
    assert locate("~/cells.csv", Path(), Path()) == "/home/me/cells.csv"


def test_a_profile_is_a_path_or_a_name_and_never_overlooked(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "clone/workflow/profiles/slurm").mkdir(parents=True)

    def given(profile):
        words = ["--workflow-profile", profile]
        return resolve(words, tmp_path, tmp_path / "clone")[0][1]

    assert given("own") == str(tmp_path / "own")
    assert given("slurm") == "slurm"
    assert given("workflow/profiles/slurm") == "workflow/profiles/slurm"
    with pytest.raises(InputError, match=r"^--workflow-profile slum: neither a path from"):
        given("slum")


def test_an_option_without_its_value_is_one_line():
    with pytest.raises(InputError, match=r"^argument --configfile/--configfiles: expected"):
        resolve(["--configfile", "-n"], HERE, ROOT)


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A working folder, a folder of the user's files, and a checkout."""
    for name in ("work", "user", "clone"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "user", tmp_path / "clone"


def test_a_path_in_a_file_is_looked_for_beside_it_then_here_then_in_the_checkout(folders):
    user, clone = folders
    assert locate("x.csv", user, clone) == "x.csv"
    (clone / "x.csv").touch()
    assert locate("x.csv", user, clone) == str(clone / "x.csv")
    Path("x.csv").touch()
    assert locate("x.csv", user, clone) == "x.csv"
    (user / "x.csv").touch()
    assert locate("x.csv", user, clone) == str(user / "x.csv")
    Path("sub").mkdir()
    Path("sub/x.csv").touch()
    assert locate("x.csv", Path("sub"), clone) == "sub/x.csv"
    assert locate("x.csv", Path("sub").absolute(), clone) == "sub/x.csv"
    assert locate("x.csv", Path(), clone) == "x.csv"
    assert locate("s3://bucket/x.csv", user, clone) == "s3://bucket/x.csv"
    assert locate(f"{clone}/x.csv", user, clone) == f"{clone}/x.csv"


def test_a_folder_that_snakemake_cannot_take_is_named(folders):
    odd = folders[0] / "a{b}"
    odd.mkdir()
    (odd / "x.csv").touch()
    with pytest.raises(InputError, match=r"a\{b\}/x\.csv: has one of \{ \} < >"):
        locate("x.csv", odd, folders[1])


def test_a_key_belongs_to_the_last_file_that_has_it():
    layers = [
        (Path("config"), {"data_dir": "a", "catalogues": {"data_sets": "a", "conditions": "a"}}),
        (Path("/user"), {"catalogues": {"data_sets": "b"}}),
        (Path(), {"published": "c"}),
    ]
    assert named_in(layers, "data_dir") == Path("config")
    assert named_in(layers, "catalogues", "data_sets") == Path("/user")
    assert named_in(layers, "catalogues", "conditions") == Path("config")
    assert named_in(layers, "published") == Path()
    assert named_in(layers, "absent") == Path()


def test_a_study_beside_its_files_is_found_from_anywhere(folders):
    user, _ = folders
    config = STUDY | {"data_dir": "images", "catalogues": {"data_sets": "data_sets.yaml"}}
    config["catalogues"]["architectures"] = "architectures.yaml"
    (user / "images").mkdir()
    (user / "data").mkdir()
    (user / "data/cells.csv").touch()
    (user / "data_sets.yaml").write_text("cells: {kind: file, path: data/cells.csv}\n")
    (user / "architectures.yaml").write_text("one: {widths: [5, 5, 5, 5, 5]}\n")
    study = load_study(config, "mine.yaml", [(user, config)])
    assert study.source("cells")["path"] == str(user / "data/cells.csv")
    assert study.config.data_dir == str(user / "images")
    # The conditions are those of the checkout.
    assert study.config.catalogues.conditions == str(CHECKOUT / "config/conditions.yaml")


@pytest.mark.parametrize("given", ["2024_01", "1e5", "7"])
def test_text_that_looks_like_a_number_is_told_how_to_be_quoted(given):
    for config in (parse_config([f"study={given}"]), parse_config([f"study='{given}'"])):
        with pytest.raises(
            InputError, match=r"'study' is .*; it must be of type text, in quotes"
        ) as e:
            load_study(STUDY | config)
        assert """: study: "..." in a config file, or --config 'study=!!str ...'""" in str(e.value)
    # Either cure works.
    assert parse_config([f"study=!!str {given}"]) == {"study": given}
    assert yaml.safe_load(f'study: "{given}"') == {"study": given}


def test_an_entry_of_a_list_is_told_so_too():
    with pytest.raises(InputError, match=r"'data_sets\.0' is 202401; .* truth value$"):
        load_study(STUDY | yaml.safe_load("data_sets: [2024_01]"))


def test_a_folder_of_another_user_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logs/mine").mkdir(parents=True)
    check_writable("results", "mine")
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: path != "logs/mine" and allowed(path, mode)
    )
    with pytest.raises(InputError, match=r"logs/mine: cannot be written to by this user; run in"):
        check_writable("results", "mine")
