"""Time and frames against published numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import numpy as np
import pytest

from satqn.earth import WGS84
from satqn.errors import InputError
from satqn.orbits.frames import DAY, SIDEREAL_RATE, earth_fixed, julian_date, moment_of, sidereal_angle
from satqn.orbits.sun import sun_direction, sun_elevation


def test_teme_to_earth_fixed_of_vallado():
    """Example 3-15 and AIAA 2006-6753, appendix C: 6 April 2004, 07:51:28.386009 UTC, UT1 - UTC -0.439961 s.

    The published sidereal time is from one double of the Julian date: 40 microseconds, 2 cm here.
    """
    day, fraction = julian_date(datetime(2004, 4, 6, 7, 51, 28, 386009, tzinfo=UTC))
    angle = sidereal_angle(day, fraction - 0.439961 / DAY)
    fixed = earth_fixed([5094.18016210, 6127.64465950, 6380.34453270], angle)
    np.testing.assert_allclose(fixed, [-1033.47503136, 7901.30558557, 6380.3445327], atol=2e-5)
    # With polar motion it is this: what ignoring it costs is below 20 m.
    itrf = np.array([-1033.4793830, 7901.2952754, 6380.3565958])
    assert np.linalg.norm(fixed - itrf) < 0.02


def test_sidereal_angle_of_vallado_and_of_exact_fractions():
    """Example 3-5: 20 August 1992, 12:14 UT1, 152.578787810 degrees, published from one double (4e-8)."""
    angle = float(np.degrees(sidereal_angle(*julian_date(datetime(1992, 8, 20, 12, 14, tzinfo=UTC)))))
    assert angle == pytest.approx(152.578787810, abs=5e-8)
    century = (Fraction(24488545, 10) + Fraction(734, 1440) - 2_451_545) / 36_525
    hours = 876_600 * 3600 + Fraction("8640184.812866")
    seconds = Fraction("67310.54841") + hours * century + Fraction("0.093104") * century**2
    exact = float((seconds - Fraction("6.2e-6") * century**3) % 86_400 / 240)
    assert angle == pytest.approx(exact, abs=1e-11)


def test_sidereal_angle_grows_evenly_and_keeps_nanoseconds():
    day, fraction = julian_date(datetime(2026, 3, 20, 23, 59, tzinfo=UTC))
    later = sidereal_angle(day, fraction + 1e-3 / DAY) - sidereal_angle(day, fraction)
    assert float(later) == pytest.approx(SIDEREAL_RATE * 1e-3, rel=1e-6)
    over = sidereal_angle(day, fraction + np.array([0.0, 120.0, 86_400.0]) / DAY)
    grown = np.mod(np.diff(over), 2 * np.pi)
    np.testing.assert_allclose(
        grown, np.mod(SIDEREAL_RATE * np.array([120.0, 86_280.0]), 2 * np.pi), atol=1e-9
    )


def test_julian_dates_go_there_and_back():
    for moment in (
        datetime(1957, 10, 4, 19, 28, 34, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    ):
        assert abs(moment_of(*julian_date(moment)) - moment) <= timedelta(microseconds=1)
    east = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert julian_date(east) == julian_date(datetime(2026, 1, 1, tzinfo=UTC)) == (2_461_041.0, 0.5)
    with pytest.raises(InputError, match="no time zone"):
        julian_date(datetime(2026, 1, 1))


def test_sun_stands_where_the_almanac_says():
    """Solstice of June 2024, noon in Greenwich: declination 23.44 degrees, equation of time -1.8 min."""
    noon = datetime(2024, 6, 20, 12, 1, 48, tzinfo=UTC)
    assert float(np.degrees(np.arcsin(sun_direction(noon, 0.0)[2]))) == pytest.approx(23.437, abs=0.01)
    highest = np.degrees(sun_elevation(WGS84.position(51.4779, 0.0), noon, np.arange(-600.0, 600.0)))
    assert highest.max() == pytest.approx(90 - 51.4779 + 23.437, abs=0.01)
    assert abs(int(np.argmax(highest)) - 600) < 15
    midnight = sun_elevation(WGS84.position(51.4779, 0.0), noon, DAY / 2)
    assert float(np.degrees(midnight)) == pytest.approx(51.4779 + 23.437 - 90, abs=0.02)
