"""What purification costs on a path, by its loss L = -sum of log swap factors (spec routing, section 1)."""

from __future__ import annotations

import math

from satqn.kernels.compiled import njit

MAX_ROUNDS = 10
SLACK = 1e-12
BBPSSW, DEJMPS, NONE = 0, 1, 2


@njit(cache=True, nogil=True)
def base_pairs_of_loss(loss: float, target: float, protocol: int, werner: bool) -> float:
    """Return g of a path: the twin of :func:`satqn.routing.base_pairs.base_pairs` for one path.

    Parameters
    ----------
    loss
        L >= 0, minus the sum of the logarithms of the swap factors of the links.
    target
        F_k.
    protocol
        0 BBPSSW, 1 DEJMPS, 2 none.
    werner
        Whether swap factors are Werner parameters, or fidelities.
    """
    factor = math.exp(-loss)
    a = 0.25 + 0.75 * factor if werner else factor
    if a >= target - SLACK:
        return 1.0
    if protocol == NONE or a <= 0.5:
        return math.inf
    b = c = d = (1.0 - a) / 3.0
    spent = 1.0
    for _ in range(MAX_ROUNDS):
        before = a
        if protocol == BBPSSW:
            rest = (1.0 - a) / 3.0
            success = a * a + 2.0 * a * rest + 5.0 * rest * rest
            a = (a * a + rest * rest) / success
        else:
            success = (a + b) ** 2 + (c + d) ** 2
            a, b, c, d = (
                (a * a + b * b) / success,
                2.0 * c * d / success,
                (c * c + d * d) / success,
                2.0 * a * b / success,
            )
        spent *= 2.0 / success
        if a >= target - SLACK:
            return spent
        if a <= before:
            return math.inf
    return math.inf
