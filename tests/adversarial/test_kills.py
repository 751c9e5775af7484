"""No strike leaves anything half-written, and every run that follows one is whole: a short run of the killer."""

from __future__ import annotations

import sys

import pytest
from tests.adversarial.killer import CASES, SIGNALS, kill


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and SIGTERM to strike with")
def test_no_strike_leaves_anything_half_written() -> None:
    verdicts, faults = kill(len(CASES) * len(SIGNALS), seed=3, by_call=True)
    assert faults == []
    assert verdicts["struck"] >= 4  # strikes that come too late would prove nothing
