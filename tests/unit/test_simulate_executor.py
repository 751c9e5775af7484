"""Workers come and go, runs are stopped and go on: counts stay the same."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from satqn.errors import InputError
from satqn.simulate.chain import Chain, CutOff
from satqn.simulate.chain_counts import ChainCounts
from satqn.simulate.executor import Workers, WorkersLostError
from satqn.simulate.monte_carlo import TASK_DELIVERIES, simulate_chain
from satqn.simulate.store import CountStore

CHAIN = Chain.uniform(3, success=0.4, attempt_time=1e-3, fidelity=0.97, cutoff=CutOff((4e-3,)))
TASKS = 12
MANY = TASKS * TASK_DELIVERIES - 1000


def same(a: ChainCounts, b: ChainCounts) -> bool:
    one, other = a.to_arrays(), b.to_arrays()
    return all(np.array_equal(one[name], other[name]) for name in one)


@pytest.fixture(scope="module")
def uninterrupted() -> ChainCounts:
    return simulate_chain(CHAIN, deliveries=MANY, seed=3).counts


def test_all_deliveries_are_there(uninterrupted: ChainCounts) -> None:
    assert uninterrupted.delivered == MANY == uninterrupted.times.sum() == uninterrupted.fidelities.sum()


@pytest.mark.parametrize("restart", ["fresh", "continuous"])
def test_same_counts_whatever_the_workers(restart: str) -> None:
    alone = simulate_chain(CHAIN, deliveries=MANY, seed=3, restart=restart)
    with Workers(3, open_executor=lambda: ThreadPoolExecutor(3)) as workers:
        together = simulate_chain(CHAIN, deliveries=MANY, seed=3, restart=restart, workers=workers)
    assert same(alone.counts, together.counts)
    assert not same(alone.counts, simulate_chain(CHAIN, deliveries=MANY, seed=4, restart=restart).counts)


def test_a_killed_worker_process_loses_nothing(uninterrupted: ChainCounts) -> None:
    killed = []

    def kill_one(done: int, wanted: int) -> None:
        if not killed:
            victim = multiprocessing.active_children()[0]
            assert victim.pid is not None
            os.kill(victim.pid, signal.SIGKILL)
            killed.append(victim.pid)

    with Workers(2) as workers:
        run = simulate_chain(CHAIN, deliveries=MANY, seed=3, workers=workers, report=kill_one)
    assert killed
    assert run.status == "done"
    assert same(run.counts, uninterrupted)


def die(task: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return task


@pytest.mark.slow
def test_workers_that_always_die_end_the_run() -> None:
    with pytest.raises(WorkersLostError, match="5 times"), Workers(2) as workers:
        list(workers.results(die, [1, 2]))


def test_a_killed_run_goes_on_where_it_was(uninterrupted: ChainCounts, tmp_path: Path) -> None:
    process = multiprocessing.get_context("fork").Process(
        target=simulate_chain, args=(CHAIN,), kwargs={"deliveries": MANY, "seed": 3, "store": tmp_path}
    )
    process.start()
    patience = time.monotonic() + 60
    while len(list(tmp_path.rglob("*.kept"))) < 2 and time.monotonic() < patience:
        time.sleep(1e-3)
    process.kill()
    process.join()
    kept = set(tmp_path.rglob("*.kept"))
    assert len(kept) >= 2
    run = simulate_chain(CHAIN, deliveries=MANY, seed=3, store=tmp_path)
    assert same(run.counts, uninterrupted)
    assert kept <= set(tmp_path.rglob("*.kept"))
    assert len(set(tmp_path.rglob("*.kept"))) == TASKS


def test_ctrl_c_keeps_what_is_done(uninterrupted: ChainCounts, tmp_path: Path) -> None:
    def stop(done: int, wanted: int) -> None:
        if done >= 5 * TASK_DELIVERIES:
            raise KeyboardInterrupt

    run = simulate_chain(CHAIN, deliveries=MANY, seed=3, store=tmp_path, report=stop)
    assert run.status == "interrupted"
    assert run.counts.delivered == 5 * TASK_DELIVERIES
    assert len(list(tmp_path.rglob("*.kept"))) == 5
    assert same(simulate_chain(CHAIN, deliveries=MANY, seed=3, store=tmp_path).counts, uninterrupted)


def test_a_damaged_entry_is_counted_again(tmp_path: Path) -> None:
    first = simulate_chain(CHAIN, deliveries=1000, store=tmp_path).counts
    (entry,) = tmp_path.rglob("*.kept")
    entry.write_bytes(entry.read_bytes()[:100])
    assert same(simulate_chain(CHAIN, deliveries=1000, store=tmp_path).counts, first)
    assert CountStore(tmp_path).read(entry.stem) is not None


def test_a_target_stops_at_the_same_place_whatever_the_workers() -> None:
    alone = simulate_chain(CHAIN, deliveries=1 << 30, target_relative_error=3e-3)
    with Workers(2, open_executor=lambda: ThreadPoolExecutor(2)) as workers:
        together = simulate_chain(CHAIN, deliveries=1 << 30, target_relative_error=3e-3, workers=workers)
    assert alone.status == together.status == "done"
    assert same(alone.counts, together.counts)
    assert alone.counts.relative_error <= 3e-3
    assert simulate_chain(CHAIN, deliveries=1000, target_relative_error=1e-6).status == "limit"


def test_results_come_from_any_executor_each_task_once() -> None:
    with Workers(4, open_executor=lambda: ThreadPoolExecutor(4)) as workers:
        assert sorted(workers.results(abs, range(-50, 50))) == [(k, abs(k)) for k in range(-50, 50)]
    with Workers() as workers:
        assert list(workers.results(abs, [-1, 0])) == [(-1, 1), (0, 0)]


def test_bad_input() -> None:
    with pytest.raises(InputError, match="0 workers"):
        Workers(0)


def test_a_cluster_needs_the_extra_or_a_scheduler() -> None:
    with (
        pytest.raises(InputError, match=r"distributed|scheduler"),
        Workers(cluster="tcp://localhost:1") as workers,
    ):
        list(workers.results(abs, [1]))
