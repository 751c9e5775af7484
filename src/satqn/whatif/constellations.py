"""Which satellites: a grid of constellations, of which only those are planned that their bound still allows.

1. In closed form: orbits that nobody can ever see are excluded, the others ranked. 2. For each an upper bound
over all paths, by its LP. 3. Plans, the most promising first, until at every cost each constellation has been
planned or its bound is no more than what a plan of the same or a lower cost delivers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from satqn.errors import InputError
from satqn.files import check_folder
from satqn.model.shown import Shown
from satqn.planning import settings_of
from satqn.routing.solve import Settings
from satqn.scenario.grid import Grid, GridSection, grid_of, group_of
from satqn.scenario.load import Loaded
from satqn.scenario.planning import PlanScenario
from satqn.scenario.satellites import WalkerSection
from satqn.simulate.executor import Workers
from satqn.topology.expand import expand
from satqn.whatif.candidates import Task, can_serve, evaluate, mean_in_view, with_shell
from satqn.whatif.kept_points import keep_point, kept_point

Progress = Callable[[str, int, int], None]
"""Called with what is being done (``bounds`` or ``plans``), how many are done, and all."""

PLAN_TIME_S = 60.0
"""Time limit of a plan where the caller gives none, s: a grid has many."""

NEVER = "never in view"


@dataclass(slots=True, repr=False)
class Candidate(Shown):
    """A constellation of the grid and what is known about it so far; the first one has no satellites.

    Parameters
    ----------
    number
        From 0, which is the network without the group.
    shell
        The constellation, or None for number 0.
    in_view
        Satellites that both users of a demand have in view at once: a mean in closed form.
    served
        False where it is proven that nobody can use them.
    bounds, plan
        Results of the two stages, once there are any.
    error
        Why it could not be evaluated.
    """

    number: int
    shell: WalkerSection | None
    in_view: float
    served: bool = True
    bounds: dict[str, Any] = field(default_factory=dict)
    plan: dict[str, Any] = field(default_factory=dict)
    error: str | None = None

    @property
    def cost(self) -> int:
        """Satellites of the group."""
        return 0 if self.shell is None else self.shell.satellites

    @property
    def bound(self) -> float:
        """What no plan of it exceeds, pairs; minus infinity where there is none, infinity if unknown."""
        if self.infeasible:
            return float("-inf")
        known = [self.bounds.get("bound_pairs"), self.plan.get("plan_bound_pairs")]
        return min((value for value in known if value is not None), default=float("inf"))

    @property
    def infeasible(self) -> bool:
        """Whether it is proven that no plan of it keeps the promised rates."""
        return bool(self.bounds.get("infeasible")) or self.plan.get("status") == "infeasible"

    @property
    def value(self) -> float:
        """What its plan is worth, pairs; minus infinity without a plan."""
        found = self.plan.get("objective_pairs")
        return float("-inf") if found is None else float(found)

    @property
    def worst(self) -> float:
        """Pairs of the worst-served demand in its plan."""
        found = self.plan.get("worst_pairs")
        return float("-inf") if found is None else float(found)

    @property
    def planned(self) -> bool:
        """Whether it has a plan."""
        return self.value > float("-inf")

    @property
    def label(self) -> str:
        """What it is called."""
        if self.shell is None:
            return "none"
        s = self.shell
        kind = "" if s.kind == "delta" else " star"
        return f"{s.satellites}/{s.planes}/{s.phasing}{kind} {s.altitude_km:g} km {s.inclination_deg:g}°"


@dataclass(frozen=True, slots=True, repr=False)
class SatelliteDesign(Shown):
    """The choice.

    Parameters
    ----------
    scenario
        What it was made for, written out.
    grid
        The grid.
    candidates
        All constellations; number 0 is the network without the group.
    gap
        By how much, relative, a bound may lie above a plan and still count as excluded.
    """

    scenario: PlanScenario
    grid: Grid
    candidates: tuple[Candidate, ...]
    gap: float

    def _shown(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario.name,
            "candidates": len(self.candidates),
            "planned": sum(one.planned for one in self.candidates),
            "winner": self.winner.label,
        }

    @property
    def winner(self) -> Candidate:
        """The planned constellation that is worth most, the cheaper one of equals."""
        return max(self.candidates, key=lambda one: (one.value, -one.cost, -one.number))

    def best_by_cost(self) -> list[Candidate]:
        """Return, with rising cost, each constellation that is worth more than all cheaper ones."""
        found: list[Candidate] = []
        for one in sorted(self.candidates, key=lambda c: (c.cost, -c.value, c.number)):
            if one.planned and (not found or one.value > found[-1].value):
                found.append(one)
        return found

    def most_at(self, cost: int, *, but: Candidate | None = None) -> float:
        """Return the bound of all constellations up to a cost, pairs.

        Parameters
        ----------
        cost
            Satellites.
        but
            One that does not count.
        """
        return max((c.bound for c in self.candidates if c.cost <= cost and c is not but), default=0.0)

    def certificate(self, one: Candidate) -> dict[str, Any]:
        """Return what is proven of a constellation: nothing else of its cost or less is worth more.

        Parameters
        ----------
        one
            A planned one.
        """
        others = self.most_at(one.cost, but=one)
        excess = max(0.0, others - one.value)
        return {
            "others_bound_pairs": _finite(others),
            "certified_gap": _finite(excess / max(1.0, abs(one.value))),
            "certified": excess <= 0.0,
        }

    def on_front(self, one: Candidate) -> bool:
        """Whether no planned constellation is as good in cost, objective and worst demand, and better in one.

        Parameters
        ----------
        one
            A constellation.
        """
        mine = (-one.cost, one.value, one.worst)
        others = [(-c.cost, c.value, c.worst) for c in self.candidates if c.planned and c is not one]
        return one.planned and not any(
            all(a >= b for a, b in zip(other, mine, strict=True)) and other != mine for other in others
        )

    def excluded_by(self, one: Candidate) -> Candidate | None:
        """Return the planned constellation of no higher cost that the bound of another one does not reach."""
        return _excluded_by(one, self.candidates, self.gap)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for every constellation, the network without the group first."""
        return [self._row(one) for one in self.candidates]

    def _row(self, one: Candidate) -> dict[str, Any]:
        shell, mass = one.shell, self.grid.launch_mass
        by = None if one.planned else self.excluded_by(one)
        status = (
            "planned" if one.planned
            else NEVER if not one.served
            else "error" if one.error is not None
            else "infeasible" if one.infeasible
            else "excluded by its bound" if by is not None
            else "no plan"
        )  # fmt: skip
        return {
            "number": one.number,
            "altitude_km": None if shell is None else shell.altitude_km,
            "inclination_deg": None if shell is None else shell.inclination_deg,
            "planes": None if shell is None else shell.planes,
            "satellites": one.cost,
            "phasing": None if shell is None else shell.phasing,
            "kind": None if shell is None else shell.kind,
            **({} if mass is None else {"launch_mass_kg": mass * one.cost}),
            "mean_in_common_view": one.in_view,
            "bound_pairs": _finite(one.bound),
            "status": status,
            "excluded_by": None if by is None or status == "error" else by.number,
            "objective_pairs": _finite(one.value),
            "delivered_pairs": one.plan.get("delivered_pairs"),
            "plan_bound_pairs": one.plan.get("plan_bound_pairs"),
            "worst_demand": one.plan.get("worst_demand"),
            "worst_pairs": one.plan.get("worst_pairs"),
            "worst_bound_pairs": one.bounds.get("worst_bound_pairs"),
            "on_front": self.on_front(one),
            "error": one.error,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        rows = self.rows()
        count = {
            name: sum(row["status"] == name for row in rows)
            for name in dict.fromkeys(str(row["status"]) for row in rows)
        }
        return {
            "scenario": self.scenario.name,
            "group": self.grid.group,
            "gap": self.gap,
            "candidates": len(rows) - 1,
            "left_out": list(self.grid.left_out),
            "plans": sum(bool(one.plan) for one in self.candidates),
            "plans_saved_by_bounds": sum(
                row["status"] in ("excluded by its bound", NEVER) for row in rows if row["number"]
            ),
            "status": count,
            "winner": rows[self.winner.number] | self.certificate(self.winner),
            "best_by_cost": [rows[one.number] | self.certificate(one) for one in self.best_by_cost()],
            "constellations": rows,
        }


def _finite(value: float) -> float | None:
    return None if value in (float("inf"), float("-inf")) else value


def _excluded_by(one: Candidate, candidates: Sequence[Candidate], gap: float) -> Candidate | None:
    better = [
        other
        for other in candidates
        if other is not one
        and other.planned
        and other.cost <= one.cost
        and (one.bound <= other.value + gap * abs(other.value))
    ]
    return max(better, key=lambda other: (other.value, -other.number), default=None)


class Search:
    """The search through a grid.

    Parameters
    ----------
    loaded
        The scenario.
    section
        The file of the grid.
    gap
        Relative; bounds so near above a plan count as excluded.
    time_limit
        Of a plan, s; by default 60 s.
    plan_gap
        Relative gap at which a plan stops; by default that of the scenario.

    Raises
    ------
    InputError
        The scenario has no such group, or the grid has no constellation.
    """

    def __init__(
        self, loaded: Loaded, section: GridSection, *, gap: float = 0.0, time_limit: float | None = None,
        plan_gap: float | None = None,
    ) -> None:  # fmt: skip
        if not isinstance(loaded.scenario, PlanScenario):
            raise InputError(
                f"{loaded.scenario.name} is no planning scenario",
                why="Satellites are chosen for the demands of a plan",
                fix="Name one with `study: plan`, such as metro-pair",
            )
        self.grid = grid_of(section, loaded.scenario)
        self.scenario = expand(loaded).scenario
        self.gap = gap
        own = settings_of(self.scenario, gap=plan_gap)
        self.settings = Settings(
            gap=own.gap, time_limit=time_limit or PLAN_TIME_S, seed=own.seed, warm_start=False
        )

    def run(self, folder: Path, *, workers: int = 1, progress: Progress | None = None) -> SatelliteDesign:
        """Search; what a folder has from an earlier search of the same is not done again.

        Parameters
        ----------
        folder
            Where bounds and plans are kept as soon as they are there.
        workers
            Processes.
        progress
            Is told how it goes on.
        """
        check_folder(folder)
        candidates = self._candidates()
        asked = [one for one in candidates if one.served]
        ranked = sorted(asked, key=lambda one: (-one.in_view, one.number))
        for done, (one, result) in enumerate(self._results(ranked, "bound", folder, workers), start=1):
            one.bounds, one.error = result.get("results", {}), result.get("error")
            if progress is not None:
                progress("bounds", done, len(ranked))
        for one in candidates:
            if not one.served:  # worth exactly what the network is without it
                one.bounds = candidates[0].bounds
        planned = 0
        while batch := self._next(candidates, workers):
            for one, result in self._results(batch, "plan", folder, workers):
                one.plan, error = result.get("results", {}), result.get("error")
                one.error = one.error or error
                planned += 1
                if progress is not None:
                    progress("plans", planned, planned + len(self._open(candidates)))
        design = SatelliteDesign(self.scenario, self.grid, tuple(candidates), self.gap)
        if not design.winner.planned:
            why = next((one.error for one in candidates if one.error), "the promises cannot be kept")
            raise InputError("no constellation of the grid has a plan", why=why, fix="Widen the grid")
        return design

    def _candidates(self) -> list[Candidate]:
        group, known = group_of(self.scenario, self.grid.group), {}
        found = [Candidate(0, None, 0.0)]
        for number, shell in enumerate(self.grid.shells, start=1):
            # Planes and phasing do not matter to a mean over all nodes.
            orbit = (shell.altitude_km, shell.inclination_deg)
            if orbit not in known:
                known[orbit] = (
                    mean_in_view(self.scenario, shell) / shell.satellites,
                    can_serve(self.scenario, group, shell),
                )
            share, served = known[orbit]
            found.append(Candidate(number, shell, share * shell.satellites, served))
        return found

    def _task(self, one: Candidate, stage: Any, workers: int) -> Task:
        scenario = with_shell(self.scenario, self.grid.group, one.shell)
        return Task(scenario, stage, self.settings, None if workers == 1 else 1)

    def _results(
        self, those: Sequence[Candidate], stage: Any, folder: Path, workers: int
    ) -> Iterator[tuple[Candidate, Mapping[str, Any]]]:
        """Yield candidates with their results: those that are kept first, then each as it is done."""
        waiting: dict[str, tuple[Candidate, Task]] = {}
        for one in those:
            task = self._task(one, stage, workers)
            name = task.name()
            kept = kept_point(folder, name)
            if kept is not None:
                yield one, kept
            else:
                waiting[name] = (one, task)
        if not waiting:
            return
        with Workers(min(workers, len(waiting))) as pool:
            tasks = [(name, task) for name, (_, task) in waiting.items()]
            for (name, _), result in pool.results(_evaluate, tasks):
                if "results" in result:
                    keep_point(folder, name, result["results"])
                yield waiting[name][0], result

    def _open(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return the candidates that have no plan and are not excluded."""
        return [
            one
            for one in candidates
            if one.served and not one.plan and one.error is None and not one.infeasible
            and _excluded_by(one, candidates, self.gap) is None
        ]  # fmt: skip

    def _next(self, candidates: Sequence[Candidate], workers: int) -> list[Candidate]:
        """Return what to plan next: of every cost the highest bound, the cheapest first."""
        left = sorted(self._open(candidates), key=lambda one: (one.cost, -one.bound, one.number))
        place: dict[int, int] = {}
        ranked = []
        for one in left:
            place[one.cost] = place.get(one.cost, -1) + 1
            ranked.append((place[one.cost], one.cost, one.number, one))
        return [one for *_, one in sorted(ranked)[:workers]]


def _evaluate(task: tuple[str, Task]) -> dict[str, Any]:
    return evaluate(task[1])
