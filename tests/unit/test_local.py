"""Local coefficients over a study: means with intervals, and published ones beside them."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import ttest_ind

from ricci_flow.analysis.local import chance_of_agreement, compare_local, summarise_local, welch
from ricci_flow.analysis.published_local import read_coefficients
from ricci_flow.errors import InputError
from ricci_flow.report.local import agreement_sentence, local_section
from ricci_flow.storage import write_table
from ricci_flow.tables.statistics import FURTHER, LOCAL_COMPARISON, LOCAL_SETTINGS
from ricci_flow.yaml_file import load_yaml

REPORTS = Path("reports")
FILE = Path("reports/published/hehl2025.yaml")


def further(rows):
    """statistics/further.parquet of (data set, architecture, condition, network, setting, mean)."""
    return FURTHER.frame(
        [
            {"block": "points", "data_set": d, "architecture": a, "condition": c, "network": s}
            | {"setting": setting, "k_fraction": 0.05, "k": 50, "measure": "augmented_forman"}
            | {"scope": "edge", "local_points": 0 if mean is None else 9, "local_mean": mean}
            | {"local_negative": None if mean is None else float(mean < 0), "rho": mean}
            for d, a, c, s, setting, mean in rows
        ]
    )


ROWS = [
    (data_set, "a", condition, network, "knn", centre + shift)
    for data_set, centre in (("x", -0.1), ("y", -0.3), ("z", -0.8))
    for condition, shift in (("trained", 0.0), ("untrained", 0.4))
    for network in range(2)
]


def test_means_are_over_networks_then_cells():
    rows = [*ROWS, ("x", "a", "trained", 2, "knn", -0.7), ("x", "a", "trained", 3, "knn", None)]
    table = summarise_local(further(rows), {"x": "synthetic", "z": "images"}, 0.95, "s")
    own = table.filter(condition="trained", group="all").row(0, named=True)
    assert own["local_mean"] == pytest.approx(np.mean([-0.3, -0.3, -0.8]))
    assert (own["networks"], own["undefined"], own["cells"], own["data_sets"]) == (7, 1, 3, 3)
    assert own["local_negative"] == 1
    assert own["widest_low"] <= own["low"] < own["local_mean"] < own["high"] <= own["widest_high"]
    groups = table.filter(condition="trained")["group"].to_list()
    assert groups == ["all", "images", "synthetic", "table"]
    single = table.filter(condition="trained", group="images").row(0, named=True)
    assert (single["local_mean"], single["low"]) == (pytest.approx(-0.8), None)


def test_the_wider_interval_is_that_of_data_sets():
    # Two cells of each data set that are all alike: cells are twice as many as what differs.
    rows = [
        (data_set, architecture, "trained", 0, "knn", centre)
        for data_set, centre in (("x", -0.1), ("y", -0.3), ("z", -0.8))
        for architecture in ("a", "b")
    ]
    row = summarise_local(further(rows), {}, 0.95, "s").row(0, named=True)
    centres = np.array([-0.1, -0.3, -0.8])
    half = 4.302652729749464 * centres.std(ddof=1) / 3**0.5  # t with 2 degrees of freedom
    assert centres.mean() - half < -1  # beyond what there can be
    assert row["widest_low"] == -1
    assert row["widest_high"] == pytest.approx(centres.mean() + half, abs=1e-9)
    assert row["widest_low"] < row["low"]
    assert row["high"] < row["widest_high"]


@pytest.fixture(scope="module")
def published():
    return read_coefficients(FILE)


def test_published_coefficients_are_the_papers(published):
    table = published["coefficients"]
    assert (published["setting"], published["k_fraction"]) == ("with_input_and_output", 0.05)
    trained = table.filter(condition="trained")
    assert trained.group_by("data_set").len()["len"].to_list() == [9] * 9
    row = trained.filter(data_set="mnist_6v9", architecture="w50_d7").row(0, named=True)
    assert (row["mean"], row["sd"], row["negative"]) == (-0.338923, 0.295444, 0.682)
    assert set(table.filter(condition="untrained")["networks"]) == {10}


def test_every_published_cell_can_be_run(published):
    for key, catalogue in (("data_set", "datasets"), ("architecture", "architectures")):
        known = load_yaml(Path(f"config/{catalogue}.yaml"))
        assert set(published["coefficients"][key]) <= set(known)


def test_comparison_in_closed_form():
    schema = read_coefficients(FILE)["coefficients"].schema
    head = ("local", "x", "a", "trained", "augmented_forman")
    rows = [(*head, 3, -0.2, 0.03, 0.9), ("local", "w", *head[2:], 3, -0.2, 0.03, None)]
    table = pl.DataFrame(rows, schema, orient="row")
    said = {"setting": "knn", "k_fraction": 0.05, "coefficients": table}
    values = [-0.1, -0.2, -0.15]
    networks = further([("x", "a", "trained", s, "knn", v) for s, v in enumerate(values)])
    found, missing = compare_local(networks, said).to_dicts()
    assert found["value"] == pytest.approx(-0.15)
    assert found["sd"] == pytest.approx(0.05)
    assert found["agrees"] is True  # 0.05 away, and two standard deviations are 0.06
    assert found["expected"] == pytest.approx(2 / 6**0.5)  # P(|t| < 2), 2 degrees of freedom
    assert (missing["networks"], missing["agrees"], missing["value"]) == (0, None, None)
    far = compare_local(networks.with_columns(local_mean=pl.col("local_mean") + 0.02), said)
    assert far["agrees"][0] is False
    assert agreement_sentence(compare_local(networks, said)) == (
        "trained networks, mean local coefficients, `augmented_forman`: 1 of 1 cell agree "
        "(100.0 %; without any difference 81.6 %); 0 differ with *p* < 0.05; 1 cell not run here."
    )
    both = pl.concat([networks, networks.with_columns(block=pl.lit("again"))])
    assert compare_local(both, said)["networks"].to_list() == [3, 0]


def test_welch_against_scipy_on_numbers():
    rng = np.random.default_rng(0)
    theirs, ours = rng.normal(size=4), rng.normal(0.8, 2, size=7)
    expected = ttest_ind(theirs, ours, equal_var=False).pvalue
    assert welch(theirs.mean(), theirs.std(), 4, ours) == pytest.approx(expected)
    assert welch(1.0, 0.0, 3, np.ones(3)) is None


@pytest.mark.parametrize(("published", "networks"), [(3, 3), (3, 5), (10, 4)])
def test_chance_of_agreement_by_simulation(published, networks):
    rng = np.random.default_rng(1)
    theirs = rng.normal(size=(200_000, published))
    ours = rng.normal(size=(200_000, networks)).mean(axis=1)
    hits = np.abs(ours - theirs.mean(axis=1)) <= 2 * theirs.std(axis=1)
    assert chance_of_agreement(published, networks) == pytest.approx(hits.mean(), abs=0.005)


CONFIG = {
    "conditions": {"trained": {}, "untrained": {"control": True, "title": "raw"}},
    "settings": {"with_input": {"title": "with input"}},
    "primary": "trained",
}


def test_the_section_has_both_tables_and_says_what_is_missing(tmp_path):
    schema = read_coefficients(FILE)["coefficients"].schema
    head = ("local", "x", "a", "trained", "augmented_forman")
    rows = [(*head, 3, -0.2, 0.3, 0.9), ("local", "w", *head[2:], 3, -0.2, 0.03, None)]
    said = {"setting": "knn", "k_fraction": 0.05}
    said["coefficients"] = pl.DataFrame(rows, schema, orient="row")
    networks = further([*ROWS, ("x", "a", "trained", 2, "knn", None)])
    write_table(tmp_path / "local_settings.parquet", LOCAL_SETTINGS.frame())
    write_table(tmp_path / "local_comparison.parquet", LOCAL_COMPARISON.frame())
    assert local_section(REPORTS, tmp_path, CONFIG) == ""
    write_table(tmp_path / "local_settings.parquet", summarise_local(networks, {}, 0.95, "s"))
    write_table(tmp_path / "local_comparison.parquet", compare_local(networks, said))
    text = local_section(REPORTS, tmp_path, CONFIG)
    assert "controls among them: raw." in text
    assert re.search(r"\| hidden \| all \| trained \| −0\.40 \| .* \| 100\.0 % \| not asked", text)
    assert re.search(r"\| hidden \| all \| raw \| 0\.00 \|", text)
    assert "| 6 (1 without) | 3 of 3 |" in text
    assert "1 of 1 cell agree" in text
    assert "| −0.20 (0.30; 3) | −0.10 (0.00; 2) | 90.0 % | 100.0 % | yes |" in text
    assert "| not run | not given | none | not run | none |" in text
    write_table(tmp_path / "local_comparison.parquet", LOCAL_COMPARISON.frame())
    assert "tbl-local-comparison" not in local_section(REPORTS, tmp_path, CONFIG)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("local,x", "locals,x", "line 2: quantity is 'locals'; use local or global"),
        (",3,", ",1,", "line 2: networks is '1', not a whole number above 1"),
        ("-0.5", "-1.5", "line 2: mean is '-1.5', not a number from -1 to 1"),
        ("0.1,", "nan,", "line 2: sd is 'nan'"),
        ("quantity", "what", "line 1 must be quantity,data_set"),
        (",0.9", "", "line 2 must hold 9 values"),
    ],
)
def test_wrong_published_coefficients_are_named(tmp_path, old, new, said):
    line = "local,x,a,trained,augmented_forman,3,-0.5,0.1,0.9"
    header = (FILE.parent / "hehl2025_coefficients.csv").read_text().splitlines()[0]
    (tmp_path / "c.csv").write_text(f"{header}\n{line}\n".replace(old, new))
    path = tmp_path / "p.yaml"
    path.write_text("coefficients: c.csv\nsetting: knn\nk_fraction: 0.05\n")
    with pytest.raises(InputError, match=re.escape(said)):
        read_coefficients(path)


@pytest.mark.parametrize("line", ["setting: 3", "k_fraction: 5"])
def test_wrong_keys_of_published_coefficients_are_named(tmp_path, line):
    key = line.partition(":")[0]
    text = FILE.read_text().replace(
        "coefficients: hehl", f"coefficients: {FILE.parent.absolute()}/hehl"
    )
    path = tmp_path / "p.yaml"
    path.write_text("\n".join(line if x.startswith(key) else x for x in text.splitlines()))
    with pytest.raises(InputError, match=f"key '{key}'"):
        read_coefficients(path)
