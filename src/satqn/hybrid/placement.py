"""Placement of photon and ion repeaters on one path, with everything a person wants to know about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.hybrid.setting import Setting
from satqn.kernels.copies import PERFECT, Tables, fill_tables, storage_factor, stored_fidelity
from satqn.kernels.path import (
    DIRECT_ALWAYS,
    WorkSpace,
    path_at,
    path_fastest,
    work_space,
)
from satqn.kernels.placement import chain_fidelity, chain_times, copies_in, direct_time, log_product_at
from satqn.kernels.placement_optimal import NO_LIMIT
from satqn.kernels.stored import path_fastest_stored
from satqn.model.shown import Shown
from satqn.physics.checks import in_range

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Segment:
    """One ion-ion segment (or the whole path, sent directly) of a placement.

    Parameters
    ----------
    start, end
        Indices on the path of its ends: ion repeaters, or ends of the path.
    photon_repeater
        Index on the path of its photon repeater; None for direct transmission.
    time
        Time per copy T_j, s.
    copies
        Copies k_j made in the time per pair.
    fidelity
        Of the pair into which they are purified.
    """

    start: int
    end: int
    photon_repeater: int | None
    time: float
    copies: int
    fidelity: float


@dataclass(frozen=True, slots=True, repr=False)
class Placement(Shown):
    """A path at work: time per pair, fidelity, and its segments in order; one segment if direct.

    Parameters
    ----------
    time
        Time per end-to-end pair, s.
    fidelity
        Of the end-to-end pair.
    photon_repeaters
        N; 0 is direct transmission.
    segments
        From the first end to the last.
    """

    time: float
    fidelity: float
    photon_repeaters: int
    segments: tuple[Segment, ...]

    def roles(self) -> dict[int, str]:
        """Return the role of every active node by its index on the path, in order."""
        roles: dict[int, str] = {}
        for segment in self.segments:
            roles.setdefault(segment.start, "ion repeater")
            if segment.photon_repeater is not None:
                roles[segment.photon_repeater] = "photon repeater"
            roles[segment.end] = "ion repeater"
        roles[self.segments[0].start] = roles[self.segments[-1].end] = "end"
        return roles


def place_at_time(
    positions: ArrayLike,
    time: float,
    setting: Setting,
    *,
    direct: int = DIRECT_ALWAYS,
    for_rate: bool = False,
) -> Placement | None:
    """Return the best placement on a path within ``time``, or None if nothing is ready by then.

    Parameters
    ----------
    positions
        Positions of the K + 1 nodes along the fibre, m, from 0 upwards; K >= 1.
    time
        Time per end-to-end pair T, s, > 0.
    setting
        Hardware and options.
    direct
        When direct transmission is an alternative (see :mod:`satqn.kernels.path`).
    for_rate
        Use the rules of rate curves (they differ in ``published``: cap on N, copies above the table).

    Examples
    --------
    The test vector of the specification, section 6, is ``tests/published/test_hybrid_placement.py``.
    """
    x = _positions(positions)
    t = float(in_range("time per pair", time, 0.0, above=True, unit="s"))
    rules = setting.rate_rules if for_rate else setting.rules
    tables = setting.rate_tables if for_rate else setting.tables
    work = work_space(tables, len(x))
    fill_tables(t, tables, setting.memory, rules.werner, work.log_weight, work.direct)
    fidelity, n = path_at(x, t, direct, setting.policy.optimal, rules, setting.factors(len(x)), work)
    return _described(x, t, n, work, tables, setting) if fidelity > 0.0 else None


def place_for_target(positions: ArrayLike, setting: Setting) -> Placement | None:
    """Return the placement that reaches the setting's target fidelity soonest, or None if none ever does.

    Parameters as in :func:`place_at_time`. The time is the smallest one up to rounding: T = k T_j for
    some segment, or the floor of the published rates.
    """
    x = _positions(positions)
    tables, memory, factors = setting.rate_tables, setting.memory, setting.factors(len(x))
    if memory.kind != PERFECT:
        work = work_space(tables, len(x))
        time, _ = path_fastest_stored(x, setting.policy, setting.rate_rules, factors, tables, memory, work)
        return place_at_time(x, time, setting, for_rate=True) if np.isfinite(time) else None
    work = work_space(tables, len(x))
    fill_tables(0.0, tables, memory, setting.rules.werner, work.log_weight, work.direct)
    time, n = path_fastest(x, setting.policy, setting.rate_rules, factors, work)
    return _described(x, time, n, work, tables, setting) if np.isfinite(time) else None


def _positions(positions: ArrayLike) -> FloatArray:
    return np.ascontiguousarray(in_range("position along the fibre", positions, 0.0, unit="m"))


def _described(
    x: FloatArray, time: float, n: int, work: WorkSpace, tables: Tables, setting: Setting
) -> Placement:
    """Describe the placement in the work space (n = 0: direct); the tables are those of ``time``."""
    if n == 0:
        each = direct_time(x[-1], setting.rules)
        copies = copies_in(time, each, NO_LIMIT)
        fidelity = float(work.direct[min(copies, len(work.direct) - 1)])
        return Placement(time, fidelity, 0, (Segment(0, len(x) - 1, None, each, copies, fidelity),))
    used, times = work.used[: 2 * n + 1], np.empty(n)
    chain_times(np.diff(x[used]), n, setting.rules, setting.factors(len(x)), times)
    storage = storage_factor(time, setting.memory)
    segments = []
    for j, each in enumerate(times.tolist()):
        copies = copies_in(time, each, NO_LIMIT)
        fidelity = stored_fidelity(tables.segment, copies, storage)
        start, photon, end = used[2 * j : 2 * j + 3].tolist()
        segments.append(Segment(start, end, photon, each, copies, fidelity))
    product = log_product_at(time, times, n, work.log_weight)
    return Placement(time, chain_fidelity(n, product, setting.rules), n, tuple(segments))
