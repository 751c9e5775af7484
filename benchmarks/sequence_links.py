"""SeQUeNCe simulates what satqn wrote out: three links and a chain of two, each with one memory a link.

    satqn export sequence benchmarks/sequence-links.yaml --memories 2 --stop-time-s 20 -o two-rounds.json
    satqn export sequence benchmarks/sequence-links.yaml --memories 2 --stop-time-s 20 \\
        --generation single-heralded -o one-round.json
    python benchmarks/sequence_links.py two-rounds.json one-round.json

Run it with a Python that has SeQUeNCe (``pip install sequence``); satqn is not needed there. What SeQUeNCe
did goes to benchmarks/results/sequence.json: attempts, pairs, and attempts and time from pair to pair.
``python tools/make_simulation_page.py`` puts it beside what satqn says.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sequence.app.request_app import RequestApp
from sequence.constants import BARRET_KOK, SINGLE_HERALDED
from sequence.entanglement_management.generation.barret_kok import BarretKokA
from sequence.entanglement_management.generation.generation_base import (
    EntanglementGenerationA,
    EntanglementGenerationB,
)
from sequence.entanglement_management.generation.single_heralded import SingleHeraldedA
from sequence.topology.router_net_topo import RouterNetTopo

RESULTS = Path(__file__).parent / "results" / "sequence.json"
PAIRS = (("a1", "b1"), ("a2", "b2"), ("a3", "b3"), ("a4", "b4"))
BEGIN = 10**10
"""Of the requests, ps: by then they are granted."""


class Emissions:
    """Counts the attempts of every router, and the second rounds in them."""

    def __init__(self) -> None:
        self.attempts: Counter[str] = Counter()
        self.second: Counter[str] = Counter()
        for kind in (BarretKokA, SingleHeraldedA):
            kind.emit_event = self._noting(kind.emit_event)

    def _noting(self, emit: Any) -> Any:
        def noted(protocol: Any) -> None:
            (self.attempts if protocol.ent_round == 1 else self.second)[protocol.owner.name] += 1
            emit(protocol)

        return noted


class Receiver(RequestApp):
    """Counts attempts and time between entangled memories that are handed over, and gives them back."""

    def __init__(self, node: Any, emissions: Emissions) -> None:
        super().__init__(node)
        self.emissions = emissions
        self.last: tuple[int, int] | None = None
        self.attempts_between: Counter[int] = Counter()
        self.gaps_s: list[float] = []

    def get_memory(self, info: Any) -> None:
        if info.state == "ENTANGLED" and info.index in self.memo_to_reservation:
            now = self.emissions.attempts[self.node.name], self.node.timeline.now()
            if self.last is not None:
                self.attempts_between[now[0] - self.last[0]] += 1
                self.gaps_s.append((now[1] - self.last[1]) / 1e12)
            self.last = now
        super().get_memory(info)


def row(app: Receiver, a: str, b: str) -> dict[str, Any]:
    gaps = app.gaps_s
    mean = statistics.fmean(gaps)
    return {
        "source": a, "destination": b, "attempts": app.emissions.attempts[a],
        "second_rounds": app.emissions.second[a], "pairs_after_the_first": len(gaps),
        "mean_gap_s": mean, "standard_error_s": statistics.stdev(gaps, mean) / len(gaps) ** 0.5,
        "attempts_between": dict(sorted(app.attempts_between.items())),
    }  # fmt: skip


def simulated(source: str, emissions: Emissions) -> dict[str, Any]:
    """Return what happens in a topology until its stop time."""
    heralded = json.loads(Path(source).read_text(encoding="utf-8"))["formalism"] == "bell_diagonal"
    for kind in (EntanglementGenerationA, EntanglementGenerationB):
        kind.set_global_type(SINGLE_HERALDED if heralded else BARRET_KOK)
    topology = RouterNetTopo(source)
    timeline = topology.get_timeline()
    routers = {router.name: router for router in topology.get_nodes_by_type("QuantumRouter")}
    emissions.attempts.clear()
    emissions.second.clear()
    apps = {name: Receiver(router, emissions) for name, router in routers.items()}
    for name, router in routers.items():
        router.app = apps[name]
    pairs = PAIRS[:-1] if heralded else PAIRS  # no swaps of Bell-diagonal states in SeQUeNCe 0.8.5
    timeline.init()
    for a, b in pairs:
        apps[a].start(b, BEGIN, timeline.stop_time, 1, 0.5)
    start = time.process_time()
    timeline.run()
    return {
        "generation": "single-heralded" if heralded else "barrett-kok",
        "cpu_s": time.process_time() - start,
        "simulated_s": timeline.stop_time / 1e12,
        "pairs": [row(apps[a], a, b) for a, b in pairs],
    }


def main() -> None:
    emissions = Emissions()
    runs = [simulated(source, emissions) for source in sys.argv[1:]]
    for run in runs:
        print(run["generation"], f"{run['cpu_s']:.1f} s")
        for one in run["pairs"]:
            print(*list(one.values())[:-1])
    record = {"python": platform.python_version(), "sequence": version("sequence"), "runs": runs}
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
