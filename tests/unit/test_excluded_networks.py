"""Networks that are excluded at k*: each measured again as by networkx, and nobody else."""

import math

import networkx as nx
import numpy as np
import polars as pl
import pytest

from ricci_flow.analysis.funnel import funnel
from ricci_flow.analysis.further import block_coefficients
from ricci_flow.analysis.join import at_k_star
from ricci_flow.analysis.kept import not_connected, read_kept
from ricci_flow.analysis.policies import NO_K_STAR, policies_table
from ricci_flow.coefficients.tables import cell_table, network_table
from ricci_flow.errors import InputError
from ricci_flow.storage import read_table, write_json, write_table, write_tensors
from ricci_flow.tables.measures import LOCAL, MEASURES
from ricci_flow.tables.statistics import POLICIES as DECLARED
from tests import jobs
from tests.unit.clouds import digraph, literal_curvature, literal_mass, literal_neighbours
from tests.unit.measuring import FORMAN, measure_layer, settings_catalogue
from tests.unit.test_graph_kinds import literal_squares

POLICIES = ("largest_component", "mst")
NAMES = ("mine", "small", "trained")
KEYS = dict(zip(("data_set", "architecture", "condition"), NAMES, strict=True))
N, LAYERS, GRID = 40, 5, (6, 12)
# Where the points go: the networks are kept but the last, and connected but those that say so.
WHOLE = np.zeros(N)
TWO = np.repeat([0.0, 100.0], [27, 13])
FEW = np.repeat([0.0, 100.0], [30, 10])  # who with 12 neighbours each have some among the others
THREE = np.repeat([0.0, 100.0, 230.0], [14, 13, 13])
NETWORKS = (
    [WHOLE] * LAYERS,
    [WHOLE, FEW, TWO, TWO, TWO],
    [WHOLE] * LAYERS,
    [WHOLE, WHOLE, WHOLE, THREE, WHOLE],
    [WHOLE, TWO, WHOLE, WHOLE, WHOLE],
)
KEPT = 4


def clouds(seed=0, networks=NETWORKS):
    """Return (networks, N, 3) float32 of each layer."""
    rng = np.random.default_rng(seed)
    layers = []
    for places in zip(*networks, strict=True):
        layer = rng.normal(size=(len(networks), N, 3)) * rng.uniform(0.5, 2, size=(1, 1, 3))
        layer[..., 0] += np.stack(places)
        layers.append(layer.astype(np.float32))
    return layers


def write_ensemble(folder, layers):
    """Write layers and their coefficients, as the pipeline has them; return the three paths."""
    paths = [folder / name for name in ("layers.safetensors", "networks.parquet", "cell.parquet")]
    write_tensors(paths[0], {f"layer_{i}": layer for i, layer in enumerate(layers, 1)})
    rows = [
        {"network": network, "layer": number, "k": row.k, "measure": row.measure}
        | {"curvature": float(row.curvature), "geodesic_mass": row.geodesic_mass}
        for number, layer in enumerate(layers, 1)
        for network, points in enumerate(layer)
        for row in measure_layer(points, GRID)
    ]
    geometry = pl.DataFrame(rows, infer_schema_length=None)
    networks = len(layers[0])
    trained = pl.DataFrame(
        {name: [value] * networks for name, value in KEYS.items()}
        | {"network": range(networks), "test_accuracy": [0.99] * KEPT + [0.5] * (networks - KEPT)}
    )
    write_table(paths[1], network_table(geometry, trained, 0.9, "s"))
    write_table(paths[2], cell_table(geometry, trained, 0.9))
    return paths


@pytest.fixture
def files(tmp_path):
    """With another k* by each measure."""
    paths = write_ensemble(tmp_path, clouds())
    star = pl.col("k") == pl.when(measure="forman_directed").then(GRID[1]).otherwise(GRID[0])
    write_table(paths[2], read_table(paths[2]).with_columns(is_k_star=star))
    return paths


def run(files, settings=POLICIES, names=NAMES, table="measured.parquet"):
    """Run the entry; return its status, and the long table."""
    folder, catalogue = files[0].parent, settings_catalogue()
    X = np.zeros((N, 2), np.float32)
    labels = np.zeros(N, np.uint8)
    tensors = {"X_train": X, "X_test": X, "y_train": labels, "y_test": labels}
    write_tensors(folder / "data", tensors)
    write_json(folder / "facts.json", {"scale": "none", "unit": 1.0})
    words = jobs.arguments(
        names=names,
        measures=FORMAN,
        settings={name: catalogue[name] for name in ("knn", *settings)},
        data=folder / "data",
        facts=folder / "facts.json",
        layers=files[0],
        coefficients=files[1],
        cell=files[2],
        table=folder / table,
        local_table=folder / "local.parquet",
    )
    status = jobs.call("measure", words)
    return status, None if status else read_table(folder / table, MEASURES)


def measure(files, settings=POLICIES):
    """Return the coefficients of the networks that are excluded at k*, and of no others."""
    status, table = run(files, settings)
    assert status == 0
    found = block_coefficients(table, LOCAL.frame(), "s").filter(pl.col("setting") != "knn")
    excluded = not_connected(read_kept(*files[1:], NAMES)).select("network", "measure", "k")
    return found.join(excluded, on=["network", "measure", "k"], how="semi")


def literal(points, k, policy, measure):
    """Return mass and curvature of one layer under a policy, and the points it drops."""
    directed = digraph(literal_neighbours(points, k))
    scale = 1.0, 1.0
    dropped = 0
    if policy == "mst":
        for i, j in nx.minimum_spanning_tree(literal_squares(points)).edges:
            if not directed.has_edge(i, j) and not directed.has_edge(j, i):
                directed.add_edges_from([(i, j), (j, i)])
    else:
        part = max(nx.connected_components(directed.to_undirected()), key=len)
        m = len(part)
        directed = nx.DiGraph(directed.subgraph(part))
        scale, dropped = (math.comb(N, 2) / math.comb(m, 2), N / m), N - m
    graph = directed if measure == "forman_directed" else directed.to_undirected()
    mass = literal_mass(directed.to_undirected())
    return mass * scale[0], literal_curvature(graph) * scale[1], dropped


def test_a_network_that_is_excluded_has_the_coefficient_that_networkx_gives(files):
    table = measure(files)
    layers = clouds()
    for row in table.iter_rows(named=True):
        points = [layer[row["network"]] for layer in layers]
        measured = [literal(p, row["k"], row["setting"], row["measure"]) for p in points]
        mass, curvature, dropped = map(np.array, zip(*measured, strict=True))
        expected = np.corrcoef(np.diff(mass), curvature[:-1])[0, 1]
        assert row["rho"] == pytest.approx(expected, abs=1e-9)
        assert row["reason"] is None
        assert row["left_out"] == dropped.max()
        assert (row["n"], row["points"]) == (N, LAYERS - 1)
        assert {name: row[name] for name in KEYS} == KEYS


def test_excluded_networks_have_rows_at_k_star_and_nobody_else(files):
    _, layers = run(files)
    assert layers.select("network", "k").unique().sort("network", "k").rows() == [
        (network, k) for network in (1, 3) for k in GRID
    ]
    table = measure(files)
    pairs = table.select("network", "measure", "setting").rows()
    assert sorted(pairs) == sorted(
        (network, measure, policy)
        for network in (1, 3)
        for measure in ("forman_directed", "forman_union")
        for policy in POLICIES
    )
    left_out = table.filter(setting="largest_component").select("network", "left_out")
    assert dict(left_out.unique().rows()) == {1: 13, 3: 26}
    stars = read_table(files[2]).filter("is_k_star").select("measure", "k").rows()
    assert set(table.select("measure", "k").rows()) == set(stars)
    assert sorted(stars) == [("forman_directed", GRID[1]), ("forman_union", GRID[0])]


def test_where_all_are_connected_there_is_no_row(tmp_path):
    files = write_ensemble(tmp_path, clouds(networks=[[WHOLE] * LAYERS] * KEPT))
    assert run(files)[1].is_empty()
    assert len(read_kept(*files[1:], NAMES)) == 2 * KEPT


def test_without_a_k_star_nothing_can_be_measured(tmp_path):
    """No network is connected at any k: the cell has no k*, and its networks are still there."""
    files = write_ensemble(tmp_path, clouds(networks=[[TWO] * LAYERS] * KEPT))
    assert run(files)[1].is_empty()
    kept = read_kept(*files[1:], NAMES)
    assert kept.select("k", "rho", "reason").null_count().row(0) == (2 * KEPT,) * 3
    assert not_connected(kept).is_empty()


def test_nobody_is_kept(tmp_path):
    files = write_ensemble(tmp_path, clouds())
    table = read_table(files[1]).with_columns(kept=pl.lit(False))
    write_table(files[1], table)
    assert run(files)[1].is_empty()
    assert read_kept(*files[1:], NAMES).columns[:4] == [*KEYS, "network"]


def policies(root):
    return policies_table(root, {"excluded": list(CELLS)}, {"excluded": ["knn", *POLICIES]})


def test_coefficients_of_other_layers_are_named(tmp_path, files):
    """The layers are others than those that the coefficients are of."""
    layers = clouds(networks=[[WHOLE] * LAYERS] * len(NETWORKS))
    write_tensors(files[0], {f"layer_{i}": layer for i, layer in enumerate(layers, 1)})
    ensemble = "/".join(NAMES)
    for source, stage, name in (
        (files[1], "coefficients", "networks.parquet"),
        (files[2], "coefficients", "cell.parquet"),
    ):
        write_table(tmp_path / stage / ensemble / name, read_table(source))
    write_table(tmp_path / "measures" / ensemble / "excluded.parquet", run(files)[1])
    said = r"excluded\.parquet: .*network 1 at k = \d+ is connected here, and not connected at"
    with pytest.raises(InputError, match=said):
        policies_table(tmp_path, {"excluded": [ensemble]}, {"excluded": ["knn", *POLICIES]})


def test_layers_of_fewer_networks_are_named(files, capsys):
    write_tensors(files[0], {f"layer_{i}": layer[:3] for i, layer in enumerate(clouds(), 1)})
    assert run(files)[0] == 1
    said = capsys.readouterr().err
    assert "layers.safetensors: cannot be read (layer_1 has no network 3)" in said


def test_tables_of_another_ensemble_or_grid_are_named(files, capsys):
    assert run(files, names=("mine", "small", "untrained"))[0] == 1
    said = capsys.readouterr().err
    assert "networks.parquet: cannot be read (it is not of mine/small/untrained)" in said
    cell = read_table(files[2])
    write_table(files[2], cell.with_columns(pl.col("k") + 1))
    assert run(files)[0] == 1
    said = capsys.readouterr().err
    assert "networks.parquet: cannot be read (it has no coefficients at a k* of" in said


APART = "not connected at layer 2, 3"
# (rho, why there is none) of kept networks at k*.
CELLS = {
    "A/a/trained": [(-0.5, None), (0.25, None), (None, APART), (None, APART)],
    "B/a/trained": [(-1.0, "z is not finite"), (None, APART), (None, "constant curvature")],
    "A/a/untrained": [(0.1, None)],
}
# What the policies make of those that fall apart, in their order.
MEASURED = {
    "largest_component": [(-0.5, None), (None, "constant curvature"), (0.5, None)],
    "mst": [(-0.1, None), (-0.2, None), (-0.3, None)],
}


# Geodesic mass and curvature of five layers whose coefficient is 1, and those without one.
LINE = ([0.0, 1.0, 3.0, 6.0, 10.0], [1.0, 2.0, 3.0, 4.0, 0.0])


def layers_of(rho, why):
    """Return (mass, curvature) of five layers with such a coefficient."""
    mass, curvature = np.array(LINE[0]), np.array(LINE[1])
    if why == "constant curvature":
        return mass, np.ones(5)
    if why == APART:
        mass[1:3] = np.nan
        return mass, curvature
    changes = np.diff(mass)
    along, across = changes - changes.mean(), np.array([1.0, -1.0, -1.0, 1.0])
    along, across = along / np.linalg.norm(along), across / np.linalg.norm(across)
    return mass, np.append(rho * along + np.sqrt(1 - rho**2) * across, 0.0)


def write_study(root, star=True):
    """Coefficients at k = 5 (k*) and 9 of these networks and one that is not kept; policies."""
    taken = {policy: iter(made) for policy, made in MEASURED.items()}
    for ensemble, networks in CELLS.items():
        names = dict(zip(KEYS, ensemble.split("/"), strict=True))
        rows, measured = [], []
        for number, (rho, reason) in enumerate([*networks, (None, APART)]):
            kept = number < len(networks)
            base = {**names, "network": number, "measure": "forman_union"}
            rows += [
                base | {"k": 5, "rho": rho, "reason": reason, "kept": kept},
                base | {"k": 9, "rho": -0.9, "reason": None, "kept": kept},
            ]
            if not (kept and reason == APART and star):
                continue
            there = {"knn": (None, APART)} | {policy: next(made) for policy, made in taken.items()}
            for setting, (rho_there, why) in there.items():
                left_out = 10 if setting == "largest_component" else 0
                for layer, (mass, value) in enumerate(zip(*layers_of(rho_there, why), strict=True)):
                    measured.append(
                        base
                        | {"setting": setting, "k": 5, "scope": "edge", "layer": layer + 1}
                        | {"n": 40, "left_out": left_out, "value": value}
                        | {"geodesic_mass": None if np.isnan(mass) else mass}
                    )
        coefficients = root / "coefficients" / ensemble
        write_table(coefficients / "networks.parquet", pl.DataFrame(rows, infer_schema_length=None))
        cell = [
            {**names, "measure": "forman_union", "k": k, "is_k_star": star and k == 5}
            for k in (5, 9)
        ]
        write_table(coefficients / "cell.parquet", pl.DataFrame(cell))
        path = root / "measures" / ensemble / "excluded.parquet"
        write_table(path, MEASURES.frame(measured))


def summary_of(root):
    table = policies(root)
    assert table.schema == pl.Schema(DECLARED.schema)
    keys = "condition", "policy"
    return {tuple(row[key] for key in keys): row for row in table.iter_rows(named=True)}


def test_the_end_of_the_funnel_by_hand(tmp_path):
    write_study(tmp_path)
    found = summary_of(tmp_path)
    assert list(found) == [
        *(("trained", policy) for policy in ("exclude", *POLICIES)),
        *(("untrained", policy) for policy in ("exclude", *POLICIES)),
    ]
    names = DECLARED.names[3:]
    expected = {
        "exclude": (7, 3, 2, 0, 0, 3, 2, 4, "3 not connected; 1 constant curvature", None),
        "largest_component": (7, 3, 2, 2, 1, 5, 3, 2, "2 constant curvature", 0.25),
        "mst": (7, 3, 2, 3, 3, 6, 5, 1, "1 constant curvature", 0.0),
    }
    for policy, numbers in expected.items():
        assert [found["trained", policy][name] for name in names] == list(numbers), policy
    alone = found["untrained", "mst"]
    assert [alone[name] for name in names] == [1, 1, 0, 0, 0, 1, 0, 0, None, None]


def test_the_pipelines_own_policy_is_the_funnel(tmp_path):
    write_study(tmp_path)
    found = summary_of(tmp_path)
    tables = [
        pl.concat([read_table(tmp_path / "coefficients" / name / file) for name in CELLS])
        for file in ("networks.parquet", "cell.parquet")
    ]
    accuracy = tables[0].filter(k=5).select(*KEYS, "network", "kept")
    steps = funnel(accuracy, at_k_star(*tables), ["forman_union"])
    for condition in ("trained", "untrained"):
        row = found[condition, "exclude"]
        counted = [row["kept"], row["connected"], row["connected_negative"]]
        assert steps.filter(condition=condition)["networks"].to_list()[1:] == counted


def test_kept_networks_of_cells_without_a_k_star_are_counted(tmp_path):
    write_study(tmp_path, star=False)
    row = summary_of(tmp_path)["trained", "mst"]
    assert (row["kept"], row["coefficients"], row["undefined"]) == (7, 0, 7)
    assert row["reasons"] == f"7 {NO_K_STAR}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table[:-20], "network 1 at k = 5 is connected here"),
        (lambda table: table.with_columns(network=pl.col("network") + 9), "is connected here"),
        (
            lambda table: table.with_columns(data_set=pl.lit("C")),
            "it is not of B/a/trained but of C",
        ),
    ],
    ids=["fewer", "others", "ensemble"],
)
def test_policies_of_other_networks_are_named(tmp_path, change, said):
    write_study(tmp_path)
    path = tmp_path / "measures/B/a/trained/excluded.parquet"
    write_table(path, change(read_table(path)))
    with pytest.raises(InputError) as error:
        policies(tmp_path)
    assert f"{path}: cannot be read (" in str(error.value)
    assert said in str(error.value)
