"""Clicks that no signal makes: light of the sky by day, twilight and night, and dark counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.constants import PLANCK, SPEED_OF_LIGHT
from satqn.errors import InputError
from satqn.physics.checks import in_range

FloatArray = NDArray[np.float64]
PartOfDay = Literal["day", "twilight", "night"]

SUNRISE = np.radians(-50.0 / 60.0)
"""Geometric elevation of the Sun's centre at sunrise, rad: 34' of refraction and 16' of radius.
Source: US Naval Observatory, "Rise, Set, and Twilight Definitions"."""

ASTRONOMICAL_DUSK = np.radians(-18.0)
"""Elevation of the Sun below which it lights no part of the sky, rad. Source: as above."""


@dataclass(frozen=True, slots=True)
class SkyRadiance:
    """Spectral radiance of the sky that a receiver looks at; there is no default, it depends on the site.

    Parameters
    ----------
    day, twilight, night
        W / (m^2 sr m): one W/(m^2 sr nm) is 1e9 of them. ``twilight`` holds from sunset to the end of
        astronomical dusk: give that of its brightest moment in use.
    source
        Where the three numbers are from; not empty.
    """

    day: float
    twilight: float
    night: float
    source: str

    def __post_init__(self) -> None:
        for part in ("day", "twilight", "night"):
            in_range(f"radiance by {part}", getattr(self, part), 0.0, unit="W/(m^2 sr m)")
        if not self.source.strip():
            raise InputError("a radiance of the sky without a source", fix="Say where the numbers are from")

    def at(self, sun_elevation: ArrayLike) -> FloatArray:
        """Return the radiance for elevations of the Sun at the receiver, rad."""
        sun = in_range("elevation of the Sun", sun_elevation, -np.pi / 2, np.pi / 2, unit="rad")
        dark = np.where(sun > ASTRONOMICAL_DUSK, self.twilight, self.night)
        return np.asarray(np.where(sun > SUNRISE, self.day, dark))


def part_of_day(sun_elevation: float) -> PartOfDay:
    """Return ``day``, ``twilight`` or ``night`` for an elevation of the Sun's centre, rad."""
    sun = float(in_range("elevation of the Sun", sun_elevation, -np.pi / 2, np.pi / 2, unit="rad"))
    if sun > SUNRISE:
        return "day"
    return "twilight" if sun > ASTRONOMICAL_DUSK else "night"


def field_of_view(angle: ArrayLike) -> FloatArray:
    """Return the solid angle, sr, of a cone whose full opening angle is ``angle``, in (0, pi) rad."""
    full = in_range("field of view", angle, 0.0, np.pi, above=True, unit="rad")
    return np.asarray(4.0 * np.pi * np.square(np.sin(full / 4.0)))


def sky_photon_rate(
    radiance: ArrayLike,
    solid_angle: ArrayLike,
    aperture_area: ArrayLike,
    bandwidth: ArrayLike,
    wavelength: ArrayLike,
    efficiency: ArrayLike,
) -> FloatArray:
    """Return the photons of the sky that a receiver counts per second.

    Parameters
    ----------
    radiance
        L_sky, W / (m^2 sr m): see :class:`SkyRadiance`.
    solid_angle
        Omega, sr: see :func:`field_of_view`.
    aperture_area
        A, m^2.
    bandwidth
        Width of the filter, m.
    wavelength
        m.
    efficiency
        Of receiver optics, filter and detector together, in [0, 1].

    Notes
    -----
    L Omega A dlambda lambda/(h c) eta. Source: specification of links, section 1 (there times the window).

    Examples
    --------
    1.5e-5 W/(m^2 sr um) over 100 microradians, a telescope of 1 m, a filter of 1 nm:

    >>> rate = sky_photon_rate(15.0, field_of_view(100e-6), np.pi * 0.25, 1e-9, 810e-9, 0.25)
    >>> round(float(rate), 1)
    94.3
    """
    watts = (
        in_range("radiance", radiance, 0.0, unit="W/(m^2 sr m)")
        * in_range("solid angle", solid_angle, 0.0, 4.0 * np.pi, unit="sr")
        * in_range("aperture area", aperture_area, 0.0, unit="m^2")
        * in_range("bandwidth", bandwidth, 0.0, unit="m")
    )
    photon = PLANCK * SPEED_OF_LIGHT / in_range("wavelength", wavelength, 0.0, above=True, unit="m")
    return np.asarray(watts / photon * in_range("efficiency", efficiency, 0.0, 1.0))


def noise_per_window(photon_rate: ArrayLike, dark_count_rate: ArrayLike, window: ArrayLike) -> FloatArray:
    """Return the expected clicks without signal in one detection window.

    Parameters
    ----------
    photon_rate, dark_count_rate
        Of the sky (:func:`sky_photon_rate`) and of the detectors, 1/s.
    window
        s: the coincidence window of a continuous source, the gate of a pulsed one.
    """
    sky = in_range("photon rate", photon_rate, 0.0, unit="1/s")
    dark = in_range("dark count rate", dark_count_rate, 0.0, unit="1/s")
    return np.asarray((sky + dark) * in_range("window", window, 0.0, unit="s"))
