"""What is taken from inside of Snakemake, in a version that was tried and in another."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from ricci_flow.study import snakemake_inside as inside
from ricci_flow.study.failures import FailedJob

LOCKED = "snakemake==9.27."


@pytest.fixture
def untried(monkeypatch):
    monkeypatch.setattr(inside, "version", lambda: (99, 1))


def failed(name):
    rule = SimpleNamespace(name=name)
    return SimpleNamespace(
        message=f"message of {name}", rule=rule, log=[f"{name}.log"], attempt=2, is_group=bool
    )


def workflow(**more):
    a, b, c = map(failed, "abc")
    group = SimpleNamespace(jobs=[b, c], is_group=lambda: True)
    limit = SimpleNamespace(max_jobs=100, timespan=1)
    return SimpleNamespace(
        config_settings=SimpleNamespace(configfiles=["a.yaml"], config={"networks": 3}),
        is_main_process=False,
        storage_settings=SimpleNamespace(default_storage_provider="s3"),
        scheduling_settings=SimpleNamespace(max_jobs_per_timespan=limit),
        scheduler=SimpleNamespace(failed=[a, group], job_rate_limiter="a limiter"),
        dag=SimpleNamespace(jobs=[a, b]),
        **{"dryrun": False, "touch": False, **more},
    )


def test_the_locked_version_was_tried():
    assert LOCKED in Path("requirements.lock").read_text("utf-8")
    assert (9, 27) in inside.TRIED
    assert inside.version() == (9, 27)
    assert inside.untried() == []


def test_what_is_taken():
    given = workflow()
    assert inside.config_files(given) == [Path("a.yaml")]
    assert inside.config_words(given) == {"networks": 3}
    assert not inside.is_main_process(given)
    assert inside.has_remote_results(given)
    assert inside.failed_jobs(given) == [
        FailedJob(f"message of {name}", name, Path(f"{name}.log"), 2) for name in "abc"
    ]


def test_a_rule_has_run_unless_the_run_was_dry_or_had_no_such_job():
    assert inside.has_run(workflow(), "a")
    assert not inside.has_run(workflow(), "c")
    assert not inside.has_run(workflow(dryrun=True), "a")
    assert not inside.has_run(workflow(touch=True), "a")


def test_the_default_rate_limit_is_lifted_and_no_other():
    given = workflow()
    inside.lift_default_rate_limit(given)
    assert given.scheduler.job_rate_limiter is None
    given = workflow()
    given.scheduling_settings.max_jobs_per_timespan.max_jobs = 50
    inside.lift_default_rate_limit(given)
    assert given.scheduler.job_rate_limiter == "a limiter"


def test_another_version_is_named_and_its_limit_left_alone(untried):
    (line,) = inside.untried()
    assert "9.27 was" in line
    given = workflow()
    inside.lift_default_rate_limit(given)
    assert given.scheduler.job_rate_limiter == "a limiter"
    assert inside.config_files(given) == [Path("a.yaml")]


def test_another_version_that_lacks_it_is_done_without(untried):
    empty = SimpleNamespace()
    assert inside.config_files(empty) == []
    assert inside.config_words(empty) == {}
    assert inside.is_main_process(empty)
    assert not inside.has_remote_results(empty)
    assert inside.failed_jobs(empty) == []
    assert not inside.has_run(empty, "a")


def test_the_tried_version_must_have_it():
    with pytest.raises(AttributeError):
        inside.config_files(SimpleNamespace())
