"""Places that are fixed or circle slowly: ground stations, and HAPs that keep their station."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.earth import WGS84, Earth
from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.orbits.frames import julian_date

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class Platforms(Shown):
    """Platforms that circle above a place, clockwise; with radius 0 they stand still.

    Parameters
    ----------
    lat_deg, lon_deg
        Centre of the circle, degrees.
    altitude
        m above the Earth.
    radius
        Of the circle, m, >= 0.
    period
        Of one round, s, > 0; without meaning where the radius is 0.
    earth
        Figure of the Earth. All columns broadcast to shape (n,).

    Notes
    -----
    A platform is over the east of its circle when it is midnight UTC and a whole number of periods later.
    """

    lat_deg: ArrayLike
    lon_deg: ArrayLike
    altitude: ArrayLike
    radius: ArrayLike = 0.0
    period: ArrayLike = 3600.0
    earth: Earth = WGS84

    def __post_init__(self) -> None:
        names = ("lat_deg", "lon_deg", "altitude", "radius", "period")
        columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(getattr(self, n), float)) for n in names))
        for name, column in zip(names, columns, strict=True):
            object.__setattr__(self, name, column.copy())
        if not (np.all(columns[3] >= 0.0) and np.all(columns[4] > 0.0)):
            raise InputError(
                f"a circle of radius {columns[3].min():g} m and period {columns[4].min():g} s",
                fix="The radius is at least 0, the period above 0",
            )
        self.earth.position(*columns[:3])

    def __len__(self) -> int:
        return int(np.size(self.lat_deg))

    def positions(
        self, start: datetime, seconds: ArrayLike, first: int = 0, last: int | None = None
    ) -> FloatArray:
        """Return Earth-fixed positions, m, shape (last - first, T, 3), at ``seconds`` after ``start``."""
        run = slice(first, last)
        lat, lon, altitude, radius, period = (
            np.asarray(getattr(self, name))[run, None]
            for name in ("lat_deg", "lon_deg", "altitude", "radius", "period")
        )
        times = np.atleast_1d(np.asarray(seconds, dtype=float))
        since_midnight = ((julian_date(start)[1] + 0.5) % 1.0) * 86_400.0
        angle = 2.0 * np.pi * (since_midnight + times) / period
        centre = self.earth.position(lat, lon, altitude)
        up, turn = self.earth.up(centre), np.radians(lon)
        east = np.stack([-np.sin(turn), np.cos(turn), np.zeros_like(turn)], axis=-1)
        south = np.cross(east, up)
        aside = (radius * np.cos(angle))[..., None] * east + (radius * np.sin(angle))[..., None] * south
        here_lat, here_lon, _ = self.earth.geodetic(centre + aside)
        return self.earth.position(here_lat, here_lon, np.broadcast_to(altitude, here_lat.shape))
