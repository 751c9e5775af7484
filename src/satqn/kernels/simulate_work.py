"""The arrays of the chain simulator: what a chain is, what its memories hold, and what is counted.

A chain has n links between nodes 0..n and m memories at each end of every link. A *place* is a left memory:
place i m + j is memory j of link i at node i. It is idle, its link is attempting with it, or it holds
the left half of a pair; so pairs and attempts are named by their places, and each has one leaf in the queue
of events. Times are in units of the shortest attempt time: with equal links they are whole numbers and exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.simulate_queue import empty_queue

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

IDLE, ATTEMPTING, HOLDING = 0, 1, 2
"""What a place does."""

ZZ, XX, YY, STORED, AGED, LEFT, RIGHT, SEEN, OLDEST, FORMED = range(10)
"""Columns of a pair: its triple before the storage that follows, the qubit-time in memory that it has
suffered and the Gaussian part of it (sum of squares), when its two qubits were stored, up to when storage is
reckoned, when its oldest constituent was made, and when it took its present form."""

END, PORT, ROUND, WEIGHT, WIDTH, NEXT, LAST, SPOTS = range(8)
"""Integer columns of a pair: the node of its right half and the memory there, rounds of purification at its
present length, elementary pairs in it, how many lanes wide it is, and, in bound lanes, a list of the places
that it keeps busy: the next one of each place (-1: none), and the last one of the pair."""

NOW, SINCE, CLOCKS = range(3)
"""The clock: the time, and the last delivery or the start."""

(
    DELIVERED, EVENTS, MADE, SWAPS, SWAP_FAILURES, PURIFICATIONS, PURIFICATION_FAILURES, CUTOFFS,
    USED, LOST_IN_SWAPS, LOST_IN_PURIFICATION, LOST_BY_CUTOFF, LEFT_OVER, TALLIES,
) = range(14)  # fmt: skip
"""Whole counts. The last five before ``TALLIES`` are elementary pairs, and add up to ``MADE``."""

DONE, PAUSED, STUCK, OVERLONG = range(4)
"""Why a simulation returned: enough deliveries, enough events, nothing can ever happen again, or a delivery
takes longer than times are whole numbers."""

REWOUND = 2.0**44
"""Time, in units, at which the clock is set back to 1, so that differences stay exact."""
MOST_TIME = 2.0**52
"""Longest time of a delivery, in units: whole numbers are exact up to there."""

TIME, TIME2, FIDELITY, FIDELITY2, LEVELS_FROM = range(5)
"""Sums over deliveries: time, its square, fidelity, its square; then those over batches, level by level."""

BATCHES, BATCH_TIME1, BATCH_TIME2, BATCH_FIDELITY1, BATCH_FIDELITY2, PER_LEVEL = range(6)
"""Sums over whole batches of a level: their number, times, squared times, fidelities, squared fidelities."""

BATCH, BATCH_LEVELS = 64, 16
"""Deliveries in a batch of level 0, and levels; each level has batches twice as long as the one below."""
SUMS = LEVELS_FROM + BATCH_LEVELS * PER_LEVEL

OPEN_COUNT, OPEN_TIME, OPEN_FIDELITY, OPEN = range(4)
"""Of a batch that is being filled: deliveries (above level 0: batches of the level below, 0 or 1), sums."""

PER_OCTAVE, OCTAVES = 32, 52
TIME_BINS = PER_OCTAVE * OCTAVES + 2
"""Bins of delivery times: below one unit, 32 equal ones in every octave, and beyond."""
FIDELITY_BINS = 512
"""Equal bins of fidelities in [0, 1]; 1 itself is in the last."""


class ChainArrays(NamedTuple):
    """What a chain is, for the kernel; see :class:`satqn.model.chain.Chain`.

    Per link, shape (n,): ``per_decay`` 1/log(1 - p), ``attempt`` time; ``made``, shape (n, 3). By length of a
    pair, shape (n + 1,): ``rounds``, ``cutoff``. Per node, shape (n + 1,): a swap there joins
    [``low``, node) with [node, ``high``), or anything where ``low`` is -1. ``decay``: rates of dephasing
    and depolarising per unit of qubit-time and of Gaussian dephasing per squared unit, shape (3,).
    """

    per_decay: FloatArray
    attempt: FloatArray
    made: FloatArray
    rounds: IntArray
    cutoff: FloatArray
    low: IntArray
    high: IntArray
    decay: FloatArray
    swap_noise: FloatArray
    swap_success: float
    gate_noise: float
    readout_error: float
    protocol: int
    memories: int
    bound: bool
    fresh: bool
    age_of_oldest: bool
    clears: bool


class Work(NamedTuple):
    """What changes while a chain runs; the run can pause between two events and go on later."""

    queue: FloatArray
    ranks: FloatArray
    state: IntArray
    pair: FloatArray
    spot: IntArray
    port: IntArray
    free: IntArray
    clock: FloatArray
    batches: FloatArray
    random: NDArray[np.uint64]
    tally: IntArray
    sums: FloatArray
    times: IntArray
    fidelities: IntArray


BYTES_PER_PLACE = 8 * (4 * 2 + 1 + 10 + SPOTS + 1)
"""Memory of one place at most: two leaves of up to two columns each in the queue, and its rows elsewhere."""


def empty_work(links: int, memories: int, words: NDArray[np.uint64], *, random_order: bool = False) -> Work:
    """Return the arrays of an empty chain, with the state of its random numbers, shape (4,).

    With ``random_order`` what comes at the same instant comes in random order, else from the first link on.
    """
    places = links * memories
    queue = empty_queue(places)
    return Work(
        queue=queue,
        ranks=np.zeros(queue.size if random_order else 0),
        state=np.zeros(places, dtype=np.int64),
        pair=np.zeros((places, 10)),
        spot=np.zeros((places, SPOTS), dtype=np.int64),
        port=np.full(places, -1, dtype=np.int64),
        free=np.full(links, memories, dtype=np.int64),
        clock=np.zeros(CLOCKS),
        batches=np.zeros((BATCH_LEVELS, OPEN)),
        random=words.astype(np.uint64).copy(),
        tally=np.zeros(TALLIES, dtype=np.int64),
        sums=np.zeros(SUMS),
        times=np.zeros(TIME_BINS, dtype=np.int64),
        fidelities=np.zeros(FIDELITY_BINS, dtype=np.int64),
    )
