"""The Python face of satqn: load, build, evaluate, pair, plan, check, replay, report, run.

Each function is one arrow of the way of the data, and one command of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.hybrid.protocol import EvaluationInterrupted, PairExplanation, evaluate_pairs, explain_pair
from satqn.links import FibreLink, SatelliteLink, fibre_link, satellite_link
from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan, Violation
from satqn.model.results import PairResults
from satqn.model.system import HybridSystem
from satqn.network.places import draw_pairs, find_node, pairs_from_file
from satqn.planning import PlanSystem, build_plan_system, load_plannable
from satqn.routing.check import check as violations_of
from satqn.routing.solve import Settings, Solution, solve
from satqn.runs import Watch, report_plan, run_loaded
from satqn.scenario.case_study import CaseStudyScenario
from satqn.scenario.load import AnyScenario, catalogue, load_any
from satqn.scenario.planning import PlanScenario
from satqn.scenario.schema import Scenario
from satqn.simulate.replay import replay_plan
from satqn.simulate.replay_counts import ReplayCounts
from satqn.topology.hybrid import build_system

__all__ = [
    "CaseStudyScenario",
    "EvaluationInterrupted",
    "FibreLink",
    "HybridSystem",
    "PairExplanation",
    "PairResults",
    "PlanScenario",
    "PlanSystem",
    "ReplayCounts",
    "RoutingInstance",
    "SatelliteLink",
    "Scenario",
    "Solution",
    "Watch",
    "build",
    "catalogue",
    "check",
    "evaluate",
    "fibre_link",
    "load",
    "pair",
    "plan",
    "replay",
    "report",
    "run",
    "satellite_link",
]

Progress = Callable[[int, int], None]
"""Called with the number of pairs done and the number of all."""


def load(source: str | Path, overrides: Mapping[str, Any] | None = None) -> AnyScenario:
    """Read and check a scenario: a catalogue name or a YAML file.

    Examples
    --------
    >>> load("us-cities", {"placement": "greedy"}).protocol_options().placement
    'greedy'
    >>> load("metro-pair").time.slots
    24
    """
    return load_any(source, overrides).scenario


@overload
def build(scenario: Scenario) -> HybridSystem: ...
@overload
def build(scenario: PlanScenario) -> PlanSystem: ...
@overload
def build(scenario: AnyScenario | str | Path) -> HybridSystem | PlanSystem: ...
def build(scenario: AnyScenario | str | Path) -> HybridSystem | PlanSystem:
    """Build what a scenario describes.

    Parameters
    ----------
    scenario
        From :func:`load`, or what it takes.

    Returns
    -------
    HybridSystem or PlanSystem
        For the hybrid protocol network, stations and satellite; for a plan bodies, slots, what every link
        delivers in every slot, and the routing instance.
    """
    chosen = load(scenario) if isinstance(scenario, str | Path) else scenario
    if isinstance(chosen, PlanScenario):
        return build_plan_system(chosen)
    if isinstance(chosen, Scenario):
        return build_system(chosen)
    raise InputError(f"{chosen.name} has nothing to build", fix=f"Plan it: satqn.plan({chosen.name!r})")


def evaluate(
    system: HybridSystem,
    pairs: int | str | Path | tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    seed: int = 1,
    progress: Progress | None = None,
) -> PairResults:
    """Evaluate fibre only, satellite only and hybrid for pairs of users.

    Parameters
    ----------
    system
        From :func:`build`.
    pairs
        A number of pairs to draw, a CSV file of node ids, or two arrays of node indices.
    seed
        Seed of the draw.
    progress
        Called from time to time with pairs done and all pairs.
    """
    if isinstance(pairs, tuple):
        a, b = pairs
    elif isinstance(pairs, int):
        a, b = draw_pairs(system.network, pairs, seed)
    else:
        a, b = pairs_from_file(system.network, pairs)
    return evaluate_pairs(system, a, b, progress=progress)


def pair(system: HybridSystem, start: str, end: str) -> PairExplanation:
    """Compare all ways between two places: path, active repeaters and their roles, rates, fidelities.

    Parameters
    ----------
    start, end
        A node id, a city name, or ``LAT,LON`` (the nearest node within 100 km).
    """
    a = find_node(system.network, start, "--from")
    b = find_node(system.network, end, "--to")
    return explain_pair(system, a, b)


def plan(
    source: PlanSystem | RoutingInstance | PlanScenario | str | Path,
    overrides: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Solution:
    """Plan who is served over which path in which slot, and what is stored, with a certified bound.

    Parameters
    ----------
    source
        What :func:`build` made of a planning scenario, an instance, or the name of a scenario or instance
        file.
    overrides
        Dotted keys to values of a scenario that is named.
    settings
        Fields of :class:`satqn.routing.solve.Settings`: ``method``, ``gap``, ``time_limit``, ``workers`` …

    Examples
    --------
    >>> plan("zhang2024", {"slots": 2}).status
    'optimal'
    """
    if isinstance(source, PlanScenario):
        source = build_plan_system(source)
    if isinstance(source, PlanSystem):
        return source.plan(**settings)
    if isinstance(source, RoutingInstance):
        return solve(source, Settings(**settings))
    found = load_plannable(source, None if overrides is None else dict(overrides))
    return solve(found.instance, replace(found.settings, **settings))


def check(instance: RoutingInstance | PlanSystem, plan: Plan | Solution) -> list[Violation]:
    """Return every constraint that a plan breaks, reckoned anew from the instance; empty if it is sound."""
    problem = instance.instance if isinstance(instance, PlanSystem) else instance
    return violations_of(problem, _plan_of(plan))


def replay(
    instance: RoutingInstance | PlanSystem, plan: Plan | Solution, *, runs: int = 1000, seed: int = 0
) -> ReplayCounts:
    """Replay a plan pair by pair, and say what is delivered of what it promises.

    Parameters
    ----------
    instance, plan
        The plan and what it was made for.
    runs, seed
        Of the simulation.
    """
    problem = instance.instance if isinstance(instance, PlanSystem) else instance
    return replay_plan(problem, _plan_of(plan), runs=runs, seed=seed)


def _plan_of(found: Plan | Solution) -> Plan:
    if isinstance(found, Plan):
        return found
    if found.plan is None:
        raise InputError(f"there is no plan: {found.status}")
    return found.plan


def report(system: PlanSystem, solution: Solution, folder: str | Path) -> Path:
    """Write the report of a plan with its figures, tables and exports into a folder, and return its page.

    Parameters
    ----------
    system, solution
        From :func:`build` and :func:`plan`.
    folder
        Where to; files of the same name in it are replaced.
    """
    return report_plan(system, solution, Path(folder))


def run(
    source: str | Path = "metro-pair",
    folder: str | Path | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    watch: Watch | None = None,
    compared: bool = True,
) -> tuple[Path, dict[str, Any]]:
    """Do everything for a scenario and write it into one folder.

    Parameters
    ----------
    source
        A catalogue name or a YAML file.
    folder
        Where to write; by default ``results/<name>``.
    overrides
        Dotted keys to values, put in after reading.
    watch
        Who is told how the work goes on; nobody by default.
    compared
        Whether a plan is compared with those of parts of the network.

    Returns
    -------
    page, summary
        The path of ``report.html`` and the summary as plain values.
    """
    loaded = load_any(source, overrides)
    place = Path(folder) if folder is not None else Path("results") / loaded.scenario.name
    return place / "report.html", run_loaded(loaded, place, watch or Watch(), compared=compared)
