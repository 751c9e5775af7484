"""A short run of the fuzzer: ``python -m tests.adversarial.fuzzer --count 1000`` is the long one."""

from __future__ import annotations

import json
import random

import pytest
from tests.adversarial import fuzzer, seeds
from tests.adversarial.mutations import mutant

COUNTS = {
    "scenario": 40, "instance": 40, "numbers": 20, "plan": 30, "chain": 15, "elements": 40, "topology": 40, "table": 40,
    "option": 30,
}  # fmt: skip


@pytest.mark.parametrize("kind", COUNTS)
def test_mutants_are_read_or_refused(kind: str) -> None:
    found = fuzzer.run({kind: COUNTS[kind]}, seed=20_261_129)
    assert not found.broken, fuzzer.report(found) + "\n" + "\n".join(what for _, what, _ in found.broken)
    # Mutants that are all refused, or all taken, would test nothing.
    statuses = {status for (_, status), _ in found.codes.items()}
    assert 2 in statuses
    assert len(statuses) > 1 or kind in ("chain", "option")


def test_a_rule_that_is_broken_is_seen() -> None:
    assert "Traceback" in fuzzer.fault_of(1, "", "Traceback (most recent call last)", "")
    assert "exit status 7" in fuzzer.fault_of(7, "", "", "")
    assert "characters" in fuzzer.fault_of(2, "", "x" * 100_000, "")
    assert "control" in fuzzer.fault_of(2, "", "\x1b[31m", "")
    assert fuzzer.fault_of(2, "", "error: no", "") == ""


def test_the_same_seed_makes_the_same_mutants() -> None:
    content = json.dumps(seeds.scenario()).encode()
    made = [[mutant(content, random.Random(n)) for n in range(50)] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made[0])) > 40
