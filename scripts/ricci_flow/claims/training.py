"""Claim 5: negative coefficients are a property of well-trained networks."""

from collections.abc import Iterator
from typing import Any

import polars as pl

from ricci_flow.claims.base import Claim, Quantity, StudyView, register, share_of
from ricci_flow.claims.estimates import MeanShare
from ricci_flow.claims.verdicts import Rule


def _as_in_paper(study: StudyView, condition: str, measure: str) -> Iterator[dict[str, Any]]:
    """Count networks at the k* of their cell, and at a tenth of n."""
    networks = study.of("networks", condition, measure)
    rho = networks.filter(pl.col("kept"))["rho"].drop_nulls()
    yield {
        "quantity": "networks with a negative coefficient at their cell's k*",
        "published": study.published["negative_share"] if study.published else None,
        **share_of(int((rho < 0).sum()), len(rho)),
    }
    fixed = study.of("fixed", condition, measure).filter("kept")["rho"].drop_nulls()
    yield {
        "quantity": "networks with a negative coefficient at a tenth of n",
        **share_of(int((fixed < 0).sum()), len(fixed)),
    }


def _published(study: StudyView) -> float | None:
    return float(study.published["negative_share"]) if study.published else None


CLAIM = register(
    Claim(
        key="training",
        number=5,
        paper="baptista2024",
        text="Negative coefficients are a property of well-trained networks",
        quantity_text="networks with a negative coefficient at a *k* chosen on others",
        title="negative networks",
        unit="share",
        rule=Rule(null=0.5, side=1, margin=0.6, training=True),
        quantity=Quantity("5", lambda cell, _: (cell.negative,), MeanShare()),
        at_fixed_k=Quantity("fixed_negative", lambda cell, _: (cell.fixed_negative,), MeanShare()),
        in_layer_orders=Quantity("orders", lambda cell, _: (cell.order_negative,), MeanShare()),
        at_fixed_k_in_layer_orders=Quantity(
            "fixed_order_negative", lambda cell, _: (cell.fixed_order_negative,), MeanShare()
        ),
        published=_published,
        published_text="{} at the *k*\\* chosen on the same networks",
        as_in_paper=_as_in_paper,
        choices_of_k=("other_half", "k_star", "fixed"),
    )
)
