"""Straight lines between two places in and above the atmosphere: range, elevation, lowest point, heights.

Altitude is a convex function along a straight line outside the Earth, for a sphere and for an ellipsoid:
it has one lowest point, and it rises away from it on either side. Refraction is ignored: near the horizon
it lifts a star by half a degree, at 20 degrees of elevation by 0.04 degrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.earth import WGS84, Earth
from satqn.errors import InputError

FloatArray = NDArray[np.float64]

_LOWEST_STEPS = 10
"""Steps towards the lowest point: exact after one on a sphere, each gains 1/flattening on an ellipsoid."""

_REACH_STEPS = 12
"""Newton steps towards an altitude, from the far end: quadratic, and never beyond it (convexity)."""


@dataclass(frozen=True, slots=True)
class Sightline:
    """Straight lines above an Earth; build them with :meth:`between`.

    Parameters
    ----------
    start
        Earth-fixed positions, m, shape (..., 3).
    direction
        Unit vectors, shape (..., 3).
    length
        m, >= 0, shape (...).
    earth
        What is below.

    Examples
    --------
    Two HAPs at 20 km, 400 km apart on a sphere (specification of links, section 5):

    >>> from satqn.earth import SPHERE
    >>> line = Sightline.between(
    ...     SPHERE.position(0, 0, 20e3), SPHERE.position(0, np.degrees(400e3 / 6371e3), 20e3), SPHERE)
    >>> round(float(line.length) / 1e3, 6), round(float(line.lowest_point()[1]) / 1e3, 4)
    (401.189789, 16.8512)
    """

    start: FloatArray
    direction: FloatArray
    length: FloatArray
    earth: Earth

    @classmethod
    def between(cls, start: ArrayLike, end: ArrayLike, earth: Earth = WGS84) -> Sightline:
        """Return the lines between places.

        Parameters
        ----------
        start, end
            Earth-fixed positions, m, shape (..., 3); they broadcast.
        earth
            What is below.

        Raises
        ------
        InputError
            If an end is not finite or not of three coordinates, or both are one place.
        """
        a, b = np.asarray(start, dtype=float), np.asarray(end, dtype=float)
        for one in (a, b):
            if one.ndim == 0 or one.shape[-1] != 3:
                raise InputError(f"positions of shape {one.shape}", fix="The last axis holds x, y and z in m")
        a, b = np.broadcast_arrays(a, b)
        length = np.linalg.norm(b - a, axis=-1)
        if not np.all(np.isfinite(length)):
            raise InputError("an end of a line is not finite", fix="Give positions in m")
        if np.any(length == 0.0):
            raise InputError("both ends of a line are the same place", fix="Give two places")
        return cls(a, np.asarray((b - a) / length[..., None]), np.asarray(length), earth)

    def at(self, along: ArrayLike) -> FloatArray:
        """Return the points, shape (..., 3), at distances ``along`` (m, shape (...)) from the start."""
        return np.asarray(self.start + np.asarray(along, dtype=float)[..., None] * self.direction)

    def elevation(self) -> FloatArray:
        """Return the angle, rad, of the line above the horizontal plane of its start; negative below it.

        By the arcus tangent of its vertical and horizontal parts, which is accurate in the zenith too.
        """
        up = self.earth.up(self.start)
        along = _dot(self.direction, up)
        across = np.linalg.norm(self.direction - along[..., None] * up, axis=-1)
        return np.asarray(np.arctan2(along, across))

    def reversed(self) -> Sightline:
        """Return the same lines seen from their other end."""
        return Sightline(self.at(self.length), -self.direction, self.length, self.earth)

    def lowest_point(self) -> tuple[FloatArray, FloatArray]:
        """Return the distance from the start to the lowest point, and its altitude; both in m.

        A line into the Earth has a negative one; it is exact as long as it is above the core.
        """
        along = np.zeros_like(self.length)
        for _ in range(_LOWEST_STEPS):
            place = self.at(along)
            step = np.linalg.norm(place, axis=-1) * _dot(self.direction, self.earth.up(place))
            along = np.clip(along - step, 0.0, self.length)
        return np.asarray(along), self.earth.altitude(self.at(along))

    def reach(self, altitude: ArrayLike) -> FloatArray:
        """Return how far from their start (m) lines come to an altitude, at most their length.

        Parameters
        ----------
        altitude
            m, shape (...). The start is the lowest point of the line and lies below it.
        """
        goal, along = np.asarray(altitude, dtype=float), self.length
        for _ in range(_REACH_STEPS):
            place = self.at(along)
            above = self.earth.altitude(place) - goal
            slope = np.where(above > 0.0, _dot(self.direction, self.earth.up(place)), 1.0)
            along = np.asarray(np.maximum(along - np.maximum(above, 0.0) / slope, 0.0))
        return along


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(np.sum(a * b, axis=-1))
