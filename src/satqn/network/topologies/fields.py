"""The names in use: what keys of nodes and links mean, and which numbers stand under them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from satqn.errors import shown
from satqn.network.topologies.model import LengthUnit

LATITUDE = ("lat_deg", "Latitude", "lat", "latitude_deg", "lat_degrees")
LONGITUDE = ("lon_deg", "Longitude", "lon", "lng", "long", "longitude_deg", "lon_degrees")
ALTITUDE = ("altitude_m", "alt_m", "elevation_m", "height_m")
POPULATION = ("population", "pop")
"""Names of positions and of people, as they are compared: without case, blanks, ``_`` and ``-``."""

METRES: dict[LengthUnit, float] = {"km": 1000.0, "m": 1.0, "mi": 1609.344}
"""In a unit of length; the international mile."""

_UNITS: dict[str, LengthUnit] = {
    "km": "km", "kms": "km", "kilometre": "km", "kilometres": "km", "kilometer": "km", "kilometers": "km",
    "m": "m", "metre": "m", "metres": "m", "meter": "m", "meters": "m",
    "mi": "mi", "mile": "mi", "miles": "mi",
}  # fmt: skip
_LENGTH = {"length", "len", "distance", "dist"}
_JOINED = {f"{word}{unit}": meaning for word in _LENGTH for unit, meaning in _UNITS.items()}
_OF_WHAT = {"link", "edge", "fibre", "fiber", "cable", "span", "route", "in", "total", "physical", "real"}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LOOKS_LIKE_LENGTH = re.compile(r"len|dist|km|mile|metre|meter|^weight$", re.IGNORECASE)
_WITH_UNIT = re.compile(r"\s*(?P<number>[^a-z]*\d[^a-z]*?)\s*(?P<unit>[a-z]+)\.?\s*", re.IGNORECASE)
_DEGREES = re.compile(r"\d\s*[°ºd:'′]\s*\d*|\d\s*[NSEW]\b|^[NSEW]\s*\d|\d+\s+\d+\s+\d+", re.IGNORECASE)
_NOTHING = {"", "none", "null", "nan", "na", "n/a", "?", "-"}
_APOSTROPHES = str.maketrans("", "", "'’ʼ")


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """Return a name as names are compared.

    Examples
    --------
    >>> plain(" Lat_Deg ")
    'latdeg'
    """
    return re.sub(r"[\s_\-.()\[\]°]+", "", str(name)).casefold()


@lru_cache(maxsize=1024)
def length_unit(key: str) -> LengthUnit | Literal[False] | None:
    """Return the unit in the name of a length, None if it names none, False for what is no length.

    Examples
    --------
    >>> length_unit("LinkLength_km"), length_unit("dist"), length_unit("length (m)"), length_unit("weight")
    ('km', None, 'm', False)
    """
    if plain(key) in _JOINED:
        return _JOINED[plain(key)]
    words = [word.casefold() for word in _WORD.findall(key)]
    words = [part for word in words for part in _parted(word)]
    units = [word for word in words if word in _UNITS]
    others = set(words) - set(units)
    named = bool(others & _LENGTH)
    if not words or len(units) > 1 or others - _LENGTH - _OF_WHAT:
        return False
    if units:
        # "km" alone is a length; "m" alone may be a mass, a name, a module.
        return _UNITS[units[0]] if named or units[0] != "m" else False
    return None if named else False


def _parted(word: str) -> tuple[str, ...]:
    """Return the parts of words that are written together: linklength, fiberlength."""
    for first in _OF_WHAT:
        if word.startswith(first) and word[len(first) :] in _LENGTH:
            return first, word[len(first) :]
    return (word,)


def with_unit(value: Any) -> tuple[Any, LengthUnit | None]:
    """Return a length without the unit that is written behind it, and the unit; None if there is none.

    Examples
    --------
    >>> with_unit("300 km"), with_unit("1.5e3 m"), with_unit(7)
    (('300', 'km'), ('1.5e3 m', None), (7, None))
    """
    match = _WITH_UNIT.fullmatch(value) if isinstance(value, str) else None
    unit = _UNITS.get(match["unit"].casefold()) if match is not None else None
    return (match["number"], unit) if match is not None and unit is not None else (value, None)


def looks_like_length(key: str) -> bool:
    """Whether a key that is no known length could have been meant as one."""
    return bool(_LOOKS_LIKE_LENGTH.search(key)) and length_unit(key) is False


PLAIN_FIX = "write a number"
"""What to do where nothing better is known."""


@dataclass(frozen=True, slots=True)
class NotANumberError(ValueError):
    """What stands where a number belongs, in words, and what to write."""

    what: str
    fix: str = PLAIN_FIX


def found(facts: Mapping[str, Any], names: Iterable[str]) -> tuple[str, Any] | None:
    """Return key and value of the first of some names under which something stands, or None."""
    by_name = {plain(key): (key, value) for key, value in reversed(list(facts.items()))}
    hits = (by_name[plain(name)] for name in names if plain(name) in by_name)
    return next(((key, value) for key, value in hits if not is_nothing(value)), None)


def is_nothing(value: Any) -> bool:
    """Whether a value says that there is none: null, an empty text, NaN, ``n/a``."""
    if isinstance(value, str):
        return value.strip().casefold() in _NOTHING
    return value is None or (isinstance(value, float) and math.isnan(value))


def number(value: Any) -> float:
    """Return the number that a file has, also one that is written as text.

    Raises
    ------
    NotANumberError
        Truth, a list, degrees with minutes, words, an infinity.

    Examples
    --------
    >>> number(" 52.5 "), number("12'300"), number(7)
    (52.5, 12300.0, 7.0)
    """
    if isinstance(value, bool):
        raise NotANumberError(f"{str(value).lower()} is not a number")
    if isinstance(value, str):
        return _of_text(value)
    try:
        plain_number = float(value)
    except (TypeError, ValueError) as error:
        raise NotANumberError(f"{shown(value)} is not a number") from error
    except OverflowError as error:
        raise NotANumberError("the number is too large") from error
    return _finite(plain_number, value)


def _of_text(text: str) -> float:
    written = text.strip().replace("−", "-").removesuffix("°").rstrip()
    try:
        return _finite(float(written.translate(_APOSTROPHES)) if "_" not in written else math.inf, text)
    except NotANumberError:
        raise
    except ValueError:
        pass
    if _DEGREES.search(written):
        raise NotANumberError(
            f"{shown(text)} has minutes or a direction",
            "write degrees with decimals: 52.52, south and west negative",
        )
    if re.fullmatch(r"[+-]?\d+,\d+", written):
        raise NotANumberError(f"{shown(text)} has a comma", f"write {written.replace(',', '.')}")
    raise NotANumberError(f"{shown(text)} is not a number")


def _finite(value: float, written: Any) -> float:
    if not math.isfinite(value):
        raise NotANumberError(f"{shown(written)} is not a finite number")
    return value
