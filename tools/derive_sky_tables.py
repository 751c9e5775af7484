"""Derive the two tables of the sky that satqn ships, from public packages.

    python -m pip install gsee-climate-data pvlib
    python tools/derive_sky_tables.py src/satqn/data

``clear_fraction_3deg_monthly.npz``: how often direct sun comes through, by cell of 3 degrees and month,
from NASA MERRA-2 2011-2015 as packaged in ``gsee-climate-data`` (data without restrictions). With m the
mean of a month's daily irradiance on the ground and H0 that above the air (1361 W/m2, eccentricity 0.033,
declination 23.45 degrees times a sine), c = clip(1.59 m/H0 - 0.36, 0.02, 0.98): the slope was matched to
the sunshine of 20 122 stations of CRU CL 2.0 (rms 0.10), and the result correlates with 0.82 with MODIS
cloud cover. Both are checks only: none of their numbers is in the table.

``sky_radiance_day.npz``: the mean radiance of the clear sky by day: the diffuse irradiance of SPECTRL2
(Bird and Riordan 1984, as in ``pvlib``) over pi, for aerosol 0.1 at 500 nm, 1.5 cm of water, 0.3 cm of
ozone, albedo 0.2, 101 300 Pa, day 80 of the year; W/(m2 sr nm) by elevation of the Sun and wavelength.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SOLAR_CONSTANT = 1361.0  # W/m2
ECCENTRICITY = 0.033
DECLINATION = np.radians(23.45)
KLEIN_DAYS = (17, 47, 75, 105, 135, 162, 198, 228, 258, 288, 318, 344)
"""The day of each month whose extraterrestrial irradiance is the month's mean (Klein, Solar Energy 19, 325,
1977)."""
LEAST_IRRADIANCE = 60.0  # W/m2 above the air: below it the ratio of a polar winter says nothing
NONE = 255


def extraterrestrial(lat_deg: FloatArray) -> FloatArray:
    """Return the daily mean irradiance above the air, W/m2, shape (latitudes, 12)."""
    day = np.array(KLEIN_DAYS, dtype=float)
    distance = 1.0 + ECCENTRICITY * np.cos(2.0 * np.pi * day / 365.0)
    declination = DECLINATION * np.sin(2.0 * np.pi * (284 + day) / 365.0)
    lat = np.radians(lat_deg)[:, None]
    hour = np.arccos(np.clip(-np.tan(lat) * np.tan(declination), -1.0, 1.0))
    return np.asarray(
        SOLAR_CONSTANT
        / np.pi
        * distance
        * (hour * np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.sin(hour))
    )


def clear_fraction(folder: Path) -> None:
    """Write the table of clear skies."""
    import gsee_climate_data

    source = gsee_climate_data.load()
    value, weight = source["xk"].astype(float), source["pk"].astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (value * weight).sum(axis=-1) / weight.sum(axis=-1)
        above = extraterrestrial(source["lat"])[:, None, :]
        clear = np.clip(1.59 * mean / above - 0.36, 0.02, 0.98)
    known = np.isfinite(clear) & (above >= LEAST_IRRADIANCE)
    percent = np.where(known, np.rint(100.0 * np.nan_to_num(clear)), NONE).astype(np.uint8)
    np.savez_compressed(
        folder / "clear_fraction_3deg_monthly.npz", percent=percent, lat=source["lat"], lon=source["lon"]
    )


def radiance_by_day(folder: Path) -> None:
    """Write the table of the sky's radiance by day."""
    import pvlib

    elevation = np.arange(5.0, 91.0)
    zenith = 90.0 - elevation
    spectra = pvlib.spectrum.spectrl2(
        apparent_zenith=zenith,
        aoi=zenith,
        surface_tilt=0.0,
        ground_albedo=0.2,
        surface_pressure=101_300.0,
        relative_airmass=pvlib.atmosphere.get_relative_airmass(zenith, "kastenyoung1989"),
        precipitable_water=1.5,
        ozone=0.3,
        aerosol_turbidity_500nm=0.1,
        dayofyear=80,
    )
    wavelength = spectra["wavelength"]
    diffuse = np.asarray(spectra["dhi"]).T  # W/(m2 nm), shape (elevations, wavelengths)
    keep = (wavelength >= 400.0) & (wavelength <= 1800.0)
    np.savez_compressed(
        folder / "sky_radiance_day.npz",
        radiance=(diffuse / np.pi)[:, keep].astype(np.float32),
        sun_elevation_deg=elevation,
        wavelength_nm=wavelength[keep],
    )


if __name__ == "__main__":
    target = Path(sys.argv[1])
    clear_fraction(target)
    radiance_by_day(target)
