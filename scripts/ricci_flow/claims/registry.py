"""All claims. To add one, write its module and add it to the import below."""

from collections.abc import Sequence

from ricci_flow.claims import (  # noqa: F401  (each enters its claim into the register)
    accuracy_link,
    all_right,
    as_accurate,
    betti_falls,
    betti_goes_with_rho,
    deeper_networks,
    direction_of_curvature,
    early_stopping,
    error_grows,
    faster_graphs,
    filters_better,
    grown_as_accurate,
    invariant_better,
    kernels_converge,
    label_spike,
    local_negative,
    losses_converge,
    low_rank_gain,
    middle_layers,
    ordered_better,
    ordered_simpler,
    residual_monotone,
    rising_gap,
    rising_modularity,
    size_of_k_star,
    some_negative_k,
    training,
    units_alike,
    wider_networks,
)
from ricci_flow.claims.base import REGISTERED, Claim
from ricci_flow.errors import InputError, closest

DEFAULT_PAPER = "baptista2024"


def claim_of(key: str) -> Claim:
    """Return the claim of this key; InputError, one line, where there is none."""
    if key not in REGISTERED:
        raise InputError(f"key 'claims' names {key!r}, not a claim; {closest(key, REGISTERED)}")
    return REGISTERED[key]


def chosen_claims(keys: Sequence[str] | None = None) -> tuple[Claim, ...]:
    """Return the claims of these keys, or all of the first paper, in order of number.

    Raises InputError, one line, for a key that is unknown.
    """
    if keys is None:
        found = [claim for claim in REGISTERED.values() if claim.paper == DEFAULT_PAPER]
    else:
        found = [claim_of(key) for key in dict.fromkeys(keys)]
    return tuple(sorted(found, key=lambda claim: (claim.paper, claim.number)))
