"""What every link delivers in every slot: means over the slot, not samples at its start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from satqn.model.timeline import LinkState, Making
from satqn.physics import fiber
from satqn.physics.generation import Generation, fibre_chain
from satqn.scenario.planning import PlanScenario
from satqn.sphere import great_circle
from satqn.topology.bodies import Stage
from satqn.topology.lines import heralded, sent_down
from satqn.topology.sight import Progress, View, views
from satqn.units import KM

FloatArray = NDArray[np.float64]
Sample = Callable[[FloatArray], tuple[Generation, FloatArray]]
"""Seconds in; what is made and the distance of the ends out."""

TOLERANCE = 0.01
"""A mean over a slot is right to this share (specification of links, section 2)."""

MOST_HALVINGS = 8
_COARSE = np.polynomial.legendre.leggauss(4)
_FINE = np.polynomial.legendre.leggauss(6)


@dataclass(frozen=True, slots=True)
class _Column:
    """One link in all slots."""

    a: str
    b: str
    making: Making
    rate: FloatArray
    pairs: FloatArray
    up: FloatArray
    via: list[str]
    length: float


def link_state(stage: Stage, progress: Progress | None = None) -> LinkState:
    """Return every link of a scenario in every slot.

    Parameters
    ----------
    stage
        Bodies and slots.
    progress
        Called with links done and all.
    """
    seen = views(stage)
    columns = list(_fibres(stage.scenario, stage.timeline.slots))
    for done, view in enumerate(seen):
        if stage.bodies[view.a].stores and stage.bodies[view.b].stores and _equipped(stage, view):
            columns.append(_memory_link(stage, view))
        if progress is not None and done % 10 == 0:
            progress(done, len(seen))
    columns += _dual_links(stage, seen)
    return _assembled(stage, columns)


def _equipped(stage: Stage, view: View) -> bool:
    """Whether the lower body of a pair has a memory for what comes down."""
    terminal = stage.bodies[view.b].terminal
    return terminal is not None and terminal.memory is not None


def _memory_link(stage: Stage, view: View) -> _Column:
    def sample(seconds: FloatArray) -> tuple[Generation, FloatArray]:
        made, light = heralded(stage, view.a, view.b, seconds)
        return made, light.range

    rate, pairs, up, nearest = slot_means(stage, view, sample)
    ends = stage.bodies[view.a].id, stage.bodies[view.b].id
    return _Column(*ends, "one_sided", rate, pairs, up, [""] * len(rate), nearest)


def _dual_links(stage: Stage, seen: list[View]) -> Iterator[_Column]:
    """Yield pairs of ground stations that satellites without memory join, in each slot by the best one."""
    sources: dict[int, dict[int, View]] = {}
    for view in seen:
        if not stage.bodies[view.a].stores and stage.bodies[view.b].kind == "base_station":
            sources.setdefault(view.a, {})[view.b] = view
    best: dict[tuple[str, int, int], _Column] = {}
    for satellite, below in sources.items():
        group = stage.bodies[satellite].group
        for a, b in combinations(sorted(below), 2):
            both = _common(below[a], below[b], satellite)
            if both is None:
                continue

            def sample(
                seconds: FloatArray, a: int = a, b: int = b, s: int = satellite
            ) -> tuple[Generation, FloatArray]:
                made, first, second = sent_down(stage, s, a, b, seconds)
                return made, np.maximum(first.range, second.range)

            rate, pairs, up, nearest = slot_means(stage, both, sample)
            names = stage.bodies[a].id, stage.bodies[b].id
            mine = _Column(
                *names, "dual_downlink", rate, pairs, up, [stage.bodies[satellite].id] * len(rate), nearest
            )
            other = best.get((group, a, b))
            best[group, a, b] = mine if other is None else _better(other, mine)
    yield from best.values()


def _common(one: View, other: View, satellite: int) -> View | None:
    """Return when two stations see a satellite at the same time."""
    spans = [
        (max(p, r), min(q, s))
        for p, q in zip(one.begin, one.end, strict=True)
        for r, s in zip(other.begin, other.end, strict=True)
        if min(q, s) > max(p, r)
    ]
    if not spans:
        return None
    begin, end = np.array(spans).T
    return View(satellite, one.b, begin, end)


def _better(one: _Column, other: _Column) -> _Column:
    """Return a link that takes in each slot the faster of two satellites."""
    first = one.rate >= other.rate
    return _Column(
        one.a, one.b, one.making,
        np.where(first, one.rate, other.rate), np.where(first, one.pairs, other.pairs),
        np.where(first, one.up, other.up),
        [p if f else q for f, p, q in zip(first, one.via, other.via, strict=True)],
        min(one.length, other.length),
    )  # fmt: skip


def slot_means(stage: Stage, view: View, sample: Sample) -> tuple[FloatArray, FloatArray, FloatArray, float]:
    """Return mean rate, rate times fidelity and share up of every slot, and the least distance.

    Parameters
    ----------
    stage, view
        Who, and when they see each other.
    sample
        What is made at given times.

    Notes
    -----
    Gauss-Legendre rules of 4 and 6 points on every span of sight within a slot; a span on which they differ
    by more than ``TOLERANCE`` of its own pairs is halved.
    """
    slots, slot = stage.timeline.slots, stage.timeline.slot
    number, begin, end = _pieces(view, slots, slot)
    made, weighted, up = np.zeros(slots), np.zeros(slots), np.zeros(slots)
    np.add.at(up, number, end - begin)
    nearest = np.inf
    for halving in range(MOST_HALVINGS + 1):
        if not len(number):
            break
        (coarse, _, _), (fine, good, distance) = (
            _quadrature(sample, begin, end, rule) for rule in (_COARSE, _FINE)
        )
        nearest = min(nearest, distance)
        done = np.abs(fine - coarse) <= TOLERANCE * np.abs(fine)
        if halving == MOST_HALVINGS:
            done[:] = True
        np.add.at(made, number[done], fine[done])
        np.add.at(weighted, number[done], good[done])
        middle = (begin[~done] + end[~done]) / 2.0
        number = np.concatenate([number[~done], number[~done]])
        begin, end = np.concatenate([begin[~done], middle]), np.concatenate([middle, end[~done]])
    return made / slot, weighted / slot, up / slot, float(nearest)


def _pieces(view: View, slots: int, slot: float) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """Return the spans of sight cut at the ends of slots."""
    number, begin, end = [], [], []
    for first, last in zip(view.begin.tolist(), view.end.tolist(), strict=True):
        for t in range(max(int(first // slot), 0), min(int(np.ceil(last / slot)), slots)):
            left, right = max(first, t * slot), min(last, (t + 1) * slot)
            if right > left:
                number.append(t)
                begin.append(left)
                end.append(right)
    return np.array(number, dtype=np.int64), np.array(begin), np.array(end)


def _quadrature(
    sample: Sample, begin: FloatArray, end: FloatArray, rule: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray, float]:
    nodes, weights = rule
    half, middle = (end - begin)[:, None] / 2.0, (end + begin)[:, None] / 2.0
    made, distance = sample((middle + half * nodes).ravel())
    rate = np.asarray(made.rate).reshape(len(begin), -1)
    good = rate * np.asarray(made.fidelity).reshape(len(begin), -1)
    share = half * weights
    return (rate * share).sum(axis=1), (good * share).sum(axis=1), float(distance.min())


def _fibres(scenario: PlanScenario, slots: int) -> Iterator[_Column]:
    for a, b, length in fibre_lengths(scenario):
        rate, fidelity = fibre_delivers(scenario, length)
        steady = np.full(slots, rate)
        yield _Column(a, b, "fibre_chain", steady, steady * fidelity, np.ones(slots), [""] * slots, length)


def fibre_lengths(scenario: PlanScenario) -> list[tuple[str, str, float]]:
    """Return every fibre of a scenario: its ends and its length in m; listed ones win over neighbours."""
    nodes = {node.id: node for node in scenario.ground.nodes}
    ids = list(nodes)

    def distance(a: str, b: str) -> float:
        one, other = nodes[a], nodes[b]
        return float(great_circle(one.lat_deg, one.lon_deg, other.lat_deg, other.lon_deg))

    found: dict[tuple[str, str], float] = {}
    for link in scenario.fibre.links:
        a, b = link.ends
        given = link.length_km
        found[a, b] = scenario.fibre.detour * distance(a, b) if given is None else given * KM
    near = scenario.fibre.neighbours
    if near is not None:
        for a in ids:
            others = sorted((distance(a, b), b) for b in ids if b != a)
            for away, b in others[: near.count]:
                if away <= near.within_km * KM and (a, b) not in found and (b, a) not in found:
                    found[a, b] = scenario.fibre.detour * away
    return [(a, b, length) for (a, b), length in found.items()]


def fibre_delivers(scenario: PlanScenario, length: float) -> tuple[float, float]:
    """Return rate and fidelity of a fibre with the number of repeaters that the scenario asks for."""
    hardware, least = scenario.fibre.hardware.hardware(), scenario.fibre.least_fidelity
    if least is None:
        made, _ = fibre_chain(length, hardware)
        return float(made.rate), float(made.fidelity)
    best = (0.0, float(fiber.chain_fidelity(0, hardware)))
    for count in range(MOST_REPEATERS + 1):
        fidelity = float(fiber.chain_fidelity(count, hardware))
        if fidelity < least:
            if count:
                break
            continue
        rate = float(fiber.chain_rate(length, count, hardware, "exact", hardware.ion_pairs))
        best = max(best, (rate, fidelity))
    return best


MOST_REPEATERS = 64
"""Repeaters on one fibre that are tried; fidelity ends the search long before."""


def _assembled(stage: Stage, columns: list[_Column]) -> LinkState:
    slots, least = stage.timeline.slots, stage.scenario.links.least_rate_per_s
    table = np.array([column.rate for column in columns]).reshape(len(columns), slots).T
    good = np.array([column.pairs for column in columns]).reshape(len(columns), slots).T
    rate = np.where(table >= max(least, np.finfo(float).tiny), table, 0.0)
    fidelity = np.ma.masked_where(
        rate == 0.0, np.divide(good, rate, out=np.zeros(rate.shape), where=rate > 0.0)
    )
    kept = np.flatnonzero(np.any(rate > 0.0, axis=0))
    chosen = [columns[i] for i in kept]
    via = np.array([column.via for column in chosen], dtype=np.str_).reshape(len(chosen), slots).T
    return LinkState(
        a=tuple(column.a for column in chosen),
        b=tuple(column.b for column in chosen),
        making=tuple(column.making for column in chosen),
        rate=rate[:, kept],
        fidelity=fidelity[:, kept],
        up=np.array([column.up for column in chosen]).reshape(len(chosen), slots).T,
        via=np.where(rate[:, kept] > 0.0, via, ""),
        length=np.array([column.length for column in chosen]),
    )
