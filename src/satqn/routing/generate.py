"""Instances by seed: the case study of zhang2024, and larger networks whose visibility changes by slot."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from satqn.errors import InputError
from satqn.limits import ask
from satqn.model.instance import RateUnit, RoutingInstance
from satqn.routing.instance_file import instance_from_document

Document = dict[str, Any]

FREE_SPACE_RATE = (200.0, 1400.0)
"""Pairs per slot of links in free space, uniform. Source: zhang2024, case study."""
FIBRE_RATE = (400.0, 1600.0)
"""Pairs per slot of links between base stations, uniform. Source: zhang2024, case study."""
FIDELITY = (0.96, 0.99)
"""Fidelity of links, uniform. Source: zhang2024, case study."""
DRAWN_BYTES = 100.0
"""Of memory for a rate, as number, as Python object and as text."""


def _ask_for(slots: int, links: int) -> None:
    """Refuse an instance that is too large to be written."""
    ask(
        f"drawing {links} links in {slots} slots", memory=float(slots) * links * DRAWN_BYTES,
        where="--slots", fix="Take fewer slots",
    )  # fmt: skip


class _Draw:
    """Rates and fidelities, drawn in the order of the links."""

    def __init__(self, seed: int, slots: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._slots = slots

    def link(self, a: str, b: str, kind: str, up: np.ndarray[Any, Any] | None = None) -> Document:
        low, high = FIBRE_RATE if kind == "G2G" else FREE_SPACE_RATE
        rate = self._rng.uniform(low, high, self._slots).round(2)
        if up is not None:
            rate = np.where(up, rate, 0.0)
        fidelity = round(float(self._rng.uniform(*FIDELITY)), 5)
        return {"ends": [a, b], "kind": kind, "rate": rate.tolist(), "fidelity": fidelity}

    def window(self, share: float) -> np.ndarray[Any, Any]:
        """Draw the slots in which a satellite is seen: one pass of the given share of the time."""
        length = max(1, round(share * self._slots))
        start = int(self._rng.integers(self._slots))
        return np.asarray((np.arange(self._slots) - start) % self._slots < length)

    def pairs(self, count: int, cities: list[list[str]]) -> Iterator[tuple[str, str]]:
        """Draw different pairs of base stations of different cities."""
        every = [
            (a, b) for i, city in enumerate(cities) for other in cities[i + 1 :] for a in city for b in other
        ]
        if count > len(every):
            raise InputError(f"{count} demands, but only {len(every)} pairs of stations in different cities")
        for number in self._rng.choice(len(every), count, replace=False):
            yield every[number]


def case_study_document(
    seed: int,
    *,
    demands: int = 3,
    slots: int = 10,
    capacity: float = 1500.0,
    stations: int = 6,
    target_fidelity: float = 0.9,
    paths: Document | None = None,
) -> Document:
    """Return the file of the case study: 2 satellites, 2 HAPs, two cities of base stations.

    Parameters
    ----------
    seed
        Of rates and fidelities; they do not depend on demands or capacity.
    demands
        K: demand k joins the k-th station of either city.
    slots
        T.
    capacity
        Pairs in store at every HAP and satellite.
    stations
        Base stations per city.
    target_fidelity
        F_k of all demands.
    paths
        The section ``paths`` of the file; by default 12 + 20 shortest.

    Raises
    ------
    InputError
        More demands than stations.

    Notes
    -----
    Source: zhang2024, case study; its links in the reading of spec routing, section 6.
    """
    if not 0 <= demands <= stations:
        raise InputError(
            f"{demands} demands", where="--demands", fix=f"Give 0 to {stations}: one per station"
        )
    _ask_for(slots, 16 + stations * (stations + 5))
    draw = _Draw(seed, slots)
    cities = [[f"b{city}{number}" for number in range(1, stations + 1)] for city in (1, 2)]
    links = [draw.link("s1", "s2", "S2S"), draw.link("h1", "h2", "A2A")]
    links += [draw.link(s, h, "S2A") for s in ("s1", "s2") for h in ("h1", "h2")]
    links += [draw.link(s, b, "S2G") for s in ("s1", "s2") for city in cities for b in city]
    for hap, city in zip(("h1", "h2"), cities, strict=True):
        links += [draw.link(hap, b, "A2G") for b in city]
    for city in cities:
        links += [draw.link(a, b, "G2G") for i, a in enumerate(city) for b in city[i + 1 :]]
    stores = {"storage_pairs": float(capacity)} if capacity > 0 else {}
    return {
        "format": "satqn-instance",
        "version": 1,
        "name": f"zhang2024 case study, seed {seed}, K = {demands}, capacity {capacity:g}",
        "rate_unit": "pairs_per_slot",
        "slot_duration_s": 20.0,
        "slots": slots,
        "nodes": [{"id": s, "kind": "satellite"} | stores for s in ("s1", "s2")]
        + [{"id": h, "kind": "aerial"} | stores for h in ("h1", "h2")]
        + [{"id": b, "kind": "base_station"} for city in cities for b in city],
        "links": links,
        "demands": [
            {"id": f"k{k + 1}", "source": cities[0][k], "destination": cities[1][k], "weight": 1.0,
             "target_fidelity": target_fidelity, "minimum_rate": 0.0}
            for k in range(demands)
        ],
        "paths": paths or {"mode": "k_shortest", "per_demand": {"real": 12, "virtual": 20}},
        "options": {"purification": "bbpssw", "swap": "werner", "splittable": False},
    }  # fmt: skip


def network_document(
    seed: int,
    *,
    cities: int = 6,
    stations: int = 10,
    haps: int = 6,
    satellites: int = 6,
    demands: int = 20,
    slots: int = 40,
    capacity: float = 1500.0,
    visibility: float = 0.5,
    target_fidelity: float = 0.9,
    rate_unit: RateUnit = "pairs_per_slot",
    paths: Document | None = None,
) -> Document:
    """Return the file of a network of cities, HAPs and passing satellites.

    Parameters
    ----------
    seed
        Of everything.
    cities, stations
        Number of cities, and of base stations in each (a complete graph of fibre).
    haps
        HAPs, dealt out to the cities in turn; each sees its city and the next HAP.
    satellites
        Satellites in a ring; each passes over every city and HAP once in a while.
    demands
        Pairs of base stations in different cities, drawn at random.
    slots
        T.
    capacity
        Pairs in store at every HAP and satellite.
    visibility
        Share of the slots in which a satellite sees a given city, in (0, 1].
    target_fidelity
        F_k of all demands.
    rate_unit
        Of the rates.
    paths
        The section ``paths`` of the file; by default 12 + 20 shortest.

    Raises
    ------
    InputError
        Fewer than two cities, a visibility outside (0, 1], or more demands than pairs of stations.
    """
    if cities < 2 or stations < 1 or slots < 1:
        raise InputError(
            f"{cities} cities of {stations} stations in {slots} slots", fix="Give at least 2, 1 and 1"
        )
    if not 0 < visibility <= 1:
        raise InputError(f"visibility {visibility:g}", where="--visibility", fix="Give a share in (0, 1]")
    _ask_for(slots, cities * stations * (stations + 12))
    draw = _Draw(seed, slots)
    towns = [[f"b{c}_{n}" for n in range(1, stations + 1)] for c in range(1, cities + 1)]
    aloft = [f"h{n}" for n in range(1, haps + 1)]
    orbit = [f"s{n}" for n in range(1, satellites + 1)]
    links = [draw.link(a, b, "G2G") for town in towns for i, a in enumerate(town) for b in town[i + 1 :]]
    links += [draw.link(hap, b, "A2G") for n, hap in enumerate(aloft) for b in towns[n % cities]]
    links += [draw.link(a, b, "A2A") for a, b in _ring(aloft)] + [
        draw.link(a, b, "S2S") for a, b in _ring(orbit)
    ]
    for satellite in orbit:
        for c, town in enumerate(towns):
            seen = draw.window(visibility)
            links += [draw.link(satellite, b, "S2G", seen) for b in town]
            links += [draw.link(satellite, hap, "S2A", seen) for hap in aloft[c::cities]]
    stores = {"storage_pairs": float(capacity)} if capacity > 0 else {}
    return {
        "format": "satqn-instance",
        "version": 1,
        "name": f"{cities} cities, {haps} HAPs, {satellites} satellites, {demands} demands, seed {seed}",
        "rate_unit": rate_unit,
        "slot_duration_s": 20.0,
        "slots": slots,
        "nodes": [{"id": s, "kind": "satellite"} | stores for s in orbit]
        + [{"id": h, "kind": "aerial"} | stores for h in aloft]
        + [{"id": b, "kind": "base_station"} for town in towns for b in town],
        "links": links,
        "demands": [
            {"id": f"k{k}", "source": a, "destination": b, "weight": 1.0, "target_fidelity": target_fidelity,
             "minimum_rate": 0.0}
            for k, (a, b) in enumerate(draw.pairs(demands, towns), start=1)
        ],
        "paths": paths or {"mode": "k_shortest", "per_demand": {"real": 12, "virtual": 20}},
        "options": {"purification": "bbpssw", "swap": "werner", "splittable": False},
    }  # fmt: skip


def _ring(names: list[str]) -> list[tuple[str, str]]:
    """Neighbours in a circle; two nodes have one link."""
    pairs = list(pairwise(names))
    return [*pairs, (names[-1], names[0])] if len(names) > 2 else pairs


def case_study(seed: int, **choices: Any) -> RoutingInstance:
    """Return the case study as an instance; see :func:`case_study_document`."""
    return instance_from_document(case_study_document(seed, **choices))


def network(seed: int, **choices: Any) -> RoutingInstance:
    """Return a larger network as an instance; see :func:`network_document`."""
    return instance_from_document(network_document(seed, **choices))
