"""Medians of the published figures (specification, section 5) on the published pairs, stations and nodes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from satqn import api
from satqn.model.results import PairResults
from satqn.network.places import pairs_from_file

pytestmark = pytest.mark.data
PAIRS = 4000


@cache
def evaluated(folder, pairs=PAIRS, **settings) -> PairResults:
    overrides = {"preset": "published", "ground_stations.file": str(folder / "shao2025_stations.json")}
    system = api.build(
        api.load("shao2025-us", overrides | {k.replace("__", "."): v for k, v in settings.items()})
    )
    a, b = pairs_from_file(system.network, folder / "shao2025_pairs.csv.gz")
    return api.evaluate(system, (a[:pairs], b[:pairs]))


def median(column, results, low_km=0.0, high_km=np.inf):
    """Return the median over pairs of a range of distances; what does not exist counts as 0."""
    inside = (results.distance >= 1e3 * low_km) & (results.distance < 1e3 * high_km)
    assert inside.sum() >= 20
    return float(np.median(column.filled(0.0)[inside]))


def test_satellite_rates_of_figure_4(data_folder):
    rate = evaluated(data_folder, 10_000).satellite_rate
    assert rate.min() == pytest.approx(2.371, abs=5e-4)
    assert rate.max() == pytest.approx(3.227, abs=5e-4)
    assert rate.mean() == pytest.approx(2.881, abs=5e-4)


@pytest.mark.parametrize(
    ("low", "high", "least", "most"),
    [
        (50, 100, 62, 72),
        (150, 200, 11, 12),
        (250, 300, 3.0, 3.15),
        (400, 450, 0.72, 0.78),
        (700, 750, 0.068, 0.076),
    ],
)
def test_fibre_rates_of_figure_4a(data_folder, low, high, least, most):
    results = evaluated(data_folder, 10_000)
    assert least <= median(results.fibre_rate, results, low, high) <= most


def test_fibre_and_satellite_rates_cross_at_280_km(data_folder):
    results = evaluated(data_folder, 10_000)
    assert median(results.fibre_rate, results, 240, 270) > results.satellite_rate.mean()
    assert median(results.fibre_rate, results, 290, 320) < results.satellite_rate.mean()


def test_fibre_fidelity_of_figure_4b(data_folder):
    results = evaluated(data_folder, 10_000)
    assert median(results.fibre_fidelity, results, 60, 100) > 0.99
    assert 0.94 < median(results.fibre_fidelity, results, 115, 130) < 0.97
    assert median(results.fibre_fidelity, results, 250, 270) > 0.87
    assert median(results.fibre_fidelity, results, 280, 300) < 0.87
    # The cap of 25 photon repeaters ends the curve at 1337 km.
    assert results.distance[results.fibre_fidelity > 0.0].max() == pytest.approx(1337e3, abs=1e3)
    assert results.fibre_photon_repeaters.max() == 25


def test_the_protocol_of_figures_5_and_6(data_folder):
    results = evaluated(data_folder)
    assert np.ma.median(results.protocol_fidelity) == pytest.approx(0.804, abs=0.003)
    # 0.8 % above: the published search for T goes in steps of 2 %, ours ends at the breakpoint.
    assert np.ma.median(results.protocol_rate) == pytest.approx(0.886, rel=0.02)
    assert results.hybrid_fidelity.max() <= 0.853576888889 + 1e-12


def test_both_legs_halve_the_published_hybrid_rates(data_folder):
    results = evaluated(data_folder, 2000, hybrid_rate="both_legs")
    assert 0.44 < np.median(results.hybrid_rate.filled(0.0)) < 0.5


@pytest.mark.parametrize(
    ("radius_m", "least", "most"), [(0.5, 0.8, 0.95), (1.0, 6.4, 7.0), (2.0, 20.0, 24.0)]
)
def test_larger_telescopes_of_figure_s4(data_folder, radius_m, least, most):
    """The plateau of the curves, before they fall with the satellite's rate beyond 2500 km."""
    results = evaluated(data_folder, 2000, satellite__receiver_radius_m=radius_m)
    assert least < median(results.protocol_rate, results, 500, 2500) < most


def test_memory_of_figure_s5(data_folder):
    """About 0.70, 0.67 and 0.56 at 600 km. We find 0.71, 0.70, 0.55: the best of the readings tried."""
    at_600_km = [
        median(results.fibre_fidelity, results, 550, 650)
        for results in (
            evaluated(data_folder, 2000, **({} if tau is None else {"memory_dephasing_time_s": tau}))
            for tau in (None, 5.0, 1.0)
        )
    ]
    assert at_600_km == pytest.approx([0.70, 0.67, 0.56], abs=0.04)
    assert at_600_km == sorted(at_600_km, reverse=True)


def test_the_optimal_placement_is_never_below_the_greedy_one(data_folder):
    greedy, optimal = evaluated(data_folder, 500), evaluated(data_folder, 500, placement="optimal")
    assert np.all(optimal.fibre_fidelity.filled(0.0) >= greedy.fibre_fidelity.filled(0.0))
    assert np.all(optimal.fibre_rate.filled(0.0) >= greedy.fibre_rate.filled(0.0) * (1 - 1e-12))
    inside = (greedy.distance > 1e5) & (greedy.distance < 7e5)
    gain = optimal.fibre_rate[inside] / greedy.fibre_rate[inside]
    assert 1.5 < np.ma.median(gain) < 2.1
