"""Expected number of attempts until the slowest of several geometric variables has succeeded.

E[max] = sum over t >= 0 of g(t), with g(t) = 1 - prod_i (1 - (1 - p_i)^t) the probability that t attempts
are not enough. The sum is taken term by term while g can change fast, that is while a variable with
p_i > 0.01 is still pending; from there on g is so smooth that the sum is an integral with two corrections
at its lower end (Euler and Maclaurin): the next one is below 1e-10 of the result.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_SMOOTH = 0.01
"""Decay rate per attempt below which the sum may be an integral: the third correction is rate^3/720."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANEL = 3.0
"""Length of an integration panel in units of the fastest pending decay time."""


@numba.njit(cache=True)
def _pending(decay: FloatArray, count: FloatArray, t: float) -> float:
    """Return g(t), the probability that a variable is still without success after t attempts."""
    done = 1.0
    for i in range(decay.size):
        one = -math.expm1(-decay[i] * t)
        done *= one if count[i] == 1.0 else one ** count[i]
    return 1.0 - done
