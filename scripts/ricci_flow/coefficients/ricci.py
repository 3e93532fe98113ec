"""Ricci coefficients: does curvature predict how geodesic mass changes from layer to layer?

Source: Baptista et al. 2024, "Deep learning as Ricci flow", Eqs 9 to 11.
"""

from dataclasses import dataclass

import numpy as np

from ricci_flow.coefficients.depth import too_few, too_few_for_z
from ricci_flow.coefficients.pearson import is_constant, pearson
from ricci_flow.coefficients.permutation import permutation_p


@dataclass(frozen=True)
class RicciCoefficient:
    """Coefficient of one network at one k; fields are None where undefined, `reason` says why.

    points: number of (eta, Ric) pairs. rho: Pearson's r of eta and Ric; negative is like Ricci
    flow. z_printed = arctanh(rho) / sqrt(L - 4), the paper's Eq 11; z_standardised =
    arctanh(rho) * sqrt(L - 4), the usual standardisation. p: lower tail of the exact permutation
    distribution; p_method: "exact" or "sampled".
    """

    points: int
    rho: float | None = None
    z_printed: float | None = None
    z_standardised: float | None = None
    p: float | None = None
    p_method: str | None = None
    reason: str | None = None


def eta_and_curvature(mass: np.ndarray, curvature: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return eta_l = g_{l+1} - g_l and Ric_l for l = 1..L-1, from the L hidden layers."""
    return np.diff(mass), curvature[:-1]


def ricci_coefficient(
    mass: np.ndarray,
    curvature: np.ndarray,
    generator: np.random.Generator | None = None,
    first: int = 1,
) -> RicciCoefficient:
    """Return the coefficient of one network at one k.

    mass, curvature: (L,), the layers in order; mass is nan at a layer whose graph is not
    connected, curvature at one where the measure has no value. `generator` is drawn from only where
    the exact distribution is out of reach (L > 13). first: number of the first layer, for `reason`.
    """
    depth = len(mass)
    points = max(depth - 1, 0)
    if reason := too_few(depth):
        return RicciCoefficient(points, reason=reason)
    broken = [int(layer) for layer in np.flatnonzero(np.isnan(mass)) + first]
    if broken:
        return RicciCoefficient(points, reason=f"not connected at layer {_join(broken)}")
    undefined = [int(layer) for layer in np.flatnonzero(np.isnan(curvature)) + first]
    if undefined:
        return RicciCoefficient(points, reason=f"no value at layer {_join(undefined)}")
    eta, ric = eta_and_curvature(mass, curvature)
    rho = pearson(eta, ric)
    if rho is None:
        which = "curvature" if is_constant(ric) else "geodesic mass change"
        return RicciCoefficient(points, reason=f"constant {which}")
    p, method = permutation_p(eta, ric, generator)
    z = float(np.arctanh(rho)) if abs(rho) < 1 else None
    # At L = 4 Eq 11 divides by zero, and |rho| = 1 has no finite z: rho and p remain.
    shallow = too_few_for_z(depth)
    finite = z is not None and shallow is None
    return RicciCoefficient(
        points,
        rho,
        z / np.sqrt(depth - 4) if z is not None and finite else None,
        z * np.sqrt(depth - 4) if z is not None and finite else None,
        p,
        method,
        None if finite else shallow or "z is not finite: not in the regression",
    )


def _join(layers: list[int]) -> str:
    return ", ".join(str(layer) for layer in layers)


@dataclass(frozen=True)
class CellCoefficient:
    """Aggregated coefficient of a cell at one k: one Pearson over its networks' pooled pairs."""

    points: int
    rho: float | None
    reason: str | None


def aggregate(pairs: list[tuple[np.ndarray, np.ndarray]]) -> CellCoefficient:
    """Return the aggregated coefficient of networks given as (eta, Ric) arrays."""
    if not pairs:
        return CellCoefficient(0, None, "no kept network is connected at every layer")
    eta = np.concatenate([pair[0] for pair in pairs])
    ric = np.concatenate([pair[1] for pair in pairs])
    if len(eta) < 3:
        return CellCoefficient(len(eta), None, f"{len(eta)} pairs, fewer than 3")
    rho = pearson(eta, ric)
    return CellCoefficient(
        len(eta), rho, None if rho is not None else "constant curvature or geodesic mass change"
    )
