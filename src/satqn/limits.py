"""Limits that the user may lift: work that takes very long or very much memory is refused at its beginning.

Everything that can grow without bound estimates what it is about to do and asks here. ``--force`` (in Python:
``with without_limits():``) lifts the limits; what no machine can do stays refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

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
