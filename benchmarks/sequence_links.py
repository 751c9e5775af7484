"""SeQUeNCe simulates what satqn wrote out: three links and a chain of two, each with one memory a link.

    satqn export sequence benchmarks/sequence-links.yaml --memories 2 --stop-time-s 30 -o two-rounds.json
    satqn export sequence benchmarks/sequence-links.yaml --memories 2 --stop-time-s 30 \\
        --generation single-heralded -o one-round.json
    python benchmarks/sequence_links.py two-rounds.json one-round.json

Run it with a Python that has SeQUeNCe (``pip install sequence``); satqn is not needed there. What SeQUeNCe
did goes to benchmarks/results/sequence.json: cycles of generation, pairs, and the time from pair to pair.
``python tools/make_simulation_page.py`` puts it beside what satqn says.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sequence.app.request_app import RequestApp
from sequence.constants import BARRET_KOK, SINGLE_HERALDED
from sequence.entanglement_management.generation.generation_base import (
    EntanglementGenerationA,
    EntanglementGenerationB,
)
from sequence.topology.router_net_topo import RouterNetTopo

RESULTS = Path(__file__).parent / "results" / "sequence.json"
PAIRS = (("a1", "b1"), ("a2", "b2"), ("a3", "b3"), ("a4", "b4"))
BEGIN = 10**10
"""Of the requests, ps: by then they are granted."""


class Receiver(RequestApp):
    """Notes when an entangled memory is handed over, and gives it back."""

    def __init__(self, node: Any) -> None:
        super().__init__(node)
        self.times: list[int] = []

    def get_memory(self, info: Any) -> None:
        if info.state == "ENTANGLED" and info.index in self.memo_to_reservation:
            self.times.append(self.node.timeline.now())
        super().get_memory(info)


class Emissions:
    """Notes when a memory of a router emits a photon."""

    def __init__(self, router: Any) -> None:
        self.times: list[int] = []
        for memory in router.get_components_by_type("MemoryArray")[0]:
            memory.excite = self._noting(router.timeline, memory.excite)

    def _noting(self, timeline: Any, excite: Any) -> Any:
        def noted(*arguments: Any, **keywords: Any) -> None:
            self.times.append(timeline.now())
            excite(*arguments, **keywords)

        return noted


def simulated(source: str) -> dict[str, Any]:
    """Return what happens in a topology until its stop time."""
    heralded = json.loads(Path(source).read_text(encoding="utf-8"))["formalism"] == "bell_diagonal"
    for kind in (EntanglementGenerationA, EntanglementGenerationB):
        kind.set_global_type(SINGLE_HERALDED if heralded else BARRET_KOK)
    topology = RouterNetTopo(source)
    timeline = topology.get_timeline()
    routers = {router.name: router for router in topology.get_nodes_by_type("QuantumRouter")}
    apps = {name: Receiver(router) for name, router in routers.items()}
    for name, router in routers.items():
        router.app = apps[name]
    pairs = PAIRS[:-1] if heralded else PAIRS  # no swaps of Bell-diagonal states in SeQUeNCe 0.8.5
    emitted = {a: Emissions(routers[a]) for a, _ in pairs}
    timeline.init()
    for a, b in pairs:
        apps[a].start(b, BEGIN, timeline.stop_time, 1, 0.5)
    start = time.process_time()
    timeline.run()
    return {
        "generation": "single-heralded" if heralded else "barrett-kok",
        "cpu_s": time.process_time() - start,
        "simulated_s": timeline.stop_time / 1e12,
        "pairs": [
            {"source": a, "destination": b, "emissions_ps": emitted[a].times, "deliveries_ps": apps[a].times}
            for a, b in pairs
        ],
    }


def main() -> None:
    runs = [simulated(source) for source in sys.argv[1:]]
    for run in runs:
        print(run["generation"], f"{run['cpu_s']:.1f} s")
        for row in run["pairs"]:
            print(row["source"], row["destination"], len(row["emissions_ps"]), len(row["deliveries_ps"]))
    record = {"python": platform.python_version(), "sequence": version("sequence"), "runs": runs}
    RESULTS.write_text(json.dumps(record) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
