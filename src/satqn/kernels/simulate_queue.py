"""What happens next: a tournament of times, the smallest at the root.

Events of the same time happen by rank, those of the same rank from the first leaf on; an empty array of ranks
stands for equal ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiling import bare

FloatArray = NDArray[np.float64]


def empty_queue(leaves: int) -> FloatArray:
    """Return a queue of so many leaves in which nothing will ever happen."""
    size = 1
    while size < leaves:
        size *= 2
    return np.full(2 * size, np.inf)


@bare
def put(queue: FloatArray, ranks: FloatArray, leaf: int, time: float, rank: float) -> None:
    """Let the event of a leaf happen at ``time``; ``inf`` for never."""
    at = leaf + queue.size // 2
    if ranks.size == 0:
        queue[at] = time
        while at > 1:
            other = queue[at ^ 1]
            if other < time:
                time = other
            at >>= 1
            if queue[at] == time:
                return
            queue[at] = time
        return
    queue[at], ranks[at] = time, rank
    while at > 1:
        other = queue[at ^ 1]
        if other < time or (other == time and ranks[at ^ 1] < rank):
            time, rank = other, ranks[at ^ 1]
        at >>= 1
        if queue[at] == time and ranks[at] == rank:
            return
        queue[at], ranks[at] = time, rank


@bare
def first(queue: FloatArray, ranks: FloatArray) -> int:
    """Return the leaf of the smallest time."""
    half = queue.size // 2
    at = 1
    while at < half:
        at *= 2
        left, right = queue[at], queue[at + 1]
        if right < left or (ranks.size > 0 and right == left and ranks[at + 1] < ranks[at]):
            at += 1
    return at - half
