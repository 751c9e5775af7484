"""One door to every method: instance in; plan, bound, gap and log out. Every plan has passed the checker."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.model.instance import RoutingInstance
from satqn.model.paths import PathSet
from satqn.model.plan import BoundCovers, LogLine, Plan, PlanStatus
from satqn.model.plan_tables import PlanTable
from satqn.model.shown import Shown
from satqn.routing.ages import FORMS, AgeForm
from satqn.routing.architectures import Architecture, distinct_parts
from satqn.routing.baselines import Draw, no_storage, part_of, random_paths, satellite_only
from satqn.routing.benders import benders
from satqn.routing.check import check
from satqn.routing.choices import highest_objective
from satqn.routing.completion import completed, neglected
from satqn.routing.conflicts import Conflict, disconnected, find_conflict
from satqn.routing.exact import as_planned, exact, linear_program
from satqn.routing.generated.remarks import remarks_over_all_paths
from satqn.routing.generated.solve import Generated, generate
from satqn.routing.highs_calls import ModelRefusedError
from satqn.routing.missing import Missing, demands_with_nothing
from satqn.routing.paper import paper
from satqn.routing.pool import Clock, all_paths_if_few, listed
from satqn.routing.problem import Outcome, Problem
from satqn.routing.remarks import remarks
from satqn.routing.settle import decisions, records
from satqn.routing.slotwise import slot_by_slot
from satqn.routing.stopping import (
    ROUNDING,
    Listener,
    Rule,
    Run,
    Stall,
    asked_to_stop,
    ctrl_c_stops,
    gap_closed,
    iterations,
    own_gap,
    relative_gap,
)
from satqn.routing.warm_start import best_baseline, cannot_beat

FloatArray = NDArray[np.float64]

Method = Literal["generated", "exact", "paper", "benders", "satellite-only", "random", "no-storage"]
HUGE = 1e100
"""Rates, stores and weights above it are refused: sums and products of them leave the range of numbers."""
WHOLE_METHODS: tuple[Method, ...] = ("exact", "paper", "benders")
"""Methods that plan with all columns of a list; the others are baselines, or make their own."""
PART_GAP = 0.01
"""Relative gap asked of a part, unless the whole is asked for less: enough to tell parts apart."""
PARTS_CHOICES = 200
"""Up to so many demands times slots a plan over all paths is held against those of parts of the network."""
EXACT_BINARIES = 3000
"""Up to so many binaries ``exact`` is the default, above ``benders`` (spec routing, section 3)."""


class PlanRejectedError(RuntimeError):
    """The checker does not accept a plan that a method made: a fault of satqn, never shown as a plan."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What to solve with, and when to stop.

    Parameters
    ----------
    method
        A method, or None for the default by size.
    gap
        Relative gap asked for, >= 0.
    time_limit
        s, or None.
    workers
        Slots solved at the same time by ``benders``.
    seed
        Of what is drawn.
    draw
        Among which paths ``random`` draws.
    max_iterations, stall
        Rounds of a decomposition in all, or without any progress; None for no limit.
    warm_start
        Whether to begin from the best baseline.
    ageing
        How ages of stored pairs are told apart where they age: ``cohorts``, ``copies``, ``copies 1,2,4`` or
        ``cutoff 2``; None for the default by size.
    """

    method: Method | None = None
    gap: float = 1e-3
    time_limit: float | None = None
    workers: int = 1
    seed: int = 0
    draw: Draw = "available"
    max_iterations: int | None = None
    stall: int | None = 50
    warm_start: bool = True
    ageing: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Solution(Shown):
    """What a method found out.

    Parameters
    ----------
    method, status
        How, and why it ended.
    plan
        The plan, or None if there is none.
    bound_pairs, gap
        Proven bound, or None; gap to the plan, or None.
    bound_covers
        Which set of paths the bound covers.
    iterations, optimality_cuts, feasibility_cuts
        Rounds and cuts of a decomposition; 0 for other methods.
    wall_s
        Time taken, s.
    warnings
        What a user should know.
    log
        How bound and incumbent went.
    conflict
        If infeasible: the demands that conflict.
    problem, primal
        For explanations: the problem and the columns of the plan.
    missing
        Demands that the plan never serves, with why and what would help.
    """

    method: Method
    status: PlanStatus
    plan: Plan | None
    bound_pairs: float | None
    gap: float | None
    bound_covers: BoundCovers
    iterations: int
    optimality_cuts: int
    feasibility_cuts: int
    wall_s: float
    warnings: tuple[str, ...]
    log: tuple[LogLine, ...]
    conflict: Conflict | None
    problem: Problem
    primal: FloatArray | None
    missing: tuple[Missing, ...] = ()

    def _shown(self) -> dict[str, Any]:
        plan = self.plan
        return {
            "status": self.status,
            "method": self.method,
            "delivered_pairs": None if plan is None else plan.delivered_pairs,
            "objective_pairs": None if plan is None else plan.objective_pairs,
            "bound_pairs": self.bound_pairs,
            "gap": self.gap,
            "paths": len(self.problem.pool.listed),
            "wall_s": round(self.wall_s, 3),
        }

    def _repr_html_(self) -> str:
        """Say in a notebook what came out."""
        shown = {
            "status": self.status,
            "delivered pairs": "—" if self.plan is None else f"{self.plan.delivered_pairs:,.0f}",
            "objective, pairs": "—" if self.plan is None else f"{self.plan.objective_pairs:,.0f}",
            "bound, pairs": "—" if self.bound_pairs is None else f"{self.bound_pairs:,.0f}",
            "gap": "—" if self.gap is None else f"{100 * self.gap:.3g} %",
            "method": f"{self.method}, {self.wall_s:.1f} s",
        }
        rows = "".join(f"<tr><td>{name}</td><td>{value}</td></tr>" for name, value in shown.items())
        return f"<table>{rows}</table>"

    def to_pandas(self, table: PlanTable = "serve") -> Any:
        """Return a table of the plan as a ``pandas.DataFrame``: :meth:`satqn.model.plan.Plan.to_pandas`.

        Raises
        ------
        InputError
            There is no plan, no such table, or pandas is not installed.
        """
        return self.made_plan().to_pandas(table, self.problem.instance)

    def to_xarray(self) -> Any:
        """Return the plan as an ``xarray.Dataset``: :meth:`satqn.model.plan.Plan.to_xarray`.

        Raises
        ------
        InputError
            There is no plan, or xarray is not installed.
        """
        return self.made_plan().to_xarray(self.problem.instance)

    def made_plan(self) -> Plan:
        """Return the plan.

        Raises
        ------
        InputError
            There is none.
        """
        if self.plan is None:
            why = f", {self.conflict}" if self.conflict is not None else ""
            raise InputError(f"there is no plan: {self.status}{why}")
        return self.plan

    def summary(self) -> dict[str, Any]:
        """Return the answer of ``satqn plan --json``."""
        return {
            "status": self.status,
            "objective_pairs": self.plan.objective_pairs if self.plan else None,
            "delivered_pairs": self.plan.delivered_pairs if self.plan else None,
            "bound_pairs": self.bound_pairs,
            "gap": self.gap,
            "bound_covers": self.bound_covers,
            "method": self.method,
            "iterations": self.iterations,
            "cuts": {"optimality": self.optimality_cuts, "feasibility": self.feasibility_cuts},
            "wall_s": round(self.wall_s, 6),
            "paths": len(self.problem.pool.listed),
            "warnings": list(self.warnings),
            "demands_with_nothing": [asdict(one) | {"sentence": str(one)} for one in self.missing],
            "conflict": None
            if self.conflict is None
            else {"demands": list(self.conflict.demands), "slots": list(self.conflict.slots)},
        }


def solve(
    instance: RoutingInstance,
    settings: Settings = Settings(),
    *,
    pool: PathSet | None = None,
    listed: ListedPaths | None = None,
    part: Architecture | None = None,
    known: dict[str, Solution] | None = None,
    listener: Listener | None = None,
) -> Solution:
    """Plan: choose paths and rates for every demand and slot, and what to store.

    Parameters
    ----------
    instance
        The instance.
    settings
        Method and limits.
    pool
        Paths, if they have been listed already.
    listed
        The instance with its pool and model, if they have been made already (:func:`list_paths`).
    part
        The part of the network to plan; None for the whole.
    known
        Takes up the solutions of parts that are planned on the way, by name.
    listener
        Is told every line of the log.

    Raises
    ------
    InputError
        The instance has too many simple paths.

    Examples
    --------
    >>> from satqn.routing.generate import case_study
    >>> solution = solve(case_study(seed=0, slots=2))
    >>> solution.status
    'optimal'
    """
    _refuse_overflow(instance)
    run = Run(settings.time_limit, listener)
    settings, ageing_notes = _for_ageing(instance, settings)
    with ctrl_c_stops(run):
        if settings.method == "generated" and not plans_over_all_paths(instance, settings.method):
            raise InputError(
                "the method generated seeks its paths itself",
                where="method",
                fix='Set paths.mode to "generated" (--paths generated), or leave out the method',
            )
        clock = Clock(run.listing)
        if listed is None:
            listed = list_paths(instance, settings.method, pool, clock, form_of(settings))
        if listed is None:
            return _generated(instance, run, settings, known)
        # All paths there are, in a list: the methods for lists close the gap.
        settings = replace(settings, method=None if settings.method == "generated" else settings.method)
        problem = listed.problem if part is None else part_of(listed.problem, part)
        method = settings.method or _default_method(problem)
        notes = (*listed.note, *ageing_notes, *_cutoff_note(problem))
        # A bound from the first moment on, so that every answer has one.
        run.lower_bound_to(float(highest_objective(problem).sum()))
        try:
            outcome = _unservable(problem)
            if outcome is None:
                chosen = replace(settings, method=method)
                opened = _open_part(problem, chosen)
                outcome = _at_least_nothing(problem, _dispatch(opened, run, chosen))
                outcome = _with_the_small(opened, run, settings.gap, outcome)
                if part is None and method in WHOLE_METHODS and settings.warm_start:
                    outcome = _no_less_than_parts(listed, run, chosen, outcome, known)
            if clock.ended and outcome.status in ("optimal", "infeasible"):
                # True of the paths that were found, not of those that were asked for.
                outcome = replace(outcome, status=run.stop_status)
            return _conclude(
                problem, run, method, outcome, settings.gap, notes=notes, over_all=listed.over_all
            )
        except ModelRefusedError as error:
            raise _too_large(instance, error) from error


def plans_over_all_paths(instance: RoutingInstance, method: Method | None) -> bool:
    """Whether paths are generated: where the instance says so and the method does not need a list of them.

    Parameters
    ----------
    instance
        The instance.
    method
        The method asked for, if any.
    """
    return instance.paths.mode == "generated" and method in (None, "generated", "no-storage")


def form_of(settings: Settings) -> AgeForm | None:
    """Return how ages are told apart, if the settings say so.

    Raises
    ------
    InputError
        They say it in words that mean nothing.
    """
    if settings.ageing is None:
        return None
    form = AgeForm.parse(settings.ageing)
    if form is None:
        raise InputError(f"{settings.ageing!r} cannot be used", where="ageing", fix=f"Give {FORMS}")
    return form


def _for_ageing(instance: RoutingInstance, settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Return settings for an instance whose stored pairs age, and what a user should know of the change.

    The decompositions and the search for paths know stores without age only: the whole MILP knows both.
    """
    if instance.ageing is None:
        said = "stored pairs do not age in this instance: the wish for a form of ageing has no effect"
        return settings, (said,) if form_of(settings) is not None else ()
    if settings.method in ("paper", "benders"):
        said = f"{settings.method} knows no ages of stored pairs: planned with exact instead"
        return replace(settings, method="exact"), (said,)
    return settings, ()


def _default_method(problem: Problem) -> Method:
    by_age = problem.pool.ages is not None
    return "exact" if by_age or len(problem.switches) <= EXACT_BINARIES else "benders"


def _cutoff_note(problem: Problem) -> tuple[str, ...]:
    """Say what a bound means where stores are planned by cut-offs."""
    ages = problem.pool.ages
    if ages is None or not ages.by_cutoff:
        return ()
    return (AgeForm(tuple(np.unique(ages.cutoff).tolist())).said,)


@dataclass(frozen=True, slots=True)
class ListedPaths:
    """The problem over a list of paths.

    Parameters
    ----------
    problem
        Instance, pool and model.
    over_all
        Whether the list has all paths within the cap of hops.
    note
        What a user should know of the list.
    """

    problem: Problem
    over_all: bool
    note: tuple[str, ...]


def list_paths(
    instance: RoutingInstance,
    method: Method | None,
    pool: PathSet | None = None,
    clock: Clock | None = None,
    form: AgeForm | None = None,
) -> ListedPaths | None:
    """Return the problem over the common pool of paths; None where they have to be generated.

    Parameters
    ----------
    instance
        The instance.
    method
        The method asked for, if any.
    pool
        Paths, if they have been listed already.
    clock
        Ends the listing.
    form
        How ages of stored pairs are told apart; None for the default by size.
    """
    by_age = instance.ageing is not None and method != "no-storage"
    over_all = pool is None and plans_over_all_paths(instance, method)
    if over_all:
        pool = all_paths_if_few(instance)
        if pool is None and not by_age:
            return None
        over_all = pool is not None
    problem = Problem.of(_with_listed_paths(instance), pool, clock, form)
    if by_age and pool is None and plans_over_all_paths(instance, method):
        mode = problem.instance.paths.mode
        said = f"stored pairs age: planned over listed paths ({mode}), not over all that could be generated"
        return ListedPaths(problem, False, (said,))
    return ListedPaths(problem, over_all, _listing_note(instance, problem) if pool is None else ())


def _with_listed_paths(instance: RoutingInstance) -> RoutingInstance:
    """Return an instance with a pool of paths for the methods that choose from one."""
    return instance if instance.paths.mode != "generated" else replace(instance, paths=listed(instance))


def _listing_note(instance: RoutingInstance, problem: Problem) -> tuple[str, ...]:
    """Say that a method chose among listed paths where the instance would have had them generated."""
    mode = problem.instance.paths.mode
    if mode == instance.paths.mode:
        return ()
    return (f"this method chooses among listed paths ({mode}); without it the plan is made over all paths",)


def _generated(
    instance: RoutingInstance, run: Run, settings: Settings, known: dict[str, Solution] | None
) -> Solution:
    """Plan over all paths; the whole is worth no less than its parts, as far as there is time to see."""
    storage = settings.method != "no-storage"
    try:
        found = generate(
            instance, run, settings.gap, seed=settings.seed, storage=storage,
            workers=settings.workers if settings.workers > 1 else None,
        )  # fmt: skip
    except ModelRefusedError as error:
        raise _too_large(instance, error) from error
    if found.outcome.status != "infeasible":
        outcome = _at_least_nothing(found.problem, found.outcome)
        if outcome.primal is not None:
            primal = completed(found.problem, outcome.primal, run, settings.gap)
            outcome = replace(outcome, primal=primal)
        found = replace(found, outcome=outcome)
        if storage and settings.warm_start and not run.must_stop:
            found = _no_less_than_generated_parts(found, run, settings, known)
    method: Method = "generated" if storage else "no-storage"
    return _conclude(found.problem, run, method, found.outcome, settings.gap, generated=found)


def _no_less_than_generated_parts(
    found: Generated, run: Run, settings: Settings, known: dict[str, Solution] | None
) -> Generated:
    """Take over the plan of a part of the network that is worth more, which can only happen within the gap.

    Parts of a network of many choices are planned where they are asked for only: each is as much work.
    """
    instance = found.problem.instance
    if found.outcome.primal is None or instance.slots * len(instance.demands) > PARTS_CHOICES:
        return found
    for part, left in reversed(distinct_parts(instance)):
        if run.must_stop:
            break
        limit = None if run.time_limit is None else run.remaining / left
        gap = max(settings.gap, PART_GAP)
        chosen = replace(settings, method=None, gap=gap, time_limit=limit, warm_start=False)
        solved = solve(part.instance(instance), chosen)
        if known is not None and solved.status != "interrupted":
            known[part.name] = solved
        worth = float(found.problem.model.cost @ found.outcome.primal)
        if solved.plan is None or solved.primal is None or solved.plan.objective_pairs <= worth:
            continue
        problem = Problem.of(instance, solved.problem.pool)
        primal = as_planned(solved.problem, solved.primal, problem)
        if primal is not None and float(problem.model.cost @ primal) > worth:
            run.raise_incumbent_to(float(problem.model.cost @ primal))
            run.note(f"plan of a part: {part.name}")
            primal = completed(problem, primal, run, settings.gap)
            found = replace(found, problem=problem, outcome=replace(found.outcome, primal=primal))
    return found


def _refuse_overflow(instance: RoutingInstance) -> None:
    """Refuse an instance whose numbers, or what they are worth together, cannot be reckoned with.

    Raises
    ------
    ModelRefusedError
        With the largest numbers by name.
    """
    options, slots = instance.options, instance.slots
    largest = [
        float(values.max(initial=0.0))
        for values in (instance.links.rate, instance.nodes.storage_capacity, instance.demands.weight)
    ]
    with np.errstate(over="ignore"):
        pairs = max(instance.slot_length, 1.0) * slots * (largest[0] + largest[1])
        worth = pairs * max(largest[2], options.stock_end_value, 1.0) * max(len(instance.demands), 1)
    if max(largest) > HUGE or not worth < HUGE**2:
        raise _too_large(instance, ModelRefusedError("the numbers of this instance are too large to add up"))


def _too_large(instance: RoutingInstance, error: ModelRefusedError) -> ModelRefusedError:
    """Name the numbers of an instance that the solver cannot take."""
    nodes, links = instance.nodes, instance.links
    sizes = []
    if links.rate.size:
        t, e = np.unravel_index(int(np.argmax(links.rate)), links.rate.shape)
        ends = f"{nodes.ids[links.a[e]]}–{nodes.ids[links.b[e]]}"
        sizes.append(f"the largest rate is {links.rate[t, e]:.6g}, of link {ends} in slot {t + 1}")
    stored = int(np.argmax(nodes.storage_capacity))
    if nodes.storage_capacity[stored] > 0:
        sizes.append(
            f"the largest store is {nodes.storage_capacity[stored]:.6g} pairs, at node {nodes.ids[stored]}"
        )
    sizes.append(f"the largest weight is {instance.demands.weight.max(initial=0.0):.6g}")
    return ModelRefusedError(
        error.what,
        where=instance.name,
        why="In this instance " + ", ".join(sizes),
        fix="Check these numbers, and give rates and stores in a larger unit if they are meant",
    )


def _unservable(problem: Problem) -> Outcome | None:
    """Give up before any method tries where a minimum rate is due and a demand has no path at all."""
    due = dict(zip(problem.instance.demands.ids, problem.instance.demands.minimum_rate > 0, strict=True))
    return Outcome("infeasible", None, None) if any(due[name] for name in disconnected(problem)) else None


def _with_the_small(problem: Problem, run: Run, gap: float, outcome: Outcome) -> Outcome:
    """Make a plan possible to the last digit, serve whom the gap left out, and let the bound count them."""
    bound = None if outcome.bound is None else outcome.bound + neglected(problem)
    if outcome.primal is None:
        return replace(outcome, bound=bound)
    return replace(outcome, bound=bound, primal=completed(problem, outcome.primal, run, gap))


def _at_least_nothing(problem: Problem, outcome: Outcome) -> Outcome:
    """Serve nobody where a method was stopped before its first plan and no minimum rate is due."""
    promised = bool((problem.instance.demands.minimum_rate > 0).any())
    if outcome.primal is not None or outcome.status == "infeasible" or promised:
        return outcome
    f, model = problem.formulation, problem.model
    primal = model.lower.copy()
    survival = problem.instance.options.stock_retention ** np.arange(problem.instance.slots + 1)
    stock = np.outer(survival, primal[f.z.columns][: len(problem.pool.classes)])
    primal[f.z.columns] = stock.ravel()
    return replace(outcome, primal=primal)


def _open_part(problem: Problem, settings: Settings) -> Problem:
    """Return the problem with the columns that a method may use; a baseline shuts the others."""
    if settings.method == "no-storage":
        return no_storage(problem)
    if settings.method == "satellite-only":
        return satellite_only(problem)
    if settings.method == "random":
        return random_paths(problem, settings.seed, settings.draw)
    return problem


def _dispatch(problem: Problem, run: Run, settings: Settings) -> Outcome:
    gap = settings.gap
    if run.must_stop:
        return Outcome(run.stop_status, run.bound, None)
    if not len(problem.switches):
        return linear_program(problem, run)
    if settings.method == "no-storage":
        return slot_by_slot(problem, run, gap)
    if settings.method in ("satellite-only", "random"):
        return exact(problem, run, gap)
    if settings.method == "exact" and problem.switches.binaries <= EXACT_BINARIES and settings.warm_start:
        # HiGHS finds a start sooner than the baselines do; they only need to be looked back at.
        return _no_less_than_baselines(problem, run, settings, exact(problem, run, gap))
    start = best_baseline(problem, run, gap, settings.seed) if settings.warm_start else None
    rules: list[Rule] = [
        gap_closed(gap),
        asked_to_stop,
        iterations(settings.max_iterations),
        Stall(settings.stall),
    ]
    if settings.method == "paper":
        return _unstuck(problem, run, gap, paper(problem, run, rules, start))
    if settings.method == "benders":
        return _unstuck(problem, run, gap, benders(problem, run, rules, gap, start, settings.workers))
    return exact(problem, run, gap, start)


def _unstuck(problem: Problem, run: Run, gap: float, outcome: Outcome) -> Outcome:
    """Go on with the whole MILP where the cuts of a decomposition tell nothing apart any more."""
    if outcome.status != "stalled" or run.must_stop or len(problem.switches) > EXACT_BINARIES:
        return outcome
    run.note("the decomposition stalls: on with the whole MILP")
    return exact(problem, run, gap, outcome.primal)


def part_settings(settings: Settings, part: Architecture) -> Settings:
    """Return how a part of a network is planned where the whole is planned with some settings.

    Parameters
    ----------
    settings
        Those of the whole.
    part
        The part.

    Notes
    -----
    Without stores the slots are apart, and the method ``no-storage`` solves them one by one. To a gap of
    1 % ``benders`` needs a tenth of the time of ``exact`` on metro-pair, whose parts took 50 s by the latter.
    """
    baseline = settings.method is not None and settings.method not in WHOLE_METHODS
    method = settings.method if baseline else "benders" if part.storage else "no-storage"
    return replace(settings, method=method, gap=max(settings.gap, PART_GAP), warm_start=False)


def _no_less_than_parts(
    listed: ListedPaths, run: Run, settings: Settings, found: Outcome, known: dict[str, Solution] | None
) -> Outcome:
    """Replace a plan that a part of the network beats, which can only happen within the gap.

    A part that cannot be worth more, by its LP relaxation, is not planned.
    """
    if found.status == "infeasible":
        return found
    problem, best = listed.problem, found.primal
    for part, left in reversed(distinct_parts(problem.instance)):
        worth = -np.inf if best is None else float(problem.model.cost @ best)
        if run.must_stop or cannot_beat(worth, part_of(problem, part), run):
            continue
        limit = None if run.time_limit is None else run.remaining / left
        chosen = replace(part_settings(settings, part), time_limit=limit)
        solved = solve(problem.instance, chosen, listed=listed, part=part)
        if known is not None and solved.status != "interrupted":
            known[part.name] = solved
        if solved.primal is not None and float(problem.model.cost @ solved.primal) > worth:
            best = solved.primal
            run.raise_incumbent_to(float(problem.model.cost @ best))
            run.note(f"plan of a part: {part.name}")
    return replace(found, primal=best)


def _no_less_than_baselines(problem: Problem, run: Run, settings: Settings, found: Outcome) -> Outcome:
    """Replace a plan that a baseline beats, which can only happen within the gap."""
    if found.status == "infeasible":
        return found
    worth = -np.inf if found.primal is None else float(problem.model.cost @ found.primal)
    better = best_baseline(problem, run, settings.gap, settings.seed, floor=worth)
    return found if better is None else replace(found, primal=better)


def _conclude(
    problem: Problem, run: Run, method: Method, outcome: Outcome, gap: float, *,
    generated: Generated | None = None, notes: tuple[str, ...] = (), over_all: bool = False,
) -> Solution:  # fmt: skip
    """Write the plan, hold it against the bound, and let the checker have its say."""
    status, bound = outcome.status, outcome.bound
    covers: BoundCovers = "drawn_paths" if method == "random" else "pool"
    if generated is not None or over_all:
        covers = "all_paths_within_hop_cap"
    plan, achieved = None, None
    conflict = find_conflict(problem) if status == "infeasible" else None
    if outcome.primal is not None:
        done = decisions(problem.formulation, outcome.primal)
        objective = done.objective_pairs
        least = objective - ROUNDING * max(abs(objective), run.least)
        if bound is not None and bound < least:
            # A solver keeps to rows within a share of their size: where the objective is a small difference
            # of large flows, its bound is wrong by as much.
            bound += ROUNDING * float(highest_objective(problem).sum())
            status = "bound_invalid" if bound < least else "stalled"
        if bound is not None and status != "bound_invalid":
            bound = max(bound, objective)
        achieved = None if bound is None else relative_gap(bound, objective)
        if status == "stalled" and bound is not None and own_gap(bound, objective, run.least) <= gap:
            status = "optimal"
        rows = records(problem.formulation, done)
        plan = Plan(
            problem.instance.sha256, method, status, objective, done.delivered_pairs, bound, achieved, covers,
            rows.classes, rows.paths, rows.serve, rows.store, rows.stock, tuple(run.log), gap, rows.discard,
        )  # fmt: skip
        broken = [v for v in check(problem.instance, plan) if v.constraint not in ("bound", "status")]
        if broken:
            raise PlanRejectedError("; ".join(map(str, broken[:5])))
    return Solution(
        method=method,
        status=status,
        plan=plan,
        bound_pairs=bound,
        gap=achieved,
        bound_covers=covers,
        iterations=run.iteration,
        optimality_cuts=run.optimality_cuts,
        feasibility_cuts=run.feasibility_cuts,
        wall_s=run.elapsed,
        warnings=(*notes, *(remarks(problem) if generated is None else remarks_over_all_paths(generated))),
        log=tuple(run.log),
        conflict=conflict,
        problem=problem,
        primal=outcome.primal,
        missing=() if plan is None else demands_with_nothing(problem, plan),
    )
