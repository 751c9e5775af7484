"""The Python face of satqn: load, build, evaluate, pair, plan, compare, sweep, check, replay, report, run.

Each function is one arrow of the way of the data, and one command of the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from numbers import Integral
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args, overload

import numpy as np
from numpy.typing import NDArray

from satqn.design.stations import StationDesign, StationQuestion
from satqn.design.stations import design_stations as _design_stations
from satqn.errors import InputError, SatqnError
from satqn.files import folder_name
from satqn.hybrid.country import map_of_place, map_of_regions
from satqn.hybrid.protocol import EvaluationInterrupted, PairExplanation, evaluate_pairs, explain_pair
from satqn.links import FibreLink, SatelliteLink, fibre_link, satellite_link
from satqn.model.country import PlaceMap, RegionMap
from satqn.model.instance import PathMode, RoutingInstance
from satqn.model.plan import Plan, Violation
from satqn.model.results import PairResults
from satqn.model.system import HybridSystem
from satqn.network.places import draw_pairs, find_node, pairs_from_file
from satqn.planning import PlanSystem, build_plan_system, case_study, load_plannable, settings_of
from satqn.reports.globe.compare import compare_globes
from satqn.reports.globe.document import globe_document
from satqn.reports.plan_record import PlanRecord
from satqn.routing.asked import refuse_unusable, with_changes
from satqn.routing.check import check as violations_of
from satqn.routing.instance_file import instance_from_document
from satqn.routing.plan_file import load_plan
from satqn.routing.pool import with_paths
from satqn.routing.solve import Settings, Solution, solve
from satqn.routing.stopping import Listener
from satqn.runs import Watch, plan_record, report_plan, run_loaded
from satqn.scenario.case_study import CaseStudyScenario
from satqn.scenario.grid import load_grid
from satqn.scenario.load import AnyScenario, catalogue, load_any
from satqn.scenario.planning import PlanScenario
from satqn.scenario.schema import Scenario
from satqn.scenario.settings import refuse_files
from satqn.simulate.replay import replay_plan
from satqn.simulate.replay_counts import ReplayCounts
from satqn.topology.hybrid import build_system
from satqn.topology.resolution import resolved as _resolved
from satqn.whatif.architectures import Comparison, compare_instance
from satqn.whatif.constellations import SatelliteDesign, Search
from satqn.whatif.diff import Difference, Source, difference
from satqn.whatif.sweep import Sweep, axes_of
from satqn.whatif.sweep_results import SweepResults

__all__ = [
    "CaseStudyScenario",
    "Comparison",
    "Difference",
    "EvaluationInterrupted",
    "FibreLink",
    "HybridSystem",
    "PairExplanation",
    "PairResults",
    "PlaceMap",
    "PlanRecord",
    "PlanScenario",
    "PlanSystem",
    "RegionMap",
    "ReplayCounts",
    "RoutingInstance",
    "SatelliteDesign",
    "SatelliteLink",
    "SatqnError",
    "Scenario",
    "Solution",
    "StationDesign",
    "StationQuestion",
    "SweepResults",
    "Watch",
    "build",
    "catalogue",
    "check",
    "compare",
    "compare_globes",
    "design_satellites",
    "design_stations",
    "diff",
    "evaluate",
    "fibre_link",
    "globe",
    "load",
    "map_place",
    "map_regions",
    "pair",
    "plan",
    "record",
    "refuse_files",
    "replay",
    "report",
    "resolved",
    "run",
    "satellite_link",
    "schema",
    "sweep",
]

Progress = Callable[[int, int], None]
"""Called with what is done and with all: pairs of users, or points of a sweep."""

Planned = PlanSystem | RoutingInstance | PlanScenario | CaseStudyScenario | str | Path
"""What a plan is made for."""


def load(source: str | Path, overrides: Mapping[str, Any] | None = None) -> AnyScenario:
    """Read and check a scenario: a catalogue name or a YAML file.

    Examples
    --------
    >>> load("us-cities", {"placement": "greedy"}).protocol_options().placement
    'greedy'
    >>> load("metro-pair").time.slots
    24
    """
    return load_any(source, overrides).scenario


def resolved(source: str | Path, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Write a scenario out: ``scenario``, every key with its value, and ``origins``, where each is from.

    Parameters
    ----------
    source, overrides
        As of :func:`load`.

    Examples
    --------
    >>> found = resolved("metro-pair", {"seed": 7})
    >>> found["scenario"]["seed"], found["origins"]["seed"]
    (7, '--set')
    """
    found = _resolved(load_any(source, overrides))
    return {"scenario": found.data, "origins": found.origins}


def schema(study: str | None = None) -> dict[str, Any]:
    """Return the JSON Schema of scenario files.

    Parameters
    ----------
    study
        ``hybrid``, ``plan`` or ``case-study``; None for all.
    """
    from satqn.scenario.json_schema import scenario_schema

    return scenario_schema(study)


@overload
def build(scenario: Scenario, *, progress: Progress | None = None) -> HybridSystem: ...
@overload
def build(scenario: PlanScenario, *, progress: Progress | None = None) -> PlanSystem: ...
@overload
def build(
    scenario: AnyScenario | str | Path, *, progress: Progress | None = None
) -> HybridSystem | PlanSystem: ...
def build(
    scenario: AnyScenario | str | Path, *, progress: Progress | None = None
) -> HybridSystem | PlanSystem:
    """Build what a scenario describes.

    Parameters
    ----------
    scenario
        From :func:`load`, or what it takes.
    progress
        Called from time to time with links evaluated and all.

    Returns
    -------
    HybridSystem or PlanSystem
        For the hybrid protocol network, stations and satellite; for a plan bodies, slots, what every link
        delivers in every slot, and the routing instance.
    """
    chosen = load(scenario) if isinstance(scenario, str | Path) else scenario
    if isinstance(chosen, PlanScenario):
        return build_plan_system(chosen, progress)
    if isinstance(chosen, Scenario):
        return build_system(chosen)
    raise InputError(f"{chosen.name} has nothing to build", fix=f"Plan it: satqn.plan({chosen.name!r})")


def evaluate(
    system: HybridSystem | Scenario | str | Path,
    pairs: int | str | Path | tuple[NDArray[np.int64], NDArray[np.int64]],
    *,
    seed: int = 1,
    progress: Progress | None = None,
) -> PairResults:
    """Evaluate fibre only, satellite only and hybrid for pairs of users.

    Parameters
    ----------
    system
        What :func:`build` made of a scenario of the hybrid protocol, or what that takes.
    pairs
        A number of pairs to draw, a CSV file of node ids, or two arrays of node indices.
    seed
        Seed of the draw.
    progress
        Called from time to time with pairs done and all pairs.

    Raises
    ------
    InputError
        The system is one of a plan, or the pairs cannot be used.
    """
    ready = _hybrid(system, "evaluate")
    if isinstance(pairs, str | Path):
        a, b = pairs_from_file(ready.network, pairs)
    elif isinstance(pairs, Integral) and not isinstance(pairs, bool):
        a, b = draw_pairs(ready.network, int(pairs), seed)
    elif isinstance(pairs, tuple | list) and len(pairs) == 2:
        a, b = (np.asarray(ends) for ends in pairs)
    else:
        raise _unusable(
            "evaluate", pairs, "Give a number of pairs, a CSV file, or two arrays of node indices"
        )
    return evaluate_pairs(ready, a, b, progress=progress)


def pair(system: HybridSystem | Scenario | str | Path, start: str, end: str) -> PairExplanation:
    """Compare all ways between two places: path, active repeaters and their roles, rates, fidelities.

    Parameters
    ----------
    system
        What :func:`build` made of a scenario of the hybrid protocol, or what that takes.
    start, end
        A node id, a city name, or ``LAT,LON`` (the nearest node within 100 km).

    Raises
    ------
    InputError
        The system is one of a plan, or a place is not known.
    """
    ready = _hybrid(system, "pair")
    a = find_node(ready.network, start, "--from")
    b = find_node(ready.network, end, "--to")
    return explain_pair(ready, a, b)


def map_place(
    system: HybridSystem | Scenario | str | Path, place: str, *, progress: Progress | None = None
) -> PlaceMap:
    """Evaluate one place with every other place that has users.

    Parameters
    ----------
    system
        What :func:`build` made of a scenario of the hybrid protocol, or what that takes.
    place
        A node id, a city name, or ``LAT,LON`` (the nearest node within 100 km).
    progress
        Called from time to time with places done and all.

    Raises
    ------
    InputError
        The system is one of a plan, or the place is not known.
    """
    return map_of_place(_hybrid(system, "map_place"), place, progress)


def map_regions(
    system: HybridSystem | Scenario | str | Path,
    pairs: int,
    *,
    seed: int = 1,
    progress: Progress | None = None,
) -> RegionMap:
    """Evaluate random pairs and gather them by the regions of their ends: states, or cells of 5 degrees.

    Parameters
    ----------
    system
        What :func:`build` made of a scenario of the hybrid protocol, or what that takes.
    pairs
        How many to draw.
    seed
        Of the draw.
    progress
        Called from time to time with pairs done and all.

    Raises
    ------
    InputError
        The system is one of a plan, or the number cannot be used.
    """
    if not isinstance(pairs, Integral) or isinstance(pairs, bool):
        raise _unusable("map_regions", pairs, "Give a number of pairs")
    return map_of_regions(_hybrid(system, "map_regions"), int(pairs), seed, progress)


def plan(
    source: Planned,
    overrides: Mapping[str, Any] | None = None,
    *,
    paths: PathMode | None = None,
    listener: Listener | None = None,
    **settings: Any,
) -> Solution:
    """Plan who is served over which path in which slot, and what is stored, with a certified bound.

    Parameters
    ----------
    source
        What :func:`build` made of a planning scenario, a scenario, an instance, or the name of a scenario or
        instance file.
    overrides
        Dotted keys to values of a scenario that is named.
    paths
        Paths to choose from, instead of those that the source names: ``generated`` (all paths within the cap
        of hops), ``k_shortest``, ``k_shortest_by_slot`` or ``all_simple``.
    listener
        Is told every line of the log.
    settings
        Fields of :class:`satqn.routing.solve.Settings`: ``method``, ``gap``, ``time_limit``, ``workers`` …;
        None leaves that of the scenario, ``time_limit=float("inf")`` lifts its limit.

    Raises
    ------
    InputError
        Something that cannot be planned, an unknown setting, or a value that it does not take.

    Examples
    --------
    >>> plan("zhang2024", {"slots": 2}).status
    'optimal'
    """
    with_changes(Settings(), settings)  # refused before any long work
    if paths is not None and paths not in get_args(PathMode):
        raise InputError(
            f"{paths!r} cannot be used", where="paths", fix=f"Give one of {', '.join(get_args(PathMode))}"
        )
    instance, wanted = _plannable(source, overrides, "plan")
    instance = instance if paths is None else with_paths(instance, paths)
    return solve(instance, with_changes(wanted, settings), listener=listener)


def compare(
    source: Planned = "metro-pair",
    overrides: Mapping[str, Any] | None = None,
    *,
    listener: Listener | None = None,
    **settings: Any,
) -> Comparison:
    """Plan a network and its parts for the same demands: without satellites, HAPs or stores.

    Parameters
    ----------
    source, overrides, listener, settings
        As of :func:`plan`; a time limit is one for all architectures together.

    Raises
    ------
    InputError
        As :func:`plan`; and the method ``random``, whose paths of a part say nothing about the whole.

    Examples
    --------
    >>> comparison = compare("zhang2024", {"slots": 2, "demands": 1})
    >>> comparison.rows()[-1]["name"]
    'all together'
    """
    with_changes(Settings(), settings)
    instance, wanted = _plannable(source, overrides, "compare")
    return compare_instance(instance, with_changes(wanted, settings), listener=listener)


def sweep(
    source: str | Path,
    vary: Mapping[str, Sequence[Any]],
    folder: str | Path | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    compared: bool = False,
    workers: int = 1,
    progress: Progress | None = None,
) -> SweepResults:
    """Plan or evaluate a scenario at every point of a grid of settings.

    Parameters
    ----------
    source
        Name of a scenario, or a YAML file.
    vary
        Dotted keys to the values that each takes; the last key varies fastest.
    folder
        Where finished points are kept, so that the same sweep goes on where it was stopped, and a wider one
        takes them over; None keeps nothing.
    overrides
        Dotted keys to values that are the same at all points.
    compared
        Whether every architecture is planned at every point (see :func:`compare`).
    workers
        Processes.
    progress
        Called with points done and all.

    Returns
    -------
    SweepResults
        With ``rows()``, ``to_pandas()`` and ``to_xarray()``; a point that cannot be computed has its error.

    Raises
    ------
    InputError
        An unknown scenario or key, no values, or a value that stands twice.

    Examples
    --------
    >>> found = sweep("zhang2024", {"storage_pairs": [0, 1500]}, overrides={"slots": 2, "demands": 1})
    >>> [row["storage_pairs"] for row in found.rows()]
    [0, 1500]
    """
    if not isinstance(source, str | Path):
        raise _unusable("sweep", source, "Give the name of a scenario or a YAML file, not what is made of it")
    refuse_unusable("workers", workers, where="workers")
    grid = Sweep(str(source), axes_of(vary), dict(overrides or {}), compared)
    metrics = grid.metrics()
    with nullcontext(folder) if folder is not None else TemporaryDirectory(prefix="satqn-") as place:
        points = grid.run(Path(place), workers=workers, progress=progress)
    return SweepResults(str(source), grid.axes, metrics, tuple(points))


def diff(a: Source, b: Source) -> Difference:
    """Compare two scenarios, two instances or two plans by what they say, not by their text.

    Parameters
    ----------
    a, b
        Scenarios (names or files), instance files or plan files; or what :func:`load` and :func:`plan` gave.

    Returns
    -------
    Difference
        False if both say the same; ``changes`` lists every key that differs.

    Examples
    --------
    >>> [change.key for change in diff("us-cities", load("us-cities", {"pairs": 7})).changes]
    ['pairs']
    """
    one, other = (found.made_plan() if isinstance(found, Solution) else found for found in (a, b))
    return difference(one, other)


def check(instance: Planned, plan: Plan | Solution | str | Path) -> list[Violation]:
    """Return every constraint that a plan breaks, reckoned anew from the instance; empty if it is sound.

    Parameters
    ----------
    instance
        What the plan was made for: a system, an instance, or the name of a scenario or instance file.
    plan
        The plan, what :func:`plan` returned, or a plan file.
    """
    return violations_of(_instance_of(instance, "check"), _plan_of(plan, "check"))


def replay(
    instance: Planned, plan: Plan | Solution | str | Path, *, runs: int = 1000, seed: int = 0
) -> ReplayCounts:
    """Replay a plan pair by pair, and say what is delivered of what it promises.

    Parameters
    ----------
    instance, plan
        The plan and what it was made for, as of :func:`check`.
    runs, seed
        Of the simulation.
    """
    return replay_plan(_instance_of(instance, "replay"), _plan_of(plan, "replay"), runs=runs, seed=seed)


def record(
    system: PlanSystem,
    solution: Solution,
    source: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    brief: bool = False,
) -> PlanRecord:
    """Check, explain and replay a plan: everything that its report and its globe show.

    Parameters
    ----------
    system, solution
        From :func:`build` and :func:`plan`.
    source, overrides
        What the system was loaded from, which knows where its values came from; may be left out.
    brief
        Leave out what has to be planned again: what one more of something brings.
    """
    if not isinstance(system, PlanSystem):
        raise _unusable("record", system, "Give what satqn.build made of a planning scenario")
    solution.made_plan()
    loaded = None if source is None else load_any(source, overrides)
    return plan_record(system, solution, None, loaded, brief=brief)


def globe(record: PlanRecord) -> dict[str, Any]:
    """Return a plan as the page on the globe shows it, as plain JSON values.

    Parameters
    ----------
    record
        From :func:`record`.
    """
    return globe_document(record)


def report(
    system: PlanSystem, solution: Solution, folder: str | Path, record: PlanRecord | None = None
) -> Path:
    """Write the report of a plan with its figures, tables and exports into a folder, and return its page.

    Parameters
    ----------
    system, solution
        From :func:`build` and :func:`plan`.
    folder
        Where to; files of the same name in it are replaced.
    record
        From :func:`record`, if it was made already.

    Raises
    ------
    InputError
        There is no plan, or one of both is something else.
    """
    if not isinstance(system, PlanSystem):
        raise _unusable("report", system, "Give what satqn.build made of a planning scenario")
    if not isinstance(solution, Solution):
        raise _unusable("report", solution, "Give what satqn.plan returned")
    return report_plan(system, solution, Path(folder), record)


def _hybrid(source: Any, asked: str) -> HybridSystem:
    """Return the system of a scenario of the hybrid protocol."""
    if isinstance(source, HybridSystem):
        return source
    if isinstance(source, PlanSystem | PlanScenario | CaseStudyScenario):
        raise InputError(
            f"satqn.{asked} got a planning scenario, {_named(source)!r}",
            why="It compares the ways of the hybrid protocol between pairs of users",
            fix="Use satqn.plan for it, or build a scenario of the study hybrid such as us-cities",
        )
    if isinstance(source, str | Path):
        return _hybrid(load(source), asked)
    if isinstance(source, Scenario):
        return build_system(source)
    raise _unusable(asked, source, "Give what satqn.build made of a scenario of the study hybrid")


def _named(source: PlanSystem | PlanScenario | CaseStudyScenario) -> str:
    return source.scenario.name if isinstance(source, PlanSystem) else source.name


def _plannable(
    source: Any, overrides: Mapping[str, Any] | None, asked: str
) -> tuple[RoutingInstance, Settings]:
    """Return the instance of anything that can be planned, and how its source wants it solved."""
    if isinstance(source, str | Path):
        found = load_plannable(source, None if overrides is None else dict(overrides))
        return found.instance, found.settings
    if overrides:
        raise InputError(
            f"satqn.{asked} got overrides for a {type(source).__name__}",
            why="It was read already",
            fix="Give them to satqn.load, or name the scenario here",
        )
    if isinstance(source, PlanScenario):
        source = build_plan_system(source)
    if isinstance(source, PlanSystem):
        return source.instance, settings_of(source.scenario)
    if isinstance(source, CaseStudyScenario):
        return instance_from_document(case_study(source)), settings_of(source)
    if isinstance(source, RoutingInstance):
        return source, Settings()
    if isinstance(source, HybridSystem | Scenario):
        raise InputError(
            f"satqn.{asked} got a scenario of the hybrid protocol",
            why="It has no slots and no demands to plan",
            fix="Use satqn.evaluate for it, or a planning scenario such as metro-pair",
        )
    raise _unusable(asked, source, "Give a planning scenario, what satqn.build made of it, or an instance")


def _instance_of(source: Any, asked: str) -> RoutingInstance:
    return _plannable(source, None, asked)[0]


def _plan_of(found: Any, asked: str) -> Plan:
    if isinstance(found, Plan):
        return found
    if isinstance(found, Solution):
        return found.made_plan()
    if isinstance(found, str | Path):
        return load_plan(found)
    raise _unusable(asked, found, "Give a plan, what satqn.plan returned, or a plan file")


def _unusable(asked: str, value: Any, fix: str) -> InputError:
    return InputError(f"satqn.{asked} cannot use a {type(value).__name__}", fix=fix)


def run(
    source: str | Path = "metro-pair",
    folder: str | Path | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    watch: Watch | None = None,
    compared: bool = True,
) -> tuple[Path, dict[str, Any]]:
    """Do everything for a scenario and write it into one folder.

    Parameters
    ----------
    source
        A catalogue name or a YAML file.
    folder
        Where to write; by default ``results/<name>``. A folder with files that satqn did not
        write is refused, except within ``with satqn.limits.without_limits():``.
    overrides
        Dotted keys to values, put in after reading.
    watch
        Who is told how the work goes on; nobody by default.
    compared
        Whether a plan is compared with those of parts of the network.

    Returns
    -------
    page, summary
        The path of ``report.html`` and the summary as plain values.
    """
    loaded = load_any(source, overrides)
    place = Path(folder) if folder is not None else Path("results") / folder_name(loaded.scenario.name)
    return place / "report.html", run_loaded(loaded, place, watch or Watch(), compared=compared)


def design_stations(
    scenario: AnyScenario | str | Path,
    question: StationQuestion,
    *,
    overrides: Mapping[str, Any] | None = None,
    gap: float = 1e-4,
    time_limit: float = float("inf"),
    output: str | Path | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> StationDesign:
    """Choose ground stations for a scenario of the hybrid study, with a bound.

    Parameters
    ----------
    scenario
        Catalogue name, file, or scenario.
    question
        How many stations, for which objective.
    overrides
        Keys of the scenario to change.
    gap
        Stop when the bound is this near, relative.
    time_limit
        s.
    output
        Folder to write the design into: report, table, and a scenario with these stations.
    progress
        Called with objective and bound as they improve.

    Examples
    --------
    >>> found = design_stations("us-cities", StationQuestion(3, distance="great-circle", largest=60))
    >>> found.stations.names, round(found.to_dict()["mean_km"], 4)
    (('Los Angeles CA', 'Philadelphia PA', 'Arlington TX'), 500.3728)
    """
    from satqn.siting_report import write_design

    loaded = load(scenario, overrides) if isinstance(scenario, str | Path) else scenario
    if not isinstance(loaded, Scenario):
        raise InputError(
            f"{loaded.name} is not a scenario of the hybrid study",
            why="Stations are chosen for places with inhabitants on a fibre network",
            fix="Name us-cities, shao2025-us, or a file that extends one of them",
        )
    design = _design_stations(loaded, question, gap=gap, time_limit=time_limit, progress=progress)
    if output is not None:
        source = scenario if isinstance(scenario, str | Path) else loaded.name
        write_design(design, loaded, source, Path(output))
    return design


def design_satellites(
    scenario: str | Path,
    grid: str | Path,
    folder: str | Path | None = None,
    *,
    overrides: Mapping[str, Any] | None = None,
    gap: float = 0.0,
    time_limit: float | None = None,
    workers: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
) -> SatelliteDesign:
    """Choose a constellation for a planning scenario from a grid; bounds say which need no plan.

    Parameters
    ----------
    scenario
        Catalogue name or YAML file.
    grid
        File of the grid: ``format: satqn-grid``, the group of satellites, and the values of its numbers.
    folder
        Where bounds and plans are kept, and the result is written; None keeps nothing.
    overrides
        Keys of the scenario to change.
    gap
        Relative: a constellation is excluded where its bound is so near above a plan that costs no more.
    time_limit
        Of every plan, s; by default 60 s.
    workers
        Processes.
    progress
        Called with ``bounds`` or ``plans``, how many are done, and all.

    Raises
    ------
    InputError
        No planning scenario, no such group, or a grid without a constellation.
    """
    from satqn.whatif.constellation_files import write_satellites

    refuse_unusable("workers", workers, where="workers")
    loaded = load_any(scenario, overrides)
    search = Search(loaded, load_grid(grid), gap=gap, time_limit=time_limit)
    with nullcontext(folder) if folder is not None else TemporaryDirectory(prefix="satqn-") as place:
        found = search.run(Path(place), workers=workers, progress=progress)
    if folder is not None:
        write_satellites(found, loaded, scenario, Path(folder))
    return found
