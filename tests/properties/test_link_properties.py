"""What must hold for every free-space link and every kind of generation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from satqn.constants import SPEED_OF_LIGHT
from satqn.earth import SPHERE, WGS84
from satqn.physics import generation
from satqn.physics.line_budget import blocked, line_factors, line_transmission
from satqn.physics.optics import FreeSpaceOptics
from satqn.sightline import Sightline

probabilities = st.floats(0.0, 1.0)
noises = st.floats(0.0, 1.0)
fidelities = st.floats(0.26, 1.0)
optics = st.builds(
    FreeSpaceOptics,
    wavelength=st.floats(400e-9, 2e-6),
    beam_waist=st.floats(0.01, 1.0),
    receiver_radius=st.floats(0.01, 3.0),
    zenith_transmittance=st.floats(0.1, 1.0),
    pointing_jitter=st.floats(0.0, 1e-4),
    beam_wander=st.floats(0.0, 1e-4),
)


@st.composite
def lines(draw):
    earth = draw(st.sampled_from([SPHERE, WGS84]))
    lat, lon = draw(st.floats(-90, 90)), draw(st.floats(-180, 180))
    heights = [draw(st.one_of(st.floats(0, 3e4), st.floats(3e4, 4e7))) for _ in range(2)]
    away = draw(st.floats(-40, 40))
    start, end = (
        earth.position(lat, lon, heights[0]),
        earth.position(max(-90, min(90, lat + away)), lon, heights[1]),
    )
    assume(np.linalg.norm(end - start) > 10.0)
    line = Sightline.between(start, end, earth)
    assume(not bool(blocked(line)))
    return line


@given(lines(), optics)
def test_factors_are_shares_and_multiply(line, terminals):
    factors = line_factors(line, terminals)
    assert all(0.0 <= float(f) <= 1.0 for f in factors.values())
    assert float(line_transmission(line, terminals)) == pytest.approx(
        float(np.prod([float(f) for f in factors.values()])), rel=1e-12
    )


@given(lines(), optics)
def test_air_is_the_same_both_ways_and_jitter_never_helps(line, terminals):
    there, back = line_factors(line, terminals), line_factors(line.reversed(), terminals)
    assert float(there["atmosphere"]) == pytest.approx(float(back["atmosphere"]), rel=1e-9)
    still = replace(terminals, pointing_jitter=0.0, beam_wander=0.0)
    assert float(line_factors(line, still)["diffraction"]) >= float(there["diffraction"]) * (1 - 1e-12)


@given(lines(), optics, st.floats(0.01, 0.99))
def test_a_line_cut_in_two_has_the_air_of_its_parts(line, terminals, share):
    middle = line.at(line.length * share)
    assume(float(line.length) > 100.0)
    halves = [
        Sightline.between(*ends, line.earth)
        for ends in ((line.start, middle), (middle, line.at(line.length)))
    ]
    parts = [float(line_factors(half, terminals)["atmosphere"]) for half in halves]
    assert parts[0] * parts[1] == pytest.approx(float(line_factors(line, terminals)["atmosphere"]), rel=1e-7)


def limit(eta):
    """Most secret or entangled bits per use of a channel: Pirandola, Laurenza, Ottaviani, Banchi (2017)."""
    return np.inf if eta >= 1.0 else -np.log1p(-eta) / np.log(2.0)


@settings(max_examples=300)
@given(
    probabilities,
    probabilities,
    noises,
    st.floats(1.0, 1e9),
    fidelities,
    st.floats(0.0, 1e6),
    st.floats(0, 1e-6),
)
def test_no_direct_link_beats_plob(a, b, noise, source, fidelity, clicks, window):
    dual = generation.dual_downlink(
        a, b, source_rate=source, fidelity=fidelity, noise_rate_a=clicks, noise_rate_b=clicks, window=window
    )
    assert float(dual.rate) / source <= limit(a * b) * (1 + 1e-12)
    common = {"overhead": 1e-4, "fidelity": fidelity, "noise_per_window": noise}
    attempts = float(generation.attempt_rate(7, 1e5, 1e-4, SPEED_OF_LIGHT))
    sent = generation.one_sided(
        a, 1e5, source_rate=source, memory_modes=7, memory_efficiency=0.5 + b / 2, **common
    )
    assert float(sent.rate) / min(source, attempts) <= limit(a) * (1 + 1e-12)
    met = generation.midpoint(a, b, 1e5, 5e4, memory_modes=7, speed=SPEED_OF_LIGHT, **common)
    assert float(met.rate) / attempts <= limit(a * b) * (1 + 1e-12)
    for made in (dual, sent, met):
        assert 0.25 - 1e-12 <= float(made.fidelity) <= fidelity + 1e-12
        assert float(made.accidental_rate) >= 0.0


@given(st.floats(1e-3, 1e6), st.floats(0, 1e6), st.floats(0, 1e6), fidelities)
def test_more_noise_never_makes_better_pairs(true, noise, more, fidelity):
    first = float(generation.diluted_fidelity(true, noise, fidelity))
    assert float(generation.diluted_fidelity(true, noise + more, fidelity)) <= first + 1e-12
