"""The worker of one job: ``python -m satqn.server.work FOLDER LONGEST_S``, a process of its own.

Cancelling is a file in the folder of the job, so that a server that was started later can do it, too; it
reaches the planner as Ctrl-C does, which keeps the incumbent.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from satqn.errors import InfeasibleError, SatqnError
from satqn.files import write_atomically
from satqn.interruption import interrupted_within, obey_signals
from satqn.server.answers import error_document
from satqn.server.jobs import CANCEL, EVENTS, GLOBE, LOCK, REQUEST, RUN, STATE
from satqn.server.locks import hold

_LOOK_S = 0.1
_PROGRESS_S = 0.2
"""s between two events of progress."""
_GRACE_S = 60.0
"""s after the first wish to stop until a second one, which ends the process."""


class Told:
    """The log of events of a job, a line of JSON each.

    Parameters
    ----------
    path
        The file; it is begun anew.
    """

    def __init__(self, path: Path) -> None:
        self._file = open(path, "w", encoding="utf-8")  # noqa: SIM115 - for the life of the process
        self._last = 0.0

    def __call__(self, event: str, data: dict[str, Any]) -> None:
        """Write an event."""
        self._file.write(json.dumps({"event": event, "data": data}, allow_nan=False) + "\n")
        self._file.flush()

    def progress(self, stage: str) -> Callable[[int, int], None]:
        """Return a listener of work done and all, which tells some of what it hears."""

        def heard(done: int, total: int) -> None:
            now = time.monotonic()
            if done >= total or now - self._last >= _PROGRESS_S:
                self._last = now
                self("progress", {"stage": stage, "done": done, "total": total})

        return heard


def main(folder: Path, longest: float) -> int:
    """Do the job of a folder and return 0; what went wrong stands in its state."""
    lock = hold(folder / LOCK)
    if lock is None:
        return 1  # another worker is at it
    told = Told(folder / EVENTS)
    asked = _listen(folder / CANCEL, longest)
    state: dict[str, Any] = {"state": "done", "plan": False, "status": None, "error": None}
    try:
        _do(folder, told, state)
    except InfeasibleError as error:
        state |= {"state": "infeasible", "error": error_document(error)}
    except SatqnError as error:
        state |= {"state": "failed", "error": error_document(error)}
    except (KeyboardInterrupt, Exception) as error:
        if not interrupted_within(error):
            _write(folder / STATE, {**state, "state": "failed", "error": _fault(error)})
            raise  # its traceback goes into the log of the worker
        state["state"] = "cancelled"
    if asked.is_set() and state["state"] == "done" and state["status"] == "interrupted":
        state["state"] = "cancelled"
    _write(folder / STATE, state)
    return 0


def _do(folder: Path, told: Told, state: dict[str, Any]) -> None:
    """Load, build, plan and report, telling of each."""
    request = json.loads((folder / REQUEST).read_bytes())
    source, changes, limit = request["source"], dict(request["changes"]), request["time_limit_s"]
    told("stage", {"stage": "loading"})
    from satqn import api

    scenario = api.load(source, changes)
    if not isinstance(scenario, api.PlanScenario):
        told("stage", {"stage": "running"})
        watch = api.Watch(pairs=told.progress("evaluating pairs"))
        _, summary = api.run(source, folder / RUN, overrides=changes, watch=watch)
        state["status"] = summary.get("status", "optimal")
        return
    told("stage", {"stage": "building"})
    system = api.build(scenario, progress=told.progress("evaluating links"))
    told("stage", {"stage": "planning"})

    def bounds(line: Any) -> None:
        told(
            "bounds",
            {
                "wall_s": round(line.wall_s, 3),
                "event": line.event,
                "bound_pairs": line.bound,
                "incumbent_pairs": line.incumbent,
            },
        )

    solution = api.plan(system, listener=bounds, time_limit=limit)
    state["status"] = solution.status
    if solution.plan is None:
        if solution.status == "infeasible":
            raise InfeasibleError(f"no plan can keep the promised rates: {solution.conflict or ''}")
        if solution.status == "interrupted":
            raise KeyboardInterrupt
        raise SatqnError("no plan was found before the time was over", fix="Give more time")
    told("stage", {"stage": "explaining"})
    # What one more of everything brings is planned anew, which may take long: the plan is shown before.
    record = api.record(system, solution, source, changes, brief=True)
    _write(folder / GLOBE, api.globe(record))
    state["plan"] = True
    _write(folder / STATE, {**state, "state": "running"})
    told("plan", {"delivered_pairs": solution.plan.delivered_pairs, "status": solution.status})
    if solution.status != "interrupted":
        told("stage", {"stage": "asking what one more of everything brings"})
        record = api.record(system, solution, source, changes)
        _write(folder / GLOBE, api.globe(record))
    told("stage", {"stage": "reporting"})
    api.report(system, solution, folder / RUN, record)


def _listen(cancel: Path, longest: float) -> threading.Event:
    """Turn a file, or the end of the time, into Ctrl-C; a second Ctrl-C follows if the first is not heard."""
    asked = threading.Event()

    def look() -> None:
        began = time.monotonic()
        while not cancel.exists() and time.monotonic() - began < longest:
            time.sleep(_LOOK_S)
        asked.set()
        signal.raise_signal(signal.SIGINT)
        time.sleep(_GRACE_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=look, name="satqn-cancel", daemon=True).start()
    return asked


def _fault(error: BaseException) -> dict[str, Any]:
    fault = SatqnError(
        f"a fault of satqn: {type(error).__name__}: {error}",
        fix="The log of the job says more: worker.log in its folder",
    )
    return error_document(fault)


def _write(path: Path, content: dict[str, Any]) -> None:
    write_atomically(path, json.dumps(content, ensure_ascii=False, allow_nan=False))


if __name__ == "__main__":
    obey_signals()
    sys.exit(main(Path(sys.argv[1]), float(sys.argv[2])))
