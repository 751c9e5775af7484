"""Everything for one scenario, into one folder: what ``satqn run`` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from satqn.errors import InfeasibleError, InputError
from satqn.files import check_writable
from satqn.hybrid.protocol import evaluate_pairs, explain_pair
from satqn.model.system import HybridSystem
from satqn.network.places import draw_pairs
from satqn.planning import build_plan_system
from satqn.provenance import content_hash, provenance
from satqn.report.plan_record import PlanRecord
from satqn.report.plan_report import write_plan_run
from satqn.report.run_report import RunRecord, write_run
from satqn.report.summary import summarise
from satqn.routing.check import check
from satqn.routing.explain import explain
from satqn.routing.instance_writer import document_text
from satqn.routing.plan_file import plan_document
from satqn.routing.stopping import Listener
from satqn.scenario.load import Loaded
from satqn.scenario.planning import PlanScenario
from satqn.scenario.resolve import dotted, leaves, resolve
from satqn.scenario.schema import Scenario
from satqn.simulate.replay import replay_plan
from satqn.sphere import great_circle
from satqn.topology.expand import expand
from satqn.topology.hybrid import build_system
from satqn.topology.resolution import resolved, resolved_text
from satqn.whatif.architectures import compare

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
    check_writable(place / "report.html")
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
    results = evaluate_pairs(system, a, b, progress=watch.pairs)
    summary = summarise(results, scenario.target_fidelity)
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
    system = build_plan_system(expand(loaded).scenario, watch.links)
    table = compare(system, listener=watch.bounds) if compared else None
    solution = system.plan(listener=watch.bounds) if table is None else table.whole
    if solution.plan is None:
        raise InfeasibleError(f"{scenario.name}: {solution.conflict or solution.status}")
    violations = [str(violation) for violation in check(system.instance, solution.plan)]
    reasons = None if solution.primal is None else explain(solution.problem, solution.primal).to_dict()
    replay = replay_plan(system.instance, solution.plan, runs=REPLAY_RUNS, seed=scenario.seed)
    architectures = None if table is None else table.to_dict()
    summary = solution.summary() | {
        "checker": violations or "ok",
        **(architectures or {}),
        "simulation": replay.to_dict(),
    }
    whole = resolved(loaded)
    record = PlanRecord(
        stage=system.stage,
        state=system.state,
        plan=solution.plan,
        summary=summary,
        instance_text=system.instance_text,
        plan_text=document_text(plan_document(solution.plan)),
        resolved_yaml=resolved_text(loaded),
        provenance=provenance(
            command=f"satqn run {scenario.name}",
            scenario=whole.data,
            inputs={"instance": system.instance.sha256},
        ),
        origins=[(dotted(loc), value, whole.origins[dotted(loc)]) for loc, value in leaves(whole.data)],
        violations=violations,
        explanation=reasons,
        comparison=None if table is None else table.rows(),
        replay=replay.to_dict(),
    )
    write_plan_run(record, place)
    return summary
