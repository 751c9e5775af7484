"""Light of the sky, parts of the day, dark counts."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.errors import InputError
from satqn.physics import background

SKY = background.SkyRadiance(day=1e6, twilight=1e3, night=15.0, source="made up for this test")


@pytest.mark.parametrize(
    ("elevation_deg", "part", "radiance"),
    [
        (60, "day", 1e6),
        (-0.8, "day", 1e6),
        (-0.9, "twilight", 1e3),
        (-17, "twilight", 1e3),
        (-19, "night", 15.0),
    ],
)
def test_part_of_day(elevation_deg, part, radiance):
    assert background.part_of_day(np.radians(elevation_deg)) == part
    assert float(SKY.at(np.radians(elevation_deg))) == radiance


def test_photons_are_counted_one_by_one():
    """One photon of 810 nm a second per unit of everything else."""
    energy = 6.62607015e-34 * 299_792_458.0 / 810e-9
    assert float(background.sky_photon_rate(energy, 1.0, 1.0, 1.0, 810e-9, 1.0)) == pytest.approx(1.0)
    assert float(background.sky_photon_rate(energy, 1.0, 2.0, 1.0, 810e-9, 0.5)) == pytest.approx(1.0)


def test_field_of_view_is_a_cap():
    assert float(background.field_of_view(1e-4)) == pytest.approx(np.pi * (0.5e-4) ** 2, rel=1e-8)
    assert float(background.field_of_view(np.pi)) == pytest.approx(2 * np.pi)


def test_noise_in_a_window():
    assert float(background.noise_per_window(900.0, 100.0, 1e-9)) == pytest.approx(1e-6)


def test_a_radiance_needs_a_source():
    with pytest.raises(InputError, match="source"):
        background.SkyRadiance(1.0, 1.0, 1.0, " ")
    with pytest.raises(InputError, match="night is -1"):
        background.SkyRadiance(1.0, 1.0, -1.0, "x")
