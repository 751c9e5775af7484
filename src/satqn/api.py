"""The Python face of satqn: load, build, evaluate, pair, run.

Each function is one arrow of the way of the data, and one command of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.files import check_writable
from satqn.hybrid.protocol import EvaluationInterrupted, PairExplanation, evaluate_pairs, explain_pair
from satqn.links import FibreLink, SatelliteLink, fibre_link, satellite_link
from satqn.model.results import PairResults
from satqn.model.system import HybridSystem
from satqn.network.places import draw_pairs, find_node, pairs_from_file
from satqn.provenance import content_hash, provenance
from satqn.report.run_report import RunRecord, write_run
from satqn.report.summary import summarise
from satqn.scenario.load import catalogue, load_scenario
from satqn.scenario.resolve import resolve
from satqn.scenario.schema import Scenario
from satqn.sphere import great_circle
from satqn.topology.hybrid import build_system

__all__ = [
    "EvaluationInterrupted",
    "FibreLink",
    "HybridSystem",
    "PairExplanation",
    "PairResults",
    "SatelliteLink",
    "Scenario",
    "build",
    "catalogue",
    "evaluate",
    "fibre_link",
    "load",
    "pair",
    "run",
    "satellite_link",
]

Progress = Callable[[int, int], None]
"""Called with the number of pairs done and the number of all."""


def load(source: str | Path, overrides: Mapping[str, Any] | None = None) -> Scenario:
    """Read and check a scenario: a catalogue name or a YAML file.

    Examples
    --------
    >>> load("us-cities", {"placement": "greedy"}).protocol_options().placement
    'greedy'
    """
    return load_scenario(source, overrides)


def build(scenario: Scenario | str | Path) -> HybridSystem:
    """Build the network, the stations and the satellite of a scenario."""
    return build_system(scenario if isinstance(scenario, Scenario) else load(scenario))


def evaluate(
    system: HybridSystem,
    pairs: int | str | Path | tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    seed: int = 1,
    progress: Progress | None = None,
) -> PairResults:
    """Evaluate fibre only, satellite only and hybrid for pairs of users.

    Parameters
    ----------
    system
        From :func:`build`.
    pairs
        A number of pairs to draw, a CSV file of node ids, or two arrays of node indices.
    seed
        Seed of the draw.
    progress
        Called from time to time with pairs done and all pairs.
    """
    if isinstance(pairs, tuple):
        a, b = pairs
    elif isinstance(pairs, int):
        a, b = draw_pairs(system.network, pairs, seed)
    else:
        a, b = pairs_from_file(system.network, pairs)
    return evaluate_pairs(system, a, b, progress=progress)


def pair(system: HybridSystem, start: str, end: str) -> PairExplanation:
    """Compare all ways between two places: path, active repeaters and their roles, rates, fidelities.

    Parameters
    ----------
    start, end
        A node id, a city name, or ``LAT,LON`` (the nearest node within 100 km).
    """
    a = find_node(system.network, start, "--from")
    b = find_node(system.network, end, "--to")
    return explain_pair(system, a, b)


def run(
    source: str | Path = "us-cities",
    folder: str | Path | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Do everything for a scenario and write it into one folder.

    Parameters
    ----------
    source
        A catalogue name or a YAML file.
    folder
        Where to write; by default ``results/<name>``.
    overrides
        Dotted keys to values, put in after reading.
    progress
        Called from time to time with pairs done and all pairs.

    Returns
    -------
    page, summary
        The path of ``report.html`` and the summary as plain values.
    """
    scenario = load(source, overrides)
    place = Path(folder) if folder is not None else Path("results") / scenario.name
    check_writable(place / "report.html")
    system = build(scenario)
    results = evaluate(system, scenario.pairs, seed=scenario.seed, progress=progress)
    summary = summarise(results, scenario.target_fidelity)
    resolved = resolve(scenario)
    nodes = system.network.nodes
    record = RunRecord(
        resolved=resolved,
        system=system,
        results=results,
        summary=summary,
        example=explain_pair(system, *_example_pair(system)).to_dict(),
        provenance=provenance(
            command=f"satqn run {scenario.name}",
            scenario=resolved,
            inputs={"nodes": content_hash("\n".join(nodes.ids.tolist()))},
        ),
    )
    return write_run(record, place), summary


def _example_pair(system: HybridSystem) -> tuple[int, int]:
    """Return the largest place and the largest other place at least 1000 km away (or the farthest)."""
    nodes = system.network.nodes
    first = int(np.argmax(nodes.population))
    distance = great_circle(nodes.lat_deg[first], nodes.lon_deg[first], nodes.lat_deg, nodes.lon_deg)
    far = (distance >= min(1e6, float(distance.max()))) & ~nodes.inserted
    return first, int(np.argmax(np.where(far, nodes.population, -1.0)))
