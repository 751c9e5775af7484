"""E[max of geometric variables] against inclusion and exclusion in exact arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from tests.oracles import waiting as oracle

from satqn.errors import InputError
from satqn.kernels.waiting import expected_max_counted_kernel
from satqn.physics.waiting import expected_max_geometric, waiting_factor

MIXED = [
    [1.0],
    [1e-12],
    [0.5, 1.0],
    [1.0, 1e-12, 0.3],
    [0.005, 0.0050001, 0.0049999],
    [0.0051, 0.0049, 0.5, 1e-3],
    [1e-12, 2e-12, 1e-9, 1e-6, 1e-3, 1.0],
    [1e-12, 1e-11, 1e-10, 1e-2],
    [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3],
    [3e-5, 3.1e-5, 2.9e-5, 8e-5, 1e-4, 2e-4],
]


@pytest.mark.parametrize("p", MIXED)
def test_unequal_probabilities(p):
    assert float(expected_max_geometric(p)) == pytest.approx(float(oracle.expected_max(p)), rel=1e-11)


@pytest.mark.parametrize("p", [1.0, 0.99, 0.5, 0.18, 0.0051, 0.0049, 1e-3, 1e-6, 1e-12])
@pytest.mark.parametrize("n", [1, 2, 8, 105, 1000])
def test_equal_probabilities(p, n):
    exact = float(oracle.expected_max_equal(p, n))
    assert float(expected_max_geometric(np.full(n, p))) == pytest.approx(exact, rel=1e-11)
    counted = expected_max_counted_kernel(np.array([p]), np.array([float(n)]))
    assert counted == pytest.approx(exact, rel=1e-11)
    assert float(waiting_factor("exact", n, p)) == pytest.approx(p * exact, rel=1e-11)


@pytest.mark.parametrize(("low", "high"), [(1e-3, 1.0), (1e-3, 4e-3), (0.004, 0.006), (0.02, 0.3)])
def test_a_hundred_unequal_probabilities(low, high):
    p = np.geomspace(low, high, 100)
    summed = oracle.expected_max_by_terms(p)
    assert float(expected_max_geometric(p)) == pytest.approx(summed, rel=1e-11)


def test_factors_of_one_segment_are_one():
    for kind in ("power", "harmonic", "exact"):
        assert float(waiting_factor(kind, 1, 0.3)) == pytest.approx(1.0, rel=1e-14)


def test_axis_and_broadcasting():
    p = np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    by_row = expected_max_geometric(p, axis=1)
    np.testing.assert_allclose(by_row, [float(oracle.expected_max(row)) for row in p.tolist()], rtol=1e-12)
    np.testing.assert_array_equal(expected_max_geometric(p.T, axis=0), by_row)
    assert waiting_factor("exact", [[1], [2]], [0.1, 0.2, 0.3]).shape == (2, 3)
    np.testing.assert_allclose(waiting_factor("harmonic", [[1, 2], [3, 4]]), [[1, 1.5], [11 / 6, 25 / 12]])


@pytest.mark.parametrize(
    ("call", "seen"),
    [
        (lambda: expected_max_geometric([0.1, 0.0]), "is 0."),
        (lambda: expected_max_geometric([0.1, 1.5]), "1.5"),
        (lambda: expected_max_geometric([float("nan")]), "nan"),
        (lambda: expected_max_geometric([]), "no trial"),
        (lambda: expected_max_geometric(0.5), "no trial"),
        (lambda: waiting_factor("exact", 3), "without a success probability"),
        (lambda: waiting_factor("power", 0), "0"),
        (lambda: waiting_factor("power", 2.5), "2.5"),
        (lambda: waiting_factor("best", 2), "'best'"),
    ],
)
def test_bad_input_is_named_with_its_value(call, seen):
    with pytest.raises(InputError) as error:
        call()
    assert seen in str(error.value)
