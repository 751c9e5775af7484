"""Designed constellations: Walker shells, single orbits, geostationary satellites."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.constants import EARTH_GM
from satqn.earth import J2, WGS84
from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.orbits.frames import SIDEREAL_RATE, julian_date, sidereal_angle

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class MeanElements(Shown):
    """Mean Kepler elements of satellites in the frame of SGP4 (true equator, mean equinox).

    Parameters
    ----------
    epoch
        With a time zone.
    semi_major_axis
        m; the perigee is above the equatorial radius.
    eccentricity
        In [0, 1).
    inclination, raan, argument_of_perigee, mean_anomaly
        rad. All columns have shape (n,).
    """

    epoch: datetime
    semi_major_axis: FloatArray
    eccentricity: FloatArray
    inclination: FloatArray
    raan: FloatArray
    argument_of_perigee: FloatArray
    mean_anomaly: FloatArray

    def __post_init__(self) -> None:
        julian_date(self.epoch)
        columns = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(getattr(self, name), dtype=float)) for name in _COLUMNS)
        )
        for name, column in zip(_COLUMNS, columns, strict=True):
            if column.ndim != 1 or not np.all(np.isfinite(column)):
                raise InputError(f"{name} of an orbit is not a list of finite numbers")
            owned = column.copy()
            owned.flags.writeable = False
            object.__setattr__(self, name, owned)
        if np.any(wrong := ~((self.eccentricity >= 0.0) & (self.eccentricity < 1.0))):
            raise InputError(f"eccentricity is {self.eccentricity[wrong][0]:g}", fix="It must lie in [0, 1)")
        perigee = self.semi_major_axis * (1.0 - self.eccentricity) - WGS84.equatorial_radius
        if np.any(perigee <= 0.0):
            raise InputError(
                f"an orbit comes to {np.min(perigee) / 1e3:.6g} km above the equatorial radius",
                why="It would meet the ground",
                fix="Choose a higher orbit",
            )

    def __len__(self) -> int:
        return int(self.semi_major_axis.size)

    @property
    def mean_motion(self) -> FloatArray:
        """Mean motion n of the unperturbed orbit, rad/s."""
        return np.asarray(np.sqrt(EARTH_GM / self.semi_major_axis**3))

    @property
    def period(self) -> FloatArray:
        """Kepler's period 2 pi/n, s."""
        return np.asarray(2.0 * math.pi / self.mean_motion)

    def secular_rates(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the rates of node, perigee and mean anomaly under J2, rad/s, each of shape (n,).

        Notes
        -----
        Source: specification of links, section 4; D. Vallado, "Fundamentals of Astrodynamics and
        Applications", section 9.6. First order in J2, without periodic terms.
        """
        n, e, cos = self.mean_motion, self.eccentricity, np.cos(self.inclination)
        p = self.semi_major_axis * (1.0 - e * e)
        strength = J2 * n * (WGS84.equatorial_radius / p) ** 2
        node = -1.5 * strength * cos
        perigee = 0.75 * strength * (5.0 * cos**2 - 1.0)
        anomaly = n + 0.75 * strength * np.sqrt(1.0 - e * e) * (3.0 * cos**2 - 1.0)
        return np.asarray(node), np.asarray(perigee), np.asarray(anomaly)


_COLUMNS = (
    "semi_major_axis", "eccentricity", "inclination", "raan", "argument_of_perigee", "mean_anomaly",
)  # fmt: skip


def walker(
    satellites: int,
    planes: int,
    phasing: int,
    *,
    altitude: float,
    inclination: float,
    epoch: datetime,
    spread: float = 2.0 * math.pi,
    first_raan: float = 0.0,
) -> MeanElements:
    """Return a Walker constellation i: t/p/f of circular orbits, plane after plane.

    Parameters
    ----------
    satellites, planes, phasing
        t, p (which divides t) and f in [0, p): satellites of the next plane are f 360/t degrees ahead.
    altitude
        Above the equatorial radius, m.
    inclination
        rad, in [0, pi].
    epoch
        With a time zone.
    spread
        Angle over which the ascending nodes are spread, rad: 2 pi for a delta, pi for a star.
    first_raan
        Right ascension of the first node, rad.

    Notes
    -----
    Source: J. G. Walker, "Satellite constellations", Journal of the British Interplanetary Society 37,
    559 (1984).

    Examples
    --------
    >>> from datetime import UTC
    >>> shell = walker(24, 3, 1, altitude=10e6, inclination=0.96, epoch=datetime(2026, 1, 1, tzinfo=UTC))
    >>> len(shell), round(float(shell.period[0]) / 3600, 2)
    (24, 5.79)
    """
    if planes < 1 or satellites < 1 or satellites % planes:
        raise InputError(
            f"{satellites} satellites in {planes} planes", fix="Every plane has the same number, at least 1"
        )
    if not 0 <= phasing < planes:
        raise InputError(f"phasing is {phasing}", fix=f"It must lie in 0..{planes - 1}")
    if not 0.0 <= inclination <= math.pi:
        raise InputError(f"inclination is {math.degrees(inclination):g} degrees", fix="Give 0 to 180")
    plane, seat = np.divmod(np.arange(satellites), satellites // planes)
    turn = 2.0 * math.pi
    zero = np.zeros(satellites)
    return MeanElements(
        epoch,
        zero + WGS84.equatorial_radius + altitude,
        zero,
        zero + inclination,
        first_raan + spread * plane / planes,
        zero,
        turn * (seat * planes / satellites + phasing * plane / satellites),
    )


def walker_star(
    satellites: int, planes: int, phasing: int, *, altitude: float, inclination: float, epoch: datetime
) -> MeanElements:
    """Return a Walker star: :func:`walker` with the nodes spread over half a turn, for polar orbits."""
    return walker(
        satellites, planes, phasing, altitude=altitude, inclination=inclination, epoch=epoch, spread=math.pi
    )


def geostationary(lon_deg: ArrayLike, epoch: datetime) -> MeanElements:
    """Return satellites that stay above the equator at given longitudes (degrees east).

    Notes
    -----
    Their height is that at which node, perigee and anomaly together turn with the Earth under J2:
    42 166.3 km from the centre, 2.1 km above Kepler's orbit.
    """
    longitudes = np.radians(np.atleast_1d(np.asarray(lon_deg, dtype=float)))
    zero = np.zeros(longitudes.size)
    mean_longitude = longitudes + sidereal_angle(*julian_date(epoch))
    radius = (EARTH_GM / SIDEREAL_RATE**2) ** (1.0 / 3.0)
    for _ in range(5):  # contracts by 1e-4 a step
        one = MeanElements(epoch, np.array([radius]), *(np.zeros(1) for _ in range(5)))
        turning = sum(float(rate[0]) for rate in one.secular_rates())
        radius *= (turning / SIDEREAL_RATE) ** (2.0 / 3.0)
    return MeanElements(epoch, zero + radius, zero, zero, zero, zero, mean_longitude)
