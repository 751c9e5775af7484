"""``satqn plan``: paths, rates and stocks for a routing instance, with a certified bound."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from satqn.commands.common import Json, Settings, emit_json, overrides, print_table, progress_bar, say, show
from satqn.errors import (
    EXIT_CHECK_FAILED,
    EXIT_INFEASIBLE,
    EXIT_INTERRUPTED,
    EXIT_LIMIT,
    EXIT_OK,
    InputError,
    SatqnWarning,
)

if TYPE_CHECKING:
    from satqn.routing.solve import Solution
    from satqn.routing.stopping import Listener

MethodName = Literal["generated", "exact", "paper", "benders", "satellite-only", "random", "no-storage"]
PathsName = Literal["generated", "k_shortest", "k_shortest_by_slot", "all_simple"]
EXIT = {
    "optimal": EXIT_OK,
    "time_limit": EXIT_LIMIT,
    "iteration_limit": EXIT_LIMIT,
    "stalled": EXIT_LIMIT,
    "interrupted": EXIT_INTERRUPTED,
    "infeasible": EXIT_INFEASIBLE,
    "bound_invalid": EXIT_CHECK_FAILED,
}
"""Exit status of every status of a plan."""
SHOWN_PRICES = 10


def plan(
    source: Annotated[str, Parameter(name="instance")],
    *,
    method: MethodName | None = None,
    paths: PathsName | None = None,
    gap: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    time_limit: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    iterations: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    workers: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    seed: Annotated[int | None, Parameter(allow_leading_hyphen=True)] = None,
    settings: Settings = None,
    ageing: str | None = None,
    draw: Literal["available", "all"] = "available",
    explain: Annotated[bool, Parameter(negative=())] = False,
    convergence: Path | None = None,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    json: Json = False,
) -> int:
    """Plan an instance or a scenario: who is served over which path in which slot, and what is stored.

    The exit status is 0 if the gap is closed, 3 if minimum rates cannot be met, 4 if a limit ended the
    search, 130 after Ctrl-C; with 4 and 130 the best plan so far is kept and written.

    Parameters
    ----------
    source
        An instance file (JSON or YAML), or a planning scenario: a name or a YAML file.
    method
        ``generated`` (default where paths are generated), ``exact`` (default for listed paths up to 3000
        binaries), ``benders`` (default above), ``paper``, or a baseline.
    paths
        Paths to choose from, instead of those that the file names: ``generated`` are all paths within the
        hop cap, sought as they are needed, and the bound holds for all of them.
    gap
        Relative gap between bound and plan at which to stop; 0.001 unless the scenario says otherwise.
    time_limit
        Stop after so many seconds with the best plan so far.
    iterations
        Stop ``paper`` or ``benders`` after so many rounds.
    workers
        Slots that ``benders`` solves at the same time, or in which paths are generated; for the latter one
        per processor unless said.
    seed
        Of the paths that ``random`` draws, and of the search for plans over generated paths.
    ageing
        How ages of stored pairs are told apart where they age: ``cohorts`` (exact; default up to 3000
        binaries), ``copies`` of every store that throw pairs away after 1, 2, 4 and 8 slots (default
        above; ``"copies 1,3"`` for others), or one such cut-off, ``"cutoff 2"``.
    draw
        Whether ``random`` draws among the paths that are up in the slot, or among all.
    explain
        Say what binds, what more of it would be worth, and why a demand gets nothing.
    convergence
        Draw bound and incumbent over time into this file, .pdf or .png.
    output
        Write the plan to this file. For a scenario its instance is written beside it, as NAME.instance.json.
    """
    from satqn.files import check_writable, write_atomically
    from satqn.planning import load_plannable
    from satqn.routing.explain import explain as explanation_of
    from satqn.routing.gains import gains
    from satqn.routing.instance_writer import document_text
    from satqn.routing.plan_file import plan_document
    from satqn.routing.pool import with_paths
    from satqn.routing.solve import solve

    _check_options(gap=gap, time_limit=time_limit, iterations=iterations, workers=workers, seed=seed)
    _check_options(ageing=ageing)
    if convergence is not None and convergence.suffix not in {".pdf", ".png"}:
        raise InputError(f"{convergence} is neither .pdf nor .png", where="--convergence")
    for place in (output, convergence):
        if place is not None:
            check_writable(place)
    with progress_bar("links") as progress:
        found = load_plannable(source, overrides(None, settings, None), progress)
    changes: dict[str, Any] = {
        "method": method,
        "gap": gap,
        "time_limit": time_limit,
        "workers": workers,
        "seed": seed,
        "draw": draw,
        "ageing": ageing,
        "max_iterations": iterations,
    }
    problem = found.instance if paths is None else with_paths(found.instance, paths)
    chosen = replace(found.settings, **{name: value for name, value in changes.items() if value is not None})
    with _live_bounds(chosen.time_limit) as listener:
        solution = solve(problem, chosen, listener=listener)
    for warning in solution.warnings:
        warnings.warn(warning, SatqnWarning, stacklevel=2)
    if output is not None and solution.plan is not None:
        write_atomically(output, document_text(plan_document(solution.plan)))
        if found.text is not None:
            beside = output.with_name(f"{output.stem}.instance.json")
            write_atomically(beside, found.text)
            say(f"The instance of the plan is {beside}")
    if convergence is not None:
        from satqn.commands.convergence import write_convergence

        write_convergence(solution.method, solution.log, convergence)
    told: dict[str, Any] | None = None
    if explain and solution.primal is not None:
        reasons = explanation_of(solution.problem, solution.primal)
        brought = [gain.to_dict() for gain in gains(solution, reasons.prices)]
        told = reasons.to_dict() | {"gains": brought}
    if json:
        emit_json(solution.summary() | ({} if told is None else {"explanation": told}))
    else:
        _print(solution, told)
    if solution.status == "time_limit":
        left = "there is no plan yet" if solution.plan is None else "the plan stands, the gap is open"
        say(f"The time is over: {left}. Go on longer with --time-limit S, or ask for less with --gap G")
    if solution.conflict is not None:
        say(f"error: infeasible: {solution.conflict}. Lower a minimum rate, or raise capacities")
    return EXIT[solution.status]


def _check_options(**wishes: float | str | None) -> None:
    from satqn.routing.asked import refuse_unusable

    for name, value in wishes.items():
        setting = "max_iterations" if name == "iterations" else name
        refuse_unusable(setting, value, where=f"--{name.replace('_', '-')}")


@contextmanager
def _live_bounds(time_limit: float | None) -> Iterator[Listener | None]:
    """Show bound, incumbent and gap while a method works, on stderr, if that is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from satqn.model.plan import LogLine

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("planning", total=time_limit)

        def show(line: LogLine) -> None:
            text = f"{line.event}  bound {_number(line.bound)}  incumbent {_number(line.incumbent)}"
            bar.update(task, description=text, completed=line.wall_s)

        yield show


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.8g}"


def _print(solution: Solution, reasons: dict[str, Any] | None) -> None:
    from satqn.reports.plan_words import covered, ended_early

    rows = [
        ["status", solution.status],
        ["method", solution.method],
        ["objective, pairs", _number(solution.plan.objective_pairs if solution.plan else None)],
        ["delivered, pairs", _number(solution.plan.delivered_pairs if solution.plan else None)],
        ["bound, pairs", _number(solution.bound_pairs)],
        ["bound covers", covered(solution.bound_covers, len(solution.problem.pool.listed))],
        ["gap", "—" if solution.gap is None else f"{100 * solution.gap:.3g} %"],
        ["paths in the pool", str(len(solution.problem.pool.listed))],
        ["iterations", str(solution.iterations)],
        ["cuts", f"{solution.optimality_cuts} optimality, {solution.feasibility_cuts} feasibility"],
        ["time, s", f"{solution.wall_s:.2f}"],
    ]
    print_table(solution.problem.instance.name or "plan", ["", ""], rows)
    if solution.plan is not None:
        _print_demands(solution)
    for sentence in (ended_early(solution.status), *map(str, solution.missing)):
        if sentence is not None:
            show(sentence)
    if reasons is not None:
        _print_reasons(reasons)


def _print_reasons(explanation: dict[str, Any]) -> None:
    """Print what binds, a line for each place with all its slots, and which demands get nothing when."""
    from satqn.reports.plan_words import one_more_brings, unserved, what_binds

    everything = what_binds(explanation, most=len(explanation["prices"]))
    show("what binds" if everything else "nothing binds")
    for sentence in everything[:SHOWN_PRICES]:
        show(f"  {sentence}")
    if len(everything) > SHOWN_PRICES:
        show(f"  … and {len(everything) - SHOWN_PRICES} of less worth (slot by slot with --json)")
    if explanation.get("gains"):
        show("planned again with one more")
    for gain in explanation.get("gains", ()):
        show(f"  {one_more_brings(gain)}")
    missing = unserved(explanation)
    if missing:
        show("who gets nothing")
    for demand, slots, reason in missing:
        plural = "s" if "–" in slots or "," in slots else ""
        show(f"  demand {demand} in slot{plural} {slots}: {reason}")


def _print_demands(solution: Solution) -> None:
    """Print what every demand gets, and in how many slots."""
    plan = solution.plan
    assert plan is not None
    instance = solution.problem.instance
    owner = {path.id: path.demand for path in plan.paths}
    pairs = dict.fromkeys(instance.demands.ids, 0.0)
    slots: dict[str, set[int]] = {name: set() for name in pairs}
    for serve in plan.serve:
        pairs[owner[serve.path]] += serve.rate * instance.slot_length
        slots[owner[serve.path]].add(serve.slot)
    rows = [[name, f"{pairs[name]:.6g}", f"{len(slots[name])} of {instance.slots}"] for name in pairs]
    print_table("delivered", ["demand", "pairs", "slots served"], rows)
