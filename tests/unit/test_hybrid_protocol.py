"""The protocol on networks small enough to know the answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satqn.errors import InputError
from satqn.hybrid import protocol
from satqn.hybrid.paths import positions_along
from satqn.hybrid.placement import place_at_time
from satqn.hybrid.protocol import EvaluationInterrupted, evaluate_pairs, explain_pair
from satqn.hybrid.setting import chain_setting
from satqn.hybrid.ways import choose
from satqn.model.hardware import FibreHardware, SatelliteHardware
from satqn.model.network import LinkTable, Network, NodeTable
from satqn.model.options import PHYSICAL, PUBLISHED
from satqn.model.system import HybridSystem
from satqn.network.shortest import PathFinder

CEILING = 0.853576888889
"""Perfect legs, a satellite pair of 0.87 and two swaps: specification, section 2."""


def line(lengths_km, stations=(), options=PHYSICAL, missing=(), **changes):
    """Return a system whose nodes lie in a line across the US; links named in ``missing`` are left out."""
    n = len(lengths_km) + 1
    nodes = NodeTable(
        np.array([f"n{i}" for i in range(n)]),
        np.full(n, 38.0),
        np.linspace(-110.0, -80.0, n),
        np.ones(n),
        np.zeros(n, dtype=bool),
    )
    kept = [i for i in range(n - 1) if i not in missing]
    links = LinkTable(np.array(kept), np.array(kept) + 1, 1e3 * np.array(lengths_km, dtype=float)[kept])
    system = HybridSystem(
        network=Network.from_tables(nodes, links),
        stations=np.array(stations, dtype=np.int64),
        fibre=FibreHardware(),
        satellite=SatelliteHardware(),
        subpoint_lat_deg=38.0,
        subpoint_lon_deg=-95.0,
        options=options,
    )
    return replace(system, **changes)


def evaluate(system, a=0, b=None):
    last = len(system.network) - 1 if b is None else b
    return evaluate_pairs(system, np.array([a]), np.array([last]))


def masked(column):
    return bool(np.ma.getmaskarray(column)[0])


@pytest.mark.parametrize("options", [PHYSICAL, PUBLISHED])
def test_perfect_legs_reach_the_ceiling(options):
    found = evaluate(line([20, 20, 20], stations=(0, 3), options=options))
    assert found.hybrid_fidelity[0] == pytest.approx(CEILING, abs=1e-12)


@pytest.mark.parametrize("memory_rounds", [0.8, 1.5, 6.0])
def test_the_satellite_pair_decays_while_it_waits(memory_rounds):
    """Every pair is stored for the round 1/R, which leaves exp(-(T/tau)^2) of 2F - 1 = 0.74; swaps s^2 of it."""
    options = replace(PHYSICAL, decoherence="restarted")
    system = line([20, 20, 20], stations=(0, 3), options=options)
    wait = 1.0 / float(evaluate(system).satellite_rate[0])
    found = evaluate(replace(system, memory_time=memory_rounds * wait))
    left = 0.74 * np.exp(-(memory_rounds**-2))
    assert found.satellite_fidelity[0] == pytest.approx(0.5 + left / 2.0, abs=1e-12)
    assert found.hybrid_fidelity[0] == pytest.approx(
        0.25 * (1.0 + (4.0 * CEILING - 1.0) * (1.0 + 2.0 * left) / (1.0 + 2.0 * 0.74)), abs=1e-11
    )


def test_the_satellite_alone_serves_two_stations():
    system = line([20, 20, 20], stations=(0, 3))
    found = evaluate(system)
    assert found.satellite_fidelity[0] == 0.87
    assert found.satellite_only_rate[0] == pytest.approx(found.satellite_rate[0], rel=1e-15)
    better = evaluate(replace(system, target_fidelity=0.95))
    # DEJMPS on three pairs of 0.87: 0.9782 with probability 0.7738, else the third is left; 0.9537.
    assert better.satellite_only_rate[0] == pytest.approx(better.satellite_rate[0] / 3.0, rel=1e-12)
    assert masked(evaluate(system, 1).satellite_fidelity)


def test_a_shared_station_swaps_the_legs_or_uses_the_satellite():
    system = line([20, 20, 20, 20], stations=(2,))
    told = explain_pair(system, 0, 4).hybrid
    assert told.satellite is None
    legs = [part.in_time.fidelity for part in told.fibre]
    s = (4.0 * 0.99 - 1.0) / 3.0
    expected = 0.25 * (1.0 + s * (1.0 + 2.0 * (2.0 * legs[0] - 1.0) * (2.0 * legs[1] - 1.0)))
    assert told.fidelity == pytest.approx(expected, abs=1e-12)
    used = explain_pair(
        replace(system, options=replace(PHYSICAL, shared_station="use_satellite")), 0, 4
    ).hybrid
    assert used.satellite is not None
    assert used.fidelity < CEILING < told.fidelity


def test_an_end_at_the_shared_station_needs_no_swap():
    found = evaluate(line([20, 20], stations=(2,)))
    leg = explain_pair(line([20, 20], stations=(2,)), 0, 2).hybrid.fibre[0]
    assert found.hybrid_fidelity[0] == pytest.approx(leg.in_time.fidelity, abs=1e-12)


def test_without_a_view_of_the_satellite_only_fibre_at_the_target_is_left():
    found = evaluate(line([20, 20, 20], stations=(0, 3), subpoint_lon_deg=85.0))
    for column in (
        found.satellite_rate,
        found.fibre_fidelity,
        found.fibre_photon_repeaters,
        found.hybrid_fidelity,
        found.hybrid_rate,
        found.satellite_fidelity,
        found.protocol_fidelity,
    ):
        assert masked(column)
    assert found.protocol_by_fidelity[0] == "none"
    assert found.protocol_by_rate[0] == "fibre"
    assert found.fibre_rate[0] > 0.0


def test_two_islands_are_joined_by_the_satellite_alone():
    found = evaluate(line([20, 20, 20], stations=(1, 2), missing=(1,)))
    assert found.fibre_length[0] == np.inf
    assert masked(found.fibre_fidelity)
    assert masked(found.fibre_rate)
    assert found.protocol_by_fidelity[0] == found.protocol_by_rate[0] == "hybrid"


def test_without_a_station_in_reach_there_is_no_hybrid_way():
    for system in (line([20, 20, 20]), line([20, 20, 20], stations=(1,), missing=(1,))):
        found = evaluate(system)
        assert masked(found.hybrid_fidelity)
        assert masked(found.hybrid_rate)
        assert explain_pair(system, 0, 3).hybrid.fibre == ()


def test_two_or_three_links_have_no_greedy_placement():
    """Published: K <= 3 is never evaluated, only direct transmission is left."""
    for positions in ([0.0, 2e4, 4e4], [0.0, 2e4, 4e4, 6e4]):
        greedy = chain_setting(FibreHardware(), PUBLISHED)
        optimal = chain_setting(FibreHardware(), replace(PUBLISHED, placement="optimal"))
        assert place_at_time(positions, 0.35, greedy, direct=0) is None
        assert place_at_time(positions, 0.35, greedy).photon_repeaters == 0
        assert place_at_time(positions, 0.35, optimal, direct=0).photon_repeaters == 1


def test_legs_of_several_links_are_not_sent_directly_in_the_published_figures():
    system = line([3, 3, 3, 50, 3, 3, 3], stations=(3, 4), options=PUBLISHED)
    assert masked(evaluate(system).hybrid_fidelity)
    anywhere = replace(system, options=replace(PUBLISHED, leg_direct_mode="any"))
    assert evaluate(anywhere).hybrid_fidelity[0] > 0.84


def test_the_published_floor_bounds_the_rate():
    short = [0.5, 0.5]
    assert evaluate(line(short, options=PUBLISHED)).fibre_rate[0] == 1000.0
    assert evaluate(line(short, options=replace(PUBLISHED, shortest_time_s=None))).fibre_rate[0] > 1000.0


def test_published_configurations_that_need_too_many_copies_are_skipped():
    """Above 1300 copies: skipped for the rate, F = 1 for the fidelity."""
    uneven = [0.1, 0.1, 0.1, 0.1, 61.0, 61.0]
    exact = replace(PUBLISHED, copies_above_table="exact", shortest_time_s=None)
    shortcut = replace(exact, copies_above_table="shortcut")
    target = 0.975
    rates = [evaluate(line(uneven, options=o, target_fidelity=target)).fibre_rate for o in (exact, shortcut)]
    assert rates[0][0] > 0.0
    assert rates[1].filled(0.0)[0] <= rates[0][0]
    fidelities = [evaluate(line([2, 2], options=o)).fibre_fidelity[0] for o in (exact, shortcut)]
    assert fidelities[1] == 1.0 > fidelities[0]


def test_ties_go_to_fibre_then_to_the_satellite():
    ways = [np.ma.masked_array([0.8, 0.0, 0.5, 0.3]), np.ma.masked_array([0.8, 0.0, 0.6, 0.3], [0, 0, 0, 1])]
    names, values = choose([*ways, np.ma.masked_array([0.8, 0.0, 0.6, 0.4])])
    assert names.tolist() == ["fibre", "none", "satellite", "hybrid"]
    assert values.filled(-1.0).tolist() == [0.8, -1.0, 0.6, 0.4]


def test_no_pairs_give_empty_columns():
    found = evaluate_pairs(line([20, 20]), np.empty(0, np.int64), np.empty(0, np.int64))
    assert len(found) == 0
    assert found.protocol_rate.shape == (0,)


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ([0], [3], "node 3 of a network of 3"),
        ([-1], [1], "node -1"),
        ([1], [1], "n1"),
        ([0, 1], [1], "2 first"),
    ],
)
def test_bad_ends_are_named(a, b, said):
    with pytest.raises(InputError, match=said):
        evaluate_pairs(line([20, 20]), np.array(a), np.array(b))
    if len(a) == len(b):
        with pytest.raises(InputError, match=said):
            explain_pair(line([20, 20]), a[0], b[0])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target_fidelity": 1.0}, "target fidelity is 1"),
        ({"target_fidelity": 0.5}, "target fidelity"),
        ({"memory_time": 0.0}, "memory time"),
        ({"memory_time": float("nan")}, "memory time"),
        ({"fibre": FibreHardware(ion_swap_fidelity=1.2)}, "ion_swap_fidelity is 1.2"),
        ({"satellite": SatelliteHardware(fidelity=0.2)}, "satellite fidelity is 0.2"),
    ],
)
def test_bad_hardware_is_named(changes, said):
    with pytest.raises(InputError, match=said):
        evaluate(line([20, 20], **changes))


def test_progress_counts_the_pairs(monkeypatch):
    monkeypatch.setattr(protocol, "CHUNK", 2)
    seen = []
    a = np.zeros(5, np.int64)
    found = evaluate_pairs(line([20] * 5), a, np.arange(1, 6), progress=lambda *now: seen.append(now))
    assert seen == [(2, 5), (4, 5), (5, 5)]
    whole = evaluate_pairs(line([20] * 5), a[:1], a[:1] + 3)
    assert found.fibre_fidelity[2] == whole.fibre_fidelity[0]


def test_ctrl_c_keeps_what_is_done(monkeypatch):
    monkeypatch.setattr(protocol, "CHUNK", 2)
    a = np.zeros(5, np.int64)

    def stop(done, total):
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(EvaluationInterrupted, match="after 4 pairs") as stopped:
        evaluate_pairs(line([20] * 5), a, np.arange(1, 6), progress=stop)
    assert isinstance(stopped.value, KeyboardInterrupt)
    assert stopped.value.partial.b.tolist() == [1, 2, 3, 4]


def test_positions_follow_the_links():
    system = line([3, 5, 7], missing=(2,))
    paths = PathFinder(system.network).paths([2, 0, 0], [0, 3, 1])
    assert positions_along(system.network, paths).tolist() == [0.0, 5000.0, 8000.0, 0.0, 3000.0]


def test_the_explanation_as_a_document_and_as_text():
    told = explain_pair(line([20] * 6, stations=(1, 5)), 0, 6)
    document = told.to_dict()
    assert document["distance_km"] == pytest.approx(told.distance / 1e3)
    path = document["fibre"]["fibre"][0]
    assert path["path"] == [f"n{i}" for i in range(7)]
    assert path["length_km"] == 120.0
    at_target = path["at_target"]
    assert at_target["roles"][0] == {"node": "n0", "role": "end"}
    assert at_target["roles"][-1] == {"node": "n6", "role": "end"}
    assert document["hybrid"]["satellite"]["node_a"] == "n1"
    assert document["hybrid"]["satellite"]["pairs_at_target"] >= 1
    text = told.to_text()
    assert "n0 to n6" in text
    assert "best" in text
    for name in ("fibre", "satellite", "hybrid"):
        assert f"\n{name} " in text
