"""The entries of measures: files in, tables out; the summary against numbers by hand."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

from ricci_flow.analysis.further import block_coefficients, with_reference
from ricci_flow.analysis.settings import rank_correlation, summarise_settings
from ricci_flow.datasets.stored import read_scaled
from ricci_flow.measurement.sources import NO_WEIGHTS
from ricci_flow.networks.forward import forward_layers
from ricci_flow.storage import read_table, read_tensors, write_json, write_table, write_tensors
from ricci_flow.tables.measures import LOCAL, MEASURES
from ricci_flow.tables.statistics import FURTHER, OF_FURTHER, SETTINGS
from tests import jobs
from tests.fixtures import drawing
from tests.unit.measuring import FORMAN, settings_catalogue

NAMES = ["mine", "small", "trained"]


@pytest.fixture
def files(tmp_path):
    """A data set of 50 points and three networks of five hidden layers."""
    rng = np.random.default_rng(0)
    X = rng.normal(3, 5, size=(90, 4)).astype(np.float32)
    sizes = (4, 6, 6, 5, 6, 6, 1)
    weights = {}
    for layer in range(1, 7):
        a, b = sizes[layer - 1 : layer + 1]
        weights[f"W{layer}"] = rng.normal(size=(3, a, b)).astype(np.float32)
        weights[f"b{layer}"] = rng.normal(size=(3, b)).astype(np.float32)
    data = tmp_path / "mine.safetensors"
    labels = {"y_train": np.zeros(40, np.uint8), "y_test": np.zeros(50, np.uint8)}
    write_tensors(data, {"X_train": X[50:], "X_test": X[:50], **labels})
    write_json(tmp_path / "mine.json", {"scale": "standard", "unit": 1.0})
    write_tensors(tmp_path / "weights.safetensors", weights, {"activation": "relu"})
    scaled = read_scaled(data, tmp_path / "mine.json", "catalogue", ("X_test",))["X_test"]
    write_tensors(tmp_path / "layers.safetensors", forward_layers(weights, scaled, "relu"))
    write_coefficients(tmp_path)
    return tmp_path


def write_coefficients(folder, **network):
    """Three kept networks that have a coefficient at k* = 10; the last one is as `network` says."""
    names = dict(zip(("data_set", "architecture", "condition"), NAMES, strict=True))
    row = {**names, "measure": "forman_union", "k": 10}
    rows = [row | {"network": i, "rho": -0.5, "reason": None, "kept": True} for i in range(3)]
    rows[-1] |= network
    texts = {"reason": pl.String}
    table = pl.DataFrame(rows, schema_overrides=texts, infer_schema_length=None)
    write_table(folder / "networks.parquet", table)
    write_table(folder / "cell.parquet", pl.DataFrame([row | {"is_k_star": True}]))


EVERY = list(settings_catalogue())


def measure(files, settings, *, weights=True, excluded=False, table="robustness.parquet", **fields):
    """Run the entry; return its status, the coefficients, and what it said of the layers."""
    catalogue = settings_catalogue()
    names = {"weights": "weights.safetensors"} if weights else {}
    if excluded:
        names |= {"coefficients": "networks.parquet", "cell": "cell.parquet"}
    else:
        fields = {"k_fractions": [0.2, 0.3], "networks": 2, **fields}
    words = jobs.arguments(
        names=NAMES,
        measures=FORMAN,
        settings={name: catalogue[name] for name in dict.fromkeys(["knn", *settings])},
        seed_name="s",
        data=files / "mine.safetensors",
        facts=files / "mine.json",
        layers=files / "layers.safetensors",
        table=files / table,
        local_table=files / "local.parquet",
        **{field: files / name for field, name in names.items()},
        **fields,
    )
    status = jobs.call("measure", words)
    if status:
        return status, None, None
    layers = read_table(files / table, MEASURES)
    return 0, block_coefficients(layers, read_table(files / "local.parquet", LOCAL), "s"), layers


def test_all_settings_of_the_first_networks(files):
    status, table, layers = measure(files, EVERY, draws=3)
    assert status == 0
    assert table["network"].unique().sort().to_list() == [0, 1]
    counts = dict(table.group_by("setting").len().iter_rows())
    # networks x fractions x measures (x draws)
    eight = ("knn", "with_input", "with_output", "with_input_and_output")
    eight += ("right_with_input_and_output",)
    eight += ("largest_component", "mst", "first_class", "second_class")
    expected = dict.fromkeys(eight, 8)
    assert counts == {**expected, "mutual": 4, "subsample": 24, "rescaled": 24}
    assert (table["rho"].is_null() == table["reason"].is_not_null()).all()
    assert (table["deviation"].is_not_null() == (table["setting"] == "rescaled")).all()
    assert table.filter(setting="mst")["reason"].null_count() == 8
    assert table.filter(setting="subsample")["n"].unique().to_list() == [25]
    numbers = {
        setting: part["layer"].unique().sort().to_list()
        for (setting,), part in layers.group_by("setting")
    }
    assert numbers["knn"] == [1, 2, 3, 4, 5]
    assert numbers["with_input_and_output"] == [0, 1, 2, 3, 4, 5, 6]
    assert layers.filter(layer=0)["geodesic_mass"].n_unique() <= 2 * 2  # the same for all networks


def test_the_network_that_is_excluded_is_measured_at_k_star_alone(files):
    assert measure(files, ["mst"], excluded=True)[2].is_empty()
    write_coefficients(files, rho=None, reason="not connected at layer 4")
    _, table, layers = measure(files, ["mst"], excluded=True)
    assert table["setting"].unique().sort().to_list() == ["knn", "mst"]
    assert set(layers["network"]) == {2}
    assert set(layers["k"]) == {10}
    assert layers["k_fraction"].null_count() == len(layers)


def test_a_networks_rows_depend_on_nothing_beside_it(files):
    """Other settings, more networks or more draws change no row."""
    _, all_of_it, _ = measure(files, EVERY, networks=9, draws=3)
    _, some, _ = measure(files, ["rescaled"], networks=1, draws=2)
    assert all_of_it["network"].max() == 2  # there are only three
    rows = all_of_it.filter(
        pl.col("setting").is_in(["knn", "rescaled"]),
        pl.col("network") == 0,
        pl.col("draw").fill_null(0) < 2,
    )
    assert rows.equals(some)


def test_a_condition_without_networks(files):
    status, table, _ = measure(files, EVERY, weights=False)
    assert status == 0
    skipped = table.filter(reason=NO_WEIGHTS)
    of_output = {"with_output", "with_input_and_output", "right_with_input_and_output"}
    assert set(skipped["setting"]) == {"rescaled", *of_output}
    assert table.filter(setting="mutual")["reason"].ne_missing(NO_WEIGHTS).all()


def test_weights_of_another_data_set_are_one_line(files, capsys):
    weights = read_tensors(files / "weights.safetensors")
    weights["W1"] = np.ones((3, 5, 6), np.float32)  # of five features, where there are four
    write_tensors(files / "weights.safetensors", weights, {"activation": "relu"})
    status = measure(files, ["rescaled"])[0]
    assert status == 1
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert "error: " in text
    assert "weights.safetensors" in text
    assert "W1 takes 5 values per point, but there are 4" in text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda layer: layer[:, :-1], "has shape (2, 49, 6), for 50 points"),
        (lambda layer: layer[:1], "layer_2 has shape (1, 50, 6)"),
        (lambda layer: layer * np.inf, "layer 2 is not finite"),
    ],
)
def test_layers_that_do_not_fit_are_one_line(files, capsys, change, message):
    layers = read_tensors(files / "layers.safetensors")
    with np.errstate(invalid="ignore"):
        layers["layer_2"] = change(layers["layer_2"])
    write_tensors(files / "layers.safetensors", layers)
    assert measure(files, ["mst"])[0] == 1
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert "error: " in text
    assert "layers.safetensors" in text
    assert message in text


def rows(setting, rhos, measure="forman_union", draws=None):
    return [
        {"block": "more", "data_set": "A", "architecture": "a", "condition": "trained"}
        | {"network": network, "setting": setting, "draw": draw, "measure": measure}
        | {"k_fraction": 0.1, "k": 10, "scope": "edge", "n": 100, "points": 4, "left_out": 0}
        | {"rho": rho, "reason": None if rho is not None else "not connected at layer 2"}
        for network, rho in enumerate(rhos)
        for draw in (draws or [None])
    ]


def test_summary_by_hand():
    made = rows("knn", [-0.5, 0.25, -0.75, None, -0.1])
    made += rows("mutual", [-0.25, -0.25, None, 0.5, 0.3])
    made += rows("rescaled", [-0.5] * 5, draws=[0, 1])
    made[-1]["deviation"] = 2e-15
    summary = summarise_settings(with_reference(FURTHER.frame(made)))
    assert summary.schema == pl.Schema(SETTINGS.schema)
    mutual = summary.row(by_predicate=pl.col("setting") == "mutual", named=True)
    # Compared: networks 0, 1, 4, with changes 0.25, -0.5, 0.4; two of three change sign.
    assert (mutual["networks"], mutual["coefficients"], mutual["undefined"]) == (5, 5, 1)
    assert mutual["reasons"] == "1 not connected"
    assert mutual["negative"] == 0.5
    assert mutual["median_rho"] == pytest.approx(0.025)
    assert mutual["compared"] == 3
    assert mutual["median_change"] == pytest.approx(0.4)
    assert mutual["flips"] == pytest.approx(2 / 3)
    # Ranks 1.5, 1.5, 3 against 1, 3, 2.
    assert mutual["spearman"] == pytest.approx(0.0)
    assert (mutual["regained"], mutual["regained_negative"]) == (1, 0.0)
    own = summary.row(by_predicate=pl.col("setting") == "knn", named=True)
    assert (own["flips"], own["spearman"], own["regained"]) == (0, 1, 0)
    assert own["regained_negative"] is None
    rescaled = summary.row(by_predicate=pl.col("setting") == "rescaled", named=True)
    assert (rescaled["networks"], rescaled["coefficients"], rescaled["compared"]) == (5, 10, 8)
    assert rescaled["deviation"] == 2e-15
    assert (rescaled["regained"], rescaled["regained_negative"]) == (2, 1)
    assert rescaled["spearman"] is None  # all the same


@pytest.mark.parametrize("seed", range(4))
def test_rank_correlation_is_that_of_scipy(seed):
    x, y = np.random.default_rng(seed).integers(0, 6, size=(2, 12)).astype(float)
    expected = spearmanr(x, y).statistic
    assert rank_correlation(pl.Series(x), pl.Series(y)) == pytest.approx(expected)


def test_a_study_without_further_blocks_has_empty_tables_and_a_figure_that_says_so(tmp_path):
    words = jobs.arguments(root=tmp_path, blocks={}, output=tmp_path)
    assert jobs.call("summarise_measures", words) == 0
    for schema in OF_FURTHER:
        table = read_table(tmp_path / schema.file.rpartition("/")[2], schema)
        assert table.is_empty()
    drawn = drawing.draw(
        "settings",
        tmp_path / "a.svg",
        tmp_path / "further.parquet",
        settings={"measure": "forman_union", "blocks_varied": [], "setting_titles": {}},
    )
    assert drawn == 0
    assert (tmp_path / "a.svg").stat().st_size > 0
