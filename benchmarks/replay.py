"""Replay of plans: pairs per core-second beside the same replay in plain Python, pair by pair.

    python benchmarks/replay.py [--quick]

The peer is tests/oracles/replay.py, written from the same rules. Both replay the same plan; their means
must agree within 4 standard errors before their times are compared. Growth with pairs, slots and demands
is measured on the case study (zhang2024). CPU seconds of one process, compilation not included. Results
go to benchmarks/results/replay.json and .md.
"""

from __future__ import annotations

import json
import math
import platform
import random
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parent.parent
# The imports below (E402) are found from there.
sys.path.insert(0, str(ROOT))

from tests.oracles.replay import Replayer, Rules  # noqa: E402

from satqn.files import write_atomically  # noqa: E402
from satqn.model.instance import RoutingInstance  # noqa: E402
from satqn.model.plan import Plan  # noqa: E402
from satqn.routing.generate import case_study  # noqa: E402
from satqn.routing.solve import Settings, solve  # noqa: E402
from satqn.simulate.replay import replay_plan  # noqa: E402
from satqn.simulate.replay_options import ReplayOptions  # noqa: E402

RESULTS = Path(__file__).parent / "results"
OPTIONS: dict[str, tuple[ReplayOptions, Rules]] = {
    "Poisson": (ReplayOptions(), Rules()),
    "decoherence, outages": (
        ReplayOptions(memory_coherence_s=200.0, outage_probability=0.1),
        Rules(coherence_s=200.0, outage=0.1),
    ),
}
CASES: dict[str, dict[str, Any]] = {
    "case study": {},
    "target 0.96": {"target_fidelity": 0.96},
    "6 demands": {"demands": 6},
    "20 slots": {"slots": 20},
    "40 slots": {"slots": 40},
}


def planned(seed: int, **choices: Any) -> tuple[RoutingInstance, Plan]:
    instance = case_study(seed, **choices)
    plan = solve(instance, Settings(gap=0.02, time_limit=60.0)).plan
    assert plan is not None
    return instance, plan


def kernel(instance: RoutingInstance, plan: Plan, options: ReplayOptions, runs: int) -> tuple[Any, float]:
    """Return the counts and the CPU seconds of a run."""
    replay_plan(instance, plan, options, runs=1)  # compiles
    start = time.process_time()
    counts = replay_plan(instance, plan, options, runs=runs, seed=1)
    return counts, (time.process_time() - start) / runs


def peer(instance: RoutingInstance, plan: Plan, rules: Rules, runs: int) -> tuple[np.ndarray, float]:
    """Return the delivered pairs of every run and the CPU seconds of a run."""
    replayer, rng = Replayer(instance, plan, rules), random.Random(1)
    start = time.process_time()
    totals = [sum(replayer.run(rng).delivered.values()) for _ in range(runs)]
    return np.array(totals), (time.process_time() - start) / runs


def row(case: str, name: str, runs: int, slow: int) -> dict[str, Any]:
    instance, plan = planned(0, **CASES[case])
    options, rules = OPTIONS[name]
    counts, seconds = kernel(instance, plan, options, runs)
    totals, peer_seconds = peer(instance, plan, rules, slow)
    found = counts.delivered_pairs
    z = (found.mean - totals.mean()) / math.hypot(found.error, totals.std(ddof=1) / math.sqrt(slow))
    assert abs(z) < 4, f"{case}, {name}: kernel and peer differ by {z:.1f} standard errors"
    return {
        "case": case, "options": name, "delivered_pairs": found.mean, "z_against_peer": z,
        "cpu_us_per_run": 1e6 * seconds, "pairs_per_core_second": found.mean / seconds,
        "peer_cpu_ms_per_run": 1e3 * peer_seconds, "times_faster": peer_seconds / seconds,
    }  # fmt: skip


def page(rows: list[dict[str, Any]]) -> str:
    lines = [
        "# Replay of plans beside plain Python",
        "",
        "| plan | options | pairs in a run | CPU a run, µs | pairs per core-second | peer, ms | times faster | z |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        lines.append(
            f"| {r['case']} | {r['options']} | {r['delivered_pairs']:.0f} | {r['cpu_us_per_run']:.0f} | "
            f"{r['pairs_per_core_second']:.2e} | {r['peer_cpu_ms_per_run']:.0f} | {r['times_faster']:.0f} | "
            f"{r['z_against_peer']:+.1f} |"
        )
    return (
        "\n".join([*lines, "", f"Python {platform.python_version()}, {platform.machine()}, one process."])
        + "\n"
    )


def main(words: list[str]) -> None:
    quick = "--quick" in words
    cases = list(CASES)[:1] if quick else list(CASES)
    rows = [row(c, name, 500 if quick else 4000, 4 if quick else 12) for c in cases for name in OPTIONS]
    text = page(rows)
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        write_atomically(RESULTS / "replay.json", json.dumps(rows, indent=2) + "\n")
        write_atomically(RESULTS / "replay.md", text)
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
