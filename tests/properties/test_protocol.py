"""The protocol on random small networks against plain Python, and what must hold for every network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.protocol import Protocol

from satqn.hybrid.protocol import evaluate_pairs, explain_pair
from satqn.model.hardware import FibreHardware, SatelliteHardware
from satqn.model.network import LinkTable, Network, NodeTable
from satqn.model.options import PUBLISHED, ProtocolOptions
from satqn.model.system import HybridSystem

relaxed = settings(deadline=None, max_examples=40)


@st.composite
def systems(draw, waiting=("power", "harmonic")):
    """A tree of a dozen nodes with a few more links, two or three stations and a satellite."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(4, 10))
    parent = [int(rng.integers(0, i)) for i in range(1, n)]
    pairs = {(p, i + 1) for i, p in enumerate(parent)}
    for _ in range(draw(st.integers(0, 2))):
        a, b = sorted(rng.choice(n, 2, replace=False).tolist())
        pairs.add((a, b))
    a, b = (np.array(column) for column in zip(*sorted(pairs), strict=True))
    # Whole metres: sums are exact, and ties between paths are as good as impossible.
    length = rng.integers(500, draw(st.sampled_from([20_000, 60_000])), len(pairs)).astype(float)
    nodes = NodeTable(
        np.array([f"n{i}" for i in range(n)]),
        rng.uniform(25.0, 49.0, n),
        rng.uniform(-120.0, -70.0, n),
        np.ones(n),
        np.zeros(n, dtype=bool),
    )
    start = draw(st.sampled_from([ProtocolOptions(), replace(PUBLISHED, shortest_time_s=None), PUBLISHED]))
    options = replace(
        start,
        placement=draw(st.sampled_from(["greedy", "optimal"])),
        waiting_factor=draw(st.sampled_from(waiting)),
        copies_above_table=draw(st.sampled_from(["exact", "shortcut"])),
        shared_station=draw(st.sampled_from(["use_satellite", "swap_legs"])),
        leg_direct_mode=draw(st.sampled_from(["single_link", "any"])),
        hybrid_rate=draw(st.sampled_from(["alice_only", "both_legs"])),
        purified_state=draw(st.sampled_from(["werner", "phase_flip"])),
    )
    return HybridSystem(
        network=Network.from_tables(nodes, LinkTable(a, b, length)),
        stations=np.sort(rng.choice(n, draw(st.integers(1, 3)), replace=False)),
        fibre=FibreHardware(ion_pairs=draw(st.sampled_from([1, 10]))),
        satellite=SatelliteHardware(fidelity=draw(st.sampled_from([0.87, 0.95]))),
        subpoint_lat_deg=36.8,
        subpoint_lon_deg=draw(st.sampled_from([-95.8, -60.0, 60.0])),
        options=options,
        target_fidelity=draw(st.sampled_from([0.7, 0.87])),
    )


def two_ends(system):
    return np.array([0]), np.array([len(system.network) - 1])


def same(column, expected, **near):
    """Nothing (None, or the 0 of a way that delivers nothing in time) is masked."""
    if not expected:
        return bool(np.ma.getmaskarray(column)[0])
    return not np.ma.getmaskarray(column)[0] and float(column[0]) == pytest.approx(expected, **near)


@given(systems())
@relaxed
def test_every_way_is_what_plain_python_finds(system):
    a, b = two_ends(system)
    found, expected = evaluate_pairs(system, a, b), Protocol(system).answer(int(a[0]), int(b[0]))
    assert found.fibre_length[0] == pytest.approx(expected.fibre_length, rel=1e-12)
    assert same(found.satellite_rate, expected.satellite_rate, rel=1e-10)
    assert same(found.fibre_fidelity, expected.fibre_fidelity, abs=1e-9)
    assert same(found.hybrid_fidelity, expected.hybrid_fidelity, abs=1e-9)
    times = [(found.hybrid_rate, expected.hybrid_time)]
    # The shortcut skips configurations that F(T) of the oracle includes: it has a test of its own.
    if system.options.copies_above_table == "exact":
        times.append((found.fibre_rate, expected.fibre_time))
    for column, time in times:
        assert same(column, None if time is None else 1.0 / time, rel=1e-8)


@given(systems(("power", "harmonic", "exact")))
@relaxed
def test_the_protocol_is_the_best_way(system):
    a, b = two_ends(system)
    found = evaluate_pairs(system, a, b)
    for best, chosen, ways in (
        (
            found.protocol_fidelity,
            found.protocol_by_fidelity,
            (found.fibre_fidelity, found.satellite_fidelity, found.hybrid_fidelity),
        ),
        (
            found.protocol_rate,
            found.protocol_by_rate,
            (found.fibre_rate, found.satellite_only_rate, found.hybrid_rate),
        ),
    ):
        values = [float(way.filled(0.0)[0]) for way in ways]
        assert best.filled(0.0)[0] == max(values)
        name = str(chosen[0])
        assert (
            name == "none"
            if max(values) == 0.0
            else values[["fibre", "satellite", "hybrid"].index(name)] == max(values)
        )


@given(systems(("power", "harmonic", "exact")))
@relaxed
def test_the_explanation_says_what_the_evaluation_says(system):
    a, b = two_ends(system)
    found, told = evaluate_pairs(system, a, b), explain_pair(system, int(a[0]), int(b[0]))
    for way, fidelity, rate in (
        (told.fibre, found.fibre_fidelity, found.fibre_rate),
        (told.satellite, found.satellite_fidelity, found.satellite_only_rate),
        (told.hybrid, found.hybrid_fidelity, found.hybrid_rate),
    ):
        assert same(fidelity, way.fidelity, abs=0.0)
        assert same(rate, way.rate, rel=1e-15)
    assert told.by_fidelity == found.protocol_by_fidelity[0]
    assert told.by_rate == found.protocol_by_rate[0]
    part = told.fibre.fibre[0]
    assert part.length == found.fibre_length[0]
    if told.fibre.fidelity:
        assert part.in_time is not None
        assert part.in_time.fidelity == pytest.approx(told.fibre.fidelity, abs=1e-12)
        assert part.in_time.photon_repeaters == found.fibre_photon_repeaters[0]
    if told.fibre.rate:
        assert part.at_target is not None
        assert part.at_target.fidelity >= system.target_fidelity - 1e-12
        assert 1.0 / part.at_target.time == pytest.approx(told.fibre.rate, rel=1e-12)
