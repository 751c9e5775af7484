"""One small plan for the tests of reports and exports, made once: fibre, a HAP, memories and pair sources."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from satqn.planning import PlanSystem, build_plan_system, load_plan_scenario
from satqn.provenance import provenance
from satqn.reports.plan_record import PlanRecord
from satqn.reports.plan_view import PlanView
from satqn.routing.check import check
from satqn.routing.explain import explain
from satqn.routing.instance_writer import document_text
from satqn.routing.plan_file import plan_document
from satqn.scenario.resolve import to_yaml

SCENARIO = """
format: satqn-scenario
schema_version: 2
study: plan
name: two-capitals
description: Two capitals & <two> kinds of satellites.
seed: 3
time: {start: 2026-06-21T01:00:00+02:00, horizon_s: 7200, slot_s: 600}
hardware:
  plain-50cm:
    wavelength_nm: {value: 810, source: "test"}
    receiver:
      radius_m: {value: 0.5, source: "test"}
      optics: {value: 0.5, source: "test"}
      fibre_coupling: {value: 0.7, source: "test"}
      spectral_filter: {value: 0.9, source: "test"}
      detector: {value: 0.9, source: "test"}
      dark_counts_per_s: {value: 10, source: "test"}
      window_ns: {value: 1, source: "test"}
      filter_bandwidth_nm: {value: 1, source: "test"}
      field_of_view_urad: {value: 10, source: "test"}
ground:
  terminals: 2
  nodes:
    - {id: Berlin, lat_deg: 52.52, lon_deg: 13.40, terminal: ground-60cm, population: 3700000}
    - {id: Potsdam, lat_deg: 52.40, lon_deg: 13.06, terminal: ground-60cm, population: 180000}
    - {id: Oranienburg, lat_deg: 52.75, lon_deg: 13.24}
    - {id: Madrid, lat_deg: 40.42, lon_deg: -3.70, terminal: ground-60cm, population: 3300000}
    - {id: Toledo, lat_deg: 39.86, lon_deg: -4.02, terminal: ground-60cm, population: 85000}
    - {id: Nice, lat_deg: 43.70, lon_deg: 7.27, terminal: plain-50cm}
    - {id: Warsaw, lat_deg: 52.23, lon_deg: 21.01, terminal: plain-50cm}
haps:
  - {id: HAP, lat_deg: 52.5, lon_deg: 13.3, altitude_km: 20, terminal: hap-15cm, terminals: 3, storage_pairs: 3000}
satellites:
  - id: MEO
    walker: {satellites: 4, planes: 2, phasing: 1, altitude_km: 10000, inclination_deg: 56, first_raan_deg: 40}
    terminal: satellite-30cm
    terminals: 3
    storage_pairs: 3000
  - id: SRC
    walker: {satellites: 9, planes: 3, phasing: 1, altitude_km: 6000, inclination_deg: 52}
    terminal: meo-source
    terminals: 2
fibre:
  neighbours: {count: 3, within_km: 120}
demands:
  - {id: capitals, source: Berlin, destination: Madrid, target_fidelity: 0.9}
  - {id: corners, source: Nice, destination: Warsaw, target_fidelity: 0.7}
  - {id: suburb, source: Oranienburg, destination: Potsdam, weight: 0.5}
target_fidelity: 0.8
"""


@dataclass(frozen=True)
class Example:
    system: PlanSystem
    record: PlanRecord
    view: PlanView


@lru_cache(maxsize=1)
def example() -> Example:
    """Plan the small scenario, with a comparison and a replay made of its own numbers."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "two-capitals.yaml"
        path.write_text(SCENARIO, encoding="utf-8")
        system = build_plan_system(load_plan_scenario(path))
    solution = system.plan(gap=1e-2)
    plan = solution.plan
    assert plan is not None
    assert solution.primal is not None
    resolved = system.scenario.model_dump(mode="json")
    record = PlanRecord(
        stage=system.stage,
        state=system.state,
        plan=plan,
        summary=solution.summary(),
        instance_text=system.instance_text,
        plan_text=document_text(plan_document(plan)),
        resolved_yaml=to_yaml(resolved),
        provenance=provenance(command="satqn run two-capitals", scenario=resolved, inputs={}),
        origins=(
            ("hardware.plain-50cm.receiver.radius_m", 0.5, "test"),
            ("seed", 3, "two-capitals.yaml:7:7"),
        ),
        violations=[str(found) for found in check(system.instance, plan)],
        explanation=explain(solution.problem, solution.primal).to_dict(),
        comparison=comparison(plan.delivered_pairs),
        replay=replay([demand.id for demand in system.scenario.demands if demand.id], plan.delivered_pairs),
    )
    return Example(system, record, PlanView.of(system.stage, system.state, plan))


def comparison(pairs: float) -> list[dict[str, Any]]:
    rows = {"fibre only": 0.25 * pairs, "satellites only": None, "all together": pairs}
    return [
        {"name": name, "objective_pairs": value, "delivered_pairs": value, "bound_pairs": value}
        for name, value in rows.items()
    ]


def replay(demands: list[str], pairs: float) -> dict[str, Any]:
    def spread(mean: float) -> dict[str, float]:
        return {"mean": mean, "low": 0.99 * mean, "high": 1.01 * mean}

    share = pairs / len(demands)
    return {
        "runs": 4,
        "promised_pairs": pairs,
        "delivered_pairs": spread(0.9 * pairs),
        "reasons": {"rounding": spread(0.04 * pairs), "empty_stock": spread(0.06 * pairs)},
        "demands": [
            {"id": name, "promised_pairs": share, "delivered_pairs": spread(0.9 * share)} for name in demands
        ],
    }
