"""What every link delivers in every slot: means over the slot, not samples at its start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.model.timeline import LinkState, Making
from satqn.physics.generation import Generation
from satqn.topology.bodies import Stage
from satqn.topology.effort import refuse_tables, weigh_light
from satqn.topology.fibres import fibre_delivers, fibre_lengths, fibre_uses
from satqn.topology.layers import chosen_links
from satqn.topology.making import heralded, sent_down
from satqn.topology.means import slot_means
from satqn.topology.sight import View, views

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Links:
    """Links of one kind in all slots: names of length E, tables of shape (E, slots)."""

    ends: list[tuple[str, str]]
    making: Making
    rate: FloatArray
    good: FloatArray
    up: FloatArray
    via: NDArray[np.str_]
    length: FloatArray


def link_state(stage: Stage, progress: Progress | None = None) -> LinkState:
    """Return every link of a scenario in every slot.

    Parameters
    ----------
    stage
        Bodies and slots.
    progress
        Called with pairs of bodies done and all, while it is sought who sees whom; then with spans of sight
        evaluated and all.

    Raises
    ------
    InputError
        Terminals that cannot work together: no transmitter or receiver, other wavelengths, or a source
        without memory and without two telescopes; or more work than is done unless the limits are lifted.
    """
    refuse_tables(stage)
    seen = views(stage, progress)
    weigh_light(stage, seen)
    kinds = [_fibres(stage), _memory_links(stage, seen, progress), _dual_links(stage, seen, progress)]
    return _assembled(stage, kinds)


def _fibres(stage: Stage) -> _Links:
    fibres = fibre_lengths(stage.scenario)
    uses = fibre_uses(stage.scenario)
    delivered = np.array([fibre_delivers(stage.scenario, length, uses) for _, _, length in fibres]).reshape(
        -1, 2
    )
    steady = np.ones((len(fibres), stage.timeline.slots))
    rate = delivered[:, :1] * steady
    return _Links(
        [(a, b) for a, b, _ in fibres], "fibre_chain", rate, rate * delivered[:, 1:], steady,
        np.full(steady.shape, ""), np.array([length for _, _, length in fibres]),
    )  # fmt: skip


def _memory_links(stage: Stage, seen: list[View], progress: Progress | None) -> _Links:
    """Return the links between bodies that both have memories."""
    chosen = [view for view in seen if stage.bodies[view.a].stores and _equipped(stage, view)]
    a, b = np.array([(view.a, view.b) for view in chosen], dtype=np.int64).reshape(-1, 2).T

    def sample(owner: IntArray, seconds: FloatArray) -> tuple[Generation, FloatArray]:
        made, found = heralded(stage, a[owner], b[owner], seconds)
        return made, found.range

    means = slot_means(stage.timeline, chosen, sample, progress)
    kept = chosen_links(stage, [(view.a, view.b) for view in chosen], means.rate)
    ends = [(stage.bodies[view.a].id, stage.bodies[view.b].id) for view in chosen]
    via = np.full(means.rate.shape, "")
    return _Links(
        ends, "one_sided", means.rate * kept, means.good * kept, means.up * kept, via, means.nearest
    )


def _equipped(stage: Stage, view: View) -> bool:
    """Whether the lower body of a pair has a memory for what comes down."""
    terminal = stage.bodies[view.b].terminal
    return stage.bodies[view.b].stores and terminal is not None and terminal.memory is not None


def _dual_links(stage: Stage, seen: list[View], progress: Progress | None) -> _Links:
    """Return pairs of ground stations that sources without memory join, in each slot by the best one."""
    shared = list(_shared_views(stage, seen))
    source, first, second = np.array([(s, a, b) for s, a, b, _ in shared], dtype=np.int64).reshape(-1, 3).T

    def sample(owner: IntArray, seconds: FloatArray) -> tuple[Generation, FloatArray]:
        made, one, other = sent_down(stage, source[owner], first[owner], second[owner], seconds)
        return made, np.maximum(one.range, other.range)

    means = slot_means(stage.timeline, [view for *_, view in shared], sample, progress)
    ids = np.array([body.id for body in stage.bodies])
    alike: dict[tuple[str, int, int], list[int]] = {}
    for i, (s, a, b, _) in enumerate(shared):
        alike.setdefault((stage.bodies[s].group or stage.bodies[s].id, a, b), []).append(i)
    slots = np.arange(stage.timeline.slots)
    best = np.array(
        [np.array(same)[np.argmax(means.rate[same], axis=0)] for same in alike.values()], dtype=np.int64
    ).reshape(len(alike), slots.size)
    return _Links(
        [(str(ids[a]), str(ids[b])) for _, a, b in alike], "dual_downlink",
        means.rate[best, slots], means.good[best, slots], means.up[best, slots], ids[source[best]],
        np.array([means.nearest[same].min() for same in alike.values()]),
    )  # fmt: skip


def _shared_views(stage: Stage, seen: list[View]) -> Iterator[tuple[int, int, int, View]]:
    """Yield source, two ground stations, and when both stations see the source."""
    sources: dict[int, dict[int, View]] = {}
    for view in seen:
        if not stage.bodies[view.a].stores and stage.bodies[view.b].kind == "base_station":
            sources.setdefault(view.a, {})[view.b] = view
    for source, below in sources.items():
        if stage.bodies[source].terminals < 2:
            raise InputError(
                f"{stage.bodies[source].id} has one terminal and no memory",
                why="A source without memory sends the photons of a pair to two stations at once",
                fix="Give it two terminals, or a terminal with a memory",
            )
        for a, b in combinations(sorted(below), 2):
            both = common_view(below[a], below[b])
            if both.begin.size:
                yield source, a, b, both


def common_view(one: View, other: View) -> View:
    """Return when two stations see a source at the same time; from the source to the second of them."""
    begin = np.maximum(one.begin[:, None], other.begin)
    end = np.minimum(one.end[:, None], other.end)
    both = end > begin
    return View(one.a, other.b, begin[both], end[both])


def _assembled(stage: Stage, kinds: list[_Links]) -> LinkState:
    """Return all links that are up at some time."""
    least = max(stage.scenario.links.least_rate_per_s, float(np.finfo(float).tiny))
    table = np.concatenate([links.rate for links in kinds]).T
    good = np.concatenate([links.good for links in kinds]).T
    rate = np.where(table >= least, table, 0.0)
    kept = np.flatnonzero(np.any(rate > 0.0, axis=0))
    rate, good = rate[:, kept], good[:, kept]
    fidelity = np.divide(good, rate, out=np.zeros(rate.shape), where=rate > 0.0)
    ends = [pair for links in kinds for pair in links.ends]
    making: list[Making] = [links.making for links in kinds for _ in links.ends]
    return LinkState(
        a=tuple(ends[i][0] for i in kept),
        b=tuple(ends[i][1] for i in kept),
        making=tuple(making[i] for i in kept),
        rate=rate,
        fidelity=np.ma.masked_where(rate == 0.0, fidelity),
        up=np.concatenate([links.up for links in kinds]).T[:, kept],
        via=np.where(rate > 0.0, np.concatenate([links.via for links in kinds]).T[:, kept], ""),
        length=np.concatenate([links.length for links in kinds])[kept],
    )
