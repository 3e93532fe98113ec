"""Outputs of the layers of a torch module, by forward hooks."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor, nn

from ricci_flow.networks.architecture import Architecture
from ricci_flow.networks.layers.base import Shape

# Points that go through a module at a time.
_BATCH = 1024


def record(
    module: nn.Module, X: np.ndarray, layers: Sequence[str], batch_size: int = _BATCH
) -> dict[str, np.ndarray]:
    """Return the outputs of some submodules on the points X, by their names, each (n, ...).

    X: (n, ...) in the type that the module takes. layers: names as `module.named_modules` has them.
    In eval mode, without gradients; outputs are copied, so later operations in place change
    nothing. The module is left as it was found: its mode, and that of each submodule, its hooks,
    its device. A submodule that is used twice gives its last output.

    Raises KeyError for a name that is no submodule, TypeError where an output is no tensor.
    """
    known = dict(module.named_modules())
    missing = [name for name in layers if name not in known]
    if missing:
        raise KeyError(f"the module has no submodule {missing[0]!r}")
    parts: dict[str, list[np.ndarray]] = {name: [] for name in layers}
    seen: dict[str, np.ndarray] = {}
    modes = {part: part.training for part in module.modules()}
    device = next((values.device for values in module.parameters()), torch.device("cpu"))
    with ExitStack() as stack:
        for name in layers:
            stack.callback(known[name].register_forward_hook(_copier(name, seen)).remove)
        stack.callback(_restore, modes)
        module.eval()
        with torch.no_grad():
            for start in range(0, len(X), batch_size):
                seen.clear()
                module(torch.from_numpy(X[start : start + batch_size]).to(device))
                for name in layers:
                    parts[name].append(seen[name])
    return {name: np.concatenate(arrays) for name, arrays in parts.items()}


def load_networks(
    architecture: Architecture, parameters: Mapping[str, np.ndarray], inputs: Shape
) -> Iterator[nn.Sequential]:
    """Yield each network of an ensemble from its parameters, see `Trainer.parameters`."""
    named = dict(parameters)
    if architecture.widths is not None:
        places = [*(f"layer_{i + 1}" for i in range(architecture.depth)), "output"]
        named = {}
        for place, child in enumerate(places, 1):
            named[f"{child}.linear.weight"] = parameters[f"W{place}"].transpose(0, 2, 1)
            named[f"{child}.linear.bias"] = parameters[f"b{place}"]
    outputs = named["output.linear.bias"].shape[1]
    for s in range(len(named["output.linear.bias"])):
        network = architecture.build(inputs, outputs, np.random.default_rng(0))
        state = {name: torch.from_numpy(stack[s].copy()) for name, stack in named.items()}
        network.load_state_dict(state)
        yield network


def _copier(name: str, seen: dict[str, np.ndarray]):  # type: ignore[no-untyped-def]
    def hook(module: nn.Module, inputs: object, output: object) -> None:
        if not isinstance(output, Tensor):
            raise TypeError(f"submodule {name!r} has an output of type {type(output).__name__}")
        # A tensor that is on the processor shares its memory with the array otherwise.
        seen[name] = output.detach().cpu().numpy().copy()

    return hook


def _restore(modes: dict[nn.Module, bool]) -> None:
    for part, training in modes.items():
        part.training = training
