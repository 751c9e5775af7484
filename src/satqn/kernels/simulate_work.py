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

END, PORT, ROUND, WEIGHT, WIDTH = range(5)
"""Integer columns of a pair: the node of its right half and the memory there, rounds of purification at its
present length, elementary pairs in it, and how many lanes wide it is."""

NOW, SINCE, BATCH_TIME, BATCH_FIDELITY, BATCHED = range(5)
"""The clock: the time, the last delivery or the start, and the batch that is being filled."""

(
    DELIVERED, EVENTS, MADE, SWAPS, SWAP_FAILURES, PURIFICATIONS, PURIFICATION_FAILURES, CUTOFFS,
    USED, LOST_IN_SWAPS, LOST_IN_PURIFICATION, LOST_BY_CUTOFF, LEFT_OVER, TALLIES,
) = range(14)  # fmt: skip
"""Whole counts. The last five before ``TALLIES`` are elementary pairs, and add up to ``MADE``."""

DONE, PAUSED, STUCK = 0, 1, 2
"""Why a simulation returned: enough deliveries, enough events, or nothing can ever happen again."""

(
    TIME,
    TIME2,
    FIDELITY,
    FIDELITY2,
    BATCHES,
    BATCH_TIME2,
    BATCH_FIDELITY1,
    BATCH_FIDELITY2,
    BATCH_TIME1,
    SUMS,
) = range(10)
"""Sums over deliveries (time, its square, fidelity, its square), and over whole batches: their number,
squared times, fidelities, squared fidelities, times."""

BATCH = 256
"""Deliveries in a batch: many more than those over which one remembers another."""

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
    state: IntArray
    pair: FloatArray
    spot: IntArray
    port: IntArray
    free: IntArray
    clock: FloatArray
    random: NDArray[np.uint64]
    tally: IntArray
    sums: FloatArray
    times: IntArray
    fidelities: IntArray


def empty_work(links: int, memories: int, words: NDArray[np.uint64]) -> Work:
    """Return the arrays of an empty chain, with the state of its random numbers, shape (4,)."""
    places = links * memories
    return Work(
        queue=empty_queue(places),
        state=np.zeros(places, dtype=np.int64),
        pair=np.zeros((places, 10)),
        spot=np.zeros((places, 5), dtype=np.int64),
        port=np.full(places, -1, dtype=np.int64),
        free=np.full(links, memories, dtype=np.int64),
        clock=np.zeros(5),
        random=words.astype(np.uint64).copy(),
        tally=np.zeros(TALLIES, dtype=np.int64),
        sums=np.zeros(SUMS),
        times=np.zeros(TIME_BINS, dtype=np.int64),
        fidelities=np.zeros(FIDELITY_BINS, dtype=np.int64),
    )
