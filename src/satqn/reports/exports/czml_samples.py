"""Times at which a moving body is sampled so that a viewer of CZML shows it where it is in between."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Where = Callable[[FloatArray], FloatArray]
"""Seconds, shape (n,), to positions, m, shape (n, 3)."""

DEGREE = 7
"""Of the Lagrange interpolation between positions."""

TOLERANCE = 10.0
"""How far from its place a body may be shown, m; well below what a designed orbit is right to."""

STEP = 600.0
"""Largest time between samples, s: within it nothing turns about the Earth by more than half a turn."""

_SHARES = np.array([0.21, 0.5, 0.79])
"""Where between two samples the interpolation is compared; no fractions of each other, against aliases."""

_MOST_HALVINGS = 16
_DIGITS = 3
"""Decimals of times, s, in the file: positions are those of the times as written."""


def sample_times(
    where: Where, duration: float, step: float = STEP, tolerance: float = TOLERANCE
) -> FloatArray:
    """Return times from 0 to ``duration`` between which interpolation is right.

    Parameters
    ----------
    where
        Where the body is.
    duration
        s, > 0.
    step
        Largest time between samples, s.
    tolerance
        Largest distance from the place interpolated to the true one, m.

    Notes
    -----
    Spans in which the polynomial that the viewer uses is off are halved until none is: an eccentric orbit
    gets samples densest at its perigee, whatever its elements.
    """
    count = max(DEGREE, int(np.ceil(duration / step)))
    times = np.unique(np.round(np.linspace(0.0, duration, count + 1), _DIGITS))
    places = where(times)
    if times.size <= DEGREE:  # a plan of some milliseconds
        return times
    unsure = np.ones(times.size - 1, dtype=bool)
    for _ in range(_MOST_HALVINGS):
        spans = np.flatnonzero(unsure)
        if not spans.size:
            break
        width = np.diff(times)
        at = (times[spans, None] + width[spans, None] * _SHARES).ravel()
        true = where(at)
        off = np.linalg.norm(interpolated(times, places, at) - true, axis=1).reshape(-1, _SHARES.size)
        # A span that is as short as the file can tell stays as it is.
        wrong = np.any(off > tolerance, axis=1) & (width[spans] > 4.0 * 10.0**-_DIGITS)
        middle = np.round(times[spans[wrong]] + 0.5 * width[spans[wrong]], _DIGITS)
        times, places, unsure = _with(times, places, middle, where(middle))
    return times


def _with(
    times: FloatArray, places: FloatArray, middle: FloatArray, there: FloatArray
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Put samples in; every span whose polynomial changes by that is unsure again."""
    order = np.argsort(np.concatenate([times, middle]), kind="stable")
    new = order >= times.size
    reach = DEGREE + 1
    near = np.convolve(new.astype(int), np.ones(2 * reach + 1, dtype=int))[reach:-reach] > 0
    near[: DEGREE + 1] |= np.any(new[: DEGREE + 1])
    near[-DEGREE - 1 :] |= np.any(new[-DEGREE - 1 :])
    return (
        np.concatenate([times, middle])[order],
        np.concatenate([places, there])[order],
        near[1:] | near[:-1],
    )


def interpolated(times: FloatArray, places: FloatArray, at: FloatArray, degree: int = DEGREE) -> FloatArray:
    """Return where a viewer of CZML shows a body: the Lagrange polynomial through the samples around a time.

    Parameters
    ----------
    times, places
        Samples, shapes (n,) and (n, 3), n > degree.
    at
        Times, shape (m,), from the first sample to the last.

    Notes
    -----
    CesiumJS takes degree + 1 samples, of which degree // 2 + 1 lie before the time where there are so many.
    Source: CesiumJS 1.120, ``SampledProperty.getValue`` and ``LagrangePolynomialApproximation``.
    """
    after = np.searchsorted(times, at, side="right")
    first = np.clip(after - degree // 2 - 1, 0, times.size - degree - 1)
    window = first[:, None] + np.arange(degree + 1)
    t = times[window]
    weights = np.ones(t.shape)
    for j in range(degree + 1):
        others = np.delete(np.arange(degree + 1), j)
        weights[:, j] = np.prod((at[:, None] - t[:, others]) / (t[:, j : j + 1] - t[:, others]), axis=1)
    return np.asarray(np.einsum("mj,mjk->mk", weights, places[window]))
