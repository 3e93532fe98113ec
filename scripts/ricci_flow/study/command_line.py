"""Snakemake's command line as a user means it, before Snakemake reads it in the checkout.

Standard library only, since it runs outside of the environment.
"""

import argparse
import os
from pathlib import Path
from typing import NoReturn

from ricci_flow.errors import InputError
from ricci_flow.study.paths import KEYS, is_remote

# Options of Snakemake with one path.
_PATHS = (
    *("--directory", "-d", "--snakefile", "-s", "--report", "--report-stylesheet"),
    *("--conda-prefix", "--apptainer-prefix", "--singularity-prefix", "--shadow-prefix"),
    *("--local-storage-prefix", "--remote-job-local-storage-prefix"),
)
# Those with the name of a profile, or a path to one.
_PROFILES = ("--profile", "--workflow-profile")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(message)


def resolve(arguments: list[str], here: Path, root: Path) -> tuple[list[str], list[str]]:
    """Return (the arguments with paths as seen from `root`, the config files among them).

    here: the folder where the command was given. Config files and settings given in several places
    count in order, where Snakemake would take the last place alone. Raises InputError where an
    option lacks its value, or a profile of the workflow is nowhere.
    """

    def path(text: str) -> str:
        text = os.path.expanduser(text)
        return text if here == root or is_remote(text) else os.path.join(here, text)

    def setting(text: str) -> str:
        key, equals, value = text.partition("=")
        return key + equals + path(value) if value and key in KEYS else text

    def one(option: str, text: str) -> str:
        if option in _PATHS:
            return path(text)
        if (here / os.path.expanduser(text)).exists():
            return path(text)
        if option == "--workflow-profile" and text != "none":
            folders = (root, root / "profiles", root / "workflow" / "profiles")
            if not any((folder / text).exists() for folder in folders):
                raise InputError(
                    f"--workflow-profile {text}: neither a path from {here} nor the name of a "
                    f"folder in {folders[-1]}; check it"
                )
        return text

    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", action="extend", default=[])
    parser.add_argument("--config", "-C", nargs="*", action="extend", default=[])
    after = arguments.index("--") if "--" in arguments else len(arguments)
    known, words = parser.parse_known_args(arguments[:after])
    for position, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option not in (*_PATHS, *_PROFILES):
            continue
        if equals:
            words[position] = f"{option}={one(option, value)}"
        elif position + 1 < len(words) and not words[position + 1].startswith("-"):
            words[position + 1] = one(option, words[position + 1])
    files = [path(file) for file in known.configfile]
    settings = [setting(text) for text in known.config]
    words += ["--configfile", *files] if files else []
    words += ["--config", *settings] if settings else []
    return [*words, *arguments[after:]], files
