"""Kind `activations`: layers of networks that were trained elsewhere, as arrays.

An array is a layer, (n, width) of one network or (networks, n, width). They lie in one .npz or
.safetensors file, in a folder of .npy files, or in a folder of .npz and .safetensors files, whose
networks are taken one after the other. The layers are the arrays layer_1, layer_2, ... where any
is named so, else all arrays but the labels, in the file's order (.npy: of their names).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ricci_flow.datasets.archives import array_shapes, read_arrays
from ricci_flow.datasets.arrays import map_arrays, natural
from ricci_flow.datasets.checks import check_file_name, label_texts, listed, one_line
from ricci_flow.datasets.given import FEWEST_LAYERS, Outline, given_data_set
from ricci_flow.datasets.request import GIBIBYTE, MOST_CLASSES, Activations, Request
from ricci_flow.datasets.split import in_order, keep_classes
from ricci_flow.errors import InputError

_LAYER = re.compile(r"layer_([1-9][0-9]*)")
_STACKS = (".npz", ".safetensors")


@dataclass(frozen=True)
class _Stack:
    """The arrays of some networks. where: file or folder; shapes: of every array; read: one."""

    where: Path
    shapes: Mapping[str, tuple[int, ...]]
    read: Callable[[str], np.ndarray]


def files_of(path: Path) -> list[Path]:
    """Return the files that a path of activations stands for, in order.

    Raises InputError where there are none.
    """
    if path.is_file():
        if path.suffix.lower() in _STACKS:
            return [path]
        raise InputError(
            f"{path}: its name must end in .npz or .safetensors; or name the folder of its arrays"
        )
    if not path.is_dir():
        raise InputError(f"{path}: no such file or folder; check the path")
    files = sorted(path.iterdir(), key=natural)
    arrays = [file for file in files if file.suffix.lower() == ".npy"]
    stacks = [file for file in files if file.suffix.lower() in _STACKS]
    if not arrays and not stacks:
        raise InputError(f"{path}: holds no .npy, .npz or .safetensors file; put the layers there")
    if arrays and stacks:
        raise InputError(
            f"{path}: holds both {arrays[0].name} and {stacks[0].name}; keep either one .npy file "
            "a layer, or .npz and .safetensors files"
        )
    for file in arrays or stacks:
        check_file_name(file)
    return arrays or stacks


def outline_of(path: Path, labels: str | None = None) -> Outline:
    """Return what the arrays at a path are; only their headers are read.

    labels: name of the array of labels, or a .npy file of them; None for none. Raises InputError,
    one line, where a layer is missing, or layers and labels do not fit each other.
    """
    return _common_outline(_stacks(path), labels)


def _common_outline(stacks: Sequence[_Stack], labels: str | None) -> Outline:
    """Return what all networks have in common; arguments as of `outline_of`."""
    outlines = [_outline(stack, labels) for stack in stacks]
    first = outlines[0]
    for found, stack in zip(outlines, stacks, strict=True):
        if (found.points, found.widths, found.layers) != (
            first.points,
            first.widths,
            first.layers,
        ):
            raise InputError(
                f"{stack.where}: has {found.points} points and {_written(found)}, and the first "
                f"file {first.points} and {_written(first)}; all networks of a data set must be "
                "alike"
            )
    unused = dict.fromkeys(name for found in outlines for name in found.unused)
    networks = sum(outline.networks for outline in outlines)
    return Outline(networks, first.points, first.widths, first.layers, tuple(unused))


def label_file(labels: str | None) -> Path | None:
    """Return the file of labels that the key of an entry names; None where it names an array."""
    return Path(labels) if labels is not None and labels.endswith(".npy") else None


def read_layers(
    path: Path, labels: str | None = None, max_bytes: int = 8 * GIBIBYTE
) -> dict[str, np.ndarray]:
    """Return layer_1 .. layer_L, each (networks, n, width) float32; labels: see `outline_of`.

    Raises InputError, one line, where one is damaged, not of real numbers, or not finite.
    """
    stacks = _stacks(path, max_bytes)
    names = _common_outline(stacks, labels).layers
    return {
        f"layer_{number}": np.concatenate([_values(stack, name) for stack in stacks])
        for number, name in enumerate(names, 1)
    }


def outline(entry: Activations) -> Outline:
    """Return what the arrays of the primary condition are; see `outline_of`.

    Raises InputError, one line, where those of another condition are of other points or layers.
    """
    found = outline_of(Path(entry.path), entry.labels)
    for path in entry.paths()[1:]:
        other = outline_of(Path(path), _labels_within(entry, path))
        if (other.points, other.widths) != (found.points, found.widths):
            raise InputError(
                f"{path}: has {other.points} points and layers of {list(other.widths)} units, and "
                f"{entry.path} {found.points} and {list(found.widths)}; all conditions of a data "
                "set must have the same points and widths"
            )
    return found


def _labels_within(entry: Activations, path: str) -> str | None:
    """Return the array of labels in the files of another condition, which may be without one."""
    if entry.labels is None or label_file(entry.labels):
        return None
    stacks = _stacks(Path(path))
    return entry.labels if all(entry.labels in stack.shapes for stack in stacks) else None


def read(
    entry: Activations, seed_name: str, data_set: str, condition: str
) -> tuple[dict[str, np.ndarray], list[int | None]]:
    """Return the layers under a condition, see `read_layers`, and no seeds: nothing is drawn."""
    path = (entry.conditions or {}).get(condition, entry.path)
    labels = entry.labels if path == entry.path else _labels_within(entry, path)
    layers = read_layers(Path(path), labels)
    return layers, [None] * len(layers["layer_1"])


def load(request: Request, entry: Activations) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return tensors and facts of a data set that is known by activations alone.

    Tensors: y_test (n,) uint8, empty where there are no labels. Every array is read, so that what
    is wrong with one shows before anything is measured.
    """
    path = Path(entry.path)
    found = outline(entry)
    read_layers(path, entry.labels, request.max_bytes)
    for other in entry.paths()[1:]:
        read_layers(Path(other), _labels_within(entry, other), request.max_bytes)
    classes: tuple[str, ...] = ()
    y = np.empty(0, np.uint8)
    if entry.labels:
        classes, y = _classes(path, entry.labels, found.points, request.max_bytes)
    notes = [
        "activations of networks that were trained elsewhere; conditions that train, and what "
        "needs weights or the data themselves, are left out"
    ]
    if not classes:
        notes.append("without labels, nothing that needs classes can be measured")
    if entry.accuracy is None:
        notes.append("without accuracies, all networks are kept, and none is linked to accuracy")
    if found.unused:
        notes.append(f"arrays that are no layers were left out: {listed(found.unused)}")
    return given_data_set(request, found, f"activations {path}", notes, classes, y)


def _outline(stack: _Stack, labels: str | None) -> Outline:
    names = _layers(stack, labels)
    if len(names) < FEWEST_LAYERS:
        raise InputError(
            f"{stack.where}: holds {len(names)} layer{'s' * (len(names) != 1)}; {FEWEST_LAYERS} "
            "are the fewest, and a Ricci coefficient needs four: give it more"
        )
    found = [_three_axes(stack, name) for name in names]
    networks, points, _ = found[0]
    for name, shape in zip(names, found, strict=True):
        if shape[:2] != (networks, points):
            raise InputError(
                f"{stack.where}: {name} is of {shape[0]} networks and {shape[1]} points, "
                f"{names[0]} of {networks} and {points}; all layers need the same points in the "
                "same order"
            )
    if labels is not None:
        _check_labels(stack, labels, points)
    unused = [name for name in stack.shapes if name not in (labels, *names)]
    return Outline(networks, points, tuple(shape[2] for shape in found), names, tuple(unused))


def _layers(stack: _Stack, labels: str | None) -> tuple[str, ...]:
    """Return the names of the layers, in order."""
    numbers = {int(match[1]) for name in stack.shapes if (match := _LAYER.fullmatch(name))}
    if not numbers:
        return tuple(name for name in stack.shapes if name != labels)
    for number in range(1, len(numbers) + 1):
        if number not in numbers:
            raise InputError(
                f"{stack.where}: holds no layer_{number}; it has {listed(tuple(stack.shapes))}; "
                "number the layers from 1 on"
            )
    return tuple(f"layer_{number}" for number in sorted(numbers))


def _check_labels(stack: _Stack, labels: str, points: int) -> None:
    file = label_file(labels)
    if file is None and labels not in stack.shapes:
        raise InputError(
            f"{stack.where}: holds no array {labels!r} of labels; it has "
            f"{listed(tuple(stack.shapes))}; correct the key 'labels', or leave it out"
        )
    shape = stack.shapes[labels] if file is None else _read_npy(file, headers=True).shape
    if shape != (points,):
        raise InputError(
            f"{file or stack.where}: {'the labels' if file else labels} have shape {shape}; there "
            f"must be one a point: ({points},)"
        )


def _three_axes(stack: _Stack, name: str) -> tuple[int, int, int]:
    shape = stack.shapes[name]
    whole = (1, *shape) if len(shape) == 2 else shape
    if len(whole) != 3 or 0 in whole:
        raise InputError(
            f"{stack.where}: {name} has shape {shape}; it must be (points, units) of one network, "
            "or (networks, points, units)"
        )
    return whole[0], whole[1], whole[2]


def _stacks(path: Path, max_bytes: int = 8 * GIBIBYTE) -> list[_Stack]:
    files = files_of(path)
    if files[0].suffix.lower() == ".npy":
        of = {file.stem: file for file in files}
        shapes = {name: _read_npy(file, headers=True).shape for name, file in of.items()}
        return [_Stack(path, shapes, lambda name: _read_npy(of[name]))]
    return [_stack(file, max_bytes) for file in files]


def _stack(file: Path, max_bytes: int) -> _Stack:
    if file.suffix.lower() == ".npz":
        return _Stack(
            file, array_shapes(file), lambda name: read_arrays(file, [name], max_bytes)[name]
        )
    try:
        arrays = map_arrays(file)
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise _damaged(file, error) from None
    return _Stack(file, {name: array.shape for name, array in arrays.items()}, arrays.__getitem__)


def _read_npy(file: Path, *, headers: bool = False) -> np.ndarray:
    """Return the array of a file; with `headers` its values stay on disk."""
    try:
        return np.asarray(np.load(file, mmap_mode="r" if headers else None, allow_pickle=False))
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise _damaged(file, error) from None


def _damaged(file: Path, error: BaseException) -> InputError:
    return InputError(f"{file}: cannot be read ({one_line(error)}); copy or save it again")


def _values(stack: _Stack, name: str) -> np.ndarray:
    """Return one layer (networks, n, width) as float32."""
    values = stack.read(name)
    if values.dtype.kind not in "buif":
        raise InputError(
            f"{stack.where}: {name} is of type {values.dtype}; activations are real numbers: "
            "convert it"
        )
    values = values[None] if values.ndim == 2 else values
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    if not np.isfinite(single).all():
        network, point, unit = np.argwhere(~np.isfinite(single))[0]
        raise InputError(
            f"{stack.where}: {name} is {values[network, point, unit]} in network {network}, point "
            f"{point}, unit {unit} (counted from 0), no number that 32 bits hold; leave it out"
        )
    return single


def _classes(
    path: Path, labels: str, points: int, max_bytes: int
) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the names of the classes and the class of every point, (n,) uint8."""
    file = label_file(labels)
    if file is not None:
        given = {file: _read_npy(file)}
    else:
        given = {stack.where: stack.read(labels) for stack in _stacks(path, max_bytes)}
    texts = {where: label_texts(y, labels, points, f"{where}") for where, y in given.items()}
    first, text = next(iter(texts.items()))
    for where, other in texts.items():
        if not np.array_equal(other, text):
            raise InputError(
                f"{where}: its {labels} are not those of {first}; all networks need the same "
                "points in the same order"
            )
    classes = tuple(in_order(text))
    if not 1 < len(classes) <= MOST_CLASSES:
        raise InputError(
            f"{path}: {labels} names {len(classes)} classes; it must be 2 to {MOST_CLASSES}: "
            "correct it, or leave the key 'labels' out"
        )
    return classes, keep_classes(text, text, classes).y


def _written(outline: Outline) -> str:
    pairs = zip(outline.layers, outline.widths, strict=True)
    return ", ".join(f"{name} of {width} units" for name, width in pairs)
