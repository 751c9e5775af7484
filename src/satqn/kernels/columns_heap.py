"""A binary heap in plain arrays: the smallest key first, ties by a second key."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@njit(cache=True, nogil=True, inline="always")
def _before(a: float, a_tie: float, b: float, b_tie: float) -> bool:
    return a < b or (a == b and a_tie < b_tie)


@njit(cache=True, nogil=True)
def push(
    key: FloatArray, tie: FloatArray, item: IntArray, size: int, new_key: float, new_tie: float, new_item: int
) -> int:
    """Put an item in; the arrays must have room. Returns the new size."""
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if not _before(new_key, new_tie, key[up], tie[up]):
            break
        key[at], tie[at], item[at] = key[up], tie[up], item[up]
        at = up
    key[at], tie[at], item[at] = new_key, new_tie, new_item
    return size + 1


@njit(cache=True, nogil=True)
def pop(key: FloatArray, tie: FloatArray, item: IntArray, size: int) -> int:
    """Take the first item out, which the caller has read at position 0. Returns the new size."""
    size -= 1
    last_key, last_tie, last_item = key[size], tie[size], item[size]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        if down + 1 < size and _before(key[down + 1], tie[down + 1], key[down], tie[down]):
            down += 1
        if not _before(key[down], tie[down], last_key, last_tie):
            break
        key[at], tie[at], item[at] = key[down], tie[down], item[down]
        at = down
    key[at], tie[at], item[at] = last_key, last_tie, last_item
    return size


@njit(cache=True, nogil=True)
def doubled(values: FloatArray) -> FloatArray:
    """Return a copy with twice the room."""
    grown = np.empty(2 * len(values), values.dtype)
    grown[: len(values)] = values
    return grown


@njit(cache=True, nogil=True)
def doubled_int(values: IntArray) -> IntArray:
    """Return a copy with twice the room."""
    grown = np.empty(2 * len(values), values.dtype)
    grown[: len(values)] = values
    return grown
