"""Promised against delivered, pair by pair and in quartiles: the tables of the replayed hybrid protocol."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from satqn.hybrid_replay.promises import QUESTIONS, Promise
from satqn.reports.cells import cell as text_cell
from satqn.simulate.chain_counts import Estimate
from satqn.simulate.executor import Workers
from satqn.simulate.hybrid import Discipline, ReplayTask, replay_task
from satqn.simulate.hybrid_counts import WayCounts

Counts = Mapping[Discipline, WayCounts]
Report = Callable[[int, int], None]
WAYS = ("fibre", "hybrid")


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """A promise and what was counted under every discipline; None where it cannot be placed."""

    promise: Promise
    counts: Counts | None


class ReplayInterrupted(KeyboardInterrupt):
    """The user stopped a replay; ``partial`` holds the rows that were finished, in order."""

    def __init__(self, partial: list[ReplayRow]) -> None:
        self.partial = partial
        super().__init__(f"stopped after {len(partial)} promises")


def replay(
    promises: Iterable[Promise],
    *,
    runs: int,
    seed: int,
    workers: Workers | None = None,
    report: Report | None = None,
) -> list[ReplayRow]:
    """Replay promises and return them, in their order, with what is delivered.

    Parameters
    ----------
    promises
        From :func:`satqn.hybrid_replay.promises.promises`.
    runs, seed
        Rounds of every discipline, and the seed; the same counts whatever the workers and other promises.
    workers
        Where tasks run; by default this process.
    report
        Called with ways replayed and all.

    Raises
    ------
    InputError
        A value out of range.
    ReplayInterrupted
        On Ctrl-C, with what was finished.
    """
    wanted = [(one, _task(one, runs, seed)) for one in promises]
    tasks = list(dict.fromkeys(task for _, task in wanted if task is not None))
    counts: dict[ReplayTask | None, Counts] = {}
    try:
        for task, found in (workers or Workers()).results(replay_task, tasks):
            counts[task] = found
            if report is not None:
                report(len(counts), len(tasks))
    except KeyboardInterrupt as stop:
        done = [ReplayRow(one, counts[task]) for one, task in wanted if task in counts]
        raise ReplayInterrupted(done) from stop
    return [ReplayRow(one, counts.get(task)) for one, task in wanted]


def _task(one: Promise, runs: int, seed: int) -> ReplayTask | None:
    key = (one.node_a, one.node_b, one.question, one.way)
    return None if one.plan is None else ReplayTask(one.plan, key, runs, seed)


def _fidelity(discipline: Discipline) -> Callable[[Counts], Estimate | None]:
    return lambda counts: counts[discipline].fidelity


def _time(discipline: Discipline) -> Callable[[Counts], Estimate | None]:
    return lambda counts: counts[discipline].time


ESTIMATES: tuple[tuple[str, Callable[[Counts], Estimate | None]], ...] = (
    ("counted_fidelity", _fidelity("counted")),
    ("mean_numbers_fidelity", _fidelity("mean")),
    ("rounds_delivered_share", lambda counts: counts["rounds"].share),
    ("rounds_without_satellite_share", lambda counts: counts["rounds"].without_satellite),
    ("rounds_without_fibre_share", lambda counts: counts["rounds"].without_fibre),
    ("rounds_fidelity", _fidelity("rounds")),
    ("patient_time_s", _time("patient")),
    ("patient_fidelity", _fidelity("patient")),
    ("planned_time_s", _time("planned")),
    ("planned_fidelity", _fidelity("planned")),
)
"""What is counted of a way, each with the ends of its 95 % interval."""


def replay_csv(rows: Sequence[ReplayRow]) -> str:
    """Return one line per promise: what was promised, and what every discipline delivers with intervals."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    promised = ["node_a", "node_b", "question", "way", "chosen", "promised_time_s", "promised_fidelity"]
    promised += ["both_legs_fidelity", "one_chain_fidelity"]
    ends = [f"{name}{end}" for name, _ in ESTIMATES for end in ("", "_low", "_high")]
    writer.writerow([*promised, "photon_repeaters", "fewest_copies", "runs", *ends])
    for row in rows:
        one, counts = row.promise, row.counts
        cells: list[Any] = [text_cell(one.node_a), text_cell(one.node_b), one.question, one.way]
        cells += [str(one.chosen).lower()]
        cells += [one.time, one.fidelity, one.with_both_legs, one.as_one_chain, one.photon_repeaters]
        if one.plan is None or counts is None:
            cells += [""] * (2 + len(ends))
        else:
            cells += [min(part.copies for part in one.plan.parts), counts["rounds"].runs]
            for _, get in ESTIMATES:
                estimate = get(counts)
                cells += [""] * 3 if estimate is None else estimate.to_dict().values()
        writer.writerow([f"{cell:.8g}" if isinstance(cell, float) else cell for cell in cells])
    return stream.getvalue()


Measure = Callable[[Promise, Counts], "float | None"]


def _mean(estimate: Estimate | None) -> float | None:
    return None if estimate is None else estimate.mean


def _gap(later: Discipline, earlier: Discipline | None) -> Measure:
    """Return by how much the fidelity of a discipline is above another one's, or above the promise."""

    def gap(promise: Promise, counts: Counts) -> float | None:
        before = promise.fidelity if earlier is None else _mean(counts[earlier].fidelity)
        return None if before is None else _above(counts[later], before)

    return gap


def _above(counts: WayCounts, before: float) -> float | None:
    mean = _mean(counts.fidelity)
    return None if mean is None else mean - before


def _rate(discipline: Discipline) -> Measure:
    """Return the rate of a discipline over the promised one."""

    def rate(promise: Promise, counts: Counts) -> float | None:
        time = _mean(counts[discipline].time)
        return 0.0 if time is None else promise.time / time

    return rate


MEASURES: tuple[tuple[str, str, Measure], ...] = (
    ("promised_fidelity", "F promised", lambda promise, _: promise.fidelity),
    ("leg_left_out", "  leg and swap left out", lambda p, _: p.with_both_legs - p.fidelity),
    ("swap_noise_in_legs", "  swap noise inside legs", lambda p, _: p.as_one_chain - p.with_both_legs),
    ("real_states", "  real states of copies", lambda p, c: _above(c["counted"], p.as_one_chain)),
    ("no_waiting_for_others", "  copies made while others wait", _gap("mean", "counted")),
    ("random_numbers", "  random numbers of copies", _gap("rounds", "mean")),
    ("rounds_fidelity_gap", "rounds: F above promise", _gap("rounds", None)),
    ("rounds_rate_ratio", "  rate over promise", _rate("rounds")),
    ("rounds_without_satellite", "  no satellite pair", lambda _, c: c["rounds"].without_satellite.mean),
    ("rounds_without_fibre", "  fibre not ready", lambda _, c: c["rounds"].without_fibre.mean),
    ("patient_fidelity_gap", "patient: F above promise", _gap("patient", None)),
    ("patient_rate_ratio", "  rate over promise", _rate("patient")),
    ("planned_fidelity_gap", "planned: F above promise", _gap("planned", None)),
    ("planned_rate_ratio", "  rate over promise", _rate("planned")),
)
"""Key, title and value of what is put into quartiles."""


def summarise_replay(rows: Sequence[ReplayRow], target_fidelity: float) -> list[dict[str, Any]]:
    """Return, for every question and way, how many promises there are and quartiles of how they are kept.

    ``below_promise`` and ``below_target`` count the ways whose patient fidelity is more than four standard
    errors below the promised one and below the target that was promised to be reached (None where none
    was); ``unplaceable`` those with a leg that has no placement in the promised time.
    """
    groups = []
    for question in QUESTIONS:
        for way in WAYS:
            mine = [row for row in rows if (row.promise.question, row.promise.way) == (question, way)]
            if mine:
                target = target_fidelity if question == "at_target" else None
                groups.append({"question": question, "way": way, **_group(mine, target)})
    return groups


def _group(rows: Sequence[ReplayRow], target: float | None) -> dict[str, Any]:
    played = [(row.promise, row.counts) for row in rows if row.counts is not None]
    quartiles: dict[str, list[float] | None] = {}
    for key, _, measure in MEASURES:
        values = [value for one in played if (value := measure(*one)) is not None]
        found = np.quantile(values, (0.25, 0.5, 0.75)).tolist() if values else None
        quartiles[key] = found
    return {
        "promises": len(rows),
        "chosen": sum(row.promise.chosen for row in rows),
        "unplaceable": len(rows) - len(played),
        "below_promise": sum(_below(counts["patient"].fidelity, one.fidelity) for one, counts in played),
        "below_target": None
        if target is None
        else sum(_below(counts["patient"].fidelity, target) for _, counts in played),
        "quartiles": quartiles,
    }


def _below(fidelity: Estimate | None, mark: float) -> bool:
    return fidelity is None or fidelity.mean + 4.0 * (fidelity.error or 0.0) < mark
