"""Where to put ground stations: from a scenario of the hybrid study to sites with a bound."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from satqn.design.cloudy import choose_cloudy_sites
from satqn.design.p_median import Siting, choose_sites, summary
from satqn.design.problem import SitingProblem
from satqn.errors import InputError
from satqn.links import fibre_link
from satqn.model.network import Network, NodeTable
from satqn.model.options import Preset
from satqn.model.shown import Shown
from satqn.network.datasets import cities
from satqn.network.shortest import PathFinder
from satqn.network.stations import station_grid
from satqn.orbits.coverage import share_in_view
from satqn.scenario.schema import Scenario
from satqn.sphere import great_circle
from satqn.topology.hybrid import build_network, node_table
from satqn.units import KM
from satqn.weather.climate import clear_sky

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Objective = Literal["p-median", "cover", "utility", "cloudy"]
Distance = Literal["fibre", "great-circle"]

MOST_COSTS = 60_000_000
"""Demands times candidates that are held at once: 0.5 GB of distances, twice while they are sorted."""

LATITUDES, LENGTHS, SHORTEST = 24, 48, 100.0
"""Points of the tables of visibility and of fibre rates, and the shortest fibre in it, m."""


@dataclass(frozen=True, slots=True)
class StationQuestion:
    """What is asked of a siting.

    Parameters
    ----------
    count
        Stations to open, the fixed ones included.
    objective
        ``p-median``: mean distance of an inhabitant to the nearest station; ``cover``: share of inhabitants
        within a radius; ``utility``: mean over inhabitants of clear sky times visibility times rate of the
        fibre to the best station; ``cloudy``: mean distance to the nearest clear station of two.
    candidates
        The largest so many cities may become stations; None for all cities.
    radius
        m, of ``cover``.
    distance
        Along fibre or on the great circle.
    largest
        Only the largest so many places count as demands.
    fixed
        Names or ids of candidates that are stations in any case.
    penalty
        m, of ``cloudy``, for those whose two stations are both under cloud.
    inclination, mask
        rad, of the orbit and of the stations, for the visibility in ``utility``.
    """

    count: int
    objective: Objective = "p-median"
    candidates: int | None = None
    radius: float = 300e3
    distance: Distance = "fibre"
    largest: int | None = None
    fixed: tuple[str, ...] = ()
    penalty: float = 3_000e3
    inclination: float = math.radians(56.0)
    mask: float = math.radians(20.0)


@dataclass(frozen=True, slots=True, repr=False)
class Places(Shown):
    """Places in columns of equal length.

    Parameters
    ----------
    names, ids
        What people call them, and their ids in the network.
    lat_deg, lon_deg
        Degrees.
    population
        Inhabitants.
    node
        Node of each in the network.
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    lat_deg: FloatArray
    lon_deg: FloatArray
    population: FloatArray
    node: IntArray

    def __len__(self) -> int:
        return len(self.names)

    def take(self, rows: IntArray) -> Places:
        """Return some of them."""
        return Places(
            tuple(self.names[i] for i in rows),
            tuple(self.ids[i] for i in rows),
            self.lat_deg[rows],
            self.lon_deg[rows],
            self.population[rows],
            self.node[rows],
        )


@dataclass(frozen=True, slots=True, repr=False)
class StationDesign(Shown):
    """Stations with their bound, and the published grid beside them.

    Parameters
    ----------
    question
        What was asked.
    siting
        Sites, objective (of the minimised form) and bound.
    stations
        The chosen candidates.
    demands
        Who was served.
    distance
        Of every demand to its nearest station, m.
    grid
        Nodes of the grid of the scenario's spacing, and each demand's distance to it.
    grid_distance
        m.
    top
        For ``utility``: the largest utility, from which costs were counted down; else 0.
    wall
        s.
    """

    question: StationQuestion
    siting: Siting
    stations: Places
    demands: Places
    distance: FloatArray
    grid: IntArray
    grid_distance: FloatArray
    top: float
    wall: float

    @property
    def share(self) -> FloatArray:
        """Share of the inhabitants at each demand."""
        return np.asarray(self.demands.population / self.demands.population.sum())

    def objective(self) -> tuple[float, float]:
        """Return objective and bound in the words of the question: km, share or pairs per second."""
        found, question = self.siting, self.question
        if question.objective in ("p-median", "cloudy"):
            return found.objective, found.bound
        if question.objective == "cover":
            return 1.0 - found.objective, 1.0 - found.bound
        return self.top - found.objective, self.top - found.bound

    def to_dict(self) -> dict[str, Any]:
        """Return the design as it stands in JSON."""
        objective, bound = self.objective()
        within = self.share[self.distance <= self.question.radius].sum()
        grid_within = self.share[self.grid_distance <= self.question.radius].sum()
        return summary(self.siting) | {
            "objective": objective,
            "bound": bound,
            "gap": abs(objective - bound) / objective if objective > 0.0 else 0.0,
            "objective_name": self.question.objective,
            "count": len(self.stations),
            "sites": list(self.stations.names),
            "site_ids": list(self.stations.ids),
            "mean_km": float(self.share @ self.distance) / KM,
            "covered_share": float(within),
            "pairs_covered_share": float(within) ** 2,
            "radius_km": self.question.radius / KM,
            "distance": self.question.distance,
            "demands": len(self.demands),
            "grid": {
                "stations": len(self.grid),
                "mean_km": float(self.share @ self.grid_distance) / KM,
                "covered_share": float(grid_within),
            },
            "wall_s": self.wall,
        }


def design_stations(
    scenario: Scenario,
    question: StationQuestion,
    *,
    gap: float = 1e-4,
    time_limit: float = math.inf,
    progress: Callable[[float, float], None] | None = None,
) -> StationDesign:
    """Choose ground stations for a scenario of the hybrid study.

    Parameters
    ----------
    scenario
        Names the places and the network.
    question
        What is asked.
    gap, time_limit, progress
        As in :func:`satqn.design.p_median.choose_sites`.

    Raises
    ------
    InputError
        More stations than candidates, unknown names, or more distances than memory should hold.
    """
    begun = time.perf_counter()
    options = scenario.protocol_options()
    users = node_table(scenario, options)
    network = build_network(scenario, users, options)
    demands = _demands(users, question)
    candidates = _candidates(users, demands, question)
    _affordable(demands, candidates, question)
    finder = PathFinder(network)
    apart = _distances(network, finder, candidates.node, demands, question.distance)
    fixed = _fixed(candidates, question)
    weight = demands.population / demands.population.sum()
    problem = SitingProblem(apart.T / KM, weight, question.count, fixed)
    top = 0.0
    if question.objective == "cloudy":
        clear = np.array(
            [_clear(*place) for place in zip(candidates.lat_deg, candidates.lon_deg, strict=True)]
        )
        siting = choose_cloudy_sites(
            problem, 1.0 - clear, question.penalty / KM, gap=gap, time_limit=time_limit, progress=progress
        )
    else:
        if question.objective == "cover":
            problem = replace(problem, cost=(question.radius < apart.T).astype(np.float64))
        elif question.objective == "utility":
            worth = _utility(scenario, candidates, apart, question, scenario.preset)
            top = float(worth.max())
            problem = replace(problem, cost=top - worth.T)
        siting = choose_sites(problem, gap=gap, time_limit=time_limit, progress=progress)
    grid = np.unique(station_grid(users, scenario.ground_stations.spacing_km * 1e3))
    to_grid = _distances(network, finder, grid, demands, question.distance).min(axis=0)
    return StationDesign(
        question=question,
        siting=siting,
        stations=candidates.take(siting.sites),
        demands=demands,
        distance=apart[siting.sites].min(axis=0),
        grid=grid,
        grid_distance=to_grid,
        top=top,
        wall=time.perf_counter() - begun,
    )


def _places(table: NodeTable, rows: IntArray, names: tuple[str, ...] | None = None) -> Places:
    ids = tuple(str(table.ids[i]) for i in rows)
    return Places(
        names or ids, ids, table.lat_deg[rows], table.lon_deg[rows], table.population[rows], rows.copy()
    )


def _largest(population: FloatArray, count: int) -> IntArray:
    """Return the rows of the largest, largest first; equals in their order."""
    return np.argsort(-population, kind="stable")[:count]


def _demands(users: NodeTable, question: StationQuestion) -> Places:
    count = len(users) if question.largest is None else question.largest
    if count < 1 or count > len(users):
        raise InputError(
            f"the {count} largest of {len(users)} places", where="--largest", fix=f"Ask for 1 to {len(users)}"
        )
    rows = np.arange(len(users)) if question.largest is None else _largest(users.population, count)
    demands = _places(users, rows)
    if not demands.population.sum() > 0.0:
        raise InputError("places without inhabitants", why="Demands are weighted by population")
    return demands


def _candidates(users: NodeTable, demands: Places, question: StationQuestion) -> Places:
    """Return the cities that may become stations, at their nearest places of the network."""
    shipped = cities()
    if np.array_equal(np.sort(shipped.ids), np.sort(users.ids)):
        found = demands
    else:
        rows = np.array(
            [
                int(np.argmin(great_circle(lat, lon, users.lat_deg, users.lon_deg)))
                for lat, lon in zip(shipped.lat_deg, shipped.lon_deg, strict=True)
            ]
        )
        found = replace(
            _places(users, rows, tuple(str(name) for name in shipped.ids)), population=shipped.population
        )
    count = len(found) if question.candidates is None else question.candidates
    if not 1 <= count <= len(found):
        raise InputError(
            f"{count} candidates of {len(found)}", where="--candidates", fix=f"Ask for 1 to {len(found)}"
        )
    if not 1 <= question.count <= count:
        raise InputError(
            f"{question.count} stations among {count} candidates",
            where="--count",
            fix=f"Ask for 1 to {count}",
        )
    return found.take(np.sort(_largest(found.population, count)))


def _affordable(demands: Places, candidates: Places, question: StationQuestion) -> None:
    for name, value in (("--radius-km", question.radius), ("--penalty-km", question.penalty)):
        if not (math.isfinite(value) and value >= 0.0):
            raise InputError(f"{value / KM:g} km", where=name, fix="Give a distance of at least 0")
    if len(demands) * len(candidates) > MOST_COSTS:
        raise InputError(
            f"{len(demands)} places times {len(candidates)} candidates are too many distances",
            why=f"{MOST_COSTS} take about a gigabyte",
            fix="Lower --candidates or --largest",
        )


def _distances(
    network: Network, finder: PathFinder, nodes: IntArray, demands: Places, distance: Distance
) -> FloatArray:
    """Return the distance from every node to every demand, m, shape (nodes, demands)."""
    if distance == "fibre":
        different, place = np.unique(nodes, return_inverse=True)
        found = finder.distances_from(different)[:, demands.node][place]
        if not np.all(np.isfinite(found)):
            raise InputError("places that no fibre joins", fix="Use --distance great-circle")
        return np.asarray(found)
    lat, lon = network.nodes.lat_deg[nodes], network.nodes.lon_deg[nodes]
    return great_circle(lat[:, None], lon[:, None], demands.lat_deg[None], demands.lon_deg[None])


def _fixed(candidates: Places, question: StationQuestion) -> tuple[int, ...]:
    known = {name.casefold(): i for i, name in enumerate(candidates.names)}
    known |= {name.casefold(): i for i, name in enumerate(candidates.ids)}
    missing = [name for name in question.fixed if name.strip().casefold() not in known]
    if missing:
        raise InputError(
            f"{', '.join(map(repr, missing))} is no candidate",
            where="--fixed",
            fix="Name a candidate as the scenario does, e.g. 'Denver CO'",
        )
    return tuple(sorted({known[name.strip().casefold()] for name in question.fixed}))


def _clear(lat_deg: float, lon_deg: float) -> float:
    return clear_sky(float(lat_deg), float(lon_deg)).mean


def _utility(
    scenario: Scenario, candidates: Places, apart: FloatArray, question: StationQuestion, preset: Preset
) -> FloatArray:
    """Return the utility of every candidate to every demand, pairs/s, shape (candidates, demands).

    Clear sky times the share of time that a satellite of the scenario's altitude is in view, which depends
    on the latitude alone, times the best rate of a fibre of the leg's length; both are tabulated and
    interpolated.
    """
    altitude = scenario.satellite.altitude_km * KM
    lat = np.abs(candidates.lat_deg)
    grid = np.linspace(float(lat.min()), float(lat.max()), LATITUDES)
    seen = [share_in_view([(place, 0.0)], altitude, question.inclination, question.mask) for place in grid]
    clear = [_clear(*place) for place in zip(candidates.lat_deg, candidates.lon_deg, strict=True)]
    share = np.array(clear) * np.interp(lat, grid, seen)
    lengths = np.geomspace(SHORTEST, max(float(apart.max()), 2.0 * SHORTEST), LENGTHS)
    rates = [fibre_link(float(length), None, preset=preset).rate for length in lengths]
    logs = np.interp(np.log(np.maximum(apart, SHORTEST)), np.log(lengths), np.log(rates))
    return np.asarray(share[:, None] * np.exp(logs))
