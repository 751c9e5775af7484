"""The hybrid protocol for one pair of users in plain Python and networkx: slow and obvious.

Placement by the oracle next door: greedy merges, or every placement tried. Smallest times by bisection.
The tables of purified copies are the library's own; they have an oracle of their own.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

import networkx
from tests.oracles import placement

from satqn.model.system import HybridSystem
from satqn.physics.purification import copies_table

EARTH = 6_371_000.0
MOST = 1300
BEYOND = 16384


@dataclass(frozen=True)
class Answer:
    """What the ways deliver; None where a way does not exist or never gets there."""

    fibre_length: float
    satellite_rate: float | None
    fibre_fidelity: float | None
    fibre_time: float | None
    hybrid_fidelity: float | None
    hybrid_time: float | None


class Protocol:
    """The protocol of one system."""

    def __init__(self, system: HybridSystem) -> None:
        self.system, self.tolerance = system, 1e-10
        fibre, options = system.fibre, system.options
        visibility = 2.0 * fibre.photonic_bsm_fidelity - 1.0
        f1 = (1.0 + visibility * (1.0 - 2.0 * fibre.ion_photon_fidelity) ** 2) / 2.0
        self.shortcut = options.copies_above_table == "shortcut"
        most = MOST if self.shortcut else BEYOND
        self.tables = {
            name: table(f, most, options.purification)
            for name, f in (
                ("segment", f1),
                ("direct", fibre.ion_photon_fidelity),
                ("satellite", system.satellite.fidelity),
            )
        }
        self.werner = options.purification == "bbpssw" and options.purified_state == "werner"
        self.graph = networkx.Graph()
        self.graph.add_nodes_from(range(len(system.network)))
        for a, b, length in zip(*(column.tolist() for column in links(system)), strict=True):
            self.graph.add_edge(a, b, length=length)

    def chain(self, for_rate: bool) -> placement.Chain:
        """Return what the placement oracle needs to know."""
        options, fibre = self.system.options, self.system.fibre
        above = [1.0] if self.shortcut and not for_rate else []
        return placement.Chain(
            copies=self.tables["segment"] + above,
            loss_per_m=fibre.attenuation_per_m,
            light_speed=fibre.light_speed,
            emission_time=fibre.emission_time,
            detector_efficiency=fibre.detector_efficiency,
            ion_pairs=fibre.ion_pairs,
            swap_fidelity=fibre.ion_swap_fidelity,
            round_trip=options.arm_latency == "round_trip",
            true_arms=options.segment_losses == "true_arms",
            waiting=options.waiting_factor,
            werner=self.werner,
        )

    def path(self, a: int, b: int) -> list[float]:
        """Return the arms of the shortest path."""
        nodes = networkx.dijkstra_path(self.graph, a, b, weight="length")
        return [self.graph.edges[i, j]["length"] for i, j in itertools.pairwise(nodes)]

    def nearest(self, node: int) -> int:
        """Return the station nearest by fibre."""

        def length(station: int) -> float:
            return networkx.dijkstra_path_length(self.graph, node, station, "length")

        return min(self.system.stations.tolist(), key=length)

    def direct(self, length: float, time: float, for_rate: bool) -> float:
        """Return F of direct transmission."""
        fibre = self.system.fibre
        each = (2.0 * length / fibre.light_speed + fibre.emission_time) / (
            fibre.detector_efficiency * 10.0 ** (-fibre.attenuation_per_m * length)
        )
        copies = placement.copies_in(time, each / fibre.ion_pairs)
        if copies < 2:
            return 0.0
        if self.shortcut and not for_rate and copies > MOST:
            return 1.0
        table = self.tables["direct"]
        return table[min(copies, len(table) - 1)]

    def fidelity(self, arms: list[float], time: float, for_rate: bool, direct: bool) -> float:
        """Return the best F of a path at a time."""
        if not arms:
            return 1.0
        chain, options = self.chain(for_rate), self.system.options
        cap = options.max_photon_repeaters
        if options.placement == "greedy":
            threshold = None if cap is None else 60 if for_rate else 2 * cap + 2
            best = placement.greedy(chain, arms, time, threshold)[0]
        else:
            best = placement.enumerate_best(chain, arms, time, cap)
        return max(best, self.direct(sum(arms), time, for_rate)) if direct else best

    def hybrid(self, a: list[float], b: list[float], rate: float, time: float, for_rate: bool) -> float:
        """Return F of the hybrid way with legs a and b."""
        options = self.system.options
        sides = [a] if for_rate and options.hybrid_rate == "alice_only" else [a, b]
        every = options.leg_direct_mode == "any"
        parts = [self.fidelity(leg, time, for_rate, every or len(leg) == 1) for leg in sides]
        copies, table = placement.copies_in(time, 1.0 / rate), self.tables["satellite"]
        if not for_rate and self.shortcut and copies > MOST:
            parts.append(1.0)
        else:
            parts.append(table[min(copies, len(table) - 1)])
        return self.joined(parts, len(sides))

    def swapped(self, a: list[float], b: list[float], time: float, for_rate: bool) -> float:
        """Return F of two legs joined at the station that both ends share."""
        every = self.system.options.leg_direct_mode == "any"
        parts = [self.fidelity(leg, time, for_rate, every or len(leg) == 1) for leg in (a, b)]
        return self.joined(parts, 1 if a and b else 0)

    def joined(self, parts: list[float], swaps: int) -> float:
        """Return F of links joined by noisy swaps."""
        if min(parts) == 0.0:
            return 0.0
        s = ((4.0 * self.system.fibre.ion_swap_fidelity - 1.0) / 3.0) ** swaps
        if self.werner:
            return 0.25 * (1.0 + 3.0 * s * math.prod((4.0 * f - 1.0) / 3.0 for f in parts))
        return 0.25 * (1.0 + s * (1.0 + 2.0 * math.prod(2.0 * f - 1.0 for f in parts)))

    def soonest(self, fidelity: Callable[[float], float]) -> float | None:
        """Return the smallest time with F >= target for an F that never falls with time."""
        target = self.system.target_fidelity
        low, high = self.system.options.shortest_time_s or 1e-5, 1e7
        if fidelity(low) >= target:
            return low
        if fidelity(high) < target:
            return None
        while high > low * (1.0 + self.tolerance):
            middle = math.sqrt(low * high)
            if fidelity(middle) >= target:
                high = middle
            else:
                low = middle
        return high

    def satellite_rate(self, a: int, b: int) -> float | None:
        """Return the pairs per second of the satellite; None if an end does not see it."""
        down = [self.downlink(node) for node in (a, b)]
        return None if None in down else self.system.satellite.source_rate * math.prod(down)

    def downlink(self, node: int) -> float | None:
        """Return the transmittance from the satellite to a node; None below the horizon."""
        system, satellite, table = self.system, self.system.satellite, self.system.network.nodes
        lat1, lon1 = math.radians(table.lat_deg[node]), math.radians(table.lon_deg[node])
        lat2, lon2 = math.radians(system.subpoint_lat_deg), math.radians(system.subpoint_lon_deg)
        cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(lon1 - lon2)
        h, far = satellite.altitude, EARTH + satellite.altitude
        z = math.sqrt(EARTH**2 + far**2 - 2.0 * EARTH * far * cosine)
        up = (h * h + 2.0 * h * EARTH - z * z) / (2.0 * z * EARTH)
        if up <= 0.0:
            return None
        rayleigh = math.pi * satellite.beam_waist**2 / satellite.wavelength
        if system.options.diffraction == "far_field":
            spread = 2.0 * (satellite.receiver_radius / (satellite.beam_waist * z / rayleigh)) ** 2
        else:
            waist = satellite.beam_waist * math.sqrt(1.0 + (z / rayleigh) ** 2)
            spread = 1.0 - math.exp(-2.0 * (satellite.receiver_radius / waist) ** 2)
        losses = math.prod(value for _, value in satellite.efficiencies)
        return losses * spread * satellite.zenith_transmittance ** (1.0 / up)

    def answer(self, a: int, b: int) -> Answer:
        """Return what all ways deliver between nodes a and b."""
        arms, rate = self.path(a, b), self.satellite_rate(a, b)
        near = [self.nearest(node) for node in (a, b)]
        legs = [self.path(n, s) for n, s in zip((a, b), near, strict=True)]
        between = self.satellite_rate(*near)
        swap = near[0] == near[1] and self.system.options.shared_station == "swap_legs"

        def hybrid(time: float, for_rate: bool) -> float:
            if swap:
                return self.swapped(*legs, time, for_rate)
            return self.hybrid(*legs, between, time, for_rate)

        return Answer(
            fibre_length=sum(arms),
            satellite_rate=rate,
            fibre_fidelity=None if rate is None else self.fidelity(arms, 1.0 / rate, False, True),
            fibre_time=self.soonest(lambda t: self.fidelity(arms, t, True, True)),
            hybrid_fidelity=None if between is None else hybrid(1.0 / between, False),
            hybrid_time=None if between is None and not swap else self.soonest(lambda t: hybrid(t, True)),
        )


@cache
def table(f1: float, most: int, protocol: Literal["bbpssw", "dejmps"]) -> list[float]:
    """Return the mean fidelity of k copies, k = 0..most."""
    return [min(f, 1.0) for f in copies_table(f1, most, protocol).tolist()]


def links(system: HybridSystem):
    """Return the columns of the links."""
    return system.network.links.a, system.network.links.b, system.network.links.length
