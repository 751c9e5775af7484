"""Medians by distance, crossings and guide lines against plain Python and against known curves."""

from __future__ import annotations

import itertools
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from satqn.experiments.statistics import (
    FEWEST,
    binned,
    crossing,
    delivered,
    guide_line,
    mean_of,
    median_between,
    median_of,
)

SAMPLE = arrays.arrays(float, st.integers(0, 80), elements=st.floats(0, 100))


@given(distance=SAMPLE, seed=st.integers(0, 2**32 - 1), width=st.sampled_from([5.0, 10.0, 25.0]))
def test_bins_agree_with_a_plain_loop(distance, seed, width):
    rng = np.random.default_rng(seed)
    values = np.ma.MaskedArray(rng.random(len(distance)), mask=rng.random(len(distance)) < 0.3)
    edges = np.arange(0.0, 101.0, width)
    result = binned(distance, values, edges)
    for i, (low, high) in enumerate(itertools.pairwise(edges)):
        inside = [
            0.0 if values.mask[j] else float(values.data[j])
            for j, x in enumerate(distance)
            if low <= x < high
        ]
        assert result.count[i] == len(inside)
        assert bool(np.ma.getmaskarray(result.median)[i]) is (len(inside) < FEWEST)
        if len(inside) >= FEWEST:
            assert result.median[i] == pytest.approx(statistics.median(inside), abs=1e-12)
            assert result.lower[i] <= result.median[i] <= result.upper[i]


def test_a_way_that_does_not_exist_counts_as_nothing_delivered():
    column = np.ma.MaskedArray([5.0, 7.0, 9.0], mask=[False, True, False])
    assert delivered(column).tolist() == [5.0, 0.0, 9.0]


def test_too_few_values_give_no_number():
    few = np.ones(FEWEST - 1)
    assert median_of(few) is None
    assert mean_of(few) is None
    assert median_between(np.zeros(FEWEST), np.ones(FEWEST), 1.0, 2.0) is None


def test_errors_are_those_of_many_samples():
    rng = np.random.default_rng(1)
    samples = rng.normal(3.0, 2.0, (2000, 200))
    for reduce, estimate in ((np.median, median_of), (np.mean, mean_of)):
        found = [estimate(sample) for sample in samples]
        assert np.mean([one.error for one in found]) == pytest.approx(reduce(samples, axis=1).std(), rel=0.05)
        assert found[0].value == pytest.approx(reduce(samples[0]))


def test_median_between_takes_the_low_edge_and_leaves_the_high_one():
    distance = np.repeat([1.0, 2.0, 3.0], FEWEST)
    values = np.repeat([10.0, 20.0, 30.0], FEWEST)
    assert median_between(distance, values, 1.0, 2.0).value == 10.0
    assert median_between(distance, values, 2.0, 3.0).value == 20.0


@given(at=st.floats(0.5, 8.5), level=st.floats(0.1, 10.0))
def test_crossing_of_straight_lines_is_exact(at, level):
    x = np.arange(10.0)
    assert crossing(x, level + (at - x), np.full(10, level)) == pytest.approx(at, abs=1e-9)


@given(at=st.floats(0.5, 8.5), slope=st.floats(0.1, 3.0))
def test_crossing_of_exponentials_is_exact_on_a_logarithmic_axis(at, slope):
    x = np.arange(10.0)
    assert crossing(x, np.exp(-slope * (x - at)), np.ones(10), logarithmic=True) == pytest.approx(
        at, abs=1e-9
    )


def test_crossing_is_the_last_one_and_skips_masked_points():
    x = np.arange(6.0)
    wavy = np.ma.MaskedArray([2.0, 0.5, 2.0, 99.0, 0.5, 0.4], mask=[0, 0, 0, 1, 0, 0])
    assert crossing(x, wavy, np.ones(6)) == pytest.approx(2.0 + 2.0 * 1.0 / 1.5)


@pytest.mark.parametrize("curve", [np.full(5, 2.0), np.full(5, 0.5)])
def test_curves_that_do_not_cross_give_none(curve):
    assert crossing(np.arange(5.0), curve, np.ones(5)) is None


def test_guide_line_recovers_a_line_from_the_points_in_its_span():
    x = np.arange(10.0)
    y = np.ma.MaskedArray(3.0 - 0.5 * x, mask=x == 4.0)
    y[9] = 100.0
    slope, intercept = guide_line(x, y, 0.0, 8.0)
    assert (slope, intercept) == (pytest.approx(-0.5), pytest.approx(3.0))
    assert guide_line(x, y, 4.0, 4.9) is None
