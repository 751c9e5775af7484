"""Pytest plugin: a MIP is the first thing that HiGHS solves in the process, as in a program of a user.

``pytest -p tests.processors.mip_first``; .ci/run does so in processes that believe in 4 and in 16 processors.
"""

from __future__ import annotations

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Solve a small MIP by the exact method before any test is collected."""
    from satqn.routing.generate import case_study
    from satqn.routing.solve import Settings, solve

    believed = os.environ.get("BELIEVED_PROCESSORS")
    if believed is not None and os.cpu_count() != int(believed):
        raise pytest.UsageError(f"this process sees {os.cpu_count()} processors, not {believed}")
    found = solve(case_study(seed=0, slots=2), Settings(method="exact"))
    if found.status != "optimal":
        raise pytest.UsageError(f"HiGHS ends the first MIP as {found.status}")
