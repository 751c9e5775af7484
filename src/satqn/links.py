"""What one link delivers, with its geometry: fibre, a satellite above two stations, or any line of sight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from satqn.earth import EARTHS, EarthName
from satqn.errors import InputError
from satqn.model.hardware import FibreHardware, SatelliteHardware
from satqn.model.options import PRESETS, Preset
from satqn.orbits import geometry
from satqn.orbits.visibility import GROUND_TOP, SightRules, sight
from satqn.physics import fiber, freespace
from satqn.physics.atmosphere import SECANT_LIMIT
from satqn.physics.line_budget import blocked, line_factors
from satqn.physics.optics import FreeSpaceOptics
from satqn.sightline import Sightline
from satqn.units import to_db


@dataclass(frozen=True, slots=True)
class FibreLink:
    """A fibre of one length, direct or as a chain.

    Parameters
    ----------
    length
        m.
    photon_repeaters
        N; 0 is direct transmission.
    rate
        Entangled pairs per second.
    fidelity
        Fidelity of the ion-ion state, without distillation.
    ion_pairs
        Ion pairs that work side by side.
    distribution
        Summary of the distribution of the delivery time, where one was asked for.
    """

    length: float
    photon_repeaters: int
    rate: float
    fidelity: float
    ion_pairs: int
    preset: Preset
    distribution: dict[str, Any] | None = None

    @property
    def entangled(self) -> bool:
        """Whether the state is entangled: F > 1/2 for these Bell-diagonal states."""
        return self.fidelity > 0.5

    @property
    def mode(self) -> str:
        """``direct`` or ``chain``."""
        return "chain" if self.photon_repeaters else "direct"

    def to_dict(self) -> dict[str, Any]:
        """Return the link as plain JSON values."""
        asked = {} if self.distribution is None else {"distribution": self.distribution}
        return {
            "length_km": self.length / 1e3,
            "preset": self.preset,
            "mode": self.mode,
            "photon_repeaters": self.photon_repeaters,
            "ion_repeaters": max(self.photon_repeaters - 1, 0),
            "ion_pairs": self.ion_pairs,
            "rate_per_s": self.rate,
            "fidelity": self.fidelity,
            "entangled": self.entangled,
            **asked,
        }


def fibre_link(
    length: float,
    photon_repeaters: int | None = None,
    *,
    preset: Preset = "physical",
    ion_pairs: int = 1,
    hardware: FibreHardware | None = None,
) -> FibreLink:
    """Evaluate a chain of equal segments (shao2025, eqs. 1 to 3).

    Parameters
    ----------
    length
        m, >= 0.
    photon_repeaters
        N, 0 for direct transmission, or None for the N with the largest rate.
    preset
        Sets the waiting factor: ``published`` (3/2)^log2 N, ``physical`` exact.
    ion_pairs
        Ion pairs side by side, >= 1.
    hardware
        By default that of shao2025.

    Raises
    ------
    InputError
        A length, a number of repeaters or of ion pairs out of range.

    Examples
    --------
    >>> round(fibre_link(300e3, 32, preset="published").rate, 4)
    9.0086
    """
    hw = hardware or FibreHardware()
    if not math.isfinite(length) or length < 0:
        raise InputError(f"a fibre of {length / 1e3:g} km", where="length", fix="Give 0 km or more")
    if ion_pairs < 1:
        raise InputError(f"{ion_pairs} ion pairs", where="ion pairs", fix="Give 1 or more")
    waiting = PRESETS[preset].waiting_factor
    if photon_repeaters is None:
        count, rate = fiber.best_photon_repeaters(length, hw, waiting, ion_pairs)
    elif photon_repeaters < 0:
        raise InputError(
            f"{photon_repeaters} photon repeaters", where="photon repeaters", fix="Give 0 or more"
        )
    else:
        count = photon_repeaters
        rate = float(fiber.chain_rate(length, count, hw, waiting, ion_pairs))
    return FibreLink(
        length, int(count), float(rate), float(fiber.chain_fidelity(count, hw)), ion_pairs, preset
    )


@dataclass(frozen=True, slots=True)
class DownlinkLeg:
    """One downlink: where the station is, how far the satellite, and what is lost on the way."""

    lat_deg: float
    lon_deg: float
    slant_range: float
    zenith_deg: float
    transmittance: float
    budget_db: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Return the leg as plain JSON values."""
        return {
            "lat_deg": self.lat_deg,
            "lon_deg": self.lon_deg,
            "slant_range_km": self.slant_range / 1e3,
            "zenith_deg": self.zenith_deg,
            "elevation_deg": 90.0 - self.zenith_deg,
            "transmittance": self.transmittance,
            "budget_db": self.budget_db,
            "total_db": sum(self.budget_db.values()),
        }


@dataclass(frozen=True, slots=True)
class SatelliteLink:
    """A pair source on a satellite and its two downlinks (shao2025, eq. 9)."""

    pair_rate: float
    fidelity: float
    legs: tuple[DownlinkLeg, DownlinkLeg]
    warnings: tuple[str, ...]
    preset: Preset

    def to_dict(self) -> dict[str, Any]:
        """Return the link as plain JSON values."""
        return {
            "preset": self.preset,
            "pair_rate_per_s": self.pair_rate,
            "fidelity": self.fidelity,
            "legs": [leg.to_dict() for leg in self.legs],
            "warnings": list(self.warnings),
        }


def satellite_link(
    *,
    altitude: float,
    subpoint: tuple[float, float],
    ground: Sequence[tuple[float, float]],
    preset: Preset = "physical",
    hardware: SatelliteHardware | None = None,
) -> SatelliteLink:
    """Evaluate the two downlinks of a satellite.

    Parameters
    ----------
    altitude
        m above the sphere, > 0.
    subpoint
        Latitude and longitude of the point below the satellite, degrees.
    ground
        Latitude and longitude of the two stations, degrees.
    preset
        Sets the diffraction: ``published`` far field, ``physical`` exact.
    hardware
        By default that of shao2025; its altitude is replaced.

    Raises
    ------
    InputError
        The altitude is not positive, or a station sees the satellite below its horizon.
    """
    if not math.isfinite(altitude) or altitude <= 0:
        raise InputError(f"an altitude of {altitude / 1e3:g} km", where="altitude", fix="Give more than 0 km")
    hw = replace(hardware or SatelliteHardware(), altitude=altitude)
    diffraction = PRESETS[preset].diffraction
    legs, warnings = [], []
    for number, (lat, lon) in enumerate(ground, start=1):
        angle = geometry.ground_angle(lat, lon, *subpoint)
        zenith = float(geometry.zenith_angle(angle, altitude))
        elevation = 90.0 - math.degrees(zenith)
        if elevation <= 0:
            raise InputError(
                f"the satellite is {-elevation:.2f} degrees below the horizon of station {number} "
                f"({lat:g},{lon:g})",
                why="Light cannot pass through the Earth",
                fix="Choose a higher satellite or a nearer station",
            )
        if zenith > SECANT_LIMIT:
            warnings.append(
                f"station {number} sees the satellite at {math.degrees(zenith):.1f} degrees from zenith; "
                "the law for the atmosphere is meant for up to 57.3 degrees (1 rad)"
            )
        slant = float(geometry.slant_range(angle, altitude))
        budget = freespace.loss_budget(slant, math.cos(zenith), hw, diffraction)
        legs.append(
            DownlinkLeg(
                lat_deg=lat,
                lon_deg=lon,
                slant_range=slant,
                zenith_deg=math.degrees(zenith),
                transmittance=float(freespace.downlink(slant, math.cos(zenith), hw, diffraction)),
                budget_db={item: float(loss) for item, loss in budget.items()},
            )
        )
    first, second = legs
    rate = float(freespace.pair_rate(first.transmittance, second.transmittance, hw))
    return SatelliteLink(rate, hw.fidelity, (first, second), tuple(warnings), preset)


Place = tuple[float, float, float]
"""Latitude and longitude in degrees, altitude in m."""

LOWEST_PLACE, HIGHEST_PLACE = -500.0, 1e8
"""Altitudes between which a place is taken for one, m: below the Dead Sea, and beyond every orbit in use."""


@dataclass(frozen=True, slots=True)
class FreeSpaceLink:
    """A line of sight between two places, and what it lets pass.

    Parameters
    ----------
    start, end
        The places.
    range, lowest
        Length of the line and altitude of its lowest point, m.
    elevation
        Of the higher place at the lower one, rad.
    hidden
        Why the places do not see each other; empty if they do.
    factors
        The transmittance factor by factor.
    """

    start: Place
    end: Place
    earth: EarthName
    range: float
    lowest: float
    elevation: float
    hidden: tuple[str, ...]
    factors: dict[str, float]
    optics: FreeSpaceOptics

    @property
    def visible(self) -> bool:
        """Whether the line clears the Earth by its margin and the mask of its lower end."""
        return not self.hidden

    @property
    def transmittance(self) -> float:
        """The product of all factors; 0 through the Earth."""
        return math.prod(self.factors.values())

    @property
    def budget_db(self) -> dict[str, float | None]:
        """The loss by factor, dB; None where nothing passes."""
        return {name: float(to_db(factor)) if factor else None for name, factor in self.factors.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the link as plain JSON values."""
        optics = self.optics
        budget = self.budget_db
        losses = [loss for loss in budget.values() if loss is not None]
        return {
            "from": _place_dict(self.start),
            "to": _place_dict(self.end),
            "earth": self.earth,
            "visible": self.visible,
            "hidden_because": list(self.hidden),
            "range_km": self.range / 1e3,
            "lowest_point_km": self.lowest / 1e3,
            "elevation_deg": math.degrees(self.elevation),
            "transmittance": self.transmittance,
            "factors": self.factors,
            "budget_db": budget,
            "total_db": sum(losses) if len(losses) == len(budget) else None,
            "waist_m": optics.beam_waist,
            "receiver_radius_m": optics.receiver_radius,
            "receiver_obscuration_m": optics.receiver_obscuration,
            "transmitter_radius_m": optics.transmitter_radius,
            "transmitter_obscuration_m": optics.transmitter_obscuration,
            "wavelength_nm": optics.wavelength * 1e9,
            "pointing_jitter_urad": optics.pointing_jitter * 1e6,
            "zenith_transmittance": None if optics.air_table else optics.zenith_transmittance,
        }


def _place_dict(place: Place) -> dict[str, float]:
    lat, lon, altitude = place
    return {"lat_deg": lat, "lon_deg": lon, "altitude_km": altitude / 1e3}


def free_space_link(
    start: Place, end: Place, optics: FreeSpaceOptics, *, earth: EarthName = "wgs84"
) -> FreeSpaceLink:
    """Evaluate the line between two free places: visibility, and the loss of light that comes down it.

    Parameters
    ----------
    start, end
        Latitude, longitude (degrees) and altitude (m) of the places; their order does not matter.
    optics
        The transmitter is at the higher place, so that no beam wander is needed.
    earth
        ``wgs84``, or ``sphere`` as in the published figures.

    Raises
    ------
    InputError
        For a place that is none, or twice the same place.

    Notes
    -----
    Source: specification of links, section 1. Visibility follows :class:`SightRules`; the transmittance
    is that of the line whether or not a mask hides it, and 0 if it passes through the Earth.

    Examples
    --------
    >>> optics = FreeSpaceOptics(810e-9, 0.05, 0.25, 0.967)
    >>> link = free_space_link((40.0, -74.0, 0.0), (40.0, -74.0, 20e3), optics)
    >>> link.visible, round(link.factors["atmosphere"], 6)
    (True, 0.968569)
    """
    if earth not in EARTHS:
        raise InputError(f"earth is {earth!r}", fix=f"Choose one of {', '.join(EARTHS)}")
    for place in (start, end):
        if not LOWEST_PLACE <= place[2] <= HIGHEST_PLACE:
            raise InputError(
                f"an altitude of {place[2] / 1e3:g} km",
                where="altitude",
                why=f"Places lie between {LOWEST_PLACE / 1e3:g} and {HIGHEST_PLACE / 1e3:g} km",
                fix="Give it in km",
            )
    if optics.air_table is not None and min(start[2], end[2]) > GROUND_TOP:
        raise InputError(
            "a table of the air for a line without an end on the ground",
            why=f"It holds from the ground, up to {GROUND_TOP / 1e3:g} km, into space",
            fix="Leave it out",
        )
    figure = EARTHS[earth]
    low, high = sorted((start, end), key=lambda place: place[2])
    down = Sightline.between(figure.position(*high), figure.position(*low), figure)
    seen = sight(down)
    if blocked(down):
        factors = {"line_of_sight": 0.0}
    else:
        factors = {name: float(value) for name, value in line_factors(down, optics).items()}
    hidden = []
    if not seen.clear:
        hidden.append(f"the line comes down to {float(seen.lowest) / 1e3:.4g} km")
    if not seen.above_mask:
        rules = SightRules()
        mask = rules.ground_mask if low[2] <= GROUND_TOP else rules.hap_mask
        angle = math.degrees(float(seen.elevation))
        hidden.append(f"an elevation of {angle:.4g} degrees is below the mask of {math.degrees(mask):g}")
    return FreeSpaceLink(
        start,
        end,
        earth,
        float(down.length),
        float(seen.lowest),
        float(seen.elevation),
        tuple(hidden),
        factors,
        optics,
    )
