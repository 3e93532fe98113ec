"""Beside stages 4 to 6: other curvatures, local coefficients, the classes as a partition."""
