"""Noisy swaps and purification in the correlation picture against density matrices of four qubits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import chain_events, noisy_operations

from satqn.kernels.simulate_states import BBPSSW, DEJMPS, purify, swap_noise
from satqn.physics import bell, purification
from satqn.simulate.chain import Purification, Swap

SIGNS = np.array([[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]])
noises = st.floats(0.0, 0.9)
errors = st.floats(0.0, 0.5)


@st.composite
def states(draw):
    weights = np.array(draw(st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4))) + 1e-3
    return weights / weights.sum()


def triple(state):
    return tuple(float(x) for x in SIGNS @ state)


def weights(zz, xx, yy):
    return (1.0 + np.array([zz, xx, yy]) @ SIGNS) / 4.0


@given(states(), states(), noises, errors)
@settings(max_examples=80, deadline=None)
def test_noisy_swap_is_that_of_density_matrices(a, b, noise, error):
    expected = noisy_operations.swap(a, b, noise, error)
    factors = swap_noise(noise, error)
    ours = weights(*(x * y * f for x, y, f in zip(triple(a), triple(b), factors, strict=True)))
    np.testing.assert_allclose(ours, expected, atol=1e-12, rtol=0)
    np.testing.assert_allclose(
        chain_events.swapped(list(a), list(b), Swap(1.0, noise, error)), expected, atol=1e-12, rtol=0
    )


@given(states(), states(), noises, errors)
@settings(max_examples=60, deadline=None)
def test_noisy_dejmps_is_that_of_density_matrices(a, b, noise, error):
    success, expected = noisy_operations.purify(a, b, True, noise, error)
    ours = purify(DEJMPS, triple(a), triple(b), noise, error)
    assert ours[0] == pytest.approx(success, abs=1e-12)
    np.testing.assert_allclose(weights(*ours[1:]), expected, atol=1e-12, rtol=0)
    again = chain_events.purified(list(a), list(b), Purification((1,), "dejmps", noise, error))
    assert again[0] == pytest.approx(success, abs=1e-12)
    np.testing.assert_allclose(again[1], expected, atol=1e-12, rtol=0)


@given(states(), states(), noises, errors)
@settings(max_examples=60, deadline=None)
def test_noisy_bbpssw_is_that_of_density_matrices(a, b, noise, error):
    success, out = noisy_operations.purify(
        noisy_operations.twirled(a), noisy_operations.twirled(b), False, noise, error
    )
    ours = purify(BBPSSW, triple(a), triple(b), noise, error)
    assert ours[0] == pytest.approx(success, abs=1e-12)
    np.testing.assert_allclose(weights(*ours[1:]), noisy_operations.twirled(out), atol=1e-12, rtol=0)
    again = chain_events.purified(list(a), list(b), Purification((1,), "bbpssw", noise, error))
    assert again[0] == pytest.approx(success, abs=1e-12)
    np.testing.assert_allclose(again[1], noisy_operations.twirled(out), atol=1e-12, rtol=0)


@given(states(), states())
def test_without_noise_it_is_the_physics_of_the_library(a, b):
    state, success = purification.dejmps(a, b)
    ours = purify(DEJMPS, triple(a), triple(b), 0.0, 0.0)
    assert ours[0] == pytest.approx(float(success), abs=1e-12)
    np.testing.assert_allclose(weights(*ours[1:]), state, atol=1e-12, rtol=0)
    np.testing.assert_allclose(
        weights(*np.multiply(triple(a), triple(b))), bell.swap(a, b), atol=1e-12, rtol=0
    )


def test_a_depolarising_gate_is_the_noisy_swap_of_the_papers():
    """White noise of probability q is a swap fidelity of 1 - 3q/4."""
    a, b, q = np.array([0.9, 0.05, 0.03, 0.02]), np.array([0.8, 0.2, 0.0, 0.0]), 0.04
    ours = weights(*np.multiply(np.multiply(triple(a), triple(b)), swap_noise(q, 0.0)))
    np.testing.assert_allclose(ours, bell.swap(a, b, 1.0 - 0.75 * q), atol=1e-14, rtol=0)


def test_bbpssw_of_the_specification():
    werner = triple(bell.werner(0.87))
    success, *out = purify(BBPSSW, werner, werner, 0.0, 0.0)
    assert success == pytest.approx(0.841688888889, abs=1e-12)
    assert weights(*out)[0] == pytest.approx(0.901494349984, abs=1e-12)


def test_states_that_never_agree():
    assert purify(DEJMPS, (1.0, 1.0, 1.0), (1.0, -1.0, -1.0), 0.0, 0.0)[0] == 0.0
