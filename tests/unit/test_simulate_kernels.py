"""Random numbers and the queue of the simulators against slow copies of their definitions."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from satqn.kernels.simulate_queue import empty_queue, first, put
from satqn.kernels.simulate_random import attempts, next_word, uniform

MASK = (1 << 64) - 1


def rotated(x, k):
    return ((x << k) | (x >> (64 - k))) & MASK


def xoshiro256pp(s):
    """The published C code in whole numbers."""
    result = (rotated((s[0] + s[3]) & MASK, 23) + s[0]) & MASK
    t = (s[1] << 17) & MASK
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotated(s[3], 45)
    return result


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.integers(1, MASK), min_size=4, max_size=4))
def test_words_are_those_of_xoshiro(words):
    state, slow = np.array(words, dtype=np.uint64), list(words)
    assert [int(next_word(state)) for _ in range(20)] == [xoshiro256pp(slow) for _ in range(20)]


def test_the_first_words_of_the_reference():
    """From the state 1, 2, 3, 4, as published with the generator in several languages."""
    state = np.array([1, 2, 3, 4], dtype=np.uint64)
    expected = [41943041, 58720359, 3588806011781223, 3591011842654386]
    assert [int(next_word(state)) for _ in range(4)] == expected


def test_numbers_are_uniform():
    state = np.random.SeedSequence(1).generate_state(4, np.uint64)
    counts = np.histogram([uniform(state) for _ in range(50_000)], bins=100, range=(0, 1))[0]
    assert abs(np.sum((counts - 500) ** 2) / 500 - 99) < 5.5 * math.sqrt(2 * 99)


def test_attempts_are_geometric_and_certain_success_takes_one():
    state = np.random.SeedSequence(2).generate_state(4, np.uint64)
    assert attempts(state, 0.0) == 1.0
    p = 0.3
    drawn = np.array([attempts(state, 1 / math.log1p(-p)) for _ in range(50_000)])
    counts = np.bincount(drawn.astype(int), minlength=16)[1:16]
    expected = 50_000 * p * (1 - p) ** np.arange(15)
    assert abs(np.sum((counts - expected) ** 2 / expected) - 15) < 5.5 * math.sqrt(30)


@settings(deadline=None)  # the first call compiles
@given(st.integers(1, 20), st.booleans(), st.data())
def test_the_queue_knows_the_first_of_the_smallest(leaves, ranked, data):
    queue, slow = empty_queue(leaves), [(math.inf, 0.0)] * leaves
    ranks = np.zeros(queue.size if ranked else 0)
    changes = st.tuples(
        st.integers(0, leaves - 1), st.sampled_from([0.5, 1.0, 1.5, 2.0, math.inf]),
        st.sampled_from([0.0, 0.25, 0.5]),
    )  # fmt: skip
    for leaf, time, rank in data.draw(st.lists(changes, max_size=40)):
        put(queue, ranks, leaf, time, rank)
        slow[leaf] = (time, rank if ranked else 0.0)
        assert queue[1] == min(slow)[0]
        assert first(queue, ranks) == slow.index(min(slow))
