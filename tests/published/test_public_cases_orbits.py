"""Files of satellites as users of comparable programs reported them: each reads, or is refused for its fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from satqn.cli import main

FIRST = "1 25544U 98067A   26171.50000000  .00009029  00000+0  17149-3 0  9996"
SECOND = "2 25544  51.6411 273.9217 0005312  87.9187  17.8300 15.49366152 10004"
OMM = {
    "OBJECT_NAME": "ISS (ZARYA)", "OBJECT_ID": "1998-067A", "EPOCH": "2026-06-20T12:00:00.000000",
    "MEAN_MOTION": 15.49366152, "ECCENTRICITY": 0.0005312, "INCLINATION": 51.6411, "RA_OF_ASC_NODE": 273.9217,
    "ARG_OF_PERICENTER": 87.9187, "MEAN_ANOMALY": 17.83, "EPHEMERIS_TYPE": 0, "CLASSIFICATION_TYPE": "U",
    "NORAD_CAT_ID": 25544, "ELEMENT_SET_NO": 999, "REV_AT_EPOCH": 1000, "BSTAR": 0.00017149,
    "MEAN_MOTION_DOT": 9.029e-05, "MEAN_MOTION_DDOT": 0,
}  # fmt: skip
METADATA = {
    "CENTER_NAME": "EARTH", "REF_FRAME": "TEME", "TIME_SYSTEM": "UTC", "MEAN_ELEMENT_THEORY": "SGP4",
}  # fmt: skip
DEBRIS = """ISS DEB
1 44303U 98067QA  20177.50656307  .00002268  00000-0  41158-4 0  9994
2 44303  51.6420 298.7712 0005352   3.5254 356.5773 15.54377746 61017
ISS DEB
1 44304U 98067QB  20177.55020284  .00011761  00000-0  13886-3 0  9993
2 44304  51.6393 289.3085 0004573 342.1253  17.9580 15.61805680 61151
ISS DEB
1 44305U 98067QC  20177.55953133  .00016930  00000-0  17727-3 0  9993
2 44305  51.6350 285.4842 0003081  35.7143 324.4058 15.64544584 61207
"""
DEAD = """DEAD-1
1 50001U 98067A   26100.00000000  .00009029  00000+0  99999+0 0  9998
2 50001  51.6411 273.9217 0000100  87.9187  17.8300 16.40000000 10009
DEAD-2
1 50002U 98067A   26100.00000000  .00009029  00000+0  99999+0 0  9999
2 50002  51.6411 273.9217 0000100  87.9187  17.8300 16.40000000 10000
"""


def scenario(folder: Path, name: str, text: str, keys: str = "", start: str = "2026-06-21T00:00:00Z") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    place = folder / "s.yaml"
    place.write_text(
        f"""schema_version: 2
study: plan
name: t
time: {{start: {start}, horizon_s: 7200, slot_s: 600}}
ground:
  terminal: ground-60cm
  nodes:
    - {{id: Berlin, lat_deg: 52.52, lon_deg: 13.40}}
    - {{id: Madrid, lat_deg: 40.42, lon_deg: -3.70}}
satellites:
  - id: S
    file: {{path: {name}{keys}}}
    terminal: satellite-30cm
demands:
  - {{source: Berlin, destination: Madrid}}
""",
        encoding="utf-8",
    )
    return str(place)


def xml(fields: dict[str, object]) -> str:
    metadata = {"OBJECT_NAME": fields["OBJECT_NAME"], "OBJECT_ID": fields["OBJECT_ID"], **METADATA}
    rest = {key: value for key, value in fields.items() if key not in metadata}
    parts = ["".join(f"<{key}>{value}</{key}>" for key, value in part.items()) for part in (metadata, rest)]
    return (
        '<omm xmlns="urn:ccsds:schema:ndmxml" id="CCSDS_OMM_VERS" version="3.0"><header><CREATION_DATE/></header>'
        f"<body><segment><metadata>{parts[0]}</metadata><data><meanElements>{parts[1]}</meanElements></data>"
        "</segment></body></omm>"
    )


def kvn(fields: dict[str, object]) -> str:
    return "\n".join(f"{key} = {value}" for key, value in {"CCSDS_OMM_VERS": "2.0", **fields}.items()) + "\n"


def sealed(line: str) -> str:
    """Return a line with the checksum that it must have."""
    return line[:68] + str(sum(int(c) if c.isdecimal() else c == "-" for c in line[:68]) % 10)


def tle(first: str = FIRST, second: str = SECOND, name: str = "OBJ") -> str:
    return f"{name}\n{sealed(first)}\n{sealed(second)}\n"


READ = {
    "04 a blank designator": ("f.tle", tle("1 25544U          26171.50000000  .00009029  00000+0  17149-3 0  9996")),
    "05 an empty OBJECT_ID": ("f.json", json.dumps([OMM | {"OBJECT_ID": ""}])),
    "05 no OBJECT_ID": ("f.json", json.dumps([{k: v for k, v in OMM.items() if k != "OBJECT_ID"}])),
    "05 an unknown OBJECT_ID": ("f.json", json.dumps([OMM | {"OBJECT_ID": "UNKNOWN"}])),
    "05 an empty OBJECT_ID in XML": ("f.xml", xml(OMM | {"OBJECT_ID": ""}).replace("<OBJECT_ID></OBJECT_ID>", "<OBJECT_ID/>")),
    "13 a six-digit number": ("f.json", json.dumps([OMM | {"NORAD_CAT_ID": 800_123}])),
    "13 a nine-digit number": ("f.json", json.dumps([OMM | {"NORAD_CAT_ID": 799_500_123}])),
    "14 a day of the year": ("f.json", json.dumps([OMM | {"EPOCH": "2026-171T12:00:00.000000"}])),
    "15 XML with a default namespace": ("f.xml", xml(OMM)),
    "16 key = value": ("f.kvn", kvn(OMM | METADATA)),
    "44 indented lines": ("f.tle", f" ISS\n {FIRST}\n {SECOND}\n"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), READ.values(), ids=READ)
def test_files_that_are_right_are_read(name, text, tmp_path, capsys):
    place = scenario(tmp_path, name, text)
    assert main(["validate", place, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["counts"]["satellites"], found["warnings"]) == (1, [])


REFUSED = {
    "06 day 000": ("f.tle", tle("1 25544U 98067A   26000.50000000  .00009029  00000+0  17149-3 0  9997"),
                   "f.tle:2: day of the year 0 is not in 1..366"),
    "06 day 367": ("f.tle", tle("1 25544U 98067A   26367.50000000  .00009029  00000+0  17149-3 0  9990"),
                   "f.tle:2: day of the year 367 is not in 1..366"),
    "06 day 366 of a year of 365": (
        "f.tle", tle("1 25544U 98067A   26366.50000000  .00009029  00000+0  17149-3 0  9999"),
        "f.tle:2: day of the year 366 is not in 1..365: 2026 has no more"),
    "07 a blank that does not break": ("f.tle", tle(second=SECOND[:8] + "\u00a0" + SECOND[9:]),
                                       "f.tle:3: a sign that is not ASCII (U+00A0) at column 9"),
    "08 an empty B*": ("f.tle", tle("1 25544U 98067A   26171.50000000  .00009029  00000+0          0  9990"),
                       "f.tle:2: B* is empty (columns 54-61)"),
    "11 type 4": ("f.tle", tle("1 25544U 98067A   26171.50000000  .00009029  00000+0  17149-3 4  9990"),
                  "f.tle:2: ephemeris type 4 (SGP4-XP)"),
    "11 type 4 in OMM": ("f.json", json.dumps([OMM | {"EPHEMERIS_TYPE": 4}]), "EPHEMERIS_TYPE 4 (SGP4-XP)"),
    "12 Mars": ("f.json", json.dumps([OMM | {"CENTER_NAME": "MARS"}]), "CENTER_NAME is MARS: SGP4 wants EARTH"),
    "12 EME2000": ("f.json", json.dumps([OMM | {"REF_FRAME": "EME2000"}]), "REF_FRAME is EME2000: SGP4 wants TEME"),
    "12 GCRF": ("f.xml", xml(OMM).replace("TEME", "GCRF"), "REF_FRAME is GCRF: SGP4 wants TEME"),
    "12 TAI": ("f.json", json.dumps([OMM | {"TIME_SYSTEM": "TAI"}]), "TIME_SYSTEM is TAI: SGP4 wants UTC"),
    "12 GPS": ("f.kvn", kvn(OMM | METADATA | {"TIME_SYSTEM": "GPS"}), "TIME_SYSTEM is GPS: SGP4 wants UTC"),
    "12 DSST": ("f.json", json.dumps([OMM | {"MEAN_ELEMENT_THEORY": "DSST"}]), "MEAN_ELEMENT_THEORY is DSST"),
    "40 a satellite that stands twice": (
        "f.tle", tle("1 25544U 98067A   26170.50000000  .00009029  00000+0  17149-3 0  9995") + tle(),
        "satellite 25544 (OBJ) stands twice (epochs 2026-06-19T12:00:00, 2026-06-20T12:00:00) (keep one of them)"),
    "46 eccentricity": ("f.json", json.dumps([OMM | {"ECCENTRICITY": 5312}]), "ECCENTRICITY 5312 is not in [0, 1)"),
    "46 inclination": ("f.json", json.dumps([OMM | {"INCLINATION": 400}]), "INCLINATION 400 is not in [0, 180]"),
    "46 mean motion": ("f.json", json.dumps([OMM | {"MEAN_MOTION": 0}]), "MEAN_MOTION 0 is not in (0, 17.1]"),
    "attack m00073": ("f.tle", tle(second="2 25544  51.6411 273.9217 0005312  87.9187  17.8300 1x.4936615210003"),
                      "mean motion '1x.49366152' is no number (columns 53-63)"),
    "attack m00256": ("f.tle", tle(second="2 25544  f1.6411 273.9217 0005312  87.9187  17.8300 15.49366152 10009"),
                      "inclination 'f1.6411' is no number (columns 9-16)"),
}  # fmt: skip


@pytest.mark.parametrize("command", ["validate", "plan", "resolve"])
@pytest.mark.parametrize(("name", "text", "seen"), REFUSED.values(), ids=REFUSED)
def test_files_that_are_wrong_are_refused_by_every_command(command, name, text, seen, tmp_path, capsys):
    place = scenario(tmp_path, name, text)
    assert main([command, place]) == 2
    assert seen in capsys.readouterr().err


def test_09_old_elements_are_warned_of(tmp_path, capsys):
    old = tle("1 25544U 98067A   25171.50000000  .00009029  00000+0  17149-3 0  9995")
    for command in (["validate"], ["plan"], ["resolve"], ["export", "graphml"]):
        assert main([*command, scenario(tmp_path, "f.tle", old)]) == 0
        seen = capsys.readouterr().err
        assert "warning: the elements of 1 of 1 catalogued satellites are more than 30 days away" in seen
        assert "OBJ (365.5 days old)" in seen
    main(["plan", scenario(tmp_path, "f.tle", old), "--json"])
    assert "365.5 days old" in json.loads(capsys.readouterr().out)["warnings"][0]


@pytest.mark.parametrize(
    ("start", "seen"),
    [("2026-07-04T11:00:00Z", ""), ("2026-07-04T13:00:00Z", "more than 14 days"),
     ("2026-07-20T13:00:00Z", "more than 30 days"), ("2026-06-06T13:00:00Z", ""),
     ("2026-06-05T13:00:00Z", "(15.0 days after it)")],
)  # fmt: skip
def test_09_warnings_begin_at_two_ages(start, seen, tmp_path, capsys):
    assert main(["validate", scenario(tmp_path, "f.tle", tle(), start=start), "--json"]) == 0
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    assert len(warnings) == bool(seen)
    assert all(seen in warning for warning in warnings)


def test_10_positions_that_are_nonsense_are_refused(tmp_path, capsys):
    """SGP4 gives this satellite of 460 km a distance of 34 000 km, without an error code."""
    text = (
        "HD\n"
        "1 45110U 20007A   23232.80903846 0.00110000  00000-0  32750-2 0    04\n"
        "2 45110  69.9913 111.5649 0009740 159.9373 200.0626 15.34502222    06\n"
    )
    place = scenario(tmp_path, "f.tle", text, start="2025-12-17T00:00:00Z")
    for command in (["validate", place], ["plan", place], ["link", "explain", place, "Berlin", "HD"]):
        assert main(command) == 2
        assert "HD: elements of 2023-08-20, 850 days before the start" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "count"),
    [("[ISS DEB]", 3), ("[44304]", 1), ('["44304", "44303"]', 2), ("[ISS DEB, 44304]", 3)],
)
def test_17_a_name_that_several_have_means_all_of_them(names, count, tmp_path, capsys):
    place = scenario(tmp_path, "f.tle", DEBRIS, f", names: {names}", start="2020-06-26T00:00:00Z")
    assert main(["validate", place, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["satellites"] == count


@pytest.mark.parametrize(
    ("number", "names"),
    [("00005", '["00005"]'), ("00005", "[5]"), ("T0000", '["T0000"]'), ("T0000", "[270000]")],
)
def test_18_numbers_are_found_as_they_are_written(number, names, tmp_path, capsys):
    text = tle(FIRST.replace("25544", number), SECOND.replace("25544", number))
    assert main(["validate", scenario(tmp_path, "f.tle", text, f", names: {names}")]) == 0
    assert main(["validate", scenario(tmp_path, "f.tle", text, ", names: [ISS]")]) == 2
    assert "no satellite 'ISS' in f.tle" in capsys.readouterr().err


def test_10_no_link_is_explained_at_a_time_to_which_sgp4_does_not_carry(tmp_path, capsys):
    low = tle(second=SECOND[:52] + "15.90000000" + SECOND[63:])
    words = ["link", "explain", scenario(tmp_path, "f.tle", low), "Berlin", "OBJ", "--at"]
    assert main([*words, "+3600"]) == 0
    capsys.readouterr()
    assert main([*words, "2027-06-21T00:00:00Z"]) == 2
    assert "OBJ: elements of 2026-06-20, 366 days before the start" in capsys.readouterr().err


def test_45_all_decayed_satellites_are_named_at_once_and_can_be_left_out(tmp_path, capsys):
    place = scenario(tmp_path, "f.tle", tle() + DEAD)
    for command in ("validate", "plan"):
        assert main([command, place]) == 2
        seen = capsys.readouterr().err
        assert "2 problems" in seen
        assert "f.tle: DEAD-1: elements of 2026-04-10" in seen
        assert "f.tle: DEAD-2: elements of 2026-04-10" in seen
        assert "unusable: leave_out" in seen
    for keys, warned in ((", unusable: leave_out", 1), (", leave_out: [DEAD-1, 50002]", 0)):
        place = scenario(tmp_path, "f.tle", tle() + DEAD, keys)
        assert main(["validate", place, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["counts"]["satellites"] == 1
        assert len(found["warnings"]) == warned
        assert all("f.tle: 2 of 3 satellites are left out" in w for w in found["warnings"])
    place = scenario(tmp_path, "f.tle", DEAD, ", unusable: leave_out")
    assert main(["validate", place]) == 2
    assert "none of its 2 satellites" in capsys.readouterr().err


def test_resolved_catalogues_can_be_read_again_and_say_the_same(tmp_path, capsys):
    main(["plan", scenario(tmp_path, "f.tle", tle()), "--json"])
    first = json.loads(capsys.readouterr().out)
    assert main(["resolve", str(tmp_path / "s.yaml"), "-o", str(tmp_path / "r.yaml")]) == 0
    capsys.readouterr()
    main(["plan", str(tmp_path / "r.yaml"), "--json"])
    second = json.loads(capsys.readouterr().out)
    assert second["delivered_pairs"] == pytest.approx(first["delivered_pairs"], rel=1e-9)
    stale = (tmp_path / "r.yaml").read_text().replace("2026-06-21T00:00:00", "2036-06-21T00:00:00")
    (tmp_path / "r.yaml").write_text(stale)
    assert main(["plan", str(tmp_path / "r.yaml")]) == 2
    assert "OBJ: elements of 2026-06-20, 3654 days before the start" in capsys.readouterr().err
