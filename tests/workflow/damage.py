"""What can happen to a file between two stages, and the commands of the stages that read it."""

import io
from collections.abc import Callable
from pathlib import Path

import polars as pl

from tests.fixtures.drawing import words_of
from tests.jobs import arguments

ENSEMBLE = "rolls/short/trained"
ENSEMBLES = (ENSEMBLE, "rolls/short/untrained")
NAMES = ENSEMBLE.split("/")
KEYS = dict(zip(("data_set", "architecture", "condition"), NAMES, strict=True))


def cut(content: bytes) -> bytes:
    """The first two thirds."""
    return content[: len(content) * 2 // 3]


def flipped_at(share: float) -> Callable[[bytes], bytes]:
    """One bit changed, at this share of the length."""

    def flip(content: bytes) -> bytes:
        at = min(int(share * len(content)), len(content) - 1)
        return content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]

    return flip


def _table(_: bytes) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame({"other": [1, 2, 3]}).write_parquet(buffer)
    return buffer.getvalue()


# Name: what becomes of the content. The last four are whole files of another kind.
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": cut,
    "zeros": lambda content: bytes(len(content)),
    "flip at the start": flipped_at(0.01),
    "flip in the middle": flipped_at(0.5),
    "flip near the end": flipped_at(0.97),
    "text": lambda content: b"a note, and nothing else\n",
    "a list": lambda content: b"[1, 2]",
    "an object": lambda content: b'{"a": 1}',
    "a table": _table,
}


def commands(results: Path, out: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Return, for every stage, its command line on one ensemble and the files that it reads.

    results: folder of the study; out: where outputs go. File names are relative to `results`.
    """
    data, facts = "datasets/rolls.safetensors", "datasets/rolls.json"
    networks = f"training/{ENSEMBLE}/networks.parquet"
    layers = f"activations/{ENSEMBLE}/layers.safetensors"
    neighbours = f"graphs/{ENSEMBLE}/neighbours.safetensors"
    ties = f"graphs/{ENSEMBLE}/ties.parquet"
    main = f"measures/{ENSEMBLE}/main.parquet"
    coefficients = f"coefficients/{ENSEMBLE}/networks.parquet"
    cell = f"coefficients/{ENSEMBLE}/cell.parquet"
    of_data = {"data": results / data, "facts": results / facts}
    return {
        "check_data_set": (arguments(facts=results / facts, k=[6], check=out / "g"), [facts]),
        "train_ensemble": (
            arguments(
                **of_data,
                **KEYS,
                entry={"widths": [6, 6, 6]},
                recipe={"epochs": 0},
                networks=1,
                weights=out / "w",
                history=out / "h",
                network_table=out / "n",
                layers=out / "l",
            ),
            [data, facts],
        ),
        "draw_random_features": (
            arguments(
                **KEYS,
                layers=results / layers,
                networks=results / networks,
                count=3,
                drawn=out / "l",
                network_table=out / "n",
            ),
            [layers, networks],
        ),
        "build_graphs": (
            arguments(
                layers=results / layers, k=[6], names=NAMES, neighbours=out / "n", ties=out / "t"
            ),
            [layers],
        ),
        "measure main": (
            arguments(
                names=NAMES,
                measures={"forman_union": {"module": "forman_union"}},
                k=[6],
                data=results / data,
                neighbours=results / neighbours,
                table=out / "t",
                local_table=out / "l",
            ),
            [data, neighbours],
        ),
        "compute_coefficients": (
            arguments(
                measures=results / main,
                networks=results / networks,
                network_table=out / "n",
                cell_table=out / "c",
            ),
            [main, networks],
        ),
        "compute_statistics": (
            arguments(
                study="tiny",
                root=results,
                ensembles=ENSEMBLES,
                thresholds={"rolls": 0.2},
                architectures={"short": (5, "6")},
                unfiltered=["untrained"],
                networks=3,
                control_networks=3,
                output=out / "s",
            ),
            [networks, ties, main, coefficients, cell],
        ),
        "draw_figure clouds": (
            words_of("clouds", out / "f.svg", results / data, results / facts),
            [data, facts],
        ),
        # The neighbours of the first network alone are drawn, and checked.
        "draw_figure graph": (
            words_of(
                *("graph", out / "f.svg"),
                *(results / path for path in (data, facts, layers, neighbours)),
                settings={"k_fractions": [0.1]},
            ),
            [data, facts, layers],
        ),
    }
