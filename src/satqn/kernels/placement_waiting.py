"""The exact waiting factor of a chain, fast enough to be asked for every chain that a search looks at.

E[max] of independent geometric variables is the sum over t >= 0 of g(t) = 1 - prod_i (1 - (1 - q_i)^t). The
first ``HEAD`` terms are added one by one; from there on g is smooth, and the sum is an integral over panels
of doubling length with the corrections of Euler and Maclaurin at its lower end. Accurate to about 1e-10;
:func:`satqn.physics.waiting.expected_max_geometric` is its slow twin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]

HEAD = 32
"""Terms added one by one. The correction left out is about n (5/HEAD)^5 e^-5 / 30240 attempts."""
DONE = 36.0
"""Decays after which a variable has certainly succeeded: e^-36 is half a rounding error."""
FRESH = 8
"""Panels after which exponentials are computed anew; in between they are squared, as times double."""
RECTANGLES, WIDTH = 24, 0.2
"""Rectangles of the lower bound and their width, in decay times of the slowest variable."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)
NODES, WEIGHTS = 0.5 * (1.0 + _NODES), 0.5 * _WEIGHTS


@njit(cache=True)
def mean_slowest(q: FloatArray) -> float:
    """Return E[max] of geometric variables of success probabilities q in (0, 1], in attempts."""
    decay = np.sort(-np.log1p(-q))
    pending = np.exp(-decay)
    left = np.ones(len(q))
    total, slowest = 0.0, decay[0]
    for t in range(HEAD):
        if slowest * (t - 1) > DONE:
            return total
        done = 1.0
        for i in range(len(q)):
            done *= 1.0 - left[i]
            left[i] *= pending[i]
        total += 1.0 - done
    total += corrections(decay, float(HEAD))
    start, active, panel = float(HEAD), len(q), 0
    left_at = np.empty((len(NODES), len(q)))
    while slowest * start < DONE:
        while decay[active - 1] * start > DONE:
            active -= 1
        inside = 0.0
        for c in range(len(NODES)):
            row, t, done = left_at[c], start * (1.0 + NODES[c]), 1.0
            if panel % FRESH == 0:
                for i in range(active):
                    row[i] = np.exp(-decay[i] * t)
            else:
                for i in range(active):
                    row[i] *= row[i]
            for i in range(active):
                done *= 1.0 - row[i]
            inside += WEIGHTS[c] * (1.0 - done)
        total += inside * start
        start *= 2.0
        panel += 1
    return total


@njit(cache=True)
def corrections(decay: FloatArray, t: float) -> float:
    """Return g/2 - g'/12 + g'''/720 at t: what a sum from t on has beyond the integral from t on."""
    done, first, second, third = 1.0, 0.0, 0.0, 0.0
    for d in decay:
        if d * t < DONE:
            done *= -np.expm1(-d * t)
            rate = d / np.expm1(d * t)
            slope = -rate * (d + rate)
            first += rate
            second += slope
            third -= slope * (d + 2.0 * rate)
    triple = first**3 + 3.0 * first * second + third
    return 0.5 * (1.0 - done) + done * first / 12.0 - done * triple / 720.0


@njit(cache=True)
def least_slowest(decay: FloatArray) -> float:
    """Return less than E[max] of geometric variables that are pending after t attempts with exp(-decay t).

    g(t), the probability that one is pending, falls: the sum over t >= 0 is more than the integral, and that
    more than rectangles below it. The bound is short by 5 % or so, and takes a tenth of the time.
    """
    slowest, done = decay.min(), np.ones(RECTANGLES)
    for d in decay:
        step = np.exp(-WIDTH * d / slowest)
        left = 1.0
        for c in range(RECTANGLES):
            left *= step
            done[c] *= 1.0 - left
    return WIDTH / slowest * (RECTANGLES - done.sum())
