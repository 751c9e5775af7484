"""What is found in a file while it is judged: faults, which end it, and remarks; and their words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from satqn.errors import InvalidFileError, Problem, shown
from satqn.network.topologies.fields import NotANumberError, number
from satqn.network.topologies.model import RawLink, RawNode
from satqn.network.topologies.naming import clean

MOST_PROBLEMS = 20
"""So many faults of one file are listed; of the others only the count."""


class Findings:
    """Faults and remarks of one file.

    Parameters
    ----------
    name
        Of the file.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.remarks: list[str] = []

    def fault(self, place: str, what: str, fix: str = "") -> None:
        """Note a fault at a place in the file; an empty one is the file as a whole."""
        self.problems.append(Problem(f"{self.name}: {place}" if place else self.name, what, fix))

    def remark(self, what: str) -> None:
        """Note what was assumed or left out."""
        self.remarks.append(f"{self.name}: {what}")

    def number(self, place: str, key: str, value: Any) -> float | None:
        """Return the number under a key, or None and a fault."""
        try:
            return number(value)
        except NotANumberError as error:
            self.fault(f"{place}: {key}", error.what, error.fix)
            return None

    def refuse(self) -> None:
        """Raise all faults, if there are any.

        Raises
        ------
        InvalidFileError
            With the first twenty, and how many more there are.
        """
        problems = list(dict.fromkeys(self.problems))
        more = len(problems) - MOST_PROBLEMS
        if more > 0:
            rest = Problem(self.name, f"and {more} more faults of these kinds")
            problems = [*problems[:MOST_PROBLEMS], rest]
        if problems:
            raise InvalidFileError(self.name, problems)


def place_of(part: RawNode | RawLink, name: str = "") -> str:
    """Return where a node or a link stands, with the name of a node behind its id."""
    if isinstance(part, RawLink):
        return f"link at {part.place}"
    own = written(part.id)
    return f"node {own}{'' if name in (own, '') else f' {name!r}'} ({part.place})"


def label_of(node: RawNode) -> str:
    """Return what people call a node; nothing where the file only says that there is none.

    Programs write the None of Python and the NaN of tables as text; NA is Namibia.
    """
    if not isinstance(node.label, str | int | float) or isinstance(node.label, bool):
        return ""
    text = str(node.label).strip()
    return "" if text.casefold() in ("none", "null", "nan") else text


def as_id(value: Any) -> str | int | float | None:
    """Return what can be an id; None for truth, lists and nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        return None
    return value


def written(value: Any) -> str:
    """Return an id as people write it."""
    return clean(value) if isinstance(value, str) and clean(value) else shown(value)


def counted(count: int, noun: str) -> str:
    """Return a number of things.

    Examples
    --------
    >>> counted(1, "node"), counted(2, "link")
    ('1 node', '2 links')
    """
    return f"{count} {noun}{'s' if count != 1 else ''}"


def some(names: Sequence[str]) -> str:
    """Return the first names of a list and how many more there are.

    Examples
    --------
    >>> some("abcdefga")
    'a, b, c, d, e and 2 more'
    """
    different = list(dict.fromkeys(names))
    more = f" and {len(different) - 5} more" if len(different) > 5 else ""
    return ", ".join(different[:5]) + more
