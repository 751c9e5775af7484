"""What the figures over random pairs share: tolerances of other samples, shares of ways, tables of pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from satqn.experiments.figures import common
from satqn.experiments.figures.crossovers import _lines
from satqn.experiments.figures.subpoints import degree_grid
from satqn.experiments.statistics import Estimate
from satqn.model.network import NodeTable

PUBLISHED = {"is_published_sample": 1.0, "bin_km": 50.0}
DRAWN = {"is_published_sample": 0.0, "bin_km": 50.0}
SMALL = {"is_published_sample": 0.0, "bin_km": 200.0}


def test_the_published_sample_gets_the_tolerance_as_it_is():
    claim = common.sampled(PUBLISHED, "x", 1.0, {"published": Estimate(1.2, 0.1), "physical": 3.0}, 0.05)
    assert (claim.tolerance, claim.verdict, claim.physical) == (0.05, "not reproduced", 3.0)


def test_another_sample_gets_three_standard_errors_more():
    claim = common.sampled(DRAWN, "x", 1.0, {"published": Estimate(1.2, 0.1)}, 0.05)
    assert claim.tolerance == pytest.approx(0.35)
    assert claim.verdict == "reproduced"


def test_a_distance_is_read_to_a_bin_or_not_at_all():
    values = {"published": 300.0, "physical": 700.0}
    assert common.sampled(DRAWN, "x", 280, values, 5.0, unit="km").tolerance == 55.0
    few = common.sampled(SMALL, "x", 280, values, 5.0, unit="km", note="n")
    assert few.verdict == "not judged"
    assert few.note == "Too few pairs to read a distance from medians. n"
    assert few.physical == 700.0


def test_estimates_survive_the_numbers_of_the_data():
    numbers: dict[str, float | None] = {}
    common.put_estimate(numbers, "a", Estimate(1.0, 0.5))
    common.put_estimate(numbers, "b", None)
    assert common.get_estimate(numbers, "a") == Estimate(1.0, 0.5)
    assert common.get_estimate(numbers, "b") is None


@pytest.mark.parametrize(("pairs", "width"), [(10_000, 50.0), (1500, 100.0), (300, 200.0)])
def test_bins_are_as_wide_as_the_sample_needs(pairs, width):
    edges = common.bin_edges(pairs)
    assert np.allclose(np.diff(edges), width)
    assert edges[0] == 0.0
    assert edges[-1] >= common.FARTHEST_KM


@given(st.lists(st.tuples(st.floats(0, 4599), st.sampled_from(common.WAYS)), max_size=60))
def test_shares_of_ways_agree_with_counting(pairs):
    distance = np.array([d for d, _ in pairs], dtype=float)
    table = common.ways_by_distance(distance, np.array([way for _, way in pairs], dtype="U9"))
    assert table["pairs"].sum() == len(pairs)
    for i, (low, high) in enumerate(zip(table["distance_from_km"], table["distance_to_km"], strict=True)):
        inside = [way for d, way in pairs if low <= d < high]
        for way in common.WAYS:
            share = table[f"{way}_percent"]
            assert bool(np.ma.getmaskarray(share)[i]) is (not inside)
            if inside:
                assert share[i] == pytest.approx(100.0 * inside.count(way) / len(inside))


def test_guide_lines_of_straight_medians_cross_where_the_lines_do():
    at = np.arange(25.0, 4600.0, 50.0)
    table = {
        "distance_from_km": at - 25.0,
        "distance_to_km": at + 25.0,
        "median_fibre_fidelity": np.ma.MaskedArray(1.0 - at / 2000.0, mask=at > 1300.0),
        "median_d240_fidelity": np.ma.MaskedArray(np.full(len(at), 0.8)),
        "median_fibre_rate_per_s": np.ma.MaskedArray(np.exp(4.0 - at / 100.0), mask=at > 1300.0),
        "median_d240_rate_per_s": np.ma.MaskedArray(np.full(len(at), 0.9)),
    }
    assert _lines(table, "fidelity", 240) == pytest.approx(400.0)
    assert _lines(table, "rate_per_s", 240) == pytest.approx(100.0 * (4.0 - np.log(0.9)))


def test_the_grid_of_degrees_covers_the_land_and_the_squares_of_nodes_outside_it():
    # Corners of the contiguous US and one place at sea: the grid spans them, land fills it.
    lat, lon = np.array([25.0, 48.6, 40.0, 30.0]), np.array([-80.6, -124.6, -67.5, -70.4])
    nodes = NodeTable(np.array(list("abcd")), lat, lon, np.ones(4), np.zeros(4, dtype=bool))
    grid = set(zip(*(column.tolist() for column in degree_grid(nodes)), strict=True))
    assert (39.0, -98.0) in grid
    assert (30.0, -70.0) in grid
    assert (31.0, -70.0) not in grid
    assert (50.0, -98.0) not in grid
    assert len(grid) > 800
