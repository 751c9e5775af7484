"""``satqn link``: what one fibre chain, one satellite or one line of sight delivers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from satqn.commands.common import Json, PresetName, Settings, emit_json, parse_settings, print_table, say
from satqn.errors import InputError

if TYPE_CHECKING:
    from satqn.links import FibreLink

app = App(name="link", help="Ask what a fibre chain, a satellite or any line of sight delivers.")


@app.command
def fiber(
    *,
    length_km: Annotated[float, Parameter(allow_leading_hyphen=True)],
    photon_repeaters: Annotated[str, Parameter(allow_leading_hyphen=True)] = "best",
    ion_pairs: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    preset: PresetName = "physical",
    waiting: Literal["mean", "exact-distribution"] = "mean",
    memory_coherence_s: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    cutoff_s: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    swap_order: Literal["at-end", "nested"] | None = None,
    coverage: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
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
    waiting
        ``exact-distribution``: also the exact distribution of when the first pair comes and how good it is.
    memory_coherence_s
        With the distribution: time in which 2F - 1 of a stored pair falls by e; perfect unless given.
    cutoff_s
        With the distribution: links are discarded that would be stored longer than this.
    swap_order
        With the distribution: ``at-end``, all swaps when the last segment is ready (default), or ``nested``.
    coverage
        With the distribution: probability that must be followed, 0.999999 unless given.
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
    extras = {
        "--memory-coherence-s": memory_coherence_s,
        "--cutoff-s": cutoff_s,
        "--swap-order": swap_order,
        "--coverage": coverage,
    }
    if waiting == "exact-distribution":
        link = _with_distribution(link, memory_coherence_s, cutoff_s, swap_order, coverage)
    elif given := [name for name, value in extras.items() if value is not None]:
        raise InputError(
            f"{', '.join(given)} without a distribution",
            fix="Add --waiting exact-distribution, or leave it out",
        )
    if json:
        emit_json(link.to_dict())
        return
    print_table(
        f"{length_km:g} km of fibre, preset {preset}",
        ["mode", "photon repeaters", "rate /s", "fidelity"],
        [[link.mode, str(link.photon_repeaters), f"{link.rate:.6g}", f"{link.fidelity:.6f}"]],
    )
    if link.distribution is not None:
        _print_distribution(link.distribution)
    if not link.entangled:
        say("This state is not entangled (fidelity 1/2 or below): take fewer photon repeaters, or distil.")


def _with_distribution(
    link: FibreLink,
    memory_coherence: float | None,
    cutoff: float | None,
    swap_order: Literal["at-end", "nested"] | None,
    coverage: float | None,
) -> FibreLink:
    """Return the link with the distribution of its delivery time."""
    from dataclasses import replace

    from satqn.model.hardware import FibreHardware
    from satqn.simulate.fibre_waiting import DEFAULT_COVERAGE, fibre_waiting

    found = fibre_waiting(
        link.length,
        link.photon_repeaters,
        FibreHardware(),
        ion_pairs=link.ion_pairs,
        swap_order=swap_order or "at-end",
        memory_coherence=memory_coherence,
        cutoff=cutoff,
        coverage=DEFAULT_COVERAGE if coverage is None else coverage,
    )
    return replace(link, distribution=found.to_dict())


def _print_distribution(found: dict[str, Any]) -> None:
    rows = [(f"{100 * item['probability']:g} % have come by", item) for item in found["quantiles"]]
    print_table(
        "delivery of the first pair",
        ["", "time, s", "fidelity then"],
        [
            ["mean", f"{found['mean_s']:.6g}", f"{found['fidelity_mean']:.6f}"],
            *([name, f"{item['time_s']:.6g}", f"{item['fidelity']:.6f}"] for name, item in rows),
        ],
    )


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
    transmitter_radius_m: Annotated[float | None, Hyphened] = None,
    transmitter_obscuration_m: Annotated[float, Hyphened] = 0.0,
    receiver_radius_m: Annotated[float, Hyphened] = 0.5,
    receiver_obscuration_m: Annotated[float, Hyphened] = 0.0,
    wavelength_nm: Annotated[float, Hyphened] = 810.0,
    pointing_jitter_urad: Annotated[float, Hyphened] = 0.0,
    zenith_transmittance: Annotated[float, Hyphened] = 0.967,
    air_table: Path | None = None,
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
    transmitter_radius_m
        Radius of the transmitting telescope that truncates the beam; by default it is wide enough not to.
    transmitter_obscuration_m
        Radius of its central obscuration.
    receiver_radius_m
        Radius of the receiving telescope.
    receiver_obscuration_m
        Radius of its central obscuration.
    wavelength_nm
        Wavelength.
    pointing_jitter_urad
        Standard deviation of the pointing error on each axis, microradians.
    zenith_transmittance
        Of clear air, straight up from sea level.
    air_table
        CSV file with columns elevation_deg (or zenith_deg) and transmittance: the air above the lower place,
        which is on the ground, in place of the transmittance at the zenith.
    json
        Print one JSON document.
    """
    from satqn.links import free_space_link
    from satqn.physics.atmosphere import AirTable
    from satqn.physics.optics import FreeSpaceOptics
    from satqn.scenario.air import read_air_table
    from satqn.units import MICROSECONDS_IN_A_SECOND, NANOMETRES_IN_A_METRE

    air = None
    if air_table is not None:
        rows = read_air_table(air_table)
        air = AirTable(tuple(math.radians(angle) for angle, _ in rows), tuple(share for _, share in rows))
    optics = FreeSpaceOptics(
        wavelength=wavelength_nm / NANOMETRES_IN_A_METRE,
        beam_waist=waist_m,
        receiver_radius=receiver_radius_m,
        transmitter_radius=transmitter_radius_m,
        transmitter_obscuration=transmitter_obscuration_m,
        receiver_obscuration=receiver_obscuration_m,
        zenith_transmittance=zenith_transmittance,
        pointing_jitter=pointing_jitter_urad / MICROSECONDS_IN_A_SECOND,
        air_table=air,
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


@app.command
def explain(
    scenario: str,
    a: str,
    b: str,
    *,
    at: Annotated[str, Hyphened] = "+0",
    set_: Settings = None,
    json: Json = False,
) -> None:
    """Loss budget of the link between two nodes of a planning scenario at any time.

    Two ground stations may be joined by a fibre and by light from the satellite that is best just then.

    Parameters
    ----------
    scenario
        Catalogue name or YAML file.
    a
        Id of a node: ground node, HAP or satellite.
    b
        Id of the other node; the order does not matter.
    at
        A time in ISO 8601 with its zone, or +SECONDS after the start of the plan.
    json
        Print one JSON document.
    """
    from satqn.commands.link_tables import print_explanation
    from satqn.planning import load_plan_scenario
    from satqn.topology.bodies import stage
    from satqn.topology.expand import expanded
    from satqn.topology.explain import explain_link, seconds_of

    ready = stage(expanded(load_plan_scenario(scenario, parse_settings(set_))))
    found = explain_link(ready, a, b, seconds_of(ready.timeline, at))
    for warning in found.warnings:
        say(f"warning: {warning}")
    if json:
        emit_json(found.to_dict())
    else:
        print_explanation(found)


@app.command
def relay(
    *,
    spacing_km: Annotated[float, Hyphened],
    diameter_m: Annotated[float, Hyphened],
    wavelength_nm: Annotated[float, Hyphened] = 810.0,
    ground_km: Annotated[float | None, Hyphened] = None,
    altitude_km: Annotated[float, Hyphened] = 500.0,
    loss_per_satellite: Annotated[float, Hyphened] = 0.02,
    json: Json = False,
) -> None:
    """Loss of light that a chain of satellites passes on like lenses, without memories.

    Parameters
    ----------
    spacing_km
        Distance of neighbouring satellites; with --ground-km the largest one.
    diameter_m
        Diameter of every telescope.
    wavelength_nm
        Wavelength.
    ground_km
        Distance along the ground that the chain spans; without it one hop is told.
    altitude_km
        Of the satellites.
    loss_per_satellite
        Share that each satellite loses besides diffraction.
    json
        Print one JSON document.
    """
    from satqn.physics.optical_relay import hop_dict, relay_chain, relay_hop
    from satqn.units import NANOMETRES_IN_A_METRE, to_db

    wavelength = wavelength_nm / NANOMETRES_IN_A_METRE
    if ground_km is None:
        hop = relay_hop(spacing_km * 1e3, diameter_m, wavelength)
        lost = math.inf if hop.diffraction_loss >= 1.0 else float(to_db(1.0 - hop.diffraction_loss))
        found = {**hop_dict(hop), "hops": 1, "diffraction_db": lost, "other_db": 0.0, "total_db": lost}
    else:
        chain = relay_chain(
            ground_km * 1e3, altitude_km * 1e3, spacing_km * 1e3, diameter_m, wavelength, loss_per_satellite
        )
        found = chain.to_dict()
    shown = {key: value if math.isfinite(value) else None for key, value in found.items()}
    if json:
        emit_json(shown)
        return
    print_table(
        f"relay of {diameter_m:g} m telescopes every {found['spacing_km']:.6g} km at {wavelength_nm:g} nm",
        ["", "value"],
        [
            [key.replace("_", " "), "nothing passes" if value is None else f"{value:.6g}"]
            for key, value in shown.items()
        ],
    )


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
