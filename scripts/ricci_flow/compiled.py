"""Kernels compiled once by Numba and run without it.

Importing Numba and readying it for its first function takes most of a second, twice what a short
job costs; the machine code it makes needs nothing but a loader (llvmlite, 30 ms). So code is
compiled for the types it is called with, kept next to its source in __pycache__ (in ~/.cache where
that cannot be written to), and loaded from there until the source, Numba or the processor changes.

A kernel takes arrays, integers, floats and booleans, allocates nothing (it is compiled without
Numba's run time, which says so where one does), and returns nothing, a number or several.
"""

import contextlib
import ctypes
import hashlib
import importlib
import json
import os
import re
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

_NUMBERS = {bool: "bool", int: "int64", float: "float64"}
_C_TYPES = {"bool": ctypes.c_bool, "int64": ctypes.c_int64, "float64": ctypes.c_double}
# Of an array Numba passes: owner, parent, entries, bytes per entry, data, shape, strides.
_C_ARRAY = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)
_RESULT_BYTES = 64


class Kernels:
    """The kernels of a module that imports Numba; the module is imported only to compile them.

    module: dotted name; edits of what it imports from its own package change its kernels too.
    Attributes are the module's functions. Import it under TYPE_CHECKING as well: the hash of a
    stage's code and mypy go by imports.
    """

    def __init__(self, module: str) -> None:
        self.module = module
        self.sources = _sources(module)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        kernel = _Kernel(self, name)
        setattr(self, name, kernel)
        return kernel

    @property
    def digest(self) -> str:
        """Digest of the sources; taken once."""
        text = b"\0".join(path.read_bytes() for path in self.sources)
        self.__dict__["digest"] = hashlib.sha256(text).hexdigest()
        return str(self.__dict__["digest"])


class _Kernel:
    """One function, for whatever types it is called with."""

    def __init__(self, kernels: Kernels, name: str) -> None:
        self.kernels, self.name = kernels, name
        self.loaded: dict[tuple[str, ...], tuple[Callable[..., int], str]] = {}

    def __call__(self, *arguments: Any) -> Any:
        types = tuple(map(_type_of, arguments))
        if types not in self.loaded:
            self.loaded[types] = _load(self.kernels, self.name, types)
        function, result = self.loaded[types]
        flat: list[Any] = []
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                data = argument.__array_interface__["data"][0]
                flat += (None, None, argument.size, argument.itemsize, data)
                flat += argument.shape
                flat += argument.strides
            else:
                flat.append(argument)
        buffer, error = ctypes.create_string_buffer(_RESULT_BYTES), ctypes.c_void_p()
        if status := function(buffer, ctypes.byref(error), *flat):
            raise RuntimeError(f"{self.kernels.module}.{self.name} failed with status {status}")
        values = [
            (ctypes.c_double if kind == "d" else ctypes.c_int64).from_buffer(buffer, 8 * i).value
            for i, kind in enumerate(result)
        ]
        return None if not values else values[0] if len(values) == 1 else tuple(values)


def _sources(module: str) -> list[Path]:
    """Return the file of a module, then those of its package that it imports, by `from`."""
    package = re.escape(module.partition(".")[0])
    names, paths = [module], []
    for name in names:
        paths.append(_path(name))
        text = paths[-1].read_text("utf-8")
        found = re.findall(rf"^from ({package}\.[\w.]+) import", text, re.M)
        names += [other for other in found if other not in names]
    return paths


def _path(module: str) -> Path:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"no module {module}")
    return Path(spec.origin)


def _type_of(argument: Any) -> str:
    """Return a type as text, such as "int64" or "float64 2 C"."""
    if isinstance(argument, np.ndarray):
        layout = "C" if argument.flags.c_contiguous else "A"
        return f"{argument.dtype.name} {argument.ndim} {layout}"
    return _NUMBERS[type(argument)]


@cache
def _platform() -> str:
    import llvmlite.binding as llvm

    parts = (llvm.get_process_triple(), llvm.get_host_cpu_name())
    features = llvm.get_host_cpu_features().flatten()
    return "\0".join((*parts, features, version("numba"), version("llvmlite")))


def _load(kernels: Kernels, name: str, types: tuple[str, ...]) -> tuple[Callable[..., int], str]:
    """Return the function and the kinds of its results, from the folder where they are kept."""
    machine = _digest(_platform(), *types)
    code_version = _digest(kernels.digest, _path(__name__).read_text("utf-8"))
    file = f"{kernels.module}.{name}.{machine}.{code_version}.code"
    folders = [kernels.sources[0].parent / "__pycache__", Path.home() / ".cache" / "ricci_flow"]
    kept = b""
    for folder in folders:
        with contextlib.suppress(OSError):
            kept = (folder / file).read_bytes()
            break
    else:
        kept = _compile(kernels.module, name, types)
        for folder in folders:
            if _keep(folder, file, kept):
                break
    header, code = kept.split(b"\n", 1)
    facts = json.loads(header)
    address = _engine(code, facts["symbol"])
    flat: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
    for kind in types:
        words = kind.split()
        if len(words) == 1:
            flat.append(_C_TYPES[kind])
        else:
            flat += (*_C_ARRAY, *(ctypes.c_int64,) * (2 * int(words[1])))
    return ctypes.CFUNCTYPE(ctypes.c_int32, *flat)(address), facts["result"]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _keep(folder: Path, file: str, kept: bytes) -> bool:
    """Write what was compiled in place of what older code came to; return whether that works."""
    part = folder / f"{file}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part.write_bytes(kept)
        part.replace(folder / file)
        for older in folder.glob(f"{file.rsplit('.', 2)[0]}.*.code"):
            if older.name != file:
                older.unlink(missing_ok=True)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        return False
    return True


_engines: list[Any] = []  # what is loaded stays loaded


def _engine(code: bytes, symbol: str) -> int:
    """Load machine code into this process; return the address of a function in it."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return int(engine.get_function_address(symbol))


def _compile(module: str, name: str, types: tuple[str, ...]) -> bytes:
    """Compile a kernel; return a line of facts and the machine code."""
    from numba.core import compiler, registry
    from numba.core import types as plain_types

    numba_types: Any = plain_types  # whose stubs know neither names in text nor layouts

    def numba_type(kind: str) -> Any:
        words = kind.split()
        plain = getattr(numba_types, words[0] if words[0] != "bool" else "boolean")
        return plain if len(words) == 1 else numba_types.Array(plain, int(words[1]), words[2])

    function = getattr(importlib.import_module(module), name)
    target = registry.cpu_target
    target.typing_context.refresh()
    target.target_context.refresh()
    flags: Any = compiler.Flags()
    flags.nrt = False
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
    flags.error_model = "numpy"
    compiled = compiler.compile_extra(
        target.typing_context, target.target_context, getattr(function, "py_func", function),
        tuple(map(numba_type, types)), None, flags, {},
    )  # fmt: skip
    returned = compiled.signature.return_type
    several: Any = returned if isinstance(returned, numba_types.BaseTuple) else [returned]
    kinds = {numba_types.float64: "d", numba_types.int64: "q", numba_types.none: ""}
    facts = {
        "symbol": compiled.fndesc.llvm_func_name,
        "result": "".join(kinds[kind] for kind in several),
    }
    return json.dumps(facts).encode() + b"\n" + compiled.library._get_compiled_object()
