"""The k that a block measures at."""

from collections.abc import Callable, Mapping, Sequence

from ricci_flow.graphs.grid import k_of_fraction, resolve_grid

# The k of (network, its points), each with the share of the points it was asked for as, if it was.
Grid = Callable[[int, int], Sequence[tuple[float | None, int]]]


def grid_of(
    ks: Sequence[int] | None, fractions: Sequence[float] | None, *, by_share: bool = False
) -> Grid:
    """Return the grid of numbers, or of shares of the points, the same for all networks.

    by_share: whether every share has rows of its own, also where two of them are the same k.
    """
    if fractions and by_share:
        return lambda network, n: [(share, k_of_fraction(share, n)) for share in fractions]
    return lambda network, n: [(None, k) for k in resolve_grid(ks, fractions, n)]


def grid_of_networks(ks: Mapping[int, Sequence[int]]) -> Grid:
    """Return the grid of k by network."""
    return lambda network, n: [(None, k) for k in ks[network]]
