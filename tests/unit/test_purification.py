"""BBPSSW and DEJMPS against density matrices of four qubits."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracles import density_matrix as oracle

from satqn.errors import InputError
from satqn.physics import bell
from satqn.physics.purification import bbpssw, dejmps, dejmps_phase_flip

RNG = np.random.default_rng(21)
STATES = RNG.dirichlet(np.ones(4), size=12)


@pytest.mark.parametrize(("f1", "f2"), RNG.uniform(0.25, 1.0, size=(12, 2)).tolist())
def test_bbpssw_is_that_of_density_matrices(f1, f2):
    state, success = oracle.purify(bell.werner(f1), bell.werner(f2), rotate=False)
    fidelity, probability = bbpssw(f1, f2)
    assert float(fidelity) == pytest.approx(state[0], abs=1e-12)
    assert float(probability) == pytest.approx(success, abs=1e-12)


@pytest.mark.parametrize("i", range(12))
def test_dejmps_is_that_of_density_matrices(i):
    first, second = STATES[i], STATES[(i + 7) % 12]
    expected, success = oracle.purify(first, second, rotate=True)
    state, probability = dejmps(first, second)
    np.testing.assert_allclose(state, expected, atol=1e-12, rtol=0)
    assert float(probability) == pytest.approx(success, abs=1e-12)


@pytest.mark.parametrize(("f1", "f2"), RNG.uniform(0.25, 1.0, size=(12, 2)).tolist())
def test_phase_flips_are_dejmps_but_for_a_local_rotation(f1, f2):
    state, success = dejmps(bell.from_phase_flip(f1), bell.from_phase_flip(f2))
    fidelity, probability = dejmps_phase_flip(f1, f2)
    np.testing.assert_allclose(state, [fidelity, 0.0, 1.0 - fidelity, 0.0], atol=1e-14)
    assert float(probability) == pytest.approx(float(success), abs=1e-14)


def test_arrays_broadcast():
    f = np.linspace(0.6, 0.9, 4)
    assert bbpssw(f[:, None], f)[0].shape == (4, 4)
    assert dejmps(bell.werner(f)[:, None], bell.werner(f))[0].shape == (4, 4, 4)
    assert dejmps(bell.werner(f), bell.werner(f))[1].shape == (4,)


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: bbpssw(0.2, 0.9), "0.2"),
        (lambda: bbpssw(0.9, float("nan")), "nan"),
        (lambda: bbpssw("high", 0.9), "'high'"),
        (lambda: dejmps_phase_flip(1.0, 0.0), "never succeeds"),
        (lambda: dejmps([1.0, 0, 0, 0], [0, 1.0, 0, 0]), "never succeeds"),
    ],
)
def test_bad_input_is_named_with_its_value(call, seen):
    with pytest.raises(InputError) as error:
        call()
    assert seen in str(error.value)
