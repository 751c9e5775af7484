"""Exact distributions of delivery times: cost against truncation and levels, beside adding term by term.

    python benchmarks/waiting_distribution.py [--quick]

CPU time of one process, the best of three. Term by term is the same sum over failed attempts as a recursion in
numpy, one dot product a step; it makes the same numbers. Results go to benchmarks/results/waiting_distribution.json.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from satqn.simulate.attempts import attempts
from satqn.simulate.exact_distribution import waiting_distribution
from satqn.simulate.nested_protocol import Level, NestedProtocol
from satqn.simulate.renewal import until_success

RESULTS = Path(__file__).parent / "results" / "waiting_distribution.json"
FloatArray = NDArray[np.float64]
Row = dict[str, float | int | str]


def best(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


def term_by_term(column: FloatArray, failure: FloatArray) -> FloatArray:
    out, backwards = np.zeros_like(column), failure[::-1].copy()
    for t in range(column.size):
        out[t] = column[t] + backwards[column.size - t :] @ out[:t]
    return out


def one_level(steps: int) -> Row:
    p = 25.0 / steps
    mass = p * (1.0 - p) ** np.arange(steps)
    level = Level("swap", 0.5, cutoff=round(1.0 / p))
    tried = attempts(mass, 0.9 * mass, level, 0.999)
    columns = np.stack([tried.success, tried.correlation])
    row: Row = {
        "steps": steps,
        "attempts_s": best(lambda: attempts(mass, 0.9 * mass, level, 0.999)),
        "until_success_s": best(lambda: until_success(columns, tried.failure)),
    }
    if steps <= 100_000:
        row["term_by_term_s"] = best(lambda: [term_by_term(column, tried.failure) for column in columns])
        slow = term_by_term(columns[0], tried.failure)
        fast = until_success(columns, tried.failure)[0]
        seen = slow > 1e-12 * slow.max()
        row["relative_error"] = float(np.abs(fast[seen] / slow[seen] - 1.0).max())
    return row


def whole_protocol(name: str, protocol: NestedProtocol) -> Row:
    found = waiting_distribution(protocol)
    return {
        "protocol": name,
        "segments": protocol.segments,
        "mean_steps": found.mean,
        "fidelity_mean": found.fidelity_mean,
        "steps": found.steps,
        "seconds": best(lambda: waiting_distribution(protocol)),
    }


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    sizes = (1_000, 10_000) if quick else (1_000, 10_000, 100_000, 1_000_000)
    levels = [one_level(steps) for steps in sizes]
    swap = Level("swap", 0.5)
    protocols = [
        whole_protocol(f"{n} levels of swaps", NestedProtocol(0.1, 0.98, (swap,) * n, 1000.0))
        for n in ((1, 2) if quick else (1, 2, 3, 4, 5, 6))
    ]
    protocols += [
        whole_protocol(f"{links} segments at once", NestedProtocol(0.01, 1.0, (Level("swap", links=links),)))
        for links in (2, 16, 128, 1024)
    ]
    for row in [*levels, *protocols]:
        print(
            "  ".join(
                f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
                for key, value in row.items()
            )
        )
    if not quick:
        about = {
            "python": platform.python_version(),
            "machine": platform.machine(),
            "scipy": version("scipy"),
        }
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(
            json.dumps({"about": about, "levels": levels, "protocols": protocols}, indent=2) + "\n"
        )


if __name__ == "__main__":
    main()
