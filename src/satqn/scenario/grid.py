"""The file of a grid of constellations: which values each number of one group of satellites may take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from satqn.documents import MOST_YAML_BYTES, read_text
from satqn.errors import InputError, InvalidFileError, Problem
from satqn.model.shown import Shown
from satqn.scenario.planning import PlanScenario
from satqn.scenario.reading import Fault, parse
from satqn.scenario.satellites import OrbitAltitude, SatelliteGroup, WalkerSection
from satqn.scenario.sections import Identifier, Positive, Section
from satqn.scenario.wording import worded

MOST_CANDIDATES = 10_000
"""A larger grid is most likely a slip."""

RANGE = frozenset({"first", "last", "count"})


def _listed(value: Any) -> Any:
    """Return the values of a list, of a range with both ends, or of a single value."""
    if isinstance(value, dict):
        return _range(value)
    values = value if isinstance(value, list | tuple) else [value]
    if not values:
        raise PydanticCustomError("values", "the list is empty")
    seen = [repr(one) for one in values]
    for one in seen:
        if seen.count(one) > 1:
            raise PydanticCustomError("values", "the value {one} stands twice", {"one": one})
    return tuple(values)


def _range(value: dict[str, Any]) -> tuple[float, ...]:
    if set(value) != RANGE:
        raise PydanticCustomError("values", "a range has the keys first, last and count, and no others")
    first, last, count = (value[key] for key in ("first", "last", "count"))
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (first, last))
    if not numbers or type(count) is not int or not 2 <= count <= MOST_CANDIDATES or first == last:
        raise PydanticCustomError(
            "values", "a range goes from one number to another one in count values, 2 or more"
        )
    steps = [(first * (count - 1 - i) + last * i) / (count - 1) for i in range(count)]
    return tuple(int(one) if one == int(one) else float(f"{one:.12g}") for one in steps)


_LIST = BeforeValidator(_listed)
Altitudes = Annotated[tuple[OrbitAltitude, ...], _LIST]
Inclinations = Annotated[tuple[Annotated[float, Field(ge=0, le=180, allow_inf_nan=False)], ...], _LIST]
Counts = Annotated[tuple[Annotated[int, Field(ge=1, le=20_000)], ...], _LIST]
Phasings = Annotated[tuple[Annotated[int, Field(ge=0)], ...], _LIST]
Kinds = Annotated[tuple[Literal["delta", "star"], ...], _LIST]


class GridSection(Section):
    """A grid of Walker constellations in place of one group of satellites of a scenario.

    A value, a list of values, or a range ``{first: 500, last: 1500, count: 5}`` with both ends. What is left
    out stays as the group has it.
    """

    format: Literal["satqn-grid"]
    """Always `satqn-grid`."""
    version: Literal[1] = 1
    """Version of this format."""
    group: Identifier
    """Id of the group of satellites of the scenario that varies."""
    altitude_km: Altitudes | None = None
    """Above the equatorial radius."""
    inclination_deg: Inclinations | None = None
    """Of the planes to the equator."""
    planes: Counts | None = None
    """Orbital planes."""
    satellites: Counts | None = None
    """How many in all; those that do not fill every plane alike are left out."""
    satellites_per_plane: Counts | None = None
    """In place of `satellites`: how many in every plane."""
    phasing: Phasings | None = None
    """f of t/p/f; values that are not below the number of planes are left out."""
    kind: Kinds | None = None
    """Ascending nodes over a whole turn (delta) or half a turn (star)."""
    launch_mass_kg: Positive | None = None
    """Mass of one satellite at launch; without it there is no mass in the result."""


@dataclass(frozen=True, slots=True, repr=False)
class Grid(Shown):
    """The constellations of a grid that can be.

    Parameters
    ----------
    group
        Id of the group of satellites.
    shells
        All constellations, the first key of the file slowest.
    left_out
        Points of the grid that are no constellation, with why.
    launch_mass
        Of one satellite, kg, or None.
    """

    group: str
    shells: tuple[WalkerSection, ...]
    left_out: tuple[str, ...]
    launch_mass: float | None


def load_grid(path: str | Path) -> GridSection:
    """Read and check the file of a grid.

    Parameters
    ----------
    path
        A YAML file.

    Raises
    ------
    InvalidFileError
        Lists all its faults with their places.
    InputError
        It cannot be read.
    """
    label = str(path)
    reading = parse(read_text(path, limit=MOST_YAML_BYTES), label, Path(path).parent)
    try:
        section = GridSection.model_validate(reading.data)
    except ValidationError as error:
        own = [fault for fault in error.errors() if fault["type"] == "values"]
        others = [fault for fault in error.errors() if fault["type"] != "values"]
        faults: list[Fault] = [
            (fault["loc"], fault["msg"], "write [500, 700], or {first: 500, last: 1500, count: 5}")
            for fault in own
        ]
        faults += worded(others, GridSection, reading.data)
        problems = [
            Problem(f"{reading.place(loc)}: {'.'.join(map(str, loc))}", what, fix)
            for loc, what, fix in faults
        ]
        raise InvalidFileError(label, list(dict.fromkeys(problems))) from None
    if section.satellites is not None and section.satellites_per_plane is not None:
        where = f"{reading.place(('satellites_per_plane',))}: satellites_per_plane"
        raise InvalidFileError(
            label, [Problem(where, "satellites are counted twice", "leave out it, or 'satellites'")]
        )
    return section


def group_of(scenario: PlanScenario, name: str) -> SatelliteGroup:
    """Return a group of satellites by its id.

    Raises
    ------
    InputError
        There is none.
    """
    for group in scenario.satellites:
        if group.id == name:
            return group
    known = ", ".join(group.id for group in scenario.satellites) or "none at all"
    raise InputError(
        f"{scenario.name} has no group of satellites {name!r}", where="group", fix=f"Groups: {known}"
    )


def grid_of(section: GridSection, scenario: PlanScenario) -> Grid:
    """Return the constellations of a grid.

    Parameters
    ----------
    section
        The file.
    scenario
        With the group that varies.

    Raises
    ------
    InputError
        No such group, a key that neither the file nor the group has, more than 10 000 points, or no
        constellation among them.
    """
    group = group_of(scenario, section.group)
    axes = _axes(section, group)
    count = 1
    for values in axes.values():
        count *= len(values)
    if count > MOST_CANDIDATES:
        raise InputError(
            f"a grid of {count} points", where="grid", fix=f"Take fewer values: at most {MOST_CANDIDATES}"
        )
    shells: dict[WalkerSection, None] = {}
    left_out: list[str] = []
    for point in _points(axes):
        planes, satellites = point["planes"], point["satellites"]
        if satellites % planes:
            left_out.append(f"{satellites} satellites in {planes} planes: every plane has as many")
        elif point["phasing"] >= planes:
            left_out.append(f"phasing {point['phasing']} with {planes} planes: it must be below their number")
        else:
            raan = group.walker.first_raan_deg if group.walker is not None else 0.0
            shells[WalkerSection(**point, first_raan_deg=raan)] = None
    if not shells:
        raise InputError(
            "no point of the grid is a constellation", where="grid", why="; ".join(dict.fromkeys(left_out)),
            fix="Give numbers of satellites that the planes divide, or satellites_per_plane",
        )  # fmt: skip
    return Grid(section.group, tuple(shells), tuple(dict.fromkeys(left_out)), section.launch_mass_kg)


def _axes(section: GridSection, group: SatelliteGroup) -> dict[str, tuple[Any, ...]]:
    axes: dict[str, tuple[Any, ...]] = {}
    missing = []
    counted = "satellites" if section.satellites_per_plane is None else "satellites_per_plane"
    for key in ("altitude_km", "inclination_deg", "planes", counted, "phasing", "kind"):
        values = getattr(section, key)
        if values is None and group.walker is not None:
            values = (getattr(group.walker, key),)
        if values is None and key in ("phasing", "kind"):
            values = (WalkerSection.model_fields[key].default,)
        if values is None:
            missing.append(key)
            continue
        axes[key] = values
    if missing:
        raise InputError(
            f"the grid does not say {', '.join(missing)}", where="grid",
            why=f"The group {group.id!r} of the scenario is no Walker constellation that could fill it in",
            fix="Give a value, a list or a range for each",
        )  # fmt: skip
    return axes


def _points(axes: dict[str, tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    for values in product(*axes.values()):
        point = dict(zip(axes, values, strict=True))
        each = point.pop("satellites_per_plane", None)
        if each is not None:
            point["satellites"] = each * point["planes"]
        yield point
