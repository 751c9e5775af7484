"""Tiny networks for the tests of comparisons, sweeps and differences."""

from __future__ import annotations

from pathlib import Path

TINY = """\
format: satqn-scenario
schema_version: 2
study: plan
name: tiny
seed: 1
time: {start: 2026-06-21T03:00:00Z, horizon_s: 2400, slot_s: 600}
ground:
  terminal: ground-60cm
  nodes:
    - {id: Paris, lat_deg: 48.85, lon_deg: 2.35}
    - {id: Lyon, lat_deg: 45.76, lon_deg: 4.84}
satellites:
  - id: MEO
    walker: {satellites: 1, planes: 1, altitude_km: 10000, inclination_deg: 56, first_raan_deg: 270}
    terminal: satellite-30cm
    terminals: 2
    storage_pairs: 2000
fibre: {links: []}
demands:
  - {id: k, source: Paris, destination: Lyon}
target_fidelity: 0.8
paths: {real: 4, virtual: 4, max_hops: 4}
"""


def tiny_scenario(folder: Path) -> Path:
    """Write a scenario of one city pair, one satellite and four slots, and return its file."""
    path = folder / "tiny.yaml"
    path.write_text(TINY, encoding="utf-8")
    return path
