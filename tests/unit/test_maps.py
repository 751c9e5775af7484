"""The map projection against Snyder's numbers and the property it is named for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satqn.constants import EARTH_RADIUS
from satqn.network.datasets import us_outline
from satqn.reports.maps import NATION, albers, albers_km, us_map
from satqn.reports.style import new_figure, styled


def test_snyder_1987_numerical_example():
    x, y = albers(35.0, -75.0)
    assert float(x) / EARTH_RADIUS == pytest.approx(0.2952720, abs=5e-8)
    assert float(y) / EARTH_RADIUS == pytest.approx(0.2416774, abs=5e-8)


@given(lat=st.floats(20, 60), lon=st.floats(-140, -50))
def test_areas_are_kept(lat, lon):
    step = 1e-4
    (x1, y1), (x0, y0) = albers(lat + step, lon), albers(lat - step, lon)
    (x3, y3), (x2, y2) = albers(lat, lon + step), albers(lat, lon - step)
    area = abs((x3 - x2) * (y1 - y0) - (x1 - x0) * (y3 - y2)) / np.radians(2 * step) ** 2
    assert area == pytest.approx(EARTH_RADIUS**2 * np.cos(np.radians(lat)), rel=1e-6)


@pytest.mark.parametrize("lat", [29.5, 45.5])
def test_standard_parallels_keep_their_length(lat):
    x, y = albers(lat, np.array([-90.0, -89.999]))
    length = np.hypot(np.diff(x), np.diff(y))[0]
    assert length == pytest.approx(EARTH_RADIUS * np.cos(np.radians(lat)) * np.radians(0.001), rel=1e-8)


def test_the_map_shows_the_whole_country_without_distortion():
    with styled():
        axes = new_figure().subplots()
        us_map(axes)
    assert axes.get_aspect() == 1.0
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    for ring in dict(us_outline())[NATION]:
        x, y = albers_km(ring[:, 1], ring[:, 0])
        assert west < x.min()
        assert x.max() < east
        assert south < y.min()
        assert y.max() < north
