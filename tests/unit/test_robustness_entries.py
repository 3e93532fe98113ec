"""The entries of robustness: files in, tables out; the summary against numbers by hand."""

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr

import measure_robustness
import summarise_robustness
from ricci_flow.networks.forward import forward_layers
from ricci_flow.robustness.ensemble import read_points
from ricci_flow.robustness.network import NO_WEIGHTS
from ricci_flow.robustness.policy_summary import SUMMARY_SCHEMA as POLICIES_SUMMARY
from ricci_flow.robustness.schema import POLICIES_SCHEMA, VARIANTS_SCHEMA
from ricci_flow.robustness.summary import SUMMARY_SCHEMA, gather, rank_correlation
from ricci_flow.robustness.summary import summarise as summarise_variants
from ricci_flow.storage import read_table, read_tensors, write_json, write_table, write_tensors
from tests.fixtures import drawing

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
    scaled = read_points(data, tmp_path / "mine.json", "catalogue")
    write_tensors(tmp_path / "layers.safetensors", forward_layers(weights, scaled, "relu"))
    write_coefficients(tmp_path)
    return tmp_path


def write_coefficients(folder, **network):
    """Three kept networks that have a coefficient at k* = 10; the last one is as `network` says."""
    names = dict(zip(("data_set", "architecture", "condition"), NAMES, strict=True))
    row = {**names, "convention": "union", "k": 10}
    rows = [row | {"network": i, "rho": -0.5, "reason": None, "kept": True} for i in range(3)]
    rows[-1] |= network
    texts = {"reason": pl.String}
    table = pl.DataFrame(rows, schema_overrides=texts, infer_schema_length=None)
    write_table(folder / "networks.parquet", table)
    write_table(folder / "cell.parquet", pl.DataFrame([row | {"is_k_star": True}]))


def measure(files, *more, weights=True, table="variants.parquet"):
    words = ["--data", files / "mine.safetensors", "--facts", files / "mine.json"]
    words += ["--layers", files / "layers.safetensors", "--table", files / table]
    words += ["--weights", files / "weights.safetensors"] if weights else []
    words += ["--coefficients", files / "networks.parquet", "--cell", files / "cell.parquet"]
    words += ["--policies", files / "policies.parquet"]
    words += ["--names", *NAMES, "--k-fractions", "0.2", "0.3", "--seed-name", "s", *more]
    status = measure_robustness.main([str(word) for word in words])
    return status, read_table(files / table) if status == 0 else None


def test_all_variants_of_the_first_networks(files):
    status, table = measure(files, "--variants", *measure_robustness.VARIANTS, "--draws", "3")
    assert status == 0
    assert table.schema == pl.Schema(VARIANTS_SCHEMA)
    assert table["network"].unique().sort().to_list() == [0, 1]
    counts = dict(table.group_by("variant").len().iter_rows())
    # networks x fractions x conventions (x draws)
    eight = ("baseline", "with_input", "with_output", "with_input_and_output")
    expected = dict.fromkeys((*eight, "largest_component", "mst"), 8)
    assert counts == {**expected, "mutual": 4, "subsample": 24, "rescaled": 24}
    assert (table["rho"].is_null() == table["reason"].is_not_null()).all()
    assert (table["deviation"].is_not_null() == (table["variant"] == "rescaled")).all()
    assert table.filter(variant="mst")["reason"].null_count() == 8
    assert table.filter(variant="subsample")["n_points"].unique().to_list() == [25]
    assert read_table(files / "policies.parquet").schema == pl.Schema(POLICIES_SCHEMA)
    assert read_table(files / "policies.parquet").is_empty()  # all three have a coefficient at k*


def test_coefficients_that_the_layers_do_not_bear_out_are_one_line(files, capsys):
    """The last network, none of the first ones, falls apart by its coefficients alone."""
    write_coefficients(files, rho=None, reason="not connected at layer 9")
    assert measure(files, "--variants", "mst")[0] == 1
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert f"error: {files / 'networks.parquet'}: cannot be read (network 2 at k = 10 is " in text
    assert not (files / "variants.parquet").exists()
    assert not (files / "policies.parquet").exists()
    # Nobody asks for it.
    assert measure(files, "--variants", "mutual")[0] == 0


def test_a_networks_rows_depend_on_nothing_beside_it(files):
    """Other variants, more networks or more draws change no row."""
    _, all_of_it = measure(files, "--variants", *measure_robustness.VARIANTS, "--networks", "9")
    _, some = measure(files, "--variants", "rescaled", "--networks", "1", "--draws", "2")
    assert all_of_it["network"].max() == 2  # there are only three
    rows = all_of_it.filter(
        pl.col("variant").is_in(["baseline", "rescaled"]),
        pl.col("network") == 0,
        pl.col("draw").fill_null(0) < 2,
    )
    assert rows.equals(some)


def test_the_features_are_scaled_as_for_training(files):
    raw = read_points(files / "mine.safetensors", files / "mine.json", "none")
    scaled = read_points(files / "mine.safetensors", files / "mine.json", "catalogue")
    assert abs(raw.mean() - 3) < 1.5
    assert abs(scaled.mean()) < 0.5
    assert np.std(scaled) == pytest.approx(1, abs=0.2)


def test_a_condition_without_networks(files):
    status, table = measure(files, "--variants", *measure_robustness.VARIANTS, weights=False)
    assert status == 0
    skipped = table.filter(reason=NO_WEIGHTS)
    assert set(skipped["variant"]) == {"rescaled", "with_output", "with_input_and_output"}
    assert table.filter(variant="mutual")["reason"].ne_missing(NO_WEIGHTS).all()


def test_weights_of_another_data_set_are_one_line(files, capsys):
    weights = read_tensors(files / "weights.safetensors")
    weights["W1"] = np.ones((3, 5, 6), np.float32)  # of five features, where there are four
    write_tensors(files / "weights.safetensors", weights, {"activation": "relu"})
    status, _ = measure(files, "--variants", "rescaled")
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
    assert measure(files, "--variants", "mst")[0] == 1
    text = capsys.readouterr().err
    assert "Traceback" not in text
    assert "error: " in text
    assert "layers.safetensors" in text
    assert message in text


def rows(variant, rhos, reasons=None, convention="union", draws=None):
    return [
        {"data_set": "A", "architecture": "a", "condition": "trained", "network": network}
        | {"variant": variant, "draw": draw, "convention": convention, "fraction": 0.1, "k": 10}
        | {"n_points": 100, "points": 4, "rho": rho, "dropped_points": 0}
        | {"reason": None if rho is not None else (reasons or "not connected at layer 2")}
        | {"deviation": None}
        for network, rho in enumerate(rhos)
        for draw in (draws or [None])
    ]


def test_summary_by_hand(tmp_path):
    made = rows("baseline", [-0.5, 0.25, -0.75, None, -0.1])
    made += rows("mutual", [-0.25, -0.25, None, 0.5, 0.3])
    made += rows("rescaled", [-0.5] * 5, draws=[0, 1])
    made[-1]["deviation"] = 2e-15
    table = pl.DataFrame(made, schema=VARIANTS_SCHEMA)
    for name in ("a", "b"):
        path = tmp_path / f"robustness/A/{name}/trained/variants.parquet"
        half = pl.col("network") < 2 if name == "a" else pl.col("network") >= 2
        write_table(path, table.filter(half).with_columns(architecture=pl.lit(name)))
    joined = gather(tmp_path, ["A/a/trained", "A/b/trained"])
    assert len(joined) == len(table)
    summary = summarise_variants(joined)
    assert summary.schema == pl.Schema(SUMMARY_SCHEMA)
    mutual = summary.row(by_predicate=pl.col("variant") == "mutual", named=True)
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
    baseline = summary.row(by_predicate=pl.col("variant") == "baseline", named=True)
    assert (baseline["flips"], baseline["spearman"], baseline["regained"]) == (0, 1, 0)
    assert baseline["regained_negative"] is None
    rescaled = summary.row(by_predicate=pl.col("variant") == "rescaled", named=True)
    assert (rescaled["networks"], rescaled["coefficients"], rescaled["compared"]) == (5, 10, 8)
    assert rescaled["deviation"] == 2e-15
    assert (rescaled["regained"], rescaled["regained_negative"]) == (2, 1)
    assert rescaled["spearman"] is None  # all the same


@pytest.mark.parametrize("seed", range(4))
def test_rank_correlation_is_that_of_scipy(seed):
    x, y = np.random.default_rng(seed).integers(0, 6, size=(2, 12)).astype(float)
    expected = spearmanr(x, y).statistic
    assert rank_correlation(pl.Series(x), pl.Series(y)) == pytest.approx(expected)


def test_a_study_without_robustness_has_empty_tables_and_a_figure_that_says_so(tmp_path):
    words = ["--root", str(tmp_path), "--ensembles", "--output", str(tmp_path)]
    assert summarise_robustness.main(words) == 0
    assert read_table(tmp_path / "robustness.parquet").schema == pl.Schema(SUMMARY_SCHEMA)
    assert read_table(tmp_path / "policies.parquet").schema == pl.Schema(POLICIES_SUMMARY)
    path = tmp_path / "robustness_variants.parquet"
    assert "baseline" in read_table(path).columns
    drawn = drawing.draw("robustness", tmp_path / "a.svg", path, settings={"convention": "union"})
    assert drawn == 0
    assert (tmp_path / "a.svg").stat().st_size > 0
