"""The libraries that this code imports: their names on the package index, and which one ran."""

import importlib.util
import os
import re
import sys
from functools import cache
from pathlib import Path

# Import name -> name on the package index, of every library that the code imports itself.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "gudhi": "gudhi",
    "llvmlite": "llvmlite",
    "matplotlib": "matplotlib",
    "networkx": "networkx",
    "numba": "numba",
    "numpy": "numpy",
    "ot": "pot",
    "polars": "polars",
    "psutil": "psutil",
    "pydantic": "pydantic",
    "pydantic_core": "pydantic-core",
    "pypandoc": "pypandoc-binary",
    "safetensors": "safetensors",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "statsmodels": "statsmodels",
    "torch": "torch",
    "yaml": "pyyaml",
}


def normal(name: str) -> str:
    """Return the name of a distribution in the one form that all spellings of it share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed(folder: Path) -> dict[str, str]:
    """Return name -> version of the distributions in a folder of packages, names normalised.

    Read from the names of their folders of metadata. Empty where there is no such folder.
    """
    try:
        names = os.listdir(folder)
    except OSError:
        return {}
    found = (
        re.fullmatch(r"(.+?)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info", name) for name in names
    )
    return {normal(match[1]): match[2] for match in found if match}


def versions() -> dict[str, str]:
    """Return name -> version of the libraries that this process has imported or would import.

    By name, as far as they are there. Of machine code that was compiled and kept by an earlier
    process the compiler is not imported, hence "would". The version is that of the files which are
    loaded, wherever they lie; `unknown` where they do not say it.
    """
    found = {}
    for module, name in sorted(DISTRIBUTIONS.items(), key=lambda item: item[1]):
        if module in sys.modules:
            file = getattr(sys.modules[module], "__file__", None)
        elif spec := importlib.util.find_spec(module):
            file = spec.origin
        else:
            continue
        found[name] = _version(file, name) or _said(module)
    return found


def _version(file: str | None, name: str) -> str | None:
    """Return the version by the metadata in the folder from which a module's file is loaded."""
    if file is None:
        return None
    path = Path(file)
    folder = path.parent.parent if path.stem == "__init__" else path.parent
    return _installed(folder).get(name)


_installed = cache(installed)


def _said(module: str) -> str:
    version = getattr(sys.modules.get(module), "__version__", "")
    return "".join(str(version).split()) or "unknown"
