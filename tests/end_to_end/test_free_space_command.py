"""`satqn link free-space` from outside: the vectors of the specification, what is hidden, bad input."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from satqn.cli import main

R = 6371.0


def east(ground_km: float) -> str:
    return repr(math.degrees(ground_km / R))


def ask(capsys: pytest.CaptureFixture[str], start: str, end: str, *words: str) -> dict[str, Any]:
    assert main(["link", "free-space", "--from", start, "--to", end, *words, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return json.loads(captured.out)  # exactly one document


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["link", "free-space", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Traceback" not in captured.err
    return captured.err


@pytest.mark.parametrize(
    ("start", "end", "words", "expected"),
    [
        (
            "0,0,0", "0,0,20", ("--waist-m", "0.05", "--receiver-radius-m", "0.25"),
            (20.0, 0.0, 90.0, 0.968568610, 0.9999263084),
        ),
        (
            "0,0,20", f"0,{east(400)},20",
            ("--waist-m", "0.05", "--receiver-radius-m", "0.15", "--pointing-jitter-urad", "2"),
            (401.189789, 16.8512, -1.7986, 0.872189283, 0.006540563533),
        ),
        (
            "0,0,0.89", f"0,{east(800)},500", ("--receiver-radius-m", "0.6", "--pointing-jitter-urad", "1"),
            (968.776663, 0.890, 27.3454, 0.938387074, 0.1041047153),
        ),
        (
            "0,0,550", f"0,{east(3000)},550",
            ("--receiver-radius-m", "0.15", "--wavelength-nm", "1550", "--pointing-jitter-urad", "0.5"),
            (3228.960218, 359.0591, -13.4898, 1.0, 3.650507965e-4),
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("swap", [False, True], ids=["there", "back"])
def test_vectors(capsys, start, end, words, expected, swap):
    ends = (end, start) if swap else (start, end)
    link = ask(capsys, *ends, "--earth", "sphere", *words)
    distance, lowest, elevation, air, beam = expected
    assert link["visible"] is True
    assert link["hidden_because"] == []
    assert link["range_km"] == pytest.approx(distance, abs=5e-7)
    assert link["lowest_point_km"] == pytest.approx(lowest, abs=5e-5)
    assert link["elevation_deg"] == pytest.approx(elevation, abs=5e-5)
    assert list(link["factors"]) == ["diffraction", "atmosphere"]
    assert link["factors"]["atmosphere"] == pytest.approx(air, abs=5e-10)
    assert link["factors"]["diffraction"] == pytest.approx(beam, rel=5e-10)
    assert link["transmittance"] == pytest.approx(air * beam, rel=1e-9)
    assert sum(link["budget_db"].values()) == pytest.approx(-10 * math.log10(link["transmittance"]))
    assert link["total_db"] == pytest.approx(sum(link["budget_db"].values()))


def test_wgs84_is_the_default_and_differs(capsys):
    real = ask(capsys, "-35.3,149.1,0.8", "-30,140,550")
    ball = ask(capsys, "-35.3,149.1,0.8", "-30,140,550", "--earth", "sphere")
    assert (real["earth"], ball["earth"]) == ("wgs84", "sphere")
    assert real["from"] == pytest.approx({"lat_deg": -35.3, "lon_deg": 149.1, "altitude_km": 0.8})
    assert 0.05 < abs(real["range_km"] - ball["range_km"]) < 5.0


def test_nothing_passes_through_the_earth(capsys):
    link = ask(capsys, "0,0,550", "0,120,550")
    assert link["visible"] is False
    assert link["transmittance"] == 0.0
    assert link["factors"] == {"line_of_sight": 0.0}
    assert link["budget_db"] == {"line_of_sight": None}
    assert link["total_db"] is None
    assert link["lowest_point_km"] < 0


def test_a_mask_hides_what_the_air_would_let_pass(capsys):
    low = ask(capsys, "0,0,0", f"0,{east(1500)},500")
    assert low["visible"] is False
    assert 0 < low["elevation_deg"] < 20
    assert low["transmittance"] > 0
    assert "mask" in low["hidden_because"][0]
    grazing = ask(capsys, "0,0,550", f"0,{east(4900)},550", "--earth", "sphere")
    assert 0 < grazing["lowest_point_km"] < 80
    assert grazing["visible"] is False
    assert grazing["transmittance"] > 0


def test_people_get_a_table(capsys):
    assert main(["link", "free-space", "--from", "0,0,0", "--to", "0,60,550"]) == 0
    captured = capsys.readouterr()
    assert "hidden" in captured.out
    assert "nothing passes" in captured.out
    assert "below the mask of 20" in captured.err
    assert main(["link", "free-space", "--from=-35,-150,0", "--to=-35,-150,20"]) == 0
    captured = capsys.readouterr()
    assert "visible" in captured.out
    assert "atmosphere, dB" in captured.out
    assert captured.err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "0,0", "--to", "0,0,20"), "--from: '0,0' is not LAT,LON,ALT_KM"),
        (("--from", "0,0,0", "--to", "0,0,high"), "--to: '0,0,high' is not LAT,LON,ALT_KM"),
        (("--from", "0,0,nan", "--to", "0,0,20"), "is not LAT,LON,ALT_KM"),
        (("--from", "91,0,0", "--to", "0,0,20"), "latitude 91 is outside"),
        (("--from", "0,0,0", "--to", "0,0,500000"), "an altitude of 500000 km"),
        (("--from", "0,0,-30", "--to", "0,0,20"), "an altitude of -30 km"),
        (("--from", "0,0,20", "--to", "0,0,20"), "same place"),
        (
            (
                "--from",
                "0,0,0",
            ),
            "--to",
        ),
        (("--from", "0,0,0", "--to", "0,0,20", "--waist-m", "0"), "beam_waist is 0 m"),
        (("--from", "0,0,0", "--to", "0,0,20", "--wavelength-nm", "-810"), "wavelength is -8.1e-07 m"),
        (
            ("--from", "0,0,0", "--to", "0,0,20", "--zenith-transmittance", "1.5"),
            "zenith_transmittance is 1.5",
        ),
        (("--from", "0,0,0", "--to", "0,0,20", "--pointing-jitter-urad", "nan"), "pointing_jitter is nan"),
        (("--from", "0,0,0", "--to", "0,0,20", "--earth", "flat"), "flat"),
    ],
)
def test_bad_input(capsys, words, said):
    assert said in refusal(capsys, *words)


def test_a_truncating_transmitter(capsys):
    """500 km straight down, w0 = a = 0.15 m into 0.6 m: 0.31803 of the beam (docs/decisions/0120)."""
    words = ("--earth", "sphere", "--receiver-radius-m", "0.6", "--transmitter-radius-m", "0.15")
    link = ask(capsys, "0,0,0", "0,0,500", *words)
    assert list(link["factors"]) == ["transmitter_aperture", "diffraction", "atmosphere"]
    assert link["factors"]["transmitter_aperture"] == pytest.approx(1.0 - math.exp(-2.0), rel=1e-12)
    both = link["factors"]["transmitter_aperture"] * link["factors"]["diffraction"]
    assert both == pytest.approx(0.3180262837, rel=1e-9)
    more = ("--transmitter-obscuration-m", "0.05", "--receiver-obscuration-m", "0.2")
    link = ask(capsys, "0,0,0", "0,0,500", *words, *more)
    both = link["factors"]["transmitter_aperture"] * link["factors"]["diffraction"]
    assert both == pytest.approx(0.1841023944, rel=1e-9)
    assert (link["transmitter_radius_m"], link["receiver_obscuration_m"]) == (0.15, 0.2)
    ends = ("--from", "0,0,0", "--to", "0,0,500")
    assert "without a radius" in refusal(capsys, *ends, "--transmitter-obscuration-m", "0.05")
    assert "shadows nearly all" in refusal(capsys, *ends, *words[2:], "--transmitter-obscuration-m", "0.1499")
    near = ("--from", "0,0,0", "--to", "0,0,0.1", *words)
    assert "truncating telescope" in refusal(capsys, *near)
