"""Bell-diagonal algebra against density matrices of four qubits."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracles import density_matrix as oracle

from satqn.errors import InputError
from satqn.physics import bell

RNG = np.random.default_rng(20)
STATES = RNG.dirichlet(np.ones(4), size=12)
PAIRS = [(STATES[i], STATES[(i + 5) % 12]) for i in range(12)]


@pytest.mark.parametrize(("left", "right"), PAIRS)
@pytest.mark.parametrize("swap_fidelity", [1.0, 0.99, 0.6])
def test_swap_is_that_of_density_matrices(left, right, swap_fidelity):
    expected = oracle.swap(left, right, swap_fidelity)
    np.testing.assert_allclose(bell.swap(left, right, swap_fidelity), expected, atol=1e-12, rtol=0)


def test_two_noisy_swaps_of_phase_flips_are_the_closed_form():
    for f1, f2, f3 in RNG.uniform(0.5, 1.0, size=(10, 3)):
        first = oracle.swap([f1, 1 - f1, 0, 0], [f2, 1 - f2, 0, 0], 0.97)
        chain = oracle.swap(first, [f3, 1 - f3, 0, 0], 0.97)
        assert float(bell.chained_fidelity([f1, f2, f3], 0.97)) == pytest.approx(chain[0], abs=1e-12)


def test_two_noisy_swaps_of_werner_states_are_the_closed_form():
    for f1, f2, f3 in RNG.uniform(0.3, 1.0, size=(10, 3)):
        first = oracle.swap(bell.werner(f1), bell.werner(f2), 0.97)
        chain = oracle.swap(first, bell.werner(f3), 0.97)
        assert float(bell.chained_fidelity([f1, f2, f3], 0.97, "werner")) == pytest.approx(
            chain[0], abs=1e-12
        )


@pytest.mark.parametrize("state", STATES[:4])
@pytest.mark.parametrize("p", [0.0, 0.2, 1.0])
def test_dephasing_and_depolarising_are_those_of_density_matrices(state, p):
    rho = oracle.density(state)
    dephased = (1 - p) * rho + p * oracle.one_qubit(rho, [oracle.Z])
    np.testing.assert_allclose(bell.dephase(state, p), oracle.weights(dephased), atol=1e-12, rtol=0)
    white = oracle.one_qubit(rho, oracle.PAULIS) / 4
    depolarised = oracle.weights((1 - p) * rho + p * white)
    np.testing.assert_allclose(bell.depolarise(state, p), depolarised, atol=1e-12, rtol=0)


def test_an_elementary_pair_is_two_ion_photon_pairs_swapped():
    """The photonic measurement of fidelity F_p flips the phase; so the formula is a swap of phase flips."""
    f0, fp = 0.97, 0.93
    ideal = oracle.swap([f0, 1 - f0, 0, 0], [f0, 1 - f0, 0, 0])
    flipped = bell.dephase(ideal, 1 - fp)
    assert float(bell.elementary_fidelity(f0, fp)) == pytest.approx(flipped[0], abs=1e-15)


def test_arrays_broadcast():
    states = bell.from_phase_flip(np.linspace(0.5, 1.0, 5))
    assert states.shape == (5, 4)
    assert bell.swap(states[:, None], states[None, :], 0.99).shape == (5, 5, 4)
    assert bell.chained_fidelity(np.full((7, 3), 0.9), 0.99, axis=0).shape == (3,)
    assert bell.dephase(states, np.full((2, 5), 0.1)).shape == (2, 5, 4)


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: bell.swap([1.0, 0, 0], [1.0, 0, 0, 0]), "(3,)"),
        (lambda: bell.swap([0.9, 0, 0, 0], [1.0, 0, 0, 0]), "0.9"),
        (lambda: bell.twirl([1.2, -0.2, 0, 0]), "1.2"),
        (lambda: bell.swap([1.0, 0, 0, 0], [1.0, 0, 0, 0], 0.25), "0.25"),
        (lambda: bell.elementary_fidelity(0.2, 0.99), "0.2"),
        (lambda: bell.elementary_fidelity(0.99, float("nan")), "nan"),
        (lambda: bell.chained_fidelity([0.9, 1.01], 0.99), "1.01"),
        (lambda: bell.chained_fidelity([], 0.99), "without segments"),
        (lambda: bell.chained_fidelity([0.9], 0.99, "ghz"), "'ghz'"),
        (lambda: bell.werner(-0.1), "-0.1"),
        (lambda: bell.dephase([1.0, 0, 0, 0], 1.5), "1.5"),
    ],
)
def test_bad_input_is_named_with_its_value(call, seen):
    with pytest.raises(InputError) as error:
        call()
    assert seen in str(error.value)
