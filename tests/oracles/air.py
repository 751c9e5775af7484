"""Air along lines by the same rule as the kernel, in plain numpy: slow, and in the words of Sightline."""

from __future__ import annotations

import numpy as np

from satqn.sightline import Sightline

NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)


def air_mass(line, height):
    """Integral of exp(-h/H) ds/H, from the lowest point towards either end."""
    along, _ = line.lowest_point()
    foot = line.at(along)
    onwards = Sightline(foot, line.direction, line.length - along, line.earth)
    back = Sightline(foot, -line.direction, along, line.earth)
    return _rising_air(onwards, height) + _rising_air(back, height)


def _rising_air(line, height):
    top = line.earth.altitude(line.start) + 40.0 * height
    half = line.reach(top) / 2.0
    total = np.zeros_like(half)
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        total += weight * np.exp(-line.earth.altitude(line.at(half * (1.0 + node))) / height)
    return total * half / height
