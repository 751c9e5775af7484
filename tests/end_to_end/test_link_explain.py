"""`satqn link explain` from outside: fibre, lines of sight, dual downlinks, what is hidden, bad input."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from satqn.cli import main

SCENARIO = """
format: satqn-scenario
schema_version: 2
study: plan
name: small
time: {start: 2026-06-21T03:00:00Z, horizon_s: 3600, slot_s: 600}
ground:
  nodes:
    - {id: East, lat_deg: 40.7, lon_deg: -74.0, altitude_m: 20, terminal: ground-50cm}
    - {id: West, lat_deg: 34.05, lon_deg: -118.2, altitude_m: 90, terminal: ground-50cm}
    - {id: Far, lat_deg: -33.9, lon_deg: 151.2, terminal: ground-50cm}
    - {id: Plain, lat_deg: 40.5, lon_deg: -74.4}
haps:
  - {id: HAP, lat_deg: 40.8, lon_deg: -74.1, altitude_km: 20, terminal: hap-15cm}
satellites:
  - {id: GEO, geostationary: {lon_deg: [-95, -90]}, terminal: meo-source}
fibre: {links: [{ends: [Plain, East], length_km: 60}]}
sky: {day: 1.5e-2, twilight: 1.0e-3, night: 1.5e-6, source: a test}
demands: [{source: East, destination: West}]
"""


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return str(path)


def ask(capsys: pytest.CaptureFixture[str], *words: str, warned: str = "") -> dict[str, Any]:
    assert main(["link", "explain", *words, "--json"]) == 0
    captured = capsys.readouterr()
    assert warned in captured.err if warned else captured.err == ""
    return json.loads(captured.out)  # exactly one document


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["link", "explain", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


def test_two_stations_by_the_better_of_two_satellites(capsys, scenario):
    found = ask(capsys, scenario, "East", "West", "--at", "2026-06-21T03:10:00Z")
    light = found["free_space"]
    assert found["fibre"] is None
    assert (light["making"], light["visible"], found["seconds_after_start"]) == ("dual_downlink", True, 600.0)
    eta = [line["transmittance"] for line in light["lines"]]
    assert [line["to"] for line in light["lines"]] == ["East", "West"]
    assert light["attempts_per_s"] == 6e7
    assert light["pair_rate_per_s"] == pytest.approx(6e7 * eta[0] * eta[1])
    for line in light["lines"]:
        assert line["from"] == light["via"]
        assert line["total_db"] == pytest.approx(-10 * math.log10(line["transmittance"]))
        assert line["total_db"] == pytest.approx(sum(line["budget_db"].values()))
        assert line["noise"]["dark_counts_per_s"] == 100
        assert (line["noise"]["sky_per_s"] > 0.0) is True
    dark = [line["noise"]["dark_counts_per_s"] + line["noise"]["sky_per_s"] for line in light["lines"]]
    lone = [6e7 * eta[i] * (1 - eta[1 - i]) + dark[i] for i in (0, 1)]
    assert light["accidental_rate_per_s"] == pytest.approx(lone[0] * lone[1] * 1e-9)
    signal, noise = light["pair_rate_per_s"], light["accidental_rate_per_s"]
    assert light["fidelity"] == pytest.approx((0.87 * signal + noise / 4) / (signal + noise))
    turned = ask(capsys, scenario, "West", "East", "--at", "+600")["free_space"]
    assert turned["via"] == light["via"]
    assert turned["pair_rate_per_s"] == pytest.approx(signal)


def test_a_hap_and_its_station(capsys, scenario):
    light = ask(capsys, scenario, "East", "HAP")["free_space"]
    (line,) = light["lines"]
    assert (line["from"], line["to"], light["making"], light["via"]) == ("HAP", "East", "one_sided", None)
    allowed = 1000 / (2 * line["range_km"] * 1e3 / 299_792_458 + 1e-6)
    assert light["attempts_per_s"] == pytest.approx(allowed)
    assert light["pair_rate_per_s"] == pytest.approx(allowed * line["transmittance"] * 0.7**2)
    assert 0.9 < light["fidelity"] <= 0.98


def test_a_fibre_and_no_terminal(capsys, scenario):
    found = ask(capsys, scenario, "East", "Plain")
    assert found["fibre"]["length_km"] == 60.0
    assert found["fibre"]["rate_per_s"] > 0.0
    assert "Plain has no terminal" in found["free_space"]["reason"]
    assert found["free_space"]["pair_rate_per_s"] is None


def test_what_is_hidden_is_shown_with_its_reason(capsys, scenario):
    light = ask(capsys, scenario, "East", "Far")["free_space"]
    assert not light["visible"]
    assert "no satellite is seen by both" in light["reason"]
    assert any("below the mask of 20" in why for line in light["lines"] for why in line["hidden_because"])
    through = ask(capsys, scenario, "HAP", "Far")["free_space"]["lines"][0]
    assert through["total_db"] is None
    assert through["factors"] == {}
    lone = ask(capsys, scenario, "GEO-1", "East")["free_space"]
    assert "it sends pairs to two stations" in lone["reason"]
    assert lone["lines"][0]["total_db"] > 30
    assert "no memory" in ask(capsys, scenario, "GEO-1", "GEO-2")["free_space"]["reason"]


def test_a_time_outside_the_plan_is_told(capsys, scenario):
    found = ask(capsys, scenario, "East", "HAP", "--at", "+7200", warned="outside the slots")
    assert found["warnings"] == ["2026-06-21T05:00:00+00:00 is outside the slots of the scenario"]


def test_tables_for_people(capsys, scenario):
    assert main(["link", "explain", scenario, "East", "West", "--at", "+0"]) == 0
    out = capsys.readouterr().out
    for words in ("diffraction, dB", "atmosphere, dB", "light of the sky /s", "dual downlink through GEO"):
        assert words in out
    assert main(["link", "explain", scenario, "East", "Plain"]) == 0
    captured = capsys.readouterr()
    assert "60.000" in captured.out
    assert "nothing through free space" in captured.err


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (("East", "Nowhere"), "'Nowhere'"),
        (("East", "East"), "named twice"),
        (("East", "West", "--at", "noon"), "'noon' is not a time"),
        (("East", "West", "--at", "2026-06-21T03:00:00"), "no time zone"),
        (("East", "West", "--at", "+inf"), "is not a time"),
        (("East", "West", "--at", "+nan"), "is not a time"),
    ],
)
def test_bad_input_is_named(capsys, scenario, words, seen):
    assert seen in refusal(capsys, scenario, *words)


def test_a_scenario_of_another_study_is_refused(capsys):
    assert "study" in refusal(capsys, "us-cities", "A", "B")
