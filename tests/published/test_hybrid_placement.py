"""The placement vector of the specification, section 6, through the public functions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from satqn.hybrid.placement import place_at_time
from satqn.hybrid.setting import Setting, chain_setting
from satqn.kernels.copies import Tables
from satqn.model.hardware import FibreHardware
from satqn.model.options import PUBLISHED

ARMS_KM = [3.0 + ((37 * i) % 23) / 2.0 for i in range(40)]
POSITIONS = 1000.0 * np.concatenate([[0.0], np.cumsum(ARMS_KM)])
TIME = 0.35
MOST_COPIES = 20


def capped(placement: str) -> Setting:
    options = replace(PUBLISHED, placement=placement, copies_above_table="exact")
    setting = chain_setting(FibreHardware(), options)
    columns = slice(None, MOST_COPIES + 1)
    return replace(setting, tables=Tables(*(table[:, columns] for table in setting.tables)))


def test_the_path_is_336_km_long():
    assert sum(ARMS_KM) == 336.0


@pytest.mark.parametrize(
    ("placement", "fidelity", "segments"), [("greedy", 0.8769881481, 5), ("optimal", 0.8911361536, 4)]
)
def test_fidelity_at_0_35_s(placement, fidelity, segments):
    found = place_at_time(POSITIONS, TIME, capped(placement))
    assert found is not None
    assert found.fidelity == pytest.approx(fidelity, abs=5e-11)
    assert found.photon_repeaters == segments == len(found.segments)


def test_the_roles_alternate_between_the_ends():
    found = place_at_time(POSITIONS, TIME, capped("optimal"))
    assert found is not None
    names = list(found.roles().values())
    assert names == ["end", *(["photon repeater", "ion repeater"] * 3), "photon repeater", "end"]
    assert list(found.roles()) == sorted(found.roles())


def test_a_segment_of_arms_20_and_15_km():
    """Segment time /10: one way longer arm, round trip longer arm, round trip true arms."""
    positions = [0.0, 20_000.0, 35_000.0]
    for latency, losses, expected in (
        ("one_way", "longer_arm", 0.006136547497),
        ("round_trip", "longer_arm", 0.008368019314),
        ("round_trip", "true_arms", 0.006856818817),
    ):
        options = replace(PUBLISHED, placement="optimal", arm_latency=latency, segment_losses=losses)
        found = place_at_time(positions, 1.5 * expected, chain_setting(FibreHardware(), options), direct=0)
        assert found is not None
        assert found.segments[0].time == pytest.approx(expected, abs=5e-13)
