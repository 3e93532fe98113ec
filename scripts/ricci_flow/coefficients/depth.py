"""How many layers a Ricci coefficient and its z need."""

# Two pairs of (eta, Ric), of three layers, lie on a straight line whatever they are.
FOR_RHO = 4
# z divides by, or is multiplied with, the root of L - 4.
FOR_Z = 5


def too_few(layers: int) -> str | None:
    """Return why a network of so many layers has no Ricci coefficient; None where it may have."""
    return None if layers >= FOR_RHO else f"{layers} layers, a coefficient needs {FOR_RHO}"


def too_few_for_z(layers: int) -> str | None:
    """Return why such a coefficient has no z; None where it may have."""
    return None if layers >= FOR_Z else f"{layers} layers, z needs {FOR_Z}: not in the regression"
