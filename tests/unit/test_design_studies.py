"""The numbers that the design studies state are those that they compute."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DESIGN = Path(__file__).parents[2] / "design"


@pytest.fixture(scope="module")
def waiting():
    spec = importlib.util.spec_from_file_location("waiting_for_copies", DESIGN / "waiting_for_copies.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_factor_falls_with_the_number_of_copies(waiting):
    factors = [waiting.true_factor(10, k, 0.1) for k in (1, 5, 20, 100)]
    assert factors == pytest.approx([2.83, 1.75, 1.35, 1.15], abs=0.005)
    assert factors[0] == pytest.approx(float(waiting.waiting_factor("exact", 10, 0.1)), rel=1e-9)


def test_the_sum_is_what_chance_gives(waiting):
    mean, error = waiting.sampled_time_of_all(10, 5, 0.1, 100_000)
    assert waiting.mean_time_of_all(10, 5, 0.1) == pytest.approx(mean, abs=4.0 * error)


@pytest.mark.parametrize(
    ("k", "cycles", "share", "fidelity", "model"),
    [(1, 28, 0.584, 0.807, 0.713), (2, 57, 0.976, 0.892, 0.713), (3, 85, 0.999, 0.911, 0.893)],
)
def test_rounds_of_fixed_length(waiting, k, cycles, share, fidelity, model):
    got = waiting.round_of(10, 0.1, cycles)
    assert (got[0], got[2], waiting.model_fidelity(10, k)) == pytest.approx(
        (share, fidelity, model), abs=6e-4
    )
