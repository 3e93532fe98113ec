"""Unpacking an archive of unknown origin, checking it, and rendering its report."""

import gzip
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ricci_flow.disk import staged
from ricci_flow.errors import InputError
from ricci_flow.manifest.make import sha256_of
from ricci_flow.manifest.verify import compare, read_manifest

_DAMAGE = (OSError, EOFError, tarfile.TarError, zlib.error, ValueError)


def unpack(path: Path, folder: Path, max_bytes: int) -> Path:
    """Unpack <study>.tar.gz into `folder`, which must not exist yet; return folder/<study>.

    Plain files below one folder only: links, devices, names that lead elsewhere, a name given
    twice, and more than `max_bytes` in all are refused, and then nothing is left.
    """
    if folder.exists():
        raise InputError(f"{folder}: exists already; give a folder that does not")
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        top = _extract(path, scratch, max_bytes)
        scratch.chmod(0o755)
        scratch.rename(folder)
    except _DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: cannot be unpacked ({reason}); get the file again") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder / top


def _extract(path: Path, scratch: Path, max_bytes: int) -> str:
    """Extract member by member, each judged before a byte of it is read; return the top folder."""
    tops: set[str] = set()
    total = 0
    with gzip.open(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            name = PurePosixPath(member.name)
            if not member.isreg():
                raise InputError(f"{path}: {member.name!r} is no plain file; do not use it")
            if name.is_absolute() or ".." in name.parts or len(name.parts) < 2:
                raise InputError(f"{path}: {member.name!r} leads elsewhere; do not use it")
            tops.add(name.parts[0])
            total += member.size
            if total > max_bytes:
                raise InputError(
                    f"{path}: unpacks to more than {max_bytes} bytes; raise --max-bytes if it"
                    " should"
                )
            target = scratch / name
            target.parent.mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(member)
            if content is None or target.exists() or len(tops) > 1:
                raise InputError(
                    f"{path}: {member.name!r} is a second copy or folder; do not use it"
                )
            with content, target.open("xb") as file:
                shutil.copyfileobj(content, file)
        while rest := stream.read(2**20):  # to the end, where gzip compares the checksum
            total += len(rest)
            if total > max_bytes:
                raise InputError(f"{path}: goes on after its end; do not use it")
    if not tops:
        raise InputError(f"{path}: is empty; get the file again")
    return tops.pop()


def check(folder: Path) -> str:
    """Check an unpacked archive's results and sources against its manifest; return a summary.

    Raises InputError naming the first that differs.
    """
    manifest = read_manifest(folder / "results")
    lines, summary = compare(folder / "results", manifest)
    for name, checksum in manifest["sources"].items():
        path = folder / name
        if checksum and path.is_file() and sha256_of(path) != checksum:
            lines.append(f"{name}: altered: its SHA-256 differs")
    if lines:
        raise InputError(f"{folder}: {lines[0]} ({len(lines)} not as listed); get the file again")
    return summary


def render_again(folder: Path, output: Path, renderer: str, say: Callable[[str], None]) -> bool:
    """Render the report from an unpacked archive; return whether it equals the archived pages.

    folder: <study> of the archive; output: the folder that holds it, for the pages. Nothing is
    computed: tables, figures and numbers are those of the archive. Pages differ where this machine
    runs other versions of the libraries, which they list.
    """
    from ricci_flow.report.build import Sources, render
    from ricci_flow.report.pages import EXPLORE, GUIDE, STATISTICS

    manifest = read_manifest(folder / "results")
    archived = folder / "results" / "report"
    sources = Sources(
        reports=folder / "reports",
        data_sets=folder / "results" / "datasets",
        statistics=folder / "results" / "statistics",
        figures=tuple(sorted((folder / "results" / "figures").glob("*.svg"))),
        study=manifest["study"],
        config=archived / "config.json",
        benchmarks=folder / "benchmarks",
        lock=folder / "requirements.lock",
        code=(manifest["commit"], manifest["state"]),
    )
    with tempfile.TemporaryDirectory(prefix="report-", ignore_cleanup_errors=True) as name:
        render(sources, Path(name), renderer=renderer, say=say)
        pages = {path.name: path.read_text("utf-8") for path in Path(name).iterdir()}
    here = archived.relative_to(output).parent / "statistics"
    for file, html in pages.items():
        with staged(output / file) as part:
            part.write_text(html.replace(f'"{STATISTICS}/', f'"{here.as_posix()}/'), "utf-8")
    # The pages lead to these.
    if (archived / EXPLORE).is_file():
        shutil.copyfile(archived / EXPLORE, output / EXPLORE)
    if (archived / GUIDE).is_dir():
        shutil.copytree(archived / GUIDE, output / GUIDE)
    return all(
        (archived / file).is_file() and (archived / file).read_text("utf-8") == html
        for file, html in pages.items()
    )
