"""What one link delivers, with its geometry: a fibre chain, or a satellite above two stations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from satqn.errors import InputError
from satqn.model.hardware import FibreHardware, SatelliteHardware
from satqn.model.options import PRESETS, Preset
from satqn.orbits import geometry
from satqn.physics import fiber, freespace
from satqn.physics.atmosphere import SECANT_LIMIT


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
    """

    length: float
    photon_repeaters: int
    rate: float
    fidelity: float
    ion_pairs: int
    preset: Preset

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
