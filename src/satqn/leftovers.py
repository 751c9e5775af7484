"""Temporary files and folders beside what is written: named by their process, swept up when it is gone.

A process that is killed cannot clear up behind itself. The next one that writes into the same folder does.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path

from satqn.provenance import content_hash

LONGEST = 80
"""Characters of the name of a target that are taken up: most systems allow 255 bytes."""
OLD = 24 * 3600.0
"""s after which what another system's process has left is no longer waited for."""
_PATTERN = re.compile(r"\..*\.satqn-([0-9]+)-([0-9a-f]{8})\.[^.]+", re.DOTALL)


@cache
def _machine() -> str:
    return content_hash(platform.node())[:8]


def prefix_of(target: Path) -> str:
    """Return how the name of a temporary file begins that will become a target.

    Parameters
    ----------
    target
        The file or folder.
    """
    return f".{target.name[:LONGEST]}.satqn-{os.getpid()}-{_machine()}."


def sweep(folder: Path) -> None:
    """Remove what killed processes have left in a folder; what cannot be removed stays.

    Parameters
    ----------
    folder
        Where something is about to be written.
    """
    with suppress(OSError):
        for entry in os.scandir(folder):
            found = _PATTERN.fullmatch(entry.name)
            if found is None or entry.is_symlink() or not _is_over(int(found[1]), found[2], entry):
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            elif entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    os.unlink(entry.path)


def _is_over(process: int, machine: str, entry: os.DirEntry[str]) -> bool:
    if machine != _machine() or sys.platform == "win32":  # there os.kill would end the process
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > OLD
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
