"""What links deliver in slots: against sampling every second, and what a plan may count on."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.oracles import topology as oracle
from tests.oracles.routing import cost_g as oracle_g
from tests.oracles.topology import EAST, EPOCH, HARDWARE, LEO, MEO, NORTH, WEST, setting

from satqn.errors import InputError
from satqn.links import satellite_link
from satqn.physics import fiber
from satqn.topology.fibres import fibre_chosen, fibre_delivers, fibre_lengths
from satqn.topology.lines import sky_rate
from satqn.topology.making import sent_down
from satqn.topology.sight import View, views
from satqn.topology.state import common_view, link_state

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failing case is told as it is: to shrink one takes minutes."""

HAPS = (
    {"id": "Low", "lat_deg": 40.6, "lon_deg": -74.3, "altitude_km": 10, "terminal": "hap"},
    {"id": "High", "lat_deg": 40.8, "lon_deg": -73.9, "altitude_km": 20, "terminal": "hap",
     "circle_radius_km": 8, "circle_period_s": 1500},
)  # fmt: skip
SLOW = {**HARDWARE, "repeater": {**HARDWARE["repeater"], "acquisition_s": 40}}


def link(state, a, b):
    """Number of the link between two nodes."""
    return next(e for e in range(len(state)) if {state.a[e], state.b[e]} == {a, b})


def compare(on, state, e, true, good, seconds):
    """Rates to 1 %, fidelities to 1e-3, in every slot in which more than a trace arrives."""
    rate, weighted = (oracle.slot_sums(on, values, seconds) for values in (true, good))
    much = rate > 0.02 * rate.max()
    assert np.count_nonzero(much) > 1
    np.testing.assert_allclose(state.rate[much, e], rate[much], rtol=0.01)
    np.testing.assert_allclose(state.rate[:, e].sum(), rate.sum(), rtol=2e-3)
    np.testing.assert_allclose(
        state.fidelity[much, e], (weighted / np.maximum(rate, 1e-300))[much], atol=1e-3
    )


def test_links_between_memories_are_the_mean_of_every_second():
    on = setting(satellites=(LEO,), haps=HAPS, hardware=SLOW, slots=8, links={"least_rate_per_s": 0})
    state, seconds = link_state(on), oracle.every(on)
    kinds = {"base_station": 0, "aerial": 1, "satellite": 2}
    tried = {}
    for e in range(len(state)):
        a, b = on.find(state.a[e]), on.find(state.b[e])
        pair = (on.bodies[a].kind, on.bodies[b].kind)
        assert kinds[pair[0]] >= kinds[pair[1]]
        if tried.setdefault(pair, 0) < 2 and np.count_nonzero(state.up[:, e]) > 2:
            tried[pair] += 1
            compare(on, state, e, *oracle.heralded_at(on, a, b, seconds), seconds)
    assert set(tried) == {
        ("satellite", "base_station"), ("satellite", "aerial"), ("satellite", "satellite"),
        ("aerial", "base_station"), ("aerial", "aerial"),
    }  # fmt: skip
    assert min(tried.values()) >= 1
    assert (state.a[link(state, "Low", "High")], state.b[link(state, "Low", "High")]) == ("High", "Low")


def test_dual_downlinks_are_the_best_satellite_of_every_second_means():
    on = setting(satellites=(MEO,), nodes=(EAST, WEST, NORTH), slots=8, slot_s=1200.0)
    state, seconds = link_state(on), oracle.every(on, 5.0)
    satellites = [i for i, body in enumerate(on.bodies) if body.kind == "satellite"]
    for a, b in (("East", "West"), ("West", "North"), ("East", "North")):
        e = link(state, a, b)
        each = [oracle.sent_at(on, s, on.find(state.a[e]), on.find(state.b[e]), seconds) for s in satellites]
        rates = np.array([oracle.slot_sums(on, true, seconds) for true, _ in each])
        goods = np.array([oracle.slot_sums(on, good, seconds) for _, good in each])
        best = rates.argmax(axis=0)
        slots = np.arange(on.timeline.slots)
        rate, good = rates[best, slots], goods[best, slots]
        served = rate > 1e-2
        assert np.count_nonzero(served) > 2
        # The samples know the ends of a contact to half of 5 s in 1200 s.
        coarse = 5.0 / 1200.0 * rate.max()
        np.testing.assert_allclose(state.rate[served, e], rate[served], rtol=0.01, atol=coarse)
        np.testing.assert_allclose(state.fidelity[served, e], (good[served] / rate[served]), atol=1e-3)
        assert state.via[served, e].tolist() == [on.bodies[satellites[k]].id for k in best[served]]


@settings(max_examples=4, deadline=None, phases=QUICK)
@given(st.integers(0, 86_399), st.sampled_from([(2, 1200.0), (3, 700.0)]))
def test_the_pairs_of_a_plan_do_not_depend_on_its_slots(later, grid):
    slots, slot_s = grid
    start = EPOCH + timedelta(seconds=later)
    sums = []
    for half in (1, 2):
        on = setting(
            satellites=(LEO, MEO), haps=HAPS, start=start, slots=slots * half, slot_s=slot_s / half,
            links={"least_rate_per_s": 0},
        )  # fmt: skip
        state = link_state(on)
        names = [(a, b) for a, b, m in zip(state.a, state.b, state.making, strict=True) if m == "one_sided"]
        total = state.rate.sum(axis=0) * on.timeline.slot
        good = (state.rate * state.fidelity.filled(0.0)).sum(axis=0) * on.timeline.slot
        sums.append({n: (total[e], good[e]) for e, n in enumerate(names)})
    for finer in sums[1:]:
        assert sums[0].keys() == finer.keys()
        for name, values in sums[0].items():
            assert finer[name] == pytest.approx(values, rel=2e-3)


def test_views_are_those_of_dense_sampling():
    on = setting(satellites=(LEO, MEO), haps=HAPS, hardware=SLOW, slots=4, slot_s=600.0)
    seconds, found = oracle.every(on, 4.0), {(view.a, view.b): view for view in views(on)}
    checked = 0
    for a in range(len(on.bodies)):
        for b in range(len(on.bodies)):
            one, other = on.bodies[a], on.bodies[b]
            if (a, b) not in found:
                continue
            _, visible = oracle.line_at(on, a, b, seconds)
            wait = max(one.terminal.acquisition_s, other.terminal.acquisition_s)
            up = oracle.acquired(np.broadcast_to(visible, seconds.shape), seconds, wait)
            view = found[a, b]
            mine = np.any((view.begin[:, None] <= seconds) & (seconds <= view.end[:, None]), axis=0)
            assert np.count_nonzero(mine != up) <= 2 * view.begin.size  # a sample on either edge
            checked += 1
    assert checked == len(found) > 60
    hidden = [
        (a, b)
        for a in range(len(on.bodies)) for b in range(len(on.bodies))
        if on.bodies[a].kind == "satellite" and on.bodies[b].kind != "satellite" and (a, b) not in found
    ]  # fmt: skip
    for a, b in hidden:
        _, visible = oracle.line_at(on, a, b, seconds)
        assert np.count_nonzero(visible) * 4.0 <= 44.0  # nothing that outlasts the acquisition


def test_acquisition_shortens_contacts_that_begin_within_the_plan():
    quick, slow = (
        setting(satellites=(LEO,), hardware=hardware, slots=12, slot_s=600.0) for hardware in (HARDWARE, SLOW)
    )
    shorter = {(view.a, view.b): view for view in views(slow)}
    begun = 0
    for view in views(quick):
        late = np.where(view.begin > 0.0, view.begin + 40.0, 0.0)
        kept = late < view.end
        begun += np.count_nonzero(view.begin > 0.0)
        if np.any(kept):
            mine = shorter.pop((view.a, view.b))
            np.testing.assert_allclose(mine.begin, late[kept], atol=1e-5)
            np.testing.assert_allclose(mine.end, view.end[kept], atol=1e-5)
    assert not shorter
    assert begun > 10


def test_light_of_the_day_costs_fidelity_and_not_rate():
    noon = EPOCH.replace(hour=17)
    sky = {"day": 1.5e-2, "twilight": 1e-3, "night": 1e-6, "source": "a test"}
    geo = {"id": "GEO", "terminal": "source", "geostationary": {"lon_deg": [-95]}}
    found = {}
    for name, start in (("night", EPOCH + timedelta(hours=4)), ("day", noon)):
        dark, bright = (
            link_state(
                setting(satellites=(geo,), start=start, slots=2, links={"least_rate_per_s": 0}, **more)
            )
            for more in ({}, {"sky": sky})
        )
        np.testing.assert_allclose(dark.rate, bright.rate, rtol=1e-12)
        found[name] = float(dark.fidelity.mean()), float(bright.fidelity.mean())
    assert found["night"][0] == pytest.approx(found["day"][0], abs=1e-9)
    assert found["night"][0] - found["night"][1] < 0.02
    assert found["day"][1] < found["night"][1] - 0.05


def test_an_obscured_receiver_loses_that_part_of_the_light_of_the_sky():
    sky = {"day": 1.5e-2, "twilight": 1e-3, "night": 1e-6, "source": "a test"}
    geo = {"id": "GEO", "terminal": "source", "geostationary": {"lon_deg": [-95]}}
    receiver = HARDWARE["telescope"]["receiver"]
    shadowed = {**receiver, "obscuration_radius_m": 0.6 * receiver["radius_m"]}
    rates = []
    for one in (receiver, shadowed):
        hardware = {**HARDWARE, "telescope": {**HARDWARE["telescope"], "receiver": one}}
        on = setting(satellites=(geo,), hardware=hardware, start=EPOCH.replace(hour=17), sky=sky)
        rates.append(sky_rate(on, 0, on.positions(np.array([0]), np.array([0.0])), np.array([0.0])))
    assert float(rates[0][0]) > 0.0
    assert float(rates[1][0] / rates[0][0]) == pytest.approx(1.0 - 0.6**2, rel=1e-12)


def test_the_larger_of_two_coincidence_windows_counts():
    """Dark counts and lone photons do not depend on the windows: accidentals grow with the larger one."""
    geo = {"id": "GEO", "terminal": "source", "geostationary": {"lon_deg": [-95]}}
    telescope = HARDWARE["telescope"]
    coarse = {**telescope, "receiver": {**telescope["receiver"], "window_ns": 3}}

    def accidentals(first: str, second: str) -> float:
        nodes = ({**EAST, "terminal": first}, {**NORTH, "terminal": second})
        on = setting(nodes=nodes, satellites=(geo,), hardware={**HARDWARE, "coarse": coarse})
        return float(sent_down(on, on.find("GEO-1"), 0, 1, 0.0)[0].accidental_rate[0])

    narrow = accidentals("telescope", "telescope")
    assert narrow > 0.0
    for pair in (("coarse", "telescope"), ("telescope", "coarse"), ("coarse", "coarse")):
        assert accidentals(*pair) == pytest.approx(3.0 * narrow, rel=1e-12)


@pytest.mark.parametrize("law", ["secant", "integral"])
def test_the_dual_downlink_is_that_of_link_satellite(law):
    """The sphere, exact diffraction and the hardware of shao2025; every factor, at one instant."""
    shao = {
        "telescope": {"wavelength_nm": 810, "memory": HARDWARE["telescope"]["memory"], "receiver": {
            "radius_m": 0.5, "optics": 0.5, "fibre_coupling": 0.7, "spectral_filter": 0.9, "detector": 0.9,
            "dark_counts_per_s": 0, "window_ns": 1, "filter_bandwidth_nm": 1, "field_of_view_urad": 10}},
        "source": {"wavelength_nm": 810, "transmitter": {
            "beam_waist_m": 0.15, "pointing_jitter_urad": 0, "optics": 0.5, "source_pairs_per_s": 6e7,
            "source_fidelity": 0.87}},
    }  # fmt: skip
    flat = [{**node, "altitude_m": 0} for node in (EAST, NORTH)]
    on = setting(
        nodes=flat, satellites=(MEO,), hardware=shao, earth="sphere",
        links={"air_mass": law, "zenith_transmittance": 0.967},
    )  # fmt: skip
    compared = 0
    for s in range(2, len(on.bodies)):
        place = on.position(s, 777.0)[0]
        lat, lon, altitude = (float(v) for v in on.earth.geodetic(place))
        if not all(oracle.line_at(on, s, k, np.array([777.0]))[1][0] for k in (0, 1)):
            continue
        direct = satellite_link(
            altitude=altitude, subpoint=(lat, lon), ground=[(n["lat_deg"], n["lon_deg"]) for n in flat]
        )
        made, *legs = sent_down(on, s, 0, 1, 777.0)
        for leg, other in zip(legs, direct.legs, strict=True):
            assert float(leg.range[0]) == pytest.approx(other.slant_range, rel=1e-9)
            # The published law has no air above the satellite to leave out, and no curved layers.
            air = 10 ** (-other.budget_db["atmosphere"] / 10)
            slant = 1 / math.cos(math.radians(other.zenith_deg))
            assert float(leg.transmittance[0]) == pytest.approx(
                other.transmittance, rel=1e-9 if law == "secant" else 1e-3 * slant**3
            )
            assert air == pytest.approx(0.967**slant, rel=1e-9)
        assert float(made.rate[0]) == pytest.approx(direct.pair_rate, rel=1e-9 if law == "secant" else 0.02)
        compared += 1
    assert compared >= 1


ALTITUDE = st.floats(9.1, 60.0)


@settings(max_examples=6, deadline=None, phases=QUICK)
@given(
    haps=st.tuples(ALTITUDE, ALTITUDE, st.floats(0.01, 0.5), st.floats(-1.5, 1.5)),
    altitude=st.floats(300.0, 36_000.0), waist=st.floats(0.01, 1.0), radius=st.floats(0.05, 5.0),
    jitter=st.floats(0.0, 5.0), modes=st.integers(1, 10**9), pairs=st.floats(1e3, 1e12),
)  # fmt: skip
def test_no_link_is_above_the_bound_of_plob(haps, altitude, waist, radius, jitter, modes, pairs):
    """At most -log2(1 - eta) pairs per attempt, eta of the best moment (Pirandola et al. 2017)."""
    sender = {**HARDWARE["repeater"]["transmitter"], "beam_waist_m": waist, "pointing_jitter_urad": jitter,
              "source_pairs_per_s": pairs, "optics": 1.0}  # fmt: skip
    receiver = {**HARDWARE["telescope"]["receiver"], "radius_m": radius, "optics": 1.0, "detector": 1.0}
    one = {"wavelength_nm": 810, "transmitter": sender, "receiver": receiver, "memory": {
        "modes": modes, "efficiency": 1.0, "overhead_us": 1}}  # fmt: skip
    low, high, north, east = haps
    on = setting(
        hardware={"telescope": one, "all": one}, slots=2,
        haps=[
            {"id": "H1", "lat_deg": 40.7, "lon_deg": -74.0, "altitude_km": low, "terminal": "all"},
            {"id": "H2", "lat_deg": 40.7 + north, "lon_deg": -74.0 + east, "altitude_km": high, "terminal": "all"},
        ],
        satellites=[{"id": "S", "terminal": "all", "walker": {
            "satellites": 4, "planes": 2, "altitude_km": altitude, "inclination_deg": 50}}],
        links={"least_rate_per_s": 0},
    )  # fmt: skip
    state, seconds, checked = link_state(on), oracle.every(on, 10.0), 0
    for e in range(len(state)):
        a, b = on.find(state.a[e]), on.find(state.b[e])
        eta = float(oracle.passing(on, a, b, seconds)[2].max())
        attempts = min(pairs, modes / (2 * float(state.length[e]) / oracle.LIGHT + 1e-6))
        bound = -math.log2(1.0 - min(1.1 * eta, 1.0 - 1e-12))  # samples may miss the best moment
        assert np.all(state.rate[:, e] <= attempts * min(bound, 1.0 + 1e-9))
        checked += 1
    assert checked


def test_two_haps_at_one_place_are_refused():
    with pytest.raises(InputError, match="A and B are at the same place"):
        link_state(setting(haps=[{**HAPS[0], "id": "A"}, {**HAPS[0], "id": "B"}]))


def test_fibre_takes_the_best_number_of_repeaters_that_is_good_enough():
    for least in (0.8, 0.9, 0.999999):
        fibre = {"links": [{"ends": ["East", "West"], "length_km": 400}], "hardware": {
            "ion_pairs": 10, "ion_photon_fidelity": 0.998, "photonic_bsm_fidelity": 0.998,
            "ion_swap_fidelity": 0.998}}  # fmt: skip
        on = setting(fibre={**fibre, "least_fidelity": least})
        ((a, b, length),) = fibre_lengths(on.scenario)
        assert (a, b, length) == ("East", "West", 400e3)
        hardware = on.scenario.fibre.hardware.hardware()
        tried = [
            (float(fiber.chain_rate(length, n, hardware, "exact", hardware.ion_pairs)), n)
            for n in range(200)
            if float(fiber.chain_fidelity(n, hardware)) >= least
        ]
        rate, count = max(tried, default=(0.0, 0))
        found = fibre_chosen(on.scenario, length)
        assert found[:2] == (count, pytest.approx(rate))
        assert found[2] == float(fiber.chain_fidelity(count, hardware))
        assert fibre_delivers(on.scenario, length) == found[1:]
    assert rate == 0.0


@pytest.mark.parametrize("target", [0.6, 0.9, 0.98])
@pytest.mark.parametrize("kilometres", [30, 60, 150, 400])
def test_fibre_takes_the_number_of_repeaters_that_serves_best(target, kilometres):
    """After purification to what is demanded no other number of repeaters leaves more."""
    on = setting(
        fibre={"links": [{"ends": ["East", "West"], "length_km": kilometres}]},
        demands=[{"source": "East", "destination": "West", "target_fidelity": target}],
    )
    count, rate, fidelity = fibre_chosen(on.scenario, 1e3 * kilometres)
    hardware = on.scenario.fibre.hardware.hardware()

    def left(n: int) -> float:
        made = float(fiber.chain_rate(1e3 * kilometres, n, hardware, "exact", hardware.ion_pairs))
        good = float(fiber.chain_fidelity(n, hardware))
        return made / oracle_g(good, target, on.scenario.routing.purification)

    assert left(count) > 0.0
    assert left(count) == pytest.approx(max(left(n) for n in range(80)))
    made = float(fiber.chain_rate(1e3 * kilometres, count, hardware, "exact", hardware.ion_pairs))
    assert (rate, fidelity) == pytest.approx((made, float(fiber.chain_fidelity(count, hardware))), rel=1e-12)


def test_fibre_is_never_made_useless_by_the_fastest_chain():
    """The fastest chain of this fibre has a fidelity beyond purification; a slower one serves."""
    on = setting(
        fibre={"links": [{"ends": ["East", "West"], "length_km": 120}], "hardware": {"ion_pairs": 10}},
        demands=[{"source": "East", "destination": "West", "target_fidelity": 0.95}],
    )
    hardware = on.scenario.fibre.hardware.hardware()
    fastest, _ = fiber.best_photon_repeaters(120e3, hardware, "exact", hardware.ion_pairs)
    assert float(fiber.chain_fidelity(fastest, hardware)) < 0.5
    count, rate, fidelity = fibre_chosen(on.scenario, 120e3)
    assert count < fastest
    assert rate > 0.0
    assert math.isfinite(oracle_g(fidelity, 0.95, on.scenario.routing.purification))


def test_fibre_goes_to_near_neighbours_once_and_listed_ones_win():
    nodes = [
        {"id": name, "lat_deg": 40.0, "lon_deg": -74.0 + lon}
        for name, lon in (("A", 0), ("B", 1), ("C", 1.5))
    ]
    fibre = {"links": [{"ends": ["B", "A"], "length_km": 123}], "neighbours": {"count": 1, "within_km": 60},
             "detour": 1.5}  # fmt: skip
    on = setting(nodes=nodes, fibre=fibre)
    found = fibre_lengths(on.scenario)
    assert [(a, b) for a, b, _ in found] == [("B", "A"), ("B", "C")]
    assert found[0][2] == 123e3
    assert found[1][2] == pytest.approx(
        1.5 * 6371e3 * math.radians(0.5) * math.cos(math.radians(40)), rel=1e-4
    )


def test_common_views_are_intersections():
    one = View(5, 0, np.array([0.0, 100.0, 300.0]), np.array([50.0, 200.0, 400.0]))
    other = View(5, 1, np.array([40.0, 150.0]), np.array([110.0, 350.0]))
    both = common_view(one, other)
    assert (both.a, both.b) == (5, 1)
    assert both.begin.tolist() == [40.0, 100.0, 150.0, 300.0]
    assert both.end.tolist() == [50.0, 110.0, 200.0, 350.0]


def test_a_source_with_one_telescope_is_refused():
    with pytest.raises(InputError, match="has one terminal and no memory"):
        link_state(setting(satellites=({**MEO, "terminals": 1},)))


def test_the_secant_law_is_refused_for_level_lines():
    with pytest.raises(InputError, match="Use the integral"):
        link_state(setting(haps=[{**hap, "altitude_km": 20} for hap in HAPS], links={"air_mass": "secant"}))


def test_weather_of_the_stations_does_not_matter_without_stations():
    on = setting(nodes=[{k: v for k, v in n.items() if k != "terminal"} for n in (EAST, WEST)])
    assert views(on) == []
    assert len(link_state(on)) == 0
