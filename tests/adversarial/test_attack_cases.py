"""Files that once broke satqn: what each is answered with."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.adversarial.fuzzer import call, fault_of

FOLDER = Path(__file__).parents[1] / "golden" / "attack"


@pytest.fixture(autouse=True)
def _in_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FOLDER, tmp_path / "attack")
    monkeypatch.chdir(tmp_path / "attack")


def answer(words: list[str], status: int) -> str:
    found, out, err, fault = call(words)
    assert not fault_of(found, out, err, fault)
    assert found == status, err
    return out + err


REFUSED = {
    "simulate chain chain_alias_bomb.yaml": "aliases add more than",
    "plan instance_alias_bomb.yaml": "aliases add more than",
    "check X3.instance.json plan_alias_bomb.yaml": "aliases add more than",
    "simulate chain chain_merge_key.yaml": "seed: unknown key",
    "simulate chain chain_big.yaml": "--force",
    "simulate chain chain_never.yaml": "",
    "plan instance_5001_digits.json": "a whole number with 5001 digits",
    "plan instance_slots_1e12.json": "GiB of memory",
    "validate paths_huge_int.yaml": "a whole number with 401 digits",
    "plan paths_huge_int.yaml": "a whole number with 401 digits",
    "validate scale_10k_sats_10k_slots.yaml": "GiB of memory",
    "plan scale_10k_sats_10k_slots.yaml": "GiB of memory",
    "validate stations_file_escape.yaml": "leaves the folder",
    "run stations_file_escape.yaml": "leaves the folder",
    "validate m00073.yaml": "mean motion",
    "plan m00073.yaml": "mean motion",
    "validate m00256.yaml": "inclination",
    "evaluate us-cities --pairs 99999999999999 -o x.csv": "GiB of memory",
    "instance generate --slots 1000000000000": "GiB of memory",
    "validate /dev/zero": "it is a device",
    "plan /dev/zero": "it is a device",
    "simulate chain /dev/zero": "it is a device",
    "check X3.instance.json /dev/zero": "it is a device",
    "evaluate us-cities --pairs-file /dev/zero -o x.csv": "it is a device",
    "validate pipe": "it is a pipe",
    "simulate chain pipe": "it is a pipe",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_refused(words: str) -> None:
    os.mkfifo("pipe")
    assert REFUSED[words] in answer(words.split(), 2)


def test_markup_in_names_is_shown_as_it_stands() -> None:
    said = answer(["plan", "markup_id.instance.json"], 0)
    assert "[/x]" in said
    assert "[/bold]" in said


def test_a_cell_that_is_too_long_is_a_fault_of_its_line() -> None:
    Path("pairs.csv").write_text("a,b\n" + "x" * 140_000 + ",y\n")
    assert "pairs.csv:2" in answer(["evaluate", "us-cities", "--pairs-file", "pairs.csv", "-o", "x.csv"], 2)


@pytest.mark.parametrize(
    "value", ["2026-02-30", "²", "[" * 300, "&a [*a]", "!!x 1", "{a: ", "9" * 5000, ".inf", "*b"]
)
@pytest.mark.parametrize("key", ["time.start", "ground.nodes.²", "paths.real", "solver.time_limit_s"])
def test_values_of_the_command_line(key: str, value: str) -> None:
    assert answer(["validate", "metro-pair", "--set", f"{key}={value}"], 2).startswith("error: ")
    answer(["sweep", "metro-pair", "--vary", f"{key}={value}", "-o", "out", "--metric", "x"], 2)


def test_nesting_and_names_that_are_long(tmp_path: Path) -> None:
    for text in ("[" * 100_000, '{"a":' * 100_000, "- " * 50_000):
        for name in ("deep.yaml", "deep.json"):
            Path(name).write_text(text)
            for words in (["validate", name], ["plan", name], ["check", "X3.instance.json", name]):
                answer(words, 2)
    document = json.loads(Path("X3.instance.json").read_text())
    text = (
        json.dumps(document).replace('"a"', json.dumps("a" * 300)).replace('"k1"', json.dumps("k[red]" * 40))
    )
    Path("long.json").write_text(text)
    for words in (["plan", "long.json", "--explain"], ["plan", "long.json", "--json"]):
        answer(words, 0)


def test_inflation_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    Path("bomb.csv.gz").write_bytes(gzip.compress(bytes(300 * 2**20), 1))
    said = answer(["evaluate", "us-cities", "--pairs-file", "bomb.csv.gz", "-o", "x.csv"], 2)
    assert "inflates to more than 256 MiB" in said


def test_a_stock_of_nothing_is_planned() -> None:
    """The checker once missed the class of an initial stock of 0 pairs, and satqn refused its own plan."""
    document = json.loads(Path("X3.instance.json").read_text())
    document["initial_stock"][0]["pairs"] = 0
    Path("none.json").write_text(json.dumps(document))
    answer(["plan", "none.json", "-o", "made.json"], 0)
    assert answer(["check", "none.json", "made.json"], 0).startswith("ok")
