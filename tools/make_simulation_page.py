"""Write the tables of docs/explanation/simulation.md: beside exact theory, SeQUeNCe and plain Python.

    python tools/make_simulation_page.py [--deliveries N]

The cases are simulated anew (about a minute); what SeQUeNCe did and the speed are read from
benchmarks/results/sequence.json and simulate.json, which benchmarks/sequence_links.py and simulate.py write.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from scipy.stats import chi2
from tests.published.test_chain_against_exact import CASES, Case

from satqn.files import write_atomically
from satqn.physics.fiber import segment_success
from satqn.planning import load_plan_scenario
from satqn.simulate.chain import Chain
from satqn.simulate.chain_counts import ChainCounts
from satqn.simulate.exact_distribution import WaitingDistribution, waiting_distribution
from satqn.simulate.monte_carlo import simulate_chain
from satqn.topology.fibres import fibre_lengths

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/explanation/simulation.md"
RESULTS = ROOT / "benchmarks/results"
LINKS = ROOT / "benchmarks/sequence-links.yaml"
DELIVERIES = 1 << 17
SAME = 1e-7
"""Standard error of fidelities that differ by rounding only."""
ROUNDS = {"single-heralded": "one round", "barrett-kok": "two rounds"}


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_error(value: float, error: float) -> str:
    """Write a number to two digits of its error."""
    digits = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def slowest(chances: Sequence[Fraction]) -> float:
    """Return E[max of geometric variables], by inclusion and exclusion in whole numbers."""
    total = Fraction(0)
    for size in range(1, len(chances) + 1):
        for some in combinations(chances, size):
            total -= (-1) ** size / (1 - math.prod(1 - p for p in some))
    return float(total)


def chance(seen: Iterable[float], awaited: Iterable[float], least: float = 30.0) -> float:
    """Return the probability of counts as far from the awaited ones as these, by chi-square.

    Neighbours are put together until ``least`` are awaited; what is left over joins the last of them.
    """
    groups = [[0.0, 0.0]]
    for s, a in zip(seen, awaited, strict=True):
        if groups[-1][1] >= least:
            groups.append([0.0, 0.0])
        groups[-1][0] += s
        groups[-1][1] += a
    if groups[-1][1] < least:
        rest = groups.pop()
        groups[-1] = [groups[-1][0] + rest[0], groups[-1][1] + rest[1]]
    return float(chi2.sf(sum((s - a) ** 2 / a for s, a in groups), len(groups) - 1))


def histogram_chance(counts: ChainCounts, exact: WaitingDistribution) -> float:
    """Return the chance of a histogram of delivery times."""
    reached = np.concatenate([[0.0], np.cumsum(exact.probability)])
    steps = np.clip(np.ceil(counts.time_edges()[:-1]) - 1, 0, exact.steps).astype(int)
    return chance(counts.times, counts.delivered * np.diff(np.append(reached[steps], 1.0)))


def geometric_chance(between: dict[int, int], p: float) -> float:
    """Return the chance of numbers of attempts."""
    total, last = sum(between.values()), max(between)
    awaited = [total * p * (1 - p) ** (k - 1) for k in range(1, last + 1)]
    return chance([*(between.get(k, 0) for k in range(1, last + 1)), 0], [*awaited, total * (1 - p) ** last])


def closed_forms(deliveries: int) -> Iterator[Sequence[str]]:
    """Yield rows for chains whose swaps work: the mean is that of the slowest link."""
    names = {
        "1 segment, p = 0.3": ["0.3"],
        "2 segments, p = 0.3": ["0.3"] * 2,
        "8 segments, p = 0.2": ["0.2"] * 8,
        "5 segments, p = 0.02, 0.1, 0.9, 1, 0.03": ["0.02", "0.1", "0.9", "1", "0.03"],
        "8 segments, p = 1e-7; exact: H₈ in units of 1/p": ["1e-7"] * 8,
    }
    for seed, (name, words) in enumerate(names.items()):
        chances = [Fraction(word) for word in words]
        unit = float(chances[0]) if chances[0] < Fraction(1, 1000) else 1.0
        exact = float(sum(Fraction(1, k) for k in range(1, 9))) if unit < 1.0 else slowest(chances)
        count = len(words)
        chain = Chain(
            np.array([float(p) for p in chances]), np.ones(count), np.tile([1.0, 0, 0, 0], (count, 1))
        )
        time = simulate_chain(chain, deliveries=deliveries, seed=seed).counts.time
        mean, error = time.mean * unit, (time.error or 0.0) * unit
        yield name, f"{exact:.6g}", with_error(mean, error), f"{(mean - exact) / error:+.1f}", "", "", "", ""


def exact_case(name: str, case: Case, deliveries: int, seed: int) -> Sequence[str]:
    """Return the row of a nested chain beside its exact distribution."""
    exact = waiting_distribution(case.exact(), 1.0 - 1e-7)
    counts = simulate_chain(case.chain(), deliveries=deliveries, seed=seed).counts
    time, fidelity = counts.time, counts.fidelity
    assert time.error is not None
    row = [
        f"{name}: {in_words(case)}", f"{exact.mean:.6g}", with_error(time.mean, time.error),
        f"{(time.mean - exact.mean) / time.error:+.1f}",
        f"{100 * histogram_chance(counts, exact):.2g} %",
    ]  # fmt: skip
    if fidelity.error is None or fidelity.error < SAME:
        return [*row, f"{exact.fidelity_mean:.6g}", f"{fidelity.mean:.6g}", ""]
    z = (fidelity.mean - exact.fidelity_mean) / fidelity.error
    return [*row, f"{exact.fidelity_mean:.6f}", with_error(fidelity.mean, fidelity.error), f"{z:+.1f}"]


def in_words(case: Case) -> str:
    words = [f"p = {case.p:g}", f"F = {case.fidelity:g}", f"swap {case.swap:g}"]
    if case.coherence is not None:
        words.append(f"T = {case.coherence:g}")
    if case.rounds:
        words.append(f"rounds {' '.join(map(str, case.rounds))}")
    if case.cutoffs:
        words.append(f"cut-offs {' '.join('–' if c is None else str(c) for c in case.cutoffs)}")
    return ", ".join(words)


def cases(deliveries: int = DELIVERIES) -> str:
    """Return the table of simulation beside exact theory."""
    header = ["case", "exact", "simulated", "σ", "chance", "exact F", "simulated F", "σ"]
    nested = (exact_case(name, case, deliveries, 2000 + i) for i, (name, case) in enumerate(CASES.items()))
    blank = ((*row[:4], "", *row[5:]) for row in closed_forms(deliveries))
    return table(header, [*blank, *nested])


def sequence(record: dict[str, Any], deliveries: int = DELIVERIES) -> str:
    """Return the tables of what SeQUeNCe and satqn make of the same links."""
    scenario = load_plan_scenario(LINKS)
    hardware = scenario.fibre.hardware.hardware()
    lengths = {a: length for a, _, length in fibre_lengths(scenario)}
    header = [
        "generation", "km", "attempt, ms", "pairs", "p", "attempts a pair, 1/p", "SeQUeNCe", "σ", "chance",
        "pairs/s, satqn", "SeQUeNCe",
    ]  # fmt: skip
    rows, chain = [], ""
    for run in record["runs"]:
        attempt: dict[float, float] = {}
        for pair in run["pairs"]:
            length = lengths[pair["source"]]
            p = float(segment_success(length / 2, length / 2, hardware))
            gap, gap_error = pair["mean_gap_s"], pair["standard_error_s"]
            if pair["source"] == "a4":
                two = _continuous(2, p, attempt[length], deliveries)
                here, there = 1 / two.mean, with_error(1 / gap, gap_error / gap**2)
                chain = (
                    f"A chain of two links of {length / 1e3:.0f} km delivers {there} pairs/s there, "
                    f"{100 * (1 - 1 / gap / here):.0f} % fewer than the {here:.1f} here; two things "
                    "differ: a swap costs messages there, and attempts that fail in their first round are "
                    "shorter than others."
                )
                continue
            between = {int(k): n for k, n in pair["attempts_between"].items()}
            pairs = pair["pairs_after_the_first"]
            attempts = sum(k * n for k, n in between.items())
            mean, error = attempts / pairs, math.sqrt((1 - p) / pairs) / p
            attempt[length] = gap * pairs / attempts
            ours = _continuous(1, p, attempt[length], deliveries)
            rows.append([
                ROUNDS[run["generation"]], f"{length / 1e3:.0f}", f"{1e3 * attempt[length]:.4g}", str(pairs),
                f"{p:.5f}", f"{1 / p:.4f}", with_error(mean, error), f"{(mean - 1 / p) / error:+.1f}",
                f"{100 * geometric_chance(between, p):.0f} %", f"{1 / ours.mean:.4g}",
                with_error(1 / gap, gap_error / gap**2),
            ])  # fmt: skip
    speeds = "; ".join(f"{ROUNDS[run['generation']]}: {pairs_per_second(run):.0f}" for run in record["runs"])
    return (
        f"{table(header, rows)}\n\n{chain}\n\n"
        f"SeQUeNCe {record['sequence']}, {record['runs'][0]['simulated_s']:g} s of simulated time. Pairs per "
        f"CPU-second of SeQUeNCe ({speeds}), which carries out every photon, detector and message."
    )


def pairs_per_second(run: dict[str, Any]) -> float:
    return float(sum(pair["pairs_after_the_first"] for pair in run["pairs"]) / run["cpu_s"])


def _continuous(links: int, p: float, attempt: float, deliveries: int) -> Any:
    chain = Chain.uniform(links, success=p, attempt_time=attempt, fidelity=0.97)
    return simulate_chain(chain, deliveries=deliveries, seed=links, restart="continuous").counts.time


def ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if value >= 10.0 else f"{value:.1f}"


def speed(record: dict[str, Any]) -> str:
    """Return the table of speed."""
    header = [
        "",
        "links",
        "memories",
        "p",
        "restart",
        "deliveries",
        "CPU, s",
        "deliveries/s",
        "events/s",
        "ratio",
    ]
    rows = []
    success = 0.0
    for row in record["rows"]:
        success = row.get("success", success)
        rows.append([
            row["way"].replace("kernel, ", "kernel, growth with "), str(row["links"]), str(row["memories"]),
            f"{success:g}", row["restart"], str(row["deliveries"]), f"{row['cpu_s']:.2g}",
            f"{row['deliveries_per_s']:.3g}", f"{row['events_per_s']:.2g}" if "events_per_s" in row else "",
            ratio(row.get("kernel_over_this")),
        ])  # fmt: skip
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    return (
        f"{table(header, rows)}\n\nPython {record['python']}, {versions}, {record['machine']}, one process."
    )


def replaced(page: str, name: str, text: str) -> str:
    """Return a page with one generated part renewed."""
    begin, end = f"<!-- generated: {name} -->", "<!-- end -->"
    before, rest = page.split(begin)
    return f"{before}{begin}\n{text}\n{end}{rest.split(end, 1)[1]}"


def main() -> None:
    deliveries = (
        int(sys.argv[sys.argv.index("--deliveries") + 1]) if "--deliveries" in sys.argv else DELIVERIES
    )
    page = PAGE.read_text(encoding="utf-8")
    page = replaced(page, "cases", cases(deliveries))
    page = replaced(
        page, "sequence", sequence(json.loads((RESULTS / "sequence.json").read_text()), deliveries)
    )
    measured = speed(json.loads((RESULTS / "simulate.json").read_text()))
    page = replaced(page, "speed", measured)
    write_atomically(RESULTS / "simulate.md", f"# Chains beside a plain event loop\n\n{measured}\n")
    write_atomically(PAGE, page)


if __name__ == "__main__":
    main()
