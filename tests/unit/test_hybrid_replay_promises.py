"""What is replayed is what the protocol promises, part by part; promised against delivered in tables."""

from __future__ import annotations

import csv
import io
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from tests.unit.test_hybrid_protocol import line

from satqn.hybrid.protocol import evaluate_pairs
from satqn.hybrid.setting import PUBLISHED_COPIES
from satqn.hybrid_replay.promises import LONGEST, promises
from satqn.hybrid_replay.table import ESTIMATES, ReplayInterrupted, replay, replay_csv, summarise_replay
from satqn.model.options import PHYSICAL, PUBLISHED
from satqn.network.places import draw_pairs
from satqn.physics.purification import copies_table
from satqn.scenario.load import load_scenario
from satqn.simulate.executor import Workers
from satqn.simulate.hybrid import SatellitePart
from satqn.topology.hybrid import build_system

PRESETS = {"physical": PHYSICAL, "published": PUBLISHED}
PAIRS = 12


@pytest.fixture(scope="module")
def systems():
    found = {preset: build_system(load_scenario("us-cities", {"preset": preset})) for preset in PRESETS}
    return {preset: (system, *draw_pairs(system.network, PAIRS, 3)) for preset, system in found.items()}


@pytest.mark.parametrize("preset", PRESETS)
def test_promises_are_those_of_the_protocol(systems, preset) -> None:
    system, a, b = systems[preset]
    results, found = evaluate_pairs(system, a, b), list(promises(system, a, b))
    ids = system.network.nodes.ids
    by_key = {(one.node_a, one.node_b, one.question, one.way): one for one in found}
    for p in range(PAIRS):
        for way in ("fibre", "hybrid"):
            fidelity, rate = getattr(results, f"{way}_fidelity")[p], getattr(results, f"{way}_rate")[p]
            one = by_key.pop((ids[a[p]], ids[b[p]], "in_satellite_time", way), None)
            if one is None:
                assert fidelity is np.ma.masked
            else:
                assert one.fidelity == pytest.approx(fidelity, abs=1e-12)
                assert one.chosen == (results.protocol_by_fidelity[p] == way)
            one = by_key.pop((ids[a[p]], ids[b[p]], "at_target", way), None)
            if one is None:
                assert rate is np.ma.masked or rate < 1.0 / LONGEST
            else:
                assert one.time == pytest.approx(1.0 / rate, rel=1e-12)
                assert one.fidelity >= system.target_fidelity - 1e-12
    assert not by_key


def test_parts_make_the_promise_again(systems) -> None:
    """Fibre and DEJMPS: the closed form over the parts; hybrid: the same, legs taken for phase flips."""
    system, a, b = systems["physical"]
    checked = 0
    for one in promises(system, a, b):
        plan = one.plan
        means = [copies_table(part.fidelity, part.copies, "dejmps")[-1] for part in plan.parts]
        product = math.prod(2.0 * f - 1.0 for f in means)
        exact = 0.25 * (1.0 + plan.swap**plan.swaps * (1.0 + 2.0 * product))
        assert exact == pytest.approx(one.as_one_chain, abs=1e-9)
        assert one.with_both_legs == pytest.approx(one.fidelity, abs=1e-12)
        if one.way == "fibre":
            assert exact == pytest.approx(one.fidelity, abs=1e-9)
        else:
            assert -1e-9 < one.fidelity - exact < 0.03
            satellites = [part for part in plan.parts if isinstance(part, SatellitePart)]
            assert len(satellites) <= 1
            if satellites and one.question == "in_satellite_time":
                assert satellites[0].copies == 1
                assert satellites[0].rate * one.time == pytest.approx(1.0)
        checked += 1
    assert checked > 2 * PAIRS


def test_ends_that_share_a_station_need_no_satellite() -> None:
    system = line([20, 20, 25, 25], stations=(2,))
    found = {(p.question, p.way): p for p in promises(system, np.array([0]), np.array([4]))}
    plan = found["in_satellite_time", "hybrid"].plan
    assert not any(isinstance(part, SatellitePart) for part in plan.parts)
    assert plan.swaps == len(plan.parts) - 1
    assert found["in_satellite_time", "hybrid"].fidelity == pytest.approx(
        evaluate_pairs(system, np.array([0]), np.array([4])).hybrid_fidelity[0], abs=1e-12
    )
    published = line([20, 25], stations=(1,), options=PUBLISHED)
    promise = {(p.question, p.way): p for p in promises(published, np.array([0]), np.array([2]))}
    plan = promise["in_satellite_time", "hybrid"].plan
    assert isinstance(plan.parts[-1], SatellitePart)
    assert plan.swaps == len(plan.parts) - 1


def test_a_leg_left_out_costs_what_the_promise_hides() -> None:
    system = line([20, 25], stations=(0, 1), options=PUBLISHED)
    found = {(p.question, p.way): p for p in promises(system, np.array([0]), np.array([2]))}
    one = found["at_target", "hybrid"]
    s, leg = one.plan.swap, one.plan.parts[0]
    assert len(one.plan.parts) == 2  # the leg of A has length 0
    table = copies_table(0.87, one.plan.parts[1].copies, "bbpssw")
    assert one.fidelity == pytest.approx(0.25 * (1.0 + s * (1.0 + 2.0 * (2.0 * table[-1] - 1.0))), abs=1e-12)
    on_leg = copies_table(leg.fidelity, min(leg.copies, PUBLISHED_COPIES), "bbpssw")[-1]
    means = (2.0 * table[-1] - 1.0) * (2.0 * on_leg - 1.0)
    assert one.with_both_legs == pytest.approx(0.25 * (1.0 + s**2 * (1.0 + 2.0 * means)), abs=1e-12)
    assert one.as_one_chain == pytest.approx(one.with_both_legs, abs=1e-12)  # direct: no swap inside
    blocked = line([20, 300], stations=(0, 1), options=PUBLISHED)
    found = {(p.question, p.way): p for p in promises(blocked, np.array([0]), np.array([2]))}
    assert found["at_target", "hybrid"].plan is None


def test_attempts_have_the_mean_that_the_placement_counts_with(systems) -> None:
    """The attempt time over m p is the time per copy without waiting for others; eq. 1 and 2 for one pair."""
    system, a, b = systems["published"]
    fibre = system.fibre
    for preset, heralded in zip(
        promises(system, a, b), promises(system, a, b, attempts="heralded"), strict=True
    ):
        for model, real in zip(preset.plan.parts, heralded.plan.parts, strict=True):
            if isinstance(model, SatellitePart) or model.fidelity == fibre.ion_photon_fidelity:
                assert model == real
                continue
            longer = (real.attempt_time - fibre.emission_time) * fibre.light_speed / 2.0
            assert model.attempt_time == pytest.approx(fibre.emission_time + longer / fibre.light_speed)
            transmittance = 10.0 ** (-fibre.attenuation_per_m * 2.0 * longer)
            assert model.success == pytest.approx(0.21**2 / 2.0 * transmittance)
            assert real.success >= model.success


def test_rows_do_not_depend_on_what_else_is_replayed(systems) -> None:
    system, a, b = systems["physical"]
    every = replay(promises(system, a, b), runs=60, seed=5)
    some = replay(promises(system, a[5:6], b[5:6]), runs=60, seed=5)
    twice = replay([row.promise for row in some] * 2, runs=60, seed=5)
    lines = replay_csv(every).splitlines()
    assert set(replay_csv(some).splitlines()) <= set(lines)
    assert replay_csv(twice).splitlines()[1:] == 2 * replay_csv(some).splitlines()[1:]
    assert lines[0].count(",") == 11 + 3 * len(ESTIMATES)


def test_counts_are_the_same_whatever_the_workers(systems) -> None:
    system, a, b = systems["physical"]
    wanted = list(promises(system, a[:3], b[:3]))
    with Workers(3, open_executor=lambda: ThreadPoolExecutor(3)) as pool:
        spread = replay(wanted, runs=600, seed=2, workers=pool)
    assert replay_csv(spread) == replay_csv(replay(wanted, runs=600, seed=2))


def test_what_was_replayed_before_an_interruption_is_kept(systems) -> None:
    system, a, b = systems["physical"]
    wanted = list(promises(system, a[:2], b[:2]))

    def stop(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(ReplayInterrupted) as caught:
        replay(wanted, runs=50, seed=2, report=stop)
    whole = replay_csv(replay(wanted, runs=50, seed=2)).splitlines()
    assert replay_csv(caught.value.partial).splitlines() == whole[:3]


def test_the_table_says_what_was_counted(systems) -> None:
    system, a, b = systems["physical"]
    rows = replay(promises(system, a, b), runs=400, seed=5)
    cells = list(csv.DictReader(io.StringIO(replay_csv(rows))))
    for row, cell in zip(rows, cells, strict=True):
        patient = row.counts["patient"]
        assert float(cell["patient_time_s"]) == pytest.approx(patient.time.mean, rel=1e-7)
        assert float(cell["patient_fidelity_low"]) <= float(cell["patient_fidelity"])
        assert cell["runs"] == "400"
        counted, one = row.counts["counted"].fidelity, row.promise
        rare = 2e-4  # what fails more rarely than once in all rounds is not seen
        assert abs(counted.mean - one.as_one_chain) < 5.0 * counted.error + rare
    groups = summarise_replay(rows, 0.87)
    assert sum(group["promises"] for group in groups) == len(rows)
    hybrid = next(g for g in groups if (g["question"], g["way"]) == ("in_satellite_time", "hybrid"))
    with_satellite = [
        row.counts["rounds"].without_satellite.mean
        for row in rows
        if row.promise.way == "hybrid" and row.promise.question == "in_satellite_time"
    ]
    assert hybrid["quartiles"]["rounds_without_satellite"][1] == np.median(with_satellite)
    assert abs(np.median(with_satellite) - math.exp(-1.0)) < 0.05  # one pair expected: none in 1/e of rounds


def test_a_leg_that_the_promise_left_out_and_nothing_crosses_is_said(systems) -> None:
    system, a, b = systems["physical"]
    one = replace(next(iter(promises(system, a, b))), plan=None)
    rows = replay([one], runs=10, seed=1)
    assert rows[0].counts is None
    group = summarise_replay(rows, 0.87)[0]
    assert (group["promises"], group["unplaceable"], group["quartiles"]["promised_fidelity"]) == (1, 1, None)
    assert replay_csv(rows).splitlines()[1].endswith("," * (1 + 3 * len(ESTIMATES)))
