"""Files of satellites: TLE and OMM in three forms."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from satqn.errors import InputError, InvalidFileError
from satqn.orbits.catalogue import parse_omm, parse_tle, read_catalogue

FIRST = "1 41731U 16051A   16353.90152003  .00000364  00000-0  17957-4 0  9993"
SECOND = "2 41731  97.3699 267.4500 0013200 178.5836 246.0824 15.23915303 19063"
START = datetime(2016, 12, 19, tzinfo=UTC)
MESSAGE = {
    "OBJECT_NAME": "MICIUS", "OBJECT_ID": "2016-051A", "EPOCH": "2016-12-18T21:38:11.330592",
    "MEAN_MOTION": 15.23915303, "ECCENTRICITY": 0.00132, "INCLINATION": 97.3699, "RA_OF_ASC_NODE": 267.45,
    "ARG_OF_PERICENTER": 178.5836, "MEAN_ANOMALY": 246.0824, "EPHEMERIS_TYPE": 0, "CLASSIFICATION_TYPE": "U",
    "NORAD_CAT_ID": 41731, "ELEMENT_SET_NO": 999, "REV_AT_EPOCH": 1906, "BSTAR": 1.7957e-5,
    "MEAN_MOTION_DOT": 3.64e-6, "MEAN_MOTION_DDOT": 0,
}  # fmt: skip


def place(catalogue):
    return catalogue.positions(START, [0.0, 3600.0])


def test_names_come_from_the_line_before_or_are_the_number():
    text = f"0 MICIUS (QSS)\n{FIRST}\n{SECOND}\n\n# a comment\n{FIRST}\n{SECOND}\r\n"
    assert parse_tle(text).names == ("MICIUS (QSS)", "41731")


def test_omm_is_the_same_satellite_in_every_form(tmp_path):
    reference = place(parse_tle(f"{FIRST}\n{SECOND}"))
    table = io.StringIO()
    writer = csv.DictWriter(table, MESSAGE)
    writer.writeheader()
    writer.writerow(MESSAGE)
    leaves = "".join(f"<{key}>{value}</{key}>" for key, value in MESSAGE.items())
    forms = {
        "list.json": json.dumps([MESSAGE]),
        "one.json": json.dumps(MESSAGE),
        "table.csv": table.getvalue(),
        "message.xml": "<ndm><omm><body><segment><metadata/><data><meanElements>"
        f"{leaves}</meanElements></data></segment></body></omm></ndm>",
        "lines.tle": f"MICIUS\n{FIRST}\n{SECOND}\n",
    }
    for name, text in forms.items():
        (tmp_path / name).write_text(text)
        catalogue = read_catalogue(tmp_path / name)
        assert catalogue.names == ("MICIUS",)
        np.testing.assert_allclose(place(catalogue), reference, atol=1.0)


@pytest.mark.parametrize(
    "epoch", ["2016-12-18T21:38:11", "2016-12-18T21:38:11Z", "2016-12-18T21:38:11.000000"]
)
def test_epochs_without_fractional_seconds(epoch):
    whole = place(parse_omm([MESSAGE | {"EPOCH": epoch}]))
    np.testing.assert_allclose(
        whole, place(parse_omm([MESSAGE | {"EPOCH": "2016-12-18T21:38:11.0"}])), atol=1e-6
    )


def test_catalogue_numbers_beyond_five_digits():
    assert len(parse_omm([MESSAGE | {"NORAD_CAT_ID": 270_123}])) == 1


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (f"{FIRST[:-1]}4\n{SECOND}", "TLE:1: checksum is 4, the line sums to 3"),
        (f"{FIRST}\n{SECOND.replace('97.3699', '97.3698')}", "TLE:2: checksum is 3, the line sums to 2"),
        (f"{FIRST}\n{SECOND[:-3]}", "TLE:2: 66 characters"),
        (f"{FIRST}\n", "line 2 is missing at the end"),
        (f"{FIRST}\n{FIRST}\n{SECOND}", "line 1 follows line 1"),
        (f"{SECOND}\n", "no line 1 of satellite 41731"),
        (f"{FIRST}\nMICIUS\n{SECOND}", "TLE:2: line 2 is missing after line 1"),
    ],
)
def test_broken_lines_are_named(text, seen):
    with pytest.raises(InvalidFileError) as error:
        parse_tle(text)
    assert seen in str(error.value)


def test_all_faults_of_a_file_are_told_at_once():
    with pytest.raises(InvalidFileError) as error:
        parse_tle(f"{FIRST[:-1]}4\n{SECOND[:-1]}9\n{FIRST[:-1]}5\n{SECOND}")
    assert len(error.value.problems) == 3


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"MEAN_MOTION": None}, "MEAN_MOTION missing"),
        ({"EPOCH": "yesterday"}, "yesterday"),
        ({"INCLINATION": "steep"}, "steep"),
    ],
)
def test_broken_messages_are_named(change, seen):
    with pytest.raises(InvalidFileError, match=seen) as error:
        parse_omm([MESSAGE, MESSAGE | change])
    assert "message 2" in str(error.value)


@pytest.mark.parametrize(
    ("content", "seen"),
    [("", "no satellite"), ("[{]", "not valid JSON"), ("<a><b></a>", "not a well-formed")],
)
def test_files_that_are_none(tmp_path, content, seen):
    path = tmp_path / "satellites"
    path.write_text(content)
    with pytest.raises(InputError, match=seen):
        read_catalogue(path)
    with pytest.raises(InputError, match="cannot read"):
        read_catalogue(tmp_path / "absent")


def test_a_decayed_satellite_is_named_and_can_be_left_out():
    """Last elements of SL-6 R/B(2), satellite 22312, which fell on 4 April 2006."""
    fallen = parse_tle(
        "FALLING\n"
        "1 22312U 93002D   06094.46235912  .99999999  81888-5  49949-3 0  3953\n"
        "2 22312  62.1486  77.4698 0308723 267.9229  88.7392 15.95744531 98783\n"
        f"MICIUS\n{FIRST}\n{SECOND}"
    )
    start = datetime(2006, 4, 6, tzinfo=UTC)
    with pytest.raises(InputError, match="'FALLING'"):
        fallen.positions(start, [0.0])
    kept = fallen.only(np.flatnonzero(fallen.carried(start, [0.0])))
    assert kept.names == ("MICIUS",)
    assert kept.positions(start, [0.0]).shape == (1, 1, 3)


@pytest.mark.data
def test_the_whole_catalogue_of_a_day_can_be_read(data_folder, tmp_path):
    text = gzip.decompress((data_folder / "active_satellites_2026-03-20.tle.gz").read_bytes()).decode()
    catalogue = parse_tle(text)
    assert len(catalogue) == 14_710
    assert sum(name.startswith("STARLINK") for name in catalogue.names) == 9_934
