"""`satqn link fiber --waiting exact-distribution` from outside, and its numbers beside the chain's."""

from __future__ import annotations

import doctest
import json
import math
from typing import Any

import pytest

from satqn.cli import main
from satqn.model.hardware import FibreHardware
from satqn.simulate import fibre_waiting

CHAIN = ("link", "fiber", "--length-km", "100", "--photon-repeaters", "8")
ASKED = (*CHAIN, "--waiting", "exact-distribution")


def answer(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)  # exactly one document


def test_all_keys_of_the_link_stay(capsys: pytest.CaptureFixture[str]) -> None:
    plain, asked = answer(capsys, *CHAIN), answer(capsys, *ASKED)
    assert "distribution" not in plain
    found = asked.pop("distribution")
    assert asked == plain
    assert {"mean_s", "quantiles", "coverage", "fidelity_mean", "attempt_time_s"} <= set(found)


@pytest.mark.parametrize("repeaters", ["0", "1", "8", "13"])
def test_without_decay_it_is_the_chain_of_the_command(
    capsys: pytest.CaptureFixture[str], repeaters: str
) -> None:
    words = (*ASKED[:5], repeaters, *ASKED[6:])
    link = answer(capsys, *words)
    found = link["distribution"]
    assert found["mean_s"] == pytest.approx(1.0 / link["rate_per_s"], rel=1e-5)
    assert found["fidelity_mean"] == pytest.approx(link["fidelity"], rel=1e-10)
    assert found["coverage"] >= 1.0 - 1e-6
    times = [quantile["time_s"] for quantile in found["quantiles"]]
    assert times == sorted(times)
    assert all(time / found["attempt_time_s"] == pytest.approx(round(time / found["attempt_time_s"])) for time in times)  # fmt: skip


def test_quantiles_of_direct_transmission_are_geometric(capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, *ASKED[:5], "0", *ASKED[6:])["distribution"]
    p = 0.21 * 10 ** (-0.0173 * 100)
    step = 2 * 100 / 2e5 + 175e-6
    for quantile in found["quantiles"]:
        steps = math.ceil(math.log1p(-quantile["probability"]) / math.log1p(-p))
        assert quantile["time_s"] == pytest.approx(steps * step, rel=1e-9)


def test_ion_pairs_work_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    one, ten = answer(capsys, *ASKED), answer(capsys, *ASKED, "--ion-pairs", "10")
    p, q = (link["distribution"]["success_probability"] for link in (one, ten))
    assert q == pytest.approx(1 - (1 - p) ** 10, rel=1e-9)
    assert ten["distribution"]["mean_s"] < one["distribution"]["mean_s"] / 5


def test_memory_cutoff_and_order(capsys: pytest.CaptureFixture[str]) -> None:
    def distribution(*words: str) -> dict[str, Any]:
        found: dict[str, Any] = answer(capsys, *ASKED, *words)["distribution"]
        return found

    perfect, decaying = distribution(), distribution("--memory-coherence-s", "0.2")
    assert decaying["fidelity_mean"] < perfect["fidelity_mean"]
    assert decaying["mean_s"] == perfect["mean_s"]
    fidelities = [quantile["fidelity"] for quantile in decaying["quantiles"]]
    assert fidelities == sorted(fidelities, reverse=True)  # who comes late has waited
    cut = distribution("--memory-coherence-s", "0.2", "--cutoff-s", "0.03")
    assert cut["fidelity_mean"] > decaying["fidelity_mean"]
    assert cut["mean_s"] > decaying["mean_s"]
    assert cut["levels"][0]["cutoff_steps"] == math.floor(0.03 / cut["attempt_time_s"])
    nested = distribution("--memory-coherence-s", "0.2", "--swap-order", "nested")
    assert [level["links"] for level in nested["levels"]] == [2, 2, 2]
    assert nested["mean_s"] == pytest.approx(perfect["mean_s"], rel=1e-5)
    assert (
        nested["fidelity_mean"] > decaying["fidelity_mean"]
    )  # a swapped link is two stored qubits, not four


def test_people_get_a_second_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(list(ASKED)) == 0
    out = capsys.readouterr().out
    assert "delivery of the first pair" in out
    assert "99 % have come by" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*CHAIN, "--cutoff-s", "1"), "--cutoff-s without a distribution"),
        ((*CHAIN, "--waiting", "median"), "median"),
        ((*ASKED, "--cutoff-s", "-1"), "cut-off is -1 s"),
        ((*ASKED, "--memory-coherence-s", "0"), "memory coherence time is 0 s"),
        ((*ASKED, "--memory-coherence-s", "nan"), "memory coherence time is nan s"),
        ((*ASKED, "--coverage", "1"), "coverage is 1."),
        ((*ASKED, "--coverage", "0.5"), "coverage is 0.5"),
        (
            (
                "link",
                "fiber",
                "--length-km",
                "900",
                "--photon-repeaters",
                "0",
                "--waiting",
                "exact-distribution",
            ),
            "steps cover",
        ),
    ],
)
def test_bad_input(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    assert main(list(words)) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert "Traceback" not in captured.err


def test_numbers_of_segments_by_their_prime_factors(capsys: pytest.CaptureFixture[str]) -> None:
    found = fibre_waiting.fibre_waiting(300e3, 90, FibreHardware(), swap_order="nested")
    assert [level.links for level in found.distribution.protocol.levels] == [2, 3, 3, 5]


def test_examples() -> None:
    result = doctest.testmod(fibre_waiting)
    assert result.attempted > 0
    assert result.failed == 0
