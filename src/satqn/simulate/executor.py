"""The one seam to other processors: tasks in, results out as they are done, from any executor.

Locally it is a pool of spawned processes (none for one worker), with ``cluster`` a Dask scheduler. Tasks
must be pure, so that one that was lost with its worker can simply be done again.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from multiprocessing.connection import wait as wait_for
from multiprocessing.synchronize import Event
from types import TracebackType
from typing import Any, TypeVar

from satqn.errors import EXIT_CHECK_FAILED, InputError, SatqnError
from satqn.extras import need
from satqn.interruption import asked_to_stop, interruptible

Task = TypeVar("Task")
Result = TypeVar("Result")

BROKEN_POOLS = 5
"""A pool may break so often, with nothing finished in between, before the run gives up."""

_stop: Event | None = None


class WorkersLostError(SatqnError):
    """Worker processes die again and again; exit status 1."""

    exit_code = EXIT_CHECK_FAILED


def stopping() -> bool:
    """Return whether the run was told to stop; a long task should ask now and then."""
    return asked_to_stop() or (_stop is not None and _stop.is_set())


def _begin_worker(stop: Event) -> None:
    global _stop
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which sets the event
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent has gone: a worker whose parent was killed would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait_for([parent.sentinel])
        os._exit(EXIT_CHECK_FAILED)


class Workers:
    """Where tasks run; a context that ends its processes, after an error or Ctrl-C without waiting for tasks.

    Parameters
    ----------
    count
        Processes, >= 1; with 1 everything runs in this process, in order.
    cluster
        Address of a Dask scheduler (``tcp://host:8786``) instead of local processes.
    open_executor
        Makes any other :class:`concurrent.futures.Executor`, again if it breaks.

    Raises
    ------
    InputError
        No workers, no ``distributed``, or no scheduler at the address.

    Examples
    --------
    >>> with Workers() as workers:
    ...     list(workers.results(abs, [-2, 1]))
    [(-2, 2), (1, 1)]
    """

    def __init__(
        self,
        count: int = 1,
        *,
        cluster: str | None = None,
        open_executor: Callable[[], Executor] | None = None,
    ) -> None:
        if count < 1:
            raise InputError(f"{count} workers", where="--workers", fix="Give at least 1")
        self.count = count
        self._event = multiprocessing.get_context("spawn").Event()
        self._open = open_executor
        if open_executor is None and cluster is not None:
            self._open = lambda: self._dask(cluster)
        elif open_executor is None and count > 1:
            self._open = self._processes
        self._pool: Executor | None = None
        self._client: Any = None
        self._running: dict[Future[Any], Any] = {}

    def _processes(self) -> Executor:
        spawn = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(
            self.count, mp_context=spawn, initializer=_begin_worker, initargs=(self._event,)
        )

    def _dask(self, address: str) -> Executor:
        distributed = need("distributed", where="--cluster")
        try:
            self._client = distributed.Client(address, timeout="10s")
        except (OSError, ValueError) as error:
            raise InputError(
                f"no Dask scheduler answers at {address!r}",
                where="--cluster",
                fix="Start one with `dask scheduler` and give its address, e.g. tcp://localhost:8786",
            ) from error
        self.count = max(self.count, sum(self._client.nthreads().values()))
        executor: Executor = self._client.get_executor()
        return executor

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._event.set()
        self._close()

    def _close(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            for future in self._running:
                future.cancel()
            pool.shutdown(wait=True)
        if self._client is not None:
            self._client.close()
            self._client = None

    def results(
        self, function: Callable[[Task], Result], tasks: Iterable[Task]
    ) -> Iterator[tuple[Task, Result]]:
        """Yield every task with its result, in the order in which they are done.

        Parameters
        ----------
        function
            Pure and importable by name: it runs in other processes.
        tasks
            Drawn lazily, two for every worker ahead of what is done.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C, between two tasks.
        WorkersLostError
            The pool broke several times and nothing was finished in between; tasks of a worker that
            died once are done again by a new pool.
        """
        if self._open is None:
            yield from _in_this_process(function, tasks)
            return
        waiting, unfinished, broken = iter(tasks), list[Task](), 0
        while broken < BROKEN_POOLS:
            self._pool = self._pool or self._open()
            running: dict[Future[Result], Task] = {}
            self._running = running
            try:
                for task in unfinished:
                    running[self._pool.submit(function, task)] = task
                while True:
                    while len(running) < 2 * self.count and (fresh := list(_take(waiting))):
                        unfinished += fresh
                        running[self._pool.submit(function, fresh[0])] = fresh[0]
                    if not running:
                        return
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        result = future.result()
                        task = running.pop(future)
                        unfinished.remove(task)
                        broken = 0
                        yield task, result
            except BrokenExecutor:
                broken += 1
                self._close()
        raise WorkersLostError(
            f"worker processes died {BROKEN_POOLS} times in a row",
            why="Finished tasks were kept",
            fix="See whether memory runs out, or try with --workers 1",
        )


def _in_this_process(
    function: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[tuple[Task, Result]]:
    """Do tasks one after the other; Ctrl-C waits until the one at work has ended, or has noticed it."""
    for task in tasks:
        with interruptible() as asked:
            result = function(task)
        yield task, result
        if asked.is_set():
            raise KeyboardInterrupt


def _take(waiting: Iterator[Task]) -> Iterator[Task]:
    """Yield the next task if there is one."""
    for task in waiting:
        yield task
        return
