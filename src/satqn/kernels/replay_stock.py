"""Stored pairs of the replay: whole pairs by class and slot of creation, in memories of finite size.

Cohort 0 of a class is its initial stock; cohort c holds what slot c - 1 stored (slots from 0), which may
be drawn from slot c on. Ages count slots from creation to use.
"""

from __future__ import annotations

import numpy as np

from satqn.kernels.compiled import njit
from satqn.kernels.replay_draws import binomial
from satqn.kernels.replay_tables import INITIAL, OVERFLOW, FloatArray, IntArray


@njit(cache=True)
def draw(cohorts: IntArray, pairs: int, slot: int, newest_first: bool, ages: IntArray) -> None:
    """Take pairs of a class out of store and add their ages to those of the base pairs they serve.

    The class must hold so many.
    """
    taken = 0
    for step in range(slot + 1):
        cohort = slot - step if newest_first else step
        count = min(pairs - taken, cohorts[cohort])
        cohorts[cohort] -= count
        for i in range(taken, taken + count):
            ages[i] += slot + 1 - cohort
        taken += count
        if taken == pairs:
            return


@njit(cache=True)
def forget(rng: np.random.Generator, cohorts: IntArray, retention: float, planned: bool, slot: int) -> int:
    """Lose pairs at the end of a slot, each kept with the probability of retention; return how many.

    ``planned`` loses the mean number, rounded at random, instead.
    """
    lost = 0
    for cohort in range(slot + 1):
        held = cohorts[cohort]
        if held > 0:
            if planned:
                kept = int(np.floor(held * retention + rng.random()))
            else:
                kept = binomial(rng, held, retention)
            cohorts[cohort] = kept
            lost += held - kept
    return lost


@njit(cache=True)
def throw_away(cohorts: IntArray, pairs: int) -> int:
    """Take the oldest pairs of a class out of store, so many or all that there are; return how many."""
    gone = 0
    for cohort in range(len(cohorts)):
        count = min(pairs - gone, cohorts[cohort])
        cohorts[cohort] -= count
        gone += count
    return gone


@njit(cache=True)
def too_old(cohorts: IntArray, slot: int, cutoff: int) -> int:
    """Take out what will be older than the cut-off in the next slot; return how many."""
    gone = 0
    for cohort in range(max(0, min(slot + 2 - cutoff, len(cohorts)))):
        gone += cohorts[cohort]
        cohorts[cohort] = 0
    return gone


@njit(cache=True)
def room(start: int, end: int, held: IntArray, capacity: IntArray) -> int:
    """Return how many more pairs fit into the memories of two nodes."""
    return max(0, min(capacity[start] - held[start], capacity[end] - held[end]))


@njit(cache=True)
def open_stocks(
    initial: FloatArray,
    ends: IntArray,
    offsets: FloatArray,
    cohorts: IntArray,
    held: IntArray,
    capacity: IntArray,
    ledger: IntArray,
) -> None:
    """Empty the stores and put the initial stock of every class there."""
    cohorts[:] = 0
    held[:] = 0
    for group in range(len(initial)):
        pairs = int(np.floor(initial[group] + offsets[group]))
        ledger[INITIAL, group] += pairs
        put(group, 0, pairs, ends, cohorts, held, capacity, ledger)


@njit(cache=True)
def put(
    group: int,
    cohort: int,
    pairs: int,
    ends: IntArray,
    cohorts: IntArray,
    held: IntArray,
    capacity: IntArray,
    ledger: IntArray,
) -> None:
    """Put pairs of a class into store as far as both ends have room; the rest overflows."""
    start, end = ends[group, 0], ends[group, 1]
    fitting = min(pairs, room(start, end, held, capacity))
    cohorts[group, cohort] += fitting
    held[start] += fitting
    held[end] += fitting
    ledger[OVERFLOW, group] += pairs - fitting
