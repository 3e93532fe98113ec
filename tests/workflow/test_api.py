"""From Python the layers of a study's networks give the study's numbers, to the bit."""

import polars as pl
import pytest

import ricci_flow
from ricci_flow.measurement.ensemble import Plan, measure_ensemble
from ricci_flow.measurement.grids import grid_of
from ricci_flow.measurement.registry import load_measures
from ricci_flow.measurement.settings import Setting
from ricci_flow.measurement.sources import Activations
from ricci_flow.storage import TensorFile, read_tensors
from tests.workflow.test_tiny_study import ENSEMBLES

MEASURES = ["forman_directed", "forman_union"]


def layers_of(root, ensemble, network):
    with TensorFile(root / f"activations/{ensemble}/layers.safetensors") as file:
        return {
            f"layer_{number}": file[f"layer_{number}"][network]
            for number in range(1, len(file.names) + 1)
        }


def labels_of(root, ensemble):
    return read_tensors(root / f"datasets/{ensemble.partition('/')[0]}.safetensors")["y_test"]


def assert_same_rows(found, table, keys):
    """Compare the columns that both tables have, to the bit."""
    shared = [name for name in table.columns if name in found.columns and name not in keys]
    found, table = (part.select(*keys, *shared).sort(keys) for part in (found, table))
    assert len(table)
    assert found.equals(table, null_equal=True)
    return set(shared)


@pytest.mark.parametrize("ensemble", sorted(ENSEMBLES))
def test_measures_coefficients_and_nulls_are_those_of_the_study(finished, ensemble):
    root = finished.folder / "results/tiny"
    main = pl.read_parquet(root / f"measures/{ensemble}/main.parquet")
    coefficients = pl.read_parquet(root / f"coefficients/{ensemble}/networks.parquet")
    ks = sorted(main["k"].unique())
    for network in range(3):
        result = ricci_flow.measure(
            layers_of(root, ensemble, network), labels_of(root, ensemble), k=ks,
            measures=MEASURES, seed=f"tiny33/{ensemble}",
        )  # fmt: skip
        shared = assert_same_rows(
            result.table.drop("gap_reason", "layer_points", "layer_rho", "layer_reason", "gap"),
            main.filter(network=network), ["measure", "k", "layer"],
        )  # fmt: skip
        assert {"value", "mean", "edges", "geodesic_mass", "diameter", "reason"} <= shared
        own = coefficients.filter(network=network)
        # A study says there of a number why it has no z too.
        own = own.with_columns(reason=pl.when(pl.col("rho").is_null()).then("reason"))
        shared = assert_same_rows(result.coefficients, own, ["measure", "k"])
        assert {"rho", "p", "p_method", "p_orders", "null_mean", "coupling", "reason"} <= shared


@pytest.mark.parametrize("ensemble", ["rolls/short/trained", "digits/long/trained"])
def test_other_graphs_are_those_of_the_further_blocks(finished, ensemble):
    root = finished.folder / "results/tiny"
    table = pl.read_parquet(root / f"measures/{ensemble}/robustness.parquet")
    names = dict(zip(("data_set", "architecture", "condition"), ensemble.split("/"), strict=True))
    further = pl.read_parquet(root / "statistics/further.parquet").filter(
        block="robustness", network=1, **names
    )
    result = ricci_flow.measure(
        layers_of(root, ensemble, 1), labels_of(root, ensemble), k=[0.05, 0.1], local=False,
        settings=["knn", "mutual", "mst"], measures=MEASURES,
    )  # fmt: skip
    there = pl.col("setting").is_in(["knn", "mutual", "mst"])
    keys = ["setting", "measure", "k_fraction", "layer"]
    assert_same_rows(result.table, table.filter(there, network=1), keys)
    # A study has no rows of them.
    undirected = pl.col("reason").eq_missing("this graph has no directed edges")
    assert result.coefficients.filter(undirected)["setting"].to_list() == ["mutual", "mutual"]
    found = result.coefficients.filter(~undirected)
    shared = assert_same_rows(found, further.filter(there), keys[:3])
    assert {"rho", "p", "reason"} <= shared


def test_coefficients_point_by_point_are_those_of_a_block(finished):
    root = finished.folder / "results/tiny"
    ensemble = "digits/short/trained"
    measures = {name: {"module": name} for name in ("forman_union", "modularity")}
    settings = {"half": {"points": "half"}, "knn": {}}
    labels = labels_of(root, ensemble)

    def streams(*names):
        return ricci_flow.seeds.derive_generator("tiny33", *ensemble.split("/"), *names)

    source = Activations(
        root / f"activations/{ensemble}/layers.safetensors", range(1), labels, streams,
        root / "datasets/digits.safetensors", root / "datasets/digits.json",
    )  # fmt: skip
    plan = Plan(
        load_measures(measures, "test"),
        {name: Setting(**keys) for name, keys in settings.items()},
        grid_of([6, 12], None), 2, local=True,
    )  # fmt: skip
    found = measure_ensemble(plan, source, ensemble.split("/"), lambda line: None)
    result = ricci_flow.measure(
        layers_of(root, ensemble, 0), labels, [6, 12], measures, settings,
        draws=2, seed=f"tiny33/{ensemble}",
    )  # fmt: skip
    keys = ["setting", "draw", "k", "measure"]
    assert "local_median" in assert_same_rows(result.local, found.local, keys)
    assert {"layer_rho", "gap"} <= assert_same_rows(result.table, found.table, [*keys, "layer"])
