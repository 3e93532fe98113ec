"""Layers of any origin measured from Python and from a terminal, and what is said of bad ones."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import matplotlib
import numpy as np
import polars as pl
import pytest
import torch
from matplotlib.figure import Figure
from polars.testing import assert_frame_equal

import ricci_flow
from ricci_flow.api import names
from ricci_flow.api.command import main
from ricci_flow.coefficients.inputs import layers_of
from ricci_flow.coefficients.permutation import permutation_p
from ricci_flow.coefficients.tables import network_table
from ricci_flow.errors import InputError
from ricci_flow.report.check import check_page
from ricci_flow.storage import write_tensors
from ricci_flow.yaml_file import load_yaml

N = 40
CONFIG = Path(__file__).parents[2] / "config"


def make_layers(count=5):
    generator = np.random.default_rng(0)
    layers = [generator.standard_normal((N, 3)).astype(np.float32)]
    for width in range(4, 3 + count):
        weights = generator.standard_normal((layers[-1].shape[1], width)).astype(np.float32)
        layers.append(np.tanh(layers[-1] @ weights))
    return layers


LAYERS = make_layers()
LABELS = np.where(LAYERS[0][:, 0] > 0, "right", "left")


def measured(layers=LAYERS, labels=LABELS, k=(6, 0.5), **options):
    options = {"measures": ["forman_union", "modularity"], **options}
    return ricci_flow.measure(layers, labels, k, **options)


def assert_equal(one, other):
    for name in ("coefficients", "local"):
        assert getattr(one, name).equals(getattr(other, name), null_equal=True)
    assert one.table.drop("name").equals(other.table.drop("name"), null_equal=True)


def write_folder(folder, stems=("b_1", "b_2", "b_10", "c", "d")):
    folder.mkdir()
    for name, layer in zip(stems, LAYERS, strict=True):
        np.save(folder / f"{name}.npy", layer)
    (folder / "notes.txt").write_text("no layer")
    return folder


FORMS = {
    "torch": lambda folder: [torch.from_numpy(layer).requires_grad_() for layer in LAYERS],
    "polars": lambda folder: [pl.DataFrame(layer) for layer in LAYERS],
    "lists": lambda folder: [layer.astype(float).tolist() for layer in LAYERS],
    "mapping": lambda folder: {f"l{i}": layer for i, layer in enumerate(LAYERS)},
    "safetensors": lambda folder: (
        write_tensors(
            folder / "a.safetensors", {f"l_{8 + i}": layer for i, layer in enumerate(LAYERS)}
        )
        or folder / "a.safetensors"
    ),
    "npz": lambda folder: np.savez(folder / "a.npz", *LAYERS) or str(folder / "a.npz"),
    "folder": lambda folder: write_folder(folder / "layers"),
}


@pytest.mark.parametrize("form", FORMS)
def test_layers_may_have_any_form(form, tmp_path):
    assert_equal(measured(FORMS[form](tmp_path)), measured())


def test_labels_may_have_any_form(tmp_path):
    np.save(tmp_path / "y.npy", LABELS)
    pl.DataFrame({"y": LABELS}).write_csv(tmp_path / "y.csv")
    numbers = (LABELS == "right").astype(int) * 7
    for labels in (tmp_path / "y.npy", tmp_path / "y.csv", list(LABELS), torch.tensor(numbers)):
        assert_equal(measured(labels=labels), measured())


def test_what_the_tables_hold():
    result = measured({f"part {i}": layer for i, layer in enumerate(LAYERS)})
    assert result.rho.columns[:4] == ["measure", "k", "rho", "p"]
    assert result.rho.select("measure", "k", "k_fraction").rows() == [
        ("forman_union", 6, None), ("modularity", 6, None),
        ("forman_union", 20, 0.5), ("modularity", 20, 0.5),
    ]  # fmt: skip
    assert result.rho["rho"].null_count() == 0
    assert result.rho["p_method"].unique().to_list() == ["exact"]
    assert len(result.table) == 2 * 2 * 5
    assert result.table["name"].head(5).to_list() == [f"part {i}" for i in range(5)]
    assert result.layers["features"].to_list() == [3, 4, 5, 6, 7]
    assert set(result.reasons["reason"]) == {"the last layer"}
    assert result.rho["p_orders"].equals(result.nulls["p_orders"])
    assert "Ricci coefficients of 5 layers of 40 points" in repr(result)
    assert "<table" in result._repr_html_()


def test_a_number_that_is_missing_has_its_reason():
    apart = [layer.copy() for layer in LAYERS]
    apart[2][: N // 2] += 1e3
    result = measured(apart, None, 10, settings=["knn", "mst"])
    reasons = {tuple(row) for row in result.reasons.select("what", "measure", "setting",
                                                           "reason").rows()}  # fmt: skip
    assert ("coefficient", "forman_union", "knn", "not connected at layer 3") in reasons
    assert ("geodesic mass", "forman_union", "knn", "not connected: 2 components") in reasons
    assert ("coefficient", "modularity", "mst", "classes are not known at layer 1") in reasons
    assert ("value", "modularity", "mst", "classes are not known") in reasons
    assert ("gap between classes", "forman_union", "mst", "classes are not known") in reasons
    for table, column in ((result.rho, "rho"), (result.local, "local_median")):
        why = "reason" if column == "rho" else "local_reason"
        assert table[column].is_null().equals(table[why].is_not_null())
    few = measured(LAYERS[:3], k=6)
    assert few.rho["reason"].unique().to_list() == ["3 layers, a coefficient needs 4"]
    other = measured(k=6, settings={"all": {"layers": ["input", "hidden"]}, "w": {
        "weights": "rescaled"}})  # fmt: skip
    assert set(other.rho["reason"]) == {
        "input and output are layers like the others here; put them into the list",
        "needs weights, and only the layers are known",
    }
    mutual = measured(settings="mutual", measures="forman_directed")
    assert mutual.rho.select("k", "reason").rows() == [
        (6, "this graph has no directed edges"), (20, "this graph has no directed edges"),
    ]  # fmt: skip
    assert len(mutual.reasons) == 2
    for result in (other, mutual):
        assert "rho" in repr(result)
        assert result.plot().texts  # says that there is nothing


def test_orders_and_pairings_of_deep_networks_are_drawn_as_in_a_study():
    layers = np.random.default_rng(1).standard_normal((14, N, 3))
    result = ricci_flow.measure(layers, k=6, seed="study/d/a/c")
    names = {"data_set": "d", "architecture": "a", "condition": "c", "network": 0}
    named = {name: pl.lit(value) for name, value in names.items()}
    study = network_table(
        layers_of(result.table.with_columns(**named)),
        pl.DataFrame([names | {"test_accuracy": 1.0}]), None, "study",
    ).with_columns(reason=None)  # fmt: skip
    shared = [name for name in result.coefficients.columns if name in study.columns]
    assert {"p", "p_orders", "rho", "coupling"} <= set(shared)
    assert set(study["p_method"]) == {"sampled"}
    assert result.coefficients.select(shared).rows() == study.select(shared).rows()


def test_a_figure_and_a_page_of_it(tmp_path):
    backend = matplotlib.get_backend()
    result = measured()
    figure = result.plot()
    assert isinstance(figure, Figure)
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert titles == ["forman union", "forman union", "modularity", "modularity"]
    assert "value of the measure" in figure.axes[0].texts[0].get_text()
    curvature = result.table.filter(measure="forman_union", k=6)["value"].to_numpy()
    drawn = figure.axes[0].lines[1].get_ydata()
    np.testing.assert_allclose(drawn, 100 * (curvature - curvature[0]) / abs(curvature[0]))
    for name in ("a.svg", "a.png", "a.html"):
        result.plot(tmp_path / name)
    page = (tmp_path / "a.html").read_text("utf-8")
    check_page(page)
    assert "<svg" in page
    assert f"{result.rho['rho'][0]:.6g}" in page
    assert matplotlib.get_backend() == backend
    with pytest.raises(InputError, match="unknown 'mts'"):
        result.plot(setting="mts")
    with pytest.raises(InputError, match="of no known kind"):
        result.plot(tmp_path / "a.pdf")


def test_the_command_prints_draws_and_writes(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("layers.npz", *LAYERS)
    np.save("y.npy", LABELS)
    given = ["measure", "layers.npz", "--labels", "y.npy", "--k", "0.5", "6"]
    given += ["--measures", "forman_union", "--plot", "out.html", "--tables", "tables"]
    assert main(given) == 0
    result = measured(k=(0.5, 6), measures="forman_union")
    assert str(result) in capsys.readouterr().out
    assert pl.read_csv("tables/rho.csv")["rho"].to_list() == result.rho["rho"].to_list()
    assert Path("out.html").exists()
    for wrong, says in (
        (["other.npz"], "other.npz: there is no such file"),
        (["layers.npz", "--k", "40"], "k: is 40 for 40 points"),
        (["layers.npz", "--plot", "a.jpg"], "--plot: a.jpg is of no known kind"),
    ):
        assert main(["measure", *wrong]) == 1
        lines = capsys.readouterr().err.splitlines()
        assert len(lines) == 1
        assert says in lines[0]


def test_names_are_those_of_the_catalogues_that_studies_read():
    for kind in ("measures", "settings"):
        shipped = Path(names.__file__).with_name(f"{kind}.yaml")
        assert shipped.resolve() == CONFIG / f"{kind}.yaml"  # one copy; a wheel gets its content
    assert list(names.read_measures(load_yaml(CONFIG / "measures.yaml"))) == [
        *load_yaml(CONFIG / "measures.yaml")
    ]
    by_name = measured(measures=["ollivier_lazy", "ollivier"], settings="subsample", draws=1)
    lazy = {"module": "ollivier", "options": {"idleness": 0.5}}
    entries = {"ollivier_lazy": lazy, "ollivier": {"module": "ollivier"}}
    spelt = measured(measures=entries, settings={"subsample": {"points": "half"}}, draws=1)
    assert_frame_equal(by_name.table, spelt.table)
    values = by_name.table.partition_by("measure", as_dict=True)
    assert (values["ollivier_lazy",]["value"] != values["ollivier",]["value"]).all()


def test_every_setting_of_the_catalogue_is_measured_or_says_why_not():
    rho = measured(settings=list(load_yaml(CONFIG / "settings.yaml"))).rho
    assert set(rho["setting"]) == set(load_yaml(CONFIG / "settings.yaml"))
    reasons = dict(rho.select("setting", "reason").rows())
    assert "needs weights" in reasons["rescaled"]
    for name in ("with_input", "with_output", "with_input_and_output"):
        assert "put them into the list" in reasons[name]


@pytest.mark.parametrize("count", [4, 5, 6])
def test_how_small_p_can_be_is_said_where_layers_are_few(count):
    """Of all series of so many layers the most negative has the smallest p there is."""
    falling = np.arange(count, dtype=float)
    smallest = permutation_p(np.diff(falling**2), -falling[:-1])[0]
    said = f"With {count} layers no p is below {Fraction(smallest).limit_denominator(1000)}."
    assert (said in repr(measured(make_layers(count), k=6))) == (count < 6)


def test_what_is_missing_stands_below_the_table_with_its_reason():
    lines = repr(measured(k=6)).splitlines()
    missing = "1 × layer coefficient (the last layer)"
    assert lines[-2] == f"Without a number: {missing}; .reasons has all."
    apart = [np.r_[layer[:20], layer[20:] + 1000] for layer in LAYERS]
    said = repr(measured(apart, k=3))
    assert "Where graphs are not connected take a larger k, or settings='mst'." in said
    assert not measured(apart, k=3, settings="mst").rho["rho"].has_nulls()
    assert "1 × layer coefficient (the last layer)" in measured(k=6)._repr_html_()


def test_loading_is_fast_and_measuring_needs_neither_torch_nor_the_workflow():
    code = (
        "import sys, ricci_flow\n"
        "assert not {'numpy', 'polars', 'torch', 'pydantic'} & set(sys.modules)\n"
        "assert {'measure', 'record'} <= set(dir(ricci_flow))\n"
        "for name in ('torch', 'snakemake', 'statsmodels', 'pypandoc'):\n"
        "    sys.modules[name] = None\n"
        "import numpy as np\n"
        "layers = np.random.default_rng(0).standard_normal((4, 30, 3))\n"
        "ricci_flow.measure(layers, k=0.3).plot()\n"
        "try:\n    ricci_flow.record\n"
        "except ricci_flow.errors.InputError as error:\n    print(error)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert said == "record needs torch: pip install 'ricci-flow[torch]'\n"


def changed(place, change):
    layers = make_layers()
    layers[place] = change(layers[place])
    return layers


def with_nan(layer):
    layer[7, 1] = np.nan
    return layer


class Module:
    """What a torch module has that no array has."""

    def named_modules(self):
        return []


BAD = {
    "ragged": ({"layers": changed(2, lambda a: a[:-1])}, "layer_3 has 39 points and layer_1 has"),
    "nan": (
        {"layers": changed(1, with_nan)},
        "layer_2 is not finite, first at point 7, counted from 0; leave",
    ),
    "maps": ({"layers": changed(1, lambda a: a[:, None])}, "layer_2 has shape (40, 1, 4); make"),
    "flat": ({"layers": changed(1, lambda a: a[:, 0])}, "layer_2 has shape (40,)"),
    "no features": ({"layers": changed(0, lambda a: a[:, :0])}, "layer_1 has no features"),
    "text": ({"layers": changed(0, lambda a: a.astype(str))}, "layer_1 holds <U"),
    "uneven rows": ({"layers": changed(0, lambda a: [[1, 2], [3]])}, "layer_1: is no array"),
    "one layer": ({"layers": LAYERS[:1]}, "layers: 1 given; give at least 2"),
    "none": ({"layers": []}, "layers: none given"),
    "one array": ({"layers": LAYERS[0]}, "this is one array; give a list of them"),
    "no file": ({"layers": "nowhere.npz"}, "nowhere.npz: there is no such file"),
    "no kind": ({"layers": "layers.pkl"}, "layers.pkl: of no known kind"),
    "few points": ({"k": 40}, "k: is 40 for 40 points; give counts from 1 to 39"),
    "half": ({"k": 20, "settings": {"half": {"points": "half"}}}, "k: is 20 for 20 points"),
    "share": ({"k": 1.5}, "k: is 1.5; give whole numbers, or shares between 0 and 1"),
    "k": ({"k": "6"}, "k: '6' is no number"),
    "no k": ({"k": []}, "k: none is given"),
    "labels": ({"labels": LABELS[:-1]}, "labels: shape (39,) for 40 points; give one label"),
    "label": ({"labels": [None, *LABELS[1:]]}, "labels: some are missing"),
    "nan label": ({"labels": [np.nan] * N}, "labels: some are no whole numbers"),
    "measure": ({"measures": "forman"}, "measures: unknown 'forman'; did you mean"),
    "option": (
        {"measures": {"lazy": {"module": "ollivier", "options": {"idlenes": 1}}}},
        "did you mean 'idleness'?",
    ),
    "graph": ({"settings": "mts"}, "settings: unknown 'mts'; did you mean 'mst'?"),
    "no measures": ({"measures": None}, "measures: unknown None; use one of: augmented_forman"),
    "whole k": ({"k": "60"}, "k: '60' is no number"),
    "k is None": ({"k": None}, "k: None is no number"),
    "module": ({"layers": Module()}, "this is a torch module; give record(model, X)"),
    "no folder": ({"layers": "nowhere"}, "nowhere: there is no such file or folder"),
    "setting": ({"settings": {"a": {"points": "few"}}}, "key 'points' is 'few'; it must be one"),
    "draws": ({"draws": 0}, "draws: is 0"),
    "seed": ({"seed": 1}, "seed: is 1; give text"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_that_says_what_to_do(name):
    options, says = BAD[name]
    with pytest.raises(InputError) as caught:
        measured(**options)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", [".npz", ".npy", ".safetensors", ".parquet"])
def test_a_damaged_file_is_named(suffix, tmp_path):
    path = tmp_path / f"layers{suffix}"
    path.write_bytes(b"12345678 and so on")
    with pytest.raises(InputError, match=f"layers{suffix}: cannot be read"):
        measured(path)
