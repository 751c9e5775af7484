"""A candidate of a choice of satellites: closed-form view, a bound over all paths, and its plan."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Literal

import numpy as np

from satqn.constants import EARTH_RADIUS
from satqn.earth import WGS84
from satqn.errors import SatqnError
from satqn.model.instance import RoutingInstance
from satqn.model.plan import LogLine
from satqn.model.shown import Shown
from satqn.orbits.coverage import can_be_in_view, share_in_view
from satqn.planning import build_plan_system
from satqn.provenance import content_hash, library_versions
from satqn.routing.generated.network import Network
from satqn.routing.generated.solve import ends_alone, generate
from satqn.routing.pool import with_paths
from satqn.routing.solve import Settings, solve
from satqn.routing.stopping import Run, ctrl_c_stops
from satqn.scenario.planning import PlanScenario
from satqn.scenario.satellites import SatelliteGroup, WalkerSection
from satqn.simulate.executor import stopping
from satqn.units import KM
from satqn.whatif.points import code_hash

Stage = Literal["bound", "plan"]

BOUND_GAP = 1e-4
"""The search for a bound ends early where a plan is so near to it."""
COLUMN_EVENTS = ("first plan", "first bound", "columns ", "real paths packed", "columns packed")
"""Events of the log while the LP over all paths is solved; what comes after them is about plans."""
VIEW_POINTS = 5_000
"""Points of the argument of latitude for a view that only ranks."""
MOST_VIEWS = 20
"""Pairs of users over which the view is averaged, the heaviest first."""


def with_shell(scenario: PlanScenario, group: str, shell: WalkerSection | None) -> PlanScenario:
    """Return a scenario with another constellation in place of a group of satellites.

    Parameters
    ----------
    scenario
        Written out.
    group
        Id of the group.
    shell
        The constellation; None for no satellites of this group at all.
    """
    groups = []
    for one in scenario.satellites:
        if one.id != group:
            groups.append(one)
        elif shell is not None:
            nowhere = dict.fromkeys(("orbits", "geostationary", "file", "omm"))
            groups.append(one.model_copy(update={**nowhere, "walker": shell}))
    paths = scenario.paths.model_copy(update={"mode": "generated"})
    # A rule for a group that is not there would be a fault of the file.
    rules = tuple(
        rule for rule in scenario.crosslinks_between if shell is not None or group not in rule.groups
    )
    return scenario.model_copy(
        update={"satellites": tuple(groups), "crosslinks_between": rules, "paths": paths}
    )


# ------------------------------------------------------------------------------------ closed form


def mean_in_view(scenario: PlanScenario, shell: WalkerSection) -> float:
    """Return how many satellites both users of a demand have in view at once, the mean over time and demands.

    Parameters
    ----------
    scenario
        Written out.
    shell
        The constellation.

    Notes
    -----
    In closed form (:func:`satqn.orbits.coverage.share_in_view`): the mean over many revolutions, on a sphere.
    It ranks; over the hours of a plan it is no bound.
    """
    places = {node.id: (node.lat_deg, node.lon_deg) for node in scenario.ground.nodes}
    places |= {hap.id: (hap.lat_deg, hap.lon_deg) for hap in scenario.haps}
    weights: dict[tuple[str, str], float] = {}
    for demand in scenario.demands:
        ends = (min(demand.source, demand.destination), max(demand.source, demand.destination))
        weights[ends] = weights.get(ends, 0.0) + demand.weight
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:MOST_VIEWS]
    altitude = shell.altitude_km * KM + WGS84.equatorial_radius - EARTH_RADIUS
    inclination, mask = math.radians(shell.inclination_deg), math.radians(scenario.links.ground_mask_deg)
    total = sum(
        weight * share_in_view([places[a], places[b]], altitude, inclination, mask, points=VIEW_POINTS)
        for (a, b), weight in heaviest
    )
    return shell.satellites * total / sum(weight for _, weight in heaviest)


def can_serve(scenario: PlanScenario, group: SatelliteGroup, shell: WalkerSection) -> bool:
    """Return False only if it is proven that satellites of this orbit can take part in no connection.

    Parameters
    ----------
    scenario
        Written out.
    group
        The group of satellites.
    shell
        The constellation.

    Notes
    -----
    Satellites without memory join two ground stations that both see them; those with a memory need two bodies
    below that see one of them, whenever that is. Where satellites with memories of other groups may be linked
    to them nothing is excluded.
    """
    altitude, inclination = shell.altitude_km * KM, math.radians(shell.inclination_deg)

    def seen(places: Sequence[tuple[float, float]], mask_deg: float) -> bool:
        return can_be_in_view(places, altitude, inclination, math.radians(mask_deg))

    mask = scenario.links.ground_mask_deg
    stations = [(n.lat_deg, n.lon_deg) for n in scenario.ground.nodes if n.terminal is not None]
    below = [place for place in stations if seen([place], mask)]
    if scenario.hardware[group.terminal].memory is None:
        return any(seen(pair, mask) for pair in combinations(below, 2))
    if any(
        other.id != group.id and scenario.hardware[other.terminal].memory is not None
        for other in scenario.satellites
    ):
        return True
    haps = [hap for hap in scenario.haps if _hap_sees(scenario, hap, seen)]
    return len(below) + len(haps) >= 2


def _hap_sees(scenario: PlanScenario, hap: Any, seen: Any) -> bool:
    """Whether a HAP may see a satellite from anywhere on its circle: it is farther away by its radius."""
    wider = math.degrees(hap.circle_radius_km * KM / EARTH_RADIUS)
    return bool(seen([(hap.lat_deg, hap.lon_deg)], max(scenario.links.hap_mask_deg - 2.0 * wider, -89.0)))


# ------------------------------------------------------------------------------------ bound and plan


@dataclass(frozen=True, slots=True, repr=False)
class Task(Shown):
    """What is to be found out about a scenario.

    Parameters
    ----------
    scenario
        Written out, with the candidate in it.
    stage
        A bound over all paths, or a plan.
    settings
        Gap and time limit of the plan; the time limit holds for the bound too.
    threads
        Slots that are searched at the same time; None for one per processor.
    """

    scenario: PlanScenario
    stage: Stage
    settings: Settings
    threads: int | None

    def name(self) -> str:
        """Return the hash of all that its results depend on."""
        return content_hash(
            {
                "scenario": json.loads(self.scenario.model_dump_json()),
                "stage": self.stage,
                "gap": self.settings.gap,
                "time_limit": self.settings.time_limit,
                "seed": self.settings.seed,
                "code": code_hash(),
                "libraries": library_versions(),
            }
        )


def evaluate(task: Task) -> dict[str, Any]:
    """Return ``{"results": numbers}``, or ``{"error": message}``.

    Parameters
    ----------
    task
        The task.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C came meanwhile.
    """
    try:
        instance = with_paths(build_plan_system(task.scenario).instance, "generated")
        find = _bound if task.stage == "bound" else _plan
        return {"results": find(instance, task)}
    except SatqnError as error:
        return {"error": str(error)}


def _bound(instance: RoutingInstance, task: Task) -> dict[str, Any]:
    """Return the bound of the LP over all paths, the worth of a packed plan, a bound on the worst demand.

    Notes
    -----
    The log tells when columns are no longer sought; then the run is asked to stop. Any bound that it has by
    then is proven, whenever that is.
    """
    run, ended = Run(task.settings.time_limit), False

    def heard(line: LogLine) -> None:
        nonlocal ended
        if stopping() or not line.event.startswith(COLUMN_EVENTS):
            ended = ended or not stopping()
            run.interrupted.set()

    run.listener = heard
    with ctrl_c_stops(run):
        found = generate(instance, run, BOUND_GAP, seed=task.settings.seed, workers=task.threads)
    if found.outcome.status == "interrupted" and not ended:
        raise KeyboardInterrupt
    infeasible = found.outcome.status == "infeasible"
    return {
        "bound_pairs": None if infeasible else run.bound,
        "packed_pairs": None if infeasible else run.incumbent,
        "worst_bound_pairs": None if infeasible else worst_bound(instance),
        "infeasible": infeasible,
    }


def worst_bound(instance: RoutingInstance) -> float:
    """Return a bound on the pairs of the worst-served demand in any plan.

    Parameters
    ----------
    instance
        The instance.

    Notes
    -----
    The least, over the demands, of what the links and stores at the users of each could give it alone.
    """
    demands = instance.demands
    alone = []
    for k in range(len(demands)):
        one = slice(k, k + 1)
        only = replace(
            demands,
            ids=demands.ids[one],
            source=demands.source[one],
            destination=demands.destination[one],
            weight=np.ones((instance.slots, 1)),
            target_fidelity=demands.target_fidelity[one],
            minimum_rate=demands.minimum_rate[one],
        )
        alone.append(ends_alone(Network.of(replace(instance, demands=only))))
    return min(alone)


def _plan(instance: RoutingInstance, task: Task) -> dict[str, Any]:
    settings = replace(task.settings, workers=task.threads or 1)
    solution = solve(instance, settings)
    if solution.status == "interrupted":
        raise KeyboardInterrupt  # numbers of a plan that was cut short are no numbers of this candidate
    plan = solution.plan
    pairs = dict.fromkeys(instance.demands.ids, 0.0)
    if plan is not None:
        owner = {path.id: path.demand for path in plan.paths}
        for serve in plan.serve:
            pairs[owner[serve.path]] += serve.rate * instance.slot_length
    worst = min(pairs, key=lambda name: pairs[name])
    return {
        "status": solution.status,
        "objective_pairs": None if plan is None else plan.objective_pairs,
        "delivered_pairs": None if plan is None else plan.delivered_pairs,
        "plan_bound_pairs": solution.bound_pairs,
        "worst_demand": None if plan is None else worst,
        "worst_pairs": None if plan is None else pairs[worst],
        "demand_pairs": None if plan is None else pairs,
        "wall_s": solution.wall_s,
    }
