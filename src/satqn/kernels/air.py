"""Air along straight lines above an ellipsoid: the integral of an exponential atmosphere, line by line."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]

DEPTHS = 40.0
"""Scale heights above the lowest point after which the rest of the air is below 1e-17 of it."""

NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)

_LOWEST_STEPS = 10
"""Steps towards the lowest point: exact after one on a sphere, each gains 1/flattening on an ellipsoid."""

_REACH_STEPS = 12
"""Newton steps towards an altitude, from the far end: quadratic, and never beyond it (convexity)."""

_NEAR = 1e-6
"""m: steps smaller than this end a search."""


@njit(cache=True)
def _above(x: float, y: float, z: float, radius: float, flattening: float) -> tuple[float, float, float]:
    """Return altitude (m), and what multiplies (x, y) and stands for z in the vertical there.

    One step of Bowring's iteration: its latitude is right to 1e-8 rad, and the altitude, which is
    stationary in the latitude, to rounding.
    """
    e2, ratio = flattening * (2.0 - flattening), 1.0 - flattening
    p = math.sqrt(x * x + y * y)
    c, s = ratio * p, z
    size = math.sqrt(c * c + s * s)
    if size == 0.0:
        return -radius, 0.0, 0.0
    c, s = c / size, s / size
    c, s = p - e2 * radius * c * c * c, z + e2 / ratio * radius * s * s * s
    size = math.sqrt(c * c + s * s)
    c, s = c / size, s / size
    altitude = p * c + z * s - radius * math.sqrt(1.0 - e2 * s * s)
    return altitude, (c / p if p > 0.0 else 0.0), s


@njit(cache=True)
def _height(start: FloatArray, way: FloatArray, along: float, radius: float, flattening: float) -> float:
    x, y, z = start[0] + along * way[0], start[1] + along * way[1], start[2] + along * way[2]
    return _above(x, y, z, radius, flattening)[0]


@njit(cache=True)
def _climb(
    start: FloatArray, way: FloatArray, along: float, radius: float, flattening: float
) -> tuple[float, float, float]:
    """Return altitude, its slope along the line, and the distance from the centre."""
    x, y, z = start[0] + along * way[0], start[1] + along * way[1], start[2] + along * way[2]
    altitude, level, up = _above(x, y, z, radius, flattening)
    slope = level * (x * way[0] + y * way[1]) + up * way[2]
    return altitude, slope, math.sqrt(x * x + y * y + z * z)


@njit(cache=True)
def _rising_air(
    start: FloatArray,
    way: FloatArray,
    foot: float,
    end: float,
    radius: float,
    flattening: float,
    scale: float,
) -> float:
    """Return the integral of exp(-h/H) ds, m, from the lowest point at ``foot`` to ``end`` on either side."""
    if foot == end:
        return 0.0
    goal = _height(start, way, foot, radius, flattening) + DEPTHS * scale
    sign = 1.0 if end > foot else -1.0
    along = abs(end - foot)
    for _ in range(_REACH_STEPS):
        altitude, slope, _ = _climb(start, way, foot + sign * along, radius, flattening)
        if altitude <= goal:
            break
        step = (altitude - goal) / (sign * slope)
        along = max(along - step, 0.0)
        if step < _NEAR:
            break
    half = 0.5 * along
    total = 0.0
    for k in range(NODES.size):
        place = foot + sign * half * (1.0 + NODES[k])
        total += WEIGHTS[k] * math.exp(-_height(start, way, place, radius, flattening) / scale)
    return total * half


@njit(cache=True)
def line_air(
    starts: FloatArray,
    ways: FloatArray,
    lengths: FloatArray,
    radius: float,
    flattening: float,
    scale: float,
    out: FloatArray,
) -> None:
    """Write the integral of exp(-h/H) ds/H along lines.

    Parameters
    ----------
    starts, ways
        Earth-fixed positions (m) and unit vectors, shape (n, 3).
    lengths
        m, shape (n,).
    radius, flattening
        Equatorial radius (m) and flattening of the Earth.
    scale
        Scale height H, m.
    out
        Shape (n,).

    Notes
    -----
    From the lowest point towards either end as far as 40 H above it, 48 Gauss-Legendre points each.
    """
    for i in range(lengths.size):
        start, way, length = starts[i], ways[i], lengths[i]
        foot = 0.0
        for _ in range(_LOWEST_STEPS):
            _, slope, distance = _climb(start, way, foot, radius, flattening)
            next_foot = min(max(foot - distance * slope, 0.0), length)
            moved = abs(next_foot - foot)
            foot = next_foot
            if moved < _NEAR:
                break
        total = _rising_air(start, way, foot, length, radius, flattening, scale)
        out[i] = (total + _rising_air(start, way, foot, 0.0, radius, flattening, scale)) / scale
