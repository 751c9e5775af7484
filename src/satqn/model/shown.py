"""Short representations of large objects: what a person needs in one line, not every number."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

LONGEST = 60
"""Characters of one value, above which only its kind and size are shown."""

MOST = 400
"""Characters of a whole representation, above which the values at its end are left out."""


class Shown:
    """Something whose representation is short whatever its size; what it shows, :meth:`_shown` says."""

    __slots__ = ()

    def _shown(self) -> Mapping[str, Any]:
        """Return what is shown, by name; all fields unless a class says otherwise."""
        return fields_of(self)

    def __repr__(self) -> str:
        return described(type(self).__name__, self._shown())


def fields_of(value: Any) -> dict[str, Any]:
    """Return the fields of a dataclass or of a section of a scenario by name."""
    if is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: getattr(value, name) for name in type(value).model_fields}


def described(name: str, facts: Mapping[str, Any]) -> str:
    """Return ``Name(fact=value, ...)`` with every value in short and at most :data:`MOST` characters.

    Examples
    --------
    >>> described("Table", {"rows": 3, "rate": np.zeros((3, 2)), "ids": tuple("abcdefghijklmnopqrstuvwxyz")})
    'Table(rows=3, rate=<float64 of 3 x 2>, ids=<tuple of 26>)'
    """
    words, left = [], MOST - len(name) - len("(, …)")
    for key, value in facts.items():
        word = f"{key}={brief(value)}"
        left -= len(word) + len(", ")
        if left < 0:
            words.append("…")
            break
        words.append(word)
    return f"{name}({', '.join(words)})"


def brief(value: Any) -> str:
    """Return a value in a few characters: itself if it is short, else what it is and how large.

    Examples
    --------
    >>> brief("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'"
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.12g}"
    if hasattr(value, "dtype") and hasattr(value, "shape"):  # an array, dense or sparse
        return f"<{value.dtype} of {' x '.join(map(str, value.shape)) or 'one'}>"
    if isinstance(value, str):
        return repr(value if len(value) <= LONGEST else value[: LONGEST - 3] + "…")
    if isinstance(value, tuple | list | Mapping | Set):
        return _brief_collection(value)
    text = repr(value)
    if len(text) <= LONGEST:
        return text
    size = f" of {len(value)}" if hasattr(value, "__len__") else ""
    return f"<{type(value).__name__}{size}>"


def _brief_collection(value: Any) -> str:
    few = len(value) <= LONGEST // 3
    if few and all(isinstance(one, str | int | float | None) for one in value):
        text = repr(value)
        if len(text) <= LONGEST:
            return text
    return f"<{type(value).__name__} of {len(value)}>"
