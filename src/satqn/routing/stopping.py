"""When to stop: gap, time, rounds, no progress, Ctrl-C. Each rule is a small part; a method asks them all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from satqn.interruption import interruptible
from satqn.model.plan import LogLine, PlanStatus

ROUNDING = 1e-6
"""A gap this small is closed: solvers work to such tolerances, whatever gap was asked for."""

NOTHING = 1e-9
"""Share of the first bound, which needs no solver, below which an incumbent counts as 0."""


def relative_gap(bound: float, incumbent: float) -> float:
    """Return (bound - incumbent) / max(1, |incumbent|): the gap as plans state it.

    Parameters
    ----------
    bound, incumbent
        Pairs.
    """
    return (bound - incumbent) / max(1.0, abs(incumbent))


def own_gap(bound: float, incumbent: float, least: float = 0.0) -> float:
    """Return the gap relative to the incumbent, however small: what decides when to stop.

    Parameters
    ----------
    bound, incumbent
        Pairs.
    least
        Incumbents below it count as 0, pairs.
    """
    left = max(0.0, bound - incumbent)
    size = max(abs(incumbent), least)
    return left / size if size > 0 else 0.0 if left == 0.0 else float("inf")


Listener = Callable[[LogLine], None]
"""Is told every line of the log as it is written."""


@dataclass
class Run:
    """One run of a method: its clock, its bound and incumbent, its log, and the wish to stop.

    Parameters
    ----------
    time_limit
        s, or None.
    listener
        Is told every line of the log.
    bound, incumbent
        The best so far, pairs.
    iteration, optimality_cuts, feasibility_cuts
        What a decomposition has done.
    least
        Incumbents below it count as 0, pairs.
    """

    time_limit: float | None = None
    listener: Listener | None = None
    bound: float | None = None
    incumbent: float | None = None
    iteration: int = 0
    optimality_cuts: int = 0
    feasibility_cuts: int = 0
    log: list[LogLine] = field(default_factory=list)
    least: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    interrupted: threading.Event = field(default_factory=threading.Event)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self.started

    @property
    def remaining(self) -> float:
        """Seconds left; infinite without a limit."""
        return float("inf") if self.time_limit is None else max(0.0, self.time_limit - self.elapsed)

    def listing(self) -> float:
        """Return which share of half the time limit is used up, that for listing paths; 1 after Ctrl-C."""
        if self.interrupted.is_set():
            return 1.0
        return 0.0 if self.time_limit is None else self.elapsed / (self.time_limit / 2.0)

    @property
    def out_of_time(self) -> bool:
        """Whether the time is used up."""
        return self.remaining <= 0.0

    @property
    def must_stop(self) -> bool:
        """Whether the time is used up or the user has asked to stop."""
        return self.interrupted.is_set() or self.out_of_time

    @property
    def stop_status(self) -> PlanStatus:
        """Why the run had to stop."""
        return "interrupted" if self.interrupted.is_set() else "time_limit"

    def lower_bound_to(self, bound: float) -> None:
        """Keep the best bound: the problem is a maximisation, so bounds fall."""
        if self.bound is None:
            self.least = NOTHING * abs(bound)
        self.bound = bound if self.bound is None else min(self.bound, bound)

    def raise_incumbent_to(self, value: float) -> bool:
        """Keep the best incumbent; tell whether this one is better."""
        better = self.incumbent is None or value > self.incumbent
        if better:
            self.incumbent = value
        return better

    @property
    def gap(self) -> float:
        """Gap relative to the incumbent, however small; infinite until there are a bound and an incumbent."""
        if self.bound is None or self.incumbent is None:
            return float("inf")
        return own_gap(self.bound, self.incumbent, self.least)

    def note(self, event: str, incumbent: float | None = None) -> None:
        """Write a line into the log; ``incumbent`` where a solver at work has a better one than the run."""
        best = max((v for v in (self.incumbent, incumbent) if v is not None), default=None)
        entry = LogLine(self.elapsed, event, self.bound, best, self.iteration)
        self.log.append(entry)
        if self.listener is not None:
            self.listener(entry)


Rule = Callable[[Run], PlanStatus | None]
"""Says why to stop, or None to go on."""


def gap_closed(gap: float) -> Rule:
    """Stop as ``optimal`` when the relative gap is closed; never without an incumbent (inf <= inf)."""

    def rule(run: Run) -> PlanStatus | None:
        return "optimal" if run.incumbent is not None and run.gap <= max(gap, ROUNDING) else None

    return rule


def asked_to_stop(run: Run) -> PlanStatus | None:
    """Stop at the time limit or on Ctrl-C."""
    return run.stop_status if run.must_stop else None


def iterations(most: int | None) -> Rule:
    """Stop after so many rounds."""

    def rule(run: Run) -> PlanStatus | None:
        return "iteration_limit" if most is not None and run.iteration >= most else None

    return rule


class Stall:
    """Stop when neither bound nor incumbent has moved for so many rounds."""

    def __init__(self, rounds: int | None) -> None:
        self._rounds = rounds
        self._best: tuple[float | None, float | None] = (None, None)
        self._since = 0

    def __call__(self, run: Run) -> PlanStatus | None:
        """Return ``stalled`` or None."""
        now = (run.bound, run.incumbent)
        if now != self._best:
            self._best, self._since = now, run.iteration
        return "stalled" if self._rounds is not None and run.iteration - self._since >= self._rounds else None


def first_reason(rules: Sequence[Rule], run: Run) -> PlanStatus | None:
    """Return the first reason to stop, or None."""
    return next((reason for rule in rules if (reason := rule(run)) is not None), None)


@contextmanager
def ctrl_c_stops(run: Run) -> Iterator[None]:
    """Let the first Ctrl-C ask the run to stop with what it has; the second one ends the program."""
    with interruptible(run.interrupted):
        yield
