"""What happens next: a tournament of times, the smallest at the root; of equal times the first leaf wins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]


def empty_queue(leaves: int) -> FloatArray:
    """Return a queue of so many leaves in which nothing will ever happen."""
    size = 1
    while size < leaves:
        size *= 2
    return np.full(2 * size, np.inf)


@njit(cache=True)
def put(queue: FloatArray, leaf: int, time: float) -> None:
    """Let the event of a leaf happen at ``time``; ``inf`` for never."""
    at = leaf + queue.size // 2
    queue[at] = time
    while at > 1:
        other = queue[at ^ 1]
        if other < time:
            time = other
        at >>= 1
        if queue[at] == time:
            return
        queue[at] = time


@njit(cache=True)
def first(queue: FloatArray) -> int:
    """Return the leaf of the smallest time."""
    half = queue.size // 2
    at = 1
    while at < half:
        at *= 2
        if queue[at + 1] < queue[at]:
            at += 1
    return at - half
