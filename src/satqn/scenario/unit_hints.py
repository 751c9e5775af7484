"""Guesses at the unit that somebody had in mind: said in a message, never acted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

UNITS: dict[str, tuple[str, float, str]] = {
    "nm": ("length", 1e-9, "nanometres"),
    "um": ("length", 1e-6, "micrometres"),
    "mm": ("length", 1e-3, "millimetres"),
    "cm": ("length", 1e-2, "centimetres"),
    "m": ("length", 1.0, "metres"),
    "metres": ("length", 1.0, "metres"),
    "meters": ("length", 1.0, "metres"),
    "km": ("length", 1e3, "kilometres"),
    "ns": ("time", 1e-9, "nanoseconds"),
    "us": ("time", 1e-6, "microseconds"),
    "ms": ("time", 1e-3, "milliseconds"),
    "s": ("time", 1.0, "seconds"),
    "seconds": ("time", 1.0, "seconds"),
    "min": ("time", 60.0, "minutes"),
    "minutes": ("time", 60.0, "minutes"),
    "h": ("time", 3600.0, "hours"),
    "hours": ("time", 3600.0, "hours"),
    "days": ("time", 86400.0, "days"),
    "nrad": ("angle", 1e-9, "nanoradians"),
    "urad": ("angle", 1e-6, "microradians"),
    "mrad": ("angle", 1e-3, "milliradians"),
    "rad": ("angle", 1.0, "radians"),
    "deg": ("angle", 0.017453292519943295, "degrees"),
    "degrees": ("angle", 0.017453292519943295, "degrees"),
}
"""End of a key: what it measures, its SI value, its name."""


def other_unit(key: str, value: object, names: Sequence[str]) -> str:
    """Return what to write for an unknown key that is a known one in another unit, or nothing.

    Examples
    --------
    >>> other_unit("slot_min", 10, ["slot_s", "horizon_s"])
    "write 'slot_s: 600'"
    """
    stem, _, end = key.rpartition("_")
    if end not in UNITS:
        return ""
    quantity, size, _ = UNITS[end]
    for name in names:
        own_stem, _, own = name.rpartition("_")
        if own_stem == stem and own in UNITS and UNITS[own][0] == quantity:
            if isinstance(value, int | float) and not isinstance(value, bool):
                return f"write '{name}: {value * size / UNITS[own][1]:.10g}'"
            return f"did you mean {name!r}?"
    return ""


_MISTAKEN = {"km": ("m",), "m": ("mm", "cm"), "s": ("ms",), "urad": ("nrad",), "nm": ("um", "m"), "deg": ()}
"""For the unit of a key, the units in which its value may have been given."""


def misread_unit(key: str, value: object, limits: Mapping[str, float]) -> str:
    """Return what to write where a number out of range would fit if it were in another unit, or nothing.

    Parameters
    ----------
    key
        The key.
    value
        Its value.
    limits
        Its bounds, from :func:`satqn.scenario.keys.bounds`.

    Examples
    --------
    >>> misread_unit("altitude_km", 550_000, {"ge": 160, "le": 400_000})
    "it looks like metres: 550 would fit 'altitude_km'"
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return ""
    if key == "lon_deg" and 180 < value <= 360:
        return f"east is positive, west negative: write {value - 360:.10g}"
    own = key.rpartition("_")[2]
    for other in _MISTAKEN.get(own, ()):
        converted = value * UNITS[other][1] / UNITS[own][1]
        if _inside(converted, limits):
            return f"it looks like {UNITS[other][2]}: {converted:.10g} would fit {key!r}"
    return ""


def _inside(value: float, limits: Mapping[str, float]) -> bool:
    return (
        value >= limits.get("ge", value)
        and value <= limits.get("le", value)
        and not value <= limits.get("gt", -float("inf"))
        and not value >= limits.get("lt", float("inf"))
    )
