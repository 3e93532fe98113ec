"""Networks that are excluded at k*: each measured again as by networkx, and nobody else."""

import math

import networkx as nx
import numpy as np
import polars as pl
import pytest

import summarise_robustness
from ricci_flow.analysis.funnel import funnel
from ricci_flow.analysis.join import at_k_star
from ricci_flow.coefficients.tables import cell_table, network_table
from ricci_flow.errors import InputError
from ricci_flow.geometry.measure import measure_layer
from ricci_flow.graphs.neighbours import nearest_neighbours
from ricci_flow.robustness.ensemble import measure_policies
from ricci_flow.robustness.kept import fallen_apart, read_kept
from ricci_flow.robustness.policy_summary import NO_K_STAR, SUMMARY_SCHEMA
from ricci_flow.robustness.schema import POLICIES, POLICIES_SCHEMA, VARIANTS_SCHEMA
from ricci_flow.storage import read_table, write_table, write_tensors
from tests.unit.clouds import digraph, literal_curvature, literal_mass, literal_neighbours
from tests.unit.test_robustness_graphs import literal_squares

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
        {"network": network, "layer": number, "k": row.k, "convention": row.convention}
        | {"curvature": float(row.curvature), "geodesic_mass": row.geodesic_mass}
        for number, layer in enumerate(layers, 1)
        for network, points in enumerate(layer)
        for row in measure_layer(nearest_neighbours(points, max(GRID)), GRID)
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
    """With another k* by each convention."""
    paths = write_ensemble(tmp_path, clouds())
    star = pl.col("k") == pl.when(convention="directed").then(GRID[1]).otherwise(GRID[0])
    write_table(paths[2], read_table(paths[2]).with_columns(is_k_star=star))
    return paths


def measure(files, variants=POLICIES, names=NAMES):
    return measure_policies(*files, variants, names, lambda line: None)


def literal(points, k, policy, convention):
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
    graph = directed if convention == "directed" else directed.to_undirected()
    mass = literal_mass(directed.to_undirected())
    return mass * scale[0], literal_curvature(graph) * scale[1], dropped


def test_a_network_that_is_excluded_has_the_coefficient_that_networkx_gives(files):
    table = measure(files)
    assert table.schema == pl.Schema(POLICIES_SCHEMA)
    layers = clouds()
    for row in table.iter_rows(named=True):
        points = [layer[row["network"]] for layer in layers]
        measured = [literal(p, row["k"], row["policy"], row["convention"]) for p in points]
        mass, curvature, dropped = map(np.array, zip(*measured, strict=True))
        expected = np.corrcoef(np.diff(mass), curvature[:-1])[0, 1]
        assert row["rho"] == pytest.approx(expected, abs=1e-9)
        assert row["reason"] is None
        assert row["dropped_points"] == dropped.max()
        assert (row["n_points"], row["points"]) == (N, LAYERS - 1)
        assert {name: row[name] for name in KEYS} == KEYS


def test_kept_networks_that_fall_apart_have_rows_at_k_star_and_nobody_else(files):
    table = measure(files)
    pairs = table.select("network", "convention", "policy").rows()
    assert sorted(pairs) == sorted(
        (network, convention, policy)
        for network in (1, 3)
        for convention in ("directed", "union")
        for policy in POLICIES
    )
    assert set(table.select("network", "k", "excluded").rows()) == {
        (1, GRID[0], "not connected at layer 2, 3, 4, 5"),
        (1, GRID[1], "not connected at layer 3, 4, 5"),
        *((3, k, "not connected at layer 4") for k in GRID),
    }
    dropped = table.filter(policy="largest_component").select("network", "dropped_points")
    assert dict(dropped.unique().rows()) == {1: 13, 3: 26}
    stars = read_table(files[2]).filter("is_k_star").select("convention", "k").rows()
    assert set(table.select("convention", "k").rows()) == set(stars)
    assert sorted(stars) == [("directed", GRID[1]), ("union", GRID[0])]


def test_only_policies_that_were_asked_for(files):
    assert measure(files, ["mutual", "mst"])["policy"].unique().to_list() == ["mst"]
    nothing = measure(files, ["mutual", "subsample"])
    assert nothing.is_empty()
    assert nothing.schema == pl.Schema(POLICIES_SCHEMA)


def test_where_all_are_connected_there_is_no_row(tmp_path):
    files = write_ensemble(tmp_path, clouds(networks=[[WHOLE] * LAYERS] * KEPT))
    assert measure(files).is_empty()
    assert len(read_kept(*files[1:], NAMES)) == 2 * KEPT


def test_without_a_k_star_nothing_can_be_measured(tmp_path):
    """All networks fall apart at every k: the cell has no k*, and its networks are still there."""
    files = write_ensemble(tmp_path, clouds(networks=[[TWO] * LAYERS] * KEPT))
    assert measure(files).is_empty()
    kept = read_kept(*files[1:], NAMES)
    assert kept.select("k", "rho", "reason").null_count().row(0) == (2 * KEPT,) * 3
    assert fallen_apart(kept).is_empty()


def test_nobody_is_kept(tmp_path):
    files = write_ensemble(tmp_path, clouds())
    table = read_table(files[1]).with_columns(kept=pl.lit(False))
    write_table(files[1], table)
    assert measure(files).is_empty()
    assert read_kept(*files[1:], NAMES).columns[:4] == [*KEYS, "network"]


def test_coefficients_of_other_layers_are_named(files):
    layers = clouds(networks=[[WHOLE] * LAYERS] * len(NETWORKS))
    write_tensors(files[0], {f"layer_{i}": layer for i, layer in enumerate(layers, 1)})
    said = r"networks\.parquet: .*network 1 at k = \d+ is connected here, and not connected at"
    with pytest.raises(InputError, match=said):
        measure(files)


def test_layers_of_fewer_networks_are_named(files):
    write_tensors(files[0], {f"layer_{i}": layer[:3] for i, layer in enumerate(clouds(), 1)})
    with pytest.raises(InputError, match=r"layers\.safetensors: .*layer_1 has no network 3"):
        measure(files)


def test_tables_of_another_ensemble_or_grid_are_named(files):
    with pytest.raises(InputError, match=r"networks\.parquet: .*not of mine/small/untrained"):
        measure(files, names=("mine", "small", "untrained"))
    cell = read_table(files[2])
    write_table(files[2], cell.with_columns(pl.col("k") + 1))
    with pytest.raises(InputError, match=r"networks\.parquet: .*no coefficients at a k\*"):
        measure(files)


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


def write_study(root, star=True):
    """Coefficients at k = 5 (k*) and 9 of these networks and one that is not kept; policies."""
    taken = {policy: iter(made) for policy, made in MEASURED.items()}
    for ensemble, networks in CELLS.items():
        names = dict(zip(KEYS, ensemble.split("/"), strict=True))
        rows, policies, variants = [], [], []
        for number, (rho, reason) in enumerate([*networks, (None, APART)]):
            kept = number < len(networks)
            base = {**names, "network": number, "convention": "union"}
            rows += [
                base | {"k": 5, "rho": rho, "reason": reason, "kept": kept},
                base | {"k": 9, "rho": -0.9, "reason": None, "kept": kept},
            ]
            for policy, made in taken.items() if kept and reason == APART else ():
                rho_there, why = next(made)
                policies.append(
                    base
                    | {"k": 5, "policy": policy, "excluded": reason, "n_points": 40, "points": 4}
                    | {"rho": rho_there, "reason": why}
                    | {"dropped_points": 10 if policy == "largest_component" else 0}
                )
        for variant in ("baseline", *MEASURED):
            row = dict.fromkeys(VARIANTS_SCHEMA) | names | {"network": 0, "variant": variant}
            variants.append(row | {"convention": "union", "fraction": 0.1, "n_points": 40})
        coefficients = root / "coefficients" / ensemble
        write_table(coefficients / "networks.parquet", pl.DataFrame(rows, infer_schema_length=None))
        cell = [
            {**names, "convention": "union", "k": k, "is_k_star": star and k == 5} for k in (5, 9)
        ]
        write_table(coefficients / "cell.parquet", pl.DataFrame(cell))
        robustness = root / "robustness" / ensemble
        table = pl.DataFrame(policies if star else [], schema=POLICIES_SCHEMA)
        write_table(robustness / "policies.parquet", table)
        write_table(robustness / "variants.parquet", pl.DataFrame(variants, schema=VARIANTS_SCHEMA))


def summarise(root):
    words = ["--root", root, "--ensembles", *CELLS, "--output", root / "statistics"]
    return summarise_robustness.main([str(word) for word in words])


def summary_of(root):
    assert summarise(root) == 0
    table = read_table(root / "statistics/policies.parquet")
    assert table.schema == pl.Schema(SUMMARY_SCHEMA)
    keys = "condition", "policy"
    return {tuple(row[key] for key in keys): row for row in table.iter_rows(named=True)}


def test_the_end_of_the_funnel_by_hand(tmp_path):
    write_study(tmp_path)
    found = summary_of(tmp_path)
    assert list(found) == [
        *(("trained", policy) for policy in ("exclude", *POLICIES)),
        *(("untrained", policy) for policy in ("exclude", *POLICIES)),
    ]
    names = list(SUMMARY_SCHEMA)[3:]
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
    steps = funnel(accuracy, at_k_star(*tables), ["union"])
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
    "change",
    [
        lambda table: table[:-1],
        lambda table: table.with_columns(network=pl.col("network") + 1),
        lambda table: table.with_columns(policy=pl.lit("mst")),
        lambda table: table.with_columns(data_set=pl.lit("B")),
    ],
    ids=["fewer", "others", "policy", "ensemble"],
)
def test_policies_of_other_networks_are_named(tmp_path, capsys, change):
    write_study(tmp_path)
    path = tmp_path / "robustness/A/a/trained/policies.parquet"
    write_table(path, change(read_table(path)))
    assert summarise(tmp_path) == 1
    text = capsys.readouterr().err
    assert f"error: {path}: cannot be read (its networks are not those of A/a/trained" in text
    assert "Traceback" not in text
    assert not (tmp_path / "statistics").exists()
