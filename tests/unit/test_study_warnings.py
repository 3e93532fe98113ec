"""What a study is told before it runs."""

from types import SimpleNamespace

import pytest

from ricci_flow.networks.architecture import ArchitectureEntry
from ricci_flow.study.warnings import warnings_of


def study(*depths):
    entries = {f"of_{depth}": ArchitectureEntry(widths=[6] * depth) for depth in depths}
    catalogues = SimpleNamespace(architectures="my_architectures.yaml")
    config = SimpleNamespace(catalogues=catalogues, conditions=["trained"])
    return SimpleNamespace(
        config=config, architectures=entries, data_sets={"A": 0}, given=dict, checkpoint_blocks=dict
    )


@pytest.mark.parametrize(
    ("depth", "said"),
    [
        (3, ("no Ricci coefficient, which needs 4", "no z ", "which needs 5", "give it 2 more")),
        (4, ("no z ", "which needs 5", "give it 1 more")),
    ],
)
def test_too_few_layers_for_some_numbers(depth, said):
    [line] = warnings_of(study(5, depth, 11))
    assert line.startswith(f"my_architectures.yaml: key 'of_{depth}.widths' has {depth} hidden")
    assert "\n" not in line
    assert all(words in line for words in said)
    assert ("Ricci coefficient" in line) == (depth == 3)


def test_nothing_to_say():
    assert warnings_of(study(5, 11)) == []
