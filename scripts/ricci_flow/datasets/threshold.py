"""Accuracy thresholds compared with what a network reaches that always says the larger class."""

from ricci_flow.errors import InputError


def check_threshold(threshold: float, larger_class: float, where: str) -> None:
    """Raise InputError where a network that always answers with the larger class might pass.

    threshold: test accuracy above which a network is kept; larger_class: the share of the larger
    class among the test points. Equal is too low, too.
    """
    if threshold <= larger_class:
        raise InputError(
            f"{where}: accuracy_threshold is {threshold:g}, not above {larger_class:.4g}, which a "
            "network reaches that always answers with the larger class; raise it, or keep all "
            "networks (accuracy_filter: false in the conditions)"
        )
