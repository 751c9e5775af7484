"""Names of nodes: what a file calls them, made into ids of satqn."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

LONGEST = 60
"""Signs in an id of a scenario."""


def clean(text: Any) -> str:
    """Return a text as an id: composed (NFC), without blanks, commas, bars and signs that cannot be seen.

    Examples
    --------
    >>> clean(" Frankfurt (Main),  DE|2 ")
    'Frankfurt-(Main)-DE-2'
    """
    composed = unicodedata.normalize("NFC", str(text))
    visible = (
        sign if not unicodedata.category(sign).startswith("C") else " " if sign.isspace() else ""
        for sign in composed
    )
    return "-".join("".join(visible).replace(",", " ").replace("|", " ").split())[:LONGEST]


def unique_names(wanted: Iterable[tuple[str, str]]) -> list[str]:
    """Return names that differ, of labels and ids.

    Parameters
    ----------
    wanted
        Of every node its label, which may be empty, and its id, both as :func:`clean` returns them.

    Notes
    -----
    The first node of a label keeps it, later ones get their id behind it, and if that name is taken too,
    a number.

    Examples
    --------
    >>> unique_names([("Berlin", "0"), ("", "1"), ("Berlin", "n-3"), ("Berlin", "n-3")])
    ['Berlin', '1', 'Berlin-n-3', 'Berlin-n-3-2']
    """
    pairs = list(wanted)
    taken: set[str] = set()
    names = []
    for number, (label, own) in enumerate(pairs):
        name = label or own or f"node-{number}"
        if name in taken and label:
            name = _cut(label, f"-{own}")
        first, again = name, 2
        while name in taken:
            name, again = _cut(first, f"-{again}"), again + 1
        taken.add(name)
        names.append(name)
    return names


def _cut(name: str, ending: str) -> str:
    """Return a name with an ending, short enough for an id."""
    return name[: max(LONGEST - len(ending), 1)] + ending[:LONGEST]
