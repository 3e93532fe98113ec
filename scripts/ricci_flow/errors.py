"""The one error a user sees."""


class InputError(Exception):
    """Something the user gave is wrong; the message is one line: what, where, and the cure.

    Entry scripts print it without a traceback and exit with status 1.
    """
