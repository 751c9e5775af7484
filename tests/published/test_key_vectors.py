"""Key rates against the specification's vectors, published thresholds and the stored results of a peer."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from satqn.cli import main
from satqn.physics.bell import werner
from satqn.physics.finite_key import finite_key, key_bits, tomamichel2012_bits
from satqn.physics.key_rates import (
    bbm92,
    best_round,
    e91_device_independent,
    error_rates,
    key_rounds,
    tomographic,
)

CASES = json.loads((Path(__file__).parents[1] / "golden/vectors/keys.json").read_text(encoding="utf-8"))[
    "cases"
]


def of(kind: str) -> list[dict]:
    found = [case for case in CASES if case["kind"] == kind]
    assert found
    return found


@pytest.mark.parametrize("case", of("state"), ids=lambda case: f"{case['name']} f={case['f_ec']}")
def test_states(case: dict) -> None:
    e_z, e_x = error_rates(case["weights"])
    assert float(e_z) == pytest.approx(case["e_z"], abs=1e-12)
    assert float(e_x) == pytest.approx(case["e_x"], abs=1e-12)
    assert float(bbm92(case["weights"], case["f_ec"])) == pytest.approx(case["bbm92_per_sifted"], abs=1e-9)
    assert float(tomographic(case["weights"], case["f_ec"])) == pytest.approx(
        case["tomographic_per_sifted"], abs=1e-9
    )


@pytest.mark.parametrize("case", of("e91_device_independent"), ids=lambda case: str(case["fidelity"]))
def test_device_independent(case: dict) -> None:
    s, q, rate = (float(value) for value in e91_device_independent(case["fidelity"]))
    assert (s, q, rate) == pytest.approx((case["S"], case["Q"], case["di_per_sifted"]), abs=1e-9)


@pytest.mark.parametrize("case", of("best_rounds"), ids=lambda case: f"{case['protocol']} {case['fidelity']}")
def test_rounds(case: dict) -> None:
    rows = key_rounds(werner(case["fidelity"]), case["protocol"], case["f_ec"])
    for row, expected in zip(rows[: len(case["table"])], case["table"], strict=True):
        assert row.to_dict() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert best_round(rows).rounds == case["best_rounds"]


@pytest.mark.parametrize("case", of("finite_key_lim2021"), ids=lambda case: f"m={case['m_sifted']:g}")
def test_finite_blocks(case: dict) -> None:
    found = finite_key(case["m_sifted"], case["qber"], float(case["eps"]), case["f_ec"])
    assert found.bits >= case["key_bits"] * (1 - 1e-9)  # the vector is a maximum over the same choices
    assert found.bits == pytest.approx(case["key_bits"], rel=1e-6)
    if "peer_JSS_BBM92_Opt_bits" in case:
        assert found.bits == pytest.approx(case["peer_JSS_BBM92_Opt_bits"], rel=4e-6)
    older = tomamichel2012_bits(case["m_sifted"], case["qber"], float(case["eps"]), case["f_ec"])
    assert older == pytest.approx(case["tomamichel2012_bits"], rel=1e-3)
    assert older <= found.bits


@pytest.mark.parametrize(
    ("rate", "threshold"),
    [
        (lambda f: bbm92(werner(f), 1.0), 0.834958),
        (lambda f: bbm92(werner(f), 1.16), 0.852841),
        (lambda f: tomographic(werner(f), 1.0), 0.810710),
        (lambda f: e91_device_independent(f)[2], 0.892762),
    ],
)
def test_a_key_begins_at_the_published_fidelity(rate, threshold: float) -> None:
    found = brentq(lambda f: (float(rate(f)) > 0.0) - 0.5, 0.6, 0.99, xtol=1e-9)
    assert found == pytest.approx(threshold, abs=1e-6)


@given(
    st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4).filter(lambda w: sum(w) > 0.1), st.floats(1.0, 1.3)
)
def test_knowing_the_state_never_costs_key(raw: list[float], f_ec: float) -> None:
    state = np.array(raw) / sum(raw)
    assert float(tomographic(state, f_ec)) >= float(bbm92(state, f_ec)) - 1e-12


@settings(max_examples=30, deadline=None)
@given(st.integers(100, 10**7), st.floats(0.0, 0.1), st.integers(3, 15))
def test_no_choice_of_a_coarse_grid_beats_the_search(m: int, qber: float, digits: int) -> None:
    eps = 10.0**-digits
    found = finite_key(m, qber, eps)
    choices = itertools.product(
        np.geomspace(0.01, 0.5, 6), np.geomspace(0.003, 0.45 - qber, 8), (0.3, 0.6, 0.9)
    )
    best = max(float(key_bits(m, qber, eps, 1.16, beta, nu, part * nu)) for beta, nu, part in choices)
    assert found.bits >= best - 1e-6 * max(1.0, best)
    assert found.bits <= m * max(0.0, float(bbm92([1 - qber, 0.0, 0.0, qber], 1.16))) + 1e-9


def test_more_pairs_more_key_per_pair() -> None:
    shares = [finite_key(m, 0.03, 1e-9).bits / m for m in (1e4, 1e5, 1e6, 1e8, 1e10, 1e13)]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(float(bbm92([0.97, 0.0, 0.0, 0.03])), rel=0.002)


def test_commands_print_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    def ask(words: str) -> dict:
        assert main(["key", *words.split(), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    assert ask("rate --bell-weights 0.95,0.05,0,0 --f-ec 1.16")["tomographic_per_sifted"] == pytest.approx(
        0.7136030
    )
    werner_pair = ask("rate --fidelity 0.95")
    assert werner_pair["e91_device_independent_per_sifted"] == pytest.approx(0.42608263734727)
    assert {"e_z", "e_x", "bbm92_per_sifted"} <= werner_pair.keys()
    assert ask("rounds --fidelity 0.88 --protocol dejmps")["best_rounds"] == 1
    assert math.floor(ask("finite --sifted 1e4 --qber 0.02 --eps 1e-10 --f-ec 1.16")["key_bits"]) == 2127


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("rate", "a state is needed"),
        ("rate --fidelity 0.9 --bell-weights 1,0,0,0", "only one"),
        ("rate --fidelity 1.2", "fidelity is 1.2"),
        ("rate --bell-weights 1,2", "--bell-weights: '1,2' is not four numbers"),
        ("rate --bell-weights 0.5,0.1,0.1,0.1", "sum to 0.8"),
        ("rate --fidelity 0.9 --f-ec 0.5", "f_ec is 0.5"),
        ("rounds --fidelity 0.2", "fidelity is 0.2"),
        ("finite --sifted 0 --qber 0.02 --eps 1e-9", "sifted pairs is 0"),
        ("finite --sifted 1e4 --qber 0.5 --eps 1e-9", "qber is 0.5"),
        ("finite --sifted 1e4 --qber 0.02 --eps 1", "eps is 1"),
    ],
)
def test_bad_input_is_one_message(words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", *words.split()]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
