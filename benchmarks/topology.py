"""From a planning scenario to its routing instance: who sees whom, what links deliver, the document.

    python benchmarks/topology.py [--quick]

CPU time of one process, compilation left out. Two kinds of network, in three sizes each: the CORONET
backbone of 75 nodes with 12 ground stations and a MEO shell of pair sources (a day in slots of 10 minutes;
every pair of stations is served by the best satellite of each slot), and a polar LEO shell with memories and
crosslinks to its neighbours, 20 ground stations around the world, two hours in slots of 5 minutes. Results
go to benchmarks/results/topology.json.
"""

from __future__ import annotations

import json
import math
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

from satqn.planning import load_plan_scenario
from satqn.scenario.planning import GroundNode, PlanScenario, TimeSection
from satqn.topology.bodies import stage
from satqn.topology.expand import expanded
from satqn.topology.instance import instance_document
from satqn.topology.sight import views
from satqn.topology.state import link_state

RESULTS = Path(__file__).parent / "results" / "topology.json"
GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0

Row = dict[str, float | int | str]


def with_shell(scenario: PlanScenario, satellites: int, planes: int) -> PlanScenario:
    """Return the scenario with another number of satellites in its first group."""
    group = scenario.satellites[0]
    assert group.walker is not None
    walker = group.walker.model_copy(update={"satellites": satellites, "planes": planes, "phasing": 1})
    return scenario.model_copy(update={"satellites": (group.model_copy(update={"walker": walker}),)})


def dual_downlinks(satellites: int) -> PlanScenario:
    scenario = load_plan_scenario("coronet-meo")
    stations = (scenario.ground.stations or ())[:12]
    ground = scenario.ground.model_copy(update={"stations": stations})
    return with_shell(scenario.model_copy(update={"ground": ground}), satellites, 3)


def crosslinks(satellites: int, planes: int) -> PlanScenario:
    scenario = load_plan_scenario("global-leo")
    listed = scenario.ground.nodes
    more = tuple(
        GroundNode(id=f"Station-{i}", lat_deg=60.0 * (2 * i / 10 - 0.9), lon_deg=(i * GOLDEN % 1 - 0.5) * 360)
        for i in range(20 - len(listed))
    )
    ground = scenario.ground.model_copy(update={"nodes": listed + more})
    hours = TimeSection(start=scenario.time.start, horizon_s=7200.0, slot_s=300.0)
    return with_shell(scenario.model_copy(update={"ground": ground, "time": hours}), satellites, planes)


def timed(name: str, size: int, scenario: PlanScenario) -> Row:
    begin = time.process_time()
    ready = stage(expanded(scenario))
    set_out = time.process_time()
    seen = views(ready)
    looked = time.process_time()
    state = link_state(ready)
    delivered = time.process_time()
    document = instance_document(ready, state)
    done = time.process_time()
    row: Row = {
        "network": name, "satellites": size, "views": len(seen), "links": len(state), "slots": state.slots,
        "sharing_rows": len(document["sharing"]), "views_cpu_s": looked - set_out,
        "state_cpu_s": delivered - looked, "document_cpu_s": done - delivered,
        "whole_cpu_s": (set_out - begin) + (done - looked),
    }  # fmt: skip
    print(
        "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()), flush=True
    )
    return row


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    timed("compile", 0, load_plan_scenario("metro-pair"))
    rows = [timed("metro-pair", 8, load_plan_scenario("metro-pair"))]
    for size in (6,) if quick else (6, 12, 24):
        rows.append(timed("dual downlinks", size, dual_downlinks(size)))
    for size, planes in ((66, 6),) if quick else ((66, 6), (150, 10), (300, 15)):
        rows.append(timed("crosslinks", size, crosslinks(size, planes)))
    record = {
        "python": platform.python_version(), "machine": platform.machine(),
        "versions": {name: version(name) for name in ("numpy", "numba")}, "quick": quick, "rows": rows,
    }  # fmt: skip
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
