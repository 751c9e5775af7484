"""Monte-Carlo of a chain: tasks of fixed size, named by their content, whose counts add."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.limits import lifted
from satqn.physics.checks import in_range, whole_number
from satqn.simulate.chain import Chain, Restart
from satqn.simulate.chain_arrays import time_unit
from satqn.simulate.chain_counts import ChainCounts
from satqn.simulate.executor import Workers, stopping
from satqn.simulate.store import CountStore, task_name

Status = Literal["done", "limit", "interrupted"]
Report = Callable[[int, int], None]

TASK_DELIVERIES = 1 << 14
"""Deliveries of one task; the last task of a run may be smaller, and a continuous one is longer where many
memories make deliveries remember each other for long: see :func:`task_size`."""
LONGEST_TASK = 16
"""Times that size at most."""
REMEMBERED = 8
"""Deliveries per memory of a link after which a continuous chain has forgotten how it began: about one for
each memory turns over what is stored."""
FIRST_LOOK = 4
"""Tasks before a target is first looked at; then after twice as many, and so on, whatever the workers."""
WAVE = 256
"""Most tasks that are looked up, done and added before the next ones are thought of."""
WARM_UP = 256
"""Deliveries from the empty chain that a continuous task does not count, at least."""
_EVENTS = 1 << 20
"""Events between two looks at Ctrl-C."""

MOST_BYTES = 1 << 31
"""Memory of one task that is taken without being told to."""
MOST_SECONDS = 20_000.0
"""Processor time of a run that is begun without being told to, s, as :func:`event_seconds` estimates it."""
FIRST_ESTIMATE = 4.0
"""Processor time after which a task looks how many events a delivery takes, s, by the same estimate."""


@dataclass(frozen=True, slots=True)
class ChainTask:
    """A part of a run: so many deliveries with the random numbers of one index."""

    chain: Chain
    restart: Restart
    seed: int
    index: int
    deliveries: int
    most_events: float = math.inf

    def name(self) -> str:
        """Return the name of its counts in a store."""
        return task_name(
            {
                "what": "chain",
                "chain": self.chain.to_dict(),
                "restart": self.restart,
                "seed": self.seed,
                "index": self.index,
                "deliveries": self.deliveries,
            }
        )


@dataclass(frozen=True, slots=True)
class ChainRun:
    """Counts of a run and how it ended: ``done``, ``limit`` (target not reached) or ``interrupted``."""

    counts: ChainCounts
    status: Status


def run_task(task: ChainTask) -> dict[str, NDArray[Any]]:
    """Carry out one task in this process and return its counts as arrays.

    Raises
    ------
    InputError
        The chain is stuck: every memory waits for something that cannot come. Or a delivery takes longer
        than times are exact, or more events than ``most_events`` allow for all.
    """
    from satqn.kernels.simulate_work import MOST_TIME, OVERLONG, PAUSED, STUCK
    from satqn.simulate.chain_kernel import RunningChain

    seed = np.random.SeedSequence(task.seed, spawn_key=(zlib.crc32(b"chain"), task.index))
    words = seed.generate_state(4, np.uint64).astype(np.uint64)
    running = RunningChain(task.chain, task.restart, words)
    before, events = (0, 0), max(_EVENTS // (1 + int(task.chain.memories) // 16), 1)
    for deliveries in ([warm_up(task.chain)] if task.restart == "continuous" else []) + [task.deliveries]:
        running.begin_counting()
        while (state := running.advance(deliveries, events)) == PAUSED:
            if stopping():
                raise KeyboardInterrupt
            so_far = tuple(a + b for a, b in zip(running.progress(), before, strict=True))
            spent = so_far[1] * event_seconds(int(task.chain.memories))
            if spent >= FIRST_ESTIMATE and so_far[1] / max(so_far[0], 1) > task.most_events:
                raise _too_long(task, *so_far)
        before = running.progress()
        if state == OVERLONG:
            raise InputError(
                f"a delivery takes more than {MOST_TIME:.2g} times the shortest attempt",
                why="Times are counted in it, and are whole numbers only up to there",
                fix="Give larger success probabilities, a longer cut-off or fewer links",
            )
        if state == STUCK:
            raise InputError(
                "the chain is stuck: all memories are full and nothing can be swapped, purified or discarded",
                fix="Give more memories or a cut-off",
            )
    return running.counts().to_arrays()


def _too_long(task: ChainTask, delivered: int, events: int) -> InputError:
    found = f"{delivered} pairs were" if delivered else "no pair was"
    cost = event_seconds(int(task.chain.memories))
    wanted = MOST_SECONDS / cost / task.most_events
    seconds = events / max(delivered, 1) * wanted * cost
    least = "about" if delivered else "more than"
    return InputError(
        f"{found} delivered in {events:.3g} steps: {round(wanted)} would take {least} {_span(seconds)}",
        why="Successes, swaps or cut-offs leave hardly any pair to the end",
        fix="Change the chain, ask for fewer runs, or give --force to go on all the same",
    )


def _span(seconds: float) -> str:
    for unit, size in (("years", 3.156e7), ("days", 86400.0), ("hours", 3600.0)):
        if seconds >= 2.0 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 60.0:.3g} minutes"


def event_seconds(memories: int) -> float:
    """Return about how long one event takes, s: among many memories partners are looked for.

    Source: benchmarks/results/simulate.json.
    """
    return 1.5e-7 * (1.0 + memories / 30.0)


def warm_up(chain: Chain) -> int:
    """Return how many deliveries from the empty chain a continuous task does not count."""
    return max(WARM_UP, REMEMBERED * int(chain.memories))


def task_size(chain: Chain, restart: Restart) -> int:
    """Return the deliveries of one task."""
    if restart == "fresh":
        return TASK_DELIVERIES
    return TASK_DELIVERIES * min(max(warm_up(chain) // 1024, 1), LONGEST_TASK)


def refuse_too_large(links: int, memories: int, restart: Restart, deliveries: int) -> None:
    """Refuse, before anything is built, what would take the machine's memory or days.

    Parameters
    ----------
    links, memories
        Of the chain.
    restart, deliveries
        Of the run.

    Raises
    ------
    InputError
        With what it would need; see :mod:`satqn.limits`.
    """
    from satqn.kernels.simulate_work import BYTES_PER_PLACE

    if lifted():
        return
    places = links * memories
    size = places * BYTES_PER_PLACE
    if size > MOST_BYTES:
        raise InputError(
            f"{links} links with {memories} memories need {size / 2**30:.3g} GiB for every process",
            why=f"More than {MOST_BYTES / 2**30:g} GiB is not taken unasked",
            fix="Give fewer links or memories, or --force",
        )
    events = float(deliveries) * (places if restart == "fresh" else links)
    seconds = events * event_seconds(1 if restart == "fresh" else memories)
    if seconds > MOST_SECONDS:
        raise InputError(
            f"{deliveries} deliveries of {links} links with {memories} memories take at least {events:.3g} "
            f"steps, {_span(seconds)} or more",
            fix="Ask for fewer runs, give fewer links or memories, or --force",
        )


def simulate_chain(
    chain: Chain,
    *,
    deliveries: int = 1 << 16,
    seed: int = 1,
    restart: Restart = "fresh",
    target_relative_error: float | None = None,
    workers: Workers | None = None,
    store: Path | None = None,
    report: Report | None = None,
) -> ChainRun:
    """Simulate a chain until so many end-to-end pairs are delivered.

    Parameters
    ----------
    chain
        The chain.
    deliveries
        End-to-end pairs, >= 1; with a target the most there may be.
    seed
        >= 0. Same chain, seed and version: same counts, whatever the workers.
    restart
        ``fresh``: every run starts with empty memories and ends at the first delivery: waiting times.
        ``continuous``: the chain goes on; the time of a delivery is that since the one before.
    target_relative_error
        Stop when half of the 95 % interval over the mean is as small, for time and fidelity; looked at
        after 4, 8, 16, ..., 256, 512, 768, ... tasks of 16 384 deliveries (continuous with more than 255
        memories: of up to 16 times as many).
    workers
        Where tasks run; by default this process.
    store
        Folder that keeps finished tasks, so that a run that was stopped goes on where it was.
    report
        Called with deliveries counted and wanted.

    Raises
    ------
    InputError
        A value out of range, a chain that is stuck, or one that is too large or takes too long.

    Notes
    -----
    After Ctrl-C the counts of the tasks up to the first unfinished one are returned; the others are kept
    in the store.

    Examples
    --------
    >>> run = simulate_chain(Chain.uniform(2, success=0.5, attempt_time=1e-3), deliveries=20_000)
    >>> abs(run.counts.time.mean - 8e-3 / 3) < 6 * run.counts.time.error
    True
    """
    in_range("deliveries", deliveries, 1)
    whole_number("seed", seed, 0)
    if target_relative_error is not None:
        in_range("target relative error", target_relative_error, 0.0, above=True)
    size = task_size(chain, restart)
    wanted = deliveries if target_relative_error is None else min(deliveries, FIRST_LOOK * size)
    refuse_too_large(chain.links, int(chain.memories), restart, wanted)
    whole_number("deliveries", deliveries, 1)
    most_events = math.inf if lifted() else MOST_SECONDS / event_seconds(int(chain.memories)) / wanted
    total = ChainCounts.nothing(time_unit(chain), restart)
    counts = CountStore(store)
    tasks = -(-deliveries // size)
    for first, last in _waves(tasks, target_relative_error is not None):
        wave = [
            ChainTask(chain, restart, seed, k, min(size, deliveries - k * size), most_events)
            for k in range(first, last)
        ]
        done: dict[int, ChainCounts] = {}
        interrupted = False
        try:
            for task, arrays in _results(wave, workers or Workers(), counts):
                done[task.index] = ChainCounts.from_arrays(total.unit, restart, arrays)
                if report is not None:
                    report(total.delivered + sum(one.delivered for one in done.values()), deliveries)
        except KeyboardInterrupt:
            interrupted = True
        for k in range(first, last):
            if k not in done:
                break
            total += done[k]
        if interrupted:
            return ChainRun(total, "interrupted")
        if target_relative_error is not None and total.relative_error <= target_relative_error:
            return ChainRun(total, "done")
    return ChainRun(total, "done" if target_relative_error is None else "limit")


def _waves(tasks: int, looks: bool) -> Iterator[tuple[int, int]]:
    first, last = 0, FIRST_LOOK if looks else WAVE
    while first < tasks:
        yield first, min(last, tasks)
        first, last = last, last + min(last, WAVE)


def _results(
    wave: list[ChainTask], workers: Workers, counts: CountStore
) -> Iterator[tuple[ChainTask, dict[str, NDArray[Any]]]]:
    """Yield the tasks of a wave with their counts: kept ones first, then new ones, which are kept."""
    missing = []
    for task in wave:
        kept = counts.read(task.name()) if counts.folder is not None else None
        if kept is None:
            missing.append(task)
        else:
            yield task, kept
    for task, arrays in workers.results(run_task, missing):
        if counts.folder is not None:
            counts.write(task.name(), arrays)
        yield task, arrays
