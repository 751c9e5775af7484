"""Fibres of a scenario: which there are, how long, and what each delivers with its repeaters."""

from __future__ import annotations

from satqn.physics import fiber
from satqn.physics.generation import fibre_chain
from satqn.scenario.planning import PlanScenario
from satqn.sphere import great_circle
from satqn.units import KM

MOST_REPEATERS = 64
"""Repeaters on one fibre that are tried; fidelity ends the search long before."""


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


def fibre_delivers(scenario: PlanScenario, length: float) -> tuple[float, float]:
    """Return rate and fidelity of a fibre with the number of repeaters that the scenario asks for."""
    return fibre_chosen(scenario, length)[1:]


def fibre_chosen(scenario: PlanScenario, length: float) -> tuple[int, float, float]:
    """Return photon repeaters, rate and fidelity of a fibre.

    Parameters
    ----------
    scenario
        Its fibre hardware, and the least fidelity that it asks of fibres, if any.
    length
        m.

    Notes
    -----
    The number of repeaters, 0 for none, of the highest rate among those good enough; where none is, a rate
    of 0. Fidelity falls with every repeater from one on.
    """
    hardware, least = scenario.fibre.hardware.hardware(), scenario.fibre.least_fidelity
    if least is None:
        made, count = fibre_chain(length, hardware)
        return count, float(made.rate), float(made.fidelity)
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
