"""No forged plan is accepted, and no sound one rejected: a short run; the long one is a command."""

from __future__ import annotations

from tests.adversarial.forger import FORGERIES, forge


def test_no_forged_plan_is_accepted() -> None:
    verdicts, faults = forge(1000, seed=5)
    assert [what for what, _, _ in faults] == []
    # The forger would prove nothing if all its plans were of one sort.
    assert verdicts["rejected"] > 300
    assert verdicts["accepted and sound"] > 100
    assert len(FORGERIES) >= 18
