"""`satqn link` from outside: JSON contract, southern and western places, bad input."""

from __future__ import annotations

import json
from typing import Any

import pytest

from satqn.cli import main

CENTRE = "36.76971675,-95.82228375"
NEW_YORK, LOS_ANGELES = "40.7128,-74.0060", "34.0522,-118.2437"


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(list(words)) == 0
    return json.loads(capsys.readouterr().out)  # exactly one document


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def fiber(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    return answer(capsys, "link", "fiber", *words, "--json")


def test_published_chain_of_32(capsys: pytest.CaptureFixture[str]) -> None:
    link = fiber(capsys, "--length-km", "300", "--photon-repeaters", "32", "--preset", "published")
    assert link["rate_per_s"] == pytest.approx(9.00858183594, rel=1e-11)
    assert link["photon_repeaters"] == 32
    assert link["mode"] == "chain"


def test_published_direct(capsys: pytest.CaptureFixture[str]) -> None:
    link = fiber(capsys, "--length-km", "61.7", "--photon-repeaters", "0", "--preset", "published")
    assert link["rate_per_s"] == pytest.approx(22.703045166, rel=1e-10)
    assert link["mode"] == "direct"
    assert link["fidelity"] == 0.99


@pytest.mark.parametrize(
    ("preset", "length_km", "repeaters", "rate"),
    [("published", "300", 32, 9.0086), ("published", "1500", 160, 3.514), ("physical", "300", 105, 20.015)],
)
def test_best_number_of_repeaters(
    capsys: pytest.CaptureFixture[str], preset: str, length_km: str, repeaters: int, rate: float
) -> None:
    link = fiber(capsys, "--length-km", length_km, "--photon-repeaters", "best", "--preset", preset)
    assert link["photon_repeaters"] == repeaters
    assert link["rate_per_s"] == pytest.approx(rate, abs=6e-4)


def test_ion_pairs_multiply_the_published_rate(capsys: pytest.CaptureFixture[str]) -> None:
    common = ("--length-km", "100", "--photon-repeaters", "7", "--preset", "published")
    one, ten = fiber(capsys, *common), fiber(capsys, *common, "--ion-pairs", "10")
    assert ten["rate_per_s"] == pytest.approx(10 * one["rate_per_s"], rel=1e-14)
    assert ten["fidelity"] == one["fidelity"]


def satellite(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    return answer(capsys, "link", "satellite", *words, "--json")


def test_new_york_to_los_angeles(capsys: pytest.CaptureFixture[str]) -> None:
    link = satellite(
        capsys, "--altitude-km", "10000", "--subpoint", CENTRE, "--ground", NEW_YORK, "--ground", LOS_ANGELES,
        "--preset", "published",
    )  # fmt: skip
    assert link["pair_rate_per_s"] == pytest.approx(2.636989, abs=5e-7)
    assert link["fidelity"] == 0.87
    east = link["legs"][0]
    assert east["slant_range_km"] == pytest.approx(10467.3315, abs=5e-5)
    assert east["zenith_deg"] == pytest.approx(27.9156372, abs=5e-8)
    assert east["transmittance"] == pytest.approx(0.000210785483, abs=5e-13)
    for leg in link["legs"]:
        assert 10 ** (-sum(leg["budget_db"].values()) / 10) == pytest.approx(leg["transmittance"], rel=1e-12)
        assert {"diffraction", "atmosphere"} < set(leg["budget_db"])


@pytest.mark.parametrize("form", [("--ground", "-35,150"), ("--ground=-35,150",)])
def test_southern_and_western_places_work_as_written(
    capsys: pytest.CaptureFixture[str], form: tuple[str, ...]
) -> None:
    link = satellite(
        capsys, "--altitude-km", "500", "--subpoint", "-34,150", *form, "--ground", "-33,149.5"
    )  # fmt: skip
    assert link["legs"][0]["lat_deg"] == -35
    mirrored = satellite(
        capsys,
        "--altitude-km",
        "500",
        "--subpoint",
        "34,-150",
        "--ground",
        "35,-150",
        "--ground",
        "33,-149.5",
    )
    assert mirrored["pair_rate_per_s"] == pytest.approx(link["pair_rate_per_s"], rel=1e-12)


def test_a_low_satellite_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--altitude-km", "500", "--subpoint", "0,0", "--ground", "0,10", "--ground", "0,1")
    assert main(["link", "satellite", *words, "--json"]) == 0
    captured = capsys.readouterr()
    assert "1 rad" in captured.err
    assert len(json.loads(captured.out)["warnings"]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--length-km", "-3"), "-3 km"),
        (("--length-km", "nan"), "nan km"),
        (("--length-km", "inf"), "inf km"),
        (("--length-km", "ten"), "ten"),
        ((), "length-km"),
        (("--length-km", "10", "--photon-repeaters", "-1"), "-1 photon repeaters"),
        (("--length-km", "10", "--photon-repeaters", "2.5"), "'2.5' is not a number of repeaters"),
        (("--length-km", "10", "--ion-pairs", "0"), "0 ion pairs"),
        (("--length-km", "10", "--preset", "perfect"), "perfect"),
    ],
)
def test_bad_fibre(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    assert said in refusal(capsys, "link", "fiber", *words)


@pytest.mark.parametrize(
    ("altitude", "subpoint", "ground", "said"),
    [
        ("500", "0,0", ("0,0", "0,90"), "below the horizon of station 2 (0,90)"),
        ("0", "0,0", ("0,0", "0,1"), "an altitude of 0 km"),
        ("-5", "0,0", ("0,0", "0,1"), "an altitude of -5 km"),
        ("nan", "0,0", ("0,0", "0,1"), "an altitude of nan km"),
        ("500", "0", ("0,0", "0,1"), "--subpoint: '0' is not LAT,LON"),
        ("500", "91,0", ("0,0", "0,1"), "latitude 91 is outside"),
        ("500", "0,0", ("0,0", "x,1"), "--ground: 'x,1' is not LAT,LON"),
        ("500", "0,0", ("0,0",), "1 ground stations given"),
        ("500", "0,0", ("0,0", "0,1", "0,2"), "3 ground stations given"),
        ("500", "0,nan", ("0,0", "0,1"), "'0,nan' is not LAT,LON"),
    ],
)
def test_bad_satellite(
    capsys: pytest.CaptureFixture[str], altitude: str, subpoint: str, ground: tuple[str, ...], said: str
) -> None:
    stations = [word for place in ground for word in ("--ground", place)]
    words = ["link", "satellite", "--altitude-km", altitude, "--subpoint", subpoint, *stations]
    assert said in refusal(capsys, *words)


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link", "fiber", "--length-km", "300"]) == 0
    captured = capsys.readouterr()
    assert "20.0149" in captured.out
    assert "not entangled" in captured.err  # the fastest chain has F = 0.31


def test_unknown_command_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    from satqn import __version__

    assert main(["fly"]) == 2
    assert main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out
