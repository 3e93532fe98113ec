"""What this workflow uses of Snakemake besides its public interface, each with the reason.

In a version that was not tried, what is not available is left out, and a run says so once.
"""

import contextlib
import importlib.metadata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from ricci_flow.study.failures import FailedJob

# Versions of Snakemake whose inside these functions were tried with.
TRIED = ((9, 27),)

Workflow = Any  # snakemake.workflow.Workflow
T = TypeVar("T")


def version() -> tuple[int, int]:
    """Return the version of Snakemake, (0, 0) where it does not say it in numbers."""
    parts = importlib.metadata.version("snakemake").split(".")[:2]
    return (int(parts[0]), int(parts[1])) if all(map(str.isdecimal, parts)) else (0, 0)


def was_tried() -> bool:
    """Return whether this is a version that these functions were tried with."""
    return version() in TRIED


def untried() -> list[str]:
    """Return the warning about a version that was not tried, if it is one."""
    if was_tried():
        return []
    known = ", ".join(f"{major}.{minor}" for major, minor in TRIED)
    return [
        f"this version of Snakemake was not tried, {known} was (requirements.lock); what a run "
        "says of failed jobs, and of where its report is, may be missing"
    ]


def _taken(take: Callable[[], T], *, otherwise: T) -> T:
    """Return what `take` takes from Snakemake; in a version not tried, `otherwise` if it fails."""
    if was_tried():
        return take()
    with contextlib.suppress(Exception):
        return take()
    return otherwise


def config_files(workflow: Workflow) -> list[Path]:
    """Return the files given with --configfile, in order.

    Why: Snakemake hands over the merged config only, but a path in a file is looked for next to
    that file, and a message names it.
    """
    return _taken(
        lambda: [Path(path) for path in workflow.config_settings.configfiles], otherwise=[]
    )


def config_words(workflow: Workflow) -> Mapping[str, Any]:
    """Return what was given with --config. Why: as for `config_files`."""
    return _taken(lambda: workflow.config_settings.config, otherwise={})


def is_main_process(workflow: Workflow) -> bool:
    """Return whether this is the process that the user started.

    Why: jobs of their own process, as on a cluster, read the workflow again; a warning belongs into
    the first process, and so does what takes time.
    """
    return _taken(lambda: bool(workflow.is_main_process), otherwise=True)


def has_remote_results(workflow: Workflow) -> bool:
    """Return whether results go to remote storage by default.

    Why: there is no folder to walk then, so the manifest is no part of the run.
    """
    settings = _taken(lambda: workflow.storage_settings.default_storage_provider, otherwise=None)
    return bool(settings)


def stored_object(path: Any) -> Any:
    """Return the object of a storage plug-in behind a path from Snakemake's `storage`.

    Why: a change in remote storage is told by its checksum, where Snakemake goes by time alone.
    """
    return path.flags["storage_object"]


def lift_default_rate_limit(workflow: Workflow) -> None:
    """Lift Snakemake's limit of 100 new jobs a second unless another one was asked for.

    Why: with any limit 9.27 leaves a timer behind for every job that ends, each of which has it
    look at all ready jobs once a second for the rest of the run (Snakemake's pull request 3744):
    after a thousand jobs it takes up to a whole core.
    """
    if not was_tried():
        return
    limit = workflow.scheduling_settings.max_jobs_per_timespan
    if limit is not None and (limit.max_jobs, limit.timespan) == (100, 1):
        workflow.scheduler.job_rate_limiter = None


def failed_jobs(workflow: Workflow) -> list[FailedJob]:
    """Return the jobs that were given up. Why: `onerror` is told no more than the run's log."""
    return _taken(
        lambda: [
            FailedJob(job.message or job.rule.name, job.rule.name, Path(job.log[0]), job.attempt)
            for one_or_group in workflow.scheduler.failed
            for job in (one_or_group.jobs if one_or_group.is_group() else [one_or_group])
        ],
        otherwise=[],
    )


def has_run(workflow: Workflow, rule: str) -> bool:
    """Return whether this run, no dry one, made the output of a rule or found it current.

    Why: `onsuccess` is not called where there was nothing to do.
    """
    return _taken(
        lambda: (
            workflow.scheduler is not None
            and not workflow.dryrun
            and not workflow.touch
            and any(job.rule.name == rule for job in workflow.dag.jobs)
        ),
        otherwise=False,
    )
