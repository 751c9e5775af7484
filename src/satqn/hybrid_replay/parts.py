"""Placements of the hybrid protocol as parts that can be replayed, and what the model makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from satqn.hybrid.placement import Placement
from satqn.hybrid.setting import Setting
from satqn.kernels.copies import satellite_factor, stored_fidelity
from satqn.kernels.placement import ChainRules
from satqn.kernels.protocol import joined
from satqn.model.system import HybridSystem
from satqn.physics.bell import elementary_fidelity
from satqn.simulate.hybrid import MOST_COPIES, FibrePart, SatellitePart, WayPlan

FloatArray = NDArray[np.float64]
Attempts = Literal["preset", "heralded"]


class Builder:
    """Turns placements into parts."""

    def __init__(self, system: HybridSystem, setting: Setting, attempts: Attempts) -> None:
        self.system, self.setting = system, setting
        rules = setting.rules
        if attempts == "heralded":
            rules = rules._replace(latency_per_m=2.0 / system.fibre.light_speed, longer_arm=False)
        self.rules: ChainRules = rules

    def parts(self, x: FloatArray, placed: Placement) -> list[FibrePart | SatellitePart]:
        """Return the segments of a placement on a path of positions ``x``, or its direct link."""
        rules, fibre = self.rules, self.system.fibre
        segment_fidelity = float(elementary_fidelity(fibre.ion_photon_fidelity, fibre.photonic_bsm_fidelity))
        made: list[FibrePart | SatellitePart] = []
        for segment in placed.segments:
            copies = min(segment.copies, MOST_COPIES)
            if segment.photon_repeater is None:
                length = float(x[segment.end] - x[segment.start])
                attempt = rules.direct_latency_per_m * length + rules.emission_time
                success = float(np.exp(-rules.loss_per_m * length)) / rules.direct_attempts
                fidelity = fibre.ion_photon_fidelity
            else:
                middle = x[segment.photon_repeater]
                arms = float(middle - x[segment.start]), float(x[segment.end] - middle)
                attempt = rules.latency_per_m * max(arms) + rules.emission_time
                loss = 2.0 * max(arms) if rules.longer_arm else sum(arms)
                success = float(np.exp(-rules.loss_per_m * loss)) / rules.attempts
                fidelity = segment_fidelity
            made.append(FibrePart(attempt, success, fibre.ion_pairs, fidelity, copies))
        return made

    def joined(
        self,
        legs: Sequence[Placement | None],
        satellite: SatellitePart | None,
        time: float,
        swaps: int,
    ) -> float:
        """Return what the model says of legs (None: of length 0) and a satellite joined by so many swaps."""
        fidelities = [1.0 if leg is None else leg.fidelity for leg in legs]
        if satellite is not None:
            fidelities.append(self._satellite(satellite, time))
        return float(joined(np.array(fidelities), swaps, self.setting.rules))

    def one_chain(
        self,
        legs: Sequence[Placement | None],
        satellite: SatellitePart | None,
        time: float,
        swaps: int,
    ) -> float:
        """Return the same with the segments of the legs in one chain, so that swap noise stays what it is."""
        fidelities = [segment.fidelity for leg in legs if leg for segment in leg.segments]
        if satellite is not None:
            fidelities.append(self._satellite(satellite, time))
        return float(joined(np.array(fidelities), swaps, self.setting.rules))

    def _satellite(self, satellite: SatellitePart, time: float) -> float:
        factor = satellite_factor(time, satellite.copies, self.setting.memory)
        table = self.setting.rate_tables.satellite
        return float(stored_fidelity(table, satellite.copies, factor))

    def plan(
        self, parts: list[FibrePart | SatellitePart], time: float, fidelity: float, swaps: int
    ) -> WayPlan:
        """Return the plan of a way."""
        return WayPlan(
            parts=tuple(parts),
            time=time,
            fidelity=fidelity,
            swaps=swaps,
            swap=self.rules.swap,
            protocol=self.system.options.purification,
            memory_time=self.system.memory_time,
        )
