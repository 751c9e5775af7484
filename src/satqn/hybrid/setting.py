"""Hardware and options turned into what the kernels need: rules of a chain, copies tables, policy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.kernels.copies import AGED, PERFECT, RESTARTED, Memory, Tables
from satqn.kernels.path import DIRECT_ALWAYS, DIRECT_SINGLE_LINK, Policy
from satqn.kernels.placement import ChainRules
from satqn.kernels.placement_optimal import NO_LIMIT
from satqn.model.hardware import FibreHardware
from satqn.model.options import ProtocolOptions
from satqn.model.system import HybridSystem
from satqn.physics.bell import elementary_fidelity
from satqn.physics.checks import fibre_hardware, in_range, made_fidelity
from satqn.physics.purification import Protocol, copies_table
from satqn.physics.waiting import waiting_factor

FloatArray = NDArray[np.float64]

PUBLISHED_COPIES = 1300
"""Most copies of the published tables. Source: spec of the hybrid network, section 2.4."""
COPIES = 16384
"""Most copies of our tables; above, the last value holds: a lower bound, wrong by at most 1 - Fbar(16384)
(BBPSSW from 0.970596: 1.3e-4; DEJMPS: a rounding error)."""
STORED_COPIES = 1300
"""The same where memories are finite and the tables have one row per storage factor (BBPSSW: 5.7e-4)."""
STORAGE_ROWS = 65
"""Rows of those tables; interpolation between them is wrong by less than 7e-5 while storage leaves more than
half of 2F - 1, and by less than 7e-3 always."""
PUBLISHED_RATE_CAP = 29
"""Largest N of the published rate curves, whose merging starts at 60 arms (25 in fidelity curves)."""
UNCAPPED = 1 << 30
"""More segments than any path holds."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the kernels need beside paths: rules and tables for fidelities and for rates, policy, memory."""

    rules: ChainRules
    rate_rules: ChainRules
    tables: Tables
    rate_tables: Tables
    policy: Policy
    memory: Memory
    waiting: str

    def factors(self, nodes: int) -> FloatArray:
        """Return the waiting factor by number of segments, for paths of up to ``nodes`` nodes.

        For the exact waiting factor: H_N, from which its search starts.
        """
        counts = np.arange(1, nodes // 2 + 2)
        kind: Any = "power" if self.waiting == "power" else "harmonic"
        return np.concatenate([[1.0], waiting_factor(kind, counts)])


def chain_setting(
    fibre: FibreHardware,
    options: ProtocolOptions,
    *,
    target_fidelity: float = 0.87,
    memory_time: float | None = None,
    satellite_fidelity: float = 1.0,
) -> Setting:
    """Return the setting of a fibre network.

    Parameters
    ----------
    fibre
        Hardware.
    options
        One value per open choice.
    target_fidelity
        In (0.5, 1).
    memory_time
        Dephasing time of a stored qubit, s, > 0; None for perfect memories.
    satellite_fidelity
        Of a delivered satellite pair, in (0.25, 1].

    Raises
    ------
    InputError
        Names the value that is out of range.

    Notes
    -----
    Source: shao2025, eqs. 1-4; spec of the hybrid network, sections 2 to 4.
    """
    fibre_hardware(fibre)
    target = float(in_range("target fidelity", target_fidelity, 0.5, 1.0, above=True))
    if target == 1.0:
        raise InputError("target fidelity is 1", why="No noisy pair reaches it", fix="Take one in (0.5, 1)")
    made_fidelity("satellite fidelity", satellite_fidelity)
    if memory_time is not None:
        in_range("memory time", memory_time, 0.0, above=True, unit="s")
    rules = _rules(fibre, options)
    cap = options.max_photon_repeaters
    rate_cap = UNCAPPED if cap is None else max(cap, PUBLISHED_RATE_CAP)
    segment = float(elementary_fidelity(fibre.ion_photon_fidelity, fibre.photonic_bsm_fidelity))
    shortcut = options.copies_above_table == "shortcut"
    stored = memory_time is not None
    most = PUBLISHED_COPIES if shortcut else STORED_COPIES if stored else COPIES
    copies = [
        _table(f1, most, options.purification, STORAGE_ROWS if stored else 1)
        for f1 in (segment, fibre.ion_photon_fidelity, satellite_fidelity)
    ]
    perfect_above = [np.hstack([table, np.ones((len(table), 1))]) for table in copies]

    return Setting(
        rules=rules,
        rate_rules=rules._replace(most=rate_cap),
        tables=Tables(*(perfect_above if shortcut else copies)),
        rate_tables=Tables(*copies),
        policy=Policy(
            optimal=options.placement == "optimal",
            target=target,
            floor=options.shortest_time_s or 0.0,
            skip_above=PUBLISHED_COPIES if shortcut else NO_LIMIT,
            leg_direct=DIRECT_SINGLE_LINK if options.leg_direct_mode == "single_link" else DIRECT_ALWAYS,
            both_legs=options.hybrid_rate == "both_legs",
        ),
        memory=_memory(options, memory_time),
        waiting=options.waiting_factor,
    )


def system_setting(system: HybridSystem) -> Setting:
    """Return the setting of a hybrid system."""
    return chain_setting(
        system.fibre,
        system.options,
        target_fidelity=system.target_fidelity,
        memory_time=system.memory_time,
        satellite_fidelity=system.satellite.fidelity,
    )


def _rules(fibre: FibreHardware, options: ProtocolOptions) -> ChainRules:
    trips = 1.0 if options.arm_latency == "one_way" else 2.0
    return ChainRules(
        loss_per_m=fibre.attenuation_per_m * float(np.log(10.0)),
        latency_per_m=trips / fibre.light_speed,
        emission_time=fibre.emission_time,
        attempts=2.0 / fibre.detector_efficiency**2,
        ion_pairs=float(fibre.ion_pairs),
        direct_latency_per_m=2.0 / fibre.light_speed,
        direct_attempts=1.0 / fibre.detector_efficiency,
        swap=(4.0 * fibre.ion_swap_fidelity - 1.0) / 3.0,
        werner=options.purification == "bbpssw" and options.purified_state == "werner",
        longer_arm=options.segment_losses == "longer_arm",
        exact_waiting=options.waiting_factor == "exact",
        most=UNCAPPED if options.max_photon_repeaters is None else options.max_photon_repeaters,
    )


def _memory(options: ProtocolOptions, memory_time: float | None) -> Memory:
    if memory_time is None:
        return Memory(PERFECT, 1.0)
    return Memory(AGED if options.decoherence == "aged" else RESTARTED, memory_time)


@lru_cache(maxsize=32)
def _table(f1: float, most: int, protocol: Protocol, rows: int) -> FloatArray:
    """Return the fidelity of up to ``most`` copies, one row per storage factor up to 1."""
    storage = np.linspace(0.0, 1.0, rows) if rows > 1 else np.ones(1)
    table = np.array([copies_table(0.5 + (f1 - 0.5) * float(u), most, protocol) for u in storage])
    return np.asarray(np.minimum(table, 1.0))
