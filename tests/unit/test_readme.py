"""The table at the top of the README has the numbers of the kept results."""

import re
from pathlib import Path

import polars as pl
import pytest

from ricci_flow.multiverse.choices import DIMENSION_TITLES

ROOT = Path(__file__).resolve().parents[2]
FORMS = {1: "{:.0%}", 2: "{:.1f}", 3: "{:.0%}", 4: "{:.2f}", 5: "{:.0%}"}
CONTROLS = {
    "untrained": 4,
    "shuffled_labels": 5,
    "linear": 6,
    "random_features": 7,
    "layer orders": 8,
}


def shown(claim: int, value: float) -> str:
    return FORMS[claim].format(value).replace("%", " %").replace("-", "\u2212")


@pytest.mark.parametrize("claim", FORMS)
def test_the_ledger_of_the_first_screen_is_the_kept_one(claim):
    text = (ROOT / "README.md").read_text("utf-8")
    (line,) = re.findall(rf"^\| {claim} .*$", text, re.MULTILINE)
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    ledger = pl.read_parquet(ROOT / "reports/paper/statistics/ledger.parquet").filter(
        claim=claim, condition="trained", measure="forman_directed"
    )
    own, *controls = ledger.iter_rows(named=True)
    assert cells[2].split(" (")[0] == shown(claim, own["value"])
    assert cells[9] == own["verdict"]
    fixed = "" if own["fixed"] is None else shown(claim, own["fixed"])
    assert cells[3].split(" (")[0] == fixed
    for row in controls:
        assert cells[CONTROLS[row["control"]]] == shown(claim, row["value"]), row["control"]
    before = pl.read_parquet(ROOT / "reports/paper_50_epochs/statistics/ledger.parquet")
    value = before.filter(
        pl.col("control").is_null(), claim=claim, condition="trained", measure="forman_directed"
    )["value"][0]
    assert cells[10].split(": ")[1].split(" (")[0] == shown(claim, value)


@pytest.mark.parametrize("claim", FORMS)
def test_the_first_screen_says_in_how_many_choices_a_verdict_is_the_same(claim):
    (line,) = re.findall(rf"^\| {claim} .*$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    said = line.strip("|").split("|")[-1].strip()
    kept = pl.read_parquet(ROOT / "reports/multiverse/statistics/multiverse.parquet")
    (row,) = kept.filter(claim=claim).to_dicts()
    choice = DIMENSION_TITLES.get(row["depends_on"] or "", "")
    standing = f"depends on the {choice}" if row["standing"] == "depends on" else row["standing"]
    assert said == f"{standing}: {row['verdict']} in {row['same']:.0%}".replace("%", " %")
