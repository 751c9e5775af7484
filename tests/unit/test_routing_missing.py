"""Demands that get nothing say why and what would help; prices are called prices, gains are planned again."""

from __future__ import annotations

from typing import Any

import pytest
from tests.oracles.routing_instances import document

from satqn.reports.plan_words import ended_early, more_together, one_more_brings
from satqn.routing.explain import explain
from satqn.routing.gains import gains, one_more
from satqn.routing.instance_file import instance_from_document
from satqn.routing.solve import Settings, solve


def missing(fields: dict[str, Any], **settings: Any) -> dict[str, tuple[str, str]]:
    solution = solve(instance_from_document(fields), Settings(**settings))
    assert solution.plan is not None
    assert [one["demand"] for one in solution.summary()["demands_with_nothing"]] == [
        one.demand for one in solution.missing
    ]
    for one in solution.missing:
        assert "\n" not in str(one)
        assert one.remedy
    return {one.demand: (one.why, one.remedy) for one in solution.missing}


def test_who_is_served_is_not_listed() -> None:
    assert missing(document([("a", "b", 10)], [("a", "b")])) == {}


def test_every_reason_is_told_apart() -> None:
    fields = document(
        [("a", "b", 10), ("c", "d", 10), ("e", "f", [5, 0]), ("f", "g", [0, 5]), ("h", "i", 10, 0.4),
         ("j", "k", 10, 0.8), ("a", "l", 0.0), ("m", "n", 10)],
        [("a", "b"), ("a", "c"), ("e", "g"), ("h", "i"), ("j", "k"), ("l", "b"), ("m", "n", 0.0)],
        slots=2, options={"purification": "none"},
    )  # fmt: skip
    found = missing(fields)
    assert set(found) == {"k2", "k3", "k4", "k5", "k6", "k7"}
    assert "no links join a and c" in found["k2"][0]
    assert "up as a whole" in found["k3"][0]
    assert "0.4" in found["k4"][0]
    assert found["k4"][1].startswith("Lower its target_fidelity")
    assert "0.8" in found["k5"][0]
    assert "nothing is purified" in found["k5"][0]
    assert "no link of l is ever up" in found["k6"][0]
    assert "weight is 0" in found["k7"][0]


def test_others_are_worth_more() -> None:
    fields = document([("a", "b", 10), ("b", "c", 10)], [("a", "c", 5.0), ("b", "c", 1.0)])
    ((demand, (why, remedy)),) = missing(fields).items()
    assert demand == "k2"
    assert "worth more" in why
    assert "minimum rate" in remedy
    # The remedy helps.
    fields["demands"][1]["minimum_rate"] = 1.0
    assert missing(fields) == {}


def test_a_cap_of_hops_is_named() -> None:
    fields = document([("a", "m", 10), ("m", "n", 10), ("n", "b", 10)], [("a", "b")])
    fields["paths"] = {"mode": "all_simple", "max_hops": 2}
    assert "max_hops" in missing(fields)["k1"][1]


@pytest.mark.parametrize("method", ["exact", "benders"])
def test_gains_lie_between_what_is_found_and_the_bound(method: Any) -> None:
    fields = document(
        [("s1", "u", 10), ("u", "v", 10), ("v", "d1", 10), ("s1", "x", 9), ("x", "d1", 9), ("s2", "u", 10),
         ("v", "d2", 10), ("s2", "w", 2), ("w", "d2", 2)],
        [("s1", "d1"), ("s2", "d2")],
    )  # fmt: skip
    instance = instance_from_document(fields)
    solution = solve(instance, Settings(method=method, gap=0.0))
    assert solution.plan is not None
    assert solution.primal is not None
    found = gains(solution, explain(solution.problem, solution.primal).prices, most=5)
    assert found
    for gain in found:
        more = solve(one_more(instance, gain.what, gain.name, gain.slots), Settings(gap=0.0)).plan
        assert more is not None
        true = more.objective_pairs - solution.plan.objective_pairs
        assert gain.paths_kept - 1e-6 <= gain.found <= true + 1e-6
        assert gain.at_most is not None
        assert true <= gain.at_most + 1e-6
        assert "brings" in one_more_brings(gain.to_dict())


def test_sentences_of_corner_cases() -> None:
    whole = {"name": "all together", "delivered_pairs": 5.0}
    alone = [{"name": "fibre only", "delivered_pairs": 0.0}, whole]
    assert more_together(alone, "the best segment alone").endswith("no segment alone delivers any.")
    assert more_together(alone).endswith("no other architecture delivers any.")
    assert ended_early("optimal") is None
    assert "Time ended" in str(ended_early("time_limit"))
