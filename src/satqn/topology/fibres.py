"""Fibres of a scenario: which there are, how long, and what each delivers with its repeaters."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from satqn.model.hardware import FibreHardware
from satqn.model.instance import Purification
from satqn.physics import fiber
from satqn.physics.generation import fibre_chain
from satqn.physics.nested_purification import base_pairs
from satqn.scenario.planning import PlanScenario
from satqn.sphere import great_circle
from satqn.units import KM

MOST_REPEATERS = 256
"""Repeaters on one fibre that are tried; fidelity ends the search long before."""

RELAYED = 2
"""Links on the way of a demand that fibre alone does not join: a fibre, and what lies beyond it."""


def fibre_lengths(scenario: PlanScenario) -> list[tuple[str, str, float]]:
    """Return every fibre of a scenario: its ends and its length in m; listed ones win over neighbours."""
    nodes = {node.id: node for node in scenario.ground.nodes}
    ids = list(nodes)

    def distance(a: str, b: str) -> float:
        one, other = nodes[a], nodes[b]
        return float(great_circle(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg))

    found: dict[tuple[str, str], float] = {}
    for link in scenario.fibre.links:
        a, b = link.ends
        given = link.length_km
        found[a, b] = scenario.fibre.detour * distance(a, b) if given is None else given * KM
    near = scenario.fibre.neighbours
    if near is not None:
        for a in ids:
            others = sorted((distance(a, b), b) for b in ids if b != a)
            for away, b in others[: near.count]:
                if away <= near.within_km * KM and (a, b) not in found and (b, a) not in found:
                    found[a, b] = scenario.fibre.detour * away
    return [(a, b, length) for (a, b), length in found.items()]


@dataclass(frozen=True, slots=True)
class Use:
    """What a demand needs of fibres.

    Parameters
    ----------
    weight
        Worth of a pair.
    target_fidelity
        Of delivered pairs.
    links
        Elementary links on the way: as many fibres as lie between the users, or two where fibre alone does
        not join them.
    """

    weight: float
    target_fidelity: float
    links: int


def fibre_uses(scenario: PlanScenario) -> tuple[Use, ...]:
    """Return what the demands of a scenario need of its fibres.

    Parameters
    ----------
    scenario
        The scenario, written out.
    """
    neighbours: dict[str, list[str]] = {}
    for a, b, _ in fibre_lengths(scenario):
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    demands = scenario.demands if isinstance(scenario.demands, tuple) else ()
    uses = {
        Use(
            demand.weight,
            scenario.target_fidelity if demand.target_fidelity is None else demand.target_fidelity,
            _fewest(neighbours, demand.source, demand.destination) or RELAYED,
        )
        for demand in demands
    }
    return tuple(sorted(uses, key=lambda use: (use.weight, use.target_fidelity, use.links)))


def _fewest(neighbours: dict[str, list[str]], source: str, target: str) -> int | None:
    """Return the fewest links from one node to another, None if nothing joins them."""
    steps, waiting = {source: 0}, deque([source])
    while waiting:
        here = waiting.popleft()
        if here == target:
            return steps[here]
        for there in neighbours.get(here, ()):
            if there not in steps:
                steps[there] = steps[here] + 1
                waiting.append(there)
    return None


def fibre_delivers(
    scenario: PlanScenario, length: float, uses: tuple[Use, ...] | None = None
) -> tuple[float, float]:
    """Return rate and fidelity of a fibre with the number of repeaters that the scenario asks for."""
    return fibre_chosen(scenario, length, uses)[1:]


def fibre_chosen(
    scenario: PlanScenario, length: float, uses: tuple[Use, ...] | None = None
) -> tuple[int, float, float]:
    """Return photon repeaters, rate and fidelity of a fibre.

    Parameters
    ----------
    scenario
        Its fibre hardware, its demands, and the least fidelity that it asks of fibres, if any.
    length
        m.
    uses
        From :func:`fibre_uses`, where they are known already.

    Notes
    -----
    With ``least_fidelity`` the number of repeaters, 0 for none, of the highest rate among those good enough;
    where none is, a rate of 0. Without, the number that serves the demands best: see :func:`serving_best`.
    """
    hardware, least = scenario.fibre.hardware.hardware(), scenario.fibre.least_fidelity
    if least is None:
        wanted = fibre_uses(scenario) if uses is None else uses
        return serving_best(length, hardware, wanted, scenario.routing.purification)
    best = (0.0, float(fiber.chain_fidelity(0, hardware)), 0)
    for count in range(MOST_REPEATERS + 1):
        fidelity = float(fiber.chain_fidelity(count, hardware))
        if fidelity < least:
            if count:
                break
            continue
        rate = float(fiber.chain_rate(length, count, hardware, "exact", hardware.ion_pairs))
        best = max(best, (rate, fidelity, count))
    return best[2], best[0], best[1]


@lru_cache(maxsize=4096)
def serving_best(
    length: float, hardware: FibreHardware, uses: tuple[Use, ...], protocol: Purification
) -> tuple[int, float, float]:
    """Return photon repeaters, rate and fidelity of the chain that serves demands best.

    Parameters
    ----------
    length
        m.
    hardware
        The fibre and the nodes on it.
    uses
        What the demands need.
    protocol
        Purification between the users.

    Notes
    -----
    A chain is worth, to a demand, the rate that is left after purification of pairs from so many links like
    it: rate / g(F_path, F_k), times the weight. The fastest chain may be worth nothing: 0.27 of fidelity is
    beyond all purification. Where no chain is worth anything, the one of the highest fidelity stands; where
    nobody demands anything, the fastest.
    """
    if not uses:
        made, count = fibre_chain(length, hardware)
        return count, float(made.rate), float(made.fidelity)
    counts = np.arange(MOST_REPEATERS + 1)
    fidelity = np.asarray(fiber.chain_fidelity(counts, hardware))
    rate = np.asarray(fiber.chain_rate(length, counts, hardware, "exact", hardware.ion_pairs))
    worth = np.zeros(len(counts))
    for use in uses:
        path = 0.25 + 0.75 * np.maximum((4.0 * fidelity - 1.0) / 3.0, 0.0) ** use.links
        worth += use.weight * rate / base_pairs(path, use.target_fidelity, protocol)
    best = int(np.argmax(worth)) if worth.max() > 0.0 else int(np.argmax(np.where(rate > 0, fidelity, 0.0)))
    return best, float(rate[best]), float(fidelity[best])
