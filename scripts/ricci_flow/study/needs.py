"""What the jobs of a study need, memory and time, by the sizes that are known before it runs.

The constants are upper sides of what was measured (reports/guide/speed.md, "Larger n"): peak
resident memory in MB, processor seconds of one core. A job whose sizes are not known gets what its
rule asks for at least.
"""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ricci_flow.graphs.grid import resolve_grid
from ricci_flow.measurement.block import MAIN
from ricci_flow.measurement.catalogue import read_constants
from ricci_flow.study.sizes import size_of

if TYPE_CHECKING:
    from ricci_flow.study.model import Study

Names = tuple[str, str, str]
# Processor seconds: start of a job, and by graph of n points with k neighbours.
_START = 0.7
_SEARCH, _LISTED = 2e-10, 1e-8  # n^2 x units, n x k
_HOPS = 1.5e-9  # n^2
_TRAINED = (2.5e-10, 2e-8)  # by point seen and weight; by point seen and layer
_BY_TORCH = 6  # times longer
_SHOWN = 2  # networks of an ensemble on the page explore.html, at most
# Of measures, by module: (n, k) -> processor seconds. All others: a look at every edge.
_MEASURED = {
    "effective_resistance": lambda n, k: 3e-11 * n**3,
    "balanced_forman": lambda n, k: 5e-8 * n * k**2,
    "ollivier": lambda n, k: 2e-8 * n * k**3,
    "lin_lu_yau": lambda n, k: 4e-8 * n * k**3,
}


class Needs:
    """Memory (MB) and time (processor seconds) of the jobs of a study."""

    def __init__(self, study: "Study") -> None:
        self.study = study
        self._blocks = {block: set(study.block_ensembles(block)) for block in study.blocks()}
        for block in study.checkpoint_blocks():
            self._blocks[block] = set(study.checkpoint_ensembles(block))
        self._depths = {
            name: entry.architecture().depth for name, entry in study.architectures.items()
        }

    def data_set(self, name: str) -> int:
        """Return the memory of making a data set; 0 where its size is not known."""
        size = size_of(self.study, name)
        return 0 if size is None else int(200 + 2.5e-6 * self._bytes(name))

    def training(self, *names: str) -> int:
        """Return the memory of training an ensemble, or of reading its activations."""
        return int(200 + 3.5e-6 * self._bytes(names[0]) + 2e-6 * self._layer_bytes(*names))

    def checkpoints(self, *names: str) -> int:
        """Return the memory of training the networks of an ensemble that have checkpoints."""
        epochs = len(self.study.checkpoints(*names))
        return int(self.training(*names) + 2e-6 * epochs * self._layer_bytes(*names))

    def random_features(self, *names: str) -> int:
        """Return the memory of drawing layers like those of an ensemble."""
        return int(200 + 2.5e-6 * self._layer_bytes(*names))

    def graphs(self, *names: str) -> int:
        """Return the memory of searching the neighbours of an ensemble."""
        n, ks = self._grid(names[0])
        networks = self.study.networks(names[2])
        layer = self._layer_bytes(*names) / self._depths[names[1]]
        return int(200 + 1e-6 * (max(ks, default=0) * n * (7 + networks / 4) + 3 * layer))

    def measures(self, *names: str) -> int:
        """Return the memory of the main block of an ensemble."""
        return self._measuring(MAIN, *self._grid(names[0]))

    def explore(self) -> int:
        """Return the memory of the page on which points are moved through the layers."""
        found = [0]
        for names in self.study.ensembles():
            n, ks = self._grid(names[0])
            layers = 2.5e-6 * self._layer_bytes(*names)
            found.append(int(400 + layers + 50e-6 * n * max(ks, default=0)))
        return max(found)

    def further(self, data_set: str, architecture: str, condition: str, block: str) -> int:
        """Return the memory of a further block of an ensemble."""
        n, ks = self._grid(data_set, block)
        epochs = len(self.study.checkpoints(data_set, architecture, condition, block)) or 1
        layers = epochs * self._layer_bytes(data_set, architecture, condition)
        return int(self._measuring(block, n, ks) + 2e-6 * layers + 2e-6 * self._bytes(data_set))

    def seconds(self) -> dict[str, float]:
        """Return the processor seconds of the whole study, by stage."""
        found: dict[str, float] = {}
        for names in self.study.ensembles():
            for stage, seconds in self._stages(names):
                found[stage] = found.get(stage, 0.0) + seconds + _START
            if self.study.config.explore:  # one job for all
                found["explore"] = found.get("explore", _START) + self._exploring(*names)
        return found

    def unknown(self) -> list[str]:
        """Return the data sets whose size is not known."""
        return [name for name in self.study.data_sets if size_of(self.study, name) is None]

    def largest(self) -> tuple[int, str]:
        """Return the largest memory of a job, and what it does."""
        found = [(0, "")]
        for names in self.study.ensembles():
            of = "/".join(names)
            found += [
                (self.training(*names), f"training of {of}"),
                (self.graphs(*names), f"graphs of {of}"),
                (self.measures(*names), f"measures of {of}"),
            ]
        for block, ensembles in self._blocks.items():
            found += [
                (self.further(*names, block), f"measures {block} of {'/'.join(names)}")
                for names in ensembles
            ]
        return max(found)

    def _stages(self, names: Names) -> Iterator[tuple[str, float]]:
        data_set, architecture, condition = names
        size, study = size_of(self.study, data_set), self.study
        if size is None:
            return
        n, ks = self._grid(data_set)
        depth, networks = self._depths[architecture], study.networks(condition)
        if condition in study.trained_conditions() and data_set not in study.given():
            recipe = study.recipe(*names)
            widths = study.architectures[architecture].widths
            inner = [size.features, *(widths or (32,) * depth), 1]
            weights = sum(a * b for a, b in itertools.pairwise(inner))
            seen = networks * (recipe.epochs * size.train + 2 * n)
            slower = 1 if widths and recipe.trainer != "torch" else _BY_TORCH
            yield "training", slower * seen * (_TRAINED[0] * weights + _TRAINED[1] * depth)
        units = self._units(architecture)
        yield "graphs", networks * (_SEARCH * n**2 * units + depth * _LISTED * n * max(ks))
        yield "measures", networks * depth * self._graphs(MAIN, n, ks)
        for block, ensembles in self._blocks.items():
            if names not in ensembles or study.of_excluded(block):
                continue
            asked = study.config.further[block]
            epochs = len(study.checkpoints(*names, block)) if asked.kept_at else 1
            n, ks = self._grid(data_set, block)
            times = sum(
                asked.draws if study.settings[name].is_drawn else 1
                for name in study.settings_of(block)
            )
            each = _SEARCH * n**2 * units / depth + self._graphs(block, n, ks)
            yield (
                f"measures {block}",
                min(networks, int(asked.networks)) * depth * times * epochs * each,
            )

    def _exploring(self, data_set: str, architecture: str, condition: str) -> float:
        """Return the seconds that an ensemble takes on the page explore.html."""
        n, ks = self._grid(data_set)
        shown = min(self.study.networks(condition), _SHOWN)
        searched = _SEARCH * n**2 * self._units(architecture)
        return shown * (searched + self._depths[architecture] * _LISTED * n * sum(ks))

    def _graphs(self, block: str, n: int, ks: list[int]) -> float:
        """Return the seconds of measuring one layer at every k."""
        total = 0.0
        for k in ks:
            total += _HOPS * n**2
            for name in self.study.measures_of(block):
                module = self.study.measures[name].module
                total += _MEASURED.get(module, lambda n, k: _LISTED / 10 * n * k)(n, k)
        return total

    def _measuring(self, block: str, n: int, ks: list[int]) -> int:
        entries = [self.study.measures[name] for name in self.study.measures_of(block)]
        constants = [read_constants(entry.module) for entry in entries]
        pairs = max((c["PAIR_BYTES"] for c in constants), default=0)
        local = block != MAIN and self.study.config.further[block].local
        listed = any(c["SCOPE"] == "edge" and not c["TOTAL"] for c in constants)
        edges = 40 if listed or local else 0
        return int(200 + 1e-6 * (max(ks, default=0) * n * (9 + edges) + n**2 * (0.5 + pairs)))

    def _grid(self, data_set: str, block: str = MAIN) -> tuple[int, list[int]]:
        """Return the points of a data set and the k of a block; nothing where it is not known."""
        size = size_of(self.study, data_set)
        if size is None:
            return 0, []
        own = self.study.k_grid(data_set) if block == MAIN else None
        shares = self.study.k_fractions()
        if block != MAIN and not self.study.of_excluded(block):
            shares = sorted(self.study.config.further[block].k_fractions)
        if own is not None:
            return size.test, [k for k in own if k < size.test]
        return size.test, resolve_grid(None, shares, size.test)

    def _bytes(self, data_set: str) -> float:
        size = size_of(self.study, data_set)
        return 0.0 if size is None else 4.0 * (size.train + size.test) * size.features

    def _layer_bytes(self, data_set: str, architecture: str, condition: str) -> float:
        size = size_of(self.study, data_set)
        networks = self.study.networks(condition)
        return 0.0 if size is None else 4.0 * networks * size.test * self._units(architecture)

    def _units(self, architecture: str) -> int:
        """Return the units of all layers; of layers that are not dense some 100 each."""
        widths = self.study.architectures[architecture].widths
        return sum(widths) if widths else 100 * self._depths[architecture]
