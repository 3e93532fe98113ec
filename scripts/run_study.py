"""Set up and run a study; print the path of its report.

Everything on the command line is handed to snakemake: a target, -n, --configfile FILE,
--profile DIRECTORY, ...
"""

import sys
import tempfile
from pathlib import Path

import environment


def main() -> int:
    """Run snakemake on the study; return its exit status."""
    environment.prepare()
    if any("--configfile" in argument for argument in sys.argv[1:]):
        check = Path(__file__).with_name("check_configs.py")
        status = environment.run("python", str(check), *sys.argv[1:])
        if status:
            return status
    with tempfile.TemporaryDirectory() as folder:
        # The workflow says in this file where the report of the study is.
        note = Path(folder) / "report"
        status = environment.run("snakemake", *sys.argv[1:], RICCI_FLOW_REPORT_NOTE=str(note))
        if status == 0 and note.is_file():
            page = Path(note.read_text("utf-8"))
            if page.is_file():
                print(page)
    return status


if __name__ == "__main__":
    environment.start(main)
