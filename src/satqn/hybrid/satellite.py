"""Pairs per second of the satellite between two nodes, each by its own downlink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.model.results import MaskedFloats
from satqn.model.system import HybridSystem
from satqn.orbits.geometry import cos_zenith, ground_angle, slant_range
from satqn.physics.freespace import downlink, pair_rate

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def downlinks(system: HybridSystem, nodes: IntArray) -> MaskedFloats:
    """Return the transmittance from the satellite to nodes; masked where it is not above the horizon.

    *Source*: shao2025, eqs. 5-8.
    """
    table, satellite = system.network.nodes, system.satellite
    angle = ground_angle(
        table.lat_deg[nodes], table.lon_deg[nodes], system.subpoint_lat_deg, system.subpoint_lon_deg
    )
    height = cos_zenith(angle, satellite.altitude)
    seen = height > 0.0
    transmittance: MaskedFloats = np.ma.masked_all(len(nodes))
    transmittance[seen] = downlink(
        slant_range(angle[seen], satellite.altitude), height[seen], satellite, system.options.diffraction
    )
    return transmittance


def satellite_rates(system: HybridSystem, a: IntArray, b: IntArray) -> MaskedFloats:
    """Return the pairs per second of the satellite between nodes ``a`` and ``b``; masked without a view.

    *Source*: shao2025, eq. 9.
    """
    both = downlinks(system, np.concatenate([a, b]))
    left, right = both[: len(a)], both[len(a) :]
    rate = np.zeros(len(a))
    seen = ~(np.ma.getmaskarray(left) | np.ma.getmaskarray(right))
    rate[seen] = pair_rate(left[seen].data, right[seen].data, system.satellite)
    return np.ma.masked_less_equal(rate, 0.0)
