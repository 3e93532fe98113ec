"""Every figure is declared beside its drawing, and all that a declaration names is there."""

import re
from pathlib import Path

import pytest

from ricci_flow.errors import InputError
from ricci_flow.figures.registry import (
    VARIABLE,
    constant,
    declared_figures,
    module_of,
    number_text,
)
from ricci_flow.labels import labels_of
from ricci_flow.report.variables import NUMBERS, make_variables
from ricci_flow.study.code import code_hash
from tests.fixtures import synthetic_statistics

ENTRY = Path("scripts/draw_figure.py")
GOOD = """
FIGURE = Declaration(
    caption="A dot is a network.",
    alt="Dots.",
    tables={"networks": ("rho",)},
)
"""


def test_every_constant_and_variable_of_a_caption_exists():
    facts = synthetic_statistics.statistics_tables()["networks"]
    variables = make_variables(synthetic_statistics.summary(facts), labels_of({}), 0.95)
    known = {f"{kind}.{name}" for kind, of in variables.items() if kind != "study" for name in of}
    figures = declared_figures()
    assert len(figures) >= 15
    for name, declared in figures.items():
        assert {m[1] for m in VARIABLE.finditer(declared.caption)} <= known | {*declared.numbers}
        assert '"' not in declared.alt
        assert declared.caption.startswith("**")
        assert declared.tables or declared.inputs, name
        for place in declared.numbers.values():
            assert number_text(constant(place))
    assert all(isinstance(constant(place), int | float) for place in NUMBERS.values())
    assert (number_text(0.1), number_text(500)) == ("10 %", "500")


def test_constants_that_are_not_there_are_named():
    with pytest.raises(InputError, match=r"analysis\.nowhere\.DRAWS"):
        constant("analysis.nowhere.DRAWS")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"Dots."', "make_text()", "declaration of literals"),
        ("alt=", "text=", "text"),
        ("tables=", 'when="alwais", tables=', "did you mean 'always'"),
        ("tables=", 'select=("conditon",), tables=', "did you mean 'condition'"),
        ("tables=", 'of="stuy", tables=', "did you mean 'study'"),
    ],
)
def test_a_wrong_declaration_is_named(tmp_path, old, new, message):
    (tmp_path / "dots.py").write_text(GOOD.replace(old, new))
    with pytest.raises(InputError, match=re.escape(message)) as raised:
        declared_figures(tmp_path)
    assert "dots.py" in str(raised.value)


def test_the_code_of_a_figure_is_its_own_module(tmp_path):
    assert len({code_hash(ENTRY, [module_of(name)]) for name in declared_figures()}) == len(
        declared_figures()
    )
