"""Places and pairs: what a person writes, and the nodes meant."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from satqn.errors import InputError, InvalidFileError, SatqnWarning
from satqn.model.network import Network
from satqn.network.places import draw_pairs, find_node, pairs_from_file, parse_coordinates
from satqn.scenario.load import load_scenario
from satqn.scenario.schema import StationSection
from satqn.topology.hybrid import build_system, place_stations


@pytest.fixture(scope="module")
def network() -> Network:
    return build_system(load_scenario("us-cities")).network


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("40.7,-74", (40.7, -74.0)),
        (" -35 , 150 ", (-35.0, 150.0)),
        ("0,190", (0.0, -170.0)),
        ("+1.5,-180", (1.5, -180.0)),
    ],
)
def test_coordinates(text: str, point: tuple[float, float]) -> None:
    assert parse_coordinates(text) == pytest.approx(point)


@pytest.mark.parametrize(
    "text", ["", "40", "40,", "a,b", "40;5", "91,0", "-90.5,0", "0,361", "nan,0", "1,2,3"]
)
def test_bad_coordinates(text: str) -> None:
    with pytest.raises(InputError):
        parse_coordinates(text)


@pytest.mark.parametrize("place", ["Denver CO", "denver co", "Denver", "Denver, CO", "39.74,-104.98"])
def test_a_city_by_name_or_coordinates(network: Network, place: str) -> None:
    assert network.nodes.ids[find_node(network, place)] == "Denver CO"


def test_ambiguous_and_unknown_names(network: Network) -> None:
    with pytest.raises(InputError, match="is the name of"):
        find_node(network, "Glendale")
    with pytest.raises(InputError, match="Did you mean 'Chicago'"):
        find_node(network, "Chikago", "--from")
    with pytest.raises(InputError, match="--from: unknown place"):
        find_node(network, "Atlantis", "--from")


def test_a_far_place_says_how_far_and_from_which_node(network: Network) -> None:
    with pytest.raises(InputError, match=r"'51.5,-0.1' is \d+ km from the nearest node, Manchester NH \(42"):
        find_node(network, "51.5,-0.1")


def test_inserted_nodes_are_not_places(network: Network) -> None:
    inserted = int(np.flatnonzero(network.nodes.inserted)[0])
    with pytest.raises(InputError):
        find_node(network, str(network.nodes.ids[inserted]))


def test_drawn_pairs_are_users_different_and_grow_from_the_front(network: Network) -> None:
    a, b = draw_pairs(network, 5000, seed=3)
    assert not np.any(a == b)
    assert not network.nodes.inserted[a].any()
    assert not network.nodes.inserted[b].any()
    for first, longer in zip(draw_pairs(network, 100, seed=3), (a, b), strict=True):
        assert np.array_equal(first, longer[:100])
    assert not np.array_equal(draw_pairs(network, 100, seed=4)[0], a[:100])


def test_drawn_pairs_are_uniform(network: Network) -> None:
    users = int((~network.nodes.inserted).sum())
    count = 200 * users
    for ends in draw_pairs(network, count, seed=0):
        hits = np.bincount(ends, minlength=len(network))[~network.nodes.inserted]
        chi2 = float(((hits - 200.0) ** 2 / 200.0).sum())
        assert abs(chi2 - (users - 1)) < 5 * np.sqrt(2 * (users - 1))  # seed fixed: cannot fail by chance


@pytest.mark.parametrize(("count", "seed"), [(0, 1), (-3, 1), (5, -1)])
def test_bad_draws(network: Network, count: int, seed: int) -> None:
    with pytest.raises(InputError):
        draw_pairs(network, count, seed)


def test_pairs_from_a_file_plain_and_packed(network: Network, tmp_path: Path) -> None:
    text = "from,to\nDenver CO,Chicago IL\n\nBoston MA, Miami FL\n"
    plain, packed = tmp_path / "p.csv", tmp_path / "p.csv.gz"
    plain.write_text(text)
    packed.write_bytes(gzip.compress(text.encode()))
    for path in (plain, packed):
        a, b = pairs_from_file(network, path)
        assert network.nodes.ids[a].tolist() == ["Denver CO", "Boston MA"]
        assert network.nodes.ids[b].tolist() == ["Chicago IL", "Miami FL"]


def test_every_bad_line_is_named(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("a,b\nDenver CO,Gotham\nDenver CO\nDenver CO,Denver CO\nDenver CO,Boston MA\n")
    with pytest.raises(InvalidFileError) as caught:
        pairs_from_file(network, path)
    text = str(caught.value)
    assert "3 problems" in text
    for part in (
        "p.csv:2: unknown node 'Gotham'",
        "p.csv:3: 1 columns",
        "p.csv:4: both ends are 'Denver CO'",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"a,b\n", "there are no pairs"),
        (b"Denver CO,Boston MA\nChicago IL,Miami FL\n", "not a header"),
        (b"\xff\xfe\x00", "not UTF-16"),
        (b"\x1f\x8bdamaged", "damaged"),
    ],
)
def test_bad_files(network: Network, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        pairs_from_file(network, path)


def test_a_missing_file(network: Network, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        pairs_from_file(network, tmp_path / "none.csv")


@pytest.mark.parametrize("text", [
    "a;b\nDenver CO;Chicago IL\n", "sep=;\na;b\nDenver CO;Chicago IL\n", "\ufeffa\tb\nDenver CO\tChicago IL\n",
    "# pairs\na,b\n# one\n\nDenver CO , Chicago IL\n", "a,b,\nDenver CO,Chicago IL,,\n", "a|b\r\nDenver CO|Chicago IL\r\n",
])  # fmt: skip
def test_pairs_as_spreadsheets_write_them(network: Network, tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(text.encode())
    a, b = pairs_from_file(network, path)
    assert [(network.nodes.ids[i], network.nodes.ids[j]) for i, j in zip(a, b, strict=True)] == [
        ("Denver CO", "Chicago IL")
    ]
    path.write_bytes((text + text.splitlines()[-1].replace("Denver CO", "Atlantis")).encode())
    with pytest.raises(
        InvalidFileError, match=f"pairs.csv:{text.count(chr(10)) + 1}: unknown node 'Atlantis'"
    ):
        pairs_from_file(network, path)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_stations_from_geojson_and_with_a_byte_order_mark(
    network: Network, tmp_path: Path, mark: str
) -> None:
    def point(name: str, lon: float, lat: float) -> dict:
        shape = {"type": "Point", "coordinates": [lon, lat]}
        return {"type": "Feature", "properties": {"name": name}, "geometry": shape}

    path = tmp_path / "stations.json"
    users = network.nodes

    def placed(document: object) -> list[str]:
        path.write_text(mark + json.dumps(document), encoding="utf-8")
        return [str(users.ids[i]) for i in place_stations(StationSection(file=str(path)), network, users)]

    assert placed(["Denver CO", "Boston MA"]) == placed({"450": ["Boston MA", "Denver CO"]})
    points = {
        "type": "FeatureCollection",
        "features": [point("Denver CO", 0, 0), point("Logan", -71.01, 42.37)],
    }
    with pytest.warns(SatqnWarning, match="1 stations? stands? at the nearest node"):
        assert sorted(placed(points)) == ["Boston MA", "Denver CO"]
    points["features"].append(point("Null Island", 0, 0))
    with pytest.raises(InputError, match="km from the nearest node"):
        placed(points)
