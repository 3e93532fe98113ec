"""The code of a notebook run cell by cell, and what each cell shows, as Jupyter would keep it.

`python -m tests.notebook` writes what the cells show into the notebook of the guide.
"""

import ast
import base64
import contextlib
import io
from pathlib import Path
from typing import Any

import nbformat

NOTEBOOK = Path(__file__).parents[1] / "reports" / "guide" / "first_steps.ipynb"


def run_cells(notebook: nbformat.NotebookNode) -> list[list[nbformat.NotebookNode]]:
    """Run the cells of code in one namespace; return the outputs of each."""
    names: dict[str, Any] = {}
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [_run(cell.source, names, number) for number, cell in enumerate(cells, 1)]


def _run(source: str, names: dict[str, Any], number: int) -> list[nbformat.NotebookNode]:
    """Run a cell; the value of an expression at its end is shown."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    value = None
    streams = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    with (
        contextlib.redirect_stdout(streams["stdout"]),
        contextlib.redirect_stderr(streams["stderr"]),
    ):
        exec(compile(tree, f"cell {number}", "exec"), names)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names)
    outputs = [
        nbformat.v4.new_output("stream", name=name, text=stream.getvalue())
        for name, stream in streams.items()
        if stream.getvalue()
    ]
    if value is not None:
        outputs.append(
            nbformat.v4.new_output("execute_result", data=_shown(value), execution_count=number)
        )
    return outputs


def _shown(value: Any) -> dict[str, str]:
    """Return a value in all forms in which Jupyter asks for it."""
    data = {"text/plain": repr(value)}
    for form, method in (("text/html", "_repr_html_"), ("image/png", "_repr_png_")):
        shown = getattr(value, method, lambda: None)()
        if shown is not None:
            data[form] = shown if isinstance(shown, str) else base64.b64encode(shown).decode()
    return data


def main() -> None:
    """Write what the cells show into the notebook."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for number, (cell, outputs) in enumerate(zip(cells, run_cells(notebook), strict=True), 1):
        cell.outputs, cell.execution_count = outputs, number
    nbformat.validate(notebook)
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
