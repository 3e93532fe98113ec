"""Gaussian layers: moments as asked for, nothing else kept, streams of their own."""

import numpy as np
import pytest
from scipy.stats import kstest

from ricci_flow.networks.random_features import gaussian_like, random_features
from ricci_flow.storage import read_table, read_tensors, write_table, write_tensors
from ricci_flow.tables.training import NETWORKS
from tests import jobs

NAMES = ("study", "rolls", "short", "random_features")


def make_layers(networks=3, n=400):
    """Return activations as of a ReLU network: two clusters, one dead and one constant unit."""
    generator = np.random.default_rng(4)
    layers = {}
    for layer, width in enumerate((6, 5), 1):
        mixing = generator.standard_normal((networks, 3, width))
        points = generator.standard_normal((networks, n, 3))
        points[:, : n // 2, 0] += 6
        stack = np.maximum(points @ mixing, 0)
        stack[..., 0], stack[..., 1] = 0.0, 2.5
        layers[f"layer_{layer}"] = stack.astype(np.float32)
    return layers


def test_mean_and_covariance_are_those_of_the_cloud():
    cloud = make_layers(1, 300)["layer_1"][0]
    # 60 clouds of 300 points: the moments are known to a few thousandths of their size.
    draws = np.concatenate(
        [gaussian_like(cloud, np.random.default_rng(seed)) for seed in range(60)]
    ).astype(float)
    scale = np.sqrt(np.outer(cloud.std(axis=0), cloud.std(axis=0)).max())
    assert np.abs(draws.mean(axis=0) - cloud.mean(axis=0)).max() < 0.04 * scale
    expected = np.cov(cloud.astype(float), rowvar=False)
    assert np.abs(np.cov(draws, rowvar=False) - expected).max() < 0.05 * scale**2


def test_a_direction_is_normal_where_the_cloud_has_two_clusters():
    cloud = make_layers(1, 2000)["layer_1"][0].astype(float)
    unit = int(np.argmax(cloud.var(axis=0)))

    def p(values):
        return kstest((values - values.mean()) / values.std(ddof=1), "norm").pvalue

    assert p(cloud[:, unit]) < 1e-6
    assert p(gaussian_like(cloud, np.random.default_rng(1))[:, unit]) > 0.01


def test_dead_and_constant_units_stay_so_and_flat_clouds_stay_flat():
    cloud = make_layers(1)["layer_1"][0]
    drawn = gaussian_like(cloud, np.random.default_rng(0))
    assert (drawn[:, 0] == 0).all()
    assert (drawn[:, 1] == 2.5).all()
    line = np.outer(np.linspace(-1, 1, 50), [3, -2, 1]).astype(np.float32)
    flat = gaussian_like(line, np.random.default_rng(0)).astype(float)
    assert np.linalg.svd(flat - flat.mean(axis=0), compute_uv=False)[1] < 1e-5
    assert (gaussian_like(np.full((9, 2), 7, np.float32), np.random.default_rng(0)) == 7).all()


def test_networks_and_layers_have_streams_of_their_own():
    layers = make_layers()
    same = {name: np.stack([stack[0]] * 3) for name, stack in layers.items()}
    same["layer_2"] = same["layer_1"]
    drawn = random_features(same, 3, NAMES)
    assert not np.allclose(drawn["layer_1"][0], drawn["layer_1"][1])
    assert not np.allclose(drawn["layer_1"][0], drawn["layer_2"][0])
    # A network does not depend on how many others are drawn beside it.
    alone = random_features(same, 1, NAMES)
    assert (alone["layer_2"][0] == drawn["layer_2"][0]).all()


@pytest.fixture
def files(tmp_path):
    write_tensors(tmp_path / "layers.safetensors", make_layers())
    names = {"data_set": "rolls", "architecture": "short", "condition": "trained"}
    rows = [
        names | {"network": network, "seed": 5 + network, "epochs": 1, "test_accuracy": accuracy}
        for network, accuracy in enumerate((0.9, 0.8, 1.0))
    ]
    write_table(tmp_path / "networks.parquet", NETWORKS.frame(rows))
    return tmp_path


def run(files, networks, out):
    words = jobs.arguments(
        layers=files / "layers.safetensors",
        networks=files / "networks.parquet",
        data_set="rolls",
        architecture="short",
        condition="random_features",
        count=networks,
        seed_name="study",
        drawn=files / out / "drawn.safetensors",
        network_table=files / out / "drawn.parquet",
    )
    return jobs.call("draw_random_features", [*words, "--job", "x", "--log", str(files / "log")])


def test_the_entry_takes_the_first_networks_with_their_accuracies(files):
    assert run(files, 2, "a") == run(files, 2, "b") == 0
    table = read_table(files / "a/drawn.parquet")
    assert table["condition"].to_list() == ["random_features"] * 2
    assert table["test_accuracy"].to_list() == [0.9, 0.8]
    assert not set(table["seed"]) & {5, 6, 7}
    drawn = read_tensors(files / "a/drawn.safetensors")
    expected = random_features(make_layers(), 2, NAMES)
    assert all((drawn[name] == expected[name]).all() for name in expected)
    for name in ("drawn.safetensors", "drawn.parquet"):
        assert (files / "a" / name).read_bytes() == (files / "b" / name).read_bytes()
