"""The smallest scenario that is planned: two places, one fibre, two slots."""

from __future__ import annotations

SMALL = """
format: satqn-scenario
schema_version: 2
study: plan
name: small
time: {start: 2026-01-01T00:00:00Z, horizon_s: 120, slot_s: 60}
ground:
  nodes:
    - {id: left, lat_deg: 50.0, lon_deg: 8.0}
    - {id: right, lat_deg: 50.1, lon_deg: 8.0}
fibre:
  links:
    - {ends: [left, right], length_km: 20}
demands:
  - {source: left, destination: right}
target_fidelity: 0.9
"""
