"""The one error a user sees."""


class InputError(Exception):
    """Something the user gave is wrong, or the disk: one line that says what, where, and the cure.

    Entry scripts print it without a traceback and exit with status 1.
    """
