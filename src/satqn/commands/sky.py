"""``satqn sky``: how often a place is clear, and how bright its sky is at a time."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any

from cyclopts import Parameter

from satqn.commands.common import Json, emit_json, print_table, say
from satqn.errors import InputError

ELEVATIONS_DEG = (90, 60, 45, 30, 20, 10)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def sky(
    place: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    at: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    wavelength_nm: Annotated[float, Parameter(allow_leading_hyphen=True)] = 810.0,
    full_moon: Annotated[bool, Parameter(negative=())] = False,
    json: Json = False,
) -> None:
    """Clear skies of a place by month, and its light and clouds at a time.

    Parameters
    ----------
    place
        LAT,LON in degrees; south and west are negative.
    at
        A time of ISO 8601 with its zone: elevation of the Sun, radiance of the sky, cloud-free lines of
        sight.
    wavelength_nm
        For the radiance, 400 to 1800.
    full_moon
        Add the light of a full Moon at 45 degrees while the Sun is down.
    json
        Print one JSON document.
    """
    from satqn.network.places import parse_coordinates
    from satqn.weather import climate, light

    lat, lon = parse_coordinates(place, "LAT,LON")
    clear = climate.clear_sky(lat, lon)
    months = [None if math.isnan(value) else round(float(value), 4) for value in clear.by_month]
    found: dict[str, Any] = {
        "lat_deg": lat,
        "lon_deg": lon,
        "cell_lat_deg": clear.cell[0],
        "cell_lon_deg": clear.cell[1],
        "clear_fraction_by_month": months,
        "clear_fraction_mean": clear.mean,
        "source": climate.SOURCE,
    }
    if at is not None:
        found |= _at(lat, lon, _moment(at), months, wavelength_nm, full_moon)
        found["radiance_source"] = light.SOURCE
    if json:
        emit_json(found)
        return
    shown = ["no Sun" if value is None else f"{value:.2f}" for value in months]
    print_table(f"clear skies at {lat:g},{lon:g}", ["", *MONTHS], [["clear fraction", *shown]])
    if at is None:
        return
    lines = found["cloud_free_line_of_sight"]
    print_table(
        f"at {found['time']}",
        ["", "value"],
        [
            ["elevation of the Sun, degrees", f"{found['sun_elevation_deg']:.3f}"],
            [f"radiance at {wavelength_nm:g} nm, W/(m2 sr nm)", f"{found['radiance_w_m2_sr_nm']:.4g}"],
            *(
                [
                    f"clear line of sight at {elevation} degrees",
                    "unknown" if share is None else f"{share:.3f}",
                ]
                for elevation, share in lines.items()
            ),
        ],
    )
    if found["clear_fraction_at_time"] is None:
        say("The Sun hardly rises there in this month: the table, made from sunshine, has no value.")


def _moment(text: str) -> datetime:
    fix = "Write e.g. 2026-06-21T03:00:00Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is not a time", where="--at", fix=fix) from error
    if moment.tzinfo is None:
        raise InputError(f"the time {text!r} has no time zone", where="--at", fix=fix)
    return moment


def _at(
    lat: float, lon: float, moment: datetime, months: list[float | None], wavelength: float, full_moon: bool
) -> dict[str, Any]:
    """Return what holds at one time: Sun, light, clouds of the month."""
    from datetime import UTC

    from satqn.earth import WGS84
    from satqn.orbits.sun import sun_elevation
    from satqn.weather.clouds import cloud_free_line_of_sight
    from satqn.weather.light import sky_radiance

    utc = moment.astimezone(UTC)
    sun = math.degrees(float(sun_elevation(WGS84.position(lat, lon), utc, 0.0)))
    clear = months[utc.month - 1]
    return {
        "time": utc.isoformat(),
        "sun_elevation_deg": sun,
        "wavelength_nm": wavelength,
        "radiance_w_m2_sr_nm": float(sky_radiance(sun, wavelength, full_moon=full_moon)),
        "clear_fraction_at_time": clear,
        "cloud_free_line_of_sight": {
            str(elevation): None
            if clear is None
            else float(cloud_free_line_of_sight(clear, math.radians(elevation)))
            for elevation in ELEVATIONS_DEG
        },
    }
