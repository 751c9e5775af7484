"""The chain simulator for one memory at each end of a link and no purification: the same events, faster.

Every end-to-end pair then has the same triple but for its storage, so a pair is two numbers: the storage that
its measured qubits have suffered. Rows of ``work.pair`` belong to links here: a qubit's time of birth to the
link in whose memory it lies, the rest of a pair to the link of its left half.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.compiling import bare
from satqn.kernels.simulate_count import record
from satqn.kernels.simulate_memory import rewind
from satqn.kernels.simulate_queue import first, put
from satqn.kernels.simulate_random import attempts, uniform
from satqn.kernels.simulate_work import (
    AGED,
    CUTOFFS,
    DELIVERED,
    DONE,
    END,
    EVENTS,
    LEFT,
    LEFT_OVER,
    LOST_BY_CUTOFF,
    LOST_IN_SWAPS,
    MADE,
    MOST_TIME,
    NOW,
    OLDEST,
    OVERLONG,
    PAUSED,
    REWOUND,
    RIGHT,
    SINCE,
    STORED,
    SWAP_FAILURES,
    SWAPS,
    USED,
    ChainArrays,
    Work,
)

_JUST_AFTER = 1.0 + 2.0**-52

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@bare
def _start(
    link: int,
    now: float,
    per_decay: FloatArray,
    attempt: FloatArray,
    queue: FloatArray,
    ranks: FloatArray,
    random: IntArray,
) -> None:
    time = now + attempts(random, per_decay[link]) * attempt[link]
    put(queue, ranks, link, time, uniform(random) if ranks.size > 0 else 0.0)


@bare
def begin_single(chain: ChainArrays, work: Work) -> None:
    """Empty every memory and let every link attempt."""
    work.spot[:, END] = 0
    work.port[:] = -1
    for link in range(chain.attempt.size):
        _start(link, work.clock[NOW], chain.per_decay, chain.attempt, work.queue, work.ranks, work.random)


@njit(cache=True)
def advance_single(chain: ChainArrays, work: Work, deliveries: int, events: int) -> int:
    """Go on until so many pairs in all are delivered, for so many events at most.

    As :func:`satqn.kernels.simulate_chain.advance`, for chains with one memory, no rounds of purification and
    cut-offs that discard single pairs; begun with :func:`begin_single`. It never gets stuck.
    """
    per_decay, attempt, cutoff, low, high = (
        chain.per_decay,
        chain.attempt,
        chain.cutoff,
        chain.low,
        chain.high,
    )
    bound, fresh, oldest, success = chain.bound, chain.fresh, chain.age_of_oldest, chain.swap_success
    queue, random, tally, pair, port = work.queue, work.random, work.tally, work.pair, work.port
    ends, links, ranks = work.spot[:, END], attempt.size, work.ranks
    state = PAUSED
    zz, xx, yy = 1.0, 1.0, 1.0
    for link in range(links):
        zz *= chain.made[link, 0] * (chain.swap_noise[0] if link > 0 else 1.0)
        xx *= chain.made[link, 1] * (chain.swap_noise[1] if link > 0 else 1.0)
        yy *= chain.made[link, 2] * (chain.swap_noise[2] if link > 0 else 1.0)
    phase, white, gauss = chain.decay[0], chain.decay[1], chain.decay[2]
    now = work.clock[NOW]

    for _ in range(events):
        if tally[DELIVERED] >= deliveries:
            break
        if queue[1] - work.clock[SINCE] > MOST_TIME:
            state = OVERLONG
            break
        if now > REWOUND:
            work.clock[NOW] = now
            rewind(work)
            now = work.clock[NOW]
        tally[EVENTS] += 1
        left = first(queue, ranks)
        lost_from, lost_to = -1, -1  # what a failure or a cut-off takes, as [from, to)
        if ends[left] > 0:
            right = ends[left]
            now = max(now, pair[left, OLDEST] + cutoff[right - left])
            tally[CUTOFFS] += 1
            tally[LOST_BY_CUTOFF] += right - left
            lost_from, lost_to, middle = left, right, right
        else:
            now, right = queue[1], left + 1
            tally[MADE] += 1
            ends[left], port[left] = right, left
            pair[left, LEFT] = pair[left, RIGHT] = pair[left, OLDEST] = now
            pair[left, STORED] = pair[left, AGED] = 0.0
            middle = 0
            while True:  # swap as long as there is a partner, leftmost first
                if (
                    left > 0
                    and port[left - 1] >= 0
                    and (low[left] < 0 or (low[left] == port[left - 1] and high[left] == right))
                ):
                    middle, left = left, port[left - 1]
                elif (
                    right < links
                    and ends[right] > 0
                    and (low[right] < 0 or (low[right] == left and high[right] == ends[right]))
                ):
                    middle, right = right, ends[right]
                else:
                    break
                tally[SWAPS] += 1
                if success < 1.0 and uniform(random) >= success:
                    tally[SWAP_FAILURES] += 1
                    tally[LOST_IN_SWAPS] += right - left
                    lost_from, lost_to = left, right
                    break
                inner, outer = now - pair[middle - 1, RIGHT], now - pair[middle, LEFT]
                pair[left, STORED] += pair[middle, STORED] + inner + outer
                pair[left, AGED] += pair[middle, AGED] + inner * inner + outer * outer
                pair[left, OLDEST] = min(pair[left, OLDEST], pair[middle, OLDEST]) if oldest else now
                ends[left], port[right - 1] = right, left
                ends[middle], port[middle - 1] = 0, -1
                put(queue, ranks, middle, np.inf, 0.0)
                if not bound:
                    if left < middle - 1 and ends[middle - 1] == 0:
                        _start(middle - 1, now, per_decay, attempt, queue, ranks, random)
                    if right > middle + 1 and port[middle] < 0:
                        _start(middle, now, per_decay, attempt, queue, ranks, random)
            if lost_from < 0 and right - left < links:
                put(
                    queue, ranks, left, max(now, pair[left, OLDEST] + cutoff[right - left]) * _JUST_AFTER, 0.0
                )
                continue
            if lost_from < 0:
                a, b = now - pair[left, LEFT], now - pair[right - 1, RIGHT]
                stored = white * (pair[left, STORED] + a + b)
                aged = (
                    stored + phase * (pair[left, STORED] + a + b) + gauss * (pair[left, AGED] + a * a + b * b)
                )
                kept = math.exp(-stored) if stored > 0.0 else 1.0
                coherent = math.exp(-aged) if aged > 0.0 else 1.0
                record(
                    tally, work.sums, work.batches, work.times, work.fidelities,
                    now - work.clock[SINCE], 0.25 * (1.0 + zz * kept + (xx + yy) * coherent),
                )  # fmt: skip
                tally[USED] += links
                if fresh:
                    ends[left] = 0
                    for other in range(links):
                        tally[LEFT_OVER] += max(ends[other] - other, 0) if ends[other] > 0 else 0
                    now = 0.0
                    work.clock[NOW] = work.clock[SINCE] = 0.0
                    begin_single(chain, work)
                    continue
                work.clock[SINCE] = now
                lost_from, lost_to, middle = left, right, right
        # What is in [lost_from, lost_to) goes: one pair, or the two that met at the node ``middle``.
        ends[lost_from], port[lost_to - 1] = 0, -1
        put(queue, ranks, lost_from, np.inf, 0.0)
        if middle < lost_to:
            ends[middle], port[middle - 1] = 0, -1
            put(queue, ranks, middle, np.inf, 0.0)
        if bound:
            for link in range(lost_from, lost_to):
                _start(link, now, per_decay, attempt, queue, ranks, random)
        else:
            for link in (lost_from, middle - 1, middle, lost_to - 1):
                if (
                    link < lost_to
                    and ends[link] == 0
                    and port[link] < 0
                    and queue[link + queue.size // 2] == np.inf
                ):
                    _start(link, now, per_decay, attempt, queue, ranks, random)
    work.clock[NOW] = now
    return DONE if tally[DELIVERED] >= deliveries else state
