"""Satellites as files have them: every column of a TLE, every form of an OMM, and what is wrong with them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from satqn.errors import InputError, InvalidFileError
from satqn.orbits.catalogue import catalogue_of, parse_omm, parse_tle, read_catalogue
from satqn.orbits.tle import COLUMNS
from satqn.orbits.validity import ages, unusable

FIRST = "1 25544U 98067A   26171.50000000  .00009029  00000+0  17149-3 0  9996"
SECOND = "2 25544  51.6411 273.9217 0005312  87.9187  17.8300 15.49366152 10004"
START = datetime(2026, 6, 21, tzinfo=UTC)
OMM = {
    "OBJECT_NAME": "ISS (ZARYA)", "OBJECT_ID": "1998-067A", "EPOCH": "2026-06-20T12:00:00",
    "MEAN_MOTION": 15.49366152, "ECCENTRICITY": 0.0005312, "INCLINATION": 51.6411, "RA_OF_ASC_NODE": 273.9217,
    "ARG_OF_PERICENTER": 87.9187, "MEAN_ANOMALY": 17.83, "NORAD_CAT_ID": 25544, "BSTAR": 0.00017149,
}  # fmt: skip


def sealed(line: str) -> str:
    return line[:68] + str(sum(int(c) if c.isdecimal() else c == "-" for c in line[:68]) % 10)


def with_text(line: str, first: int, text: str) -> str:
    return sealed(line[: first - 1] + text + line[first - 1 + len(text) :])


def place(catalogue) -> np.ndarray:
    return catalogue.positions(START, [0.0, 3600.0])


def reference() -> np.ndarray:
    return place(parse_tle(f"{FIRST}\n{SECOND}"))


def faults_of(text: str) -> str:
    with pytest.raises(InvalidFileError) as error:
        catalogue_of(text, "f")
    return str(error.value)


@pytest.mark.parametrize("sign", ["x", "*", "\t", "\u00a0", "é", ",", "O", "_"])
@pytest.mark.parametrize(
    ("kind", "column"),
    [(kind, column) for kind in COLUMNS for column in COLUMNS[kind] if column.key != "OBJECT_ID"],
    ids=lambda value: getattr(value, "key", value),
)
def test_no_field_is_read_up_to_a_sign_that_is_no_number(kind, column, sign):
    """A letter within a field must not leave the part before it, nor zeros behind it."""
    line = {"1": FIRST, "2": SECOND}[kind]
    for place_of_sign in {column.first, (column.first + column.last) // 2, column.last}:
        broken = with_text(line, place_of_sign, sign)
        if broken[column.first - 1 : column.last] == line[column.first - 1 : column.last]:
            continue
        if column.key == "CLASSIFICATION_TYPE" and sign == "O":
            continue
        pair = f"{broken}\n{SECOND}" if kind == "1" else f"{FIRST}\n{broken}"
        seen = faults_of(pair)
        assert f"f:{kind}: " in seen
        assert "column" in seen


@pytest.mark.parametrize(
    ("kind", "column"), [(kind, column) for kind in COLUMNS for column in COLUMNS[kind]],
    ids=lambda value: getattr(value, "key", value),
)  # fmt: skip
def test_an_empty_field_is_a_fault_or_means_what_the_table_says(kind, column):
    line = {"1": FIRST, "2": SECOND}[kind]
    emptied = with_text(line, column.first, " " * (column.last - column.first + 1))
    pair = f"{emptied}\n{SECOND}" if kind == "1" else f"{FIRST}\n{emptied}"
    if column.empty is None:
        assert f"{column.name} is empty" in faults_of(pair)
    else:
        np.testing.assert_allclose(place(parse_tle(pair)), reference(), atol=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "seen"),
    [
        (with_text(FIRST, 21, "366.0000000"), SECOND, "f:1: day of the year 366 is not in 1..365"),
        (FIRST, with_text(SECOND, 9, "181.0000"), "f:2: inclination 181 is not in [0, 180] (columns 9-16)"),
        (FIRST, with_text(SECOND, 18, "361.0000"), "f:2: right ascension of the node 361 is not in [-360, 360]"),
        (FIRST, with_text(SECOND, 53, " 0.00000000"), "f:2: mean motion 0 is not in (0, 17.1]"),
        (FIRST, with_text(SECOND, 53, "17.50000000"), "f:2: mean motion 17.5 is not in (0, 17.1]"),
        (FIRST, with_text(SECOND, 3, "25545"), "f:2: no line 1 of satellite 25545 before this line 2"),
        (FIRST.replace("25544", "t0000"), SECOND.replace("25544", "t0000"), "capital letters without I and O"),
        (FIRST.replace("25544", "I0000"), SECOND.replace("25544", "I0000"), "'I0000' is no catalogue number"),
        (FIRST[:60], SECOND, "f:1: 60 characters, a line of elements has 69"),
        (FIRST[:30], SECOND, "f:1: 30 characters, a line of elements has 69"),
        (f"{FIRST}7", SECOND, "f:1: more than 69 characters: '7' after the checksum"),
        (f"I{FIRST[1:]}", SECOND, "f:1: neither elements nor a name"),
        (FIRST, f"Z{SECOND[1:]}", "line 2 is missing after line 1"),
        (FIRST[:68] + "x", SECOND, "f:1: checksum 'x' is no digit"),
    ],
)  # fmt: skip
def test_wrong_lines_say_where_and_why(first, second, seen):
    assert seen in faults_of(f"{first}\n{second}\n")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from("12"), st.integers(1, 67), st.characters(min_codepoint=32, max_codepoint=126))
def test_a_changed_sign_is_refused_or_means_what_it_says(kind, at, sign):
    """With its checksum made right, a line with any other sign is refused or read as it stands."""
    first, second = (with_text(line, at + 1, sign) if line[0] == kind else line for line in (FIRST, SECOND))
    try:
        found = catalogue_of(f"{first}\n{second}", "f").elements[0].message
    except InputError:
        return
    wanted = {
        "INCLINATION": float(second[8:16]), "RA_OF_ASC_NODE": float(second[17:25]),
        "ECCENTRICITY": float("0." + second[26:33].replace(" ", "0")), "ARG_OF_PERICENTER": float(second[34:42]),
        "MEAN_ANOMALY": float(second[43:51]), "MEAN_MOTION": float(second[52:63]),
        "MEAN_MOTION_DOT": float(first[33:43]), "BSTAR": power(first[53:61]), "MEAN_MOTION_DDOT": power(first[44:52]),
    }  # fmt: skip
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=1e-12), name
    epoch = datetime(2000 + int(first[18:20]) - 100 * (int(first[18:20]) >= 57), 1, 1, tzinfo=UTC)
    days = (datetime.fromisoformat(f"{found['EPOCH']}+00:00") - epoch).total_seconds() / 86_400.0
    assert days + 1.0 == pytest.approx(float(first[20:32]), abs=1e-8)


def power(text: str) -> float:
    digits, exponent = re.fullmatch(r" *([+-]?\.?\d+?)([+-]\d| \d|) *", text).groups()
    sign, plain = -1.0 if "-" in digits else 1.0, digits.strip("+-.")
    return sign * float(f"0.{plain}") * 10.0 ** int(exponent.replace(" ", "") or 0)


@pytest.mark.parametrize(
    "text",
    [
        f"ISS\r\n{FIRST}\r\n{SECOND}\r\n", f"\ufeffISS\n{FIRST}\n{SECOND}", f"  ISS\n\t{FIRST}\n  {SECOND}  \n",
        f"0 ISS\n{FIRST}\n{SECOND}\n", f"ISS\r{FIRST}\r{SECOND}\r", f"\n\n# made by hand\nISS\n\n{FIRST}\n\n{SECOND}\n\x1a",
    ],
    ids=["CRLF", "BOM", "indented", "0 before the name", "CR", "empty lines"],
)  # fmt: skip
def test_lines_may_be_written_in_many_ways(text):
    found = catalogue_of(text, "f")
    assert found.names == ("ISS",)
    np.testing.assert_allclose(place(found), reference(), atol=1e-6)


@pytest.mark.parametrize(
    "name", ["[SECRET]", "{X}", "<Y>", "A=B", "SAT_1 = OLD", "MEAN_MOTION 3", "COMMENT = 1"]
)
def test_names_may_look_like_anything(name):
    assert catalogue_of(f"{name}\n{FIRST}\n{SECOND}\n", "f").names == (name,)


def test_two_and_three_lines_a_satellite_may_be_mixed():
    other = [sealed(line.replace("25544", "00005")) for line in (FIRST, SECOND)]
    found = catalogue_of("\n".join([FIRST, SECOND, "VANGUARD 1", *other, "0 LAST", FIRST, SECOND]), "f")
    assert found.names == ("25544", "VANGUARD 1", "LAST")
    assert [one.number for one in found.elements] == ["25544", "00005", "25544"]


def test_numbers_with_a_letter_are_read():
    lines = [sealed(line.replace("25544", "Z9999")) for line in (FIRST, SECOND)]
    found = parse_tle("\n".join(lines))
    assert found.elements[0].message["NORAD_CAT_ID"] == "Z9999"
    np.testing.assert_allclose(place(found), reference(), atol=1e-6)


def xml_leaves(fields: dict[str, object]) -> str:
    return "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())


HEAD = {"OBJECT_NAME": "ISS (ZARYA)", "OBJECT_ID": "1998-067A", "CENTER_NAME": "EARTH", "REF_FRAME": "TEME",
        "TIME_SYSTEM": "UTC", "MEAN_ELEMENT_THEORY": "SGP/SGP4"}  # fmt: skip
BODY = {key: value for key, value in OMM.items() if key not in HEAD}
KVN = "\n".join(f"{key} = {value}" for key, value in {"CCSDS_OMM_VERS": "3.0", **HEAD, **BODY}.items())
SEGMENT = (
    f"<segment><metadata>{xml_leaves(HEAD)}</metadata><data><meanElements>{xml_leaves(BODY)}</meanElements>"
    "<userDefinedParameters><USER_DEFINED parameter='EPOCH'>never</USER_DEFINED>"
    "<USER_DEFINED parameter='X'>1</USER_DEFINED></userDefinedParameters></data></segment>"
)
UNITS = {"MEAN_MOTION": "rev/day", "INCLINATION": "deg", "RA_OF_ASC_NODE": "deg", "BSTAR": "1/ER"}
SAME = {
    "a flat object": json.dumps(OMM),
    "numbers as text": json.dumps([{key: str(value) for key, value in OMM.items()}]),
    "metadata nested": json.dumps({"segment": {"metadata": HEAD, "data": {"meanElements": BODY}}}),
    "in an NDM": json.dumps({"ndm": {"omm": [{"header": {}, "body": {"segment": {"metadata": HEAD,
                            "data": {"meanElements": BODY, "tleParameters": {"EPHEMERIS_TYPE": "0"}}}}}]}}),
    "keys in lower case": json.dumps([{key.lower(): value for key, value in OMM.items()}]),
    "the type by its name": json.dumps([OMM | {"EPHEMERIS_TYPE": "SGP4"}]),
    "keys of other programs": json.dumps([OMM | {"USER_DEFINED_EPOCH": "x", "PERIOD": None, "TLE_LINE1": FIRST}]),
    "XML": f"<omm>{SEGMENT}</omm>",
    "XML with a declaration": f'<?xml version="1.0" encoding="UTF-8"?>\n<ndm><omm><body>{SEGMENT}</body></omm></ndm>',
    "XML with a prefix": f'<n:ndm xmlns:n="urn:x"><n:omm>{SEGMENT}</n:omm></n:ndm>',
    "XML without segment": f"<omm>{xml_leaves(OMM)}</omm>",
    "XML with units": "<omm>" + "".join(f"<{k} units='{UNITS.get(k, '')}'>{v}</{k}>" for k, v in OMM.items()) + "</omm>",
    "KVN": KVN,
    "KVN with comments": "COMMENT GENERATED BY HAND = YES\n\n" + KVN.replace("EPOCH", "COMMENT a = b\nEPOCH"),
    "KVN with units": "\n".join(f"{line} [{UNITS[k]}]" if (k := line.split(" =")[0]) in UNITS else line
                                for line in KVN.splitlines()),
    "KVN with user keys": KVN + "\nUSER_DEFINED_EARTH_MODEL = WGS-84\nUSER_DEFINED_EPOCH = none\n",
    "KVN without blanks": "\r\n".join("=".join(part.strip() for part in line.split("=")) for line in KVN.splitlines()),
    "CSV": ",".join(OMM) + "\n" + ",".join(map(str, OMM.values())) + "\n",
    "CSV with semicolons and commas": "\ufeffsep=;\r\n" + ";".join(OMM) + "\r\n" + ";".join(
        str(value).replace(".", ",") if isinstance(value, float) else str(value) for value in OMM.values()),
    "CSV with quotes": ",".join(f'"{key}"' for key in OMM) + "\n" + ",".join(f'"{value}"' for value in OMM.values()),
}  # fmt: skip


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_one_satellite_in_every_form(text):
    found = catalogue_of(text, "f")
    assert found.names == ("ISS (ZARYA)",)
    assert found.elements[0].number == "25544"
    np.testing.assert_allclose(place(found), reference(), atol=0.1)


def test_several_messages_in_one_file():
    other = {"OBJECT_NAME": "B", "NORAD_CAT_ID": 5}
    versions = KVN + "\n\n" + KVN.replace("ISS (ZARYA)", "B").replace("25544", "5")
    plain = "\n".join(line for line in versions.splitlines() if "VERS" not in line)
    segments = SEGMENT + SEGMENT.replace("ISS (ZARYA)", "B").replace("25544", "5")
    for text in (
        json.dumps([OMM, OMM | other]), json.dumps({"omm": [OMM, OMM | other]}), versions, plain,
        f"<ndm><omm>{SEGMENT}</omm><omm>{SEGMENT.replace('ISS (ZARYA)', 'B')}</omm></ndm>", f"<omm>{segments}</omm>",
    ):  # fmt: skip
        assert catalogue_of(text, "f").names == ("ISS (ZARYA)", "B")


@pytest.mark.parametrize(
    "epoch",
    ["2026-06-20T12:00:00Z", "2026-06-20T12:00:00.000000", "2026-06-20 12:00:00", "2026-06-20T12:00",
     "2026-171T12:00:00", "2026-171T12:00:00.000Z", "2026-06-20T14:00:00+02:00", "2026-06-20T06:30:00-0530",
     "2026-06-20T11:59:60", "2026-06-20T12:00:00.000000000"],
)  # fmt: skip
def test_epochs_in_many_ways(epoch):
    np.testing.assert_allclose(place(parse_omm([OMM | {"EPOCH": epoch}])), reference(), atol=0.1)


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"EPOCH": "2026-000T12:00:00"}, "day of the year 0 is not in 1..366"),
        ({"EPOCH": "2026-366T12:00:00"}, "day of the year 366 is not in 1..365: 2026 has no more"),
        ({"EPOCH": "2026-02-30T12:00:00"}, "EPOCH '2026-02-30T12:00:00'"),
        ({"EPOCH": "2026-06-20T25:00:00"}, "EPOCH '2026-06-20T25:00:00': there is no time"),
        ({"EPOCH": "20.06.2026"}, "EPOCH '20.06.2026' is no moment"),
        ({"EPOCH": "1826-06-20T12:00:00"}, "not between 1957 and 2200"),
        ({"ECCENTRICITY": 1.2}, "ECCENTRICITY 1.2 is not in [0, 1)"),
        ({"ECCENTRICITY": -0.1}, "ECCENTRICITY -0.1 is not in [0, 1)"),
        ({"ECCENTRICITY": float("nan")}, "ECCENTRICITY 'nan' is no number"),
        ({"ECCENTRICITY": True}, "ECCENTRICITY 'True' is no number"),
        ({"ECCENTRICITY": "1_0"}, "ECCENTRICITY '1_0' is no number"),
        ({"INCLINATION": "51.6 [rad]"}, "INCLINATION in [rad]: write it in deg"),
        ({"INCLINATION": "-1"}, "INCLINATION -1 is not in [0, 180]"),
        ({"MEAN_MOTION": "1x.49"}, "MEAN_MOTION '1x.49' is no number"),
        ({"MEAN_MOTION": -15}, "MEAN_MOTION -15 is not in (0, 17.1]"),
        ({"MEAN_MOTION": 10**400}, "MEAN_MOTION 'too large' is no number"),
        ({"MEAN_MOTION": None, "SEMI_MAJOR_AXIS": 6800}, "MEAN_MOTION missing (SGP4 has no SEMI_MAJOR_AXIS)"),
        ({"MEAN_ANOMALY": 400}, "MEAN_ANOMALY 400 is not in [-360, 360]"),
        ({"BSTAR": ""}, "BSTAR is empty"),
        ({"BSTAR": "1e999"}, "BSTAR '1e999' is no number"),
        ({"EPHEMERIS_TYPE": "4"}, "EPHEMERIS_TYPE 4 (SGP4-XP)"),
        ({"EPHEMERIS_TYPE": "SGP4-XP"}, "EPHEMERIS_TYPE SGP4-XP (unknown)"),
        ({"MEAN_ELEMENT_THEORY": "SGP4-XP"}, "MEAN_ELEMENT_THEORY is SGP4-XP"),
        ({"BTERM": 0.02}, "BTERM is a ballistic coefficient of SGP4-XP"),
        ({"NORAD_CAT_ID": "t0000"}, "NORAD_CAT_ID 't0000' is no catalogue number"),
        ({"NORAD_CAT_ID": -5}, "NORAD_CAT_ID '-5' is no catalogue number"),
        ({"TIME_SYSTEM": "UT1"}, "TIME_SYSTEM is UT1: SGP4 wants UTC"),
        ({"CENTER_NAME": "MOON"}, "CENTER_NAME is MOON: SGP4 wants EARTH"),
        ({"REF_FRAME": "ITRF"}, "REF_FRAME is ITRF: SGP4 wants TEME"),
    ],
)  # fmt: skip
def test_messages_that_are_wrong_say_why(change, seen):
    with pytest.raises(InvalidFileError) as error:
        parse_omm([OMM, OMM | change])
    assert seen in str(error.value)
    assert "message 2" in str(error.value)


def test_all_faults_of_a_message_are_told_at_once():
    wrong = OMM | {"ECCENTRICITY": 2, "INCLINATION": 400, "REF_FRAME": "ICRF", "EPOCH": "never"}
    with pytest.raises(InvalidFileError) as error:
        parse_omm([wrong])
    assert len(error.value.problems) == 4


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (KVN + "\nthis is a line\n", "'this is a line' is not KEY = value"),
        (KVN + "\nEPOCH = 2026-06-21T00:00:00\n", "f:17: EPOCH stands twice"),
        ("CCSDS_OEM_VERS = 2.0\nOBJECT_NAME = A\n", "f:1: a message of kind OEM, an ephemeris"),
        (",".join(OMM) + "\n" + ",".join(map(str, list(OMM.values())[:-1])), "f:2: 10 cells under 11 columns"),
        ("[" * 100_000, "nested too deeply"), ("[1, 2]", "no satellite in it"), ("{}", "no satellite in it"),
        ("<oem><segment><metadata><OBJECT_NAME>A</OBJECT_NAME></metadata></segment></oem>", "no satellite in it"),
        ('[{"MEAN_MOTION": ' + "9" * 5000 + "}]", "5000 digits"),
    ],
)  # fmt: skip
def test_files_that_are_no_messages_say_why(text, seen):
    with pytest.raises(InputError) as error:
        catalogue_of(text, "f")
    assert seen in str(error.value)


@pytest.mark.parametrize(
    ("data", "seen"),
    [(b"\x1f\x8b\x08\x00", "damaged"), (b"ISS \xe9\n", "the byte 0xe9 is not UTF-8 text")],
)
def test_files_that_are_no_text_say_why(data, seen, tmp_path):
    (tmp_path / "f.tle").write_bytes(data)
    with pytest.raises(InputError, match=seen):
        read_catalogue(tmp_path / "f.tle")


def test_ages_and_usability_of_elements():
    found = parse_tle(f"{FIRST}\n{SECOND}")
    assert ages(found, START)[0] == pytest.approx(43_200.0, abs=1e-3)
    assert unusable(found, START, 86_400.0) == {}
    # A drag term ten thousand times as large brings it down within the first day.
    heavy = parse_omm([OMM | {"BSTAR": 1.0}])
    assert "elements of 2026-06-20, 1 days before the start" in unusable(heavy, START, 86_400.0)[0]


@pytest.mark.parametrize("days", [20, 60, 200, 700, 2500])
@pytest.mark.parametrize("bstar", [0.003, 0.01, 0.03, 0.1, 0.5])
def test_no_decay_is_missed_between_epoch_and_start(days, bstar):
    """An orbit that SGP4 takes below the ground at some minute is found, whatever it does afterwards."""
    found = parse_omm([OMM | {"BSTAR": bstar}])
    epoch = datetime(2026, 6, 20, 12, tzinfo=UTC)
    minutes = np.arange(0.0, days * 1440.0, 7.0)
    position, codes = found.teme(epoch, minutes * 60.0)
    fell = np.any(codes) or np.any(np.linalg.norm(position[0], axis=1) < 6_378_137.0)
    start = datetime.fromtimestamp(epoch.timestamp() + days * 86_400.0, tz=UTC)
    lost = unusable(found, start, 3600.0)
    assert bool(lost) or not fell


@pytest.mark.data
def test_the_whole_catalogue_of_a_day_can_be_carried_through_it(data_folder):
    """Of 14 710 active satellites one comes down on that day, and one in sixty within two weeks."""
    import gzip

    text = gzip.decompress((data_folder / "active_satellites_2026-03-20.tle.gz").read_bytes()).decode()
    found = catalogue_of(text, "active")
    assert len(found) == 14_710
    lost = unusable(found, datetime(2026, 3, 20, tzinfo=UTC), 86_400.0)
    assert [found.names[i] for i in lost] == ["STARLINK-30559"]
