"""From names on a command line to functions."""

from collections.abc import Sequence
from functools import partial
from importlib import import_module

from ricci_flow.curvatures.catalogue import PACKAGE, Notion, check_notion
from ricci_flow.curvatures.interface import Curvature
from ricci_flow.errors import InputError
from ricci_flow.validation import read


def load_notions(words: Sequence[str]) -> dict[str, Curvature]:
    """Return the functions by name, of words as `notion_flag` writes them.

    Raises InputError where a word is malformed, a name comes twice, or a module or option is
    unknown.
    """
    notions: dict[str, Curvature] = {}
    for word in words:
        head, *parts = word.split(",")
        name, separator, module = head.partition("=")
        try:
            options = {key: float(value) for key, value in (part.split("=") for part in parts)}
        except ValueError:
            separator = ""
        if not separator or not name:
            raise InputError(f"--notions: {word!r} is not NAME=MODULE[,OPTION=NUMBER...]")
        if name in notions:
            raise InputError(f"--notions: {name!r} is given twice; use two names")
        entry = read(Notion.model_validate, {"module": module, "options": options}, "--notions")
        check_notion(name, entry, "--notions")
        notions[name] = partial(import_module(f"{PACKAGE}.{module}").curvature, **options)
    return notions
