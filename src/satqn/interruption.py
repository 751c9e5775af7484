"""Ctrl-C, and SIGTERM as Ctrl-C: long work is asked to stop, never torn out of compiled code.

An exception in the middle of a compiled function can end as a ``SystemError`` and lose what was done.
Long work therefore listens with :func:`interruptible` and looks at an event between its steps.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None

_listening: list[threading.Event] = []
_before: Handler = None
_raised = False

AGAIN_S = 0.05
"""s after which a Ctrl-C that was swallowed is raised again."""


@contextmanager
def interruptible(event: threading.Event | None = None) -> Iterator[threading.Event]:
    """Let the first Ctrl-C set an event instead of raising; the second one ends the program.

    Parameters
    ----------
    event
        What is set; a new one by default.

    Yields
    ------
    threading.Event
        Set once the user has asked to stop, at once if that was within a block around this one.

    Notes
    -----
    Blocks nest: Ctrl-C reaches all of them. Signals come to the main thread only; in others nothing changes.
    """
    global _before
    asked = event or threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    if any(outer.is_set() for outer in _listening):
        asked.set()
    if not _listening:
        _before = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, _heard)
    _listening.append(asked)
    try:
        yield asked
    finally:
        _listening.pop()
        if not _listening:
            signal.signal(signal.SIGINT, _before)


def asked_to_stop() -> bool:
    """Return whether Ctrl-C came within an :func:`interruptible` block that is still open."""
    return any(event.is_set() for event in _listening)


def _heard(number: int, frame: FrameType | None) -> None:
    for event in _listening:
        event.set()
    signal.signal(signal.SIGINT, _before)


def interrupted_within(error: BaseException | None) -> bool:
    """Return whether an error is what became of a Ctrl-C on its way through compiled code or a compiler.

    Parameters
    ----------
    error
        What was raised.
    """
    if _raised and isinstance(error, Exception):
        return True
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, KeyboardInterrupt):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def obey_signals() -> None:
    """Let the process hear Ctrl-C even where a shell has put it in the background, and SIGTERM as Ctrl-C.

    Notes
    -----
    A script that starts `satqn … &` lets it ignore SIGINT; what `kill -INT` sends is meant for satqn all the
    same. An exception in a callback of a compiler is swallowed: it is raised again until it arrives.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    signal.signal(signal.SIGINT, _raise)
    for name in ("SIGTERM", "SIGHUP"):
        found = getattr(signal, name, None)  # Windows has no SIGHUP
        if found is not None and signal.getsignal(found) is signal.SIG_DFL:
            signal.signal(found, lambda *_: signal.raise_signal(signal.SIGINT))
    otherwise = sys.unraisablehook

    def swallowed(what: sys.UnraisableHookArgs) -> None:
        if _raised and isinstance(what.exc_value, KeyboardInterrupt):
            again = threading.Timer(AGAIN_S, signal.raise_signal, [signal.SIGINT])
            again.daemon = True
            again.start()
        else:
            otherwise(what)

    sys.unraisablehook = swallowed


def _raise(number: int, frame: FrameType | None) -> None:
    global _raised
    _raised = True
    raise KeyboardInterrupt
