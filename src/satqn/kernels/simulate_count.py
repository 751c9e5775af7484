"""How a delivery is counted: sums, batches and histograms, all of which add."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit
from satqn.kernels.simulate_work import (
    BATCH,
    BATCH_FIDELITY,
    BATCH_FIDELITY1,
    BATCH_FIDELITY2,
    BATCH_TIME,
    BATCH_TIME1,
    BATCH_TIME2,
    BATCHED,
    BATCHES,
    DELIVERED,
    FIDELITY,
    FIDELITY2,
    FIDELITY_BINS,
    PER_OCTAVE,
    TIME,
    TIME2,
    TIME_BINS,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@njit(cache=True)
def record(
    tally: IntArray,
    sums: FloatArray,
    clock: FloatArray,
    times: IntArray,
    fidelities: IntArray,
    time: float,
    fidelity: float,
) -> None:
    """Count one delivery: ``time`` since the last one or the start, in units, and its fidelity."""
    tally[DELIVERED] += 1
    sums[TIME] += time
    sums[TIME2] += time * time
    sums[FIDELITY] += fidelity
    sums[FIDELITY2] += fidelity * fidelity
    clock[BATCH_TIME] += time
    clock[BATCH_FIDELITY] += fidelity
    clock[BATCHED] += 1.0
    if clock[BATCHED] == BATCH:
        t, f = clock[BATCH_TIME], clock[BATCH_FIDELITY]
        sums[BATCHES] += 1.0
        sums[BATCH_TIME2] += t * t
        sums[BATCH_FIDELITY1] += f
        sums[BATCH_FIDELITY2] += f * f
        sums[BATCH_TIME1] += t
        clock[BATCH_TIME] = clock[BATCH_FIDELITY] = clock[BATCHED] = 0.0
    bin_ = 0
    if time >= 1.0:
        part, octave = math.frexp(time)
        bin_ = min(1 + (octave - 1) * PER_OCTAVE + int((2.0 * part - 1.0) * PER_OCTAVE), TIME_BINS - 1)
    times[bin_] += 1
    fidelities[min(max(int(fidelity * FIDELITY_BINS), 0), FIDELITY_BINS - 1)] += 1
