"""Chains of relays without memory, and the visibility of one satellite, against the specification's vectors."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import j0

from satqn.cli import main
from satqn.orbits.coverage import share_in_view
from satqn.physics.optical_relay import mode_loss, relay_chain, relay_hop
from satqn.sphere import unit_vectors

VECTORS = Path(__file__).parents[1] / "golden/vectors"
RELAYS = json.loads((VECTORS / "relays.json").read_text(encoding="utf-8"))["cases"]
SITING = json.loads((VECTORS / "siting.json").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", [case for case in RELAYS if case["kind"] == "hop"])
def test_hop(case: dict) -> None:
    hop = relay_hop(case["spacing_km"] * 1e3, case["diameter_m"], case["wavelength_nm"] * 1e-9)
    assert hop.fresnel_number == pytest.approx(case["fresnel_number"], rel=1e-12)
    assert hop.beam_radius == pytest.approx(case["beam_radius_at_lens_m"], rel=1e-12)
    assert hop.focal_length == pytest.approx(case["focal_length_km"] * 1e3)
    assert hop.diffraction_loss == pytest.approx(case["fundamental_mode_loss"], rel=1e-6)


@pytest.mark.parametrize("case", [case for case in RELAYS if case["kind"] in ("chain", "relayed_pair")])
def test_chain(case: dict) -> None:
    chain = relay_chain(
        case["ground_km"] * 1e3,
        case["altitude_km"] * 1e3,
        case["largest_spacing_km"] * 1e3,
        case["diameter_m"],
        case["wavelength_nm"] * 1e-9,
        case["other_loss_per_satellite"],
    )
    assert (chain.hops, chain.satellites) == (case["hops"], case["satellites"])
    assert chain.hop.spacing == pytest.approx(case["spacing_km"] * 1e3, rel=1e-9)
    assert chain.deflection * 1e3 == pytest.approx(case["deflection_mrad"], rel=1e-9)
    assert chain.hop.diffraction_loss == pytest.approx(case["mode_loss_per_hop"], rel=1e-6)
    assert chain.diffraction_db == pytest.approx(case["diffraction_db"], abs=1e-6)
    assert chain.other_db == pytest.approx(case["other_db"], abs=1e-6)
    assert chain.total_db == pytest.approx(case["chain_db"], abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.2, 1.1))
def test_loss_is_what_the_lowest_mode_loses_when_it_is_passed_on_again_and_again(number: float) -> None:
    """A power iteration on another grid (midpoints) finds the same mode as the eigenvalues do."""
    x = (np.arange(1500) + 0.5) / 1500
    kernel = 2 * np.pi * number * np.sqrt(np.outer(x, x)) * j0(2 * np.pi * number * np.outer(x, x)) / 1500
    field = np.exp(-np.pi * number * x * x) * np.sqrt(x)
    for _ in range(60):
        passed = kernel @ field
        kept = np.linalg.norm(passed) / np.linalg.norm(field)
        field = passed / np.linalg.norm(passed)
    assert mode_loss(number) == pytest.approx(1 - kept**2, rel=2e-3, abs=3e-6)


def test_published_claim_twenty_thousand_km_below_thirty_db() -> None:
    """Goswami and Dhara: 120 km, 0.6 m, 2 % a satellite; sharp in diameter and in wavelength."""
    assert relay_chain(20_000e3, 500e3, 120e3, 0.6, 810e-9, 0.02).total_db == pytest.approx(16.73, abs=0.01)
    assert relay_chain(20_000e3, 500e3, 120e3, 0.5, 810e-9, 0.02).diffraction_db > 7.0
    assert relay_chain(20_000e3, 500e3, 120e3, 0.6, 1550e-9, 0.02).diffraction_db > 40.0


@pytest.mark.parametrize("case", [case for case in SITING if case["kind"] == "visibility_share"])
def test_visibility(case: dict) -> None:
    places = list(zip(case["lat_deg"], case["lon_deg"], strict=True))
    share = share_in_view(
        places,
        case["altitude_km"] * 1e3,
        math.radians(case["inclination_deg"]),
        math.radians(case["mask_deg"]),
    )
    assert share == pytest.approx(case["share_of_one_satellite"], rel=3e-4, abs=1e-9)
    count = case["walker"]["T"]
    assert share * count == pytest.approx(case["simulated_40_days_mean"], rel=0.02, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-85, 85), st.floats(-180, 180)), min_size=1, max_size=3),
    st.floats(400e3, 20_000e3),
    st.floats(0, math.pi),
    st.floats(0, 1.0),
)
def test_visibility_is_the_share_of_random_positions_in_all_caps(places, altitude, inclination, mask) -> None:
    from satqn.constants import EARTH_RADIUS

    draw = np.random.default_rng(1)
    u, lon = draw.uniform(0, 2 * np.pi, 200_000), draw.uniform(-180, 180, 200_000)
    lat = np.degrees(np.arcsin(np.sin(inclination) * np.sin(u)))
    radius = EARTH_RADIUS + altitude
    where = radius * unit_vectors(lat, lon)
    seen = np.ones(len(u), dtype=bool)
    for place in places:
        up = unit_vectors(*place)
        line = where - EARTH_RADIUS * up
        seen &= (line @ up) / np.linalg.norm(line, axis=1) >= math.sin(mask)
    share = share_in_view(places, altitude, inclination, mask)
    assert share == pytest.approx(seen.mean(), abs=5 * math.sqrt(0.25 / len(u)))


def test_commands_print_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "link relay --spacing-km 120 --diameter-m 0.6 --wavelength-nm 810 --ground-km 20000 --altitude-km 500"
    )
    assert main([*words.split(), "--loss-per-satellite", "0.02", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["hops"] == 180
    assert found["total_db"] == pytest.approx(16.728562, abs=1e-6)
    assert {
        "fresnel_number",
        "beam_radius_m",
        "diffraction_loss_per_hop",
        "diffraction_db",
        "other_db",
    } <= found.keys()
    words = (
        "design visibility --ground 40.7,-74 --altitude-km 10000 --inclination-deg 56 --mask-deg 20 --json"
    )
    assert main(words.split()) == 0
    assert json.loads(capsys.readouterr().out)["share_of_one_satellite"] == pytest.approx(0.171059, abs=1e-5)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("link relay --spacing-km 0 --diameter-m 0.6", "spacing is 0"),
        ("link relay --spacing-km 120 --diameter-m -1", "diameter is -1"),
        ("link relay --spacing-km 120 --diameter-m 0.6 --wavelength-nm nan", "wavelength is nan"),
        ("link relay --spacing-km 120 --diameter-m 0.6 --ground-km 30000", "ground distance is"),
        (
            "link relay --spacing-km 120 --diameter-m 0.6 --ground-km 300 --loss-per-satellite 1",
            "loss per satellite",
        ),
        ("design visibility --ground 95,0 --altitude-km 500 --inclination-deg 50", "--ground"),
        ("design visibility --ground 5,0 --altitude-km -500 --inclination-deg 50", "altitude is -500"),
        ("design visibility --ground 5,0 --altitude-km 500 --inclination-deg 500", "inclination is 500"),
        ("design visibility --ground 5,0 --altitude-km 500 --inclination-deg 50 --mask-deg 90", "mask is 90"),
        (
            "design visibility --ground 5,0 --altitude-km 500 --inclination-deg 50 --satellites 0",
            "satellites is 0",
        ),
    ],
)
def test_bad_input_is_one_message(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
