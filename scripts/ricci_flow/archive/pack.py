"""Packing a finished study: all that is needed to check it and to render its report."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from ricci_flow.disk import staged
from ricci_flow.errors import InputError
from ricci_flow.manifest.make import NAME, sha256_of
from ricci_flow.manifest.verify import LEFT_OUT, compare, read_manifest

# The large files; tables, figures and texts are small.
TENSORS = ".safetensors"


def pack(
    root: Path, benchmarks: Path, sources: Iterable[Path], output: Path, tensors: bool = False
) -> tuple[int, int]:
    """Write <study>.tar.gz; return (files packed, results left out).

    root: results/<study>, finished; benchmarks: benchmarks/<study>, for the costs; sources: the
    texts of the report and the lock, relative to the checkout. tensors: also the large files. Two
    archives of the same files are the same to the bit. Raises InputError where a result or a text
    is not what the manifest lists.
    """
    manifest = read_manifest(root)
    lines = [line for line in compare(root, manifest)[0] if ": unlisted" not in line]
    if lines:
        raise InputError(
            f"{root}: cannot be archived: {lines[0]} (and {len(lines) - 1} more); run again with"
            f" --forcerun {root / lines[0].partition(': ')[0]}"
        )
    names = [name for name, entry in manifest["files"].items() if entry["sha256"] is not None]
    left_out = sorted(name for name in names if name.endswith(TENSORS) and not tensors)
    contents = {f"results/{LEFT_OUT}": (json.dumps(left_out, indent=1) + "\n").encode()}
    files = {f"results/{name}": root / name for name in {NAME, *names} - set(left_out)}
    for ending in (".tsv", ".json"):  # benchmarks, and what the curvatures cost
        files |= {f"benchmarks/{name}": path for name, path in _below(benchmarks, ending)}
    for path in sources:
        if PurePosixPath(path).is_absolute() or ".." in path.parts:
            raise InputError(f"{path}: is outside the checkout; run snakemake in its root")
        # Another machine would refuse the whole archive for it.
        listed = manifest["sources"].get(path.as_posix())
        if not path.is_file() or (listed and listed != sha256_of(path)):
            raise InputError(
                f"{path}: is not what the study was run with; put it back or run again"
            )
        files[path.as_posix()] = path
    with (
        staged(output) as part,
        part.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name in sorted({*contents, *files}):
            content = contents.get(name)
            _add(archive, f"{root.name}/{name}", content or files[name].read_bytes())
    return len(contents) + len(files), len(left_out)


def _below(folder: Path, ending: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob(f"*{ending}")):
        yield path.relative_to(folder).as_posix(), path


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a file without owner, time or mode of this machine's."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
