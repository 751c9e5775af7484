"""The shape of a planning scenario: who stands and flies where with what, and who wants pairs when.

``study: plan`` tells such a file from one that evaluates the hybrid protocol (:mod:`satqn.scenario.schema`).
Every key has its unit in its name. Hardware has no hidden defaults: a terminal states its numbers itself
or names the entry of the catalogue that does, where each number has its source.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, field_validator
from pydantic_core import PydanticCustomError

from satqn.model.instance import AgeCounts, AgeingModel
from satqn.scenario.air import AirSection
from satqn.scenario.hardware import TerminalSection
from satqn.scenario.satellites import (
    BetweenSection,
    CatalogueFileSection,
    GeostationarySection,
    OrbitSection,
    SatelliteGroup,
    WalkerSection,
)
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


class TimeSection(Section):
    """When, and in which slots."""

    start: AwareDatetime
    """Begin of the first slot, with a time zone: 2026-06-21T00:00:00Z."""
    horizon_s: Positive
    """How long the plan reaches; a whole number of slots."""
    slot_s: Positive
    """Length of a slot."""

    @field_validator("start", mode="before")
    @classmethod
    def _is_written_out(cls, value: Any) -> Any:
        """Refuse what pydantic would read as seconds since 1970 or as midnight."""
        if isinstance(value, datetime) or re.match(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d", str(value)):
            return value
        raise PydanticCustomError("moment", "not a moment")

    @property
    def slots(self) -> int:
        """Number of slots."""
        return round(self.horizon_s / self.slot_s)


class GroundNode(Section):
    """A place on the ground: a user, a repeater station, a ground station."""

    id: Identifier
    """Its name; unique among all nodes, without blanks, commas and bars."""
    lat_deg: Latitude
    """Geodetic latitude, north is positive."""
    lon_deg: Longitude
    """Longitude, east is positive."""
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


class AroundSection(Section):
    """A circle for nodes of which nobody says where they are."""

    lat_deg: Latitude
    """Latitude of the centre, north is positive."""
    lon_deg: Longitude
    """Longitude of the centre, east is positive."""
    radius_km: Annotated[float, Field(gt=0, le=5_000, allow_inf_nan=False)] = 10.0
    """Radius."""


class TopologySource(Section):
    """A fibre network from outside: nodes and links with their lengths."""

    file: str | None = None
    """GraphML, GML, SNDlib, GeoJSON, SeQUeNCe or node-link JSON, in the folder of the scenario."""
    name: str | None = None
    """Name of a network: `CORONET`, one of the collection in `SATQN_DATA`, or one of the package topohub."""
    without_position: Literal["neighbours", "leave_out", "refuse"] = "neighbours"
    """Nodes that stand nowhere: at the mean of their neighbours, left out, or an error."""
    length_unit: Literal["km", "m", "mi"] | None = None
    """Of lengths whose name says no unit; default: that of the format, km for most."""
    positions: str | None = None
    """Table (CSV) of id or name, lat_deg, lon_deg, altitude_m of nodes; it wins over the file."""
    around: AroundSection | None = None
    """Where a network in which no node has a position is laid out, on a circle."""
    unknown_length_km: Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)] = 100.0
    """Of links without a length where no node has a position and nothing else is said: made up, and said
    so."""


class CitySource(Section):
    """The largest places of a data set."""

    name: Literal["us-cities"] = "us-cities"
    """The data set: `us-cities`, the 300 largest cities of the contiguous United States."""
    largest: Annotated[int, Field(ge=1, le=300)] = 20
    """How many, the largest first."""


class GroundSection(Section):
    """Everything on the ground: listed, from a table, from a data set or from a fibre network."""

    nodes: tuple[GroundNode, ...] = ()
    """Listed nodes; those of `csv`, `geojson`, `dataset` and `topology` come after them."""
    csv: str | None = None
    """Table in the folder of the scenario: columns id, lat_deg, lon_deg, others as in a node."""
    geojson: str | None = None
    """GeoJSON in the folder of the scenario: points with `id` or `name` among their properties."""
    dataset: CitySource | None = None
    """Nodes from a data set."""
    topology: TopologySource | None = None
    """Nodes and fibres from a network."""
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
    """Its name; unique among all nodes."""
    lat_deg: Latitude
    """Latitude of its station, the centre of its circle."""
    lon_deg: Longitude
    """Longitude of its station, east is positive."""
    altitude_km: Annotated[float, Field(ge=9.001, le=79, allow_inf_nan=False)]
    """Above the ellipsoid."""
    terminal: str
    """Name of its free-space terminal, which needs a transmitter and a memory."""
    terminals: Annotated[int, Field(ge=1)] = 2
    """Links through free space that it can run at the same time."""
    storage_pairs: NotNegative = 0.0
    """Pairs that may be in store with one end here."""
    circle_radius_km: NotNegative = 0.0
    """Radius of the circle that it flies; 0: it stands still."""
    circle_period_s: Positive = 3600.0
    """Time of one turn."""


class FibreLinkSection(Section):
    """A fibre between two ground nodes."""

    ends: tuple[str, str]
    """Ids of the two ground nodes."""
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
    """Listed fibres; those of a `ground.topology` come after them."""
    neighbours: NeighbourSection | None = None
    """Fibres between near neighbours, beside those that are listed."""
    detour: Annotated[float, Field(ge=1, le=3, allow_inf_nan=False)] = 1.0
    """Length of a fibre over the distance of its ends, where no length is given."""
    least_fidelity: Fidelity | None = None
    """Repeaters of the highest rate at which pairs are so good; default: what serves the demands best."""
    hardware: FibreSection = FibreSection()
    """The fibre, and the trapped-ion nodes on it."""


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
    air_mass: Literal["integral", "secant", "kasten_young"] = "integral"
    """How much more air a slanted line meets; `secant` is the law of shao2025, for lines that climb."""
    least_rate_per_s: NotNegative = 1e-3
    """A link slower than this in a slot counts as down in it."""


class SkySection(Section):
    """Spectral radiance of the sky, W/(m^2 sr nm); without this section no background is counted."""

    day: NotNegative
    """Sun above the horizon."""
    twilight: NotNegative
    """Sun up to 18 degrees below it."""
    night: NotNegative
    """Sun lower still."""
    source: Annotated[str, Field(min_length=1, pattern=r"\S")]
    """Where the three numbers are from."""


class DemandSection(Section):
    """Two places that want pairs."""

    id: Identifier | None = None
    """Its name; default: k1, k2, …"""
    source: str
    """Id of one ground node or HAP."""
    destination: str
    """Id of the other."""
    weight: Positive = 1.0
    """Worth of a pair."""
    target_fidelity: Fidelity | None = None
    """Default: that of the scenario."""
    minimum_rate_per_s: NotNegative = 0.0
    """Promised in every slot."""


class DrawnDemands(Section):
    """Demands drawn by the seed, larger places more often."""

    count: Annotated[int, Field(ge=1, le=10_000)]
    """How many different pairs of ground nodes."""
    by: Literal["population", "uniform"] = "population"
    """Either end in proportion to its population, or all alike."""
    least_distance_km: NotNegative = 0.0
    """Only pairs that are so far apart."""


class PathSection(Section):
    """Which paths a demand may choose from: as in an instance file."""

    mode: Literal["generated", "k_shortest_by_slot", "k_shortest", "all_simple"] = "k_shortest_by_slot"
    """All paths, sought as they are needed; the shortest of every slot, or of the whole time; or all simple
    ones up to `max_hops`, listed."""
    max_hops: Annotated[int, Field(ge=1)] | None = None
    """Most links on a path."""
    real: Annotated[int, Field(ge=1)] = 12
    """Real paths per demand (and slot); not with `all_simple`."""
    virtual: Annotated[int, Field(ge=0)] = 20
    """Paths through storage per demand; not with `all_simple`."""
    order: Literal["hops", "log_werner", "inverse_rate"] = "inverse_rate"
    """What is short: few links, little loss of fidelity, or high rates."""


class RoutingSection(Section):
    """Readings of the routing problem: as in an instance file."""

    purification: Literal["bbpssw", "dejmps", "none"] = "bbpssw"
    """Protocol that lifts a path to the target fidelity."""
    splittable: bool = False
    """May a demand use several paths in one slot?"""
    max_virtual_links: Annotated[int, Field(ge=0)] = 1
    """Most links out of storage on one path."""
    stock_retention: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    """Share of the pairs in store that survives to the next slot."""


class AgeingSection(Section):
    """How stored pairs lose fidelity: as in an instance file."""

    model: AgeingModel
    """`depolarising`, `dephasing` or `t1_t2`."""
    memory_coherence_s: Positive | dict[str, Positive]
    """T of pairs (`depolarising`) or T2 of qubits; one number, or one by id for every node with storage."""
    memory_relaxation_s: Positive | dict[str, Positive] | None = None
    """T1 of qubits alike, with `t1_t2` only."""
    age_counts: AgeCounts = "mean"
    """From the middle of a slot to that of the other (`mean`), or from start to end (`latest`)."""


class SolverSection(Section):
    """How the plan is sought."""

    method: (
        Literal["generated", "exact", "paper", "benders", "satellite-only", "random", "no-storage"] | None
    ) = None
    """Default: that of `satqn plan`."""
    gap: NotNegative = 1e-3
    """Stop when bound and plan are so near, as a share."""
    time_limit_s: Positive | None = None
    """Stop then with the best plan so far; default: no limit."""
    ageing: (
        Annotated[str, Field(pattern=r"^(cohorts|copies([ =:]+\d+( *, *\d+)*)?|cutoff[ =:]+[1-9]\d*)$")]
        | None
    ) = None
    """How ages are told apart: `cohorts`, `copies`, `copies 1,3` or `cutoff 2`; default: by size."""


class PlanScenario(Section):
    """A whole planning scenario."""

    format: Literal["satqn-scenario"] = "satqn-scenario"
    """Always `satqn-scenario`."""
    schema_version: Literal[2] = 2
    """Version of this format."""
    study: Literal["plan"]
    """What the scenario is for: here a plan over time slots."""
    name: Annotated[str, Field(min_length=1, max_length=80)]
    """Name of the scenario."""
    description: str = ""
    """One sentence for lists and reports."""
    seed: Annotated[int, Field(ge=0)] = 1
    """The seed of everything that is drawn."""
    earth: Literal["wgs84", "sphere"] = "wgs84"
    """Figure of the Earth."""
    time: TimeSection
    """The slots."""
    hardware: dict[str, TerminalSection] = Field(default_factory=dict)
    """Terminals by name, beside those of the catalogue."""
    ground: GroundSection
    """Everything on the ground."""
    haps: tuple[HapSection, ...] = ()
    """Platforms in the stratosphere."""
    satellites: tuple[SatelliteGroup, ...] = ()
    """Groups of satellites."""
    crosslinks_between: tuple[BetweenSection, ...] = ()
    """Links between satellites of different groups; of two groups that are not named here all in sight."""
    fibre: FibreNetworkSection = FibreNetworkSection()
    """Fibres between ground nodes."""
    links: LinkSection = LinkSection()
    """When light passes through free space."""
    air: AirSection | None = None
    """Transmittance above ground stations by elevation, in place of `links.zenith_transmittance`."""
    sky: SkySection | None = None
    """Light of the sky by day and night; without it no background is counted."""
    demands: tuple[DemandSection, ...] = ()
    """Listed demands."""
    drawn_demands: DrawnDemands | None = None
    """Demands that the seed draws, after those that are listed."""
    target_fidelity: Fidelity = 0.9
    """Of demands that state none."""
    paths: PathSection = PathSection()
    """Paths to choose from."""
    routing: RoutingSection = RoutingSection()
    """Readings of the routing problem."""
    ageing: AgeingSection | None = None
    """How stored pairs age; without it they stay as good as new."""
    solver: SolverSection = SolverSection()
    """How the plan is sought."""

    @property
    def start(self) -> datetime:
        """Begin of the first slot."""
        return self.time.start


__all__ = [
    "AgeingSection", "AirSection", "AroundSection", "BetweenSection", "CatalogueFileSection", "CitySource",
    "DemandSection", "DrawnDemands", "FibreLinkSection", "FibreNetworkSection", "GeostationarySection",
    "GroundNode", "GroundSection", "HapSection", "LinkSection", "NeighbourSection", "OrbitSection",
    "PathSection", "PlanScenario", "RoutingSection", "SatelliteGroup", "SkySection", "SolverSection",
    "TimeSection", "TopologySource", "WalkerSection",
]  # fmt: skip
