"""The shape of a planning scenario: who stands and flies where with what, and who wants pairs when.

``study: plan`` tells such a file from one that evaluates the hybrid protocol (:mod:`satqn.scenario.schema`).
Every key has its unit in its name. Hardware has no hidden defaults: a terminal states its numbers itself
or names the entry of the catalogue that does, where each number has its source.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from satqn.scenario.hardware import TerminalSection
from satqn.scenario.schema import FibreSection
from satqn.scenario.sections import (
    Fidelity,
    Identifier,
    Latitude,
    Longitude,
    NotNegative,
    Positive,
    Section,
)

Altitude = Annotated[float, Field(ge=-500, le=9_000, allow_inf_nan=False)]
OrbitAltitude = Annotated[float, Field(ge=160, le=400_000, allow_inf_nan=False)]
Degrees = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]


class TimeSection(Section):
    """When, and in which slots."""

    start: AwareDatetime
    """Begin of the first slot, with a time zone: 2026-06-21T00:00:00Z."""
    horizon_s: Positive
    """How long the plan reaches; a whole number of slots."""
    slot_s: Positive
    """Length of a slot."""

    @property
    def slots(self) -> int:
        """Number of slots."""
        return round(self.horizon_s / self.slot_s)


class GroundNode(Section):
    """A place on the ground: a user, a repeater station, a ground station."""

    id: Identifier
    lat_deg: Latitude
    lon_deg: Longitude
    altitude_m: Altitude = 0.0
    """Above the ellipsoid."""
    population: NotNegative | None = None
    """Weighs the place where demands are drawn by population."""
    terminal: str | None = None
    """Name of its free-space terminal; without one it has fibre only. Default: that of the section."""
    terminals: Annotated[int, Field(ge=1)] | None = None
    """How many links through free space it can run at the same time."""
    storage_pairs: NotNegative | None = None
    """Pairs that may be in store with one end here."""


class TopologySource(Section):
    """A fibre network from outside: nodes and links with their lengths."""

    file: str | None = None
    """GraphML (Topology Zoo), or a JSON node-link file, in the folder of the scenario."""
    name: str | None = None
    """Name of a reference network: see `satqn data topologies`."""


class CitySource(Section):
    """The largest places of a data set."""

    name: Literal["us-cities"] = "us-cities"
    largest: Annotated[int, Field(ge=1, le=300)] = 20


class GroundSection(Section):
    """Everything on the ground: listed, from a table, from a data set or from a fibre network."""

    nodes: tuple[GroundNode, ...] = ()
    csv: str | None = None
    """Table in the folder of the scenario: columns id, lat_deg, lon_deg, others as in a node."""
    dataset: CitySource | None = None
    topology: TopologySource | None = None
    stations: tuple[str, ...] | None = None
    """Ids of the nodes that get `terminal`; without this list all of them do."""
    terminal: str | None = None
    """Free-space terminal of nodes that name none."""
    terminals: Annotated[int, Field(ge=1)] = 1
    """Links through free space that a ground station can run at the same time."""
    storage_pairs: NotNegative = 0.0
    """Store of nodes that state none."""


class HapSection(Section):
    """A platform in the stratosphere that keeps its station, fixed or on a circle."""

    id: Identifier
    lat_deg: Latitude
    lon_deg: Longitude
    altitude_km: Annotated[float, Field(ge=9.001, le=79, allow_inf_nan=False)]
    terminal: str
    terminals: Annotated[int, Field(ge=1)] = 2
    storage_pairs: NotNegative = 0.0
    circle_radius_km: NotNegative = 0.0
    circle_period_s: Positive = 3600.0


class WalkerSection(Section):
    """A Walker constellation t/p/f of circular orbits."""

    satellites: Annotated[int, Field(ge=1, le=20_000)]
    planes: Annotated[int, Field(ge=1)]
    phasing: Annotated[int, Field(ge=0)] = 0
    kind: Literal["delta", "star"] = "delta"
    """Ascending nodes over a whole turn (delta) or half a turn (star)."""
    altitude_km: OrbitAltitude
    """Above the equatorial radius."""
    inclination_deg: Annotated[float, Field(ge=0, le=180, allow_inf_nan=False)]
    first_raan_deg: Degrees = 0.0
    """Right ascension of the first ascending node."""


class OrbitSection(Section):
    """One orbit by its mean elements at the start of the plan."""

    id: Identifier
    altitude_km: OrbitAltitude
    """Mean altitude: semi-major axis less the equatorial radius."""
    eccentricity: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.0
    inclination_deg: Annotated[float, Field(ge=0, le=180, allow_inf_nan=False)]
    raan_deg: Degrees
    argument_of_perigee_deg: Degrees = 0.0
    mean_anomaly_deg: Degrees


class GeostationarySection(Section):
    """Satellites that stand above the equator."""

    lon_deg: Annotated[tuple[Longitude, ...], Field(min_length=1)]


class CatalogueFileSection(Section):
    """Satellites of a TLE or OMM file, propagated by SGP4."""

    path: str
    """In the folder of the scenario."""
    names: tuple[str, ...] | None = None
    """Only these satellites, by name or catalogue number."""


class SatelliteGroup(Section):
    """Satellites of one kind; one of walker, orbits, geostationary, file and omm says where they are."""

    id: Identifier
    """First part of the names of its satellites."""
    walker: WalkerSection | None = None
    orbits: tuple[OrbitSection, ...] | None = None
    geostationary: GeostationarySection | None = None
    file: CatalogueFileSection | None = None
    omm: tuple[dict[str, str | float | int], ...] | None = None
    """Orbit mean-elements messages by their CCSDS names: what a file becomes in the resolved form."""
    terminal: str
    terminals: Annotated[int, Field(ge=1)] = 2
    """Links through free space that a satellite can run at the same time."""
    storage_pairs: NotNegative = 0.0
    """Pairs that may be in store with one end at a satellite; needs memories."""
    crosslinks: Literal["all", "grid", "none"] = "all"
    """Links between its satellites: all in sight; the neighbours in orbit and in the next planes; none."""


class FibreLinkSection(Section):
    """A fibre between two ground nodes."""

    ends: tuple[str, str]
    length_km: Positive | None = None
    """Length of the fibre; without it the distance times the detour."""


class NeighbourSection(Section):
    """Fibres drawn between near neighbours."""

    count: Annotated[int, Field(ge=1, le=50)] = 3
    """Every node is joined to so many nearest ones."""
    within_km: Positive = 200.0
    """And to none that is farther."""


class FibreNetworkSection(Section):
    """Fibres, and the repeaters on them."""

    links: tuple[FibreLinkSection, ...] = ()
    neighbours: NeighbourSection | None = None
    detour: Annotated[float, Field(ge=1, le=3, allow_inf_nan=False)] = 1.0
    """Length of a fibre over the distance of its ends, where no length is given."""
    least_fidelity: Fidelity | None = None
    """Each fibre takes the number of repeaters of the highest rate at which its pairs are so good."""
    hardware: FibreSection = FibreSection()


class LinkSection(Section):
    """When light passes through free space, and what is counted."""

    ground_mask_deg: Annotated[float, Field(ge=0, lt=90, allow_inf_nan=False)] = 20.0
    """Least elevation at ground stations."""
    hap_mask_deg: Annotated[float, Field(ge=-10, lt=90, allow_inf_nan=False)] = -5.0
    """Least elevation at HAPs."""
    grazing_altitude_km: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 80.0
    """Least altitude of a line between satellites."""
    hap_grazing_altitude_km: Annotated[float, Field(ge=0, le=50, allow_inf_nan=False)] = 5.0
    """Least altitude of a line between HAPs, or a HAP and a satellite."""
    zenith_transmittance: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 0.967
    """Clear air straight up from sea level; 0.967 near 800 nm (Pirandola 2021)."""
    least_rate_per_s: NotNegative = 1e-3
    """A link slower than this in a slot counts as down in it."""


class SkySection(Section):
    """Spectral radiance of the sky, W/(m^2 sr nm); without this section no background is counted."""

    day: NotNegative
    twilight: NotNegative
    night: NotNegative
    source: Annotated[str, Field(min_length=1)]
    """Where the three numbers are from."""


class DemandSection(Section):
    """Two places that want pairs."""

    id: Identifier | None = None
    source: str
    destination: str
    weight: Positive = 1.0
    """Worth of a pair."""
    target_fidelity: Fidelity | None = None
    """Default: that of the scenario."""
    minimum_rate_per_s: NotNegative = 0.0
    """Promised in every slot."""


class DrawnDemands(Section):
    """Demands drawn by the seed, larger places more often."""

    count: Annotated[int, Field(ge=1, le=10_000)]
    by: Literal["population", "uniform"] = "population"
    least_distance_km: NotNegative = 0.0


class PathSection(Section):
    """Which paths a demand may choose from: as in an instance file."""

    mode: Literal["all_simple", "k_shortest"] | None = None
    max_hops: Annotated[int, Field(ge=1)] | None = None
    real: Annotated[int, Field(ge=1)] = 12
    """k shortest: real paths per demand."""
    virtual: Annotated[int, Field(ge=0)] = 20
    """k shortest: paths through storage per demand."""
    order: Literal["hops", "log_werner", "inverse_rate"] = "inverse_rate"


class RoutingSection(Section):
    """Readings of the routing problem: as in an instance file."""

    purification: Literal["bbpssw", "dejmps", "none"] = "bbpssw"
    splittable: bool = False
    max_virtual_links: Annotated[int, Field(ge=0)] = 1
    stock_retention: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    """Share of the pairs in store that survives to the next slot."""


class SolverSection(Section):
    """How the plan is sought."""

    method: Literal["exact", "paper", "benders", "satellite-only", "random", "no-storage"] | None = None
    gap: NotNegative = 1e-3
    time_limit_s: Positive | None = None


class PlanScenario(Section):
    """A whole planning scenario."""

    format: Literal["satqn-scenario"] = "satqn-scenario"
    schema_version: Literal[2] = 2
    study: Literal["plan"]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    description: str = ""
    seed: Annotated[int, Field(ge=0)] = 1
    earth: Literal["wgs84", "sphere"] = "wgs84"
    time: TimeSection
    hardware: dict[str, TerminalSection] = Field(default_factory=dict)
    """Terminals by name, beside those of the catalogue."""
    ground: GroundSection
    haps: tuple[HapSection, ...] = ()
    satellites: tuple[SatelliteGroup, ...] = ()
    fibre: FibreNetworkSection = FibreNetworkSection()
    links: LinkSection = LinkSection()
    sky: SkySection | None = None
    demands: tuple[DemandSection, ...] = ()
    drawn_demands: DrawnDemands | None = None
    target_fidelity: Fidelity = 0.9
    paths: PathSection = PathSection()
    routing: RoutingSection = RoutingSection()
    solver: SolverSection = SolverSection()

    @property
    def start(self) -> datetime:
        """Begin of the first slot."""
        return self.time.start
