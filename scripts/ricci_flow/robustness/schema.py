"""The columns of robustness variants.parquet and policies.parquet."""

import polars as pl

ENSEMBLE = ("data_set", "architecture", "condition")
# Variants that keep a network whose graph falls apart at some layer.
POLICIES = ("largest_component", "mst")

VARIANTS_SCHEMA = {
    **dict.fromkeys(ENSEMBLE, pl.String),
    "network": pl.Int32,
    "variant": pl.String,
    "draw": pl.Int32,
    "convention": pl.String,
    "fraction": pl.Float64,
    "k": pl.Int32,
    "n_points": pl.Int32,
    "points": pl.Int32,
    "rho": pl.Float64,
    "reason": pl.String,
    "dropped_points": pl.Int32,
    "deviation": pl.Float64,
}
POLICIES_SCHEMA = {
    **dict.fromkeys(ENSEMBLE, pl.String),
    "network": pl.Int32,
    "convention": pl.String,
    "k": pl.Int32,
    "policy": pl.String,
    "excluded": pl.String,
    "n_points": pl.Int32,
    "points": pl.Int32,
    "rho": pl.Float64,
    "reason": pl.String,
    "dropped_points": pl.Int32,
}
