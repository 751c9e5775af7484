"""Work that takes too much is refused before it begins, told when it is large, and done when forced."""

from __future__ import annotations

import warnings

import pytest

from satqn.errors import InputError, SatqnWarning
from satqn.limits import GIBIBYTE, ask, lifted, without_limits


def test_what_is_small_is_done_in_silence() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ask("a little", memory=GIBIBYTE, seconds=59.0)


def test_what_is_large_is_told() -> None:
    with pytest.warns(SatqnWarning, match=r"much will take about 2 min and 4 GiB of memory"):
        ask("much", memory=4 * GIBIBYTE, seconds=120.0)


@pytest.mark.parametrize(("memory", "seconds"), [(1e12, 0.0), (0.0, 4e3), (float("inf"), 0.0)])
def test_what_is_too_much_is_refused_unless_forced(memory: float, seconds: float) -> None:
    with pytest.raises(InputError, match=r"--force") as caught:
        ask("all", memory=memory, seconds=seconds, where="f.yaml: slots", fix="Take fewer slots")
    assert str(caught.value).startswith("f.yaml: slots: all would take about")
    with without_limits(), pytest.warns(SatqnWarning):
        ask("all", memory=memory, seconds=seconds)


def test_limits_come_back() -> None:
    with without_limits():
        with without_limits(False):
            assert lifted()
        assert lifted()
    assert not lifted()
