"""The resolved config of a study, as the report shows it."""

from pathlib import Path
from typing import Any

from ricci_flow.job import Job, Progress, run_job


class WriteConfig(Job):
    """Write down the config of a study with the catalogue entries that it uses."""

    content: dict[str, Any]
    """the config"""
    config: Path
    """output: JSON"""


def main(job: WriteConfig, progress: Progress) -> None:
    """Write the file."""
    import json

    from ricci_flow.disk import staged

    with staged(job.config) as part:
        part.write_text(json.dumps(job.content) + "\n", "utf-8")


if __name__ == "__main__":
    raise SystemExit(run_job(WriteConfig, main))
