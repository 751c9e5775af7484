"""The three ways to connect pairs of users, each for many pairs at once.

Every way returns the fidelity in the satellite's time per pair (masked where the way does not exist or
delivers nothing in that time) and the smallest time per pair at the target fidelity (masked: never).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.hybrid.paths import positions_along
from satqn.hybrid.satellite import satellite_rates
from satqn.hybrid.setting import Setting
from satqn.kernels.copies import PERFECT, satellite_factor, stored_fidelity
from satqn.kernels.path import paths_at, paths_fastest
from satqn.kernels.protocol import hybrids_at, hybrids_fastest
from satqn.kernels.stored import hybrids_fastest_stored, paths_fastest_stored
from satqn.model.results import MaskedFloats, MaskedInts
from satqn.model.system import HybridSystem
from satqn.network.shortest import FibrePaths, NearestStations

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


WAYS = np.array(["fibre", "satellite", "hybrid"])
"""The ways in order of preference when they deliver the same."""


class Way(NamedTuple):
    """What one way delivers: fidelity at the satellite's time, smallest time to the target (s), and N."""

    fidelity: MaskedFloats
    time: MaskedFloats
    photon_repeaters: MaskedInts | None = None

    @property
    def rate(self) -> MaskedFloats:
        """Pairs per second at the target fidelity."""
        return np.ma.masked_array(1.0 / self.time.filled(1.0), np.ma.getmaskarray(self.time))


def check_ends(system: HybridSystem, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray]:
    """Return the ends of pairs as arrays of node indices.

    Raises
    ------
    InputError
        For an index that is no node, or two ends that are the same.
    """
    left, right = np.atleast_1d(np.asarray(a, dtype=np.int64)), np.atleast_1d(np.asarray(b, dtype=np.int64))
    if left.shape != right.shape or left.ndim != 1:
        raise InputError(f"{left.size} first ends and {right.size} second ends", fix="Give as many of each")
    size = len(system.network)
    for ends in (left, right):
        if np.any(outside := (ends < 0) | (ends >= size)):
            raise InputError(f"node {ends[outside][0]} of a network of {size}", fix=f"Use 0 to {size - 1}")
    if np.any(same := left == right):
        name = system.network.nodes.ids[left[same][0]]
        raise InputError(
            f"both ends of a pair are node {name}", why="There is nothing to connect", fix="Name two"
        )
    return left, right


def fibre_way(system: HybridSystem, setting: Setting, paths: FibrePaths, satellite_rate: MaskedFloats) -> Way:
    """Return what fibre alone delivers along paths; N = 0 is direct transmission."""
    positions = positions_along(system.network, paths)
    exists = np.isfinite(paths.length)
    in_view = ~np.ma.getmaskarray(satellite_rate)
    times = np.where(in_view, 1.0 / satellite_rate.filled(1.0), 0.0)
    route = (paths.indptr, positions)
    factors, memory = setting.factors(_longest(paths)), setting.memory
    fidelity, segments = paths_at(
        *route, times, setting.policy, setting.rules, factors, setting.tables, memory
    )
    soonest = paths_fastest if memory.kind == PERFECT else paths_fastest_stored
    fastest = soonest(*route, setting.policy, setting.rate_rules, factors, setting.rate_tables, memory)
    return Way(
        np.ma.masked_where(~(exists & in_view) | (fidelity == 0.0), fidelity),
        np.ma.masked_where(~np.isfinite(fastest), fastest),
        np.ma.masked_where(fidelity == 0.0, segments),
    )


def hybrid_way(
    system: HybridSystem, setting: Setting, stations: NearestStations | None, a: IntArray, b: IntArray
) -> Way:
    """Return what fibre to the nearest stations and the satellite between them deliver."""
    if stations is None:
        nothing = np.ma.masked_all(len(a))
        return Way(nothing, nothing.copy())
    ends, leg = np.unique(np.concatenate([a, b]), return_inverse=True)
    legs = stations.legs(ends)
    rate = satellite_rates(system, stations.station[a], stations.station[b])
    shared = stations.station[a] == stations.station[b]
    pairs = (
        leg[: len(a)],
        leg[len(a) :],
        rate.filled(0.0),
        ~(shared & (system.options.shared_station == "swap_legs")),
        legs.indptr,
        positions_along(system.network, legs),
    )
    factors, memory = setting.factors(_longest(legs)), setting.memory
    fidelity = hybrids_at(*pairs, setting.policy, setting.rules, factors, setting.tables, memory)
    soonest = hybrids_fastest if memory.kind == PERFECT else hybrids_fastest_stored
    fastest = soonest(*pairs, setting.policy, setting.rate_rules, factors, setting.rate_tables, memory)
    reached = np.isfinite(stations.distance)
    exists = reached[a] & reached[b] & ~np.ma.getmaskarray(rate)
    return Way(
        np.ma.masked_where(~exists | (fidelity == 0.0), fidelity),
        np.ma.masked_where(~np.isfinite(fastest), fastest),
    )


def satellite_way(
    system: HybridSystem, setting: Setting, satellite_rate: MaskedFloats, a: IntArray, b: IntArray
) -> Way:
    """Return what the satellite alone delivers where both ends are stations.

    Below the target fidelity, the fewest pairs that reach it are purified into one.
    """
    at_station = np.isin(a, system.stations) & np.isin(b, system.stations)
    exists = at_station & ~np.ma.getmaskarray(satellite_rate)
    fidelity, time = np.ma.masked_all(len(a)), np.ma.masked_all(len(a))
    policy, memory = setting.policy, setting.memory
    for p in np.flatnonzero(exists):
        each = 1.0 / float(satellite_rate[p])
        fidelity[p] = stored_fidelity(setting.tables.satellite, 1, satellite_factor(each, 1, memory))
        for k in range(1, setting.rate_tables.satellite.shape[1]):
            factor = satellite_factor(k * each, k, memory)
            if stored_fidelity(setting.rate_tables.satellite, k, factor) >= policy.target:
                time[p] = max(k * each, policy.floor)
                break
    return Way(fidelity, time)


def choose(delivered: Sequence[MaskedFloats]) -> tuple[NDArray[np.str_], MaskedFloats]:
    """Return the best of the three ways, in the order of ``WAYS``, and what it delivers.

    Parameters
    ----------
    delivered
        Fidelity or rate of fibre, satellite and hybrid; masked or 0 where there is nothing.

    Returns
    -------
    tuple
        The way's name, ``none`` where none delivers anything, and its value, masked there.
    """
    table = np.stack([way.filled(0.0) for way in delivered])
    best = table.argmax(axis=0)
    value = np.ma.masked_less_equal(table.max(axis=0), 0.0)
    return np.where(np.ma.getmaskarray(value), "none", WAYS[best]).astype("<U9"), value


def _longest(paths: FibrePaths) -> int:
    return int(np.diff(paths.indptr).max(initial=0))
