"""A new claim is one new file and its name in the import of the registry: the ledger judges it."""

import re

from ricci_flow.storage import read_table
from tests.workflow.runner import Study, pages_of

MODULE = '''
"""Claim 6: curvature changes along the layers in one direction or the other."""

from ricci_flow.claims.base import Claim, Quantity, register
from ricci_flow.claims.estimates import ShareOfCells
from ricci_flow.claims.verdicts import Rule


def _as_in_paper(study, condition, measure):
    cells = study.of("cells", condition, measure)
    yield {"quantity": "rows of cells", "published": None, "value": 1.0, "of": len(cells)}


CLAIM = register(
    Claim(
        key="changing_curvature",
        number=6,
        paper="baptista2024",
        text="Curvature changes along the layers",
        quantity_text="cells whose curvature has a trend",
        title="changing cells",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6),
        quantity=Quantity("6", lambda cell, _: (float(cell.trend != 0),), ShareOfCells()),
        as_in_paper=_as_in_paper,
    )
)
'''
PACKAGE = "scripts/ricci_flow/claims"


def judged(study: Study) -> list[str]:
    """Return the keys of the ledger's claims, without their controls."""
    ledger = read_table(study.folder / "results/mini/statistics/ledger.parquet")
    return ledger.filter(ledger["control"].is_null())["key"].unique(maintain_order=True).to_list()


def test_a_claim_is_one_file_and_one_import(checkout: Study):
    before = judged(checkout)
    (checkout.folder / PACKAGE / "changing_curvature.py").write_text(MODULE)
    checkout.edit(
        f"{PACKAGE}/registry.py", "    training,\n", "    changing_curvature, training,\n"
    )
    jobs = checkout.run()
    assert {"statistics", "report"} <= jobs
    assert not [job for job in jobs if job.startswith(("training", "graphs", "geometry"))]
    assert judged(checkout) == [*before, "changing_curvature"]
    html = pages_of(checkout.folder / "results/mini")
    text = " ".join(re.sub(r"<[^>]*>", "", html).split())
    assert "(6) Curvature changes along the layers." in text

    checkout.edit("tiny/mini.yaml", "networks: 2\n", "networks: 2\nclaims: [changing_curvature]\n")
    assert "statistics" in checkout.run()
    assert judged(checkout) == ["changing_curvature"]
