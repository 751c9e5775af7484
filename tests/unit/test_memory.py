"""Dephasing of stored qubits."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.errors import InputError
from satqn.physics.bell import dephase, from_phase_flip
from satqn.physics.memory import dephasing_factor, dephasing_probability


def test_factor_is_gaussian_in_time():
    np.testing.assert_allclose(dephasing_factor([0.0, 1.0, 2.0], 1.0), np.exp([0.0, -1.0, -4.0]), rtol=1e-15)
    assert dephasing_factor([0.0, 1e9], None).tolist() == [1.0, 1.0]


def test_probability_shrinks_the_phase_flip_by_the_factor():
    fidelity, time, tau = 0.93, 0.7, 1.3
    stored = dephase(from_phase_flip(fidelity), dephasing_probability(time, tau))
    factor = float(dephasing_factor(time, tau))
    assert 2 * stored[0] - 1 == pytest.approx((2 * fidelity - 1) * factor, abs=1e-15)


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: dephasing_factor(-1.0, 1.0), "-1 s"),
        (lambda: dephasing_factor(1.0, 0.0), "0 s"),
        (lambda: dephasing_probability(float("nan"), None), "nan"),
    ],
)
def test_bad_input_is_named_with_its_value(call, seen):
    with pytest.raises(InputError) as error:
        call()
    assert seen in str(error.value)
