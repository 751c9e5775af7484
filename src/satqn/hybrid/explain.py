"""One pair of users in full: every way, its path, its active repeaters and what they make."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.hybrid.explanation import FibrePart, PairExplanation, SatellitePart, WayExplanation
from satqn.hybrid.paths import positions_along
from satqn.hybrid.placement import Placement, place_at_time, place_for_target
from satqn.hybrid.satellite import satellite_rates
from satqn.hybrid.setting import Setting, system_setting
from satqn.hybrid.ways import Way, check_ends, choose, fibre_way, hybrid_way, satellite_way
from satqn.kernels.placement import copies_in
from satqn.kernels.placement_optimal import NO_LIMIT
from satqn.model.results import MaskedFloats
from satqn.model.system import HybridSystem
from satqn.network.shortest import FibrePaths, NearestStations, PathFinder, nearest_station
from satqn.sphere import great_circle

IntArray = NDArray[np.int64]


def explain_pair(system: HybridSystem, a: int, b: int) -> PairExplanation:
    """Compare fibre only, satellite only and hybrid between two nodes, with the roles of all repeaters.

    Parameters
    ----------
    system
        The hybrid system.
    a, b
        Node indices of the two ends.

    Raises
    ------
    InputError
        For an index that is no node, or twice the same.

    Notes
    -----
    The numbers are those of :func:`satqn.hybrid.protocol.evaluate_pairs`.
    """
    left, right = check_ends(system, np.array([a]), np.array([b]))
    setting, nodes = system_setting(system), system.network.nodes
    rate = satellite_rates(system, left, right)
    paths = PathFinder(system.network).paths(left, right)
    stations = nearest_station(system.network, system.stations) if len(system.stations) else None
    fibre = fibre_way(system, setting, paths, rate)
    satellite = satellite_way(system, setting, rate, left, right)
    hybrid = hybrid_way(system, setting, stations, left, right)
    ways = (fibre, satellite, hybrid)
    return PairExplanation(
        node_a=str(nodes.ids[a]),
        node_b=str(nodes.ids[b]),
        distance=float(great_circle(nodes.lat_deg[a], nodes.lon_deg[a], nodes.lat_deg[b], nodes.lon_deg[b])),
        target_fidelity=system.target_fidelity,
        fibre=_explained(fibre, (_path(system, setting, paths, rate),) if len(paths.nodes) else ()),
        satellite=_explained(satellite, (), _link(system, rate, left, right, satellite)),
        hybrid=_hybrid(system, setting, stations, left, right, hybrid),
        by_fidelity=str(choose([way.fidelity for way in ways])[0][0]),
        by_rate=str(choose([way.rate for way in ways])[0][0]),
    )


def _explained(way: Way, fibre: tuple[FibrePart, ...], link: SatellitePart | None = None) -> WayExplanation:
    return WayExplanation(_first(way.fidelity), _first(way.rate), fibre, link)


def _path(system: HybridSystem, setting: Setting, path: FibrePaths, rate: MaskedFloats) -> FibrePart:
    """Return the whole path of fibre only."""
    positions, each = positions_along(system.network, path), _first(rate)
    return FibrePart(
        nodes=tuple(system.network.nodes.ids[path.nodes].tolist()),
        length=float(path.length[0]),
        in_time=None if each is None else place_at_time(positions, 1.0 / each, setting),
        at_target=place_for_target(positions, setting),
    )


def _leg(
    system: HybridSystem, setting: Setting, leg: FibrePaths, each: float | None, time: float | None
) -> FibrePart:
    """Return a leg in the time of one satellite pair, ``1/each``, and in the hybrid's to the target."""
    positions = positions_along(system.network, leg)

    def placed(within: float | None, for_rate: bool) -> Placement | None:
        if within is None or len(positions) < 2:
            return None
        direct = setting.policy.leg_direct
        return place_at_time(positions, within, setting, direct=direct, for_rate=for_rate)

    return FibrePart(
        nodes=tuple(system.network.nodes.ids[leg.nodes].tolist()),
        length=float(leg.length[0]),
        in_time=placed(None if each is None else 1.0 / each, for_rate=False),
        at_target=placed(time, for_rate=True),
    )


def _hybrid(
    system: HybridSystem,
    setting: Setting,
    stations: NearestStations | None,
    a: IntArray,
    b: IntArray,
    way: Way,
) -> WayExplanation:
    if stations is None or not np.all(np.isfinite(stations.distance[np.concatenate([a, b])])):
        return _explained(way, ())
    ends = stations.station[a], stations.station[b]
    rate = satellite_rates(system, *ends)
    legs = tuple(_leg(system, setting, stations.legs(end), _first(rate), _first(way.time)) for end in (a, b))
    joined_on_ground = ends[0] == ends[1] and system.options.shared_station == "swap_legs"
    return _explained(way, legs, None if joined_on_ground else _link(system, rate, *ends, way))


def _link(
    system: HybridSystem, rate: MaskedFloats, a: IntArray, b: IntArray, way: Way
) -> SatellitePart | None:
    each, time, ids = _first(rate), _first(way.time), system.network.nodes.ids
    if each is None:
        return None
    pairs = None if time is None else copies_in(time, 1.0 / each, NO_LIMIT)
    return SatellitePart(str(ids[a[0]]), str(ids[b[0]]), each, pairs)


def _first(column: MaskedFloats) -> float | None:
    return None if np.ma.getmaskarray(column)[0] else float(column[0])
