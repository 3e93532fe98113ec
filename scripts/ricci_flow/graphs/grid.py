"""Grids of k, given as numbers or as shares of the points."""

from collections.abc import Sequence

from ricci_flow.errors import InputError


def k_of_fraction(fraction: float, n: int) -> int:
    """Return the k nearest to a share of n points, at least 2 and at most n - 1."""
    return min(max(2, round(fraction * n)), n - 1)


def drawn_k(grid: Sequence[int]) -> int:
    """Return the k of a grid that a graph is drawn with: the nearest to 6, of two the smaller.

    With 6, the least of the paper's, an eye can still follow the edges.
    """
    return min(grid, key=lambda k: (abs(k - 6), k))


def resolve_grid(
    grid: Sequence[int] | None, fractions: Sequence[float] | None, n: int, where: str = ""
) -> list[int]:
    """Return the grid of k for n points, ascending, each k once.

    Exactly one of `grid` and `fractions` is given; `where` opens an error's text.
    Raises InputError where a k is not below n or both or neither are given.
    """
    if bool(grid) == bool(fractions):
        raise InputError("give either --k or --k-fractions")
    if fractions:
        return sorted({k_of_fraction(fraction, n) for fraction in fractions})
    wanted = sorted(set(grid or ()))
    if wanted[-1] >= n:
        raise InputError(
            f"{where}k_grid goes up to {wanted[-1]}, not below the {n} test points; use smaller k"
        )
    return wanted
