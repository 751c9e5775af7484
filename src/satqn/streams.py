"""The standard streams of the process: silence around code that prints what nobody asked for."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STDOUT = 1
"""The file descriptor of standard output."""
_alone = threading.Lock()


@contextmanager
def stdout_silenced() -> Iterator[None]:
    """Let nothing that compiled code prints reach standard output: `--json` is one document.

    Notes
    -----
    The file descriptor itself is turned away, since C and C++ do not write through ``sys.stdout``; what
    Python has not flushed yet is untouched. One thread at a time.
    """
    with _alone:
        try:
            kept = os.dup(STDOUT)
        except OSError:  # there is no standard output, so nothing can reach it
            yield
            return
        try:
            _flush_c()  # what others have printed before goes where it was meant to go
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, STDOUT)
            os.close(nowhere)
            yield
        finally:
            _flush_c()
            os.dup2(kept, STDOUT)
            os.close(kept)


def discard_stdout() -> None:
    """Write no more to a standard output that cannot be written, so that the process ends in silence."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _flush_c() -> None:
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).fflush(None)
