"""Errors that say what is wrong, where, why it matters and what to do; and the exit codes.

Every error that a user can cause is a :class:`SatqnError`. The command line prints it without a
traceback and ends with its ``exit_code``.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

EXIT_OK = 0
EXIT_CHECK_FAILED = 1
EXIT_USAGE = 2
EXIT_INFEASIBLE = 3
EXIT_LIMIT = 4
EXIT_INTERRUPTED = 130

LONGEST_VALUE = 60
"""Characters of a value that a message shows."""
LONGEST_LINE = 600
"""Characters of one line of a message; the longest that satqn writes by itself has about 400."""
MOST_LINES = 50
"""Faults of one file that are listed."""

# Control characters (but not the line feed), the halves of signs, and the signs that turn the direction of
# text or break lines: what a terminal obeys instead of showing it.
_OBEYED = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    r"""Return text with everything that a terminal would obey written as an escape.

    Examples
    --------
    >>> printable("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)


def escaped(text: str) -> str:
    r"""Return JSON text with everything that a terminal would obey written as JSON writes it.

    Examples
    --------
    >>> escaped('"a\N{RIGHT-TO-LEFT OVERRIDE}"')
    '"a\\u202e"'
    """

    def code(found: re.Match[str]) -> str:
        halves = found[0].encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{halves[i]:02x}{halves[i + 1]:02x}" for i in range(0, len(halves), 2))

    return _OBEYED.sub(code, text)


def cut(text: str, longest: int = LONGEST_LINE) -> str:
    """Return text that is not longer than wanted, with a … where something is missing.

    Examples
    --------
    >>> cut("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"


class _Short(reprlib.Repr):
    """A ``repr`` that looks at few items only: that of a whole tree may take minutes."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxdict, self.maxlist, self.maxtuple = 3, 6, 8, 8
        self.maxstring = self.maxother = self.maxlong = 2 * LONGEST_VALUE

    def repr_dict(self, x: dict[Any, Any], level: int) -> str:
        """Return the first keys in the order of the file; that of the library sorts them."""
        if level <= 0 and x:
            return "{...}"
        parts = [
            f"{self.repr1(key, level - 1)}: {self.repr1(value, level - 1)}"
            for key, value in islice(x.items(), self.maxdict)
        ]
        return "{" + ", ".join(parts + ["..."] * (len(x) > self.maxdict)) + "}"


_SHORT = _Short()


def shown(value: object, longest: int = LONGEST_VALUE) -> str:
    """Return a value as a message shows it: quoted, in one line, escaped and not too long.

    Examples
    --------
    >>> shown("x" * 100, 10)
    "'xxxxxxxx…"
    """
    if isinstance(value, str):
        text = repr(value[: 2 * longest])
    elif isinstance(value, int) and value.bit_length() > 4096:
        text = f"a whole number of about {int(value.bit_length() * 0.30103)} digits"
    else:
        text = _SHORT.repr(value)
    return printable(cut(text, longest))


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
        parts = (cut(printable(part)) for part in (head, self.why, self.fix) if part)
        return " ".join(part if part[-1] in "?!." else f"{part}." for part in parts)


class InputError(SatqnError):
    """A value, a file or an option that cannot be used; exit status 2."""


class DataError(SatqnError):
    """A data set is missing, damaged or cannot be downloaded; exit status 2."""


class OutputError(SatqnError):
    """A place that cannot be written; exit status 2."""


class InfeasibleError(SatqnError):
    """The demands cannot all be met; exit status 3."""

    exit_code = EXIT_INFEASIBLE


class StoppedError(SatqnError):
    """A limit ended the work before there was anything to keep; exit status 4."""

    exit_code = EXIT_LIMIT


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
        text = f"{cut(self.where)}: {self.what}" + (f" ({self.fix})" if self.fix else "")
        return cut(printable(text).replace("\n", "\\n"))


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
        lines = [f"  {problem}" for problem in self.problems[:MOST_LINES]]
        if len(self.problems) > MOST_LINES:
            lines.append(f"  … and {len(self.problems) - MOST_LINES} more")
        return "\n".join([cut(printable(self.what)) + ":", *lines])
