"""The figure of one network's layers, and the page of figure and tables."""

import html
import tempfile
from pathlib import Path

import polars as pl
from matplotlib.figure import Figure

from ricci_flow.api.result import Result
from ricci_flow.disk import staged
from ricci_flow.errors import InputError, closest
from ricci_flow.figures import layers
from ricci_flow.figures.style import save_svg, say_nothing_to_draw

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; max-width: 60rem; margin: 2rem auto;
       padding: 0 1rem }
svg { max-width: 100%; height: auto }
div { overflow-x: auto }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums }
th, td { padding: .15rem .6rem; border-bottom: 1px solid #d9d9d9; text-align: right;
         white-space: nowrap }
"""
_HEADINGS = {
    "rho": "Ricci coefficients",
    "nulls": "Without any flow",
    "local": "Point by point",
    "table": "Layer by layer",
    "reasons": "Numbers that are missing",
    "layers": "Layers",
}


def draw(result: Result, setting: str | None) -> Figure:
    """Return the figure of the layers of one setting; see `Result.plot`."""
    table = result.table.filter(pl.col("layer").is_not_null())
    known = result.coefficients["setting"].unique(maintain_order=True).to_list()
    if setting is None:
        setting = known[0]
    if setting not in known:
        raise InputError(f"setting: unknown {setting!r}; {closest(setting, known)}")
    table = table.filter(setting=setting).filter(pl.col("draw").fill_null(0) == 0)
    if not table["geodesic_mass"].count():
        return say_nothing_to_draw("no graph is connected: use a larger k")
    share = pl.format(" ({} n)", "k_fraction").fill_null("")
    curves = table.select(
        pl.col("measure").str.replace_all("_", " ").alias("data_set"),
        pl.format("k = {}{}", "k", share).alias("architecture"),
        pl.lit(table["layer"].n_unique()).alias("depth"),
        pl.lit(None, pl.String).alias("width"),
        "layer",
        pl.col("value").alias("curvature"),
        pl.lit(None, pl.Float64).alias("curvature_sd"),
        "geodesic_mass",
        pl.lit(None, pl.Float64).alias("geodesic_mass_sd"),
    )
    name = layers.CURVATURE if (table["scope"] == "edge").all() else "value of the measure"
    return layers.draw(curves, name, one_scale=False)


def save(result: Result, figure: Figure, path: Path) -> None:
    """Write a figure as .svg or .png, or as a .html page that needs nothing else, with tables."""
    if path.suffix == ".svg":
        save_svg(figure, path)
    elif path.suffix == ".png":
        with staged(path) as part:
            figure.savefig(part, format="png", dpi=200)
    else:
        text = _page(result, figure)
        with staged(path) as part:
            part.write_text(text, "utf-8")


def _page(result: Result, figure: Figure) -> str:
    with tempfile.TemporaryDirectory() as folder:
        save_svg(figure, Path(folder) / "figure.svg")
        drawn = (Path(folder) / "figure.svg").read_text("utf-8")
    title = f"Ricci coefficients of {len(result.layers)} layers of {result.layers['n'][0]} points"
    parts = [
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head>\n<body>\n<h1>{title}</h1>",
        f"<p>{result.reading}</p>",
        drawn[drawn.index("<svg") :],
    ]
    for name, heading in _HEADINGS.items():
        parts.append(f"<h2>{heading}</h2>\n{_table(result.tables[name])}")
    return "\n".join([*parts, "</body>\n</html>\n"])


def _table(table: pl.DataFrame) -> str:
    """Return a table as HTML, without columns that are empty; numbers to six digits."""
    table = table.select(column for column in table if column.count())
    if table.is_empty():
        return "<p>none</p>"
    head = "".join(f"<th>{html.escape(name)}</th>" for name in table.columns)
    rows = (
        "<tr>" + "".join(f"<td>{html.escape(_cell(value))}</td>" for value in row) + "</tr>"
        for row in table.iter_rows()
    )
    return f"<div><table>\n<tr>{head}</tr>\n" + "\n".join(rows) + "\n</table></div>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
