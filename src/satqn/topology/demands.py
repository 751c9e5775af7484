"""Demands of a planning scenario: those that are listed, and those that the seed draws."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.scenario.planning import DemandSection, DrawnDemands, PlanScenario
from satqn.sphere import great_circle
from satqn.units import KM

MOST_DRAWS = 1000
"""Tries per demand until a pair of places is far enough apart."""


def all_demands(scenario: PlanScenario) -> Iterator[DemandSection]:
    """Yield all demands with ids and target fidelities, those that are drawn after those that are listed.

    Parameters
    ----------
    scenario
        With all its ground nodes.

    Raises
    ------
    InputError
        There are not so many pairs of nodes to draw.
    """
    taken = {demand.id for demand in scenario.demands}
    drawn = [] if scenario.drawn_demands is None else _drawn(scenario, scenario.drawn_demands)
    number = 0
    for demand in (*scenario.demands, *drawn):
        name = demand.id
        while name is None:
            number += 1
            name = None if f"k{number}" in taken else f"k{number}"
        target = scenario.target_fidelity if demand.target_fidelity is None else demand.target_fidelity
        yield demand.model_copy(update={"id": name, "target_fidelity": target})


def _drawn(scenario: PlanScenario, draw: DrawnDemands) -> list[DemandSection]:
    """Draw different pairs of ground nodes, either end in proportion to its weight."""
    nodes = scenario.ground.nodes
    weight = np.array([1.0 if draw.by == "uniform" else node.population or 0.0 for node in nodes])
    share = weight / weight.max()
    share /= share.sum()
    lat, lon = np.array([node.lat_deg for node in nodes]), np.array([node.lon_deg for node in nodes])
    possible = _possible(share, lat, lon, draw.least_distance_km * KM)
    if possible < draw.count:
        raise InputError(
            f"{draw.count} demands, but {possible} pair{'s are' if possible != 1 else ' is'} "
            f"{draw.least_distance_km:g} km apart or more",
            fix="ask for fewer or shorter ones",
        )
    rng = np.random.default_rng(np.random.SeedSequence([scenario.seed, 0xDE]))
    found: dict[tuple[int, int], None] = {}
    for _ in range(MOST_DRAWS * draw.count):
        if len(found) == draw.count:
            break
        a, b = sorted(rng.choice(len(nodes), 2, replace=False, p=share).tolist())
        if great_circle(lat[a], lon[a], lat[b], lon[b]) >= draw.least_distance_km * KM:
            found[a, b] = None
    if len(found) < draw.count:
        raise InputError(
            f"only {len(found)} of {draw.count} demands came up in {MOST_DRAWS * draw.count} draws",
            why="Some places are too small to be drawn",
            fix="ask for fewer, or draw 'by: uniform'",
        )
    return [DemandSection(source=nodes[a].id, destination=nodes[b].id) for a, b in found]


def _possible(
    share: NDArray[np.float64], lat: NDArray[np.float64], lon: NDArray[np.float64], least: float
) -> int:
    """Return how many pairs of nodes can be drawn: both have a share and they are so far apart."""
    drawable = np.flatnonzero(share > 0.0)
    far = 0
    for number, i in enumerate(drawable):
        others = drawable[number + 1 :]
        far += int(np.count_nonzero(great_circle(lat[i], lon[i], lat[others], lon[others]) >= least))
    return far
