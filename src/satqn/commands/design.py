"""``satqn design``: what to build."""

from __future__ import annotations

import math
from typing import Annotated

from cyclopts import App, Parameter

from satqn.commands.common import Json, emit_json, print_table, say

app = App(name="design", help="Ask what to build: visibility of one satellite in closed form.")

Number = Annotated[float, Parameter(allow_leading_hyphen=True)]


@app.command
def visibility(
    *,
    ground: Annotated[list[str], Parameter(allow_leading_hyphen=True, negative=())],
    altitude_km: Number,
    inclination_deg: Number,
    mask_deg: Number = 20.0,
    satellites: int = 1,
    json: Json = False,
) -> None:
    """Share of its time that one satellite of a circular orbit is in view of all stations at once.

    Parameters
    ----------
    ground
        A ground station, LAT,LON in degrees; south and west are negative. May be repeated.
    altitude_km
        Of the orbit above the sphere of 6371 km.
    inclination_deg
        Of the orbit, 0 to 180.
    mask_deg
        Least elevation at every station.
    satellites
        T of the constellation, for the mean number in common view.
    json
        Print one JSON document.
    """
    from satqn.network.places import parse_coordinates
    from satqn.orbits.coverage import footprint_radius, share_in_view
    from satqn.physics.checks import whole_number

    whole_number("satellites", satellites, 1)
    places = [parse_coordinates(place, "--ground") for place in ground]
    altitude, mask = altitude_km * 1e3, math.radians(mask_deg)
    share = share_in_view(places, altitude, math.radians(inclination_deg), mask)
    found = {
        "share_of_one_satellite": share,
        "footprint_radius_deg": math.degrees(footprint_radius(altitude, mask)),
        "satellites": satellites,
        "mean_in_common_view": share * satellites,
    }
    if json:
        emit_json(found)
        return
    print_table(
        f"one satellite at {altitude_km:g} km, {inclination_deg:g} degrees, above {mask_deg:g} degrees",
        ["", "value"],
        [
            ["share of time in view of all stations", f"{share:.6f}"],
            ["radius of its footprint, degrees", f"{found['footprint_radius_deg']:.3f}"],
            [f"mean number of {satellites} in view at once", f"{found['mean_in_common_view']:.4f}"],
        ],
    )
    if share == 0.0:
        say("No satellite of this orbit ever sees all stations at once: fly higher, or lower the mask.")
