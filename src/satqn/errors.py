"""Errors that say what is wrong, where, why it matters and what to do; and the exit codes.

Every error that a user can cause is a :class:`SatqnError`. The command line prints it without a
traceback and ends with its ``exit_code``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EXIT_OK = 0
EXIT_CHECK_FAILED = 1
EXIT_USAGE = 2
EXIT_INFEASIBLE = 3
EXIT_LIMIT = 4
EXIT_INTERRUPTED = 130


class SatqnError(Exception):
    """Something the user gave or asked for cannot be done.

    Parameters
    ----------
    what
        What is wrong, with the value seen.
    where
        File, line, field or option in which it was seen.
    why
        Why it matters.
    fix
        What to do about it.
    """

    exit_code = EXIT_USAGE

    def __init__(self, what: str, *, where: str = "", why: str = "", fix: str = "") -> None:
        self.what, self.where, self.why, self.fix = what, where, why, fix
        super().__init__(str(self))

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        sentences = (part if part[-1] in "?!." else f"{part}." for part in (head, self.why, self.fix) if part)
        return " ".join(sentences)


class InputError(SatqnError):
    """A value, a file or an option that cannot be used; exit status 2."""


class DataError(SatqnError):
    """A data set is missing, damaged or cannot be downloaded; exit status 2."""


class OutputError(SatqnError):
    """A place that cannot be written; exit status 2."""


class InfeasibleError(SatqnError):
    """The demands cannot all be met; exit status 3."""

    exit_code = EXIT_INFEASIBLE


class SatqnWarning(UserWarning):
    """Something that was read or assumed and that the user should know of; nothing has failed.

    Warn with ``warnings.warn(text, SatqnWarning, stacklevel=2)``: one line without a full stop, which says
    what was done and which key changes it. The command line prints each text once, after ``warning:``;
    in Python the filters of :mod:`warnings` apply.
    """


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a file: where it is, what it is, and what to do."""

    where: str
    what: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" ({self.fix})" if self.fix else "")


class InvalidFileError(InputError):
    """A file with one or more faults, all of them listed at once; exit status 2.

    Parameters
    ----------
    source
        The file.
    problems
        Its faults, in the order of the file.
    """

    def __init__(self, source: str, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in {source}", fix="Mend and try again")

    def __str__(self) -> str:
        head = self.what + ":"
        return "\n".join([head, *(f"  {p}" for p in self.problems)])
