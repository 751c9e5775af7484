"""Random whole numbers of the replay: binomial counts, rounding that is right on average, pairs of links."""

from __future__ import annotations

import numpy as np

from satqn.kernels.compiled import njit
from satqn.kernels.replay_tables import (
    BINOMIAL,
    POISSON,
    BoolArray,
    FloatArray,
    Generation,
    IntArray,
    Links,
    Uses,
)

INVERSION_MEAN = 20.0
"""Up to this mean a binomial count is found by running through its distribution."""


@njit(cache=True)
def binomial(rng: np.random.Generator, n: int, p: float) -> int:
    """Return the number of successes of n attempts of probability p.

    Notes
    -----
    Exact: large counts are halved by drawing the middle one of n uniform numbers, which is beta
    distributed (Devroye 1986, section X.4.4); the rest runs through the distribution. NumPy's own method
    for large counts has a misprinted constant up to version 2.4, and numba has it in new versions only.
    """
    if p <= 0.0 or n <= 0:
        return 0
    if p >= 1.0:
        return n
    found = 0
    while n * min(p, 1.0 - p) > INVERSION_MEAN:
        middle = n // 2 + 1
        x = rng.beta(float(middle), float(n + 1 - middle))
        if x <= p:
            found += middle
            n -= middle
            p = (p - x) / (1.0 - x)
        else:
            n = middle - 1
            p = p / x
    if n == 0 or p <= 0.0:
        return found
    if p >= 1.0:
        return found + n
    if p > 0.5:
        return found + n - _by_inversion(rng, n, 1.0 - p)
    return found + _by_inversion(rng, n, p)


@njit(cache=True)
def _by_inversion(rng: np.random.Generator, n: int, p: float) -> int:
    odds = p / (1.0 - p)
    weight = np.exp(n * np.log1p(-p))
    left = rng.random() - weight
    k = 0
    while left > 0.0 and k < n:
        k += 1
        weight *= odds * (n - k + 1) / k
        left -= weight
    return k


@njit(cache=True)
def whole(before: float, after: float, offset: float) -> int:
    """Return the whole pairs between two running totals; right on average over offsets in [0, 1).

    What one slot rounds off, a later one gets: the sum over slots is never off by a pair or more.
    """
    return int(np.floor(after + offset)) - int(np.floor(before + offset))


@njit(cache=True)
def link_up(link: int, links: Links, down: BoolArray) -> bool:
    """Return whether both ends of a link are up."""
    return not (down[links.a[link]] or down[links.b[link]])


@njit(cache=True)
def generate(
    rng: np.random.Generator,
    slot: int,
    uses: Uses,
    links: Links,
    generation: Generation,
    down: BoolArray,
    made: IntArray,
    attempts_left: IntArray,
    chance_left: FloatArray,
) -> None:
    """Fill ``made`` with the pairs of every leg in a slot: each pair of a link goes to one use at random.

    Dividing Poisson pairs at random leaves independent Poisson counts; dividing those of a given number
    of attempts leaves a multinomial count, drawn here use by use.
    """
    first, last = uses.leg_start[uses.start[slot]], uses.leg_start[uses.start[slot + 1]]
    if generation.way == BINOMIAL:
        for leg in range(first, last):
            attempts_left[uses.leg_link[leg]] = generation.attempts
            chance_left[uses.leg_link[leg]] = 1.0
    for use in range(uses.start[slot], uses.start[slot + 1]):
        for leg in range(uses.leg_start[use], uses.leg_start[use + 1]):
            link = uses.leg_link[leg]
            if not link_up(link, links, down):
                made[leg] = 0
            elif generation.way == POISSON:
                made[leg] = rng.poisson(uses.base[use])
            elif generation.way == BINOMIAL:
                share = uses.base[use] / generation.attempts
                made[leg] = _next_share(rng, share, link, attempts_left, chance_left)


@njit(cache=True)
def _next_share(
    rng: np.random.Generator, share: float, link: int, attempts_left: IntArray, chance_left: FloatArray
) -> int:
    """Return how many of the attempts that are left succeed for the next use."""
    count = binomial(rng, attempts_left[link], min(1.0, share / chance_left[link]))
    attempts_left[link] -= count
    chance_left[link] = max(chance_left[link] - share, 1e-300)
    return count


@njit(cache=True)
def fill_gaps(
    rng: np.random.Generator,
    slot: int,
    uses: Uses,
    links: Links,
    generation: Generation,
    down: BoolArray,
    made: IntArray,
    attempts_left: IntArray,
    chance_left: FloatArray,
    spare: IntArray,
    gained: IntArray,
) -> None:
    """Let the pairs that the plan does not use lift the short legs of uses, in the order of the plan.

    Every use is lifted as far as all of its links allow, up to its planned number; ``gained`` counts the
    pairs that its legs got.
    """
    for link in range(len(spare)):
        spare[link] = 0
        if link_up(link, links, down) and links.unplanned[slot, link] > 0.0:
            if generation.way == POISSON:
                spare[link] = rng.poisson(links.unplanned[slot, link])
            else:
                spare[link] = -1
    for use in range(uses.start[slot], uses.start[slot + 1]):
        gained[use] = 0
        level = int(np.ceil(uses.base[use]))
        for leg in range(uses.leg_start[use], uses.leg_start[use + 1]):
            link = uses.leg_link[leg]
            if spare[link] < 0:
                share = links.unplanned[slot, link] / generation.attempts
                spare[link] = _next_share(rng, share, link, attempts_left, chance_left)
            level = min(level, made[leg] + spare[link])
        for leg in range(uses.leg_start[use], uses.leg_start[use + 1]):
            lift = max(0, level - made[leg])
            made[leg] += lift
            spare[uses.leg_link[leg]] -= lift
            gained[use] += lift
