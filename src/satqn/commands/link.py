"""``satqn link``: what one fibre chain or one satellite link delivers."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from satqn.commands.common import Json, PresetName, emit_json, print_table, say
from satqn.errors import InputError

app = App(name="link", help="Ask what a fibre chain or a satellite link delivers.")


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
