"""Sums over any number of failed attempts before one that succeeds, as a quotient of power series."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import fft

FloatArray = NDArray[np.float64]

_ALIASED = 30.0
"""What wraps around the transform is e^-30 = 1e-13 of what it falls on."""
_STRETCH = 4
"""Length of the transform over that of the columns: longer, less growth of rounding errors (e^7.5 here)."""
_ROOM = 10.0


def until_success(columns: FloatArray, failure: FloatArray) -> FloatArray:
    """Return columns * (delta + failure + failure * failure + ...), convolutions over t = 1..M.

    Parameters
    ----------
    columns
        What the last attempt brings at t = 1..M after it began; shape (n, M). The first row is its
        probability.
    failure
        P(an attempt fails at t), shape (M,); together with the first row at most 1.

    Notes
    -----
    The generating function of the result is s(z)/(1 - h(z)); its coefficients are found from values on a
    circle, whose radius y is a little below the nearest pole: there the coefficients c(t) y^t hardly fall,
    so that the far tail keeps nearly as many digits as the bulk. Before the bulk the error is absolute.
    """
    if not failure.any():
        return columns
    size = failure.size
    length = fft.next_fast_len(_STRETCH * size, real=True)
    growth = min(_growth(columns[0], failure) - _ALIASED / length, 300.0 / size)
    steps = growth * np.arange(1, size + 1)
    weights = np.exp(steps)
    lost = fft.rfft(np.concatenate([[0.0], failure * weights]), length)
    made = fft.rfft(np.pad(columns * weights, ((0, 0), (1, 0))), length, axis=1)
    made /= 1.0 - lost
    summed = fft.irfft(made, length, axis=1)[:, 1 : size + 1]
    return np.asarray(np.maximum(summed, 0.0) * np.exp(-steps))


def _growth(success: FloatArray, failure: FloatArray) -> float:
    """Return log x with h(x) + s(x)/10 = 1: not above the pole, and s(x) at most 10.

    Newton's method on the logarithm, which is convex in log x; a hundredth of 1/M is near enough.
    """
    mix = failure + success / _ROOM
    times = np.flatnonzero(mix) + 1.0
    logs = np.log(mix[mix > 0.0])
    growth = 0.0
    for _ in range(100):
        exponents = logs + growth * times
        top = float(exponents.max())
        terms = np.exp(exponents - top)
        total = float(terms.sum())
        step = -(top + math.log(total)) * total / float(terms @ times)
        growth += step
        if abs(step) * mix.size < 0.01:
            break
    return growth
