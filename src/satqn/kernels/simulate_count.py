"""How a delivery is counted: sums, batches and histograms, all of which add."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiling import bare
from satqn.kernels.simulate_work import (
    BATCH,
    BATCH_FIDELITY1,
    BATCH_FIDELITY2,
    BATCH_LEVELS,
    BATCH_TIME1,
    BATCH_TIME2,
    BATCHES,
    DELIVERED,
    FIDELITY,
    FIDELITY2,
    FIDELITY_BINS,
    LEVELS_FROM,
    OPEN_COUNT,
    OPEN_FIDELITY,
    OPEN_TIME,
    PER_LEVEL,
    PER_OCTAVE,
    TIME,
    TIME2,
    TIME_BINS,
)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@bare
def _close(sums: FloatArray, batches: FloatArray, time: float, fidelity: float) -> None:
    """Count a whole batch of level 0, and those of higher levels that it completes."""
    for level in range(BATCH_LEVELS):
        at = LEVELS_FROM + level * PER_LEVEL
        sums[at + BATCHES] += 1.0
        sums[at + BATCH_TIME1] += time
        sums[at + BATCH_TIME2] += time * time
        sums[at + BATCH_FIDELITY1] += fidelity
        sums[at + BATCH_FIDELITY2] += fidelity * fidelity
        if level + 1 == BATCH_LEVELS:
            return
        half = batches[level + 1]
        if half[OPEN_COUNT] == 0.0:
            half[OPEN_COUNT], half[OPEN_TIME], half[OPEN_FIDELITY] = 1.0, time, fidelity
            return
        time += half[OPEN_TIME]
        fidelity += half[OPEN_FIDELITY]
        half[OPEN_COUNT] = half[OPEN_TIME] = half[OPEN_FIDELITY] = 0.0


@bare
def record(
    tally: IntArray,
    sums: FloatArray,
    batches: FloatArray,
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
    filled = batches[0]
    filled[OPEN_COUNT] += 1.0
    filled[OPEN_TIME] += time
    filled[OPEN_FIDELITY] += fidelity
    if filled[OPEN_COUNT] == BATCH:
        _close(sums, batches, filled[OPEN_TIME], filled[OPEN_FIDELITY])
        filled[OPEN_COUNT] = filled[OPEN_TIME] = filled[OPEN_FIDELITY] = 0.0
    bin_ = 0
    if time >= 1.0:
        part, octave = math.frexp(time)
        bin_ = min(1 + (octave - 1) * PER_OCTAVE + int((2.0 * part - 1.0) * PER_OCTAVE), TIME_BINS - 1)
    times[bin_] += 1
    fidelities[min(max(int(fidelity * FIDELITY_BINS), 0), FIDELITY_BINS - 1)] += 1
