"""A file that a process holds as long as it lives: how a server knows whether a worker is still at work."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, Any


def hold(path: Path) -> IO[bytes] | None:
    """Take the lock of a file for the life of this process; None if another process has it.

    Parameters
    ----------
    path
        The file; it is made if it is missing.

    Returns
    -------
    file
        Keep it: the lock ends when it is closed.
    """
    file = open(path, "a+b")  # noqa: SIM115 - it stays open as long as the lock is held
    try:
        _lock(file)
    except OSError:
        file.close()
        return None
    return file


def is_held(path: Path) -> bool:
    """Return whether some process holds the lock of a file."""
    if not path.exists():
        return False
    file = hold(path)
    if file is None:
        return True
    file.close()
    return False


def _lock(file: IO[Any]) -> None:
    if sys.platform == "win32":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
