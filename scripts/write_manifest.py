"""The manifest of a study: every result, its SHA-256, and the job that made it."""

from pathlib import Path

from ricci_flow.job import Job, Progress, run_job


class WriteManifest(Job):
    """Write down every result of a study, its SHA-256, and the job that made it."""

    root: Path
    """results/<study>"""
    targets: list[Path]
    """what the study was run for"""
    records: Path = Path(".snakemake/metadata")
    """Snakemake's records of its jobs"""
    manifest: Path
    """output: JSON"""


def main(job: WriteManifest, progress: Progress) -> None:
    """Make the manifest from the files and Snakemake's records."""
    from ricci_flow.manifest.make import make_manifest, save_manifest
    from ricci_flow.report.provenance import code_state

    targets = [str(path) for path in job.targets]
    manifest = make_manifest(job.root, targets, job.records, code_state())
    save_manifest(job.manifest, manifest)
    files = manifest["files"].values()
    size = sum(entry["bytes"] or 0 for entry in files)
    progress.say(f"listed {len(files)} files, {size / 1e6:.1f} MB")
    unknown = sum(entry["job"] is None for entry in files)
    if unknown:
        progress.say(f"{unknown} of them have no record of the job that made them")


if __name__ == "__main__":
    raise SystemExit(run_job(WriteManifest, main))
