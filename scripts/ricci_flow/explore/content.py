"""What the page holds: points of the networks that are shown, and numbers of the tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ricci_flow.analysis.join import read_ensembles
from ricci_flow.explore.at_points import Coloured, curvature_at_points, unavailable
from ricci_flow.explore.packing import pack, quantise, whole_numbers
from ricci_flow.explore.runs import read_runs
from ricci_flow.explore.thinning import (
    LEVELS,
    Size,
    Thinning,
    pixels_of,
    shown_points,
    small_pictures,
    thin,
)
from ricci_flow.labels import Labels, plain
from ricci_flow.measurement.registry import load_measures
from ricci_flow.measurement.settings import REFERENCE
from ricci_flow.measurement.sources import read_classes
from ricci_flow.networks.checkpoints import reached
from ricci_flow.storage import TensorFile, damaged, read_json, read_table
from ricci_flow.tables.coefficients import NETWORKS
from ricci_flow.tables.keys import CheckpointUnit
from ricci_flow.tables.measures import MEASURES, OVER_TRAINING
from ricci_flow.tables.statistics import CHECKPOINTS
from ricci_flow.tables.training import CHECKPOINTS as TRAINED

# Colours of the curvature span these shares of the points; what lies beyond has the last colour.
_SPAN = (0.02, 0.98)


@dataclass(frozen=True)
class Sources:
    """The results that the page is made of.

    root: results/<study>. ensembles: "data_set/architecture/condition". measures: entries of the
    catalogue, of the main block. checkpoints: ensembles of every block that has some.
    """

    root: Path
    study: str
    data_sets: Sequence[str]
    ensembles: Sequence[str]
    measures: Mapping[str, Mapping[str, Any]]
    primary_measure: str
    checkpoints: Mapping[str, Sequence[str]]
    labels: Labels


@dataclass(frozen=True)
class _Points:
    """Test points of a data set: n of them, rows that are shown, classes and pixels if known."""

    name: str
    n: int
    classes: list[str] | None
    labels: np.ndarray | None
    shape: list[int] | None

    def rows(self, points: int) -> np.ndarray:
        return shown_points(self.n, points, self.labels)


@dataclass(frozen=True)
class _Tables:
    """Tables of one ensemble, of the networks that may be shown.

    layers: as measures main.parquet, with a column `checkpoint`, null at the end of the training;
    coefficients: rho of the same; trained: accuracy of the same. size: see `Size`.
    """

    layers: pl.DataFrame
    coefficients: pl.DataFrame
    trained: pl.DataFrame
    size: Size


def collect(sources: Sources) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the page is to know at once, and packed texts by name, for when they are needed.

    Raises InputError naming a result that is missing or damaged.
    """
    root, title = sources.root, sources.labels.title
    points = {name: _read_points(root, name) for name in sources.data_sets}
    over_training = _read_over_training(sources)
    unit: CheckpointUnit = "steps" if "steps" in over_training["checkpoint_unit"] else "epochs"
    tables = {name: _read_tables(sources, name, over_training) for name in sources.ensembles}
    pixels = {name: pixels_of(of.shape) for name, of in points.items() if of.shape}
    chosen = thin([of.size for of in tables.values()], pixels)
    texts, data_sets, ensembles = {}, [], []
    for place, (name, of) in enumerate(points.items()):
        facts, texts[f"data_{place}"] = _pack_points(root, of, chosen)
        data_sets.append({"name": name, "title": title("data_sets", name), "n": of.n, **facts})
    primary = sources.primary_measure
    entry = sources.measures[primary]
    why_not = unavailable(str(entry["module"]))
    coloured = None
    if not why_not:
        function = load_measures({primary: entry}, "measures")[primary].function
        coloured = Coloured(str(entry["module"]), function)
    for place, (name, table) in enumerate(tables.items()):
        rows = points[table.size.data_set].rows(chosen.points)
        folder = root / "activations" / name
        runs, texts[f"ensemble_{place}"] = _pack_ensemble(
            folder, table, rows, coloured, chosen.networks, unit
        )
        ensembles.append({"name": name.split("/"), "networks": table.size.networks, "runs": runs})
    names = zip(*(name.split("/") for name in sources.ensembles), strict=True)
    kinds = ("data_sets", "architectures", "conditions")
    index = {
        "study": sources.study,
        "titles": {
            kind: {name: title(kind, name) for name in of}
            for kind, of in zip(kinds, names, strict=True)
        },
        "data_sets": data_sets,
        "ensembles": ensembles,
        "primary_measure": primary,
        "no_colours": why_not,
        "checkpoint_unit": unit,
        "most": {"points": chosen.points, "networks": chosen.networks},
    }
    return index, texts


def _read_points(root: Path, name: str) -> _Points:
    facts_file, tensors = root / f"datasets/{name}.json", root / f"datasets/{name}.safetensors"
    facts = read_json(facts_file, ("data_set", "n_test", "classes", "image_shape"))
    labels = read_classes(tensors)
    if labels is None:
        return _Points(name, facts["n_test"], None, None, facts["image_shape"])
    classes = [plain(text) for text in facts["classes"]]
    if len(labels) != facts["n_test"] or (labels >= len(classes)).any():
        raise damaged(tensors, f"its classes are not those of {facts_file}")
    return _Points(name, facts["n_test"], classes, labels, facts["image_shape"])


def _pack_points(root: Path, of: _Points, chosen: Thinning) -> tuple[dict[str, Any], str]:
    """Return the facts of a data set, and the classes and pictures of the points that are shown."""
    rows, arrays, shape = of.rows(chosen.points), {}, None
    if of.labels is not None:
        arrays["classes"] = of.labels[rows]
    if of.shape:
        with TensorFile(root / f"datasets/{of.name}.safetensors") as file:
            X = file["X_test"]
        if X.shape != (of.n, np.prod(of.shape)):
            raise damaged(root / f"datasets/{of.name}.safetensors", f"X_test is {X.shape}")
        pictures = small_pictures(X[rows], of.shape)
        arrays["pictures"], shape = pictures, pictures.shape[1:]
    facts = {"classes": of.classes, "shown": len(rows), "picture": shape}
    return facts, pack({"rows": rows.tolist()}, arrays)


def _read_over_training(sources: Sources) -> pl.DataFrame:
    """Return statistics/checkpoints.parquet under the setting of the study, by ensemble."""
    if not sources.checkpoints:
        return CHECKPOINTS.frame()
    table = read_table(sources.root / "statistics/checkpoints.parquet", CHECKPOINTS)
    return table.filter(pl.col("setting") == REFERENCE)


def _read_tables(sources: Sources, ensemble: str, over_training: pl.DataFrame) -> _Tables:
    root, names = sources.root, ensemble.split("/")
    in_time = pl.lit(None, pl.Int32).alias("checkpoint")
    first = pl.col("network") < max(networks for networks, _ in LEVELS)
    whole = read_ensembles(root, "measures", "main.parquet", [ensemble], MEASURES)
    networks = whole["network"].n_unique()
    layers = [whole.filter(first).with_columns(in_time)]
    found = read_ensembles(root, "coefficients", "networks.parquet", [ensemble], NETWORKS)
    keys = ["checkpoint", "network", "measure", "k"]
    numbers = [*keys, "rho", "p", "p_method", "reason"]
    coefficients = [found.filter(first).with_columns(in_time).select(numbers)]
    states = ["checkpoint", "network", "test_accuracy", "kept"]
    trained = [found.filter(first).with_columns(in_time).select(states).unique(maintain_order=True)]
    blocks = [block for block, ensembles in sources.checkpoints.items() if ensemble in ensembles]
    if blocks:
        states_then = read_ensembles(root, "training", "checkpoints.parquet", [ensemble], TRAINED)
        there = states_then.filter(first, reached())
        kept = pl.lit(None, pl.Boolean).alias("kept")
        trained.append(there.with_columns(kept).select(states))
        here = dict(zip(("data_set", "architecture", "condition"), names, strict=True))
        coefficients.append(over_training.filter(first, **here).select(numbers))
        for block in blocks:
            file = f"{block}.checkpoints.parquet"
            table = read_ensembles(root, "measures", file, [ensemble], OVER_TRAINING)
            table = table.filter(first, pl.col("setting") == REFERENCE)
            layers.append(table.join(there.select("checkpoint", "network"), on=keys[:2]))
    columns = [*keys, "layer", "value", "geodesic_mass"]
    of_layers = pl.concat([table.select(columns) for table in layers])
    # A measure of whole networks has no layer; two blocks may measure the same.
    of_layers = of_layers.drop_nulls("layer")
    of_layers = of_layers.unique([*keys, "layer"], keep="first", maintain_order=True)
    then = of_layers.drop_nulls("checkpoint")
    size = Size(
        data_set=names[0],
        n=whole["n"].drop_nulls()[0],
        layers=whole["layer"].drop_nulls().n_unique(),
        networks=networks,
        ks=whole["k"].n_unique(),
        checkpoints=then["checkpoint"].n_unique(),
        ks_then=then["k"].n_unique(),
    )
    rows = pl.concat(coefficients).unique(keys, keep="first", maintain_order=True)
    # A block may measure fewer networks than another one that has the same checkpoint.
    measured = pl.concat(trained).join(of_layers, on=keys[:2], how="semi", nulls_equal=True)
    return _Tables(of_layers, rows, measured, size)


def _pack_ensemble(
    folder: Path,
    tables: _Tables,
    rows: np.ndarray,
    coloured: Coloured | None,
    networks: int,
    unit: CheckpointUnit,
) -> tuple[list[tuple[int, int | None]], str]:
    """Return (network, checkpoint) of every run that is shown, and all of them packed.

    folder: of the activations. rows: of the points that are shown. unit: of checkpoints.
    """
    shown = range(min(networks, tables.size.networks))
    numbers = {
        (network, checkpoint): _numbers(tables, network, checkpoint)
        for network, checkpoint in tables.trained.select("network", "checkpoint").rows()
        if network in shown
    }
    by_checkpoint: dict[int, list[int]] = {}
    for network, checkpoint in numbers:
        if checkpoint is not None:
            by_checkpoint.setdefault(checkpoint, []).append(network)
    runs = read_runs(folder, tables.size.n, shown, by_checkpoint, unit)
    runs.sort(key=lambda run: (run.network, run.checkpoint is None, run.checkpoint or 0))
    at_points = {}
    if coloured:
        for run in runs:
            ks = numbers[run.key]["k"]
            found = [curvature_at_points(layer, ks, coloured, rows) for layer in run.layers]
            at_points[run.key] = dict(zip(ks, np.swapaxes(found, 0, 1), strict=True))
    scales = _scales(at_points.values())
    arrays, facts = {}, []
    for place, run in enumerate(runs):
        positions = run.scores[:, rows]
        largest = float(np.abs(positions).max())
        arrays[f"positions_{place}"] = whole_numbers(positions, largest)
        if run.key in at_points:
            quantised = [quantise(of, *scales[k][:2]) for k, of in at_points[run.key].items()]
            arrays[f"curvature_{place}"] = np.array(quantised)
        facts.append(
            {"network": run.network, "checkpoint": run.checkpoint, **numbers[run.key]}
            | {"shares": run.shares, "largest": largest}
        )
    whole = {"layers": tables.size.layers, "runs": facts, "scales": scales}
    return [run.key for run in runs], pack(whole, arrays)


def _numbers(tables: _Tables, network: int, checkpoint: int | None) -> dict[str, Any]:
    """Return the numbers of one network, at one checkpoint: lists with an entry for each k.

    mass, and value of a measure, are lists with one number for each layer, null where there is
    none; an entry is null where the measure was not taken at this k.
    """

    def here(table: pl.DataFrame) -> pl.DataFrame:
        at = pl.col("checkpoint").eq_missing(pl.lit(checkpoint, pl.Int32))
        return table.filter(at, pl.col("network") == network)

    accuracy, kept = here(tables.trained).select("test_accuracy", "kept").row(0)
    keys = ["measure", "k"]
    layers = here(tables.layers).sort("layer").partition_by(keys, as_dict=True)
    rows = {(row["measure"], row["k"]): row for row in here(tables.coefficients).to_dicts()}
    ks = sorted({k for _, k in layers})
    # The graph is the same whatever is measured on it.
    masses = {k: part["geodesic_mass"].to_list() for (_, k), part in layers.items()}
    measures = {}
    for name in dict.fromkeys(name for name, _ in layers):
        of = [rows.get((name, k), {"reason": "not computed at this k"}) for k in ks]
        parts = [layers.get((name, k)) for k in ks]
        values = [None if part is None else part["value"].to_list() for part in parts]
        measures[name] = {"value": values} | {
            key: [row.get(key) for row in of] for key in ("rho", "p", "p_method", "reason")
        }
    mass = [masses[k] for k in ks]
    return {"accuracy": accuracy, "kept": kept, "k": ks, "mass": mass, "measures": measures}


def _scales(
    runs: Iterable[Mapping[int, np.ndarray]],
) -> dict[int, tuple[float, float, float, float]]:
    """Return lowest and highest curvature at a point, and the ends of the colours, by k."""
    by_k: dict[int, list[np.ndarray]] = {}
    for at_points in runs:
        for k, values in at_points.items():
            by_k.setdefault(k, []).append(values[~np.isnan(values)])
    scales = {}
    for k, parts in sorted(by_k.items()):
        whole = np.concatenate(parts) if any(map(len, parts)) else np.zeros(1)
        low, high, *ends = (float(end) for end in np.quantile(whole, [0, 1, *_SPAN]))
        scales[k] = (low, high, ends[0], ends[1])
    return scales
