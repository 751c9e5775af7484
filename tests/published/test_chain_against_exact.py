"""The Monte-Carlo of chains against the exact distribution of Brand, Coopmans and Elkouss: two programs, no common part."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import chi2

from satqn.simulate.chain import Chain, CutOff, Memory, Purification, Swap
from satqn.simulate.exact_distribution import WaitingDistribution, waiting_distribution
from satqn.simulate.monte_carlo import simulate_chain
from satqn.simulate.nested_protocol import Level, NestedProtocol

DELIVERIES = 1 << 14
MANY = 1 << 18


@dataclass(frozen=True)
class Case:
    """2^nesting segments; rounds of BBPSSW and cut-offs (steps) of the pairs of every level, segments first."""

    p: float
    fidelity: float
    nesting: int
    swap: float = 1.0
    coherence: float | None = None
    rounds: tuple[int, ...] = ()
    cutoffs: tuple[int | None, ...] = ()

    def exact(self) -> NestedProtocol:
        levels: list[Level] = []
        for level in range(self.nesting + 1):
            cutoff = self.cutoffs[level] if self.cutoffs else None
            levels += [Level("distil", cutoff=cutoff)] * (self.rounds[level] if self.rounds else 0)
            if level < self.nesting:
                levels.append(Level("swap", self.swap, cutoff))
        return NestedProtocol(self.p, self.fidelity, tuple(levels), self.coherence)

    def chain(self) -> Chain:
        rounds = self.rounds or (0,) * (self.nesting + 1)
        return Chain.uniform(
            2**self.nesting,
            success=self.p,
            attempt_time=1.0,
            fidelity=self.fidelity,
            memories=2 ** sum(rounds),
            # each of the two qubits of a pair decays; together they keep exp(-t/T)
            memory=Memory(depolarising_time=None if self.coherence is None else 2.0 * self.coherence),
            swap=Swap(self.swap),
            purification=Purification(rounds, "bbpssw"),
            cutoff=CutOff(self.cutoffs or (None,), "formed", "siblings"),
            order="nested",
            sharing="bound",
        )


CASES = {
    "1 level": Case(0.05, 0.97, 1, 0.5, 40.0),
    "1 level, cut-off": Case(0.05, 0.97, 1, 0.5, 40.0, cutoffs=(8, None)),
    "1 level, cut-off 0": Case(0.3, 0.97, 1, 0.5, 40.0, cutoffs=(0, None)),
    "1 level, distilled": Case(0.1, 0.9, 1, 0.7, 60.0, rounds=(1, 0)),
    "1 level, distilled twice, cut-off": Case(0.2, 0.9, 1, 0.7, 60.0, rounds=(2, 0), cutoffs=(12, None)),
    "1 level, distilled after": Case(0.1, 0.97, 1, 0.5, 200.0, rounds=(0, 1), cutoffs=(15, 60)),
    "2 levels": Case(0.1, 0.97, 2, 0.5, 100.0),
    "2 levels, perfect memories": Case(0.1, 0.97, 2, 0.6),
    "2 levels, cut-offs": Case(0.1, 0.97, 2, 0.5, 100.0, cutoffs=(10, 30, None)),
    "2 levels, distilled between, cut-offs": Case(
        0.2, 0.97, 2, 0.6, 150.0, rounds=(0, 1, 0), cutoffs=(15, 40, None)
    ),
    "3 levels": Case(0.2, 0.98, 3, 0.7, 300.0),
    "3 levels, cut-offs": Case(0.2, 0.98, 3, 0.7, 300.0, cutoffs=(5, 15, 40, None)),
    "3 levels, distilled twice": Case(0.4, 0.97, 3, 0.9, 200.0, rounds=(1, 1, 0, 0)),
    "4 levels": Case(0.3, 0.99, 4, 0.8, 400.0),
    "4 levels, cut-offs": Case(0.3, 0.99, 4, 0.9, 400.0, cutoffs=(12, 20, 40, 80, None)),
    "4 levels, distilled, cut-off": Case(
        0.5, 0.98, 4, 1.0, 300.0, rounds=(1, 0, 0, 0, 0), cutoffs=(10, None, None, None, None)
    ),
}


def chance_of_histogram(counts: np.ndarray, edges: np.ndarray, exact: WaitingDistribution) -> float:
    """Return the probability of a histogram as far from the exact distribution as this one."""
    reached = np.concatenate([[0.0], np.cumsum(exact.probability)])
    below = reached[np.clip(np.ceil(edges[:-1]) - 1, 0, exact.steps).astype(int)]  # P(T < edge)
    expected = counts.sum() * np.diff(np.append(below, 1.0))
    group = np.minimum(np.cumsum(expected) // 30.0, counts.sum() // 30 - 1).astype(int)
    seen, awaited = np.bincount(group, counts), np.bincount(group, expected)
    used = awaited > 0.0
    assert not seen[~used].any()
    return float(chi2.sf(((seen - awaited)[used] ** 2 / awaited[used]).sum(), used.sum() - 1))


def scores(case: Case, deliveries: int, seed: int) -> tuple[float, float, float]:
    """Return z of the mean time and of the mean fidelity, and the chance of the histogram of times."""
    exact = waiting_distribution(case.exact(), 1.0 - 1e-7)
    counts = simulate_chain(case.chain(), deliveries=deliveries, seed=seed).counts
    assert counts.delivered == deliveries
    assert counts.time.error is not None
    assert counts.fidelity.error is not None
    time = (counts.time.mean - exact.mean) / counts.time.error
    # where nothing decays all pairs are alike, but for rounding
    fidelity = (counts.fidelity.mean - exact.fidelity_mean) / max(counts.fidelity.error, 1e-10)
    return time, fidelity, chance_of_histogram(counts.times, counts.time_edges(), exact)


@pytest.mark.parametrize("name", CASES)
def test_within_four_standard_errors(name: str) -> None:
    time, fidelity, chance = scores(CASES[name], DELIVERIES, seed=list(CASES).index(name))
    assert abs(time) < 4.0, (time, fidelity, chance)
    assert abs(fidelity) < 4.0, (time, fidelity, chance)
    assert chance > 6e-5, (time, fidelity, chance)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_within_four_standard_errors_of_many_more(name: str) -> None:
    time, fidelity, chance = scores(CASES[name], MANY, seed=1000 + list(CASES).index(name))
    assert abs(time) < 4.0, (time, fidelity, chance)
    assert abs(fidelity) < 4.0, (time, fidelity, chance)
    assert chance > 6e-5, (time, fidelity, chance)


@pytest.mark.parametrize("name", ["1 level, cut-off", "2 levels, cut-offs", "3 levels, cut-offs"])
def test_a_cutoff_one_step_longer_is_told_apart(name: str) -> None:
    case = CASES[name]
    other = replace(case, cutoffs=tuple(None if one is None else one + 1 for one in case.cutoffs))
    exact = waiting_distribution(other.exact(), 1.0 - 1e-7)
    counts = simulate_chain(case.chain(), deliveries=DELIVERIES, seed=1).counts
    assert counts.time.error is not None
    assert abs(counts.time.mean - exact.mean) > 4.0 * counts.time.error
