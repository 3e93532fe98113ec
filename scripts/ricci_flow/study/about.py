"""The text on a system of the atlas, which becomes a page of its study's report."""

from pathlib import Path

from ricci_flow.errors import InputError

FIRST = "What deviates from the original"


def read_about(path: str, where: str) -> str:
    """Return the Markdown of the file that the key `about` names.

    It begins with a title, and its first section says what deviates. Raises InputError, one line,
    where there is no such file, or it begins with something else; where: the config's name.
    """
    try:
        text = Path(path).read_text("utf-8")
    except FileNotFoundError:
        raise InputError(
            f"{where}: key 'about' is {path!r}, not a file; name a Markdown file beside the "
            "config, or leave the key out"
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(
            f"{where}: key 'about' is {path!r}, which cannot be read as text ({error}); correct it"
        ) from None
    lines = text.splitlines()
    if not lines or not lines[0].startswith("# "):
        raise InputError(f"{path}: begins with no title; begin it with a line '# TITLE'")
    first = next((line for line in lines if line.startswith("## ")), None)
    if first is None or first.removeprefix("## ").strip() != FIRST:
        found = "none" if first is None else repr(first)
        raise InputError(f"{path}: its first section has to be '## {FIRST}', and is {found}")
    return text
