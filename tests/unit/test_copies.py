"""Many copies into one: against the definition over multisets, exactly, and against dice."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from tests.oracles import copies as oracle

from satqn.errors import InputError
from satqn.physics.purification import copies_table

PURIFY = {"bbpssw": oracle.bbpssw, "dejmps": oracle.dejmps}


@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps"])
@pytest.mark.parametrize("f1", [0.67, 0.75, 0.87, 0.970596, 0.999])
def test_table_is_the_mean_over_multisets(protocol, f1):
    table = copies_table(f1, 400, protocol)
    for k in (*range(1, 23), 63, 64, 65, 130, 257, 400):
        mean = oracle.mean_fidelity(f1, k, PURIFY[protocol])
        assert float(table[k]) == pytest.approx(mean, rel=1e-14), k


def test_table_is_exact():
    f1 = Fraction(7, 8)
    table = copies_table(float(f1), 12, "bbpssw")
    for k in range(1, 13):
        exact = oracle.mean_fidelity(f1, k, oracle.bbpssw)
        assert abs(Fraction(float(table[k])) - exact) < 4e-16


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps"])
@pytest.mark.parametrize(("f1", "k"), [(0.7, 40), (0.87, 133), (0.970596, 700), (0.970596, 1300)])
def test_table_is_the_mean_of_dice(protocol, f1, k):
    rng = np.random.default_rng(k)
    samples = np.array([oracle.sampled_fidelity(f1, k, PURIFY[protocol], rng) for _ in range(3000)])
    error = samples.std(ddof=1) / np.sqrt(len(samples))
    assert abs(samples.mean() - copies_table(f1, k, protocol)[k]) < 4.5 * error + 1e-12


@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps"])
def test_shorter_tables_are_the_beginning_of_longer_ones(protocol):
    long = copies_table(0.93, 500, protocol)
    for k_max in (1, 2, 3, 17, 128, 129):
        np.testing.assert_allclose(copies_table(0.93, k_max, protocol), long[: k_max + 1], rtol=1e-14)


def test_low_bbpssw_copies_are_left_unused_where_they_would_hurt():
    """The fourth copy is paired with the first success and halves its chance: 3 copies do better."""
    f1 = 0.55
    three, four = (oracle.mean_fidelity(f1, k, oracle.bbpssw) for k in (3, 4))
    assert four < three
    table = copies_table(f1, 4, "bbpssw")
    assert float(table[4]) == float(table[3]) == pytest.approx(three, rel=1e-15)


@pytest.mark.parametrize("protocol", ["bbpssw", "dejmps"])
@pytest.mark.parametrize("f1", [0.3, 0.5, 1.0])
def test_nothing_to_gain_at_one_half_or_at_one(protocol, f1):
    assert copies_table(f1, 5, protocol).tolist() == [0.0] + [f1] * 5


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        ((0.25, 10, "bbpssw"), "0.25"),
        ((1.1, 10, "bbpssw"), "1.1"),
        ((float("nan"), 10, "dejmps"), "nan"),
        ((0.9, 0, "dejmps"), "0"),
        ((0.9, 2.5, "dejmps"), "2.5"),
        ((0.9, 10, "magic"), "'magic'"),
    ],
)
def test_bad_input_is_named_with_its_value(arguments, seen):
    with pytest.raises(InputError) as error:
        copies_table(*arguments)
    assert seen in str(error.value)
