"""Limits that the user may lift: work that takes very long or very much memory is refused at its beginning.

Everything that can grow without bound estimates what it is about to do and asks here. ``--force`` (in Python:
``with without_limits():``) lifts the limits; what no machine can do stays refused.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from satqn.errors import InputError, SatqnWarning

_LIFTED: ContextVar[bool] = ContextVar("satqn_limits_lifted", default=False)


def lifted() -> bool:
    """Whether the user has said that limits do not count."""
    return _LIFTED.get()


@contextmanager
def without_limits(lift: bool = True) -> Iterator[None]:
    """Lift the limits within a block.

    Parameters
    ----------
    lift
        False leaves them as they are.
    """
    token = _LIFTED.set(lift or _LIFTED.get())
    try:
        yield
    finally:
        _LIFTED.reset(token)


GIBIBYTE = 2.0**30
MOST_MEMORY = 8 * GIBIBYTE
"""Bytes that are taken without being asked: half the memory of a usual notebook."""
MOST_SECONDS = 3600.0
"""Seconds of building that are taken without being asked."""
TOLD_MEMORY, TOLD_SECONDS = 2 * GIBIBYTE, 60.0
"""From here on an estimate is told."""


def ask(what: str, *, memory: float = 0.0, seconds: float = 0.0, where: str = "", fix: str = "") -> None:
    """Tell what work will take, and refuse what takes too much unless limits are lifted.

    Parameters
    ----------
    what
        The work, with its numbers.
    memory, seconds
        Estimates, bytes and s.
    where
        File, field or option that asks for it.
    fix
        What would make it smaller.

    Raises
    ------
    InputError
        It takes more than ``MOST_MEMORY`` or ``MOST_SECONDS``.
    """
    if memory < TOLD_MEMORY and seconds < TOLD_SECONDS:
        return
    parts = []
    if seconds >= TOLD_SECONDS:
        parts.append(_time(seconds))
    if memory >= TOLD_MEMORY:
        parts.append(f"{memory / GIBIBYTE:.3g} GiB of memory")
    takes = f"about {' and '.join(parts)}"
    if lifted() or (memory <= MOST_MEMORY and seconds <= MOST_SECONDS):
        warnings.warn(f"{what} will take {takes}", SatqnWarning, stacklevel=3)
        return
    limit = f"{MOST_MEMORY / GIBIBYTE:.0f} GiB and {_time(MOST_SECONDS)} are done without being asked"
    raise InputError(
        f"{what} would take {takes}", where=where, why=limit,
        fix=f"{fix}, or say --force" if fix else "Say --force to do it nevertheless",
    )  # fmt: skip


def _time(seconds: float) -> str:
    for size, unit in ((86400.0, "days"), (3600.0, "h"), (60.0, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
