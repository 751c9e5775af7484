"""Finished tasks on disk, each under the hash of everything that its counts depend on.

An entry appears whole or not at all; one that is damaged is computed again, and a warning says so; a folder
that cannot be written costs time, never the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from satqn.kept import SUFFIX, Arrays, read_arrays, write_arrays
from satqn.provenance import content_hash, library_versions


@cache
def code_fingerprint() -> str:
    """Return one hash of the source text that can change a count: kernels, physics and this room."""
    root = files("satqn")
    rooms = ("kernels", "physics", "simulate", "model")
    sources = (entry for room in rooms for entry in root.joinpath(room).iterdir())
    return content_hash(
        sorted(
            [entry.name, content_hash(entry.read_bytes())] for entry in sources if entry.name.endswith(".py")
        )
    )


def task_name(task: Mapping[str, Any]) -> str:
    """Return the name of a task: the hash of its plain values, of the code and of the libraries.

    Parameters
    ----------
    task
        Everything that says what is counted: plain JSON values, with the seed.
    """
    versions = library_versions()
    libraries = {name: versions.get(name) for name in ("numpy", "numba")}
    return content_hash({"task": dict(task), "code": code_fingerprint(), "libraries": libraries})


class CountStore:
    """Arrays of counts by the name of their task.

    Parameters
    ----------
    folder
        Where entries are kept, or None to keep none.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def read(self, name: str) -> Arrays | None:
        """Return the counts of a finished task, or None where there is no whole entry."""
        if self.folder is None:
            return None
        return read_arrays(self._path(name))

    def write(self, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep the counts of a finished task."""
        if self.folder is None:
            return
        if not write_arrays(self._path(name), arrays, compressed=True):
            self.folder = None

    def _path(self, name: str) -> Path:
        assert self.folder is not None
        return self.folder / name[:2] / f"{name}{SUFFIX}"
