"""The page on simulation says what its results say, and nothing in it is far from theory."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import kstest
from tools import make_simulation_page as maker

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/explanation/simulation.md"


def part(name: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    return text.split(f"<!-- generated: {name} -->\n")[1].split("\n<!-- end -->")[0]


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_no_case_is_far_from_theory() -> None:
    found = rows(part("cases"))
    assert len(found) == 5 + len(maker.CASES)
    for cells in found:
        for z in (cells[3], cells[7]):
            assert not z or abs(float(z)) < 4.0, cells
    chances = [float(cells[4].removesuffix(" %")) / 100 for cells in found if cells[4]]
    assert len(chances) == len(maker.CASES)
    assert kstest(chances, "uniform").pvalue > 1e-4


def test_speed_is_that_of_the_results() -> None:
    record = json.loads((ROOT / "benchmarks/results/simulate.json").read_text())
    assert part("speed") == maker.speed(record)
    kernel, peer = record["rows"][:2]
    assert kernel["deliveries_per_s"] > 1e6
    assert peer["kernel_over_this"] > 300
    for name in ("time", "fidelity"):
        assert abs(peer[f"{name}_standard_errors_apart"]) < 3.0


def test_sequence_is_that_of_the_results() -> None:
    record = json.loads((ROOT / "benchmarks/results/sequence.json").read_text())
    told, made = part("sequence"), maker.sequence(record, 1 << 12)
    for one, other in zip(rows(told), rows(made), strict=True):
        assert (
            one[:9] + one[10:] == other[:9] + other[10:]
        )  # the tenth is simulated, here with fewer deliveries
        assert float(one[9]) == pytest.approx(float(other[9]), rel=0.08)
        assert abs(float(one[7])) < 4.0
    for run in record["runs"]:
        for pair in run["pairs"]:
            assert sum(pair["attempts_between"].values()) == pair["pairs_after_the_first"]


def test_closed_form_of_two_links() -> None:
    for p in ("0.3", "0.01", "1"):
        x = float(p)
        exact = (3 - 2 * x) / (x * (2 - x))
        assert math.isclose(maker.slowest([maker.Fraction(p)] * 2), exact, rel_tol=1e-12)


def test_chances_of_true_counts_are_uniform_and_of_false_ones_small() -> None:
    random = np.random.default_rng(1)
    shares = np.array([0.4, 0.3, 0.2, 0.0999, 0.0001])
    drawn = [maker.chance(random.multinomial(5000, shares), 5000 * shares) for _ in range(300)]
    assert kstest(drawn, "uniform").pvalue > 1e-4
    assert maker.chance([2200, 1400, 950, 449, 1], 5000 * shares) < 1e-3
    between = np.bincount(random.geometric(0.2, 20_000))
    told = {k: int(n) for k, n in enumerate(between) if n}
    assert maker.geometric_chance(told, 0.2) > 1e-4
    assert maker.geometric_chance(told, 0.21) < 1e-4


def test_numbers_are_written_to_two_digits_of_their_error() -> None:
    assert maker.with_error(3.14159, 0.0123) == "3.142 ± 0.012"
    assert maker.with_error(1234.5, 56.0) == "1234 ± 56"


def test_a_part_is_renewed_and_the_rest_kept() -> None:
    page = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n<!-- generated: y -->\n<!-- end -->\n"
    new = maker.replaced(page, "x", "new")
    assert re.sub("old", "new", page) == new
