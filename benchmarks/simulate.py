"""The chain simulator beside a plain event loop, and how it grows.

    python benchmarks/simulate.py [--quick]

CPU time of one process, all in one run, compilation left out. The peer is the event loop of the tests
(tests/oracles/chain_events.py), in plain Python with one event for every attempt; both simulate the same
scenario, and their mean times and fidelities are compared. Results go to benchmarks/results/simulate.json.
"""

from __future__ import annotations

import json
import math
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.oracles import chain_events

from satqn.simulate.chain import Chain, CutOff, Memory
from satqn.simulate.chain_counts import ChainCounts
from satqn.simulate.chain_kernel import RunningChain

RESULTS = Path(__file__).parent / "results" / "simulate.json"

Row = dict[str, float | int | str]


def chain(links: int = 8, memories: int = 1, success: float = 0.2) -> Chain:
    """The scenario: T2 of 100 attempts, no pair older than 40."""
    return Chain.uniform(
        links, success=success, attempt_time=1.0, fidelity=0.98, memories=memories,
        memory=Memory(dephasing_time=100.0), cutoff=CutOff((40.0,)),
    )  # fmt: skip


def timed(
    name: str, one: Chain, restart: str, deliveries: int, repeats: int = 3, general: bool = False
) -> tuple[Row, ChainCounts]:
    seconds = math.inf
    for _ in range(repeats):
        words = np.random.SeedSequence(1).generate_state(4, np.uint64)
        running = RunningChain(one, restart, words, general=general)
        start = time.process_time()
        running.advance(deliveries, 1 << 60)
        seconds = min(seconds, time.process_time() - start)
    row: Row = {
        "way": name, "links": one.links, "memories": one.memories, "success": float(one.success[0]),
        "restart": restart, "deliveries": deliveries, "cpu_s": seconds, "deliveries_per_s": deliveries / seconds,
        "events_per_s": float(running.work.tally[1]) / seconds,
    }  # fmt: skip
    return row, running.counts()


def peer(one: Chain, restart: str, deliveries: int, beside: Row, counts: ChainCounts) -> Row:
    start = time.process_time()
    slow = chain_events.simulate(one, restart, deliveries, seed=1)
    seconds = time.process_time() - start
    apart = {}
    for name, values, ours in (
        ("time", slow.times, counts.time),
        ("fidelity", slow.fidelities, counts.fidelity),
    ):
        means = np.array(values).reshape(-1, 20).mean(axis=1)
        error = math.hypot(means.std(ddof=1) / math.sqrt(means.size), ours.error or math.inf)
        apart[f"{name}_standard_errors_apart"] = (means.mean() - ours.mean) / error
    return {
        "way": "plain event loop", "links": one.links, "memories": one.memories, "restart": restart,
        "deliveries": deliveries, "cpu_s": seconds, "deliveries_per_s": deliveries / seconds,
        "kernel_over_this": seconds / deliveries * float(beside["deliveries_per_s"]), **apart,
    }  # fmt: skip


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    full = 80_000 if quick else 400_000
    for memories in (1, 2):
        timed("compile", chain(2, memories), "fresh", 10, 1)
    rows: list[Row] = []
    for restart in ("fresh", "continuous"):
        row, counts = timed("kernel", chain(), restart, full)
        rows += [row, peer(chain(), restart, 400 if quick else 1_000, row, counts)]
        # The kernel for any chain on the same one; its deliveries are the same, number by number.
        slow, same = timed("general kernel", chain(), restart, full, general=True)
        assert same.tally.tolist() == counts.tally.tolist()
        rows.append(
            slow | {"kernel_over_this": float(row["deliveries_per_s"]) / float(slow["deliveries_per_s"])}
        )
    rows += [timed("kernel, success", chain(success=p), "continuous", full)[0] for p in (0.1, 0.5)]
    rows += [timed("kernel, links", chain(n, success=0.5), "fresh", full * 8 // n)[0] for n in (8, 32, 128)]
    rows += [timed("kernel, time", chain(), "fresh", full // k)[0] for k in (16, 4, 1)]
    rows += [timed("kernel, memories", chain(8, m), "continuous", full // 4)[0] for m in (1, 2, 4, 8)]
    rows.append(timed("kernel, memories", chain(8, 64), "continuous", full // 4)[0])
    for row in rows:
        print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))
    record = {
        "python": platform.python_version(), "machine": platform.machine(),
        "versions": {name: version(name) for name in ("numpy", "numba")},
        "quick": quick, "rows": rows,
    }  # fmt: skip
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
