"""The chain simulator: from event to event, with every swap and purification that an event allows.

Nothing happens between two events, so attempts are never stepped through: the number of attempts up to a
success is drawn at once. A pair that comes is purified, swapped or delivered as far as it goes, leftmost
swap first; what is not possible yet waits in the memories.
"""

from __future__ import annotations

import numpy as np

from satqn.kernels.compiling import bare, inlined
from satqn.kernels.simulate_count import record
from satqn.kernels.simulate_memory import (
    age,
    arrive,
    drop,
    expiry,
    first_lane,
    free_ends,
    join,
    refill,
    restart_all,
    rewind,
    set_expiry,
    start,
    triple,
    vacate,
)
from satqn.kernels.simulate_queue import first
from satqn.kernels.simulate_random import uniform
from satqn.kernels.simulate_states import purify
from satqn.kernels.simulate_work import (
    AGED,
    ATTEMPTING,
    CUTOFFS,
    DELIVERED,
    DONE,
    END,
    EVENTS,
    FORMED,
    HOLDING,
    IDLE,
    LEFT_OVER,
    LOST_BY_CUTOFF,
    LOST_IN_PURIFICATION,
    LOST_IN_SWAPS,
    MOST_TIME,
    NOW,
    OLDEST,
    OVERLONG,
    PAUSED,
    PORT,
    PURIFICATION_FAILURES,
    PURIFICATIONS,
    REWOUND,
    RIGHT,
    ROUND,
    SINCE,
    STORED,
    STUCK,
    SWAP_FAILURES,
    SWAPS,
    USED,
    WEIGHT,
    WIDTH,
    XX,
    YY,
    ZZ,
    ChainArrays,
    Work,
)


@inlined
def _older(work: Work, place: int, best: int) -> bool:
    if best < 0 or work.pair[place, OLDEST] != work.pair[best, OLDEST]:
        return best < 0 or work.pair[place, OLDEST] < work.pair[best, OLDEST]
    return work.pair[place, FORMED] < work.pair[best, FORMED]


@inlined
def _may_swap(chain: ChainArrays, work: Work, left: int, right: int) -> bool:
    """Return whether two pairs that meet at a node are both ready and belong together."""
    m, node, end = chain.memories, work.spot[left, END], work.spot[right, END]
    low = left // m
    if (
        work.spot[left, ROUND] != chain.rounds[node - low]
        or work.spot[right, ROUND] != chain.rounds[end - node]
    ):
        return False
    if chain.low[node] >= 0 and (chain.low[node] != low or chain.high[node] != end):
        return False
    if not chain.bound:
        return True
    # Halves of unequal length may have needed unequally many lanes: the narrower one lies within the wider.
    width = max(work.spot[left, WIDTH], work.spot[right, WIDTH])
    return ((left % m) ^ (right % m)) & -width == 0


@inlined
def _partner_before(chain: ChainArrays, work: Work, place: int) -> int:
    """Return the oldest pair that may be swapped with this one at its left end, or -1."""
    node, best = place // chain.memories, -1
    if node > 0:
        for port in range((node - 1) * chain.memories, node * chain.memories):
            other = work.port[port]
            if other >= 0 and _may_swap(chain, work, other, place) and _older(work, other, best):
                best = other
    return best


@inlined
def _partner_after(chain: ChainArrays, work: Work, place: int) -> int:
    """Return the oldest pair that may be swapped with this one at its right end, or -1."""
    node, best = work.spot[place, END], -1
    if node < chain.attempt.size:
        for other in range(node * chain.memories, (node + 1) * chain.memories):
            held = work.state[other] == HOLDING
            if held and _may_swap(chain, work, place, other) and _older(work, other, best):
                best = other
    return best


@inlined
def _twin(chain: ChainArrays, work: Work, place: int) -> int:
    """Return the oldest pair with the same ends and rounds, for purification, or -1."""
    link, best = place // chain.memories, -1
    lane, width = first_lane(chain, work, place), work.spot[place, WIDTH]
    for other in range(link * chain.memories, (link + 1) * chain.memories):
        if other == place or work.state[other] != HOLDING:
            continue
        if (
            work.spot[other, END] != work.spot[place, END]
            or work.spot[other, ROUND] != work.spot[place, ROUND]
        ):
            continue
        if chain.bound and first_lane(chain, work, other) != lane ^ width:
            continue
        if _older(work, other, best):
            best = other
    return best


@inlined
def _swap(chain: ChainArrays, work: Work, left: int, right: int) -> bool:
    """Try to make one pair of two, at the place of the left one; return whether it worked."""
    work.tally[SWAPS] += 1
    if chain.swap_success < 1.0 and uniform(work.random) >= chain.swap_success:
        work.tally[SWAP_FAILURES] += 1
        work.tally[LOST_IN_SWAPS] += drop(chain, work, left) + drop(chain, work, right)
        return False
    age(work, left)
    age(work, right)
    pair, spot = work.pair, work.spot
    for k in range(3):
        pair[left, ZZ + k] *= pair[right, ZZ + k] * chain.swap_noise[k]
    pair[left, STORED] += pair[right, STORED]
    pair[left, AGED] += pair[right, AGED]
    pair[left, RIGHT] = pair[right, RIGHT]
    pair[left, OLDEST] = min(pair[left, OLDEST], pair[right, OLDEST])
    pair[left, FORMED] = work.clock[NOW]
    node, outer = spot[left, END], spot[right, PORT]
    work.port[spot[left, PORT]] = -1
    vacate(work, right)
    work.port[outer] = left
    spot[left, END], spot[left, PORT], spot[left, ROUND] = spot[right, END], outer, 0
    spot[left, WEIGHT] += spot[right, WEIGHT]
    if chain.bound:
        join(work, left, right)
        spot[left, WIDTH] = max(spot[left, WIDTH], spot[right, WIDTH])
    else:
        work.free[node - 1] += 1
        refill(chain, work, node - 1)
        refill(chain, work, node)
    set_expiry(chain, work, left)
    return True


@inlined
def _purify(chain: ChainArrays, work: Work, kept: int, spent: int) -> bool:
    """Try to make one better pair of two with the same ends; return whether it worked."""
    work.tally[PURIFICATIONS] += 1
    age(work, kept)
    age(work, spent)
    success, zz, xx, yy = purify(
        chain.protocol,
        triple(chain, work, kept),
        triple(chain, work, spent),
        chain.gate_noise,
        chain.readout_error,
    )
    if uniform(work.random) >= success:
        work.tally[PURIFICATION_FAILURES] += 1
        work.tally[LOST_IN_PURIFICATION] += drop(chain, work, kept) + drop(chain, work, spent)
        return False
    pair, spot = work.pair, work.spot
    pair[kept, ZZ], pair[kept, XX], pair[kept, YY] = zz, xx, yy
    pair[kept, STORED] = pair[kept, AGED] = 0.0
    pair[kept, OLDEST] = min(pair[kept, OLDEST], pair[spent, OLDEST])
    pair[kept, FORMED] = work.clock[NOW]
    spot[kept, ROUND] += 1
    spot[kept, WEIGHT] += spot[spent, WEIGHT]
    spot[kept, WIDTH] *= 2
    vacate(work, spent)
    if chain.bound:
        join(work, kept, spent)
    else:
        free_ends(chain, work, kept // chain.memories, spot[kept, END] - 1)
    set_expiry(chain, work, kept)
    return True


@bare
def _deliver(chain: ChainArrays, work: Work, place: int) -> None:
    """Hand an end-to-end pair to the users, and go on or start anew."""
    age(work, place)
    zz, xx, yy = triple(chain, work, place)
    record(
        work.tally, work.sums, work.batches, work.times, work.fidelities,
        work.clock[NOW] - work.clock[SINCE], 0.25 * (1.0 + zz + xx + yy),
    )  # fmt: skip
    work.tally[USED] += work.spot[place, WEIGHT]
    if chain.fresh:
        work.state[place] = IDLE
        for other in range(work.state.size):
            if work.state[other] == HOLDING:
                work.tally[LEFT_OVER] += work.spot[other, WEIGHT]
        work.clock[NOW] = work.clock[SINCE] = 0.0
        restart_all(chain, work)
    else:
        work.clock[SINCE] = work.clock[NOW]
        drop(chain, work, place)


@bare
def _settle(chain: ChainArrays, work: Work, place: int) -> None:
    """Purify, swap and deliver a pair that has just come, as far as it goes."""
    links = chain.attempt.size
    while True:
        length = work.spot[place, END] - place // chain.memories
        if work.spot[place, ROUND] < chain.rounds[length]:
            twin = _twin(chain, work, place)
            if twin < 0 or not _purify(chain, work, twin, place):
                return
            place = twin
            continue
        if length == links:
            _deliver(chain, work, place)
            return
        other = _partner_before(chain, work, place)
        if other >= 0:
            if not _swap(chain, work, other, place):
                return
            place = other
            continue
        other = _partner_after(chain, work, place)
        if other < 0 or not _swap(chain, work, place, other):
            return


@bare
def _clear(chain: ChainArrays, work: Work, place: int) -> int:
    """Discard, with a pair that grew too old, all that was made to be joined with it; return how much."""
    m, low, high = chain.memories, place // chain.memories, work.spot[place, END]
    lane, width = first_lane(chain, work, place), work.spot[place, WIDTH]
    if work.spot[place, ROUND] < chain.rounds[high - low]:
        width *= 2
        lane &= -width
    elif low > 0 and chain.low[low] >= 0 and chain.high[low] == high:
        low = chain.low[low]
    else:
        high = chain.high[high]
    lost = 0
    for link in range(low, high):
        for one in range(link * m + lane, link * m + lane + width):
            if work.state[one] == HOLDING:
                lost += work.spot[one, WEIGHT]
                vacate(work, one)
            start(chain, work, one)
    return lost


@bare
def advance(chain: ChainArrays, work: Work, deliveries: int, events: int) -> int:
    """Go on until so many pairs in all are delivered, for so many events at most.

    Parameters
    ----------
    chain
        The chain.
    work
        Its memories and counts, changed in place; an empty chain begins with :func:`restart_all`.
    deliveries
        Stop when ``work.tally[DELIVERED]`` reaches it.
    events
        Stop after so many events, to go on later.

    Returns
    -------
    int
        ``DONE``, ``PAUSED``, ``STUCK`` or ``OVERLONG``.
    """
    for _ in range(events):
        if work.tally[DELIVERED] >= deliveries:
            return DONE
        time = work.queue[1]
        if time == np.inf:
            return STUCK
        if time - work.clock[SINCE] > MOST_TIME:
            return OVERLONG
        if work.clock[NOW] > REWOUND:
            rewind(work)
            time = work.queue[1]
        work.tally[EVENTS] += 1
        place = first(work.queue, work.ranks)
        if work.state[place] == ATTEMPTING:
            work.clock[NOW] = time
            arrive(chain, work, place)
            _settle(chain, work, place)
            continue
        work.clock[NOW] = expiry(chain, work, place)
        work.tally[CUTOFFS] += 1
        work.tally[LOST_BY_CUTOFF] += _clear(chain, work, place) if chain.clears else drop(chain, work, place)
    return DONE if work.tally[DELIVERED] >= deliveries else PAUSED
