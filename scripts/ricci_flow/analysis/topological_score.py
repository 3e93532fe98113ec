"""How Betti numbers fall along the blocks of a network, as one number, after Suresh et al. 2023.

Source: arXiv 2311.04592 and `PRL/Accuracy vs TTP plots/ttp.py` of the code that they released. The
score depends on how blocks are counted: their numbers are not scaled, and a ridge holds on to the
coefficient of l more than to that of l^3.
"""

import numpy as np
from sklearn.linear_model import Ridge

_ALPHA = 1e-3


def topological_score(omega: np.ndarray) -> float:
    """Return theta = c_1 + c_2 / 2 + c_3 / 2 of c_0 + c_1 l + c_2 l^2 + c_3 l^3.

    omega (L,): sum of the Betti numbers of every block, l = 1 .. L. The cubic is fitted to
    omega / |omega| by least squares with a penalty of 1e-3 times the sum of c_1^2, c_2^2 and c_3^2.
    """
    powers = np.arange(1.0, len(omega) + 1)[:, None] ** [1, 2, 3]
    fit = Ridge(alpha=_ALPHA).fit(powers, omega / np.linalg.norm(omega))
    return float(fit.coef_ @ [1.0, 0.5, 0.5])
