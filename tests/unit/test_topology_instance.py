"""The routing instance of a scenario: relays, rows of shared sources, and what always holds."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.oracles.topology import EAST, EPOCH, HARDWARE, LEO, MEO, NORTH, WEST, setting

from satqn.routing.instance_file import instance_from_document
from satqn.topology.instance import instance_document
from satqn.topology.state import link_state

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)
GEO = {"id": "GEO", "terminal": "source", "terminals": 2, "geostationary": {"lon_deg": [-95]}}


def made(**parts):
    on = setting(**parts)
    state = link_state(on)
    return state, instance_document(on, state)


def test_one_satellite_three_stations_and_a_fibre_beside_the_light():
    state, document = made(
        satellites=(GEO,), nodes=(EAST, WEST, NORTH), slots=2, links={"least_rate_per_s": 0},
        fibre={"links": [{"ends": ["East", "North"], "length_km": 50}]},
    )  # fmt: skip
    assert {node["id"]: node["kind"] for node in document["nodes"]} == {
        "East": "base_station", "West": "base_station", "North": "base_station",
        "GEO:East~West": "satellite", "GEO:East~North": "satellite", "GEO:West~North": "satellite",
    }  # fmt: skip
    links = {tuple(link["ends"]): link for link in document["links"]}
    assert len(links) == 7
    for e in range(len(state)):
        a, b = state.a[e], state.b[e]
        good = float(state.mean_fidelity()[e])
        if state.making[e] == "fibre_chain":
            assert (a, b) == ("East", "North")
            assert links[a, b]["fidelity"] == float(f"{good:.9g}")
            continue
        relay = f"GEO:{a}~{b}"
        first, second = links[a, relay], links[relay, b]
        assert first["rate"] == second["rate"]
        np.testing.assert_allclose(first["rate"], state.rate[:, e], rtol=1e-8)
        assert (first["fidelity"], second["fidelity"]) == (1.0, float(f"{good:.9g}"))
    # Two telescopes serve one pair of stations at a time, so three pairs share them in either slot.
    assert document["sharing"] == [
        {"id": "source of GEO-1", "limit": 1.0, "slot": slot, "links": [
            ["East", "GEO:East~West"], ["East", "GEO:East~North"], ["West", "GEO:West~North"]]}
        for slot in (1, 2)
    ]  # fmt: skip
    instance_from_document(document, source="test")


def test_an_odd_telescope_serves_nobody_and_many_need_no_row():
    parts = {"nodes": (EAST, WEST, NORTH), "slots": 1, "links": {"least_rate_per_s": 0}}
    _, three = made(satellites=({**GEO, "terminals": 3},), **parts)
    assert [row["limit"] for row in three["sharing"]] == [1.0]
    _, many = made(satellites=({**GEO, "terminals": 6},), **parts)
    assert many["sharing"] == []


def test_satellites_with_memory_are_nodes_and_those_without_are_not():
    _, document = made(satellites=({**LEO, "storage_pairs": 50, "terminals": 3}, MEO), slots=2)
    nodes = {node["id"]: node for node in document["nodes"]}
    assert nodes["LEO-01"] == {"id": "LEO-01", "kind": "satellite", "storage_pairs": 50, "terminals": 3}
    assert not any(name.startswith("MEO-") for name in nodes)
    assert "terminals" in nodes["East"]


@settings(max_examples=6, deadline=None, phases=QUICK)
@given(
    seed=st.integers(0, 2**32 - 1), slots=st.integers(1, 4), slot_s=st.sampled_from([120.0, 601.0, 1800.0]),
    later=st.integers(0, 86_400),
)  # fmt: skip
def test_an_instance_is_whole(seed, slots, slot_s, later):
    """It loads without faults; ids are unique, rates finite and at most those of its sources."""
    rng = np.random.default_rng(seed)
    nodes = [
        {"id": f"N{i}", "lat_deg": float(rng.uniform(25, 50)), "lon_deg": float(rng.uniform(-120, -70)),
         "altitude_m": float(rng.uniform(0, 3000)), "storage_pairs": float(rng.integers(0, 100)),
         **({"terminal": "telescope", "terminals": int(rng.integers(1, 4))} if rng.random() < 0.7 else {})}
        for i in range(int(rng.integers(2, 6)))
    ]  # fmt: skip
    groups = [
        {**group, "terminals": int(rng.integers(2, 6))} for group in (LEO, MEO, GEO) if rng.random() < 0.6
    ]
    haps = [
        {"id": f"H{i}", "lat_deg": nodes[i]["lat_deg"] + 0.1, "lon_deg": nodes[i]["lon_deg"], "terminal": "hap",
         "altitude_km": float(rng.uniform(9.5, 30)), "circle_radius_km": float(rng.choice([0.0, 5.0]))}
        for i in range(int(rng.integers(0, 3)))
    ]  # fmt: skip
    state, document = made(
        nodes=nodes, satellites=groups, haps=haps, slots=slots, slot_s=slot_s,
        start=EPOCH + timedelta(seconds=later), fibre={"neighbours": {"count": 2, "within_km": 2000}}, paths={"real": 1, "virtual": 0, "max_hops": 3},
    )  # fmt: skip
    instance = instance_from_document(document, source="random")
    names = [node["id"] for node in document["nodes"]]
    assert len(set(names)) == len(names)
    ends = [frozenset(link["ends"]) for link in document["links"]]
    assert len(set(ends)) == len(ends)
    assert all(end <= set(names) for end in ends)
    assert instance is not None
    source = HARDWARE["source"]["transmitter"]["source_pairs_per_s"]
    for e, making in enumerate(state.making):
        rate = state.rate[:, e]
        assert np.all(np.isfinite(rate))
        assert np.all(rate >= 0.0)
        assert np.any(rate > 0.0)
        assert np.all((state.up[:, e] >= 0.0) & (state.up[:, e] <= 1.0 + 1e-9))
        assert np.all(state.up[rate > 0.0, e] > 0.0)
        assert np.all(
            (state.fidelity[:, e].compressed() >= 0.25) & (state.fidelity[:, e].compressed() <= 1.0)
        )
        if making != "fibre_chain":
            assert np.all(rate <= source * state.up[:, e])
        assert all(bool(via) == (making == "dual_downlink" and r > 0.0)
                   for via, r in zip(state.via[:, e].tolist(), rate.tolist(), strict=True))  # fmt: skip
    for row in document["sharing"]:
        assert all(frozenset(link) in set(ends) for link in row["links"])
        assert len(row["links"]) > row["limit"] >= 1.0
