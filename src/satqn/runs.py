"""Everything for one scenario, into one folder: what ``satqn run`` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InfeasibleError, InputError, SatqnError, StoppedError
from satqn.files import check_folder
from satqn.hybrid.protocol import EvaluationInterrupted, evaluate_pairs, explain_pair
from satqn.interruption import interruptible
from satqn.model.plan import Plan
from satqn.model.results import PairResults
from satqn.model.system import HybridSystem
from satqn.network.places import draw_pairs
from satqn.planning import PlanSystem, build_plan_system
from satqn.provenance import content_hash, provenance
from satqn.reports.plan_record import PlanRecord
from satqn.reports.plan_report import write_plan_run
from satqn.reports.run_report import RunRecord, write_run
from satqn.reports.summary import summarise
from satqn.routing.check import check
from satqn.routing.explain import explain
from satqn.routing.gains import gains
from satqn.routing.instance_writer import document_text
from satqn.routing.plan_file import plan_document
from satqn.routing.solve import Solution
from satqn.routing.stopping import Listener
from satqn.scenario.load import Loaded
from satqn.scenario.planning import PlanScenario
from satqn.scenario.resolve import dotted, leaves, resolve, to_yaml
from satqn.scenario.schema import Scenario
from satqn.simulate.replay import ReplayInterrupted, replay_plan
from satqn.sphere import great_circle
from satqn.topology.expand import expand
from satqn.topology.hybrid import build_system
from satqn.topology.resolution import resolved, resolved_text
from satqn.whatif.architectures import Comparison, compare

Progress = Callable[[int, int], None]

REPLAY_RUNS = 200
"""Runs of the simulation that every planning run makes of its plan."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how the work goes on; each may be None.

    Parameters
    ----------
    pairs
        Pairs evaluated and all.
    links
        Links evaluated and all.
    bounds
        Every line of the log of the planner.
    """

    pairs: Progress | None = None
    links: Progress | None = None
    bounds: Listener | None = None


def run_loaded(
    loaded: Loaded, place: Path, watch: Watch = Watch(), *, compared: bool = True
) -> dict[str, Any]:
    """Do everything for a scenario and write it into one folder.

    Parameters
    ----------
    loaded
        The scenario with where its values came from.
    place
        The folder.
    watch
        Who is told how the work goes on.
    compared
        Whether a planning run compares architectures.

    Returns
    -------
    dict
        The summary as plain values.
    """
    check_folder(place)
    scenario = loaded.scenario
    if isinstance(scenario, Scenario):
        return _run_hybrid(scenario, place, watch)
    if isinstance(scenario, PlanScenario):
        return _run_plan(loaded, scenario, place, watch, compared)
    raise InputError(
        f"{scenario.name} has no places to report on",
        fix=f"Use `satqn plan {scenario.name}`",
    )


def _run_hybrid(scenario: Scenario, place: Path, watch: Watch) -> dict[str, Any]:
    system = build_system(scenario)
    a, b = draw_pairs(system.network, scenario.pairs, scenario.seed)
    results, ended = _evaluated(system, a, b, watch.pairs)
    summary = summarise(results, scenario.target_fidelity) | ended
    resolved = resolve(scenario)
    record = RunRecord(
        resolved=resolved,
        system=system,
        results=results,
        summary=summary,
        example=explain_pair(system, *_example_pair(system)).to_dict(),
        provenance=provenance(
            command=f"satqn run {scenario.name}",
            scenario=resolved,
            inputs={"nodes": content_hash("\n".join(system.network.nodes.ids.tolist()))},
        ),
    )
    write_run(record, place)
    return summary


def _evaluated(
    system: HybridSystem, a: NDArray[np.int64], b: NDArray[np.int64], progress: Progress | None
) -> tuple[PairResults, dict[str, str]]:
    """Return the results of pairs, after Ctrl-C of those that were finished, and how it ended."""
    try:
        return evaluate_pairs(system, a, b, progress=progress), {}
    except EvaluationInterrupted as stop:
        if not len(stop.partial):
            raise
        return stop.partial, {"status": "interrupted"}


def _example_pair(system: HybridSystem) -> tuple[int, int]:
    """Return the largest place and the largest other place at least 1000 km away (or the farthest)."""
    nodes = system.network.nodes
    first = int(np.argmax(nodes.population))
    distance = great_circle(nodes.lat_deg[first], nodes.lon_deg[first], nodes.lat_deg, nodes.lon_deg)
    far = (distance >= min(1e6, float(distance.max()))) & ~nodes.inserted
    return first, int(np.argmax(np.where(far, nodes.population, -1.0)))


def _run_plan(
    loaded: Loaded, scenario: PlanScenario, place: Path, watch: Watch, compared: bool
) -> dict[str, Any]:
    whole = expand(loaded)
    system = build_plan_system(whole.scenario, watch.links, whole.remarks)
    with interruptible() as asked:
        table = compare(system, listener=watch.bounds) if compared else None
        solution = system.plan(listener=watch.bounds) if table is None else table.whole
        if solution.plan is None:
            raise _no_plan(scenario.name, solution)
        record = plan_record(system, solution, table, loaded, asked=asked)
        write_plan_run(record, place)
    return dict(record.summary)


def _no_plan(name: str, solution: Solution) -> SatqnError | KeyboardInterrupt:
    """Return the error of a search that ended without any plan."""
    if solution.status == "infeasible":
        return InfeasibleError(f"{name}: {solution.conflict or solution.status}")
    if solution.status == "interrupted":
        return KeyboardInterrupt("stopped before there was a plan")
    return StoppedError(
        f"{name}: no plan was found before the search ended ({solution.status.replace('_', ' ')})",
        why="A minimum rate is due, so serving nobody is no plan",
        fix="Give more time, or lower a minimum rate",
    )


def report_plan(
    system: PlanSystem, solution: Solution, place: Path, record: PlanRecord | None = None
) -> Path:
    """Write the report of a plan into a folder and return its page; its record is made unless it is given.

    Raises
    ------
    InputError
        There is no plan to report on.
    """
    if solution.plan is None:
        raise InputError(f"there is no plan to report on: {solution.status}")
    check_folder(place)
    return write_plan_run(record or plan_record(system, solution), place)


def plan_record(
    system: PlanSystem,
    solution: Solution,
    table: Comparison | None = None,
    loaded: Loaded | None = None,
    *,
    asked: Event | None = None,
    brief: bool = False,
) -> PlanRecord:
    """Check, explain and replay a plan, and return everything that its report is made of.

    Parameters
    ----------
    system, solution
        What was planned, and the plan.
    table
        The comparison of architectures, if there is one.
    loaded
        The scenario as it was read, which knows where its values came from.
    asked
        Set once the user wants to stop: the simulation is then left out, and the summary says so.
    brief
        Leave out what has to be planned again: what one more of something brings.
    """
    assert solution.plan is not None
    asked = asked or Event()
    scenario = system.scenario
    violations = [str(violation) for violation in check(system.instance, solution.plan)]
    reasons = None
    if solution.primal is not None and not asked.is_set():
        explanation = explain(solution.problem, solution.primal)
        brought = [] if brief else [gain.to_dict() for gain in gains(solution, explanation.prices)]
        reasons = explanation.to_dict() | {"gains": brought}
    replay = None if asked.is_set() else _replayed(system, solution.plan)
    summary = solution.summary() | {
        "checker": violations or "ok",
        **({} if table is None else table.to_dict()),
        "simulation": replay,
    }
    if asked.is_set():
        summary["status"] = "interrupted"  # of the run: its plan says how far the plan itself has come
    whole = None if loaded is None else resolved(loaded)
    data = scenario.model_dump(mode="json") if whole is None else whole.data
    return PlanRecord(
        stage=system.stage,
        state=system.state,
        plan=solution.plan,
        summary=summary,
        instance_text=system.instance_text,
        plan_text=document_text(plan_document(solution.plan)),
        resolved_yaml=to_yaml(data) if loaded is None else resolved_text(loaded),
        provenance=provenance(
            command=f"satqn run {scenario.name}", scenario=data, inputs={"instance": system.instance.sha256}
        ),
        origins=()
        if whole is None
        else [(dotted(loc), value, whole.origins[dotted(loc)]) for loc, value in leaves(data)],
        violations=violations,
        explanation=reasons,
        comparison=None if table is None else table.rows(),
        replay=replay,
    )


def _replayed(system: PlanSystem, plan: Plan) -> dict[str, Any] | None:
    """Return what simulation delivers of a plan; None if the user stopped it."""
    try:
        return replay_plan(system.instance, plan, runs=REPLAY_RUNS, seed=system.scenario.seed).to_dict()
    except ReplayInterrupted:
        return None
