"""The shape of satellites in a planning scenario: constellations, orbits, catalogues."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from satqn.scenario.sections import Identifier, Longitude, NotNegative, Section

OrbitAltitude = Annotated[float, Field(ge=160, le=400_000, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]


class WalkerSection(Section):
    """A Walker constellation t/p/f of circular orbits."""

    satellites: Annotated[int, Field(ge=1, le=20_000)]
    """t: how many in all."""
    planes: Annotated[int, Field(ge=1)]
    """p: orbital planes, each with as many satellites."""
    phasing: Annotated[int, Field(ge=0)] = 0
    """f, below p: satellites of the next plane are f/t of a turn ahead."""
    kind: Literal["delta", "star"] = "delta"
    """Ascending nodes over a whole turn (delta) or half a turn (star)."""
    altitude_km: OrbitAltitude
    """Above the equatorial radius."""
    inclination_deg: Annotated[float, Field(ge=0, le=180, allow_inf_nan=False)]
    """Of the planes to the equator; above 90 the orbit is retrograde."""
    first_raan_deg: Degrees = 0.0
    """Right ascension of the first ascending node."""


class OrbitSection(Section):
    """One orbit by its mean elements at the start of the plan."""

    id: Identifier
    """Name of the satellite; unique among all nodes."""
    altitude_km: OrbitAltitude
    """Mean altitude: semi-major axis less the equatorial radius."""
    eccentricity: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.0
    """0: a circle."""
    inclination_deg: Annotated[float, Field(ge=0, le=180, allow_inf_nan=False)]
    """Of the orbit to the equator."""
    raan_deg: Degrees
    """Right ascension of the ascending node."""
    argument_of_perigee_deg: Degrees = 0.0
    """From the ascending node to the perigee."""
    mean_anomaly_deg: Degrees
    """At the start of the plan, from the perigee."""


class GeostationarySection(Section):
    """Satellites that stand above the equator."""

    lon_deg: Annotated[tuple[Longitude, ...], Field(min_length=1)]
    """Longitudes, one a satellite, east is positive."""


class CatalogueFileSection(Section):
    """Satellites of a TLE or OMM file, propagated by SGP4."""

    path: str
    """In the folder of the scenario."""
    names: tuple[str | int, ...] | None = None
    """Only these, by name or by catalogue number as in the file; a name that several have means them all."""
    leave_out: tuple[str | int, ...] = ()
    """Not these, by name or catalogue number."""
    unusable: Literal["refuse", "leave_out"] = "refuse"
    """Satellites that SGP4 cannot carry through the plan, decayed ones for example: an error that names them
    all, or left out with a warning."""


class BetweenSection(Section):
    """Which satellites of two groups may be linked to each other, both with memories."""

    groups: tuple[Identifier, Identifier]
    """Ids of two groups of satellites."""
    crosslinks: Literal["all", "nearest", "none"]
    """All in sight; every satellite of the first group with the `nearest` ones of the second; none."""
    nearest: Annotated[int, Field(ge=1)] | None = None
    """With `crosslinks: nearest`: with how many in every slot, those of the highest rates."""


class SatelliteGroup(Section):
    """Satellites of one kind; one of walker, orbits, geostationary, file and omm says where they are."""

    id: Identifier
    """First part of the names of its satellites."""
    walker: WalkerSection | None = None
    """A Walker constellation."""
    orbits: tuple[OrbitSection, ...] | None = None
    """Single orbits."""
    geostationary: GeostationarySection | None = None
    """Geostationary satellites."""
    file: CatalogueFileSection | None = None
    """Satellites of a TLE or OMM file."""
    omm: tuple[dict[str, str | float | int | None], ...] | None = None
    """Orbit mean-elements messages by their CCSDS names: what a file becomes in the resolved form."""
    terminal: str
    """Name of its free-space terminal, which needs a transmitter. With a memory a satellite is a node of the
    network; without one it sends the two photons of a pair to two ground stations."""
    terminals: Annotated[int, Field(ge=1)] = 2
    """Links through free space that a satellite can run at the same time."""
    storage_pairs: NotNegative = 0.0
    """Pairs that may be in store with one end at a satellite; needs memories."""
    crosslinks: Literal["all", "grid", "none"] = "all"
    """Links between its satellites: all in sight; the neighbours in orbit and in the next planes; none."""
