"""Kill a study at random moments, resume it, and compare all results with an undisturbed run's.

    python -m tests.kill_anywhere --rounds 50 --seed 1

Every round starts the smallest study of tests/workflow, half of them from nothing and half from
trained networks, and kills the whole process group with SIGKILL one to three times, each time
after a drawn share of the time that an undisturbed run takes. Then the run is unlocked, resumed to
its end, and every table, tensor, figure and fact must be the undisturbed run's to the bit, with
nothing missing, left over or unlisted.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ricci_flow.manifest.verify import verify
from ricci_flow.seeds import derive_generator
from tests.workflow.runner import Study, kill

CONFIG = "tiny/mini.yaml"
RESULTS = "results/mini"
# What the second half of the rounds starts from.
EARLY = ("datasets", "training")
# These tell how long the jobs took; the manifest is held against the files instead.
TIMED = ("manifest.json", "report/provenance.html")


@dataclass(frozen=True)
class Round:
    """One round: where it started, and how many results there were at each kill.

    late: kills that came after the run had ended. seconds: the whole round.
    """

    start: str
    files_at_kills: tuple[int, ...]
    late: int
    seconds: float


def results_of(study: Study) -> dict[str, bytes]:
    """Return the content of every result that does not depend on time."""
    root = study.folder / RESULTS
    names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    return {name: (root / name).read_bytes() for name in names if name not in TIMED}


def play(reference: Study, folder: Path, seed: int, number: int, seconds: float) -> Round:
    """Play one round in `folder`; raises AssertionError where the results differ.

    reference: the finished study. seconds: how long an undisturbed run takes.
    """
    draw = derive_generator("kill_anywhere", seed, number)
    start = ("nothing", "trained networks")[number % 2]
    study = reference.copy(folder)
    for path in (folder / RESULTS).iterdir():
        if start == "nothing" or path.name not in EARLY:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if start == "nothing":
        shutil.rmtree(folder / ".snakemake")
    began = time.monotonic()
    at_kills, late = list[int](), 0
    for _ in range(draw.integers(1, 4)):
        process = study.start("--configfile", CONFIG)
        try:
            process.wait(timeout=float(draw.uniform(0.0, seconds)))
            late += 1
        except subprocess.TimeoutExpired:
            at_kills.append(len(results_of(study)))
        finally:
            kill(process, signal.SIGKILL)
            process.communicate()
        unlocked = study.tiny("--unlock")
        assert unlocked.status == 0, unlocked.text
    result = study.tiny()
    assert result.status == 0, result.text
    expected, found = results_of(reference), results_of(study)
    assert found.keys() == expected.keys(), found.keys() ^ expected.keys()
    different = [name for name in expected if found[name] != expected[name]]
    assert not different, different
    assert verify(folder / RESULTS)[0] == []
    return Round(start, tuple(at_kills), late, time.monotonic() - began)


def main() -> int:
    """Play the rounds and print a line for each; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kill-anywhere-") as name:
        reference = Study(Path(name) / "reference", CONFIG)
        began = time.monotonic()
        result = reference.tiny()
        seconds = time.monotonic() - began
        assert result.status == 0, result.text
        print(f"an undisturbed run: {seconds:.1f} s, {len(results_of(reference))} results")
        failed, kills = 0, list[int]()
        for number in range(arguments.rounds):
            folder = Path(name) / f"round-{number}"
            try:
                played = play(reference, folder, arguments.seed, number, seconds)
                kills += played.files_at_kills
                print(f"round {number}: {played}", flush=True)
            except AssertionError as error:
                failed += 1
                print(f"round {number}: FAILED: {error}", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{arguments.rounds} rounds, {len(kills)} kills, {failed} rounds failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
