"""From the files that a figure is drawn of to the figure."""

import argparse
from pathlib import Path

import polars as pl
from matplotlib.figure import Figure

from ricci_flow.datasets.stored import read_data_set
from ricci_flow.graphs.grid import drawn_k, resolve_grid
from ricci_flow.labels import Labels, plain
from ricci_flow.storage import damaged, read_table


def draw_from_files(arguments: argparse.Namespace) -> Figure:
    """Read what `arguments` of draw_figure.py name and return the figure that they ask for.

    Raises InputError naming the file that is damaged or is another table than the figure needs.
    """
    try:
        return _draw(arguments)
    except pl.exceptions.ColumnNotFoundError as error:
        # Where a figure is drawn of several tables, their columns were looked at before.
        option = {"conditions": "cells", "k_curves": "k_curves", "curvatures": "networks"}.get(
            arguments.figure, "table"
        )
        raise damaged(getattr(arguments, option), error) from None


def _draw(arguments: argparse.Namespace) -> Figure:
    if arguments.figure == "clouds":
        from ricci_flow.figures.clouds import draw_clouds, read_cloud

        return draw_clouds([read_cloud(path, arguments.labels) for path in arguments.datasets])
    if arguments.figure == "graph":
        return _draw_graph(arguments)
    if arguments.figure == "conditions":
        from ricci_flow.figures.conditions import draw_conditions

        keys = ("data_set", "architecture", "condition", "convention")
        cells, comparison = (
            _shown(
                arguments,
                select(read_table(path, (*keys, *needed)), None, arguments.convention),
            )
            for path, needed in (
                (arguments.cells, ("is_k_star", "rho")),
                (arguments.comparison, ("published_rho",)),
            )
        )
        return draw_conditions(cells, comparison)
    if arguments.figure == "k_curves":
        from ricci_flow.figures.k_curves import draw_k_curves

        curves = select(read_table(arguments.k_curves), None, arguments.convention)
        return draw_k_curves(_shown(arguments, curves), _published(arguments))
    if arguments.figure == "forest":
        from ricci_flow.figures.forest import draw_forest

        return draw_forest(
            _read(arguments, arguments.within_cells, "data_set", "architecture", "spearman"),
            _read(arguments, arguments.accuracy_link, "method", "estimate"),
            _read(arguments, arguments.baselines, "quantity", "predictor", "estimate"),
        )
    if arguments.figure == "curvatures":
        from ricci_flow.figures.curvatures import draw_curvatures

        networks = read_table(arguments.networks, ("curvature", "condition", "k_fraction", "rho"))
        return draw_curvatures(_shown(arguments, networks))
    if arguments.figure == "robustness":
        from ricci_flow.figures.robustness import draw_robustness

        table = _shown(arguments, read_table(arguments.table))
        return draw_robustness(table, arguments.convention)
    chosen = select(
        read_table(arguments.table),
        getattr(arguments, "condition", None),
        getattr(arguments, "convention", None),
    )
    table = _shown(arguments, chosen)
    if arguments.figure == "spread":
        from ricci_flow.figures.spread import draw_spread

        return draw_spread(table)
    if arguments.figure == "verdicts":
        from ricci_flow.figures.verdicts import draw_verdicts

        titles = {arguments.labels.title("conditions", n): e for n, e in arguments.epochs}
        return draw_verdicts(table, titles)
    if arguments.figure == "nulls":
        from ricci_flow.figures.nulls import draw_nulls

        return draw_nulls(table)
    if arguments.figure == "accuracy":
        from ricci_flow.figures.accuracy import draw_accuracy

        return draw_accuracy(table)
    if arguments.figure == "layers":
        from ricci_flow.figures.layers import draw_layers

        return draw_layers(table)
    if arguments.figure == "heatmap":
        from ricci_flow.figures.heatmap import draw_heatmap

        return draw_heatmap(table, _published(arguments))
    if arguments.figure == "pairs":
        from ricci_flow.figures.pairs import draw_pairs

        return draw_pairs(table)
    from ricci_flow.figures.accuracy_z import draw_accuracy_z

    return draw_accuracy_z(table, arguments.coefficient)


def _read(arguments: argparse.Namespace, path: Path, *columns: str) -> pl.DataFrame:
    """Return a table of the condition and convention asked for, or name it if it lacks a column."""
    needed = (*columns, "low", "high", "networks", "condition", "convention")
    chosen = select(read_table(path, needed), arguments.condition, arguments.convention)
    return _shown(arguments, chosen)


def _shown(arguments: argparse.Namespace, table: pl.DataFrame) -> pl.DataFrame:
    """Return a table as it is drawn: shapes of the architectures beside it, titles for names."""
    labels: Labels = arguments.labels
    return labels.show(labels.with_shape(table))


def _published(arguments: argparse.Namespace) -> pl.DataFrame | None:
    """Return the published curves, None where the figure is drawn without."""
    columns = ("data_set", "architecture", "k", "share", "rho")
    if arguments.published is None:
        return None
    return _shown(arguments, read_table(arguments.published, columns))


def select(table: pl.DataFrame, condition: str | None, convention: str | None) -> pl.DataFrame:
    """Return the rows of one condition and of one convention, or of all where it is None."""
    rows = table if condition is None else table.filter(pl.col("condition") == condition)
    return rows if convention is None else rows.filter(pl.col("convention") == convention)


def _draw_graph(arguments: argparse.Namespace) -> Figure:
    from ricci_flow.figures.graph import draw_graph, read_layers

    facts_file = arguments.dataset.with_suffix(".json")
    data, facts = read_data_set(arguments.dataset, facts_file, ("data_set", "classes"))
    grid = resolve_grid(arguments.k, arguments.k_fractions, len(data["y_test"]))
    k = drawn_k(grid)
    layers = read_layers(arguments.neighbours, arguments.activations, arguments.network, k)
    data_set = arguments.labels.title("data_sets", facts["data_set"])
    architecture = arguments.labels.title("architectures", arguments.neighbours.parent.parent.name)
    return draw_graph(
        layers,
        data["y_test"],
        (plain(facts["classes"][0]), plain(facts["classes"][1])),
        arguments.points,
        f"{data_set}, {architecture}, network {arguments.network}, k = {k}",
    )
