"""Figures drawn from the files of other stages, and the entry that draws them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ricci_flow.errors import InputError
from ricci_flow.figures.clouds import draw_clouds, principal_components, read_cloud
from ricci_flow.figures.graph import cut_row, draw_graph, read_layers
from ricci_flow.figures.style import save_svg
from ricci_flow.graphs.grid import drawn_k
from ricci_flow.labels import Labels
from tests.fixtures import drawing, synthetic_files, synthetic_statistics

NO_LABELS = Labels({}, {})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("study")
    for name in ("A", "digits_1v7", "breast_cancer"):
        synthetic_files.write_data_set(place / "datasets", name, n=60)
    synthetic_files.write_ensemble(place, "A", "narrow_5")
    return place


def test_clouds_choose_what_fits_the_data(folder, tmp_path):
    names = ("A", "digits_1v7", "breast_cancer")
    paths = [folder / "datasets" / name for name in names]
    files = [(path.with_suffix(".safetensors"), path.with_suffix(".json")) for path in paths]
    clouds = [read_cloud(*pair, NO_LABELS) for pair in files]
    figure = draw_clouds(clouds)
    space, images, plane = figure.axes
    assert space.name == "3d"
    assert images.images[0].get_array().shape == (17, 26)
    assert plane.get_xlabel().startswith("component 1")
    assert len(plane.collections[0].get_offsets()) == len(clouds[2].points)
    save_svg(figure, tmp_path / "clouds.svg")
    save_svg(draw_clouds(clouds), tmp_path / "again.svg")
    assert (tmp_path / "clouds.svg").read_bytes() == (tmp_path / "again.svg").read_bytes()


def test_principal_components_of_a_line():
    line = np.outer(np.arange(5.0), [3.0, 4.0, 0.0])
    scores, shares = principal_components(line, standardise=False)
    np.testing.assert_allclose(np.diff(scores[:, 0]), 5.0)
    np.testing.assert_allclose(shares, [1.0, 0.0], atol=1e-12)


def test_graph_is_the_union_graph_of_its_network(folder, tmp_path):
    place = Path("A") / "narrow_5" / "trained"
    files = (
        folder / "graphs" / place / "neighbours.safetensors",
        folder / "activations" / place / "layers.safetensors",
    )
    layers = read_layers(*files, network=1, k=4)
    assert [layer.layer for layer in layers] == [1, 2, 3, 4, 5]
    for layer in (layers[0], layers[-1]):
        cloud = layer.activations.astype(float)
        distance = ((cloud[:, None] - cloud[None]) ** 2).sum(-1)
        np.fill_diagonal(distance, np.inf)
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :4]
        pairs = {(min(i, j), max(i, j)) for i, row in enumerate(nearest.tolist()) for j in row}
        assert {tuple(edge) for edge in layer.edges.tolist()} == pairs
    labels = np.arange(60) % 2
    figure = draw_graph(layers, labels, ("a", "b"), points=40, heading="A")
    assert "40 of 60 points" in figure.get_suptitle()
    assert len(figure.axes[0].collections[1].get_offsets()) == 40
    save_svg(figure, tmp_path / "graph.svg")
    save_svg(draw_graph(layers, labels, ("a", "b"), 40, "A"), tmp_path / "again.svg")
    assert (tmp_path / "graph.svg").read_bytes() == (tmp_path / "again.svg").read_bytes()
    with pytest.raises(InputError, match="--k 21"):
        read_layers(*files, network=0, k=21)


def test_the_graph_is_drawn_at_a_k_of_the_grid(folder, tmp_path, capsys):
    assert [drawn_k(grid) for grid in ([2, 4], [5, 7, 9], [10, 20], [4, 6])] == [4, 5, 10, 6]
    place = Path("A") / "narrow_5" / "trained"
    files = [
        *(folder / "datasets" / name for name in ("A.safetensors", "A.json")),
        folder / "activations" / place / "layers.safetensors",
        folder / "graphs" / place / "neighbours.safetensors",
    ]
    labels = {"titles": {"data_sets": {"A": "Swiss rolls"}}, "shapes": {}}
    # Of 60 points 1 and 2, which is the least k there is; the lists hold 20.
    for grid, k in (({"k_fractions": [0.01, 0.06]}, 4), ({"drawn_k": 9}, 9)):
        assert drawing.draw("graph", tmp_path / "x.svg", *files, settings=grid, **labels) == 0
        drawn = (tmp_path / "x.svg").read_text("utf-8")
        assert f"Swiss rolls, narrow_5, network 0, k = {k}, all 60 points" in drawn
    assert drawing.draw("graph", tmp_path / "x.svg", *files, **labels) == 1
    assert "k" in capsys.readouterr().err


def test_a_row_is_cut_after_its_ties():
    row, tied = np.array([4, 2, 7, 1, 9]), np.array([0, 1, 0, 1, 0])
    assert cut_row(row, tied, 1).tolist() == [4, 2]
    assert cut_row(row, tied, 2).tolist() == [4, 2]
    assert cut_row(row, tied, 3).tolist() == [4, 2, 7, 1]
    assert cut_row(row, tied, 5).tolist() == [4, 2, 7, 1, 9]


def test_entry_draws_and_says_what_is_wrong(tmp_path):
    synthetic_statistics.write_statistics(tmp_path / "statistics")
    tables = [tmp_path / f"statistics/{name}.parquet" for name in ("cells", "published_curves")]
    chosen = {"condition": "trained", "measure": "forman_union"}
    start = [sys.executable, "-m", "draw_figure"]
    good = [*start, *drawing.words_of("heatmap", tmp_path / "x.svg", *tables, select=chosen)]
    good += ["--job", "mine"]
    done = subprocess.run(good, capture_output=True, text=True, check=True)
    assert "[mine] drew" in done.stderr
    bad = [*start, *drawing.words_of("heatmap", tmp_path / "x.svg", "no.parquet", tables[1])]
    wrong = subprocess.run(bad, capture_output=True, text=True, check=False)
    assert wrong.returncode == 1
    assert "no.parquet" in wrong.stderr
    assert "Traceback" not in wrong.stderr
