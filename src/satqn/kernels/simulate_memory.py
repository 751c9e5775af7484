"""Memories of a chain: attempts begin, pairs come, wait, decay and go."""

from __future__ import annotations

import math

import numpy as np

from satqn.kernels.compiling import bare, inlined
from satqn.kernels.simulate_queue import put
from satqn.kernels.simulate_random import attempts, uniform
from satqn.kernels.simulate_work import (
    AGED,
    ATTEMPTING,
    END,
    FORMED,
    HOLDING,
    IDLE,
    LAST,
    LEFT,
    MADE,
    NEXT,
    NOW,
    OLDEST,
    PORT,
    RIGHT,
    ROUND,
    SEEN,
    SINCE,
    STORED,
    WEIGHT,
    WIDTH,
    XX,
    YY,
    ZZ,
    ChainArrays,
    Work,
)

_JUST_AFTER = 1.0 + 2.0**-52
"""Pairs that come at the very instant at which another grows too old still find it."""


@inlined
def start(chain: ChainArrays, work: Work, place: int) -> None:
    """Let the link of a place attempt with it from now on."""
    link = place // chain.memories
    jump = attempts(work.random, chain.per_decay[link]) * chain.attempt[link]
    work.state[place] = ATTEMPTING
    rank = uniform(work.random) if work.ranks.size > 0 else 0.0
    put(work.queue, work.ranks, place, work.clock[NOW] + jump, rank)


@bare
def refill(chain: ChainArrays, work: Work, link: int) -> None:
    """Let a link attempt with every couple of memories that is free at both ends."""
    place = link * chain.memories
    end = place + chain.memories
    while work.free[link] > 0 and place < end:
        if work.state[place] == IDLE:
            work.free[link] -= 1
            start(chain, work, place)
        place += 1


@bare
def restart_all(chain: ChainArrays, work: Work) -> None:
    """Empty every memory and let every link attempt."""
    work.port[:] = -1
    work.free[:] = 0
    for place in range(work.state.size):
        start(chain, work, place)


@inlined
def first_lane(chain: ChainArrays, work: Work, place: int) -> int:
    """Return the first lane of a pair: lanes are bundled by purification, 2^k neighbours at a time."""
    return place % chain.memories & -work.spot[place, WIDTH]


@inlined
def vacate(work: Work, place: int) -> None:
    """Take a pair out of both its memories."""
    work.port[work.spot[place, PORT]] = -1
    work.state[place] = IDLE
    put(work.queue, work.ranks, place, np.inf, 0.0)


@inlined
def free_ends(chain: ChainArrays, work: Work, left: int, right: int) -> None:
    """Let links attempt again after a left memory of link ``left`` and a right one of ``right`` came free."""
    work.free[right] += 1
    refill(chain, work, left)
    if right != left:
        refill(chain, work, right)


@inlined
def join(work: Work, place: int, other: int) -> None:
    """Let a pair keep busy, in bound lanes, what another one did too."""
    spot = work.spot
    spot[spot[place, LAST], NEXT] = other
    spot[place, LAST] = spot[other, LAST]


@inlined
def drop(chain: ChainArrays, work: Work, place: int) -> int:
    """Take a pair out, let links attempt with what came free, and return its elementary pairs."""
    link, end = place // chain.memories, work.spot[place, END]
    vacate(work, place)
    if chain.bound:
        one = place
        while one >= 0:
            start(chain, work, one)
            one = work.spot[one, NEXT]
    else:
        free_ends(chain, work, link, end - 1)
    return work.spot[place, WEIGHT]


@inlined
def expiry(chain: ChainArrays, work: Work, place: int) -> float:
    """Return when a pair reaches the cut-off, not before now."""
    born = work.pair[place, OLDEST] if chain.age_of_oldest else work.pair[place, FORMED]
    length = work.spot[place, END] - place // chain.memories
    return max(work.clock[NOW], born + chain.cutoff[length])


@inlined
def set_expiry(chain: ChainArrays, work: Work, place: int) -> None:
    """Note when a pair will have grown too old."""
    put(work.queue, work.ranks, place, expiry(chain, work, place) * _JUST_AFTER, 0.0)


@inlined
def arrive(chain: ChainArrays, work: Work, place: int) -> None:
    """Put the pair that an attempt made into its two memories."""
    link, now, port = place // chain.memories, work.clock[NOW], place
    if not chain.bound:
        port = link * chain.memories
        while work.port[port] >= 0:
            port += 1
    work.state[place] = HOLDING
    work.port[port] = place
    pair, spot = work.pair, work.spot
    pair[place, ZZ], pair[place, XX], pair[place, YY] = (
        chain.made[link, 0],
        chain.made[link, 1],
        chain.made[link, 2],
    )
    pair[place, STORED] = pair[place, AGED] = 0.0
    pair[place, LEFT] = pair[place, RIGHT] = pair[place, SEEN] = now
    pair[place, OLDEST] = pair[place, FORMED] = now
    spot[place, END], spot[place, PORT], spot[place, ROUND] = link + 1, port, 0
    spot[place, WEIGHT] = spot[place, WIDTH] = 1
    spot[place, NEXT], spot[place, LAST] = -1, place
    work.tally[MADE] += 1
    set_expiry(chain, work, place)


@inlined
def age(work: Work, place: int) -> None:
    """Reckon the storage of a pair up to now."""
    pair, now = work.pair, work.clock[NOW]
    seen = pair[place, SEEN]
    pair[place, STORED] += 2.0 * (now - seen)
    # (now - b)^2 - (seen - b)^2 for both qubits: Gaussian dephasing goes with each qubit's own age
    pair[place, AGED] += (now - seen) * 2.0 * (now + seen - pair[place, LEFT] - pair[place, RIGHT])
    pair[place, SEEN] = now


@inlined
def triple(chain: ChainArrays, work: Work, place: int) -> tuple[float, float, float]:
    """Return the triple of a pair now, with all the storage that has been reckoned."""
    pair = work.pair
    white = chain.decay[1] * pair[place, STORED]
    phase = white + chain.decay[0] * pair[place, STORED] + chain.decay[2] * pair[place, AGED]
    kept = math.exp(-white) if white > 0.0 else 1.0
    coherent = math.exp(-phase) if phase > 0.0 else 1.0
    return pair[place, ZZ] * kept, pair[place, XX] * coherent, pair[place, YY] * coherent


@bare
def rewind(work: Work) -> None:
    """Set the clock back to 1: every difference stays what it is."""
    by = work.clock[NOW] - 1.0
    for at in range(work.queue.size):
        work.queue[at] -= by
    pair = work.pair
    for place in range(pair.shape[0]):
        pair[place, LEFT] -= by
        pair[place, RIGHT] -= by
        pair[place, SEEN] -= by
        pair[place, OLDEST] -= by
        pair[place, FORMED] -= by
    work.clock[SINCE] -= by
    work.clock[NOW] = 1.0
