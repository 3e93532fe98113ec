"""What claims are judged by under every choice: flow of whole clouds, or local coefficients."""

from collections.abc import Mapping, Sequence

import polars as pl

from ricci_flow.claims.base import Claim
from ricci_flow.claims.cell_measures import ChoiceOfK, measure_cell
from ricci_flow.claims.estimates import Cells
from ricci_flow.claims.point_measures import measure_points, nearest_share, point_cells
from ricci_flow.multiverse.cells import Key
from ricci_flow.multiverse.choices import Specification


class Flow:
    """Of claims on the coefficients of whole networks: k is chosen from what is measured."""

    measure_cell = staticmethod(measure_cell)

    def __init__(self, cells: Mapping[Key, Cells], offered: Sequence[str]) -> None:
        """cells: see `cells.read_cells`; offered: names of the choices of k."""
        self._cells, self._offered = cells, offered
        self._none: Cells = {}

    def choices_of_k(self, claim: Claim) -> Sequence[str]:
        """Return the claim's own choice, and those offered that it can be judged under."""
        own, *others = claim.choices_of_k
        return [own, *(choice for choice in others if choice in self._offered)]

    def cells(self, specification: Specification, _: str) -> Cells:
        """Return the cells of a measure, policy and layers."""
        key = (specification.measure, specification.policy, specification.layers)
        return self._cells.get(key, self._none)

    def choice_of_k(self, k: str) -> ChoiceOfK | None:
        """Return the choice itself."""
        return k  # type: ignore[return-value]


class Points:
    """Of claims on local coefficients: layers are settings of a block, k its shares of points."""

    measure_cell = staticmethod(measure_points)

    def __init__(
        self,
        networks: pl.DataFrame,
        layers: pl.DataFrame,
        accuracy: pl.DataFrame,
        shapes: Mapping[str, tuple[int, str]],
        settings: Mapping[str, str],
        shares: Sequence[str],
    ) -> None:
        """networks, layers, accuracy, shapes: see `point_cells`.

        settings: by name of the choice of layers; shares: names of the choices of k.
        """
        self._shares = sorted(map(float, shares))
        self._cells = {
            (name, share): point_cells(networks, layers, accuracy, shapes, setting, share)
            for name, setting in settings.items()
            for share in self._shares
        }

    def choices_of_k(self, _: Claim) -> Sequence[str]:
        """Return the shares, that of the paper first."""
        own = nearest_share(self._shares)
        return [str(own), *(str(share) for share in self._shares if share != own)]

    def cells(self, specification: Specification, k: str) -> Cells:
        """Return the cells of some layers at a share of the points, of every measure."""
        return self._cells[specification.layers, float(k)]

    def choice_of_k(self, _: str) -> ChoiceOfK | None:
        """Return None: k is given."""
        return None
