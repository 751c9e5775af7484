"""Clear skies, clouds and light of the sky against the specification's vectors and independent numbers."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from satqn.cli import main
from satqn.errors import InputError
from satqn.weather.climate import clear_sky
from satqn.weather.clouds import (
    both_clear,
    cloud_free_line_of_sight,
    copula_correlation,
    draw_clear,
    transition_probabilities,
)
from satqn.weather.light import sky_radiance

CASES = json.loads((Path(__file__).parents[1] / "golden/vectors/weather.json").read_text(encoding="utf-8"))[
    "cases"
]


def of(kind: str) -> list[dict]:
    found = [case for case in CASES if case["kind"] == kind]
    assert found
    return found


@pytest.mark.parametrize("case", of("clear_fraction_by_month"), ids=lambda case: case["site"])
def test_clear_fraction(case: dict) -> None:
    found = clear_sky(case["lat_deg"], case["lon_deg"])
    assert list(found.cell) == case["cell"]
    assert found.by_month == pytest.approx(case["months"], abs=0.0051)  # the table holds whole per cent
    assert found.mean == pytest.approx(case["mean"], abs=0.005)


@pytest.mark.parametrize("case", of("sky_radiance_twilight"), ids=lambda case: str(case["sun_elevation_deg"]))
def test_twilight(case: dict) -> None:
    assert float(sky_radiance(case["sun_elevation_deg"], 800.0)) == pytest.approx(
        case["radiance_W_m2_sr_nm"], rel=1e-6
    )


@pytest.mark.parametrize(
    "case",
    of("sky_radiance_day_mean"),
    ids=lambda case: f"{case['wavelength_nm']} nm {case['sun_elevation_deg']}",
)
def test_day(case: dict) -> None:
    found = float(sky_radiance(case["sun_elevation_deg"], case["wavelength_nm"]))
    assert found == pytest.approx(case["radiance_W_m2_sr_nm"], rel=1e-5)


@pytest.mark.parametrize("case", of("cflos_elevation"))
def test_lower_lines_of_sight(case: dict) -> None:
    found = cloud_free_line_of_sight(
        case["clear_at_zenith"], math.radians(case["elevation_deg"]), case["height_over_width_4_over_pi"]
    )
    assert float(found) == pytest.approx(case["cflos"], rel=1e-12)


@pytest.mark.parametrize("case", of("two_sites"))
def test_two_sites(case: dict) -> None:
    rho = float(copula_correlation(case["distance_km"] * 1e3, case["decorrelation_km"] * 1e3))
    assert rho == pytest.approx(case["copula_correlation"], rel=1e-12)
    both = float(both_clear(*case["clear"], rho))
    assert both == pytest.approx(case["both_clear"], abs=1e-5)
    assert sum(case["clear"]) - both == pytest.approx(case["any_clear"], abs=1e-5)


@pytest.mark.parametrize("case", of("markov_step"))
def test_persistence(case: dict) -> None:
    out, back = transition_probabilities(case["clear"], case["slot_min"] * 60.0, case["e_fold_h"] * 3600.0)
    assert float(out) == pytest.approx(case["clear_to_cloudy"], rel=1e-9)
    assert float(back) == pytest.approx(case["cloudy_to_clear"], rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.02, 0.98), st.floats(0.02, 0.98), st.floats(0.0, 0.99))
def test_both_clear_is_the_bivariate_normal(a: float, b: float, rho: float) -> None:
    expected = multivariate_normal.cdf([norm.ppf(a), norm.ppf(b)], cov=[[1.0, rho], [rho, 1.0]])
    assert float(both_clear(a, b, rho)) == pytest.approx(float(expected), abs=2e-5)


def test_both_clear_at_the_ends() -> None:
    assert float(both_clear(0.6, 0.3, 0.0)) == pytest.approx(0.18, abs=1e-12)
    assert float(both_clear(0.6, 0.3, 1.0)) == pytest.approx(0.3, abs=1e-3)
    assert float(both_clear(1.0, 0.3, 0.5)) == pytest.approx(0.3, abs=1e-9)


@given(st.floats(-90.0, 90.0), st.sampled_from([500.0, 785.0, 810.0, 1064.0, 1550.0]))
def test_the_sky_grows_brighter_as_the_sun_rises(sun: float, wavelength: float) -> None:
    lower = max(-90.0, sun - 0.5)
    if sun <= 45.0:  # nearer to the zenith longer ways of light are lost again
        assert float(sky_radiance(lower, wavelength)) <= float(sky_radiance(sun, wavelength)) * (1 + 1e-12)
    assert float(sky_radiance(sun, wavelength)) <= float(sky_radiance(sun, wavelength, full_moon=True))


def test_drawn_skies_have_the_clear_share_the_joint_share_and_the_persistence() -> None:
    runs, slots, slot, tau = 4000, 12, 3600.0, 6 * 3600.0
    rho = 0.6
    sky = draw_clear([0.7, 0.4], [[1, rho], [rho, 1]], slot, slots, runs, np.random.default_rng(5), tau)
    error = 5.0 * math.sqrt(0.25 / runs)
    for station, clear in enumerate((0.7, 0.4)):
        out, _ = transition_probabilities(clear, slot, tau)
        assert np.abs(sky[:, :, station].mean(axis=0) - clear).max() < error
        was, now = sky[:, :-1, station], sky[:, 1:, station]
        assert (~now)[was].mean() == pytest.approx(float(out), abs=5 * math.sqrt(float(out) / was.sum()))
    assert (sky[:, :, 0] & sky[:, :, 1]).mean(axis=0) == pytest.approx(
        np.full(slots, float(both_clear(0.7, 0.4, rho))), abs=error
    )


def test_command_prints_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sky", "40.42,-3.70", "--at", "2026-06-21T12:00:00+02:00", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["clear_fraction_by_month"]) == 12
    assert found["time"] == "2026-06-21T10:00:00+00:00"
    hour = math.radians(15.0 * (10.0 - 12.0 - 1.8 / 60.0) - 3.70)  # equation of time on 21 June: -1.8 minutes
    sine = math.sin(math.radians(40.42)) * math.sin(math.radians(23.44)) + math.cos(
        math.radians(40.42)
    ) * math.cos(math.radians(23.44)) * math.cos(hour)
    assert found["sun_elevation_deg"] == pytest.approx(math.degrees(math.asin(sine)), abs=0.05)
    clear = found["clear_fraction_by_month"][5]
    assert found["cloud_free_line_of_sight"]["90"] == pytest.approx(clear)
    assert found["radiance_w_m2_sr_nm"] == pytest.approx(
        float(sky_radiance(found["sun_elevation_deg"], found["wavelength_nm"]))
    )


def test_polar_night_has_no_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sky", "69.65,18.96", "--at", "2026-12-21T12:00Z", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["clear_fraction_by_month"][11] is None
    assert found["cloud_free_line_of_sight"]["90"] is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("sky 40,-40", "no cloud data within 550 km"),
        ("sky -80,0", "no cloud data"),
        ("sky 95,0", "latitude 95"),
        ("sky Berlin", "is not LAT,LON"),
        ("sky 52,13 --at noon", "'noon' is not a time"),
        ("sky 52,13 --at 2026-06-21T12:00:00", "has no time zone"),
        ("sky 52,13 --at 2026-06-21T12:00:00Z --wavelength-nm 3000", "3000 nm"),
    ],
)
def test_bad_input_is_one_message(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_places_beyond_the_table_are_not_guessed() -> None:
    with pytest.raises(InputError, match="own table"):
        clear_sky(-75.0, 0.0)
