"""Monte-Carlo of a chain: tasks of fixed size, named by their content, whose counts add."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.physics.checks import in_range, whole_number
from satqn.simulate.chain import Chain, Restart
from satqn.simulate.chain_arrays import time_unit
from satqn.simulate.chain_counts import ChainCounts
from satqn.simulate.executor import Workers, stopping
from satqn.simulate.store import CountStore, task_name

Status = Literal["done", "limit", "interrupted"]
Report = Callable[[int, int], None]

TASK_DELIVERIES = 1 << 14
"""Deliveries of one task; the last task of a run may be smaller."""
FIRST_LOOK = 4
"""Tasks before a target is first looked at; then after twice as many, and so on, whatever the workers."""
WAVE = 256
"""Most tasks that are looked up, done and added before the next ones are thought of."""
WARM_UP = 256
"""Deliveries from the empty chain that a continuous task does not count."""
_EVENTS = 1 << 20
"""Events between two looks at Ctrl-C."""


@dataclass(frozen=True, slots=True)
class ChainTask:
    """A part of a run: so many deliveries with the random numbers of one index."""

    chain: Chain
    restart: Restart
    seed: int
    index: int
    deliveries: int

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
        The chain is stuck: every memory waits for something that cannot come.
    """
    from satqn.kernels.simulate_work import PAUSED, STUCK
    from satqn.simulate.chain_kernel import RunningChain

    seed = np.random.SeedSequence(task.seed, spawn_key=(zlib.crc32(b"chain"), task.index))
    words = seed.generate_state(4, np.uint64).astype(np.uint64)
    running = RunningChain(task.chain, task.restart, words)
    for deliveries in ([WARM_UP] if task.restart == "continuous" else []) + [task.deliveries]:
        running.begin_counting()
        while (state := running.advance(deliveries, _EVENTS)) == PAUSED:
            if stopping():
                raise KeyboardInterrupt
        if state == STUCK:
            raise InputError(
                "the chain is stuck: all memories are full and nothing can be swapped, purified or discarded",
                fix="Give more memories or a cut-off",
            )
    return running.counts().to_arrays()


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
        after 4, 8, 16, ..., 256, 512, 768, ... tasks of 16 384 deliveries.
    workers
        Where tasks run; by default this process.
    store
        Folder that keeps finished tasks, so that a run that was stopped goes on where it was.
    report
        Called with deliveries counted and wanted.

    Raises
    ------
    InputError
        A value out of range, or a chain that is stuck.

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
    whole_number("deliveries", deliveries, 1)
    whole_number("seed", seed, 0)
    if target_relative_error is not None:
        in_range("target relative error", target_relative_error, 0.0, above=True)
    total = ChainCounts.nothing(time_unit(chain), restart)
    counts = CountStore(store)
    tasks = -(-deliveries // TASK_DELIVERIES)
    for first, last in _waves(tasks, target_relative_error is not None):
        wave = [
            ChainTask(chain, restart, seed, k, min(TASK_DELIVERIES, deliveries - k * TASK_DELIVERIES))
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
