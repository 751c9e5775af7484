"""The protocol for pairs of users: fibre only, satellite only, hybrid, and the best of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.hybrid.explain import explain_pair
from satqn.hybrid.explanation import PairExplanation
from satqn.hybrid.satellite import satellite_rates
from satqn.hybrid.setting import Setting, system_setting
from satqn.hybrid.ways import check_ends, choose, fibre_way, hybrid_way, satellite_way
from satqn.interruption import interrupted_within, interruptible
from satqn.model.results import PairResults
from satqn.model.system import HybridSystem
from satqn.network.shortest import NearestStations, PathFinder, nearest_station
from satqn.sphere import great_circle

__all__ = ["EvaluationInterrupted", "PairExplanation", "evaluate_pairs", "explain_pair"]

IntArray = NDArray[np.int64]
Progress = Callable[[int, int], None]

FIRST_CHUNK, CHUNK = 25, 4096
"""Pairs evaluated between two looks at Ctrl-C: of the first chunk, and at most."""
QUICK = 0.5
"""s: a chunk that took less is followed by one twice as long, so that Ctrl-C is soon heard."""


class EvaluationInterrupted(KeyboardInterrupt):
    """The user stopped an evaluation; ``partial`` holds the pairs that were finished."""

    def __init__(self, partial: PairResults) -> None:
        self.partial = partial
        super().__init__(f"stopped after {len(partial)} pairs")


def evaluate_pairs(
    system: HybridSystem, a: IntArray, b: IntArray, progress: Progress | None = None
) -> PairResults:
    """Evaluate fibre only, satellite only and hybrid for pairs of users, and choose.

    Parameters
    ----------
    system
        The hybrid system.
    a, b
        Node indices of the two ends of every pair, one-dimensional, of equal length.
    progress
        Called now and then with the number of pairs done and of all.

    Returns
    -------
    PairResults
        A fidelity is masked where the way does not exist (no fibre, no satellite in view) or delivers
        nothing within the satellite's time per pair; a rate is masked where the
        target fidelity is out of reach. Without any fibre the fibre length is ``inf``.

    Raises
    ------
    InputError
        For an index that is no node, two ends that are the same node, or hardware out of range.
    EvaluationInterrupted
        On Ctrl-C, with the results of the pairs done so far.

    Notes
    -----
    Fibre fidelity at T = 1/R_s(A, B); hybrid fidelity at T = 1/R_s of the two stations nearest by fibre.
    Equal ways: fibre before satellite before hybrid. Source: shao2025; specification of the hybrid
    network, section 3.
    """
    a, b = check_ends(system, a, b)
    setting = system_setting(system)
    finder = PathFinder(system.network)
    stations = nearest_station(system.network, system.stations) if len(system.stations) else None
    done = [_evaluate(system, setting, finder, stations, a[:0], b[:0])]
    start, size = 0, min(FIRST_CHUNK, CHUNK)
    with interruptible() as asked:
        try:
            while start < len(a):
                if asked.is_set():
                    raise KeyboardInterrupt
                begun = time.perf_counter()
                rows = slice(start, start + size)
                done.append(_evaluate(system, setting, finder, stations, a[rows], b[rows]))
                start = min(start + size, len(a))
                size = min(2 * size, CHUNK) if time.perf_counter() - begun < QUICK else size
                if progress is not None:
                    progress(start, len(a))
        except (KeyboardInterrupt, SystemError) as stop:
            # A second Ctrl-C may strike in compiled code, which makes a SystemError of it.
            if not interrupted_within(stop):
                raise
            raise EvaluationInterrupted(_stacked(done)) from stop
    return _stacked(done)


def _evaluate(
    system: HybridSystem,
    setting: Setting,
    finder: PathFinder,
    stations: NearestStations | None,
    a: IntArray,
    b: IntArray,
) -> dict[str, Any]:
    """Return the columns of :class:`PairResults` for some of the pairs."""
    nodes = system.network.nodes
    satellite_rate = satellite_rates(system, a, b)
    paths = finder.paths(a, b)
    fibre = fibre_way(system, setting, paths, satellite_rate)
    satellite = satellite_way(system, setting, satellite_rate, a, b)
    hybrid = hybrid_way(system, setting, stations, a, b)
    ways = (fibre, satellite, hybrid)
    by_fidelity, protocol_fidelity = choose([way.fidelity for way in ways])
    by_rate, protocol_rate = choose([way.rate for way in ways])
    return {
        "a": a,
        "b": b,
        "distance": great_circle(nodes.lat_deg[a], nodes.lon_deg[a], nodes.lat_deg[b], nodes.lon_deg[b]),
        "fibre_length": paths.length,
        "satellite_rate": satellite_rate,
        "fibre_fidelity": fibre.fidelity,
        "fibre_photon_repeaters": fibre.photon_repeaters,
        "fibre_rate": fibre.rate,
        "hybrid_fidelity": hybrid.fidelity,
        "hybrid_rate": hybrid.rate,
        "satellite_fidelity": satellite.fidelity,
        "satellite_only_rate": satellite.rate,
        "protocol_by_fidelity": by_fidelity,
        "protocol_by_rate": by_rate,
        "protocol_fidelity": protocol_fidelity,
        "protocol_rate": protocol_rate,
    }


def _stacked(parts: Sequence[dict[str, Any]]) -> PairResults:
    columns: dict[str, Any] = {}
    for name in parts[0]:
        column = [part[name] for part in parts]
        masked = any(np.ma.isMaskedArray(part) for part in column)
        columns[name] = np.ma.concatenate(column) if masked else np.concatenate(column)
    return PairResults(**columns)
