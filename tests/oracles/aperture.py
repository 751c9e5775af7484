"""What a receiver collects of a truncated beam, from the field point by point: slow and meant to be read."""

from __future__ import annotations

import numpy as np
from scipy.special import j0
from scipy.stats import ncx2


def rule(points):
    """Return a Gauss-Legendre rule on [-1, 1] of at least so many points, in pieces of 50."""
    nodes, weights = np.polynomial.legendre.leggauss(50)
    pieces = -(-points // 50)
    centres = (2.0 * np.arange(pieces) + 1.0) / pieces - 1.0
    return (centres[:, None] + nodes / pieces).ravel(), np.tile(weights / pieces, pieces)


def field(distance, radii, *, wavelength, waist, outer, inner=0.0, points=2000):
    """Return the amplitude at ``radii`` from the axis: the Fresnel integral over rings of the aperture.

    The whole beam has the power pi waist^2/2.
    """
    k = 2.0 * np.pi / wavelength
    nodes, weights = rule(points)
    r = inner + (outer - inner) * 0.5 * (nodes + 1.0)
    rings = np.exp(-((r / waist) ** 2) + 0.5j * k * r**2 / distance) * r * weights * 0.5 * (outer - inner)
    return np.array([k / distance * np.sum(rings * j0(k * r * rho / distance)) for rho in radii])


def collected(
    distance,
    *,
    wavelength,
    waist,
    outer,
    inner=0.0,
    receiver,
    shadow=0.0,
    jitter=0.0,
    reach=None,
    points=2000,
):
    """Return the mean share of the whole beam within the receiver's annulus, over Gaussian pointing errors.

    A ray that would hit at rho comes as far off as the pointing error throws it; that it lands within a
    radius is a non-central chi-square with two degrees of freedom. ``reach`` ends the integral over rho.
    """
    shift = jitter * distance
    start, end = (shadow, receiver) if jitter == 0.0 else (0.0, reach)
    nodes, weights = rule(points)
    rho = start + (end - start) * 0.5 * (nodes + 1.0)
    shine = (
        np.abs(
            field(distance, rho, wavelength=wavelength, waist=waist, outer=outer, inner=inner, points=points)
        )
        ** 2
    )
    hit = np.ones(rho.size)
    if jitter > 0.0:
        hit = ncx2.cdf((receiver / shift) ** 2, 2, (rho / shift) ** 2)
        if shadow > 0.0:
            hit -= ncx2.cdf((shadow / shift) ** 2, 2, (rho / shift) ** 2)
    power = np.sum(shine * hit * 2.0 * np.pi * rho * weights) * 0.5 * (end - start)
    return float(power / (0.5 * np.pi * waist**2))
