"""The one error a user sees, and the cure for a name that is not known."""

import difflib
from collections.abc import Iterable


class InputError(Exception):
    """Something the user gave is wrong, or the disk: one line that says what, where, and the cure.

    Entry scripts print it without a traceback and exit with status 1.
    """


def closest(name: object, known: Iterable[str]) -> str:
    """Return the cure for an unknown name: the nearest known one, or all of them."""
    known = sorted(known)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return "use one of: " + ", ".join(known) if known else "none is known"
