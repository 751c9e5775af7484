"""Finished evaluations on disk, each under the hash of everything that its numbers depend on.

The name of an entry covers the task, the version of satqn and the source text of the rooms that compute,
so an entry can be used without asking whether it is still true. Entries appear whole or not at all; one
that is damaged is computed again, and a warning says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from satqn.kept import SUFFIX, Arrays, read_arrays, write_arrays
from satqn.provenance import content_hash, library_versions

COMPUTING_ROOMS = (
    "constants.py", "units.py", "sphere.py", "model", "kernels", "physics", "network", "hybrid",
    "scenario", "topology", "orbits/geometry.py",
)  # fmt: skip
"""What can change a number; figures and tables built from the numbers are not part of it."""


PLANNING_ROOMS = ("model", "kernels", "physics", "routing")
"""What can change a plan."""


@cache
def code_fingerprint(rooms: tuple[str, ...] = COMPUTING_ROOMS) -> str:
    """Return one hash of the source text of every module in some rooms; by default of all that compute."""
    root = files("satqn")
    return content_hash([_source_hash(root.joinpath(*room.split("/"))) for room in rooms])


def _source_hash(entry: Traversable) -> Any:
    if entry.is_file():
        return content_hash(entry.read_bytes()) if entry.name.endswith((".py", ".csv")) else ""
    if entry.is_dir():
        return [
            [child.name, _source_hash(child)]
            for child in sorted(entry.iterdir(), key=lambda child: child.name)
        ]
    return ""


class Store:
    """Arrays by task, in memory and, if there is a folder, on disk.

    Parameters
    ----------
    folder
        Where entries are kept between runs, or None to keep them in memory only. A folder that cannot be
        written is used as far as it goes: results are then not kept, which is no reason to fail.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.computed = 0
        self._memory: dict[str, Arrays] = {}

    def get(
        self,
        task: Mapping[str, Any],
        compute: Callable[[], Arrays],
        *,
        rooms: tuple[str, ...] = COMPUTING_ROOMS,
        libraries: tuple[str, ...] = ("numpy", "scipy", "numba"),
    ) -> Arrays:
        """Return the arrays of a task, computing them only if they are not at hand.

        Parameters
        ----------
        task
            Plain values that say what is computed from what; equal tasks share one entry.
        compute
            Called without arguments if there is no entry.
        rooms, libraries
            Whose source text and versions can change the numbers.
        """
        versions = library_versions()
        used = {name: versions.get(name) for name in libraries}
        name = content_hash({"task": dict(task), "code": code_fingerprint(rooms), "libraries": used})
        if name not in self._memory:
            arrays = self._read(name)
            if arrays is None:
                arrays = compute()
                self.computed += 1
                self._write(name, arrays)
            self._memory[name] = arrays
        return self._memory[name]

    def _read(self, name: str) -> Arrays | None:
        if self.folder is None:
            return None
        return read_arrays(self.folder / f"{name}{SUFFIX}")

    def _write(self, name: str, arrays: Arrays) -> None:
        if self.folder is None or not os.access(_existing(self.folder), os.W_OK):
            return
        write_arrays(self.folder / f"{name}{SUFFIX}", arrays)


def _existing(folder: Path) -> Path:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
