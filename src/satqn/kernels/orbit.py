"""Kepler orbits that J2 turns: positions of many satellites at many times, turned with the Earth."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]

_KEPLER_STEPS = 50
"""Newton from E = pi converges for every e < 1; more than 10 steps are needed only near e = 1."""


@njit(cache=True)
def eccentric_anomaly(mean_anomaly: float, eccentricity: float) -> float:
    """Return E of Kepler's equation M = E - e sin E, rad, to rounding."""
    turn = 2.0 * math.pi
    m = mean_anomaly - turn * math.floor(mean_anomaly / turn)
    e = math.pi if eccentricity > 0.8 else m + eccentricity * math.sin(m)
    for _ in range(_KEPLER_STEPS):
        step = (e - eccentricity * math.sin(e) - m) / (1.0 - eccentricity * math.cos(e))
        e -= step
        if abs(step) < 1e-14:
            break
    return e


@njit(cache=True)
def turned_positions(
    shape: FloatArray,
    angles: FloatArray,
    rates: FloatArray,
    seconds: FloatArray,
    earth_angle: FloatArray,
    out: FloatArray,
) -> None:
    """Write Earth-fixed positions of orbits whose angles grow evenly.

    Parameters
    ----------
    shape
        Semi-major axis (m), eccentricity and inclination (rad), shape (n, 3).
    angles
        Right ascension of the node, argument of perigee and mean anomaly at t = 0, rad, shape (n, 3).
    rates
        Of the three angles, rad/s, shape (n, 3).
    seconds
        Times t, shape (T,).
    earth_angle
        Sidereal angle at those times, rad, shape (T,).
    out
        Shape (n, T, 3), m.
    """
    for i in range(shape.shape[0]):
        a, e = shape[i, 0], shape[i, 1]
        cos_i, sin_i = math.cos(shape[i, 2]), math.sin(shape[i, 2])
        minor = math.sqrt(1.0 - e * e)
        for k in range(seconds.size):
            t = seconds[k]
            node = angles[i, 0] + rates[i, 0] * t - earth_angle[k]
            perigee = angles[i, 1] + rates[i, 1] * t
            anomaly = angles[i, 2] + rates[i, 2] * t
            if e == 0.0:
                along, across = a * math.cos(perigee + anomaly), a * math.sin(perigee + anomaly)
            else:
                ecc = eccentric_anomaly(anomaly, e)
                x, y = a * (math.cos(ecc) - e), a * minor * math.sin(ecc)
                cos_w, sin_w = math.cos(perigee), math.sin(perigee)
                along, across = cos_w * x - sin_w * y, sin_w * x + cos_w * y
            cos_n, sin_n = math.cos(node), math.sin(node)
            level = across * cos_i
            out[i, k, 0] = cos_n * along - sin_n * level
            out[i, k, 1] = sin_n * along + cos_n * level
            out[i, k, 2] = across * sin_i
