"""Loops of siting with a second level of service."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def two_level_cost(
    order: IntArray,
    cost: FloatArray,
    weight: FloatArray,
    cloudy: FloatArray,
    open_: BoolArray,
    penalty: float,
) -> float:
    """Return the cost of open sites: sum over demands of the nearest two, each unless it is under cloud.

    Parameters
    ----------
    order, cost
        Candidates of each demand by rising distance, and the distances, shape (demands, candidates).
    weight
        Shape (demands,).
    cloudy
        Probability of cloud at each candidate.
    open_
        Which are open.
    penalty
        Cost with both under cloud.
    """
    total = 0.0
    for i in range(order.shape[0]):
        left, value, level = 1.0, 0.0, 0
        for k in range(order.shape[1]):
            j = order[i, k]
            if open_[j]:
                value += left * (1.0 - cloudy[j]) * cost[i, k]
                left *= cloudy[j]
                level += 1
                if level == 2:
                    break
        total += weight[i] * (value + left * penalty)
    return total


@njit(cache=True, nogil=True)
def two_level_reduced_costs(
    first: FloatArray, second: FloatArray, u: FloatArray, v: FloatArray
) -> FloatArray:
    """Return rho_j = sum_i min(0, first_ij - u_i, second_ij - v_i): a site serves a demand at one level."""
    rho = np.zeros(first.shape[1])
    for i in range(first.shape[0]):
        for j in range(first.shape[1]):
            rho[j] += min(0.0, first[i, j] - u[i], second[i, j] - v[i])
    return rho


@njit(cache=True, nogil=True)
def two_level_served(
    first: FloatArray, second: FloatArray, u: FloatArray, v: FloatArray, open_: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Return how many open sites want to serve each demand at each level."""
    near, far = np.zeros(first.shape[0]), np.zeros(first.shape[0])
    for i in range(first.shape[0]):
        for j in range(first.shape[1]):
            if open_[j]:
                a, b = first[i, j] - u[i], second[i, j] - v[i]
                if a < 0.0 and a <= b:
                    near[i] += 1.0
                elif b < 0.0:
                    far[i] += 1.0
    return near, far
