"""A point of a sweep: a scenario under some settings, and the numbers that it gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from satqn.documents import read_bytes
from satqn.errors import SatqnError
from satqn.hybrid.protocol import evaluate_pairs
from satqn.model.instance import RoutingInstance
from satqn.model.shown import Shown
from satqn.network.places import draw_pairs
from satqn.planning import build_plan_system, case_study, settings_of
from satqn.provenance import content_hash, library_versions
from satqn.reports.summary import summarise
from satqn.routing.instance_file import instance_from_document
from satqn.routing.solve import Settings, Solution, solve
from satqn.scenario.case_study import CaseStudyScenario
from satqn.scenario.load import AnyScenario, load_any
from satqn.scenario.schema import Scenario
from satqn.topology.expand import expanded
from satqn.topology.hybrid import build_system
from satqn.whatif.architectures import compare_instance

PLAN_METRICS = ("delivered_pairs", "objective_pairs", "bound_pairs", "gap", "served_share")
HYBRID_METRICS = (
    "median_rate_per_s", "median_fidelity", "share_fibre", "share_hybrid", "share_satellite", "share_none",
)  # fmt: skip

Numbers = dict[str, float | str | None]
"""Metrics by name, and which paths a bound covers."""


@dataclass(frozen=True, slots=True, repr=False)
class Point(Shown):
    """A scenario under some settings.

    Parameters
    ----------
    source
        Name or file of the scenario.
    settings
        Dotted keys to values: what varies, and what is the same for all points.
    architectures
        Whether to plan parts of the network too.
    """

    source: str
    settings: Mapping[str, Any]
    architectures: bool = False

    def scenario(self) -> AnyScenario:
        """Return the scenario, read, checked and written out."""
        found = load_any(self.source, self.settings).scenario
        return found if isinstance(found, Scenario | CaseStudyScenario) else expanded(found)

    def name(self) -> str:
        """Return the hash of all that its numbers depend on.

        Raises
        ------
        SatqnError
            The scenario cannot be used.
        """
        scenario = self.scenario()
        stations = scenario.ground_stations.file if isinstance(scenario, Scenario) else None
        return content_hash(
            {
                "scenario": json.loads(scenario.model_dump_json()),
                "stations": None if stations is None else content_hash(read_bytes(stations)),
                "architectures": self.architectures,
                "code": code_hash(),
                "libraries": library_versions(),
            }
        )


@cache
def code_hash() -> str:
    """Return a hash of the source text of satqn: numbers of another version are not taken up."""
    root = Path(str(files("satqn")))
    return content_hash(
        [
            [str(path.relative_to(root)), content_hash(path.read_bytes())]
            for path in sorted(root.rglob("*"))
            if path.suffix in {".py", ".csv", ".json"}
        ]
    )


def evaluate(point: Point) -> dict[str, Any]:
    """Return the numbers of a point, ``{"results": {label: numbers}}``, or ``{"error": message}``.

    Parameters
    ----------
    point
        The point; ``label`` is the architecture, or empty without a comparison.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C came while it was planned.
    """
    try:
        return {"results": _results(point)}
    except SatqnError as error:
        return {"error": str(error)}


def _results(point: Point) -> dict[str, Numbers]:
    scenario = point.scenario()
    if isinstance(scenario, Scenario):
        return {"": _hybrid(scenario)}
    if isinstance(scenario, CaseStudyScenario):
        return _plans(instance_from_document(case_study(scenario)), settings_of(scenario), point)
    return _plans(build_plan_system(scenario).instance, settings_of(scenario), point)


def _plans(instance: RoutingInstance, settings: Settings, point: Point) -> dict[str, Numbers]:
    if not point.architectures:
        found = {"": solve(instance, settings)}
    else:
        comparison = compare_instance(instance, settings)
        found = {**dict(comparison.parts), "all together": comparison.whole}
    if any(solution.status == "interrupted" for solution in found.values()):
        raise KeyboardInterrupt  # numbers of a plan that was cut short are no numbers of this point
    return {name: plan_numbers(solution) for name, solution in found.items()}


def plan_numbers(solution: Solution) -> Numbers:
    """Return the metrics of a plan; ``served_share`` is the share of demands and slots that get pairs.

    Parameters
    ----------
    solution
        What a method found.
    """
    plan, instance = solution.plan, solution.problem.instance
    share = None
    if plan is not None:
        owner = {path.id: path.demand for path in plan.paths}
        served = {(owner[serve.path], serve.slot) for serve in plan.serve if serve.rate > 0}
        share = len(served) / (len(instance.demands) * instance.slots)
    return {
        "delivered_pairs": None if plan is None else plan.delivered_pairs,
        "objective_pairs": None if plan is None else plan.objective_pairs,
        "bound_pairs": solution.bound_pairs,
        "gap": solution.gap,
        "served_share": share,
        "bound_covers": solution.bound_covers,
    }


def _hybrid(scenario: Scenario) -> Numbers:
    system = build_system(scenario)
    a, b = draw_pairs(system.network, scenario.pairs, scenario.seed)
    found = summarise(evaluate_pairs(system, a, b), scenario.target_fidelity)
    return {
        "median_rate_per_s": found["median_rate_per_s"]["protocol"]["value"],
        "median_fidelity": found["median_fidelity"]["protocol"]["value"],
        **{f"share_{way}": found["chosen_by_rate"][way]["share"] for way in found["chosen_by_rate"]},
    }
