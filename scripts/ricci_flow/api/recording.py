"""The layers of any torch module on given points."""

import inspect
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ricci_flow.api.layers import Layers, layer_file
from ricci_flow.datasets.arrays import map_arrays
from ricci_flow.errors import InputError, closest

try:
    import torch
    from torch import Tensor, nn
    from torch.utils.data import DataLoader
except ModuleNotFoundError:
    raise InputError("record needs torch: pip install 'ricci-flow[torch]'") from None

from ricci_flow.networks.recording import copied, device_of, watching

HIDDEN = "hidden_states"
_ASK = "output_hidden_states"
# So few points find out which submodules are called, and what they return; an odd number, which
# other lengths seldom are.
_TRIAL = 7
_NO_ACTIVATIONS = (nn.MultiheadAttention, nn.Softmax, nn.Softmax2d, nn.Softmin, nn.LogSoftmax)
_ACTIVATION = re.compile("relu|gelu|elu|silu|swish|mish|tanh|sigmoid|activation", re.IGNORECASE)
_TOKENS = ("mean", "first", "last", "flatten")


def record(
    model: nn.Module,
    X: Any,
    layers: Sequence[str] | str | None = None,
    batch_size: int = 256,
    *,
    maps: str | int = "flatten",
    tokens: str = "mean",
    file: str | Path | None = None,
) -> Layers:
    """Return the layers of a torch module on the points X.

    model: any torch module. It runs in eval mode, without gradients, `batch_size` points at a
    time, and is left as it was found: its mode, that of its submodules, its hooks, its device.

    X: what one call of the model takes, for n points: an array or tensor (n, ...), a tuple of
    them for a model of several inputs, or a mapping of them by the names of its arguments (as
    tokenizers return), options among them. Arrays go to the model's device, and floating ones get
    its type; tensors must be there already.

    layers: names of submodules, as `model.named_modules()` has them; or "hidden_states", those
    that the model returns. Of a submodule that is called several times each call is a layer,
    `name:1`, `name:2`, ... Where None they are chosen, and a line on stderr says which: the hidden
    states of a model that returns them; else the outputs of repeated blocks of a sequence model;
    else those of all non-linearities; else those of all submodules with weights. The output of the
    model itself is left out of the last two. Layers come in the order in which they are computed.

    Of a tuple or mapping that a submodule returns, the first tensor with a row for each point is
    taken. Outputs become (n, features):

    maps: of convolutional maps (n, channels, height, width, ...): "flatten", "mean" over
    positions, or a number p: the means over p by p patches.
    tokens: of sequences (n, positions, features), which points precede: "mean" over positions,
    "first", "last" or "flatten". Where X has an `attention_mask`, only positions in it count.
    file: a .safetensors file to which the layers are written batch by batch, so that memory holds
    one batch; the arrays returned are mapped to it. Where None all layers are in memory.

    Raises InputError, one line, where the model, X or a layer will not do. An error that the
    model raises itself is passed on, with a note of the shape of X.
    """
    if not isinstance(model, nn.Module):
        raise InputError(f"model: is a {type(model).__name__}; give a torch module")
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise InputError(f"batch_size: is {batch_size}; give a whole number from 1 on")
    if tokens not in _TOKENS:
        raise InputError(f"tokens: is {tokens!r}; use one of: {', '.join(_TOKENS)}")
    if maps not in ("flatten", "mean") and (not isinstance(maps, int) or maps < 1):
        raise InputError(f"maps: is {maps!r}; use 'flatten', 'mean' or a number of patches a side")
    weights = (*model.named_parameters(), *model.named_buffers())
    empty = next((name for name, tensor in weights if tensor.is_meta), None)
    if empty is not None:
        raise InputError(f"model: {empty} is on meta, without numbers; load the model's weights")
    path = None if file is None else Path(file)
    if path is not None and path.suffix != ".safetensors":
        raise InputError(f"file: {path} must end in .safetensors")
    # Compiled code calls no hooks; what was compiled is inside.
    model = getattr(model, "_orig_mod", model)
    inputs = _Inputs.of(X, model)
    if layers in (None, HIDDEN) and _can_tell(model):
        inputs.named[_ASK] = True
    chosen, why = _choose(model, inputs, layers)
    if layers is None:
        print(f"ricci_flow.record: {len(chosen)} layers, {why}: {', '.join(chosen)}",
              file=sys.stderr)  # fmt: skip
    rows = _batches(model, inputs, chosen, batch_size, lambda t, m: _features(t, m, maps, tokens))
    return _kept(rows, inputs.n, chosen, path)


def _can_tell(model: nn.Module) -> bool:
    """Return whether a model can be asked for its hidden states as those of transformers can."""
    try:
        taken = inspect.signature(model.forward).parameters
    except (TypeError, ValueError):  # of a compiled module
        return False
    any_name = any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values())
    return _ASK in taken or (any_name and hasattr(getattr(model, "config", None), _ASK))


@dataclass(frozen=True)
class _Place:
    """One layer: which call, from 0, of which submodule; or which of the hidden states."""

    name: str
    call: int
    by: str = ""


def floating_of(model: nn.Module) -> torch.dtype | None:
    """Return the type of a model's floating-point numbers; None of a model without any."""
    return next((p.dtype for p in model.parameters() if p.is_floating_point()), None)


@dataclass
class _Inputs:
    """What a model is called with: `several` in order, `named` by name; tensors and options."""

    several: list[Any]
    named: dict[str, Any]
    device: torch.device
    n: int

    @classmethod
    def of(cls, X: Any, model: nn.Module) -> "_Inputs":
        device = device_of(model)
        floating = floating_of(model)

        def given(name: str, value: Any) -> Any:
            if value is None or isinstance(value, bool | int | float | str):
                return value  # an option
            if not isinstance(value, Tensor):
                try:
                    array = np.asarray(value.to_numpy() if hasattr(value, "to_numpy") else value)
                    value = torch.from_numpy(np.ascontiguousarray(array))
                except (ValueError, TypeError):
                    cure = "give arrays"
                    if isinstance(value, DataLoader):
                        cure = "give torch.cat([x for x, _ in loader])"
                    raise InputError(f"{name}: is no array of numbers; {cure}") from None
                return value.to(floating) if value.is_floating_point() and floating else value
            if value.device != device:
                raise InputError(
                    f"{name}: is on {value.device} and the model on {device}; move one of them, "
                    f"say by .to({str(device)!r})"
                )
            return value

        several, named = [], {}
        if isinstance(X, Mapping):
            named = {str(name): given(f"X[{name!r}]", value) for name, value in X.items()}
        elif isinstance(X, tuple):
            several = [given(f"X[{place}]", value) for place, value in enumerate(X)]
        else:
            several = [given("X", X)]
        tensors = [part for part in (*several, *named.values()) if isinstance(part, Tensor)]
        lengths = {len(part) if part.ndim else 0 for part in tensors}
        if len(lengths) != 1 or 0 in lengths:
            raise InputError(
                f"X: inputs of {' and '.join(map(str, sorted(lengths))) or 'no'} points; give "
                "every input the same points, one or more"
            )
        return cls(several, named, device, lengths.pop())

    def call(self, model: nn.Module, start: int, stop: int) -> Any:
        """Return the model's output for some of the points."""

        def part(value: Any) -> Any:
            return value[start:stop].to(self.device) if isinstance(value, Tensor) else value

        several = map(part, self.several)
        try:
            return model(*several, **{name: part(value) for name, value in self.named.items()})
        except Exception as error:
            for name, value in self._of_other_type(model):
                own = floating_of(model)
                raise InputError(
                    f"{name}: holds {value.dtype} and the model {own}, and the model cannot take "
                    f"it; give it .to({own})"
                ) from error
            shapes = [tuple(t.shape) for t in (*self.several, *self.named.values())
                      if isinstance(t, Tensor)]  # fmt: skip
            error.add_note(
                f"The model raised this on X of shape {', '.join(map(str, shapes))}, "
                f"points {start} to {stop - 1}."
            )
            raise

    def _of_other_type(self, model: nn.Module) -> Iterator[tuple[str, Tensor]]:
        """Yield inputs of floating-point numbers that are of another type than the model's."""
        given = {"X" if len(self.several) == 1 else f"X[{place}]": value
                 for place, value in enumerate(self.several)}  # fmt: skip
        own = floating_of(model)
        for name, value in (given | {f"X[{k!r}]": v for k, v in self.named.items()}).items():
            other = isinstance(value, Tensor) and value.is_floating_point() and value.dtype != own
            if own and other:
                yield name, value

    def mask(self, start: int, stop: int) -> Tensor | None:
        """Return which positions of sequences count, (points, positions), if that is known."""
        mask = self.named.get("attention_mask")
        if isinstance(mask, Tensor) and mask.ndim == 2:
            return mask[start:stop].to(self.device)
        return None


def _tensor_of(output: Any, n: int) -> Tensor | None:
    """Return the first tensor of an output that has a row for each of n points."""
    if isinstance(output, Tensor):
        return output if output.ndim and len(output) == n else None
    values = output.values() if isinstance(output, Mapping) else output
    if not isinstance(output, Mapping | tuple | list):
        return None
    return next((t for value in values if (t := _tensor_of(value, n)) is not None), None)


def _hidden_states(output: Any) -> list[Tensor]:
    """Return the hidden states in what a model returned; none where there are none."""
    is_mapping = isinstance(output, Mapping)
    states = output.get(HIDDEN) if is_mapping else getattr(output, HIDDEN, None)
    return list(states) if isinstance(states, tuple | list) else []


@dataclass(frozen=True)
class _Seen:
    """One call in a trial."""

    place: _Place
    part: nn.Module
    shape: tuple[int, ...]
    is_leaf: bool
    is_output: bool


def _choose(
    model: nn.Module, inputs: _Inputs, layers: Sequence[str] | str | None
) -> tuple[dict[str, _Place], str]:
    """Return the layers to record by the names they get, and why these, after a trial run."""
    n = min(inputs.n, _TRIAL)
    calls: list[tuple[_Place, nn.Module, tuple[int, ...] | None]] = []
    times: Counter[str] = Counter()
    latest: list[Any] = [None]

    def see(name: str, part: nn.Module, output: object) -> None:
        tensor = _tensor_of(output, n)
        shape = None if tensor is None else tuple(tensor.shape)
        calls.append((_Place(name, times[name], type(part).__name__), part, shape))
        times[name] += 1
        if not any(part.children()):
            latest[:] = [tensor, len(calls) - 1]

    with watching(model, [name for name, _ in model.named_modules() if name], see):
        output = inputs.call(model, 0, n)
    states = _hidden_states(output)
    if layers == HIDDEN or (layers is None and states):
        if not states:
            raise InputError(f"layers: the model returns no {HIDDEN}; name submodules instead")
        places = {f"hidden_{i}": _Place(HIDDEN, i, HIDDEN) for i in range(len(states))}
        return places, "the hidden states"
    last = latest[1] if latest[0] is not None and latest[0] is _tensor_of(output, n) else None
    seen = [
        _Seen(place, part, shape, not any(part.children()), number == last)
        for number, (place, part, shape) in enumerate(calls)
        if shape
    ]
    if layers is not None:
        return _named(model, [layers] if isinstance(layers, str) else layers, seen, times), ""
    for why, found in (
        ("outputs of repeated blocks", _blocks(seen)),
        ("outputs of non-linearities", [s for s in seen if _is_activation(s)]),
        (
            "outputs of submodules with weights (a non-linearity that is no module is not seen)",
            [s for s in seen if _has_weights(s)],
        ),
    ):
        if found:
            return {_label(s.place, times): s.place for s in found}, why
    raise InputError("layers: no submodule returns a row for each point; name layers yourself")


def _label(place: _Place, times: Mapping[str, int]) -> str:
    return place.name if times[place.name] == 1 else f"{place.name}:{place.call + 1}"


def _is_activation(seen: _Seen) -> bool:
    part = seen.part
    known = type(part).__module__ == "torch.nn.modules.activation"
    named = not _has_parameters(part) and _ACTIVATION.search(type(part).__name__)
    is_one = (known or named) and not isinstance(part, _NO_ACTIVATIONS)
    return bool(is_one) and seen.is_leaf and not seen.is_output


def _has_parameters(part: nn.Module) -> bool:
    return next(part.parameters(), None) is not None


def _has_weights(seen: _Seen) -> bool:
    return seen.is_leaf and not seen.is_output and _has_parameters(seen.part)


def _blocks(seen: Sequence[_Seen]) -> list[_Seen]:
    """Return the outermost submodules of the kind that is most repeated along a sequence."""
    large = [s for s in seen if not s.is_leaf and len(s.shape) == 3]
    counts = Counter((type(s.part), s.shape) for s in large)
    most = max(counts.values(), default=0)
    if most < 2:
        return []
    chosen = [s for s in large if counts[type(s.part), s.shape] == most]
    names = [s.place.name for s in chosen]
    return [s for s in chosen if not any(s.place.name.startswith(f"{name}.") for name in names)]


def _named(
    model: nn.Module, layers: Sequence[str], seen: Sequence[_Seen], times: Mapping[str, int]
) -> dict[str, _Place]:
    """Return the layers that were asked for by name, in the order in which they are computed."""
    known = [name for name, _ in model.named_modules() if name]
    for name in layers:
        plain, _, call = name.partition(":")
        if plain not in known:
            raise InputError(f"layers: unknown submodule {plain!r}; {closest(plain, known)}")
        if not times[plain] or (call and not (call.isdigit() and 0 < int(call) <= times[plain])):
            raise InputError(
                f"layers: {name!r} is not there, {plain!r} is called {times[plain]} times"
            )
    found = {}
    for s in seen:
        label = _label(s.place, times)
        if s.place.name in layers or label in layers:
            found[label] = s.place
    for name in layers:
        if name not in found and f"{name}:1" not in found:
            raise InputError(
                f"layers: the output of {name!r} has no row for each point first; name another "
                "submodule"
            )
    if not found:
        raise InputError("layers: none is named; name submodules, or leave it out")
    return found


def _batches(
    model: nn.Module,
    inputs: _Inputs,
    chosen: Mapping[str, _Place],
    batch_size: int,
    features: Callable[[Tensor, Tensor | None], Tensor],
) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
    """Yield where each batch of points starts, and of it every layer, (points, features)."""
    labels = {(place.name, place.call): label for label, place in chosen.items()}
    times: Counter[str] = Counter()
    found: dict[str, np.ndarray] = {}
    start = stop = 0

    def keep(name: str, output: object) -> None:
        label = labels.get((name, times[name]))
        times[name] += 1
        if label is None:
            return
        tensor = _tensor_of(output, stop - start)
        if tensor is not None:
            found[label] = copied(features(tensor, inputs.mask(start, stop)))

    names = {place.name for place in chosen.values()} - {HIDDEN}
    for start in range(0, inputs.n, batch_size):
        stop = min(start + batch_size, inputs.n)
        times.clear()
        found.clear()
        # Entered for each batch, so that between two of them the model is as it was.
        with watching(model, names, lambda name, part, output: keep(name, output)):
            output = inputs.call(model, start, stop)
            if not names:
                for state in _hidden_states(output):
                    keep(HIDDEN, state)
        missing = [label for label in chosen if label not in found]
        if missing:
            raise InputError(
                f"layers: {missing[0]!r} gave no row for each of the points {start} to "
                f"{stop - 1}; name other layers"
            )
        yield start, {label: found[label] for label in chosen}


def _features(values: Tensor, mask: Tensor | None, maps: str | int, tokens: str) -> Tensor:
    """Return an output (n, ...) as (n, features); see `record`."""
    if values.dtype == torch.bfloat16:  # which numpy lacks
        values = values.float()
    if values.ndim == 3 and tokens != "flatten":
        if mask is not None and mask.shape != values.shape[:2]:
            mask = None
        return _of_tokens(values, mask, tokens)
    if values.ndim > 3 and maps == "mean":
        return values.flatten(2).mean(dim=2)
    if values.ndim > 3 and maps != "flatten":
        if values.ndim != 4:
            raise InputError("maps: patches are of maps (n, channels, height, width); use 'mean'")
        rows, columns = (min(int(maps), side) for side in values.shape[2:])
        values = nn.functional.adaptive_avg_pool2d(values, (rows, columns))
    return values.reshape(len(values), -1)


def _of_tokens(values: Tensor, mask: Tensor | None, tokens: str) -> Tensor:
    if mask is None:
        return values.mean(dim=1) if tokens == "mean" else values[:, 0 if tokens == "first" else -1]
    counts = mask.to(torch.bool)
    if not counts.any(dim=1).all():
        raise InputError("X: attention_mask leaves a point without positions; leave it out")
    if tokens == "mean":
        weights = counts.to(values.dtype)[:, :, None]
        # Where a position does not count its values may be anything, nan too.
        return values.where(weights > 0, 0).sum(dim=1) / weights.sum(dim=1)
    places = torch.arange(counts.shape[1], device=counts.device).expand(counts.shape)
    if tokens == "first":
        place = places.where(counts, counts.shape[1]).amin(dim=1)
    else:
        place = places.where(counts, -1).amax(dim=1)
    return values[torch.arange(len(values), device=values.device), place]


def _kept(
    batches: Iterator[tuple[int, dict[str, np.ndarray]]],
    n: int,
    chosen: Mapping[str, _Place],
    path: Path | None,
) -> Layers:
    """Return all batches together, in memory or in a file."""
    store: dict[str, np.ndarray] = {}
    with ExitStack() as stack:
        for start, rows in batches:
            if not store:
                shapes = {name: ((n, part.shape[1]), part.dtype) for name, part in rows.items()}
                if path is None:
                    store = {name: np.empty(*shape) for name, shape in shapes.items()}
                else:
                    store = stack.enter_context(layer_file(path, shapes))
            for name, part in rows.items():
                if part.shape[1:] != store[name].shape[1:]:
                    raise InputError(
                        f"layers: {name!r} has {store[name].shape[1]} features at first and "
                        f"{part.shape[1]} from point {start} on; give inputs of one size"
                    )
                store[name][start : start + len(part)] = part
        by = {name: place.by for name, place in chosen.items()}
    if path is not None:
        store = map_arrays(path)
    return Layers(store, by, path)
