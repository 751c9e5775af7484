"""Ageing: the law by its properties, and plans against an enumeration that shares nothing with satqn."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.ageing import AgeingOracle, aged, random_document

from satqn.physics.ageing import aged_fidelity, memory_rates, waiting_time
from satqn.routing.instance_file import instance_from_document
from satqn.routing.instance_writer import instance_document
from satqn.routing.solve import Settings, solve

MODELS = ("depolarising", "dephasing", "t1_t2")
models = st.sampled_from(MODELS)
times = st.floats(1.0, 1e4)
fidelities = st.floats(0.26, 1.0)


def fidelity_after(
    model: Any, fresh: float, t2: tuple[float, float], t1: float, age: int, counts: Any
) -> float:
    z, xy = memory_rates(model, np.array(t2), np.full(2, t1))
    wait = waiting_time(age, 60.0, counts)
    return float(aged_fidelity(fresh, wait * z.sum(), wait * xy.sum()))


@given(models, fidelities, times, times, times, st.integers(1, 50), st.sampled_from(["mean", "latest"]))
def test_the_law_is_a_pauli_channel_on_either_qubit(
    model: str, fresh: float, here: float, there: float, t1: float, age: int, counts: str
) -> None:
    """Against the density matrix: one channel per memory, whatever the times of the two are."""
    here, there = min(here, 2 * t1), min(there, 2 * t1)
    block: dict[str, Any] = {
        "model": model,
        "memory_coherence_s": {"h": here, "s": there},
        "age_counts": counts,
    }
    if model == "t1_t2":
        block["memory_relaxation_s"] = t1
    found = fidelity_after(model, fresh, (here, there), t1, age, counts)
    assert found == pytest.approx(aged(fresh, block, ("h", "s"), age, 60.0), abs=1e-12)


@given(models, fidelities, times, st.integers(1, 50))
def test_waiting_never_helps(model: str, fresh: float, time: float, age: int) -> None:
    younger = fidelity_after(model, fresh, (time, time), time, age, "mean")
    older = fidelity_after(model, fresh, (time, time), time, age + 1, "mean")
    latest = fidelity_after(model, fresh, (time, time), time, age, "latest")
    assert older <= younger + 1e-12
    assert younger <= fresh + 1e-12
    assert latest == pytest.approx(older, abs=1e-12)
    assert older >= 0.25 - 1e-12


@given(fidelities, times, st.integers(1, 50))
def test_formulas_of_the_specification(fresh: float, time: float, age: int) -> None:
    w, t = (4 * fresh - 1) / 3, 60.0 * age
    for model, value in (
        ("depolarising", 0.25 + 0.75 * w * math.exp(-t / time)),
        ("dephasing", (1 + w * (1 + 2 * math.exp(-2 * t / time))) / 4),
        ("t1_t2", (1 + w * (math.exp(-2 * t / (3 * time)) + 2 * math.exp(-2 * t / time))) / 4),
    ):
        assert fidelity_after(model, fresh, (time, time), 3 * time, age, "mean") == pytest.approx(
            value, abs=1e-12
        )


def worth(document: dict[str, Any], form: str | None) -> float:
    settings = Settings(gap=0.0, ageing=form, warm_start=False)
    return solve(instance_from_document(document), settings).made_plan().objective_pairs


def unaged(document: dict[str, Any]) -> dict[str, Any]:
    """The same without ageing; where there is initial stock, with memories that never forget.

    Without ageing initial stock cannot be thrown away, with it it can: that alone may be worth something.
    """
    if "initial_stock" not in document:
        return {name: value for name, value in document.items() if name != "ageing"}
    return document | {"ageing": {"model": "dephasing", "memory_coherence_s": 1e30}}


def against_enumeration(seed: int) -> bool:
    """Hold plans against an enumeration; False where there are too many choices to try."""
    document = random_document(seed)
    found = AgeingOracle(document).optimum(500)
    if found is None:
        return False
    optimum = found[0]
    near = 1e-6 * max(1.0, optimum)
    cohorts = worth(document, "cohorts")
    assert cohorts == pytest.approx(optimum, rel=1e-6, abs=1e-6)
    every = ",".join(str(age) for age in range(1, document["slots"] + 1))
    assert worth(document, f"copies {every}") == pytest.approx(optimum, rel=1e-6, abs=1e-6)
    copies = worth(document, "copies 1,2")
    single = max(worth(document, "cutoff 1"), worth(document, "cutoff 2"))
    without = worth(unaged(document), None)
    assert single <= copies + near
    assert copies <= cohorts + near
    assert cohorts <= without + near
    return True


@pytest.mark.parametrize("seed", range(25))
def test_plans_equal_an_enumeration(seed: int) -> None:
    """And V(cut-off) <= V(copies) <= V(cohorts) <= V(no ageing)."""
    assert against_enumeration(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(8))
def test_two_hundred_plans_equal_an_enumeration(block: int) -> None:
    done, seed = 0, 1000 * (block + 1)
    while done < 25:
        done += against_enumeration(seed)
        seed += 1


@pytest.mark.parametrize("seed", range(10))
def test_endless_memories_age_nothing(seed: int) -> None:
    document = random_document(seed)
    document.pop("initial_stock", None)
    fresh = {name: value for name, value in document.items() if name != "ageing"}
    document["ageing"] = {"model": "dephasing", "memory_coherence_s": 1e30, "age_counts": "latest"}
    optimum = worth(fresh, None)
    assert worth(document, "cohorts") == pytest.approx(optimum, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_splittable_pairs_and_two_stores(seed: int) -> None:
    """Ages of two virtual links add up; every plan passes the checker, which solve asks."""
    document = random_document(seed)
    document["options"] |= {"splittable": bool(seed % 2), "max_virtual_links": 2}
    document["nodes"][0]["storage_pairs"] = 20.0
    for value in ("memory_coherence_s", "memory_relaxation_s"):
        if isinstance(document["ageing"].get(value), dict):
            document["ageing"][value]["a"] = 600.0
    without = worth(unaged(document), None)
    cohorts, copies = worth(document, "cohorts"), worth(document, "copies 1,2")
    near = 1e-6 * max(1.0, without)
    assert copies <= cohorts + near
    assert cohorts <= without + near
    every = ",".join(str(age) for age in range(1, document["slots"] + 1))
    assert worth(document, f"copies {every}") == pytest.approx(cohorts, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(6))
def test_stock_with_a_worth_at_the_end(seed: int) -> None:
    document = random_document(seed)
    document["options"] |= {"stock_end_value": 0.5}
    without = worth(unaged(document), None)
    cohorts = worth(document, "cohorts")
    assert worth(document, "copies 1,2") <= cohorts + 1e-6 * max(1.0, cohorts)
    assert cohorts <= without + 1e-6 * max(1.0, without)


@pytest.mark.parametrize("seed", range(5))
def test_instances_are_written_as_they_are_read(seed: int) -> None:
    instance = instance_from_document(random_document(seed))
    again = instance_from_document(instance_document(instance))
    assert again.ageing is not None
    assert instance.ageing is not None
    assert again.ageing.model == instance.ageing.model
    assert again.ageing.age_counts == instance.ageing.age_counts
    assert np.array_equal(again.ageing.coherence_s, instance.ageing.coherence_s)
    assert np.array_equal(again.ageing.relaxation_s, instance.ageing.relaxation_s)
