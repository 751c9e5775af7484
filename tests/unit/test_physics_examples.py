"""The examples in the docstrings of the physics run and are right."""

from __future__ import annotations

import doctest
import importlib

import pytest

MODULES = [
    "satqn.orbits.geometry",
    "satqn.physics.bell",
    "satqn.physics.fiber",
    "satqn.physics.freespace",
    "satqn.physics.purification",
    "satqn.physics.waiting",
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
