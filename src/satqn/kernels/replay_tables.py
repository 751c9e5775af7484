"""What the kernels of the replay work on: a plan in arrays, what is counted, and the scratch of a run."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MEAN, POISSON, BINOMIAL = 0, 1, 2
"""Ways of generation: the planned number, Poisson counts, binomial counts of given attempts."""
ROUNDING, LUCK, SYNCHRONISATION, SPARE, OUTAGE, EMPTY_STOCK, DECOHERENCE, ODD_PAIR, PURIFICATION = range(9)
REASONS = 9
"""Why pairs are missing; rounding, luck and purification are zero on average."""
INITIAL, MADE, OVERFLOW, LOST, DRAWN, LEFT = 0, 1, 2, 3, 4, 5
"""Columns of the ledger: initial + made = overflow + lost + drawn + left, to the pair."""
LEDGER = 6
THROWN, CLEARED = -1, -2
"""In place of a way: pairs of a class are thrown away, as many as planned, or all that are left."""


class Uses(NamedTuple):
    """What the plan does with links and stores, use by use; those of a slot stand together.

    ``start`` (T + 1) delimits slots, ``leg_start`` (U + 1) the real links ``leg_link`` of a use,
    ``draw_start`` (U + 1) the classes ``draw_class`` it draws from. ``way`` is a path, the class that a
    ``storing`` use fills, or says that pairs of a class are thrown away. ``base`` is the planned number of
    base pairs, ``promise`` what they are to become; ``carry_from`` and ``carry_to`` are the running totals
    of the ``account``, before and after.
    """

    start: IntArray
    storing: BoolArray
    way: IntArray
    demand: IntArray
    base: FloatArray
    promise: FloatArray
    account: IntArray
    carry_from: FloatArray
    carry_to: FloatArray
    leg_start: IntArray
    leg_link: IntArray
    draw_start: IntArray
    draw_class: IntArray


class Links(NamedTuple):
    """Ends of the links (E), and the pairs they make in a slot beyond what the plan uses, shape (T, E)."""

    a: IntArray
    b: IntArray
    unplanned: FloatArray


class Generation(NamedTuple):
    """How links make pairs: one of the ways above, attempts per slot, may spare pairs fill gaps."""

    way: int
    attempts: int
    spare: bool


class Ladders(NamedTuple):
    """Purification by path and age of its stored pairs, in slots; the last axis counts rounds.

    ``reached`` says whether the target is reached at all, ``rounds`` after how many rounds; ``success``
    holds the success probability of every round, ``worth`` the mean number of delivered pairs that a
    pair before it becomes.
    """

    reached: BoolArray
    rounds: IntArray
    success: FloatArray
    worth: FloatArray


class Stores(NamedTuple):
    """Inventory classes: nodes of their ends (Q, 2), initial stock (Q); memory of every node (V).

    ``cutoff`` (Q): slots after which pairs are thrown away; 0 where they are not.
    """

    ends: IntArray
    initial: FloatArray
    capacity: IntArray
    retention: float
    newest_first: bool
    aging: bool
    cutoff: IntArray


class Outages(NamedTuple):
    """Two-state Markov chain of every node (V): chance to start down, to fail, to be repaired, by slot."""

    down: FloatArray
    fail: FloatArray
    repair: FloatArray


class Tally(NamedTuple):
    """What is added up over runs.

    ``delivered``, ``squares`` (T, K); ``demand_squares`` (K); ``total`` (2): delivered pairs of a run and
    their squares; ``chance`` (2): the same of the reasons that are zero on average; ``reasons``
    (R, T, K); ``reason_squares`` (R); ``ledger`` (6, Q); ``store_reasons`` (R, Q).
    """

    delivered: IntArray
    squares: IntArray
    demand_squares: IntArray
    total: IntArray
    chance: FloatArray
    reasons: FloatArray
    reason_squares: FloatArray
    ledger: IntArray
    store_reasons: FloatArray


class Scratch(NamedTuple):
    """Of one run: nodes that are down, pairs by leg, links' attempts, stocks, ages, results."""

    down: BoolArray
    made: IntArray
    attempts_left: IntArray
    chance_left: FloatArray
    spare: IntArray
    gained: IntArray
    cohorts: IntArray
    held: IntArray
    ages: IntArray
    arrivals: IntArray
    offsets: FloatArray
    delivered: IntArray
    reasons: FloatArray
