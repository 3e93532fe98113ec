"""NumPy archives (.npz) from outside: sizes are read and judged before anything is unpacked."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ricci_flow.datasets.checks import listed, one_line
from ricci_flow.errors import InputError

# MemoryError: a header that declares more than any machine holds.
_DAMAGE = (
    *(OSError, ValueError, EOFError, RuntimeError, MemoryError, OverflowError),
    *(zipfile.BadZipFile, zlib.error),
)


def array_names(path: Path) -> list[str]:
    """Return the names of an archive's arrays.

    Raises InputError where the file is missing or is no such archive.
    """
    with _open(path) as archive:
        return _names(archive)


def array_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of every array of an archive; only headers are read.

    Raises InputError where the file is missing, is no such archive, or a header is damaged.
    """
    shapes = {}
    with _open(path) as archive:
        for name in _names(archive):
            try:
                with archive.open(f"{name}.npy") as member:
                    later = np.lib.format.read_magic(member) != (1, 0)
                    read = (
                        np.lib.format.read_array_header_2_0
                        if later
                        else np.lib.format.read_array_header_1_0
                    )
                    shapes[name] = tuple(read(member)[0])
            except _DAMAGE as error:
                raise _damaged(path, name, error) from None
    return shapes


def read_arrays(path: Path, names: Sequence[str], max_bytes: int) -> dict[str, np.ndarray]:
    """Read the named arrays; nothing is ever unpickled.

    max_bytes: what they may take in memory, together with their headers; judged by the archive's
    directory before any is unpacked, and no more is unpacked than the directory says. Raises
    InputError naming the file and the array where one is missing, too large, made of Python
    objects, or damaged.
    """
    arrays: dict[str, np.ndarray] = {}
    with _open(path) as archive:
        found = _names(archive)
        missing = [name for name in names if name not in found]
        if missing:
            raise InputError(
                f"{path}: holds no array {missing[0]!r}; it has {listed(found) or 'none'}, and "
                f"needs {listed(names)}"
            )
        total = 0
        for name in names:
            total += archive.getinfo(f"{name}.npy").file_size
            if total > max_bytes:
                raise InputError(
                    f"{path}: its arrays up to {name!r} unpack to {total} bytes, more than "
                    f"max_bytes {max_bytes}; check the file, or raise the limit"
                )
        for name in names:
            try:
                with archive.open(f"{name}.npy") as member:
                    arrays[name] = np.lib.format.read_array(member, allow_pickle=False)
                    if member.read(1):  # at the end zipfile compares the checksum
                        raise ValueError("it is longer than its header says")
            except _DAMAGE as error:
                if "Object arrays" in str(error):
                    raise InputError(
                        f"{path}: array {name!r} holds Python objects, which are never unpickled; "
                        "save it as numbers, or as text with dtype=str"
                    ) from None
                raise _damaged(path, name, error) from None
    return arrays


def _names(archive: zipfile.ZipFile) -> list[str]:
    return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the path") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise InputError(
            f"{path}: is no .npz archive, or a truncated one ({one_line(error)}); copy it again or "
            "save it with numpy.savez"
        ) from None


def _damaged(path: Path, name: str, error: BaseException) -> InputError:
    return InputError(
        f"{path}: array {name!r} is damaged or encrypted ({one_line(error)}); copy or save the "
        "file again"
    )
