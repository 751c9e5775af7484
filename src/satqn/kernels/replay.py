"""Replay of a plan, run by run: what links make, stores hold and purification leaves, pair by pair.

Every lost pair has a reason. A base pair is worth 1/g delivered pairs, one that has passed i rounds of
purification what its further rounds leave of it on average; the worth lost at every step is booked under
the reason of that step, so that promised - delivered is their sum in every run.
"""

from __future__ import annotations

import numpy as np

from satqn.kernels.compiled import njit
from satqn.kernels.replay_draws import binomial, fill_gaps, generate, link_up, whole
from satqn.kernels.replay_stock import draw, forget, open_stocks, put, throw_away, too_old
from satqn.kernels.replay_tables import (
    DECOHERENCE,
    DRAWN,
    EMPTY_STOCK,
    LEFT,
    LOST,
    LUCK,
    MADE,
    MEAN,
    ODD_PAIR,
    OUTAGE,
    PURIFICATION,
    REASONS,
    ROUNDING,
    SPARE,
    SYNCHRONISATION,
    THROWN,
    BoolArray,
    FloatArray,
    Generation,
    IntArray,
    Ladders,
    Links,
    Outages,
    Scratch,
    Stores,
    Tally,
    Uses,
)


@njit(cache=True)
def replay_runs(
    rng: np.random.Generator,
    runs: int,
    uses: Uses,
    links: Links,
    ladders: Ladders,
    stores: Stores,
    generation: Generation,
    outages: Outages,
    tally: Tally,
    scratch: Scratch,
) -> None:
    """Replay a plan ``runs`` times and add what happens to the tally."""
    slots, demands = tally.delivered.shape
    for _ in range(runs):
        scratch.delivered[:] = 0
        scratch.reasons[:] = 0.0
        for account in range(len(scratch.offsets)):
            scratch.offsets[account] = rng.random()
        open_stocks(
            stores.initial, stores.ends, scratch.offsets, scratch.cohorts, scratch.held, stores.capacity,
            tally.ledger,
        )  # fmt: skip
        for slot in range(slots):
            _weather(rng, slot, outages, scratch.down)
            if generation.way != MEAN:
                generate(
                    rng, slot, uses, links, generation, scratch.down, scratch.made, scratch.attempts_left,
                    scratch.chance_left,
                )  # fmt: skip
            if generation.spare:
                fill_gaps(
                    rng, slot, uses, links, generation, scratch.down, scratch.made, scratch.attempts_left,
                    scratch.chance_left, scratch.spare, scratch.gained,
                )  # fmt: skip
            scratch.arrivals[:] = 0
            for use in range(uses.start[slot], uses.start[slot + 1]):
                if uses.storing[use]:
                    _store(use, uses, links, generation, tally, scratch)
                elif uses.way[use] < 0:
                    _throw(use, uses, stores, tally, scratch)
                else:
                    _serve(rng, slot, use, uses, links, ladders, stores, generation, tally, scratch)
            _end_of_slot(rng, slot, stores, generation, tally, scratch)
        for group in range(len(stores.initial)):
            tally.ledger[LEFT, group] += scratch.cohorts[group].sum()
        _add_run(slots, demands, tally, scratch)


@njit(cache=True)
def _weather(rng: np.random.Generator, slot: int, outages: Outages, down: BoolArray) -> None:
    for node in range(len(down)):
        if outages.down[node] <= 0.0:
            down[node] = False
        elif slot == 0:
            down[node] = rng.random() < outages.down[node]
        elif down[node]:
            down[node] = rng.random() >= outages.repair[node]
        else:
            down[node] = rng.random() < outages.fail[node]


@njit(cache=True)
def _interrupted(use: int, uses: Uses, links: Links, down: BoolArray) -> bool:
    for leg in range(uses.leg_start[use], uses.leg_start[use + 1]):
        if not link_up(uses.leg_link[leg], links, down):
            return True
    return False


@njit(cache=True)
def _from_links(
    use: int,
    worth: float,
    uses: Uses,
    generation: Generation,
    scratch: Scratch,
    reasons: FloatArray,
) -> int:
    """Return the base pairs that the links of a use make together: the least of their counts."""
    planned = uses.base[use]
    first, last = uses.leg_start[use], uses.leg_start[use + 1]
    if generation.way == MEAN or first == last:
        pairs = whole(uses.carry_from[use], uses.carry_to[use], scratch.offsets[uses.account[use]])
        reasons[ROUNDING] += (planned - pairs) * worth
        return pairs
    least, together = scratch.made[first], 0
    for leg in range(first, last):
        least = min(least, scratch.made[leg])
        together += scratch.made[leg]
    average = together / (last - first)
    if generation.spare:
        gain = scratch.gained[use] / (last - first)
        reasons[SPARE] -= gain * worth
        reasons[LUCK] += gain * worth
    reasons[LUCK] += (planned - average) * worth
    reasons[SYNCHRONISATION] += (average - least) * worth
    return least


@njit(cache=True)
def _serve(
    rng: np.random.Generator,
    slot: int,
    use: int,
    uses: Uses,
    links: Links,
    ladders: Ladders,
    stores: Stores,
    generation: Generation,
    tally: Tally,
    scratch: Scratch,
) -> None:
    """Serve a demand over a path in a slot."""
    path, demand = uses.way[use], uses.demand[use]
    worth = ladders.worth[path, 0, 0]
    lost = np.zeros(REASONS)
    if _interrupted(use, uses, links, scratch.down):
        lost[OUTAGE] = uses.promise[use]
    else:
        pairs = _from_links(use, worth, uses, generation, scratch, lost)
        if uses.draw_start[use] == uses.draw_start[use + 1]:
            scratch.delivered[slot, demand] += purify(rng, pairs, path, 0, ladders, lost)
        else:
            pairs = _with_stored(slot, use, pairs, worth, uses, stores, tally, scratch, lost)
            scratch.delivered[slot, demand] += _purify_by_age(rng, pairs, path, ladders, scratch.ages, lost)
    for reason in range(REASONS):
        tally.reasons[reason, slot, demand] += lost[reason]
        scratch.reasons[reason] += lost[reason]


@njit(cache=True)
def _with_stored(
    slot: int,
    use: int,
    pairs: int,
    worth: float,
    uses: Uses,
    stores: Stores,
    tally: Tally,
    scratch: Scratch,
    lost: FloatArray,
) -> int:
    """Join base pairs with one stored pair of every virtual link, and say how old these are together.

    No more is drawn than planned: what is in store beyond that is meant for others.
    """
    first, last = uses.draw_start[use], uses.draw_start[use + 1]
    planned = whole(uses.carry_from[use], uses.carry_to[use], scratch.offsets[uses.account[use]])
    wanted = min(pairs, planned)
    lost[SYNCHRONISATION] += (pairs - wanted) * worth
    pairs = wanted
    for at in range(first, last):
        pairs = min(pairs, scratch.cohorts[uses.draw_class[at]].sum())
    lost[EMPTY_STOCK] += (wanted - pairs) * worth
    scratch.ages[:pairs] = 0
    for at in range(first, last):
        group = uses.draw_class[at]
        draw(scratch.cohorts[group], pairs, slot, stores.newest_first, scratch.ages)
        scratch.held[stores.ends[group, 0]] -= pairs
        scratch.held[stores.ends[group, 1]] -= pairs
        tally.ledger[DRAWN, group] += pairs
    if not stores.aging:
        scratch.ages[:pairs] = 0
    return pairs


@njit(cache=True)
def _purify_by_age(
    rng: np.random.Generator, pairs: int, path: int, ladders: Ladders, ages: IntArray, lost: FloatArray
) -> int:
    """Purify base pairs, each with others of its age; equal ages stand together."""
    kept = first = 0
    while first < pairs:
        age, last = ages[first], first + 1
        while last < pairs and ages[last] == age:
            last += 1
        kept += purify(rng, last - first, path, age, ladders, lost)
        first = last
    return kept


@njit(cache=True)
def purify(
    rng: np.random.Generator, pairs: int, path: int, age: int, ladders: Ladders, lost: FloatArray
) -> int:
    """Purify base pairs of one age by nested rounds and return what is left; book what is lost."""
    fresh = ladders.worth[path, 0, 0]
    if not ladders.reached[path, age]:
        lost[DECOHERENCE] += pairs * fresh
        return 0
    lost[DECOHERENCE] += pairs * (fresh - ladders.worth[path, age, 0])
    for level in range(ladders.rounds[path, age]):
        attempts = pairs // 2
        lost[ODD_PAIR] += (pairs - 2 * attempts) * ladders.worth[path, age, level]
        chance = ladders.success[path, age, level]
        pairs = binomial(rng, attempts, chance)
        lost[PURIFICATION] += (attempts * chance - pairs) * ladders.worth[path, age, level + 1]
    return pairs


@njit(cache=True)
def _store(
    use: int, uses: Uses, links: Links, generation: Generation, tally: Tally, scratch: Scratch
) -> None:
    """Make pairs of a class; they are put into store when the slot ends."""
    group = uses.way[use]
    lost = np.zeros(REASONS)
    if _interrupted(use, uses, links, scratch.down):
        lost[OUTAGE] = uses.base[use]
    else:
        pairs = _from_links(use, 1.0, uses, generation, scratch, lost)
        scratch.arrivals[group] += pairs
        tally.ledger[MADE, group] += pairs
    for reason in range(REASONS):
        tally.store_reasons[reason, group] += lost[reason]


@njit(cache=True)
def _throw(use: int, uses: Uses, stores: Stores, tally: Tally, scratch: Scratch) -> None:
    """Throw pairs of a class away: as planned, or all that are left."""
    group = uses.draw_class[uses.draw_start[use]]
    pairs = scratch.cohorts[group].sum()
    if uses.way[use] == THROWN:
        planned = whole(uses.carry_from[use], uses.carry_to[use], scratch.offsets[uses.account[use]])
        pairs = min(pairs, planned)
    _lose(group, throw_away(scratch.cohorts[group], pairs), stores, tally, scratch)


@njit(cache=True)
def _lose(group: int, pairs: int, stores: Stores, tally: Tally, scratch: Scratch) -> None:
    """Book pairs that left a store without being used."""
    scratch.held[stores.ends[group, 0]] -= pairs
    scratch.held[stores.ends[group, 1]] -= pairs
    tally.ledger[LOST, group] += pairs


@njit(cache=True)
def _end_of_slot(
    rng: np.random.Generator,
    slot: int,
    stores: Stores,
    generation: Generation,
    tally: Tally,
    scratch: Scratch,
) -> None:
    """Lose what is too old or the memories do not retain, then put what was made into store."""
    for group in range(len(stores.initial)):
        if stores.cutoff[group] > 0:
            _lose(group, too_old(scratch.cohorts[group], slot, stores.cutoff[group]), stores, tally, scratch)
        if stores.retention < 1.0:
            lost = forget(rng, scratch.cohorts[group], stores.retention, generation.way == MEAN, slot)
            _lose(group, lost, stores, tally, scratch)
    for group in range(len(stores.initial)):
        if scratch.arrivals[group] > 0:
            put(
                group, slot + 1, scratch.arrivals[group], stores.ends, scratch.cohorts, scratch.held,
                stores.capacity, tally.ledger,
            )  # fmt: skip


@njit(cache=True)
def _add_run(slots: int, demands: int, tally: Tally, scratch: Scratch) -> None:
    """Add the sums and squares of a run."""
    total = 0
    for demand in range(demands):
        together = 0
        for slot in range(slots):
            pairs = scratch.delivered[slot, demand]
            tally.delivered[slot, demand] += pairs
            tally.squares[slot, demand] += pairs * pairs
            together += pairs
        tally.demand_squares[demand] += together * together
        total += together
    tally.total[0] += total
    tally.total[1] += total * total
    chance = scratch.reasons[ROUNDING] + scratch.reasons[LUCK] + scratch.reasons[PURIFICATION]
    tally.chance[0] += chance
    tally.chance[1] += chance * chance
    for reason in range(REASONS):
        tally.reason_squares[reason] += scratch.reasons[reason] ** 2
