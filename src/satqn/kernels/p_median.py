"""Loops of siting: Lagrangian values, nearest open sites, and the profits of interchanges.

A demand i may be served by candidates in the order of their cost: ``order[i]`` are candidates and
``cost[i]`` their costs, rising. Everything stops in a row as soon as costs no longer matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def reduced_costs(order: IntArray, cost: FloatArray, weight: FloatArray, dual: FloatArray) -> FloatArray:
    """Return rho_j = sum_i min(0, w_i d_ij - u_i) of every candidate, shape (candidates,)."""
    rho = np.zeros(order.shape[1])
    for i in range(order.shape[0]):
        w, u = weight[i], dual[i]
        for k in range(order.shape[1]):
            value = w * cost[i, k] - u
            if value >= 0.0:
                break
            rho[order[i, k]] += value
    return rho


@njit(cache=True, nogil=True)
def times_served(
    order: IntArray, cost: FloatArray, weight: FloatArray, dual: FloatArray, open_: BoolArray
) -> FloatArray:
    """Return how many open candidates want to serve each demand at these duals, shape (demands,)."""
    count = np.zeros(order.shape[0])
    for i in range(order.shape[0]):
        w, u = weight[i], dual[i]
        for k in range(order.shape[1]):
            if w * cost[i, k] - u >= 0.0:
                break
            if open_[order[i, k]]:
                count[i] += 1.0
    return count


@njit(cache=True, nogil=True)
def two_nearest(order: IntArray, open_: BoolArray) -> tuple[IntArray, IntArray]:
    """Return the places in each row of the nearest and the second nearest open candidate, -1 for none."""
    nearest = np.full(order.shape[0], -1, dtype=np.int32)
    second = np.full(order.shape[0], -1, dtype=np.int32)
    for i in range(order.shape[0]):
        for k in range(order.shape[1]):
            if open_[order[i, k]]:
                if nearest[i] < 0:
                    nearest[i] = k
                else:
                    second[i] = k
                    break
    return nearest, second


@njit(cache=True, nogil=True)
def interchange_profits(
    order: IntArray,
    cost: FloatArray,
    weight: FloatArray,
    nearest: IntArray,
    second: IntArray,
    penalty: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return gains, losses and what of a loss an entering candidate takes over.

    Parameters
    ----------
    order, cost, weight
        The rows.
    nearest, second
        From :func:`two_nearest`.
    penalty
        Cost of a demand that nobody serves.

    Returns
    -------
    gain, loss, shared
        Opening j instead of r changes the objective by ``loss[r] - gain[j] - shared[j, r]``; all >= 0.

    Notes
    -----
    Source: Resende and Werneck, "A fast swap-based local search procedure for location problems" (2007).
    """
    m = order.shape[1]
    gain, loss, shared = np.zeros(m), np.zeros(m), np.zeros((m, m))
    for i in range(order.shape[0]):
        w = weight[i]
        first = cost[i, nearest[i]] if nearest[i] >= 0 else penalty
        other = cost[i, second[i]] if second[i] >= 0 else penalty
        r = order[i, nearest[i]] if nearest[i] >= 0 else -1
        if r >= 0:
            loss[r] += w * (other - first)
        for k in range(m):
            d = cost[i, k]
            if d >= other and d >= first:
                break
            j = order[i, k]
            if j == r:
                continue
            if d < first:
                gain[j] += w * (first - d)
                if r >= 0:
                    shared[j, r] += w * (other - first)
            elif r >= 0:
                shared[j, r] += w * (other - d)
    return gain, loss, shared
