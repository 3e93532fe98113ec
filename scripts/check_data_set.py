"""Does what a study asks of a data set fit it? Before anything is trained."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job


class CheckDataSet(Job):
    """Compare k grid, accuracy threshold and scales with a data set's facts; resolve the grid."""

    facts: Path
    """facts of the data set, JSON"""
    k: list[int] | None = None
    """numbers of neighbours"""
    k_fractions: list[float] | None = None
    """in their place: shares of the test points"""
    accuracy_threshold: float | None = None
    """of the networks that are kept, where any are not"""
    scales: list[str] = []
    """scalings that networks are trained with"""
    check: Path
    """output: the grid resolved, JSON"""


def main(job: CheckDataSet, progress: Progress) -> None:
    """Check, and write down the grid."""
    from ricci_flow.datasets.precision import check_raw
    from ricci_flow.datasets.threshold import check_threshold
    from ricci_flow.graphs.grid import resolve_grid
    from ricci_flow.storage import read_json, write_json

    needed = ("data_set", "n_test", "scale", "larger_class_test")
    facts = read_json(job.facts, needed)
    where = f"data set {facts['data_set']}"
    grid = resolve_grid(job.k, job.k_fractions, facts["n_test"], f"{where}: ")
    # Activations without labels have no larger class.
    if job.accuracy_threshold is not None and facts["larger_class_test"] is not None:
        check_threshold(job.accuracy_threshold, facts["larger_class_test"], where)
    for scale in job.scales:
        warning = check_raw(facts, facts["scale"] if scale == "catalogue" else scale)
        if warning:
            progress.say(f"warning: {warning}")
    write_json(job.check, {"data_set": facts["data_set"], "k": grid})


if __name__ == "__main__":
    raise SystemExit(run_job(CheckDataSet, main))
