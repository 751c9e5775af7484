"""Slow, obvious geometry of a line above an ellipsoid: foot points by search, integrals by adaptive rules."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from scipy.integrate import quad
from scipy.optimize import minimize_scalar


def altitude(position, a, f):
    """Height above the ellipsoid: the distance to the nearest point of its meridian, by search."""
    x, y, z = position
    p, b = math.hypot(x, y), a * (1.0 - f)

    def away(beta):
        return math.hypot(p - a * math.cos(beta), z - b * math.sin(beta))

    guess = math.atan2(z, p)
    found = minimize_scalar(
        away, bounds=(guess - 0.1, guess + 0.1), method="bounded", options={"xatol": 1e-12}
    )
    inside = (p / a) ** 2 + (z / b) ** 2 < 1.0
    return -found.fun if inside else found.fun


def air_mass_on_sphere(height, elevation, length, radius, scale):
    """Integral of exp(-h/H) ds/H from a height along a line of an elevation, by adaptive quadrature."""
    r = radius + height

    def air(s):
        return (
            math.exp(-(math.sqrt(r * r + 2.0 * r * s * math.sin(elevation) + s * s) - radius) / scale) / scale
        )

    lowest = -r * math.sin(elevation)
    marks = lowest + np.array([-1e6, -2e5, -5e4, 0.0, 5e4, 2e5, 1e6])
    inner = sorted(m for m in [*marks, 1e4, 1e5] if 0.0 < m < length)
    edges = [0.0, *inner, length]
    return sum(quad(air, low, high, epsabs=0.0, epsrel=1e-12, limit=200)[0] for low, high in pairwise(edges))
