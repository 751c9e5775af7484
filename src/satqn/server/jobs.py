"""Jobs: folders with a request, a state, a log of events and a result; named by what they ask for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from satqn._version import __version__
from satqn.errors import InputError, SatqnError
from satqn.files import write_atomically
from satqn.provenance import content_hash
from satqn.server.locks import is_held

ENDED = frozenset({"done", "cancelled", "infeasible", "failed"})
"""States after which nothing more happens."""
STATE, REQUEST, EVENTS, CANCEL, LOCK, GLOBE, RUN = (
    "state.json", "request.json", "events.jsonl", "cancel", "lock", "globe.json", "run",
)  # fmt: skip
"""What is in the folder of a job."""
_KEYS = {
    REQUEST: {"scenario", "source", "changes", "time_limit_s", "created"},
    STATE: {"state", "plan", "status", "error"},
}
_ID = re.compile("[0-9a-f]{32}")
_TICK_S = 0.1


class NoJobError(InputError):
    """There is no job of this id."""


class BusyError(SatqnError):
    """More is asked for at the same time than a machine should take."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken at most.

    Parameters
    ----------
    open_jobs
        Jobs that wait or run.
    kept_jobs
        Jobs in the folder, ended ones included.
    workers
        Jobs that run at the same time.
    longest_s
        Longest time of a job, s.
    body_bytes
        Longest body of a request.
    """

    open_jobs: int = 8
    kept_jobs: int = 500
    workers: int = 1
    longest_s: float = 3600.0
    body_bytes: int = 1_000_000


class Jobs:
    """All jobs of a folder.

    Parameters
    ----------
    folder
        Where they are kept.
    limits
        What is taken at most.
    """

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.folder, self.limits = folder, limits or Limits()
        self._lock = threading.RLock()
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        folder.mkdir(parents=True, exist_ok=True)

    # ------------------------------------------------------------------------------------------ asking

    def place(self, name: str) -> Path:
        """Return the folder of a job.

        Raises
        ------
        NoJobError
            There is none of this id.
        """
        place = self.folder / name
        if not _ID.fullmatch(name) or not (place / REQUEST).is_file():
            raise NoJobError("there is no job of this id", fix="GET /api/jobs lists them")
        return place

    def get(self, name: str) -> dict[str, Any]:
        """Return what a job asks for and how far it is."""
        place = self.place(name)
        request = _read(place / REQUEST)
        del request["source"]  # a path of this machine
        return {"id": name, **request, **self.state(place)}

    def all(self) -> list[dict[str, Any]]:
        """Return all jobs, the newest first."""
        names = [place.name for place in self.folder.iterdir() if _ID.fullmatch(place.name)]
        found = []
        for name in names:
            with suppress(NoJobError):
                found.append(self.get(name))
        return sorted(found, key=lambda job: (job["created"], job["id"]), reverse=True)

    @staticmethod
    def state(place: Path) -> dict[str, Any]:
        """Return how far the job of a folder is: ``state``, ``plan``, ``status`` and ``error``."""
        return _read(place / STATE)

    # ------------------------------------------------------------------------------------------ changing

    def submit(self, what: Mapping[str, Any], resolved: Mapping[str, Any], *, again: bool) -> dict[str, Any]:
        """Put a job into the queue, or return the one that asks for the same.

        Parameters
        ----------
        what
            ``scenario``, ``source``, ``changes`` and ``time_limit_s``.
        resolved
            The scenario with nothing implicit, which names the job.
        again
            Whether one that has ended without a whole plan is begun anew.

        Raises
        ------
        BusyError
            Too many jobs wait, or too many are kept.
        """
        told = {"scenario": resolved, "limit": what["time_limit_s"], "version": __version__}
        name = content_hash(told)[:32]
        place = self.folder / name
        with self._lock:
            if (place / REQUEST).is_file():
                state = self.state(place)["state"]
                if not again or state not in ENDED or state == "done":
                    return self.get(name)
                shutil.rmtree(place)
            self._refuse_more()
            place.mkdir(exist_ok=True)
            _write(place / STATE, {"state": "queued", "plan": False, "status": None, "error": None})
            _write(place / REQUEST, {**what, "created": time.time(), "satqn": __version__})
        return self.get(name)

    def _refuse_more(self) -> None:
        jobs = self.all()
        waiting = sum(job["state"] not in ENDED for job in jobs)
        if waiting >= self.limits.open_jobs:
            raise BusyError(
                f"{waiting} jobs wait or run already",
                why=f"No more than {self.limits.open_jobs} are taken at the same time",
                fix="Wait for one of them, or cancel it",
            )
        if len(jobs) >= self.limits.kept_jobs:
            raise BusyError(
                f"{len(jobs)} jobs are kept already", fix="Delete some: DELETE /api/jobs/ID, or the folder"
            )

    def cancel(self, name: str) -> dict[str, Any]:
        """Ask a job to stop with what it has; one that waits is taken out of the queue."""
        place = self.place(name)
        with self._lock:
            state = self.state(place)
            if state["state"] == "queued":
                _write(place / STATE, {**state, "state": "cancelled"})
            elif state["state"] not in ENDED:
                (place / CANCEL).touch()
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove a job that has ended, with all its files.

        Raises
        ------
        BusyError
            It has not.
        """
        place = self.place(name)
        with self._lock:
            if self.state(place)["state"] not in ENDED:
                raise BusyError("this job has not ended", fix="Cancel it first")
            shutil.rmtree(place)

    # ------------------------------------------------------------------------------------------ working

    def start(self) -> None:
        """Begin to work off the queue; what a killed server or machine has left is taken up again."""
        for job in self.all():
            place = self.folder / job["id"]
            if job["state"] == "running" and not is_held(place / LOCK):
                _write(place / STATE, {**self.state(place), "state": "queued"})
        self._thread = threading.Thread(target=self._work, name="satqn-jobs", daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Take no more from the queue, and return how many workers go on."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        return sum(
            child.poll() is None and self.state(self.folder / name)["state"] not in ENDED
            for name, child in self._children.items()
        )

    def _work(self) -> None:
        while not self._stop.wait(_TICK_S):
            with self._lock:
                self._look_after()

    def _look_after(self) -> None:
        jobs = self.all()
        running = 0
        for job in jobs:
            if job["state"] == "running":
                running += self._lives(job["id"])
        for job in sorted(jobs, key=lambda job: float(job["created"])):
            if job["state"] == "queued" and running < self.limits.workers:
                self._begin(job["id"])
                running += 1

    def _lives(self, name: str) -> bool:
        """Return whether the worker of a job is at work; one that died without a word fails the job."""
        place = self.folder / name
        child = self._children.get(name)
        code = None if child is None else child.poll()
        # A worker that found another one at its job has ended with 1; the other one holds the lock.
        alive = is_held(place / LOCK) or (child is not None and code is None)
        if alive or self.state(place)["state"] in ENDED:
            return alive
        self._children.pop(name, None)
        how = "" if code is None else f" (exit status {code})"
        error = {
            "what": f"the process that planned ended without a word{how}",
            "where": "",
            "why": "It was killed, or memory ran out",
            "fix": "Try again, with a smaller scenario if it happens twice",
            "problems": [],
        }
        _write(place / STATE, {**self.state(place), "state": "failed", "error": error})
        return False

    def _begin(self, name: str) -> None:
        place = self.folder / name
        (place / CANCEL).unlink(missing_ok=True)
        _write(place / STATE, {**self.state(place), "state": "running"})
        with open(place / "worker.log", "ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", "satqn.server.work", str(place), str(self.limits.longest_s)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,  # Ctrl-C at the server is not for its workers
            )  # fmt: skip
        self._children[name] = child


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise NoJobError("this job cannot be read", fix="Delete its folder") from error
    if not isinstance(found, dict) or not _KEYS[path.name] <= found.keys():
        raise NoJobError("this job cannot be read", fix="Delete its folder")
    return found


def _write(path: Path, content: Mapping[str, Any]) -> None:
    write_atomically(path, json.dumps(content, ensure_ascii=False, allow_nan=False))
