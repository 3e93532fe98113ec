"""One job of the workflow: its arguments as a validated object, and how its process runs.

    python -m train_ensemble JSON --file data PATH --file weights PATH ... --log FILE

JSON: the settings, as text or as the path of a .json file. `--file NAME PATH ...` sets the field
NAME; files may also stand in the JSON, so `python -m train_ensemble job.json` does by hand.
"""

import argparse
import json
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import pydantic

from ricci_flow.errors import InputError
from ricci_flow.process import Progress, run
from ricci_flow.validation import Keys, explain

__all__ = ["Job", "Progress", "read_job", "run_job"]


class Job(Keys):
    """Arguments of one job: settings, and the paths of what it reads and writes."""


J = TypeVar("J", bound=Job)


def run_job(
    kind: type[J], body: Callable[[J, Progress], None], argv: list[str] | None = None
) -> int:
    """Read the arguments of a job, run `body` with them, and return the exit status.

    kind: the class of the arguments; argv: the command line, by default that of this process.
    See `ricci_flow.process.run` for errors.
    """
    arguments = _parser(kind).parse_args(argv)
    label = arguments.job or _label(arguments.log) or Path(sys.argv[0]).stem
    return run(
        lambda progress: body(read_job(kind, arguments.settings, arguments.file), progress),
        label,
        arguments.threads,
        arguments.log,
    )


def read_job(kind: type[J], settings: str, files: list[list[str]] | None = None) -> J:
    """Return the arguments of a job from JSON and files.

    settings: JSON, or the path of a file of it; files: [field, path, ...] of every `--file`.
    Raises InputError, one line, that names the field which is wrong.
    """
    where, text = "job", settings
    if not settings.lstrip().startswith("{"):
        where = settings
        try:
            text = Path(settings).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise InputError(f"{where}: cannot be read ({reason}); check the path") from None
    try:
        given = json.loads(text)
    except ValueError as error:
        raise InputError(f"{where}: is not valid JSON ({error}); correct it") from None
    if not isinstance(given, Mapping):
        raise InputError(f"{where}: holds no keys with values; write {{...}}")
    given = dict(given)
    for name, *paths in files or ():
        field = kind.model_fields.get(name)
        if field is None or _takes_list(field.annotation):
            given[name] = paths
        elif paths:
            given[name] = paths[0] if len(paths) == 1 else paths
    try:
        return kind.model_validate_json(json.dumps(given))
    except pydantic.ValidationError as error:
        raise InputError(f"{where}: {explain(error, given)}") from None


def _takes_list(annotation: Any) -> bool:
    """Return whether a field of this type takes several files."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType, Annotated):
        return any(_takes_list(part) for part in get_args(annotation))
    return origin in (list, tuple)


def _label(log: Path | None) -> str:
    """Return the name of a job by its log: training/A of logs/STUDY/training/A.log."""
    if log is None:
        return ""
    parts = log.with_suffix("").parts
    return "/".join(parts[parts.index("logs") + 2 :] if "logs" in parts else parts[-1:])


def _parser(kind: type[Job]) -> argparse.ArgumentParser:
    fields = "\n".join(
        f"  {name}: {' '.join((field.description or '').split())}"
        for name, field in kind.model_fields.items()
    )
    parser = argparse.ArgumentParser(
        description=kind.__doc__,
        epilog=f"fields of the job:\n{fields}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("settings", metavar="JSON", help="settings: JSON, or a file of it")
    parser.add_argument(
        "--file",
        action="append",
        nargs="+",
        metavar=("NAME", "PATH"),
        help="set the field NAME to a file, or to several",
    )
    parser.add_argument("--threads", type=int, default=1, help="threads of every library (1)")
    parser.add_argument("--log", type=Path, help="also write what is said to this file")
    parser.add_argument("--job", default="", help="name of this job in its messages")
    return parser
