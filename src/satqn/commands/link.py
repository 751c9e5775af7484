"""``satqn link``: what one fibre chain, one satellite or one line of sight delivers."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from cyclopts import App, Parameter

from satqn.commands.common import Json, PresetName, emit_json, print_table, say
from satqn.errors import InputError

app = App(name="link", help="Ask what a fibre chain, a satellite or any line of sight delivers.")


@app.command
def fiber(
    *,
    length_km: Annotated[float, Parameter(allow_leading_hyphen=True)],
    photon_repeaters: Annotated[str, Parameter(allow_leading_hyphen=True)] = "best",
    ion_pairs: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    preset: PresetName = "physical",
    json: Json = False,
) -> None:
    """Rate and fidelity of a fibre of one length, direct or as a chain of repeaters.

    Parameters
    ----------
    length_km
        Length of the fibre.
    photon_repeaters
        Number N of photon repeaters (N - 1 ion repeaters), 0 for direct transmission, or ``best``.
    ion_pairs
        Ion pairs that work side by side; the rate is for one unless said.
    preset
        ``physical`` waits for the slowest segment exactly; ``published`` uses (3/2)^log2 N.
    json
        Print one JSON document.
    """
    from satqn.links import fibre_link

    count: int | None = None
    if photon_repeaters != "best":
        try:
            count = int(photon_repeaters)
        except ValueError:
            raise InputError(
                f"{photon_repeaters!r} is not a number of repeaters",
                where="--photon-repeaters",
                fix="Give a whole number or 'best'",
            ) from None
    link = fibre_link(length_km * 1e3, count, preset=preset, ion_pairs=ion_pairs)
    if json:
        emit_json(link.to_dict())
        return
    print_table(
        f"{length_km:g} km of fibre, preset {preset}",
        ["mode", "photon repeaters", "rate /s", "fidelity"],
        [[link.mode, str(link.photon_repeaters), f"{link.rate:.6g}", f"{link.fidelity:.6f}"]],
    )
    if not link.entangled:
        say("This state is not entangled (fidelity 1/2 or below): take fewer photon repeaters, or distil.")


@app.command
def satellite(
    *,
    altitude_km: Annotated[float, Parameter(allow_leading_hyphen=True)],
    subpoint: Annotated[str, Parameter(allow_leading_hyphen=True)],
    ground: Annotated[list[str], Parameter(allow_leading_hyphen=True, negative=())],
    preset: PresetName = "physical",
    json: Json = False,
) -> None:
    """Pair rate of a satellite that sends one photon of every pair to either of two stations.

    Parameters
    ----------
    altitude_km
        Height of the satellite above the sphere.
    subpoint
        Point below the satellite, LAT,LON in degrees; south and west are negative.
    ground
        A ground station, LAT,LON in degrees; give it twice.
    preset
        ``physical`` uses exact diffraction, ``published`` the far field.
    json
        Print one JSON document.
    """
    from satqn.links import satellite_link
    from satqn.network.places import parse_coordinates

    if len(ground) != 2:
        raise InputError(
            f"{len(ground)} ground stations given", where="--ground", fix="Give --ground LAT,LON twice"
        )
    link = satellite_link(
        altitude=altitude_km * 1e3,
        subpoint=parse_coordinates(subpoint, "--subpoint"),
        ground=[parse_coordinates(place, "--ground") for place in ground],
        preset=preset,
    )
    for warning in link.warnings:
        say(f"warning: {warning}")
    if json:
        emit_json(link.to_dict())
        return
    print_table(
        f"satellite at {altitude_km:g} km, preset {preset}: "
        f"{link.pair_rate:.6g} pairs/s, F = {link.fidelity:g}",
        ["loss item, dB", *(f"leg {number} ({place})" for number, place in enumerate(ground, start=1))],
        [
            ["slant range, km", *(f"{leg.slant_range / 1e3:.1f}" for leg in link.legs)],
            ["zenith angle, degrees", *(f"{leg.zenith_deg:.3f}" for leg in link.legs)],
            *(
                [item.replace("_", " "), *(f"{leg.budget_db[item]:.3f}" for leg in link.legs)]
                for item in link.legs[0].budget_db
            ),
            ["total", *(f"{sum(leg.budget_db.values()):.3f}" for leg in link.legs)],
        ],
    )


Hyphened = Parameter(allow_leading_hyphen=True)


@app.command(name="free-space")
def free_space(
    *,
    from_: Annotated[str, Parameter(name="--from", allow_leading_hyphen=True)],
    to: Annotated[str, Hyphened],
    earth: Literal["sphere", "wgs84"] = "wgs84",
    waist_m: Annotated[float, Hyphened] = 0.15,
    receiver_radius_m: Annotated[float, Hyphened] = 0.5,
    wavelength_nm: Annotated[float, Hyphened] = 810.0,
    pointing_jitter_urad: Annotated[float, Hyphened] = 0.0,
    zenith_transmittance: Annotated[float, Hyphened] = 0.967,
    json: Json = False,
) -> None:
    """Line of sight between two free places: visibility, range and what the way lets pass.

    The light comes from the higher place down to the lower one. Optics, detectors and turbulence are not
    counted; the defaults are those of shao2025.

    Parameters
    ----------
    from_
        A place, LAT,LON,ALT_KM: degrees and km above the Earth; south and west are negative.
    to
        The other place; the order does not matter.
    earth
        ``wgs84``, or the ``sphere`` of 6371 km of the published figures.
    waist_m
        1/e^2 radius of the beam at the transmitter.
    receiver_radius_m
        Radius of the receiving telescope.
    wavelength_nm
        Wavelength.
    pointing_jitter_urad
        Standard deviation of the pointing error on each axis, microradians.
    zenith_transmittance
        Of clear air, straight up from sea level.
    json
        Print one JSON document.
    """
    from satqn.links import free_space_link
    from satqn.physics.optics import FreeSpaceOptics
    from satqn.units import MICROSECONDS_IN_A_SECOND, NANOMETRES_IN_A_METRE

    optics = FreeSpaceOptics(
        wavelength=wavelength_nm / NANOMETRES_IN_A_METRE,
        beam_waist=waist_m,
        receiver_radius=receiver_radius_m,
        zenith_transmittance=zenith_transmittance,
        pointing_jitter=pointing_jitter_urad / MICROSECONDS_IN_A_SECOND,
    )
    link = free_space_link(_place(from_, "--from"), _place(to, "--to"), optics, earth=earth)
    if json:
        emit_json(link.to_dict())
        return
    print_table(
        f"{from_} to {to}: {'visible' if link.visible else 'hidden'}, transmittance {link.transmittance:.6g}",
        ["quantity", "value"],
        [
            ["range, km", f"{link.range / 1e3:.3f}"],
            ["lowest point, km", f"{round(link.lowest / 1e3, 3) + 0.0:.3f}"],
            ["elevation at the lower end, degrees", f"{math.degrees(link.elevation):.3f}"],
            *(
                [f"{item.replace('_', ' ')}, dB", "nothing passes" if loss is None else f"{loss:.3f}"]
                for item, loss in link.budget_db.items()
            ),
        ],
    )
    for reason in link.hidden:
        say(f"hidden: {reason}")


def _place(text: str, where: str) -> tuple[float, float, float]:
    """Return latitude and longitude in degrees and altitude in m from ``LAT,LON,ALT_KM``."""
    from satqn.network.places import parse_coordinates

    place, _, altitude = text.rpartition(",")
    try:
        altitude_km = float(altitude)
    except ValueError:
        altitude_km = math.nan
    if "," not in place or not math.isfinite(altitude_km):
        raise InputError(
            f"{text!r} is not LAT,LON,ALT_KM", where=where, fix="Write degrees and km, e.g. 40.71,-74.01,20"
        )
    lat, lon = parse_coordinates(place, where)
    return lat, lon, altitude_km * 1e3
