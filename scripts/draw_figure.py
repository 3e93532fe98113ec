"""Draw one figure of a study as SVG: `python -m draw_figure FIGURE ... --output FIGURE.svg`."""

import argparse
import traceback
from pathlib import Path

from ricci_flow.entry import Progress, make_parser, run_entry
from ricci_flow.labels import Labels, read_labels
from ricci_flow.options import add_grid

TABLES = {
    "accuracy": "test accuracy of every network, by ensemble",
    "layers": "curvature and geodesic mass along the layers, at k*",
    "heatmap": "the aggregated coefficient over k, cells clustered",
    "pairs": "change of geodesic mass against curvature in representative networks",
    "accuracy_z": "test accuracy against the adjusted coefficient",
    "spread": "the coefficients of single networks in every cell, under every condition",
    "verdicts": "every claim's estimate and verdict, by condition",
    "nulls": "the coefficients observed, beside layer orders and coupling alone",
}
NEEDS_CONVENTION = {"layers", "heatmap", "pairs", "accuracy_z", "spread", "nulls", "verdicts"}
ALL_CONDITIONS = {"spread", "nulls", "verdicts"}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser: one sub-command a figure."""
    parser = make_parser(__doc__ or "")
    figures = parser.add_subparsers(dest="figure", required=True, metavar="FIGURE")

    clouds = _add_figure(figures, "clouds", "what the data sets look like")
    clouds.add_argument(
        "--datasets", type=Path, nargs="+", required=True, help="D.safetensors, D.json beside each"
    )

    for name, description in TABLES.items():
        figure = _add_figure(figures, name, description)
        figure.add_argument("--table", type=Path, required=True, help="the statistics table")
        if name not in ALL_CONDITIONS:
            figure.add_argument("--condition", default="trained")
        if name in NEEDS_CONVENTION:
            figure.add_argument("--convention", choices=["directed", "union"], default="directed")
        if name == "heatmap":
            _add_published(figure)
        if name == "verdicts":
            figure.add_argument(
                "--epochs",
                nargs="*",
                type=_epochs,
                default=[],
                metavar="CONDITION=EPOCHS",
                help="where the conditions differ in nothing else: x is then the epochs",
            )
        if name == "accuracy_z":
            figure.add_argument(
                "--coefficient", choices=["z_printed", "z_standardised"], default="z_printed"
            )

    conditions = _add_figure(
        figures, "conditions", "the aggregated coefficient of every cell, by condition"
    )
    conditions.add_argument("--cells", type=Path, required=True, help="statistics/cells.parquet")
    conditions.add_argument(
        "--comparison", type=Path, required=True, help="statistics/comparison.parquet"
    )
    conditions.add_argument("--convention", choices=["directed", "union"], default="directed")

    curves = _add_figure(figures, "k_curves", "the aggregated coefficient over k, with bands")
    curves.add_argument("--k-curves", type=Path, required=True, help="statistics/k_curves.parquet")
    _add_published(curves)
    curves.add_argument("--convention", choices=["directed", "union"], default="directed")

    forest = _add_figure(figures, "forest", "coefficient and accuracy inside the cells, pooled")
    for name in ("within_cells", "accuracy_link", "baselines"):
        flag = f"--{name.replace('_', '-')}"
        forest.add_argument(flag, type=Path, required=True, help=f"statistics/{name}.parquet")
    forest.add_argument("--condition", default="trained")
    forest.add_argument("--convention", choices=["directed", "union"], default="directed")

    curvatures = _add_figure(figures, "curvatures", "Ricci coefficients by other curvatures")
    curvatures.add_argument(
        "--networks", type=Path, required=True, help="statistics/curvature_networks.parquet"
    )

    robustness = _add_figure(
        figures, "robustness", "coefficients on other graphs, points, layers and weights"
    )
    robustness.add_argument(
        "--table", type=Path, required=True, help="statistics/robustness_variants.parquet"
    )
    robustness.add_argument("--convention", choices=["directed", "union"], default="directed")

    graph = _add_figure(figures, "graph", "the neighbour graph of one network, layer by layer")
    graph.add_argument("--dataset", type=Path, required=True, help="datasets/D.safetensors")
    graph.add_argument("--activations", type=Path, required=True, help="layers.safetensors")
    graph.add_argument("--neighbours", type=Path, required=True, help="neighbours.safetensors")
    graph.add_argument("--network", type=int, default=0, help="which network of the ensemble")
    add_grid(graph, "the grid; drawn with its k that is nearest to 6")
    graph.add_argument("--points", type=int, default=1000, help="draw at most so many points")
    return parser


def _add_published(figure: argparse.ArgumentParser) -> None:
    figure.add_argument(
        "--published", type=Path, help="statistics/published_curves.parquet, to be drawn beside"
    )


def _epochs(text: str) -> tuple[str, int]:
    condition, _, epochs = text.partition("=")
    return condition, int(epochs)


def _add_figure(
    figures: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, description: str
) -> argparse.ArgumentParser:
    figure = figures.add_parser(
        name,
        help=description,
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    figure.add_argument("--output", type=Path, required=True, help="the SVG to write")
    figure.add_argument(
        "--labels",
        type=read_labels,
        default=Labels({}, {}),
        metavar="JSON",
        help="titles of names and widths of architectures, as labels.py writes them",
    )
    figure.add_argument(
        "--gap", action="store_true", help="where it cannot be drawn, write the reason there"
    )
    # The common options may stand before or after FIGURE; without SUPPRESS the ones given before
    # would be overwritten by the defaults of these.
    common = figure.add_argument_group("common")
    common.add_argument("--threads", type=int, default=argparse.SUPPRESS)
    common.add_argument("--log", type=Path, default=argparse.SUPPRESS)
    common.add_argument("--job", default=argparse.SUPPRESS)
    return figure


def body(arguments: argparse.Namespace, progress: Progress) -> None:
    """Draw the figure that was asked for, or with --gap its name and what is in the way."""
    try:
        _draw(arguments, progress)
    except Exception as error:
        if not arguments.gap or _of_the_machine(error):
            raise
        _leave_gap(arguments, progress, error)


def _draw(arguments: argparse.Namespace, progress: Progress) -> None:
    from ricci_flow.figures.draw import draw_from_files
    from ricci_flow.figures.style import save_svg

    figure = draw_from_files(arguments)
    missing = save_svg(figure, arguments.output)
    if missing:
        numbers = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in missing)
        progress.say(
            f"warning: no font of this machine has {numbers}; the figure shows the numbers. "
            "Install one that does, Noto Sans CJK for instance, and draw it again"
        )
    size = arguments.output.stat().st_size
    progress.say(f"drew {arguments.output} ({size / 1000:.0f} kB)")


def _of_the_machine(error: Exception) -> bool:
    """Say whether an error tells of memory or disk: the same job may go well elsewhere."""
    from ricci_flow.disk import FullDisk, full_disk

    return isinstance(error, MemoryError | FullDisk) or full_disk(error) is not None


def _leave_gap(arguments: argparse.Namespace, progress: Progress, error: Exception) -> None:
    from ricci_flow.errors import InputError
    from ricci_flow.figures.gap import write_gap

    reason = " ".join(str(error).split())
    if not isinstance(error, InputError):
        progress.say("".join(traceback.format_exception(error)).rstrip())
        reason = f"{type(error).__name__}: {reason} (not foreseen: please report it)"
    progress.say(f"error: {reason}")
    write_gap(arguments.output, arguments.output.stem, reason)
    progress.say(f"left a gap at {arguments.output}; the run goes on and fails at its end")


if __name__ == "__main__":
    raise SystemExit(run_entry(build_parser(), body))
