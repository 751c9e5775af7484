"""Mean elements of one catalogued satellite, checked: what TLE and OMM files become, and what SGP4 needs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from numbers import Real
from typing import Any

from satqn.orbits.frames import DAY

Field = str | float | int
Message = dict[str, Field]
"""An orbit mean-elements message (OMM): values by their CCSDS names."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a message.

    Parameters
    ----------
    low, high
        Where it must lie.
    whole
        How that is written.
    units
        What may stand behind it in brackets, in lower case; the first is the one of the standard.
    """

    low: float
    high: float
    whole: str
    units: tuple[str, ...]

    def has(self, value: float) -> bool:
        """Whether a value lies where it must."""
        above = value > self.low if self.whole[0] == "(" else value >= self.low
        return above and (value < self.high if self.whole[-1] == ")" else value <= self.high)


_ANGLE = Quantity(-360.0, 360.0, "[-360, 360]", ("deg",))
_FREE = (-math.inf, math.inf, "[-inf, inf]")

MOST_TURNS = 17.1
"""Revolutions a day: a circle on the ground has 17.04. Source: sqrt(GM/R^3) of WGS-72."""

NEEDED: dict[str, Quantity] = {
    "ECCENTRICITY": Quantity(0.0, 1.0, "[0, 1)", ("", "1", "n/a")),
    "INCLINATION": Quantity(0.0, 180.0, "[0, 180]", ("deg",)),
    "RA_OF_ASC_NODE": _ANGLE,
    "ARG_OF_PERICENTER": _ANGLE,
    "MEAN_ANOMALY": _ANGLE,
    "MEAN_MOTION": Quantity(0.0, MOST_TURNS, f"(0, {MOST_TURNS}]", ("rev/day", "rev/d")),
}
"""Elements without which there is no orbit. Source: CCSDS 502.0-B-3, table 4-3."""

DRAG: dict[str, Quantity] = {
    "BSTAR": Quantity(*_FREE, ("1/er", "1/r_earth", "1/[earth radii]", "1/earth radii")),
    "MEAN_MOTION_DOT": Quantity(*_FREE, ("rev/day**2", "rev/day^2", "rev/day2", "rev/d**2")),
    "MEAN_MOTION_DDOT": Quantity(*_FREE, ("rev/day**3", "rev/day^3", "rev/day3", "rev/d**3")),
}
"""Terms of drag, 0 if the message does not have them; SGP4 uses B* alone."""

FRAMES = ("TEME", "TEMEOFDATE")
"""Reference frames of SGP4; the second without the blanks of some writers."""
TIME_SYSTEMS = ("UTC",)
THEORIES = ("SGP4", "SGP/SGP4", "SGP4/SDP4", "SDP4")
"""Theories whose elements SGP4 takes; its deep-space half was once called SDP4."""
EPHEMERIS_TYPES: dict[str, str] = {
    "": "SGP4", "0": "SGP4", "2": "SGP4", "SGP4": "SGP4", "1": "SGP", "3": "SDP4 or PPT3",
    "4": "SGP4-XP", "5": "SDP8", "6": "special perturbations",
}  # fmt: skip
"""Theory by EPHEMERIS_TYPE: every distributed set has 0. Sources: CCSDS 502.0-B-3; Spacetrack Report 3."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_EPOCH = re.compile(
    r"(?P<year>\d{4})-((?P<month>\d\d)-(?P<day>\d\d)|(?P<ordinal>\d{3}))[T ]"
    r"(?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)(?P<fraction>\.\d*)?)?"
    r"\s*(?P<zone>Z|z|[+-]\d\d:?\d\d)?"
)
_CATALOGUE_NUMBER = re.compile(r"\d{1,9}|[A-HJ-NP-Z]\d{4}")


@dataclass(frozen=True, slots=True)
class Elements:
    """Mean elements of a satellite for SGP4.

    Parameters
    ----------
    name
        Its name; its catalogue number if it has none.
    number
        Catalogue number as it is written in the file, e.g. ``00005`` or ``T0000``; may be empty.
    epoch
        UTC.
    message
        The numbers and texts by their CCSDS names, complete, in degrees and revolutions a day.
    """

    name: str
    number: str
    epoch: datetime
    message: Message

    def record(self) -> Any:
        """Return them as an ``sgp4.api.Satrec``.

        Notes
        -----
        The catalogue number plays no part in SGP4 and is left out: the library has no room for one above
        339 999.
        """
        from sgp4.api import WGS72, Satrec

        found, value = Satrec(), {name: float(self.message[name]) for name in (*NEEDED, *DRAG)}
        radians, minute = math.pi / 180.0, 2.0 * math.pi / 1440.0
        since = self.epoch - _SGP4_ORIGIN
        found.sgp4init(
            WGS72, "i", 0,
            since.days + (since.seconds + since.microseconds * 1e-6) / DAY,
            value["BSTAR"],
            value["MEAN_MOTION_DOT"] * minute / 1440.0,
            value["MEAN_MOTION_DDOT"] * minute / 1440.0**2,
            value["ECCENTRICITY"],
            value["ARG_OF_PERICENTER"] * radians,
            value["INCLINATION"] * radians,
            value["MEAN_ANOMALY"] * radians,
            value["MEAN_MOTION"] * minute,
            value["RA_OF_ASC_NODE"] * radians,
        )  # fmt: skip
        return found


_SGP4_ORIGIN = datetime(1949, 12, 31, tzinfo=UTC)
"""Epochs of the library are days since then."""


def checked(fields: Mapping[str, Any], faults: list[str]) -> Elements | None:
    """Return the elements of a message; what is wrong with it is added to ``faults``.

    Parameters
    ----------
    fields
        Values by their CCSDS names; numbers, or text with a unit in brackets or without.
    faults
        Gets a sentence for every fault.

    Examples
    --------
    >>> faults = []
    >>> checked({"EPOCH": "2026-171T12:00:00", "REF_FRAME": "EME2000"}, faults) is None
    True
    >>> faults[0]
    'REF_FRAME is EME2000: SGP4 wants TEME'
    """
    before = len(faults)
    given = {key: value for key, value in fields.items() if not _absent(value)}
    faults += _other_theory(given)
    missing = [name for name in ("EPOCH", *NEEDED) if name not in given]
    if missing:
        other = " (SGP4 has no SEMI_MAJOR_AXIS)" if "SEMI_MAJOR_AXIS" in given else ""
        faults.append(f"{', '.join(missing)} missing{other}")
    values: dict[str, float] = {}
    for name, quantity in (*NEEDED.items(), *DRAG.items()):
        if name in given:
            values[name] = _value(name, given[name], quantity, faults)
        elif name in DRAG:
            if name == "BSTAR" and "BSTAR" in fields:
                faults.append("BSTAR is empty: write 0 if the satellite has no drag")
            values[name] = 0.0
    moment = epoch_of(str(given["EPOCH"]).strip(), faults) if "EPOCH" in given else None
    number = _number_of(given.get("NORAD_CAT_ID"), faults)
    name = _clean(str(given.get("OBJECT_NAME", ""))) or number or _clean(str(given.get("OBJECT_ID", "")))
    if not name:
        faults.append("neither OBJECT_NAME nor NORAD_CAT_ID")
    if len(faults) > before or moment is None:
        return None
    return Elements(name, number, moment, _message(name, number, moment, values, given))


def _absent(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _clean(text: str) -> str:
    """Return a name on one line: signs that cannot be printed become blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _other_theory(given: Mapping[str, Any]) -> Iterator[str]:
    """Yield what says that the elements are not made for SGP4 around the Earth."""
    for key, known, wish in (
        ("CENTER_NAME", ("EARTH",), "EARTH"),
        ("REF_FRAME", FRAMES, "TEME"),
        ("TIME_SYSTEM", TIME_SYSTEMS, "UTC"),
        ("MEAN_ELEMENT_THEORY", THEORIES, "SGP4"),
    ):
        if key in given and "".join(str(given[key]).upper().split()) not in known:
            yield f"{key} is {str(given[key]).strip()[:40]}: SGP4 wants {wish}"
    if "EPHEMERIS_TYPE" in given:
        yield from other_type(str(given["EPHEMERIS_TYPE"]), "EPHEMERIS_TYPE")
    if "BTERM" in given and _differs_from_zero(given["BTERM"]):
        yield "BTERM is a ballistic coefficient of SGP4-XP: SGP4 wants BSTAR"


def _differs_from_zero(value: Any) -> bool:
    try:
        return float(value) != 0.0
    except (TypeError, ValueError):
        return True


def other_type(value: str, label: str, where: str = "") -> Iterator[str]:
    """Yield what is wrong with an ephemeris type, if it is not that of SGP4."""
    kind = value.strip().upper().removesuffix(".0")
    theory = EPHEMERIS_TYPES.get(kind, "unknown")
    if theory != "SGP4":
        yield (
            f"{label} {value.strip()[:20]} ({theory}){where}: its elements mean something else in SGP4, "
            "which takes type 0"
        )


def number_in(text: str) -> float | None:
    """Return a written number; None for what is none, for NaN and for what no machine holds."""
    if len(text) > 64 or not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _value(name: str, given: Any, quantity: Quantity, faults: list[str]) -> float:
    """Return a number of a message, or 0 after adding a fault."""
    if isinstance(given, Real) and not isinstance(given, bool):
        try:
            text = repr(float(given))
        except OverflowError:
            text = "too large"
    else:
        text = str(given).strip()
    if isinstance(given, str) and (bracket := re.fullmatch(r"(.*?)\s*\[(.*)\]", text)):
        text, unit = bracket[1], "".join(bracket[2].split()).lower()
        if unit not in ("", *("".join(known.split()) for known in quantity.units)):
            faults.append(f"{name} in [{bracket[2][:20]}]: write it in {quantity.units[0] or 'no unit'}")
            return 0.0
    value = None if isinstance(given, bool) else number_in(text)
    if value is None:
        faults.append(f"{name} {text[:40]!r} is no number")
        return 0.0
    if not quantity.has(value):
        faults.append(f"{name} {value:.10g} is not in {quantity.whole}")
    return value


def epoch_of(text: str, faults: list[str]) -> datetime | None:
    """Return an epoch in UTC, to the microsecond, or None after adding a fault.

    Parameters
    ----------
    text
        Calendar date or day of the year, and a time; UTC if it has no offset.
    faults
        Gets a sentence if it is none.

    Examples
    --------
    >>> epoch_of("2026-171T12:00:00.5", []).isoformat()
    '2026-06-20T12:00:00.500000+00:00'
    >>> epoch_of("2026-06-20T14:00:00+02:00", []).isoformat()
    '2026-06-20T12:00:00+00:00'
    """
    found = _EPOCH.fullmatch(text)
    if found is None:
        faults.append(f"EPOCH {text[:40]!r} is no moment: write e.g. 2026-06-20T12:00:00.000000")
        return None
    year, hour, minute = int(found["year"]), int(found["hour"]), int(found["minute"])
    second = int(found["second"] or 0)
    try:
        if found["ordinal"]:
            day = day_of_year(year, float(found["ordinal"]))
        else:
            day = datetime(year, int(found["month"]), int(found["day"]), tzinfo=UTC)
        if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second > 0):
            raise ValueError(f"there is no time {hour:02d}:{minute:02d}:{second:02d}")
        rest = float(f"0{found['fraction'] or ''}")
        moment = day + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=round(rest * 1e6))
        moment -= _offset(found["zone"])
    except (ValueError, OverflowError) as error:
        faults.append(f"EPOCH {text[:40]!r}: {error}")
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        faults.append(f"EPOCH {text[:40]!r} is not between {FIRST_YEAR} and {LAST_YEAR}")
        return None
    return moment


FIRST_YEAR, LAST_YEAR = 1957, 2200
"""Of epochs: the first satellite flew in 1957."""


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone in "Zz":
        return timedelta(0)
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 14 or minutes > 59:
        raise ValueError(f"there is no offset {zone}")
    return (1 if zone[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes)


def day_of_year(year: int, day: float) -> datetime:
    """Return the moment of a day of the year and its fraction, UTC; 1.0 is the first midnight.

    Raises
    ------
    ValueError
        The year has no such day.
    """
    first = datetime(year, 1, 1, tzinfo=UTC)
    days = (datetime(year + 1, 1, 1, tzinfo=UTC) - first).days
    if not 1.0 <= day < 367.0:
        raise ValueError(f"day of the year {int(day)} is not in 1..366")
    if day >= days + 1.0:
        raise ValueError(f"day of the year {int(day)} is not in 1..{days}: {year} has no more")
    return first + timedelta(days=int(day) - 1, microseconds=round((day % 1.0) * DAY * 1e6))


_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of catalogue numbers above 99 999 in a TLE: A is 10, Z is 33."""


def plain_number(number: str) -> str:
    """Return a catalogue number without leading zeros and without its letter: T0000 is 270000.

    Examples
    --------
    >>> plain_number("00005"), plain_number("T0000"), plain_number("")
    ('5', '270000', '')
    """
    if number[:1] in _LETTERS and number:
        return str((10 + _LETTERS.index(number[0])) * 10_000 + int(number[1:]))
    return number.lstrip("0") or number[:1]


def _number_of(value: Any, faults: list[str]) -> str:
    """Return a catalogue number as it is written, or nothing."""
    if value is None:
        return ""
    text = str(value).strip()
    text = text.removesuffix(".0") if isinstance(value, float) or re.fullmatch(r"\d+\.0", text) else text
    if isinstance(value, bool) or not _CATALOGUE_NUMBER.fullmatch(text):
        faults.append(
            f"NORAD_CAT_ID {text[:20]!r} is no catalogue number: up to nine digits, or a capital letter "
            "without I and O and four digits"
        )
    return text


def _message(
    name: str, number: str, moment: datetime, values: Mapping[str, float], given: Mapping[str, Any]
) -> Message:
    """Return a complete message, its keys in the order of the standard."""
    plain = number.isdigit() and str(int(number)) == number
    found: Message = {
        "OBJECT_NAME": name,
        "OBJECT_ID": _clean(str(given.get("OBJECT_ID", ""))),
        "CENTER_NAME": "EARTH",
        "REF_FRAME": "TEME",
        "TIME_SYSTEM": "UTC",
        "MEAN_ELEMENT_THEORY": "SGP4",
        "EPOCH": moment.strftime("%Y-%m-%dT%H:%M:%S.%f"),
    }
    order = ("MEAN_MOTION", "ECCENTRICITY", "INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER",
             "MEAN_ANOMALY")  # fmt: skip
    found |= {key: values[key] for key in order}
    found |= {"EPHEMERIS_TYPE": 0, "CLASSIFICATION_TYPE": _clean(str(given.get("CLASSIFICATION_TYPE", "U")))}
    found["NORAD_CAT_ID"] = int(number) if plain else number
    for key, default in (("ELEMENT_SET_NO", 999), ("REV_AT_EPOCH", 0)):
        value = number_in(str(given.get(key, default)).strip())
        found[key] = default if value is None else int(value)
    return found | {key: values[key] for key in DRAG}
