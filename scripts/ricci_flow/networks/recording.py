"""Outputs of the layers of a torch module, by forward hooks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.layers.base import Shape

# Points that go through a module at a time.
BATCH = 1024


def record(
    module: nn.Module, X: np.ndarray, layers: Sequence[str], batch_size: int = BATCH
) -> dict[str, np.ndarray]:
    """Return the outputs of some submodules on the points X, by their names, each (n, ...).

    X: (n, ...) in the type that the module takes. layers: names as `module.named_modules` has them,
    "" for the whole. A submodule that is used twice gives its last output. See `watching` for the
    rest.

    Raises KeyError for a name that is no submodule, TypeError where an output is no tensor.
    """
    parts: dict[str, list[np.ndarray]] = {name: [] for name in layers}
    seen: dict[str, np.ndarray] = {}

    def keep(name: str, part: nn.Module, output: object) -> None:
        if not isinstance(output, Tensor):
            raise TypeError(f"submodule {name!r} has an output of type {type(output).__name__}")
        seen[name] = copied(output)

    device = device_of(module)
    with watching(module, layers, keep):
        for start in range(0, len(X), batch_size):
            seen.clear()
            module(torch.from_numpy(X[start : start + batch_size]).to(device))
            for name in layers:
                parts[name].append(seen[name])
    return {name: np.concatenate(arrays) for name, arrays in parts.items()}


@contextmanager
def watching(
    module: nn.Module, names: Iterable[str], see: Callable[[str, nn.Module, Any], None]
) -> Iterator[None]:
    """Run a module in eval mode and without gradients, and see what its submodules return.

    names: of submodules, as `module.named_modules` has them; "" is the module itself. see: called
    with name, submodule and output after each call of one of them, before anything else can change
    the output in place; `copied` keeps it. The module is left as it was found, whatever happens:
    its mode, and that of each submodule, its hooks, its device.

    Raises KeyError for a name that is no submodule.
    """
    known = dict(module.named_modules())
    names = list(names)
    missing = [name for name in names if name not in known]
    if missing:
        raise KeyError(f"the module has no submodule {missing[0]!r}")
    modes = {part: part.training for part in module.modules()}
    with ExitStack() as stack:
        for name in names:
            # Bound here: the name of this pass, not of the last one.
            def hook(part: nn.Module, inputs: object, output: object, name: str = name) -> None:
                see(name, part, output)

            stack.callback(known[name].register_forward_hook(hook).remove)
        stack.callback(_restore, modes)
        module.eval()
        with torch.no_grad():
            yield


def device_of(module: nn.Module) -> torch.device:
    """Return where a module lies: the device of its first parameter or buffer, else the CPU."""
    values = next(chain(module.parameters(), module.buffers()), None)
    return torch.device("cpu") if values is None else values.device


def copied(values: Tensor) -> np.ndarray:
    """Return a tensor as an array of its own; a tensor in main memory would share it otherwise."""
    return np.array(values.detach().cpu().numpy())


def load_networks(
    architecture: Architecture,
    parameters: Mapping[str, np.ndarray],
    inputs: Shape,
    outputs: int,
) -> Iterator[nn.Sequential]:
    """Yield each network of an ensemble from its parameters, see `Trainer.parameters`.

    inputs, outputs: as of `Architecture.build`.
    """
    named = dict(parameters)
    if architecture.widths is not None:
        places = [*architecture.places, "output"]
        named = {}
        for place, child in enumerate(places, 1):
            named[f"{child}.linear.weight"] = parameters[f"W{place}"].transpose(0, 2, 1)
            named[f"{child}.linear.bias"] = parameters[f"b{place}"]
    for s in range(len(next(iter(named.values())))):
        network = architecture.build(inputs, outputs, np.random.default_rng(0))
        state = {name: torch.tensor(stack[s]) for name, stack in named.items()}
        network.load_state_dict(state)
        yield network


def _restore(modes: dict[nn.Module, bool]) -> None:
    for part, training in modes.items():
        part.training = training
