"""Readers of networks: one small network in every format, and what each format can hold wrong."""

from __future__ import annotations

import json
import math
from pathlib import Path

import networkx
import numpy as np
import pytest

from satqn.errors import InputError, InvalidFileError
from satqn.network.topologies import Around, Choices, FibreTopology, read_topology
from satqn.sphere import great_circle

NODES = {"Berlin": (52.52, 13.4), "Hamburg": (53.55, 9.99), "München": (48.14, 11.58)}
LINKS = {("Berlin", "Hamburg"): 300.0, ("Berlin", "München"): None}


def read(path: Path, content: str | bytes, **choices) -> FibreTopology:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_topology(path, Choices(**choices))


def faults(path: Path, content: str | bytes, **choices) -> str:
    with pytest.raises(InputError) as caught:
        read(path, content, **choices)
    return str(caught.value)


def check(network: FibreTopology, *, lengths: bool = True) -> None:
    assert network.ids == tuple(NODES)
    assert list(zip(network.lat_deg, network.lon_deg, strict=True)) == list(NODES.values())
    straight = float(great_circle(*NODES["Berlin"], *NODES["München"]))
    first = 300e3 if lengths else float(great_circle(*NODES["Berlin"], *NODES["Hamburg"]))
    assert dict(zip(zip(network.a, network.b, strict=True), network.length, strict=True)) == {
        (0, 1): pytest.approx(first), (0, 2): pytest.approx(straight),
    }  # fmt: skip
    assert network.given == (lengths, False)


SNDLIB_XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<network xmlns="http://sndlib.zib.de/network" version="1.0"><networkStructure>
<nodes coordinatesType="geographical">
<node id="Berlin"><coordinates><x>13.4</x><y>52.52</y></coordinates></node>
<node id="Hamburg"><coordinates><x>9.99</x><y>53.55</y></coordinates></node>
<node id="München"><coordinates><x>11.58</x><y>48.14</y></coordinates></node>
</nodes>
<links><link id="L1"><source>Berlin</source><target>Hamburg</target><setupCost>7</setupCost>
<additionalModules><addModule><capacity>40.0</capacity><cost>1</cost></addModule></additionalModules></link>
<link id="L2"><source>München</source><target>Berlin</target></link></links></networkStructure>
<demands><demand id="D"><source>Berlin</source><target>Hamburg</target><demandValue>3</demandValue></demand></demands>
</network>"""

SNDLIB_NATIVE = """?SNDlib native format; type: network; version: 1.0
# network test

META (
  granularity = 5min
)
NODES (
  Berlin ( 13.4 52.52 )
  Hamburg ( 9.99 53.55 )
  München ( 11.58 48.14 )
)
LINKS (
  # <link_id> ( <source> <target> ) …
  L1 ( Berlin Hamburg ) 0.00 0.00 0.00 0.00 ( 40.00 1.00 )
  L2 ( München Berlin ) 0.00 0.00 0.00 0.00 ( )
)
DEMANDS (
  D1 ( Berlin Hamburg ) 1 195.00 UNLIMITED
)
ADMISSIBLE_PATHS (
)
"""

GML = """Creator "somebody"
graph [
  directed 0
  # a comment
  node [ id 7 label "Berlin" Latitude 52.52 Longitude 13.4 graphics [ x 10 y 20 ] ]
  node [
    id 8
    label "Hamburg"
    lat "53.55" lon 9.99
  ]
  node [ id 9 label "M&#252;nchen" lat_deg 4.814E1 lon_deg +11.58 ]
  edge [ source 7 target 8 LinkLength 300 LinkSpeed "10" ]
  edge [ source 9 target 7 ]
]
"""


def graph() -> networkx.Graph:
    made = networkx.Graph(name="test")
    for name, (lat, lon) in NODES.items():
        made.add_node(name, Latitude=lat, Longitude=lon)
    for ends, km in LINKS.items():
        made.add_edge(*ends, **({} if km is None else {"length_km": km}))
    return made


def test_every_format_gives_the_same_network(tmp_path):
    path = tmp_path / "network.txt"  # the content says which format it is, not the name
    networkx.write_graphml(graph(), path)
    check(read_topology(path))
    plain_names = networkx.relabel_nodes(graph(), {"München": "München"})
    for u, v, facts in plain_names.edges(data=True):
        assert u, v
        if "length_km" in facts:
            facts["lengthkm"] = facts.pop("length_km")  # a key of GML has letters and digits only
    networkx.write_gml(plain_names, path)
    check(read_topology(path))
    check(read(path, GML))
    check(read(path, SNDLIB_XML.encode("iso-8859-1")), lengths=False)
    check(read(path, SNDLIB_NATIVE), lengths=False)
    for edges in ("links", "edges"):
        check(read(path, json.dumps(networkx.node_link_data(graph(), edges=edges))))
    cytoscape = networkx.cytoscape_data(graph())
    check(read(path, json.dumps(cytoscape)))
    check(read(path, json.dumps(geojson())))


def geojson() -> dict:
    def feature(kind: str, at: list, **properties) -> dict:
        return {"type": "Feature", "geometry": {"type": kind, "coordinates": at}, "properties": properties}

    at = {name: [lon, lat] for name, (lat, lon) in NODES.items()}
    return {"type": "FeatureCollection", "features": [
        *(feature("Point", where, name=name) for name, where in at.items()),
        feature("LineString", [at["Berlin"], [11.0, 53.0], at["Hamburg"]], source="Berlin", target="Hamburg", length_km=300),
        feature("LineString", [at["Berlin"], at["München"]], a="München", b="Berlin", length_km=None),
    ]}  # fmt: skip


def test_sndlib_as_json_in_the_ways_converters_write_it(tmp_path):
    def attributes(prefix: str, facts: dict) -> dict:
        return {prefix + key: value for key, value in facts.items()}

    for prefix in ("", "@", "_"):
        nodes = [
            {**attributes(prefix, {"id": name}), "coordinates": {"x": str(lon), "y": str(lat)}}
            for name, (lat, lon) in NODES.items()
        ]
        links = [
            {**attributes(prefix, {"id": "L"}), "source": a, "target": b, "setupCost": "1"} for a, b in LINKS
        ]
        structure = {
            "nodes": {**attributes(prefix, {"coordinatesType": "geographical"}), "node": nodes},
            "links": {"link": links},
        }
        check(
            read(tmp_path / "n.json", json.dumps({"network": {"networkStructure": structure}})), lengths=False
        )
        check(read(tmp_path / "n.json", json.dumps(structure)), lengths=False)
    text = json.dumps({"network": {"networkStructure": structure}}).replace("geographical", "pixel")
    assert "pixels of a drawing" in str(read(tmp_path / "n.json", text, around=Around(50, 10, 1e5)).remarks)


def test_pixels_of_sndlib_are_no_positions(tmp_path):
    xml = SNDLIB_XML.replace("geographical", "pixel").replace("13.4", "134").encode("iso-8859-1")
    assert "no node has a position" in str(read(tmp_path / "n.xml", xml).remarks)
    native = SNDLIB_NATIVE.replace("13.4 52.52", "134.0 525.2")
    assert "no node has a position" in str(read(tmp_path / "n.txt", native).remarks)


SEQUENCE = {
    "templates": {"t": {"MemoryArray": {"fidelity": 0.99}}},
    "nodes": [{"name": name, "type": "QuantumRouter", "seed": i, "memo_size": 5} for i, name in enumerate("ABC")],
    "qconnections": [
        {"node1": "A", "node2": "B", "attenuation": 0.0002, "distance": 500, "type": "meet_in_the_middle"},
        {"node1": "B", "node2": "C", "attenuation": 0.0002, "distance": 20_000, "type": "meet_in_the_middle"},
    ],
    "cchannels": [{"source": "A", "destination": "B", "delay": 1e9}],
    "stop_time": 2e12,
}  # fmt: skip


def test_sequence_has_lengths_in_metres_and_no_positions(tmp_path):
    network = read(tmp_path / "s.json", json.dumps(SEQUENCE))
    assert network.ids == ("A", "B", "C")
    assert dict(zip(zip(network.a, network.b, strict=True), network.length, strict=True)) == {
        (0, 1): 500,
        (1, 2): 20_000,
    }
    assert network.laid_out
    told = " ".join(network.remarks)
    assert "stand on a circle of 100 km around 0° N 0° E, and lengths are those of the file" in told
    assert "the attenuation of the file (0.0002 dB/m) is not taken" in told
    placed = read(tmp_path / "s.json", json.dumps(SEQUENCE), around=Around(50.0, 10.0, 5e3))
    assert not placed.laid_out
    assert great_circle(50.0, 10.0, placed.lat_deg, placed.lon_deg) == pytest.approx([5e3] * 3, rel=1e-6)
    known = read(
        tmp_path / "s.json", json.dumps(SEQUENCE), positions={n: (50.0, i, 0.0) for i, n in enumerate("ABC")}
    )
    assert known.lon_deg == (0, 1, 2)


def test_quantum_channels_into_a_bell_measurement_are_one_link(tmp_path):
    document = {
        "nodes": [*SEQUENCE["nodes"][:2], {"name": "m", "type": "BSMNode"}],
        "qchannels": [
            {"source": "A", "destination": "m", "distance": 400, "attenuation": 1e-5},
            {"source": "B", "destination": "m", "distance": 600, "attenuation": 1e-5},
        ],
    }
    network = read(tmp_path / "s.json", json.dumps(document))
    assert (network.ids, network.length) == (("A", "B"), (1000.0,))
    document["qchannels"].pop()
    assert "the Bell measurement 'm' has 1 quantum channels" in faults(
        tmp_path / "s.json", json.dumps(document)
    )


def test_geojson_lines_are_as_long_as_they_are_drawn_and_end_at_points(tmp_path):
    document = geojson()
    line = document["features"][3]
    line["properties"] = {}
    network = read(tmp_path / "n.geojson", json.dumps(document))
    drawn = great_circle(52.52, 13.4, 53.0, 11.0) + great_circle(53.0, 11.0, 53.55, 9.99)
    assert network.length[0] == pytest.approx(float(drawn))
    line["geometry"]["coordinates"][0] = [0.0, 0.0]
    assert "the line ends at no point" in faults(tmp_path / "n.geojson", json.dumps(document))
    line["geometry"]["type"] = "Polygon"
    assert "a Polygon is neither a place nor a fibre" in faults(tmp_path / "n.geojson", json.dumps(document))
    del document["features"][3]["geometry"]
    del document["features"][0]["properties"]["name"]
    text = faults(tmp_path / "n.geojson", json.dumps(document))
    assert text.count("a point without a name") == 2
    document["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::31467"}}
    assert "another reference system" in faults(tmp_path / "n.geojson", json.dumps(document))


YED = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:y="http://www.yworks.com/xml/graphml">
<key attr.name="Latitude" attr.type="double" for="node" id="d0"><default>50.0</default></key>
<key attr.name="Longitude" attr.type="double" for="all" id="d1"/>
<key for="node" id="d2" yfiles.type="nodegraphics"/>
<key for="edge" id="d3" yfiles.type="edgegraphics"/>
<key attr.name="km" attr.type="double" for="edge" id="d4"/>
<graph edgedefault="directed" id="G">
<node id="n0"><data key="d1">8.0</data><data key="d2"><y:ShapeNode><y:Geometry x="10" y="20"/><y:NodeLabel>Bonn am
Rhein</y:NodeLabel></y:ShapeNode></data></node>
<node id="n1" yfiles.foldertype="group"><data key="d2"><y:GroupNode/></data>
<graph edgedefault="directed" id="n1:"><node id="n1::n0"><data key="d0">51.0</data><data key="d1">7.0</data>
<data key="d2"><y:ShapeNode><y:NodeLabel>Köln</y:NodeLabel></y:ShapeNode></data></node>
<edge id="n1::e0" source="n1::n0" target="n0"><data key="d4">120.5</data></edge></graph></node>
<edge id="e1" source="n0" target="n1::n0"><data key="d4">130</data></edge>
<hyperedge><endpoint node="n0"/><endpoint node="n1::n0"/></hyperedge>
</graph></graphml>"""


def test_graphml_of_yed_with_nested_graphs_defaults_and_both_directions(tmp_path):
    network = read(tmp_path / "y.graphml", YED)
    assert network.ids == ("Bonn-am-Rhein", "Köln")
    assert network.lat_deg == (50.0, 51.0)
    assert network.length == (120_500.0,)
    told = " ".join(network.remarks)
    assert "1 hyperedge left out" in told
    assert "1 parallel link: of each pair the shortest is kept" in told
    two = YED.replace("</graph></graphml>", "</graph><graph edgedefault='directed'/></graphml>")
    assert "y.graphml:17: 2 graphs in one file (keep one graph)" in faults(tmp_path / "y.graphml", two)
    assert "the key 'd9' is not declared" in faults(
        tmp_path / "y.graphml", YED.replace('key="d1">8', 'key="d9">8')
    )


def test_xml_that_is_cut_off_hostile_or_something_else(tmp_path):
    path = tmp_path / "n.graphml"
    assert "n.graphml:16:58: not well-formed XML" in faults(path, YED[:-20])
    assert "is the file whole?" in faults(path, YED[:-20])
    bomb = '<!DOCTYPE graphml [<!ENTITY a "b"><!ENTITY c "&a;&a;">]>' + YED.partition("\n")[2]
    assert "the file declares entities of its own" in faults(path, bomb)
    deep = (
        '<graphml><graph edgedefault="undirected">'
        + "<node id='a'>" * 200
        + "</node>" * 200
        + "</graph></graphml>"
    )
    assert "more than 100 deep" in faults(path, deep)
    assert "GEXF of Gephi: export the graph as GraphML" in faults(path, "<gexf/>")
    assert "KML" in faults(path, "<kml/>")
    assert "n.graphml is empty" in faults(path, "\n")
    assert "is no network: it begins with" in faults(path, "id,lat,lon\nA,1,2\n")
    assert read(path, "\ufeff" + YED).ids == ("Bonn-am-Rhein", "Köln")


@pytest.mark.parametrize(("change", "said"), [
    (("graph [", "graf ["), "no graph in it"),
    ((" ]\n  edge", "\n  edge"), "the file ends within a list: a ] is missing"),
    (('label "Hamburg"', 'label "Hamburg'), 'a text that begins here has no end (")'),
    (("id 8", ""), "a node without an id"),
    (("target 8", ""), "an edge without source and target"),
    (("id 8", "id 7"), "the id 7 stands twice: at line 5 and line 6"),
    (("target 8", "target 88"), "there is no node 88"),
    (("LinkLength 300", "LinkLength NAN"), "nan is not a finite number"),
    (("lat_deg 4.814E1", "lat_deg 481.4"), "lat_deg 481.4 is too large: from -90 to 90"),
    (("LinkSpeed \"10\" ]", "LinkSpeed ]"), "the key 'LinkSpeed' has no value"),
])  # fmt: skip
def test_what_gml_can_have_wrong(tmp_path, change, said):
    text = GML.replace(*change)
    assert text != GML
    assert said in faults(tmp_path / "n.gml", text)


def nodes(*records, links=(), **more) -> str:
    return json.dumps({"nodes": list(records), "links": list(links), **more})


@pytest.mark.parametrize(("text", "said"), [
    (nodes({"id": True, "lat": 1, "lon": 2}), "the id True is no name"),
    (nodes({"id": None, "lat": 1, "lon": 2}), "the id None is no name"),
    (nodes({"id": "A", "lat": 1}), "it has a latitude and no longitude"),
    (nodes({"id": "A", "lat": True, "lon": 2}), "true is not a number"),
    (nodes({"id": "A", "lat": "52°31'N", "lon": 2}), "has minutes or a direction (write degrees with decimals"),
    (nodes({"id": "A", "lat": "52 31 12", "lon": 2}), "has minutes or a direction"),
    (nodes({"id": "A", "lat": "52.5 N", "lon": 2}), "has minutes or a direction"),
    (nodes({"id": "A", "lat": "52,5", "lon": 2}), "has a comma (write 52.5)"),
    (nodes({"id": "A", "lat": 139.7, "lon": 35.7}), "are lat and lon swapped?"),
    (nodes({"id": "A", "lat": 1, "lon": 359}), "write -1"),
    (nodes({"id": "A", "lat": 1, "lon": -200}), "write 160"),
    (nodes({"id": "A", "lat": 1, "lon": 2, "altitude_m": 20_000}), "the altitude 20000 m is too large"),
    ('{"nodes": [{"id": "A", "lat": NaN, "lon": 2}], "links": []}', "nan is not a finite number"),
    ('{"nodes": [{"id": "A", "id": "B"}], "links": []}', "stands twice"),
    ('{"nodes": [{"id": "A", "lat": 1, "lon": 2}]}', "the key 'links' is missing"),
    ('{"nodes": [{"id": "A", "lat": 1, "lon": 2}], "link": []}', "the key 'links' is missing (is 'link' it?)"),
    (nodes({"id": "A", "lat": 1, "lon": 2}, links=[["A", "A"]], edges=[["A", "A"]]), "'links' and 'edges' at once"),
    (nodes({"id": "A", "lat": 1, "lon": 2}, links=["A"]), "'A' is no link"),
    (nodes({"id": "A", "lat": 1, "lon": 2}, links=[{"source": "A"}]), "a link without target"),
    (nodes({"id": "A", "lat": 1, "lon": 2}, links=[{"source": "A", "target": "B"}]), "there is no node B"),
    (nodes({"id": "A", "lat": 1, "lon": 2}, links=[{"source": "A", "target": ["B"]}]), "there is no node"),
    (nodes(3.5, "A"), "3.5 is no node"),
    ('{"nodes": 7, "links": []}', "'nodes' is 7"),
    ('{"nodes": [], "links": []}', "no node in it"),
    ("[" * 100_000, "nested too deeply"),
    ('{"nodes": [{"id": "A", "lat": ' + "9" * 5000 + ', "lon": 1}], "links": []}', "digits"),
    ('{"nodes": [{"id": "A", "x": 0.5, "y": 0.5}], "links": []}', "if x and y are degrees, call them lon and lat"),
])  # fmt: skip
def test_what_json_can_have_wrong(tmp_path, text, said):
    assert said in faults(tmp_path / "n.json", text)


def test_all_faults_are_told_at_once_and_not_thousands_of_them(tmp_path):
    many = [{"id": i, "lat": 100, "lon": 1} for i in range(1000)]
    with pytest.raises(InvalidFileError) as caught:
        read(tmp_path / "n.json", nodes(*many, {"id": 3, "lat": 1, "lon": 1}, links=[[1, 5000]]))
    assert len(caught.value.problems) == 21
    assert "and 982 more faults of these kinds" in str(caught.value)
    assert "the id 3 stands twice" in str(caught.value)


def test_ids_as_numbers_text_names_and_positions_in_the_list(tmp_path):
    place = {"lat": 1.0, "lon": 2.0}
    other = {"lat": 1.0, "lon": 3.0}
    for records, link in [
        (({"id": 1, **place}, {"id": 2, **other}), [1, 2]),
        (({"id": "1", **place}, {"id": "2", **other}), [1, 2]),
        (({"id": 1, **place}, {"id": 2, **other}), ["1", "2"]),
        (({"name": "A", **place}, {"name": "B", **other}), [0, 1]),
        (({"name": "A", **place}, {"name": "B", **other}), ["A", "B"]),
        (({"id": 1, "name": "A", **place}, {"id": 2, "name": "B", **other}), ["A", "B"]),
    ]:
        for record in (
            {"source": link[0], "target": link[1], "km": 200}, [*link, 200], {"from": link[0], "to": link[1], "dist": 200},
            {"source": {"id": link[0], "x": 3}, "target": {"id": link[1]}, "km": 200}, {"ends": link, "length_km": 200},
        ):  # fmt: skip
            network = read(tmp_path / "n.json", nodes(*records, links=[record]))
            assert network.length == (200e3,)
    assert read(
        tmp_path / "n.json", json.dumps({"nodes": {"A": place, "B": other}, "edges": [["A", "B"]]})
    ).ids == ("A", "B")
    assert read(tmp_path / "n.json", nodes({"id": "A", "pos": [2.0, 1.0]})).lat_deg == (1.0,)
    assert read(tmp_path / "n.json", nodes({"id": "A", "position": {"lat": 1, "lng": 2}})).lon_deg == (2.0,)
    assert read(tmp_path / "n.json", nodes({"id": "A", "lat": " 1'000e-3 ", "lon": "−2"})).lon_deg == (-2.0,)


def test_names_become_ids(tmp_path):
    labels = [
        "Frankfurt (Main)",
        "Ko\u0308ln, Nord",
        "a|b",
        "zero\u200bwidth",
        "x" * 80,
        "x" * 80,
        "tab\there",
        "None",
        "",
    ]
    network = read(
        tmp_path / "n.json", nodes(*({"id": i, "name": n, "lat": i, "lon": 0} for i, n in enumerate(labels)))
    )
    assert network.ids[:4] == ("Frankfurt-(Main)", "Köln-Nord", "a-b", "zerowidth")
    assert network.ids[6:] == ("tab-here", "7", "8")
    assert len(set(network.ids)) == len(network.ids)
    assert max(map(len, network.ids)) == 60


def test_lengths_in_another_unit_are_found_out(tmp_path):
    at = [{"id": "A", "lat": 52.52, "lon": 13.4}, {"id": "B", "lat": 53.55, "lon": 9.99}]
    text = nodes(*at, links=[{"source": "A", "target": "B", "length": 300_000}])
    assert "the lengths under 'length' are about 1.2e+03 times the distances" in faults(
        tmp_path / "n.json", text
    )
    assert read(tmp_path / "n.json", text, unit="m").length == (300e3,)
    assert read(tmp_path / "n.json", text.replace('"length"', '"length_m"')).length == (300e3,)
    short = read(tmp_path / "n.json", nodes(*at, links=[{"source": "A", "target": "B", "length": 186.4}]))
    assert "1 link is shorter than the way over ground, A to B 186.4 km instead of 255.1 km" in str(
        short.remarks
    )
    assert read(tmp_path / "n.json", text.replace("300000", "186.4"), unit="mi").length == (
        pytest.approx(300e3, rel=1e-3),
    )
    both = nodes(*at, links=[{"source": "A", "target": "B", "length_km": 300, "dist": 250}])
    assert "length_km and dist say 300 km and 250 km" in faults(tmp_path / "n.json", both)


@pytest.mark.parametrize(("value", "km"), [("300 km", 300), ("300km", 300), ("300'000 m", 300), ("186.411358 mi", 300),
                                           (" 186.411358 Miles ", 300), ("300", 300)])  # fmt: skip
def test_units_behind_lengths(tmp_path, value, km):
    at = [{"id": "A", "lat": 52.52, "lon": 13.4}, {"id": "B", "lat": 53.55, "lon": 9.99}]
    network = read(tmp_path / "n.json", nodes(*at, links=[{"source": "A", "target": "B", "length": value}]))
    assert network.length == (pytest.approx(km * 1e3, rel=1e-7),)
    same = read(
        tmp_path / "n.json", nodes(*at, links=[{"source": "A", "target": "B", "length_km": "300 km"}])
    )
    assert same.length == (300e3,)
    text = nodes(*at, links=[{"source": "A", "target": "B", "length_km": "300 mi"}])
    assert "'300 mi' and the name 'length_km' say different units" in faults(tmp_path / "n.json", text)
    text = nodes(*at, links=[{"source": "A", "target": "B", "length": "300 furlongs"}])
    assert "'300 furlongs' is not a number" in faults(tmp_path / "n.json", text)
    told = read(tmp_path / "n.json", nodes(*at, links=[{"source": "A", "target": "B", "weight": 300}]))
    assert "not read as lengths: weight" in str(told.remarks)


def test_what_looks_like_a_length_and_is_not_read_is_said(tmp_path):
    at = [
        {"id": "A", "lat": 52.52, "lon": 13.4},
        {"id": "B", "lat": 53.55, "lon": 9.99},
        {"id": "C", "lat": 50, "lon": 9},
    ]
    links = [{"source": "A", "target": "B", "length_ft": 5, "LinkSpeed": 10, "weight": 2}, ["A", "C", 400.0]]
    told = str(read(tmp_path / "n.json", nodes(*at, links=links)).remarks)
    assert "1 of 2 links have no length" in told
    assert "not read as lengths: length_ft, weight (call the key length_km" in told


def test_loops_and_parallel_links(tmp_path):
    at = [{"id": "A", "lat": 52.52, "lon": 13.4}, {"id": "B", "lat": 53.55, "lon": 9.99}]
    links = [["A", "B", 320], ["B", "A", 290], ["A", "B", 300], ["B", "B"]]
    network = read(tmp_path / "n.json", nodes(*at, links=links))
    assert network.length == (290e3,)
    assert network.remarks == (
        "n.json: links of nodes to themselves left out: B",
        "n.json: 2 parallel links: of each pair the shortest is kept",
    )


def test_nodes_without_position_stand_at_the_mean_of_their_neighbours(tmp_path):
    at = [
        {"id": "A", "lat": 0.0, "lon": 10.0},
        {"id": "x"},
        {"id": "y", "lat": None, "lon": ""},
        {"id": "B", "lat": 0.0, "lon": 40.0},
    ]
    alone = [{"id": "p"}, {"id": "q"}]
    links = [["A", "x"], ["x", "y"], ["y", "B"], ["p", "q"]]
    network = read(tmp_path / "n.json", nodes(*at, *alone, links=links))
    assert network.ids == ("A", "x", "y", "B")
    assert network.lon_deg == pytest.approx((10.0, 20.0, 30.0, 40.0), abs=0.2)
    step = np.diff(network.lon_deg)
    assert step[0] == pytest.approx(step[2])
    assert "2 nodes without position put at the mean of their neighbours: x, y" in str(network.remarks)
    assert "2 nodes left out, for no link joins them to one with a position: p, q" in str(network.remarks)
    fewer = read(tmp_path / "n.json", nodes(*at, *alone, links=links), without_position="leave_out")
    assert (fewer.ids, fewer.a) == (("A", "B"), ())
    assert "4 nodes without position left out" in str(fewer.remarks)
    text = faults(tmp_path / "n.json", nodes(*at, *alone, links=links), without_position="refuse")
    assert text.count("it has no position") == 4


def test_a_table_of_positions_wins_over_the_file(tmp_path):
    at = [{"id": 0, "name": "Old Town", "lat": 1, "lon": 1}, {"id": 1}]
    network = read(
        tmp_path / "n.json",
        nodes(*at, links=[[0, 1]]),
        positions={"Old-Town": (5.0, 6.0, 70.0), "1": (5.0, 7.0, 0.0)},
    )
    assert network.lat_deg == (5.0, 5.0)
    assert network.altitude == (70.0, 0.0)
    assert network.remarks == ()


def test_mean_of_neighbours_solves_its_equations_wherever_the_network_lies(tmp_path):
    rng = np.random.default_rng(3)
    for _ in range(20):
        size = int(rng.integers(4, 30))
        known = rng.random(size) < 0.5
        known[0] = True
        lat, lon = rng.uniform(-80, 80, size), rng.uniform(-180, 180, size)
        ends = {
            tuple(sorted(map(int, pair)))
            for pair in rng.integers(0, size, (3 * size, 2))
            if pair[0] != pair[1]
        }
        records = [{"id": i, **({"lat": lat[i], "lon": lon[i]} if known[i] else {})} for i in range(size)]
        network = read(tmp_path / "n.json", nodes(*records, links=[list(pair) for pair in ends]))
        place = {name: i for i, name in enumerate(network.ids)}
        unit = np.stack([
            np.cos(np.radians(network.lat_deg)) * np.cos(np.radians(network.lon_deg)),
            np.cos(np.radians(network.lat_deg)) * np.sin(np.radians(network.lon_deg)),
            np.sin(np.radians(network.lat_deg)),
        ], axis=1)  # fmt: skip
        free = [str(i) for i in range(size) if not known[i] and str(i) in place]
        # Solved anew, slowly: v_i = mean of the neighbours' v, by many rounds of substitution.
        vectors = {name: unit[place[name]] if name not in free else np.zeros(3) for name in place}
        near = {
            name: [str(a if str(b) == name else b) for a, b in ends if name in (str(a), str(b))]
            for name in free
        }
        for _ in range(5000):
            for name in free:
                vectors[name] = np.mean([vectors[other] for other in near[name] if other in place], axis=0)
        for name in free:
            length = math.sqrt(float(vectors[name] @ vectors[name]))
            assert unit[place[name]] == pytest.approx(vectors[name] / length, abs=1e-6)
