"""A network that a function of the user's makes: `module: my_model.py:build`."""

import ast
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ricci_flow.errors import InputError, closest
from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.layers.base import Initialisation, Shape, seeded

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class OwnModule(Architecture):
    """What `function` of a file returns, called with the shape of a point and how many logits.

    source: FILE.py:FUNCTION. names: of the submodules that are measured, in their order.
    """

    source: str = ""
    names: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """How many submodules are measured."""
        return len(self.names)

    @property
    def width(self) -> str:
        """The name of the file."""
        return self.path.stem

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.source.rpartition(":")[0])

    @property
    def widths(self) -> None:
        """None: no list of dense layers."""
        return

    @property
    def places(self) -> list[str]:
        """Names of the submodules that are measured."""
        return [f"network.{name}" for name in self.names]

    @property
    def smallest_batch(self) -> int:
        """Two, as it may normalise batches."""
        return 2

    def modules(self) -> list[str]:
        """Return nothing: the file is none of this package."""
        return []

    def build(
        self,
        inputs: Shape,
        outputs: int,
        generator: np.random.Generator,
        initialisation: Initialisation = "glorot",
    ) -> "nn.Sequential":
        """Return a network, (n, features) -> (n, outputs); the user's module is `network` in it.

        Its initial weights are the module's own, from torch's random numbers, which are seeded;
        `initialisation` is of layers that this package makes.
        Raises InputError where the file cannot be run or gives no such module.
        """
        from torch import nn

        function = load_function(self.source)
        with seeded(generator):
            try:
                made = function(inputs, outputs)
            except Exception as error:
                raise self.failed(error) from error
        if not isinstance(made, nn.Module):
            raise self.failed(f"returns a {type(made).__name__}, not a torch module")
        known = [name for name, _ in made.named_modules() if name]
        for name in self.names:
            if name not in known:
                raise self.failed(f"has no submodule {name!r} to measure; {closest(name, known)}")
        whole = nn.Sequential()
        if len(inputs) > 1:
            whole.add_module("image", nn.Unflatten(1, inputs))
        whole.add_module("network", made)
        return whole

    def failed(self, error: object) -> InputError:
        """Return an error of the user's module, on one line."""
        return failed(self.source, error)


def failed(source: str, error: object) -> InputError:
    """Return an error of FILE.py:FUNCTION, on one line."""
    kind = f"{type(error).__name__}: " if isinstance(error, BaseException) else ""
    lines = str(error).strip().splitlines() or [""]
    return InputError(f"{source}: {kind}{lines[0]}")


def load_function(source: str) -> Callable[[Shape, int], Any]:
    """Return a function by FILE.py:FUNCTION; the file is run.

    Raises InputError where it cannot be run, or has no such function.
    """
    file, _, name = source.rpartition(":")
    spec = importlib.util.spec_from_file_location(f"own_{Path(file).stem}", file)
    if spec is None or spec.loader is None:
        raise failed(source, "is no file of Python; correct the path")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise failed(source, error) from error
    function: Callable[[Shape, int], Any] | None = getattr(module, name, None)
    if not callable(function):
        raise failed(source, f"has no function {name!r}")
    return function


def check_source(source: str) -> None:
    """Check, without running it, that a file is Python and defines a function.

    Raises InputError, one line.
    """
    file, _, name = source.rpartition(":")
    try:
        tree = ast.parse(Path(file).read_bytes())
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); correct the path") from None
    except (SyntaxError, ValueError) as error:
        raise failed(file, error) from None
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    if name not in defined:
        raise InputError(f"{file}: defines no function {name!r}; {closest(name, defined)}")
