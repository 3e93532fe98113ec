"""The page explore.html: what is thinned, how points move, and its numbers against the tables."""

import base64
import gzip
import json
import re
from html.parser import HTMLParser
from itertools import product

import networkx as nx
import numpy as np
import polars as pl
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import pearsonr

from ricci_flow.explore.at_points import Coloured, curvature_at_points, unavailable
from ricci_flow.explore.motion import follow, principal_components
from ricci_flow.explore.packing import quantise
from ricci_flow.explore.thinning import (
    LEVELS,
    LIMIT,
    Size,
    pixels_of,
    shown_points,
    small_pictures,
    thin,
)
from ricci_flow.figures.style import CLASS_COLOURS
from ricci_flow.measures import augmented_forman, forman_union
from ricci_flow.report.check import check_page
from ricci_flow.report.document import explore_link
from ricci_flow.storage import read_tensors
from tests.fixtures import small_results
from tests.fixtures.small_results import DIGITS, GIVEN, K
from tests.jobs import call

# Thinning


def test_points_are_evenly_spaced_within_their_classes():
    labels = np.arange(1000) % 10  # by row number, so that every tenth row is one class
    rows = shown_points(1000, 100, labels)
    assert len(set(rows)) == 100
    assert (rows[1:] > rows[:-1]).all()
    assert (np.bincount(labels[rows]) == 10).all()
    assert shown_points(40, 300, None).tolist() == list(range(40))
    assert shown_points(10, 5, None).tolist() == [0, 2, 4, 6, 8]


def test_rare_classes_keep_their_share():
    labels = np.repeat([0, 1], [900, 100])
    assert np.bincount(labels[shown_points(1000, 200, labels)]).tolist() == [180, 20]


@pytest.mark.parametrize("ensembles", [1, 60, 300, 3000])
def test_the_page_takes_the_first_level_that_fits(ensembles):
    """Sizes written out, number by number, for ensembles of 8 layers and 9 k."""
    sizes = [Size("A", 1000, 8, 6, 9, checkpoints=1, ks_then=2)] * ensembles
    chosen = thin(sizes, {"A": 784})

    def room(networks, points):
        of_point = 3 * 2 + 9 * 1 + 1 * (3 * 2 + 2 * 1)
        return ensembles * networks * points * 8 * of_point + points * 784

    fitting = [level for level in LEVELS if room(*level) <= LIMIT]
    assert (chosen.networks, chosen.points) == (fitting or LEVELS[-1:])[0]


def test_pictures_are_made_smaller_by_means_of_squares():
    picture = np.arange(64 * 60, dtype=float).reshape(64, 60)
    (found,) = small_pictures(picture.reshape(1, -1), (64, 60))
    assert found.shape == (21, 20)
    assert pixels_of((64, 60)) == found.size
    square = picture[3:6, 6:9].mean()
    assert found[1, 2] == round(255 * square / picture[60:63, 57:60].mean())
    assert small_pictures(np.full((2, 9), 7.0), (3, 3)).tolist() == np.full((2, 3, 3), 255).tolist()


# Motion


def test_components_are_those_of_the_singular_values():
    rng = np.random.default_rng(1)
    for shape in ((50, 6), (20, 40), (30, 2), (4, 1)):
        points = rng.normal(size=shape) * np.arange(1, shape[1] + 1) + 5
        scores, share = principal_components(points)
        u, s, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
        expected = u[:, :3] * s[:3]
        expected = np.pad(expected, ((0, 0), (0, 3 - expected.shape[1])))
        expected /= np.sqrt((expected**2).sum() / len(points))
        assert np.abs(cdist(scores, scores) - cdist(expected, expected)).max() < 1e-7
        assert share == pytest.approx((s[:3] ** 2).sum() / (s**2).sum())
    scores, share = principal_components(np.ones((5, 4)))
    assert not scores.any()


def rotations():
    """Turns and mirrors of three axes: all orthogonal matrices of 0 and 1, and finer ones."""
    rng = np.random.default_rng(2)
    for _ in range(300):
        yield np.linalg.qr(rng.normal(size=(3, 3)))[0]


def test_a_layer_is_turned_as_near_to_the_one_before_as_it_can():
    rng = np.random.default_rng(3)
    first = rng.normal(size=(40, 5))
    second = np.maximum(first @ rng.normal(size=(5, 7)), 0)
    (before, _), (after, _) = follow([first, second])
    own = principal_components(second)[0]
    distance = np.linalg.norm(after - before)
    assert all(distance <= np.linalg.norm(own @ turn - before) + 1e-9 for turn in rotations())
    assert distance < np.linalg.norm(own - before)
    assert np.abs(cdist(after, after) - cdist(own, own)).max() < 1e-9  # shapes are as they were


def test_a_turned_copy_of_a_layer_does_not_move():
    rng = np.random.default_rng(4)
    cloud = rng.normal(size=(40, 3)) * [3, 2, 1]
    for turn in (*rotations(), np.diag([1, -1, -1]))[::60]:
        (before, _), (after, _) = follow([cloud, cloud @ turn * 7 + 2])
        assert np.abs(after - before).max() < 1e-9


def test_a_layer_of_a_checkpoint_is_turned_to_both_its_neighbours():
    rng = np.random.default_rng(5)
    clouds = [rng.normal(size=(30, 4)) for _ in range(3)]
    later = [scores for scores, _ in follow(clouds[:2])]
    (first, _), (second, _) = follow([clouds[2], clouds[1]], later)
    own = principal_components(clouds[1])[0]

    def squares(points):
        return ((points - first) ** 2).sum() + ((points - later[1]) ** 2).sum()

    assert all(squares(second) <= squares(own @ turn) + 1e-9 for turn in rotations())


# Curvature at points


def neighbours(points, k):
    """All others at most as far as the k-th nearest, a point at a time."""
    distances = cdist(points, points)
    np.fill_diagonal(distances, np.inf)
    return [np.flatnonzero(row <= np.sort(row)[k - 1]) for row in distances]


def at_points_by_hand(points, k, module):
    graph = nx.DiGraph if module == "forman_directed" else nx.Graph
    graph = graph((u, v) for u, row in enumerate(neighbours(points, k)) for v in row)
    found = []
    for u in range(len(points)):
        edges = [e for e in graph.edges if u in e]
        values = [4 - graph.degree(a) - graph.degree(b) for a, b in edges]
        if module == "augmented_forman":
            common = [set(graph[a]) & set(graph[b]) for a, b in edges]
            values = [v + 3 * len(both) for v, both in zip(values, common, strict=True)]
        found.append(np.mean(values))
    return found


@pytest.mark.parametrize("module", ["forman_directed", "forman_union", "augmented_forman"])
def test_curvature_at_points_is_the_mean_over_their_edges(module):
    points = np.random.default_rng(6).integers(0, 4, size=(30, 3)).astype(float)  # many ties
    rows = np.array([0, 3, 17, 29])
    functions = {"forman_union": forman_union, "augmented_forman": augmented_forman}
    function = functions.get(module, forman_union).measure
    found = curvature_at_points(points, [2, 5, 11], Coloured(module, function), rows)
    for k, values in zip([2, 5, 11], found, strict=True):
        assert values == pytest.approx(np.array(at_points_by_hand(points, k, module))[rows])


def test_measures_without_values_at_points_say_why():
    assert unavailable("forman_directed") is unavailable("augmented_forman") is None
    assert "whole layers" in unavailable("modularity")
    assert "too long" in unavailable("ollivier")


# The page


def test_the_report_leads_to_the_page_where_there_is_one():
    assert "(explore.html)" in explore_link({"explore": True})
    assert explore_link({"explore": False}) == explore_link({}) == ""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return small_results.make_results(tmp_path_factory.mktemp("explore"))


@pytest.fixture(scope="module")
def page(root, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "explore.html"
    assert call("render_explore", small_results.explore(root, path)) == 0
    return path.read_text("utf-8")


class Elements(HTMLParser):
    """Texts of the elements with an identifier."""

    def __init__(self, html):
        super().__init__()
        self.texts, self.at = {}, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.at = dict(attrs).get("id")

    def handle_endtag(self, tag):
        self.at = None

    def handle_data(self, data):
        self.texts[self.at] = self.texts.get(self.at, "") + data


def unpack(page, name):
    """Read what is packed in a page, by its description alone."""
    content = gzip.decompress(base64.b64decode(Elements(page).texts[name]))
    length = int.from_bytes(content[:4], "little")
    facts = json.loads(content[4 : 4 + length])
    for key, of in facts["arrays"].items():
        count, at = int(np.prod(of["shape"])), 4 + length + of["at"]
        values = np.frombuffer(content, np.dtype(of["type"]).newbyteorder("<"), count, at)
        facts[key] = values.reshape(of["shape"])
    return facts


def test_the_page_is_whole_and_loads_nothing(page):
    check_page(page, ["layer", "checkpoint", "cloud", "index", "ensemble_1", "data_1"])
    assert not re.findall(r"https?://(?!www\.w3\.org/2000/svg)", page)
    said = re.sub(r"<[^>]+>", "", re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)[1])
    assert "This page needs JavaScript" in said
    assert "<main hidden>" in page  # until the script has run
    index = unpack(page, "index")
    assert [of["title"] for of in index["data_sets"]] == ["Digits </script> 1, 4, 7", "given"]
    assert [of["classes"] for of in index["data_sets"]] == [["1", "4", "7"], None]
    assert [of["picture"] for of in index["data_sets"]] == [[8, 8], None]
    runs = [[0, 0], [0, 2], [0, None], [1, 2], [1, None]]
    assert [of["runs"] for of in index["ensembles"]] == [runs, [[0, None], [1, None]]]
    assert [of["networks"] for of in index["ensembles"]] == [3, 3]


def test_two_pages_of_the_same_results_are_equal_to_the_bit(page, root, tmp_path):
    assert call("render_explore", small_results.explore(root, tmp_path / "again.html")) == 0
    assert (tmp_path / "again.html").read_text("utf-8") == page


@pytest.mark.parametrize(("place", "ensemble"), [(0, DIGITS), (1, GIVEN)])
def test_numbers_are_those_of_the_tables(page, root, place, ensemble):
    """eta and rho are computed from the page's own numbers, too."""
    facts = unpack(page, f"ensemble_{place}")
    layers = pl.read_parquet(root / f"measures/{ensemble}/main.parquet")
    table = pl.read_parquet(root / f"coefficients/{ensemble}/networks.parquet")
    seen = 0
    for run in (run for run in facts["runs"] if run["checkpoint"] is None):
        assert run["k"] == K[ensemble]
        for measure, k in product(("forman_directed", "forman_union"), run["k"]):
            at, of = run["k"].index(k), run["measures"][measure]
            chosen = {"network": run["network"], "measure": measure, "k": k}
            rows = layers.filter(**chosen).sort("layer")
            assert of["value"][at] == rows["value"].to_list()
            assert run["mass"][at] == rows["geodesic_mass"].to_list()
            (row,) = table.filter(**chosen).to_dicts()
            assert [of[key][at] for key in ("rho", "p", "p_method", "reason")] == [
                row[key] for key in ("rho", "p", "p_method", "reason")
            ]
            assert (run["accuracy"], run["kept"]) == (row["test_accuracy"], row["kept"])
            if row["rho"] is not None:
                seen += 1
                eta = np.diff(run["mass"][at])
                assert pearsonr(eta, of["value"][at][:-1])[0] == pytest.approx(row["rho"])
    assert seen


def test_numbers_at_checkpoints_are_those_of_their_tables(page, root):
    facts = unpack(page, "ensemble_0")
    """Each at every k that any block measures there, null where that block has not the measure."""
    folder = root / f"measures/{DIGITS}"
    layers = pl.concat(
        pl.read_parquet(folder / f"{block}.checkpoints.parquet") for block in small_results.BLOCKS
    )
    table = pl.read_parquet(root / "statistics/checkpoints.parquet")
    trained = pl.read_parquet(root / f"training/{DIGITS}/checkpoints.parquet")
    runs = [run for run in facts["runs"] if run["checkpoint"] is not None]
    ks = {(0, 0): [24], (0, 2): [12, 24, 36], (1, 2): [12, 36]}
    assert {(run["network"], run["checkpoint"]): run["k"] for run in runs} == ks
    for run in runs:
        for measure, (at, k) in product(run["measures"], enumerate(run["k"])):
            which = {"network": run["network"], "checkpoint": run["checkpoint"]}
            chosen = which | {"measure": measure, "k": k}
            rows, of = layers.filter(**chosen).sort("layer"), run["measures"][measure]
            mass = layers.filter(**which, k=k, measure="forman_union").sort("layer")
            assert run["mass"][at] == mass["geodesic_mass"].to_list()
            if not len(rows):
                assert (measure, k) == ("forman_directed", 24)
                assert of["value"][at] is of["rho"][at] is None
                assert of["reason"][at] == "not computed at this k"
                continue
            assert of["value"][at] == rows["value"].to_list()
            (row,) = table.filter(**chosen).to_dicts()
            assert (of["rho"][at], of["p"][at]) == (row["rho"], row["p"])
            assert run["accuracy"] == trained.filter(**which)["test_accuracy"][0]


def test_points_are_those_of_the_data_set_and_of_the_layers(page, root):
    """Distances between points, which no turn changes; classes, pictures and curvature."""
    data, facts = read_tensors(root / "datasets/digits.safetensors"), unpack(page, "ensemble_0")
    shown = unpack(page, "data_0")
    assert shown["rows"] == list(range(120))  # fewer than are shown at most
    assert shown["classes"].tolist() == data["y_test"].tolist()
    assert (
        shown["pictures"].tolist()
        == np.rint(data["X_test"].reshape(-1, 8, 8) * (255 / data["X_test"].max())).tolist()
    )
    tensors = read_tensors(root / f"activations/{DIGITS}/layers.safetensors")
    early = read_tensors(root / f"activations/{DIGITS}/checkpoints.safetensors")
    for place, run in enumerate(facts["runs"]):
        part = "" if run["checkpoint"] is None else f"epoch_{run['checkpoint']}/"
        positions = facts[f"positions_{place}"] * (run["largest"] / 32767)
        for layer in range(1, 6):
            source = tensors if run["checkpoint"] is None else early
            points = source[f"{part}layer_{layer}"][run["network"]].astype(float)
            u, s, _ = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
            expected = u[:, :3] * s[:3]
            expected /= np.sqrt((expected**2).sum() / len(points))
            moved = cdist(positions[layer - 1], positions[layer - 1]) - cdist(expected, expected)
            assert np.abs(moved).max() < 4 * run["largest"] / 32767
            assert run["shares"][layer - 1] == pytest.approx((s[:3] ** 2).sum() / (s**2).sum())
        at, k = 0, run["k"][0]
        low, high, *_ = facts["scales"][str(k)]
        values = at_points_by_hand(points, k, "forman_directed")
        found = low + (high - low) * facts[f"curvature_{place}"][at, -1] / 254
        assert np.abs(found - values).max() <= (high - low) / 508 + 1e-9


def test_values_that_are_not_there_have_a_step_of_their_own():
    assert quantise(np.array([-2.0, np.nan, 3.0]), -2, 3).tolist() == [0, 255, 254]
    assert quantise(np.array([1.0, 1.0]), 1, 1).tolist() == [0, 0]


def test_a_measure_of_whole_layers_leaves_the_colours_out_by_name(root, tmp_path):
    """No value of it is in the tables here either, so it has no numbers."""
    measures = small_results.MEASURES | {"cut": {"module": "normalised_cut"}}
    words = small_results.explore(
        *(root, tmp_path / "page.html"), measures=measures, primary_measure="cut", checkpoints={}
    )
    assert call("render_explore", words) == 0
    html = (tmp_path / "page.html").read_text("utf-8")
    assert "whole layers" in unpack(html, "index")["no_colours"]
    assert not [name for name in unpack(html, "ensemble_0") if name.startswith("curvature")]


def test_a_text_that_lost_its_places_is_named(root, tmp_path, capsys):
    (tmp_path / "page.html").write_text("<html></html>")
    for name in ("style.css", "script.js"):
        (tmp_path / name).write_text("")
    texts = [tmp_path / name for name in ("page.html", "style.css", "script.js")]
    words = small_results.explore(root, tmp_path / "out.html", texts=texts)
    assert call("render_explore", words) == 1
    said = capsys.readouterr().err
    assert f"error: {tmp_path / 'page.html'}: holds no <!-- study -->; put it back" in said
    assert not (tmp_path / "out.html").exists()


def test_classes_have_the_colours_of_the_figures(page):
    colours = re.search(r"CLASS_COLOURS = (\[.*?\])", page)[1]
    assert json.loads(colours) == list(CLASS_COLOURS)
