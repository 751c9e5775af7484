"""Placement of repeaters in plain Python: the greedy merges word by word, the optimum by trying everything.

Slow and obvious. Lengths in m, times in s. ``copies[k]`` is the mean fidelity of k copies turned into
one; beyond its end the last value holds.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Chain:
    """What a segment costs and how segments combine; the defaults are the published options."""

    copies: Sequence[float]
    loss_per_m: float = 1.73e-5
    light_speed: float = 2.0e8
    emission_time: float = 175e-6
    detector_efficiency: float = 0.21
    ion_pairs: int = 10
    swap_fidelity: float = 0.99
    round_trip: bool = False
    true_arms: bool = False
    waiting: str = "power"
    werner: bool = False

    def attempt_success(self, a: float, b: float) -> float:
        """Success probability of one ion pair's attempt over arms a and b."""
        loss = self.loss_per_m * (a + b if self.true_arms else 2.0 * max(a, b))
        return self.detector_efficiency**2 / 2.0 * 10.0**-loss

    def base_time(self, a: float, b: float) -> float:
        """Mean time per pair of one segment alone, all ion pairs at work."""
        trips = 2.0 if self.round_trip else 1.0
        attempt = trips * max(a, b) / self.light_speed + self.emission_time
        return attempt / self.attempt_success(a, b) / self.ion_pairs

    def factor(self, segments: Sequence[tuple[float, float]]) -> float:
        """How much longer the slowest of the segments takes than the slowest one alone."""
        n = len(segments)
        if self.waiting == "power":
            return 1.5 ** math.log2(n)
        if self.waiting == "harmonic":
            return math.fsum(1.0 / i for i in range(1, n + 1))
        cycle = [1.0 - (1.0 - self.attempt_success(a, b)) ** self.ion_pairs for a, b in segments]
        return expected_max(cycle) * min(cycle)

    def times(self, segments: Sequence[tuple[float, float]]) -> list[float]:
        """T_j of every segment."""
        factor = self.factor(segments)
        return [self.base_time(a, b) * factor for a, b in segments]

    def fidelity(self, segments: Sequence[tuple[float, float]], time: float) -> float:
        """F of the chain after the given time; 0 where a segment has no pair yet."""
        counts = [copies_in(time, t) for t in self.times(segments)]
        if min(counts) < 1:
            return 0.0
        return self.chained([self.copies[min(k, len(self.copies) - 1)] for k in counts])

    def chained(self, fidelities: Sequence[float]) -> float:
        """The closed form for segments of the given fidelities."""
        swaps = ((4.0 * self.swap_fidelity - 1.0) / 3.0) ** (len(fidelities) - 1)
        if self.werner:
            return 0.25 * (1.0 + 3.0 * swaps * math.prod((4.0 * f - 1.0) / 3.0 for f in fidelities))
        return 0.25 * (1.0 + swaps * (1.0 + 2.0 * math.prod(2.0 * f - 1.0 for f in fidelities)))


def copies_in(time: float, time_per_copy: float) -> int:
    """The largest k with k * time_per_copy <= time."""
    k = int(time / time_per_copy)
    if (k + 1) * time_per_copy <= time:
        return k + 1
    return k - 1 if k * time_per_copy > time else k


def expected_max(p: Sequence[float]) -> float:
    """E[max] of independent geometric variables by inclusion and exclusion."""
    total = 0.0
    for size in range(1, len(p) + 1):
        for chosen in itertools.combinations(p, size):
            total -= (-1) ** size / (1.0 - math.prod(1.0 - q for q in chosen))
    return total


def greedy_configurations(
    arms: Sequence[float], threshold: int | None
) -> Iterator[list[tuple[float, float]]]:
    """Yield the segments after every double merge of the published greedy placement."""
    arms = list(arms)

    def merge() -> None:
        i = min(range(len(arms) - 1), key=lambda i: arms[i] + arms[i + 1])
        arms[i : i + 2] = [arms[i] + arms[i + 1]]

    if len(arms) % 2 and len(arms) > 1:
        merge()
    while threshold is not None and len(arms) > threshold:
        merge()
        merge()
    for _ in range(len(arms) // 2 - 1):
        merge()
        merge()
        yield list(zip(arms[0::2], arms[1::2], strict=True))


def greedy(chain: Chain, arms: Sequence[float], time: float, threshold: int | None = 52) -> tuple[float, int]:
    """Return (F, N) of the best greedy configuration; (0, 0) if none is ready in time."""
    best = (0.0, 0)
    for segments in greedy_configurations(arms, threshold):
        f = chain.fidelity(segments, time)
        if f > best[0]:
            best = (f, len(segments))
    return best


def placements(arms: Sequence[float]) -> Iterator[list[tuple[float, float]]]:
    """Yield every way to choose photon and ion repeaters among the nodes between the arms.

    The nodes in use alternate: photon repeater, ion repeater, ..., photon repeater.
    """
    x = [0.0, *itertools.accumulate(arms)]
    interior = range(1, len(arms))
    for used in range(1, len(arms), 2):
        for chosen in itertools.combinations(interior, used):
            marks = [0, *chosen, len(arms)]
            lengths = [x[j] - x[i] for i, j in itertools.pairwise(marks)]
            yield list(zip(lengths[0::2], lengths[1::2], strict=True))


def enumerate_best(chain: Chain, arms: Sequence[float], time: float, most: int | None = None) -> float:
    """The largest F over every placement."""
    return max(
        (chain.fidelity(s, time) for s in placements(arms) if most is None or len(s) <= most), default=0.0
    )


def smallest_time(chain: Chain, segments: Sequence[tuple[float, float]], target: float) -> float:
    """The smallest T with F(T) >= target for one placement, inf if never, by walking its breakpoints."""
    times = chain.times(segments)
    most = len(chain.copies) - 1
    breakpoints = sorted({k * t for t in times for k in range(1, most + 1)})
    lo, hi = 0, len(breakpoints)
    while lo < hi:
        mid = (lo + hi) // 2
        if chain.fidelity(segments, breakpoints[mid]) >= target:
            hi = mid
        else:
            lo = mid + 1
    return breakpoints[lo] if lo < len(breakpoints) else math.inf


def enumerate_fastest(chain: Chain, arms: Sequence[float], target: float) -> float:
    """The smallest T with F(T) >= target over every placement."""
    return min((smallest_time(chain, s, target) for s in placements(arms)), default=math.inf)


def copies_mean(f1: float, k_max: int, purify: Callable[[float, float], tuple[float, float]]) -> list[float]:
    """Mean fidelity of k copies turned into one, by the rule itself over multisets (small k only).

    One copy is kept in reserve; the two lowest of the others are purified again and again; a success
    goes back, a failure loses both; if all are lost the reserve is used.
    """
    known: dict[tuple[float, ...], float] = {}

    def value(states: tuple[float, ...]) -> float:
        if not states:
            return f1
        if len(states) == 1:
            return states[0]
        if states not in known:
            a, b, *rest = states
            f, p = purify(a, b)
            won = tuple(sorted([*rest, f]))
            known[states] = p * value(won) + (1.0 - p) * value(tuple(rest))
        return known[states]

    return [0.0, f1, *(value((f1,) * (k - 1)) for k in range(2, k_max + 1))]


def bbpssw(f1: float, f2: float) -> tuple[float, float]:
    """Purified fidelity and success probability of two Werner states."""
    p = (8.0 * f1 * f2 - 2.0 * f1 - 2.0 * f2 + 5.0) / 9.0
    return (10.0 * f1 * f2 - f1 - f2 + 1.0) / (9.0 * p), p


def dejmps(f1: float, f2: float) -> tuple[float, float]:
    """Purified fidelity and success probability of two phase flips."""
    p = f1 * f2 + (1.0 - f1) * (1.0 - f2)
    return f1 * f2 / p, p
