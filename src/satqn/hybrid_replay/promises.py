"""From a hybrid system to what is replayed: the promises of the protocol for pairs of users, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.hybrid.paths import positions_along
from satqn.hybrid.placement import place_at_time, place_for_target
from satqn.hybrid.satellite import satellite_rates
from satqn.hybrid.setting import system_setting
from satqn.hybrid.ways import Way, check_ends, choose, fibre_way, hybrid_way, satellite_way
from satqn.hybrid_replay.parts import Attempts, Builder
from satqn.kernels.placement import copies_in
from satqn.kernels.placement_optimal import NO_LIMIT
from satqn.model.results import MaskedFloats
from satqn.model.system import HybridSystem
from satqn.network.shortest import FibrePaths, PathFinder, nearest_station
from satqn.simulate.hybrid import MOST_COPIES, SatellitePart, WayPlan

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Question = Literal["in_satellite_time", "at_target"]

QUESTIONS: tuple[Question, ...] = ("in_satellite_time", "at_target")
"""Fidelity in the satellite's time per pair; rate at the target fidelity."""
LONGEST = 86_400.0
"""Promises of a pair in a longer time are not replayed, s."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What the protocol promises to a pair of users for one way.

    Parameters
    ----------
    node_a, node_b
        Node ids of the two ends.
    question
        What was asked.
    way
        ``fibre`` or ``hybrid``.
    chosen
        Whether the protocol takes this way for this question.
    time, fidelity
        Promised time per pair, s, and fidelity.
    with_both_legs
        What the model says with both legs and both swaps, if it left out any; else ``fidelity``.
    as_one_chain
        What it says if swap noise inside the legs is kept apart from phase flips: all parts as one chain.
    photon_repeaters
        On the whole way.
    plan
        Its parts; None where a leg that the promise left out cannot be placed in that time.
    """

    node_a: str
    node_b: str
    question: Question
    way: str
    chosen: bool
    time: float
    fidelity: float
    with_both_legs: float
    as_one_chain: float
    photon_repeaters: int
    plan: WayPlan | None


def promises(
    system: HybridSystem, a: IntArray, b: IntArray, *, attempts: Attempts = "preset"
) -> Iterator[Promise]:
    """Yield what the protocol promises to pairs of users, pair by pair, for fibre only and hybrid.

    Parameters
    ----------
    system
        The hybrid system.
    a, b
        Node indices of the ends.
    attempts
        ``preset``: attempts last as long and succeed as often as the options of the system say;
        ``heralded``: each waits for the answer over its longer arm and loses in both true arms.

    Raises
    ------
    InputError
        For an index that is no node, or two ends that are the same.

    Notes
    -----
    A way that promises nothing, or a pair in more than a day, is left out. Where the published rates leave
    out B's leg and its swap, the plan has them: the promise is replayed as it would have to be kept.
    """
    left, right = check_ends(system, a, b)
    setting, network = system_setting(system), system.network
    rate = satellite_rates(system, left, right)
    paths = PathFinder(network).paths(left, right)
    positions = positions_along(network, paths)
    stations = nearest_station(network, system.stations) if len(system.stations) else None
    fibre = fibre_way(system, setting, paths, rate)
    satellite = satellite_way(system, setting, rate, left, right)
    hybrid = hybrid_way(system, setting, stations, left, right)
    ways = (fibre, satellite, hybrid)
    chosen: dict[Question, NDArray[np.str_]] = {
        "in_satellite_time": choose([way.fidelity for way in ways])[0],
        "at_target": choose([way.rate for way in ways])[0],
    }
    build = Builder(system, setting, attempts)
    for p in range(len(left)):
        ends = str(network.nodes.ids[left[p]]), str(network.nodes.ids[right[p]])
        for question in QUESTIONS:
            found = {"fibre": _fibre(build, question, fibre, positions[_row(paths, p)], rate, p)}
            if stations is not None:
                pair = int(left[p]), int(right[p])
                legs = stations.legs(np.array(pair))
                sites = stations.station[left[p]], stations.station[right[p]]
                found["hybrid"] = _hybrid(build, question, hybrid, legs, sites, p)
            for way, promise in found.items():
                if promise is not None and promise.time <= LONGEST:
                    best = bool(chosen[question][p] == way)
                    yield Promise(
                        *ends,
                        question,
                        way,
                        best,
                        promise.time,
                        *promise.fidelities,
                        promise.photon,
                        promise.plan,
                    )


class Made(NamedTuple):
    """The parts of a promise; ``fidelities`` promised, with both legs, as one chain."""

    time: float
    fidelities: tuple[float, float, float]
    photon: int
    plan: WayPlan | None


def _row(paths: FibrePaths, p: int) -> slice:
    return slice(int(paths.indptr[p]), int(paths.indptr[p + 1]))


def _promised(way: Way, question: Question, p: int) -> float | None:
    column = way.fidelity if question == "in_satellite_time" else way.time
    return None if np.ma.getmaskarray(column)[p] else float(column[p])


def _fibre(
    build: Builder, question: Question, way: Way, x: FloatArray, rate: MaskedFloats, p: int
) -> Made | None:
    if _promised(way, question, p) is None:
        return None
    if question == "in_satellite_time":
        placed = place_at_time(x, 1.0 / float(rate[p]), build.setting)
    else:
        placed = place_for_target(x, build.setting)
    assert placed is not None, "the way promises something"
    swaps = max(placed.photon_repeaters - 1, 0)
    plan = build.plan(build.parts(x, placed), placed.time, placed.fidelity, swaps)
    return Made(placed.time, (placed.fidelity,) * 3, placed.photon_repeaters, plan)


def _hybrid(
    build: Builder, question: Question, way: Way, legs: FibrePaths, sites: tuple[int, int], p: int
) -> Made | None:
    promised = _promised(way, question, p)
    if promised is None:
        return None
    system, setting, for_rate = build.system, build.setting, question == "at_target"
    each = satellite_rates(system, np.array(sites[:1]), np.array(sites[1:]))
    time = promised if for_rate else 1.0 / float(each[0])
    x, direct = positions_along(system.network, legs), setting.policy.leg_direct
    ways = [x[_row(legs, 0)], x[_row(legs, 1)]]
    placed = [
        place_at_time(leg, time, setting, direct=direct, for_rate=for_rate) if len(leg) > 1 else None
        for leg in ways
    ]
    parts = [part for leg, at in zip(ways, placed, strict=True) if at for part in build.parts(leg, at)]
    satellite = None
    if sites[0] != sites[1] or system.options.shared_station != "swap_legs":
        copies = min(copies_in(time, 1.0 / float(each[0]), NO_LIMIT), MOST_COPIES)
        satellite = SatellitePart(float(each[0]), system.satellite.fidelity, copies)
        parts.append(satellite)
    missing = any(len(leg) > 1 and at is None for leg, at in zip(ways, placed, strict=True))
    within = sum(max(at.photon_repeaters - 1, 0) for at in placed if at)
    # As the protocol counts swaps: two with the satellite, even where a leg has length 0.
    between = 2 if satellite else max(sum(len(leg) > 1 for leg in ways) - 1, 0)
    with_both = build.joined(placed, satellite, time, between)
    if not for_rate:
        fidelity = promised
    elif satellite and not setting.policy.both_legs:
        fidelity = build.joined(placed[:1], satellite, time, 1)
    else:
        fidelity = with_both
    one_chain = build.one_chain(placed, satellite, time, within + between)
    plan = None if missing else build.plan(parts, time, fidelity, within + between)
    photon = sum(at.photon_repeaters for at in placed if at)
    return Made(time, (fidelity, with_both, one_chain), photon, plan)
