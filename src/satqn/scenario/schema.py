"""The shape of a scenario file: every key with its unit, range, default and source.

The models are strict: an unknown key, a NaN, an infinity or a value of the wrong kind is a fault.
Units stand in the names; the defaults are the parameters of shao2025.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field

from satqn.model.hardware import FibreHardware, SatelliteHardware
from satqn.model.options import PRESETS, Preset, ProtocolOptions
from satqn.scenario.sections import Efficiency, Fidelity, Latitude, Longitude, Positive, Section
from satqn.units import KM, MICROSECONDS_IN_A_SECOND, NANOMETRES_IN_A_METRE


class NetworkSection(Section):
    """Which places the fibre network joins."""

    dataset: Literal["us-cities", "us-tracts"] = "us-cities"
    """``us-cities``: the 300 largest cities, shipped; ``us-tracts``: 83 000 census tracts, downloaded."""
    neighbours: Annotated[int, Field(ge=1, le=20)] = 3
    """Every node is joined to so many nearest neighbours (shao2025: 3)."""


class StationSection(Section):
    """Ground stations: a grid of a spacing, or named sites."""

    spacing_km: Annotated[float, Field(ge=20, le=5000, allow_inf_nan=False)] = 450.0
    """Spacing d of the grid (shao2025: 240, 450, 700 km)."""
    sites: tuple[str, ...] | None = None
    """Node ids of the stations; replaces the grid."""
    file: str | None = None
    """JSON file of node ids: a list, or one list per spacing in km; or GeoJSON points near nodes."""


class SubpointSection(Section):
    """A point of the Earth below the satellite."""

    lat_deg: Latitude
    """Latitude, north is positive."""
    lon_deg: Longitude
    """Longitude, east is positive."""


class SatelliteSection(Section):
    """One satellite with a pair source and two downlinks."""

    altitude_km: Annotated[float, Field(ge=100, le=400_000, allow_inf_nan=False)] = 10_000.0
    """Height above the sphere; 10 000 km is the MEO of shao2025."""
    subpoint: SubpointSection | None = None
    """Point below the satellite; without it the centre of the network (GEO: see ``geo_position``)."""
    source_pairs_per_s: Positive = 6.0e7
    """Pairs made per second: ten times Micius' 5.9e6 (shao2025; Yin et al. 2017)."""
    fidelity: Fidelity = 0.87
    """Fidelity of a delivered pair (shao2025; Yin et al. 2017)."""
    wavelength_nm: Annotated[float, Field(ge=200, le=5000, allow_inf_nan=False)] = 810.0
    """Wavelength (shao2025)."""
    beam_waist_m: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 0.15
    """1/e^2 radius of the beam at the transmitter (shao2025)."""
    receiver_radius_m: Annotated[float, Field(gt=0, le=20, allow_inf_nan=False)] = 0.5
    """Radius of the receiving telescope (shao2025; 1 and 2 m in S4)."""
    transmitter_optics: Efficiency = 0.5
    """Efficiency (shao2025)."""
    receiver_optics: Efficiency = 0.5
    """Efficiency (shao2025)."""
    detector: Efficiency = 0.9
    """Efficiency (shao2025)."""
    spectral_filter: Efficiency = 0.9
    """Efficiency (shao2025)."""
    fibre_coupling: Efficiency = 0.7
    """Efficiency of single-mode coupling with adaptive optics (shao2025)."""
    zenith_transmittance: Efficiency = 0.967
    """Atmosphere at zenith near 800 nm (Pirandola 2021)."""

    def hardware(self) -> SatelliteHardware:
        """Return the satellite in SI units."""
        names = ("transmitter_optics", "receiver_optics", "detector", "spectral_filter", "fibre_coupling")
        return SatelliteHardware(
            altitude=self.altitude_km * KM,
            source_rate=self.source_pairs_per_s,
            fidelity=self.fidelity,
            wavelength=self.wavelength_nm / NANOMETRES_IN_A_METRE,
            beam_waist=self.beam_waist_m,
            receiver_radius=self.receiver_radius_m,
            efficiencies=tuple((name, getattr(self, name)) for name in names),
            zenith_transmittance=self.zenith_transmittance,
        )


class FibreSection(Section):
    """Fibre and the trapped-ion nodes on it."""

    attenuation_db_per_km: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = 0.173
    """Loss at 1550 nm (shao2025: 0.0173 /km in base 10)."""
    light_speed_km_per_s: Annotated[float, Field(gt=1e4, le=299_792.458, allow_inf_nan=False)] = 2.0e5
    """Speed of light in the fibre (shao2025)."""
    emission_time_us: Positive = 175.0
    """Ion-photon emission cycle T0 (shao2025)."""
    detector_efficiency: Efficiency = 0.21
    """P0, with wavelength conversion (shao2025)."""
    ion_photon_fidelity: Fidelity = 0.99
    """F0 (shao2025)."""
    photonic_bsm_fidelity: Fidelity = 0.99
    """F_p (shao2025; 0.9 in S3)."""
    ion_swap_fidelity: Fidelity = 0.99
    """F_s (shao2025)."""
    ion_pairs: Annotated[int, Field(ge=1, le=1_000_000)] = 10
    """m, ion pairs per direction at every node (shao2025: 20 ions a node)."""

    def hardware(self) -> FibreHardware:
        """Return the fibre hardware in SI units."""
        return FibreHardware(
            attenuation_per_m=self.attenuation_db_per_km / 10.0 / KM,
            light_speed=self.light_speed_km_per_s * KM,
            emission_time=self.emission_time_us / MICROSECONDS_IN_A_SECOND,
            detector_efficiency=self.detector_efficiency,
            ion_photon_fidelity=self.ion_photon_fidelity,
            photonic_bsm_fidelity=self.photonic_bsm_fidelity,
            ion_swap_fidelity=self.ion_swap_fidelity,
            ion_pairs=self.ion_pairs,
        )


class OptionsSection(Section):
    """Single choices that replace those of the preset; see the page on presets."""

    node_set: Literal["published", "contiguous"] | None = None
    """Census tracts: without Vermont as published, or all of the 48 states and DC."""
    arm_latency: Literal["one_way", "round_trip"] | None = None
    """Time an attempt waits for light on an arm."""
    waiting_factor: Literal["power", "harmonic", "exact"] | None = None
    """How much longer the slowest of N segments takes than one."""
    purification: Literal["bbpssw", "dejmps"] | None = None
    """Protocol."""
    purified_state: Literal["phase_flip", "werner"] | None = None
    """What an output of BBPSSW counts as when chained."""
    placement: Literal["greedy", "optimal"] | None = None
    """Of photon and ion repeaters."""
    segment_losses: Literal["longer_arm", "true_arms"] | None = None
    """The longer arm sets both losses, or each arm its own."""
    max_photon_repeaters: Annotated[int, Field(ge=1)] | Literal["none"] | None = None
    """Largest number in fidelity curves, or `none`."""
    copies_above_table: Literal["shortcut", "exact"] | None = None
    """What happens above 1300 copies."""
    hybrid_rate: Literal["alice_only", "both_legs"] | None = None
    """Which legs and swaps count."""
    leg_direct_mode: Literal["single_link", "any"] | None = None
    """Legs on which direct transmission may be used."""
    shared_station: Literal["use_satellite", "swap_legs"] | None = None
    """What happens where both ends have the same nearest station."""
    long_links: Literal["eight_pieces", "halve"] | None = None
    """How links that are too long are split."""
    shortest_time_s: Positive | Literal["none"] | None = None
    """Least time per pair tried when a rate is sought, or `none`."""
    diffraction: Literal["far_field", "exact"] | None = None
    """Law of diffraction."""
    decoherence: Literal["restarted", "aged"] | None = None
    """Dephasing in memory: restarted at every arrival, or by the age of each pair."""
    geo_position: Literal["centre", "equator"] | None = None
    """Where a geostationary satellite stands."""


class Scenario(Section):
    """A whole scenario: places, stations, hardware, options, pairs and seed."""

    format: Literal["satqn-scenario"] = "satqn-scenario"
    """Always `satqn-scenario`."""
    schema_version: Literal[2] = 2
    """Version of this format."""
    study: Literal["hybrid"] = "hybrid"
    """What the scenario is for."""
    name: Annotated[str, Field(min_length=1, max_length=80)]
    """Name of the scenario."""
    description: str = ""
    """One sentence for lists and reports."""
    preset: Preset = "physical"
    """``physical`` (the corrected model) or ``published`` (as in the figures of shao2025)."""
    network: NetworkSection = NetworkSection()
    """Places and the fibre network that joins them."""
    ground_stations: StationSection = StationSection()
    """Where light comes down."""
    satellite: SatelliteSection = SatelliteSection()
    """The satellite."""
    fibre: FibreSection = FibreSection()
    """The fibre, and the trapped-ion nodes on it."""
    options: OptionsSection = OptionsSection()
    """Single choices that replace those of the preset."""
    target_fidelity: Annotated[float, Field(gt=0.5, lt=1, allow_inf_nan=False)] = 0.87
    """Fidelity at which rates are compared (shao2025)."""
    memory_dephasing_time_s: Positive | None = None
    """tau of a stored qubit; without it memories are perfect."""
    pairs: Annotated[int, Field(ge=1, le=10_000_000)] = 300
    """Random pairs of users that ``satqn run`` evaluates."""
    seed: Annotated[int, Field(ge=0)] = 1
    """The seed of everything that is drawn."""

    def protocol_options(self) -> ProtocolOptions:
        """Return the options of the preset with the scenario's own choices put in."""
        chosen: dict[str, Any] = {
            name: None if value == "none" else value
            for name, value in self.options.model_dump().items()
            if value is not None
        }
        return replace(PRESETS[self.preset], **chosen)
