"""The examples in the docstrings of lines, links and orbits run and are right."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = [
    "satqn.earth",
    "satqn.links",
    "satqn.orbits.catalogue",
    "satqn.orbits.constellation",
    "satqn.orbits.frames",
    "satqn.physics.aperture",
    "satqn.physics.atmosphere",
    "satqn.physics.background",
    "satqn.physics.generation",
    "satqn.physics.line_budget",
    "satqn.physics.optics",
    "satqn.physics.turbulence",
    "satqn.sightline",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
