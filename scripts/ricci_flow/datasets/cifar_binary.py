"""Kind `cifar_binary`: CIFAR-10 in its binary version.

Format: files of rows without a header, each one byte of the class (0 to 9) and 3072 of the picture:
32 x 32 values of red, then of green, then of blue, row by row
(https://www.cs.toronto.edu/~kriz/cifar.html).
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ricci_flow.datasets.checks import label_texts, one_line
from ricci_flow.datasets.cloud import Cloud
from ricci_flow.datasets.files import arrange
from ricci_flow.datasets.request import CifarBinary, Request
from ricci_flow.errors import InputError

_SIDE, _COLOURS, _CLASSES = 32, 3, 10
FEATURES = _SIDE * _SIDE * _COLOURS
_ROW = 1 + FEATURES
_FILES = {
    "train": tuple(f"data_batch_{batch}.bin" for batch in range(1, 6)),
    "test": ("test_batch.bin",),
}
_FOLDER = "cifar-10-batches-bin"  # as the archive unpacks
_WHERE = (
    f"take the binary version (cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/) and "
    f"name its folder, {_FOLDER}"
)


def load(request: Request, entry: CifarBinary, say: Callable[[str], None]) -> Cloud:
    """Load a folder of CIFAR-10's binary version, split as it is there.

    Features of a picture are height x width x colour, uint8, as kind hugging_face has them; classes
    are the numbers 0 to 9 of the files. Raises InputError naming the file where one is missing or
    damaged.
    """
    parts = {}
    for part, files in _parts(Path(entry.path)).items():
        read = [read_batch(file, request.max_bytes) for file in files]
        X = np.concatenate([pictures for pictures, _ in read])
        y = np.concatenate([labels for _, labels in read])
        parts[part] = X, label_texts(y, "the classes", len(X), str(files[0].parent))
    return arrange(request, entry, parts, f"CIFAR-10 in {entry.path}")


def files_of(path: Path) -> list[Path]:
    """Return the files that are read of a folder; raises InputError where one is missing."""
    return [file for files in _parts(path).values() for file in files]


def read_batch(file: Path, max_bytes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures (rows, height x width x colour) and classes (rows), both uint8, of a file.

    Raises InputError where it is not made of whole rows, or a class is none.
    """
    try:
        size = file.stat().st_size
        if size > max_bytes:
            raise InputError(
                f"{file}: has {size} bytes, more than max_bytes {max_bytes}; raise the limit"
            )
        content = np.fromfile(file, np.uint8)
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({one_line(error)}); copy it again") from None
    if not content.size or content.size % _ROW:
        raise InputError(
            f"{file}: has {content.size} bytes, no whole number of rows of {_ROW}; copy it again"
        )
    rows = content.reshape(-1, _ROW)
    labels = rows[:, 0]
    wrong = np.flatnonzero(labels >= _CLASSES)
    if wrong.size:
        raise InputError(
            f"{file}: row {wrong[0] + 1} is of class {labels[wrong[0]]}, and classes are 0 to "
            f"{_CLASSES - 1}; copy it again"
        )
    planes = rows[:, 1:].reshape(-1, _COLOURS, _SIDE, _SIDE)
    return planes.transpose(0, 2, 3, 1).reshape(len(rows), -1), labels


def rows_of(path: Path) -> dict[str, int]:
    """Return how many rows each part has, by sizes of files; raises InputError as `load`."""
    return {
        part: sum(file.stat().st_size for file in files) // _ROW
        for part, files in _parts(path).items()
    }


def is_folder(path: Path) -> bool:
    """Return whether a folder is one of this kind, complete or not."""
    return any(path.glob("*_batch*.bin")) or (path / _FOLDER).is_dir()


def _parts(path: Path) -> dict[str, list[Path]]:
    """Return the files of `train` and `test`."""
    if not path.is_dir():
        raise InputError(f"{path}: no such folder; name the one of CIFAR-10's .bin files")
    folder = path / _FOLDER if (path / _FOLDER).is_dir() else path
    found = {part: [folder / name for name in names] for part, names in _FILES.items()}
    missing = [file for files in found.values() for file in files if not file.is_file()]
    if not missing:
        return found
    pickled = [path, path / "cifar-10-batches-py"]
    if len(missing) == sum(map(len, found.values())):
        if any((place / "data_batch_1").is_file() for place in pickled):
            raise InputError(
                f"{path}: holds CIFAR-10 as Python pickles, which could run any code and are never "
                f"read; {_WHERE}"
            )
        raise InputError(f"{path}: holds no {missing[0].name}; {_WHERE}")
    raise InputError(f"{folder}: lacks {missing[0].name} of CIFAR-10; put it there")
