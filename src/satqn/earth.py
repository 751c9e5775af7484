"""The figure of the Earth: a sphere for the published figures, WGS-84 for real places and orbits.

Positions are Earth-fixed vectors in m, in the last axis of an array: x towards 0 N 0 E, y towards 0 N 90 E,
z towards the North Pole. A sphere is an ellipsoid of flattening 0, so one set of formulas serves both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.constants import EARTH_RADIUS
from satqn.errors import InputError

FloatArray = NDArray[np.float64]
EarthName = Literal["sphere", "wgs84"]

J2 = 1.08262668e-3
"""Second zonal harmonic of the Earth's gravity. Source: EGM96, C20 = -4.84165372e-4 times -sqrt(5)."""

_LATITUDE_STEPS = 2
"""Steps of Bowring's iteration: one is right to 5e-7 degrees at every height, two to rounding."""


@dataclass(frozen=True, slots=True)
class Earth:
    """An ellipsoid of revolution about the Earth's axis.

    Parameters
    ----------
    equatorial_radius
        m.
    flattening
        1 - polar/equatorial radius, in [0, 1).
    """

    equatorial_radius: float
    flattening: float

    @property
    def eccentricity_squared(self) -> float:
        """Square of the first eccentricity of a meridian."""
        return self.flattening * (2.0 - self.flattening)

    def position(self, lat_deg: ArrayLike, lon_deg: ArrayLike, altitude: ArrayLike = 0.0) -> FloatArray:
        """Return Earth-fixed positions of geodetic places.

        Parameters
        ----------
        lat_deg, lon_deg
            Degrees north, in [-90, 90], and east, finite; they broadcast.
        altitude
            Height above the ellipsoid along its normal, m.

        Returns
        -------
        NDArray[np.float64]
            Shape (..., 3), m.

        Raises
        ------
        InputError
            For a latitude, longitude or altitude that is no place, or is deeper than the Earth's core.

        Examples
        --------
        >>> WGS84.position(90.0, 0.0, 0.0).round(3).tolist()
        [0.0, 0.0, 6356752.314]
        """
        lat, lon, h = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (lat_deg, lon_deg, altitude)))
        for name, value, wrong in (
            ("latitude", lat, ~(np.abs(lat) <= 90.0)),
            ("longitude", lon, ~np.isfinite(lon)),
            ("altitude", h, ~(np.isfinite(h) & (h > -0.5 * self.equatorial_radius))),
        ):
            if np.any(wrong):
                raise InputError(
                    f"{name} is {value[wrong].flat[0]:.10g} {'m' if name == 'altitude' else 'degrees'}",
                    fix="A latitude lies in [-90, 90]; longitude and altitude are finite",
                )
        phi, lam = np.radians(lat), np.radians(lon)
        cos_phi = np.where(np.abs(lat) == 90.0, 0.0, np.cos(phi))
        e2 = self.eccentricity_squared
        prime_vertical = self.equatorial_radius / np.sqrt(1.0 - e2 * np.sin(phi) ** 2)
        across = (prime_vertical + h) * cos_phi
        up = ((1.0 - e2) * prime_vertical + h) * np.sin(phi)
        return np.stack([across * np.cos(lam), across * np.sin(lam), up], axis=-1)

    def _normal(self, position: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return distance from the axis, height above the equator, and cosine and sine of the latitude.

        Notes
        -----
        Source: B. R. Bowring, "Transformation from spatial to geographical coordinates", Survey Review
        23 (1976), iterated on the parametric latitude as sine and cosine, so that poles are no exception.
        """
        x, y, z = np.moveaxis(np.asarray(position, dtype=float), -1, 0)
        p = np.hypot(x, y)
        a, e2, ratio = self.equatorial_radius, self.eccentricity_squared, 1.0 - self.flattening
        cos_beta, sin_beta = _unit(ratio * p, z)
        cos_phi, sin_phi = cos_beta, sin_beta
        for _ in range(_LATITUDE_STEPS if self.flattening else 1):
            cos_phi, sin_phi = _unit(p - e2 * a * cos_beta**3, z + e2 / ratio * a * sin_beta**3)
            cos_beta, sin_beta = _unit(cos_phi, ratio * sin_phi)
        return p, z, cos_phi, sin_phi

    def altitude(self, position: ArrayLike) -> FloatArray:
        """Return the height above the ellipsoid, m, of positions of shape (..., 3), in m.

        Valid outside a ball of 45 km about the centre, where every height has one foot.
        """
        p, z, cos_phi, sin_phi = self._normal(position)
        surface = self.equatorial_radius * np.sqrt(1.0 - self.eccentricity_squared * sin_phi**2)
        return np.asarray(p * cos_phi + z * sin_phi - surface)

    def up(self, position: ArrayLike) -> FloatArray:
        """Return the unit vectors, shape (..., 3), along which the altitude of positions grows."""
        x, y, _ = np.moveaxis(np.asarray(position, dtype=float), -1, 0)
        p, _, cos_phi, sin_phi = self._normal(position)
        safe = np.where(p > 0.0, p, 1.0)
        return np.stack([cos_phi * x / safe, cos_phi * y / safe, sin_phi], axis=-1)

    def geodetic(self, position: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return latitude and longitude in degrees and altitude in m, the inverse of :meth:`position`."""
        x, y, _ = np.moveaxis(np.asarray(position, dtype=float), -1, 0)
        _, _, cos_phi, sin_phi = self._normal(position)
        lat_deg = np.degrees(np.arctan2(sin_phi, cos_phi))
        return np.asarray(lat_deg), np.asarray(np.degrees(np.arctan2(y, x))), self.altitude(position)


def _unit(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    length = np.hypot(x, y)
    centre = length == 0.0  # any direction is as good as another there
    safe = np.where(centre, 1.0, length)
    return np.asarray(np.where(centre, 1.0, x / safe)), np.asarray(y / safe)


SPHERE = Earth(EARTH_RADIUS, 0.0)
"""The spherical Earth of shao2025."""

WGS84 = Earth(6_378_137.0, 1.0 / 298.257223563)
"""The World Geodetic System 1984. Source: NGA.STND.0036, table 3.1."""

EARTHS: dict[str, Earth] = {"sphere": SPHERE, "wgs84": WGS84}
"""Both by the name that options use."""
