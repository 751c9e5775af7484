"""Expected number of attempts until the slowest of several geometric variables has succeeded.

E[max] = sum over t >= 0 of g(t), with g(t) = 1 - prod_i (1 - (1 - p_i)^t) the probability that t attempts
are not enough. The sum is taken term by term while g can change fast, that is while a variable with
p_i > 0.005 is still pending; from there on g is so smooth that the sum is an integral with two corrections
at its lower end (Euler and Maclaurin): the next one is below 1e-11 of the result.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]

_SMOOTH = 0.005
"""Decay rate per attempt below which the sum may be an integral: the correction left out is about
6 rate^3/720 (two equal variables), beside a sum of more than 1/rate."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_PANEL = 3.0
"""Length of an integration panel in units of the fastest pending decay time."""


@njit(cache=True)
def _pending(decay: FloatArray, count: FloatArray, t: float) -> float:
    """Return g(t), the probability that a variable is still without success after t attempts."""
    done = 1.0
    for i in range(decay.size):
        one = -math.expm1(-decay[i] * t)
        done *= one if count[i] == 1.0 else one ** count[i]
    return 1.0 - done


@njit(cache=True)
def _slope(decay: FloatArray, count: FloatArray, t: float) -> float:
    """Return g'(t), for t > 0."""
    done, rate = 1.0, 0.0
    for i in range(decay.size):
        left = math.exp(-decay[i] * t)
        if left > 0.0:
            one = -math.expm1(-decay[i] * t)
            done *= one ** count[i]
            rate += count[i] * decay[i] * left / one
    return -done * rate


@njit(cache=True)
def expected_max_counted_kernel(p: FloatArray, count: FloatArray) -> float:
    """Return E[max] of ``count[i]`` geometric variables of success probability ``p[i]``, for every i.

    Parameters
    ----------
    p
        In (0, 1], shape (n,); not checked.
    count
        How many of each, >= 1 (whole numbers as floats), shape (n,).
    """
    decay = -np.log1p(-p)  # inf where p is 1: never pending after one attempt
    over = 30.0 + math.log(count.sum())  # in decay times; the rest of the sum is below e^-30 of it
    head = 1
    for rate in decay:
        if rate > _SMOOTH:
            head = max(head, math.ceil(over / rate))

    total: float = 0.0
    left = np.ones(p.size)
    for _ in range(head):
        done = 1.0
        for i in range(p.size):
            one = 1.0 - left[i]
            done *= one if count[i] == 1.0 else one ** count[i]
            left[i] *= 1.0 - p[i]
        total += 1.0 - done

    t = float(head)
    total += _pending(decay, count, t) / 2.0 - _slope(decay, count, t) / 12.0
    while True:
        fastest = 0.0
        for rate in decay:
            if rate * t < over:
                fastest = max(fastest, rate)
        if fastest == 0.0:
            return total
        half = _PANEL / fastest / 2.0
        panel = 0.0
        for k in range(_NODES.size):
            panel += _WEIGHTS[k] * _pending(decay, count, t + half * (1.0 + _NODES[k]))
        total += half * panel
        t += 2.0 * half


@njit(cache=True)
def expected_max_geometric_kernel(p: FloatArray) -> float:
    """Return E[max] of independent geometric variables of success probabilities p in (0, 1], shape (n,)."""
    mean: float = expected_max_counted_kernel(p, np.ones(p.size))
    return mean
