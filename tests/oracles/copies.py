"""k copies to one, straight from its definition: over multisets exactly, and by throwing dice."""

from __future__ import annotations

import heapq
from functools import cache


def bbpssw(a, b):
    """Return fidelity and success probability; works for floats and for fractions."""
    success = (8 * a * b - 2 * a - 2 * b + 5) / 9
    return (10 * a * b - a - b + 1) / (9 * success), success


def dejmps(a, b):
    """Return fidelity and success probability for phase-flip mixtures."""
    success = a * b + (1 - a) * (1 - b)
    return a * b / success, success


def mean_fidelity(f1, k, purify):
    """Return the mean fidelity: one copy in reserve, the two lowest of the others purified, and so on."""

    @cache
    def mean(pairs):
        if not pairs:
            return f1
        if len(pairs) == 1:
            return pairs[0]
        (low, next_low), rest = pairs[:2], pairs[2:]
        better, success = purify(low, next_low)
        return success * mean(tuple(sorted((*rest, better)))) + (1 - success) * mean(rest)

    return mean((f1,) * (k - 1))


def sampled_fidelity(f1, k, purify, rng):
    """Return one sample of the same process."""
    pairs = [f1] * (k - 1)
    while len(pairs) > 1:
        better, success = purify(heapq.heappop(pairs), heapq.heappop(pairs))
        if rng.random() < success:
            heapq.heappush(pairs, better)
    return pairs[0] if pairs else f1
