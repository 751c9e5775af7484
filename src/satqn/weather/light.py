"""Radiance of the clear sky by the elevation of the Sun: day, twilight, night, and the full Moon."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.physics.checks import in_range

FloatArray = NDArray[np.float64]

NIGHT = 6.108e-9
"""W/(m2 sr nm) without Moon: 19.74 magnitudes per square arcsecond in I. Source: ESO SKYCALC, dark sky at
Las Campanas."""
FULL_MOON = 3.176e-8
"""W/(m2 sr nm), 45 degrees from the full Moon: 17.95 magnitudes per square arcsecond in I. Source: as
above."""
_TWILIGHT, _TWILIGHT_SLOPE, _TWILIGHT_ORIGIN = 8.168668884777345e-07, 0.41564, -7.77
"""L = NIGHT + 8.17e-7 * 10^(0.41564 (s + 7.77)), s in degrees: I band of Patat et al., A&A 455, 385 (2006),
as digitised in the sky brightness files of LSST; fit over data 0.76 to 1.01 below -7.8 degrees,
extrapolated above."""
_DUSK, _DAY = -18.0, 5.0
"""Degrees: the end of twilight, and the lowest Sun of the table by day; between 0 and it the logarithm is
interpolated."""
_I_BAND = (700.0, 900.0)
"""nm, where the twilight of the I band is taken as measured."""

SOURCE = (
    "day: diffuse light of SPECTRL2 over pi (aerosol 0.1); twilight: Patat et al. 2006, I band; "
    "night: ESO SKYCALC, I band"
)


def sky_radiance(
    sun_elevation_deg: ArrayLike, wavelength_nm: float = 810.0, *, full_moon: bool = False
) -> FloatArray:
    """Return the mean radiance of the clear sky, W/(m2 sr nm).

    Parameters
    ----------
    sun_elevation_deg
        Geometric elevation of the Sun's centre, degrees, in [-90, 90].
    wavelength_nm
        400 to 1800.
    full_moon
        Add the light of the full Moon at 45 degrees while the Sun is down.

    Notes
    -----
    By day (Sun above 5 degrees) the diffuse irradiance of SPECTRL2 over pi, linear in the wavelength; from
    0 to 5 degrees interpolated in the logarithm; twilight to -18 degrees from the I band; then night.
    Outside 700 to 900 nm the sunlit part of twilight is scaled with the sky by day at 5 degrees
    (assumption); airglow and Moon are not. It is a mean over the sky: never point within 20 degrees of the
    Sun.

    Examples
    --------
    >>> [float(f"{value:.4g}") for value in sky_radiance([60.0, 5.0, -6.0, -30.0])]
    [0.01922, 0.006304, 4.451e-06, 6.108e-09]
    """
    sun = in_range("elevation of the Sun", sun_elevation_deg, -90.0, 90.0, unit="degrees")
    wavelength = float(wavelength_nm)
    elevation, spectrum = _day(wavelength)
    scale = 1.0
    if not _I_BAND[0] <= wavelength <= _I_BAND[1]:
        scale = float(spectrum[0] / _day(800.0)[1][0])
    sunlit = _TWILIGHT * scale * 10.0 ** (_TWILIGHT_SLOPE * (np.clip(sun, _DUSK, 0.0) - _TWILIGHT_ORIGIN))
    dark = FULL_MOON if full_moon else NIGHT
    twilight = dark + np.where(sun >= _DUSK, sunlit, 0.0)
    day = np.interp(sun, elevation, spectrum)
    share = np.clip(sun / _DAY, 0.0, 1.0)
    horizon = _TWILIGHT * scale * 10.0 ** (-_TWILIGHT_SLOPE * _TWILIGHT_ORIGIN) + dark
    rising = np.exp((1.0 - share) * np.log(horizon) + share * np.log(spectrum[0]))
    return np.asarray(np.where(sun >= _DAY, day, np.where(sun > 0.0, rising, twilight)))


@lru_cache(maxsize=64)
def _day(wavelength: float) -> tuple[FloatArray, FloatArray]:
    """Return elevations of the Sun, degrees, and the radiance at a wavelength by each."""
    elevation, wavelengths, radiance = _table()
    if not wavelengths[0] <= wavelength <= wavelengths[-1]:
        raise InputError(
            f"no radiance of the sky at {wavelength:g} nm",
            fix=f"Choose {wavelengths[0]:g} to {wavelengths[-1]:g} nm, or give the sky's radiance yourself",
        )
    after = int(np.clip(np.searchsorted(wavelengths, wavelength), 1, len(wavelengths) - 1))
    left, right = wavelengths[after - 1], wavelengths[after]
    part = (wavelength - left) / (right - left)
    return elevation, (1.0 - part) * radiance[:, after - 1] + part * radiance[:, after]


@lru_cache(maxsize=1)
def _table() -> tuple[FloatArray, FloatArray, FloatArray]:
    with (files("satqn.data") / "sky_radiance_day.npz").open("rb") as file:
        table = np.load(file, allow_pickle=False)
        return (
            table["sun_elevation_deg"].astype(np.float64),
            table["wavelength_nm"].astype(np.float64),
            table["radiance"].astype(np.float64),
        )
