"""What was measured of one network: tables, a figure, and a page of both."""

from __future__ import annotations

import html
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import factorial
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from ricci_flow.errors import InputError

if TYPE_CHECKING:  # loaded where something is drawn
    from matplotlib.figure import Figure

_SERIES = ["measure", "k", "k_fraction", "setting", "draw"]
# First what one looks for: polars shows the first and last columns of a wide table.
_RHO = [
    *("measure", "k", "rho", "p", "p_orders"),
    *("reason", "points", "p_method", "k_fraction", "setting", "draw"),
]
_NULLS = [
    *("measure", "k", "null_mean", "null_negative", "p_orders"),
    *("coupling", "spearman", "rho_detrended", "rho_next", "k_fraction", "setting", "draw"),
]
# What may lack a number in each table: the column, the one that says why, and what to call it.
_OF_TABLE = (
    ("value", "reason", "value"),
    ("gap", "gap_reason", "gap between classes"),
    ("layer_rho", "layer_reason", "layer coefficient"),
)
PLOTS = (".html", ".svg", ".png")
_READING = (
    "Negative is like Ricci flow. p: share of all pairings of curvature and mass with a "
    "rho as low; p_orders: share of all orders of the layers."
)
# Fewer pairings than this show no coefficient to be rare.
_FEW = 100
# So many reasons stand below the table.
_SAID = 3


@dataclass(frozen=True, repr=False)
class Result:
    """Measures, coefficients and null models of the layers of one network.

    table: a row per measure, k, setting and layer, with the columns of a study's
    measures/*/main.parquet (reports/guide/files.md): value (sum over the edges, or of the layer),
    geodesic_mass (hops), layer_rho, gap, ... coefficients: all of `rho` and `nulls`. local: a row
    per measure, k and setting, coefficients point by point. layers: name, points and features.
    Draws, k and layers count as in a study. All are polars tables; a number that is missing has a
    row in `reasons`.
    """

    table: pl.DataFrame
    coefficients: pl.DataFrame
    local: pl.DataFrame
    layers: pl.DataFrame

    @property
    def rho(self) -> pl.DataFrame:
        """Ricci coefficient, a row per measure, k and setting.

        rho: correlation of curvature and change of geodesic mass over layers; negative is like
        Ricci flow. p: its lower tail over all pairings; p_method: exact, or sampled from 14 layers
        on. p_orders: its lower tail over all orders of the layers, which keep each layer's
        curvature and mass together. Where rho is missing `reason` says why.
        """
        return self.coefficients.select(_RHO)

    @property
    def nulls(self) -> pl.DataFrame:
        """What rho is without any flow, and asked otherwise, a row as in `rho`.

        null_mean, null_negative: mean of rho, and share below 0, over orders of the layers; see
        ricci_flow.coefficients.nulls.LayerNulls for the rest.
        """
        return self.coefficients.select(_NULLS)

    @property
    def reasons(self) -> pl.DataFrame:
        """Why there is no number, a row for each that is missing: what, where, and why."""
        keys = [*_SERIES, "layer"]
        whole = pl.lit(None, pl.Int32).alias("layer")
        parts = [
            self.coefficients.filter(pl.col("rho").is_null())
            .with_columns(whole, what=pl.lit("coefficient"))
            .select("what", *keys, "reason"),
            self.table.filter(~pl.col("connected"))
            .with_columns(
                what=pl.lit("geodesic mass"),
                reason=pl.format("not connected: {} components", "components"),
            )
            .select("what", *keys, "reason"),
            self.local.filter(pl.col("local_reason").is_not_null())
            .with_columns(whole, what=pl.lit("local coefficient"), reason="local_reason")
            .select("what", *keys, "reason"),
        ]
        for column, why, what in _OF_TABLE:
            missing = self.table.filter(pl.col(column).is_null() & pl.col(why).is_not_null())
            parts.append(
                missing.with_columns(what=pl.lit(what), reason=pl.col(why))
                .select("what", *keys, "reason")
            )  # fmt: skip
        return pl.concat(parts)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """All tables by name."""
        names = ("rho", "nulls", "local", "table", "reasons", "layers")
        return {name: getattr(self, name) for name in names}

    @property
    def reading(self) -> str:
        """How to read the coefficients, and with few layers how small p can be."""
        pairings = factorial(max(len(self.layers) - 1, 1))
        few = f" With {len(self.layers)} layers no p is below 1/{pairings}."
        return _READING + (few if pairings < _FEW else "")

    def plot(self, path: str | Path | None = None, setting: str | None = None) -> Figure:
        """Return the report's figure of the layers: curvature and geodesic mass, a row per measure.

        A line per k; both relative to layer 1. setting: which one, by default the first; of a
        drawn one its first draw. path: also write it there: .svg, .png, or a .html page with the
        tables too. Raises InputError where a setting is unknown or the path ends otherwise.
        """
        from ricci_flow.api.drawing import draw, save

        if path is not None and Path(path).suffix not in PLOTS:
            raise InputError(f"{path}: of no known kind; use one of {', '.join(PLOTS)}")
        figure = draw(self, setting)
        # A notebook shows it, whether or not pyplot is loaded there.
        figure._repr_png_ = partial(_png, figure)  # type: ignore[attr-defined]
        if path is not None:
            save(self, figure, Path(path))
        return figure

    def __repr__(self) -> str:
        shown = self._shown()
        with pl.Config(
            tbl_rows=20, tbl_cols=-1, tbl_hide_dataframe_shape=True, fmt_str_lengths=80,
            tbl_hide_column_data_types=True, tbl_width_chars=140,
        ):  # fmt: skip
            return "\n".join([self._heading(), f"{shown}", *self._footing()])

    def _repr_html_(self) -> str:
        footing = "<br>".join(map(html.escape, self._footing()))
        return f"<p>{self._heading()}</p>{self._shown()._repr_html_()}<p>{footing}</p>"

    def _heading(self) -> str:
        return f"Ricci coefficients of {len(self.layers)} layers of {self.layers['n'][0]} points"

    def _footing(self) -> Iterator[str]:
        """Yield lines: how to read the numbers, which are missing and why, what else there is."""
        yield self.reading
        counts = self.reasons.group_by("what", "reason", maintain_order=True).len()
        if len(counts):
            said = [f"{count} × {what} ({why})" for what, why, count in counts.rows()[:_SAID]]
            more = counts["len"][_SAID:].sum()
            said += [f"{more} more"] if more else []
            yield f"Without a number: {', '.join(said)}; .reasons has all."
        if self.rho["reason"].str.starts_with("not connected").any():
            yield "Where graphs are not connected take a larger k, or settings='mst'."
        yield "Also: .nulls, .local, .table, .layers, .plot()"

    def _shown(self) -> pl.DataFrame:
        """Return `rho` without columns that say nothing here."""
        rho = self.rho.drop("p_method", "points")
        silent = [name for name in ("k_fraction", "draw", "reason") if rho[name].is_null().all()]
        if rho["setting"].n_unique() == 1:
            silent.append("setting")
        return rho.drop(silent)


def _png(figure: Figure) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=100)
    return picture.getvalue()
