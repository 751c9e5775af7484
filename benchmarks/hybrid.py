"""The hybrid protocol for many pairs, beside networkx and plain Python.

    python benchmarks/hybrid.py [--quick]

Every table comes from one run: CPU time of one process. The network is that of the contiguous US where
`SATQN_DATA` or the cache has the census tracts, otherwise the 300 largest cities. The naive way is what a
reader of the paper would write: networkx for paths, a list of arms merged again and again, a loop over
times until the target is reached. Its answers are held against ours. Results go to
benchmarks/results/hybrid.json.
"""

from __future__ import annotations

import json
import math
import os
import platform
import resource
import sys
import time
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import networkx
import numpy as np

ROOT = Path(__file__).parent.parent
# The imports below (E402) are found from there.
sys.path.insert(0, str(ROOT))

from tests.oracles import placement as oracle  # noqa: E402
from tests.oracles.protocol import Answer, Protocol  # noqa: E402

from satqn import api  # noqa: E402
from satqn.hybrid.protocol import evaluate_pairs  # noqa: E402
from satqn.hybrid.satellite import satellite_rates  # noqa: E402
from satqn.hybrid.setting import chain_setting, system_setting  # noqa: E402
from satqn.hybrid.ways import fibre_way, hybrid_way  # noqa: E402
from satqn.kernels.copies import fill_tables  # noqa: E402
from satqn.kernels.path import path_at, path_fastest, work_space  # noqa: E402
from satqn.model.hardware import FibreHardware  # noqa: E402
from satqn.model.options import PHYSICAL, PUBLISHED  # noqa: E402
from satqn.model.system import HybridSystem  # noqa: E402
from satqn.network.datasets import locate  # noqa: E402
from satqn.network.places import draw_pairs  # noqa: E402
from satqn.network.shortest import PathFinder, nearest_station  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "hybrid.json"
SEED = 5
AT = 0.35
"""Time per pair in the table of paths, s."""
NEVER_DIRECT = 0
NAIVE_QUICK, NAIVE = ((2, 5, 10), (100,)), ((3, 10, 30), (300, 3000, 10_000))
"""Numbers of pairs done both ways, and by us alone."""
Row = dict[str, float | int | str]


class Naive(Protocol):
    """The published protocol with networkx and lists; the configurations of a path are made once."""

    def __init__(self, system: HybridSystem) -> None:
        super().__init__(system)
        near = networkx.multi_source_dijkstra(self.graph, set(system.stations.tolist()), weight="length")
        self.way_to_station = near[1]
        self.tolerance = 1e-4

    def nearest(self, node: int) -> int:
        return self.way_to_station[node][0]

    def fidelity(self, arms: list[float], time: float, for_rate: bool, direct: bool) -> float:
        if not arms:
            return 1.0
        chain = self.chain(for_rate)
        found = [chain.fidelity(segments, time) for segments in configurations(tuple(arms), for_rate)]
        if direct:
            found.append(self.direct(sum(arms), time, for_rate))
        return max(found, default=0.0)


@cache
def configurations(arms: tuple[float, ...], for_rate: bool) -> list[list[tuple[float, float]]]:
    return list(oracle.greedy_configurations(arms, 60 if for_rate else 52))


def system_of(preset: str) -> tuple[str, HybridSystem]:
    name = "us-cities" if locate("us-tracts") is None else "shao2025-us"
    return name, api.build(api.load(name, {"preset": preset}))


def cpu(work: Any, *arguments: Any) -> tuple[float, Any]:
    start = time.process_time()
    answer = work(*arguments)
    return time.process_time() - start, answer


def beside_the_naive_way(both: tuple[int, ...], alone: tuple[int, ...]) -> list[Row]:
    """Return the time of both ways for growing numbers of pairs; the answers must agree.

    Beyond the numbers that the naive way can do in minutes its time per pair is taken for the ratio.
    """
    name, system = system_of("published")
    # The skipped configurations of the published rates are an artefact that the naive way leaves out.
    system = replace(system, options=replace(system.options, copies_above_table="exact"))
    a, b = draw_pairs(system.network, max(alone), SEED)
    evaluate_pairs(system, a[:1], b[:1])
    preparation, naive = cpu(Naive, system)
    rows: list[Row] = [{"network": name, "naive preparation_s": preparation}]
    for n in both:
        configurations.cache_clear()
        ours_s, ours = cpu(evaluate_pairs, system, a[:n], b[:n])
        ends = list(zip(a[:n].tolist(), b[:n].tolist(), strict=True))
        naive_s, answers = cpu(lambda ends: [naive.answer(*pair) for pair in ends], ends)
        for p, answer in enumerate(answers):
            agree(ours, p, answer)
        rows.append({"pairs": n, "satqn_s": ours_s, "naive_s": naive_s, "ratio": naive_s / ours_s})
    for n in alone:
        ours_s, _ = cpu(evaluate_pairs, system, a[:n], b[:n])
        rows.append({"pairs": n, "satqn_s": ours_s, "ratio": naive_s / both[-1] * n / ours_s})
    return rows


def repeated(work: Any, *arguments: Any) -> tuple[float, Any]:
    """Return the CPU time of one of many runs, the first left out."""
    work(*arguments)
    times = 1
    while True:
        seconds, answer = cpu(lambda n: [work(*arguments) for _ in range(n)][-1], times)
        if seconds > 0.05:
            return seconds / times, answer
        times *= 4


def agree(ours: Any, p: int, answer: Answer) -> None:
    for column, expected, tolerance in (
        (ours.fibre_fidelity, answer.fibre_fidelity, 1e-9),
        (ours.hybrid_fidelity, answer.hybrid_fidelity, 1e-9),
        (ours.fibre_rate, answer.fibre_time and 1.0 / answer.fibre_time, 1e-3),
        (ours.hybrid_rate, answer.hybrid_time and 1.0 / answer.hybrid_time, 1e-3),
    ):
        found = float(column.filled(0.0)[p])
        # The naive search gives up at 1e7 seconds a pair.
        assert math.isclose(found, expected or 0.0, rel_tol=tolerance, abs_tol=1e-7), (p, found, expected)


def naive_optimum(chain: oracle.Chain, arms: list[float], at: float, most: int) -> float:
    """Return the best F over all placements: for every N a table of the best product by (segments, node)."""
    x = [0.0]
    for arm in arms:
        x.append(x[-1] + arm)
    last, best = len(arms), 0.0
    for n in range(1, min(most, last // 2) + 1):
        factor = chain.factor([(1.0, 1.0)] * n)
        products = [1.0] + [0.0] * last
        for _ in range(n):
            following = [0.0] * (last + 1)
            for i in range(last - 1):
                if products[i] == 0.0:
                    continue
                for j in range(i + 2, last + 1):
                    m = min(range(i + 1, j), key=lambda m: max(x[m] - x[i], x[j] - x[m]))
                    k = oracle.copies_in(at, chain.base_time(x[m] - x[i], x[j] - x[m]) * factor)
                    if k < 1:
                        break
                    f = chain.copies[min(k, len(chain.copies) - 1)]
                    following[j] = max(following[j], products[i] * (2.0 * f - 1.0))
            products = following
        if products[last] > 0.0:
            s = ((4.0 * chain.swap_fidelity - 1.0) / 3.0) ** (n - 1)
            best = max(best, 0.25 * (1.0 + s * (1.0 + 2.0 * products[last])))
    return best


def by_path_length(links_on_path: tuple[int, ...], naive_up_to: int) -> list[Row]:
    """Return the time of placements on one path of growing length (links of 2.4 km in the median)."""
    rng = np.random.default_rng(SEED)
    exact_table = replace(PUBLISHED, copies_above_table="exact")
    settings = {
        "greedy": chain_setting(FibreHardware(), exact_table),
        "optimal": chain_setting(FibreHardware(), replace(exact_table, placement="optimal")),
        "exact waiting": chain_setting(FibreHardware(), PHYSICAL),
    }
    chain = oracle.Chain(copies=settings["greedy"].tables.segment[0].tolist())
    naive = {
        "greedy": lambda arms: oracle.greedy(chain, arms, AT)[0],
        "optimal": lambda arms: naive_optimum(chain, arms, AT, 25),
    }
    rows: list[Row] = []
    for n in links_on_path:
        arms = np.exp(rng.normal(np.log(2400.0), 0.9, n)).tolist()
        x = np.concatenate([[0.0], np.cumsum(arms)])
        row: Row = {"links": n, "km": float(x[-1] / 1e3)}
        for name, setting in settings.items():
            work, factors = work_space(setting.tables, len(x)), setting.factors(len(x))
            rules, policy = setting.rules, setting.policy
            fill_tables(0.0, setting.tables, setting.memory, rules.werner, work.log_weight, work.direct)
            at = (x, AT, NEVER_DIRECT, policy.optimal, rules, factors, work)
            row[f"{name}, F_s"], (fidelity, _) = repeated(path_at, *at)
            row[f"{name}, rate_s"], _ = repeated(path_fastest, x, policy, setting.rate_rules, factors, work)
            if n <= naive_up_to and name in naive:
                row[f"naive {name}, F_s"], expected = cpu(naive[name], arms)
                assert math.isclose(fidelity, expected, abs_tol=1e-9), (n, name, fidelity, expected)
        rows.append(row)
    growth: Row = {"links": "growth links^"}
    for column in rows[0]:
        measured = [
            (float(r["links"]), float(r[column])) for r in rows if column.endswith("_s") and column in r
        ]
        if len(measured) >= 3:
            growth[column] = float(np.polyfit(*np.log(np.array(measured)).T, 1)[0])
    return [*rows, growth]


def stages(preset: str, pairs: int) -> list[Row]:
    """Return the share of each stage of an evaluation."""
    _, system = system_of(preset)
    a, b = draw_pairs(system.network, pairs, SEED)
    evaluate_pairs(system, a[:2], b[:2])
    setting = system_setting(system)
    steps: dict[str, float] = {}
    steps["satellite rates"], rate = cpu(satellite_rates, system, a, b)
    steps["shortest paths"], paths = cpu(lambda: PathFinder(system.network).paths(a, b))
    steps["nearest stations"], near = cpu(nearest_station, system.network, system.stations)
    steps["fibre only"], _ = cpu(fibre_way, system, setting, paths, rate)
    steps["hybrid"], _ = cpu(hybrid_way, system, setting, near, a, b)
    total = sum(steps.values())
    return [
        {"preset": preset, "pairs": pairs, "stage": s, "satqn_s": t, "share": t / total}
        for s, t in steps.items()
    ]


def growth_with_pairs(preset: str, numbers: tuple[int, ...]) -> list[Row]:
    """Return the time of whole evaluations, all columns."""
    _, system = system_of(preset)
    a, b = draw_pairs(system.network, max(numbers), SEED)
    evaluate_pairs(system, a[:2], b[:2])
    rows: list[Row] = []
    for n in numbers:
        seconds, _ = cpu(evaluate_pairs, system, a[:n], b[:n])
        rows.append({"preset": preset, "pairs": n, "satqn_s": seconds, "ms a pair": 1e3 * seconds / n})
    return rows


def show(title: str, rows: list[Row]) -> None:
    print(f"\n{title}")
    for row in rows:
        print(
            "  " + "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items())
        )


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    tables = {
        "beside networkx and plain Python (published)": beside_the_naive_way(
            *NAIVE_QUICK if quick else NAIVE
        ),
        "one path": by_path_length(
            (25, 50, 100, 200) if quick else (25, 50, 100, 200, 400, 800), 50 if quick else 100
        ),
        "stages, published": stages("published", 300 if quick else 10_000),
        "stages, physical": stages("physical", 50 if quick else 1000),
        "pairs, published": growth_with_pairs("published", (100, 300) if quick else (100, 1000, 10_000)),
        "pairs, physical": growth_with_pairs("physical", (10, 30) if quick else (100, 300, 1000)),
    }
    for title, rows in tables.items():
        show(title, rows)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(f"\npeak memory {memory:.0f} MiB")
    document = {
        "benchmark": "hybrid",
        "quick": quick,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("numpy", "numba", "networkx")},
        "peak_memory_mib": memory,
        "tables": tables,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
