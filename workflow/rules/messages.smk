# What a run says when it begins and ends. Requires: RESULTS. Makes nothing.
import atexit
import os
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from ricci_flow.figures.gap import take_gaps
from ricci_flow.study import snakemake_inside
from ricci_flow.study.failures import causes


def tell_report(note):
    """Write down where the report is, if this run made it or found that it is current.

    note: a file, which run_study.py reads if all went well.
    """
    page = Path(result("report/report.html")).absolute()
    if page.is_file() and snakemake_inside.has_run(workflow, "render_report"):
        Path(note).write_text(f"{page}", "utf-8")


if note := os.environ.pop("RICCI_FLOW_REPORT_NOTE", None):
    atexit.register(tell_report, note)


def say_last(lines):
    """Say lines about errors as the very last ones, below Snakemake's own."""
    if lines:
        text = "\n".join(f"error: {line}" for line in lines)
        atexit.register(print, text, file=sys.stderr, flush=True)


def fail_for_missing_figures():
    """Fail a run that was asked for single figures where one could not be drawn."""
    lines = take_gaps(sorted(Path(RESULTS).glob("figures/*.svg")))
    say_last(lines)
    if lines:
        raise WorkflowError(f"{len(lines)} of the figures asked for could not be drawn.")


onstart:
    snakemake_inside.lift_default_rate_limit(workflow)


onsuccess:
    fail_for_missing_figures()


onerror:
    say_last(causes(snakemake_inside.failed_jobs(workflow), log))
