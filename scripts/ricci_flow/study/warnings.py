"""What a study should be told before it runs, though it can run."""

from typing import TYPE_CHECKING

from ricci_flow.coefficients.depth import FOR_RHO, FOR_Z

if TYPE_CHECKING:
    from ricci_flow.study.model import Study


def warnings_of(study: "Study") -> list[str]:
    """Return warnings about a study, one line each: the key, what follows, and the cure."""
    catalogue = study.config.catalogues.architectures
    lines = []
    for name, entry in study.architectures.items():
        layers = entry.architecture().depth
        if layers >= FOR_Z:
            continue
        key = "widths" if entry.widths else "layers"
        without = "z (claim 4 and the regression)"
        if layers < FOR_RHO:
            without = f"Ricci coefficient, which needs {FOR_RHO}, and no {without}"
        lines.append(
            f"{catalogue}: key '{name}.{key}' has {layers} hidden layers: its networks will have "
            f"no {without}, which needs {FOR_Z}; give it {FOR_Z - layers} more for these numbers"
        )
    return lines
