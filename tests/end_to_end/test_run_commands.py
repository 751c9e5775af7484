"""`satqn run`, `pair`, `evaluate` and `data` from outside, on the embedded scenario."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
from pathlib import Path

import pytest

from satqn.cli import main

COLUMNS = [
    "node_a",
    "node_b",
    "distance_km",
    "fibre_km",
    "satellite_rate_per_s",
    "fibre_fidelity",
    "fibre_photon_repeaters",
    "fibre_rate_per_s",
    "hybrid_fidelity",
    "hybrid_rate_per_s",
    "protocol_by_fidelity",
    "protocol_by_rate",
]
QUICK = ("--set", "placement=greedy")  # the greedy placement keeps these tests quick


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def evaluate(folder: Path, *words: str, name: str = "out.csv") -> list[dict[str, str]]:
    assert main(["evaluate", "us-cities", "-o", str(folder / name), *QUICK, *words]) == 0
    return rows_of(folder / name)


def test_run_writes_the_whole_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert (
        main(["run", "us-cities", "-o", str(out), "--set", "pairs=40", *QUICK, "--seed", "5", "--json"]) == 0
    )
    summary = json.loads(capsys.readouterr().out)
    assert summary["pairs"] == 40
    assert sum(way["pairs"] for way in summary["chosen_by_rate"].values()) == 40
    files = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert files == {
        "scenario.resolved.yaml", "pairs.csv", "summary.json", "report.html", "provenance.json",
        "figures/map.png", "figures/map.pdf", "figures/by_distance.png", "figures/by_distance.pdf",
    }  # fmt: skip
    record = json.loads((out / "provenance.json").read_text())
    assert record["scenario"]["seed"] == 5
    assert record["scenario"]["options"]["placement"] == "greedy"
    assert len(rows_of(out / "pairs.csv")) == 40
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?!data:|#)", page)  # no request leaves the machine
    assert "url(" not in page
    again = tmp_path / "again"
    assert main(["run", str(out / "scenario.resolved.yaml"), "-o", str(again)]) == 0
    assert (again / "pairs.csv").read_bytes() == (out / "pairs.csv").read_bytes()


def test_evaluate_columns_and_seed(tmp_path: Path) -> None:
    first = evaluate(tmp_path, "--pairs", "30", "--seed", "2")
    assert list(first[0])[: len(COLUMNS)] == COLUMNS
    assert len(first) == 30
    assert evaluate(tmp_path, "--pairs", "30", "--seed", "2", name="b.csv") == first
    assert evaluate(tmp_path, "--pairs", "30", "--seed", "3", name="c.csv") != first


def test_evaluate_rows_are_coherent(tmp_path: Path) -> None:
    for row in evaluate(tmp_path, "--pairs", "150"):
        assert float(row["fibre_km"]) >= float(row["distance_km"]) * 0.999999
        ways = {
            "fibre": (row["fibre_fidelity"], row["fibre_rate_per_s"]),
            "hybrid": (row["hybrid_fidelity"], row["hybrid_rate_per_s"]),
            "satellite": (row["satellite_only_fidelity"], row["satellite_only_rate_per_s"]),
        }
        for index, (chosen, best) in enumerate(
            [("protocol_by_fidelity", "protocol_fidelity"), ("protocol_by_rate", "protocol_rate_per_s")]
        ):
            offers = {way: float(cells[index]) for way, cells in ways.items() if cells[index]}
            if not offers:
                assert row[chosen] == "none"
                assert row[best] == ""
            else:
                assert offers[row[chosen]] == max(offers.values()) == float(row[best])
        for cell in (row["fibre_fidelity"], row["hybrid_fidelity"]):
            assert cell == "" or 0.25 <= float(cell) <= 1.0  # empty where there is none, never 0


def test_pairs_from_a_file(tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("a,b\nDenver CO,Chicago IL\nBoston MA,Worcester MA\n")
    rows = evaluate(tmp_path, "--pairs-file", str(pairs))
    assert [(row["node_a"], row["node_b"]) for row in rows] == [
        ("Denver CO", "Chicago IL"),
        ("Boston MA", "Worcester MA"),
    ]
    stations = tmp_path / "stations.json"
    stations.write_text('{"450": ["Denver CO", "Chicago IL"], "700": ["Boston MA"]}')
    row = evaluate(tmp_path, "--pairs-file", str(pairs), "--stations-file", str(stations))[0]
    assert row["satellite_only_fidelity"] == "0.87"


def test_pair_agrees_with_evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("a,b\nDenver CO,Chicago IL\n")
    (row,) = evaluate(tmp_path, "--pairs-file", str(pairs))
    capsys.readouterr()
    assert main(["pair", "us-cities", "--from", "Denver", "--to", "41.88,-87.63", *QUICK, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["node_a"], document["node_b"]) == ("Denver CO", "Chicago IL")
    for way in ("fibre", "hybrid"):
        assert document[way]["fidelity"] == pytest.approx(float(row[f"{way}_fidelity"]), rel=1e-9)
        assert document[way]["rate_per_s"] == pytest.approx(float(row[f"{way}_rate_per_s"]), rel=1e-9)
    assert document["protocol_by_rate"] == row["protocol_by_rate"]
    assert main(["pair", "us-cities", "--from", "Denver", "--to", "Chicago", *QUICK]) == 0
    assert "hybrid" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pair", "us-cities", "--from", "Atlantis", "--to", "Denver"], "--from: unknown place 'Atlantis'"),
        (["pair", "us-cities", "--from", "Denver", "--to", "-35,150"], "km from the nearest node"),
        (["pair", "us-cities", "--from", "Denver", "--to", "Denver CO"], "both ends"),
        (
            ["pair", "us-citys", "--from", "Denver", "--to", "Boston"],
            "there is no scenario or file 'us-citys'",
        ),
        (["evaluate", "us-cities", "-o", "x.csv"], "give either --pairs N or --pairs-file F"),
        (["evaluate", "us-cities", "--pairs", "0", "-o", "x.csv"], "0 pairs"),
        (["evaluate", "us-cities", "--pairs", "-4", "-o", "x.csv"], "-4 pairs"),
        (["evaluate", "us-cities", "--pairs-file", "none.csv", "-o", "x.csv"], "cannot read none.csv"),
        (["evaluate", "us-cities", "--pairs", "5", "--seed", "-1", "-o", "x.csv"], "seed"),
        (["evaluate", "us-cities", "--pairs", "5", "--set", "placement", "-o", "x.csv"], "is not key=value"),
        (["evaluate", "us-cities", "--pairs", "5", "--set", "fly=1", "-o", "x.csv"], "unknown key 'fly'"),
        (
            ["evaluate", "us-cities", "--pairs", "5", "--set", "fibre.ion_swap_fidelity=0.2", "-o", "x.csv"],
            "0.25",
        ),
        (
            ["evaluate", "us-cities", "--pairs", "5", "--set", "fibre.ion_swap_fidelity=.nan", "-o", "x.csv"],
            "nan",
        ),
        (["evaluate", "us-cities", "--pairs", "5", "--stations-file", "no.json", "-o", "x.csv"], "no.json"),
        (["run", "us-cities", "--set", "pairs=zero"], "pairs"),
        (["data", "where", "nothing"], "no data set is called 'nothing'"),
        (["reproduce", "99z"], "there is no experiment '99z'"),
    ],
)
def test_bad_input_is_one_clear_error(
    words: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert list(tmp_path.iterdir()) == []  # nothing half-written


@pytest.mark.parametrize("command", [["run", "us-cities"], ["evaluate", "us-cities", "--pairs", "5"]])
def test_a_place_that_cannot_be_written(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main([*command, *QUICK, "-o", str(tmp_path / "file" / "below" / "x")]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_a_full_disk_leaves_nothing_half_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("satqn.files.os.replace", full)
    for words in (["run", "us-cities", "--set", "pairs=5"], ["evaluate", "us-cities", "--pairs", "5"]):
        assert main([*words, *QUICK, "-o", str(tmp_path / "out")]) == 2
        assert "No space left on device" in capsys.readouterr().err
        assert list(tmp_path.rglob("*")) == []


def test_data_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "list", "--json"]) == 0
    names = [entry["name"] for entry in json.loads(capsys.readouterr().out)["datasets"]]
    assert names == ["us-cities", "us-tracts"]
    assert main(["data", "where", "us-cities"]) == 0
    assert "us_cities.csv" in capsys.readouterr().out
    assert main(["data", "fetch", "us-cities", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["origin"] == "embedded"


def test_scenarios_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scenarios", "--json"]) == 0
    names = [entry["name"] for entry in json.loads(capsys.readouterr().out)["scenarios"]]
    assert {"us-cities", "shao2025-us"} <= set(names)


def test_run_without_a_word_plans_the_embedded_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way, for a quarter of the time: file to orbits, links, plan, check, simulation, report."""
    out = tmp_path / "out"
    quick = ["--set", "time.horizon_s=3600", "--set", "solver.time_limit_s=6"]
    assert main(["run", "-o", str(out), *quick, "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["checker"] == "ok"
    assert 0 < summary["delivered_pairs"] <= summary["bound_pairs"] * (1 + 1e-6)
    rows = {row["name"]: row for row in summary["architectures"]}
    whole = rows["all together"]["objective_pairs"]
    assert whole == max(row["objective_pairs"] for row in rows.values())
    assert summary["gain_over_one_segment"]["certain_gain_pairs"] > 0  # whatever the gaps
    simulated = summary["simulation"]
    assert (
        0.9 * simulated["promised_pairs"]
        < simulated["delivered_pairs"]["mean"]
        <= simulated["promised_pairs"]
    )
    for name in ("report.html", "plan.json", "instance.json", "scenario.resolved.yaml", "provenance.json"):
        assert (out / name).stat().st_size > 0, name
    capsys.readouterr()
    assert main(["check", str(out / "instance.json"), str(out / "plan.json")]) == 0
    assert capsys.readouterr() == ("ok\n", "")  # and it names that instance
