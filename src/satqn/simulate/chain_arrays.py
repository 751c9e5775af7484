"""From a chain to the arrays of the kernel: in units of the shortest attempt time, by length of pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.simulate_states import BBPSSW, DEJMPS, swap_noise
from satqn.kernels.simulate_work import ChainArrays
from satqn.simulate.chain import Chain, Restart

FloatArray = NDArray[np.float64]

_SIGNS = np.array([[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]])  # zz, xx, yy of the Bell states
_SNAP = 1e-9
_AT_ONCE = 1e100
"""Rate of decay, per unit of time, that stands for all faster ones: its square is still a number."""


def time_unit(chain: Chain) -> float:
    """Return the unit of time of the kernel, s: the shortest attempt time of the chain."""
    return float(chain.attempt_time.min())


def chain_arrays(chain: Chain, restart: Restart) -> ChainArrays:
    """Return what the kernel needs to know of a chain.

    Parameters
    ----------
    chain
        The chain.
    restart
        ``fresh``: empty memories after every delivery; ``continuous``: on from where it was.
    """
    unit = time_unit(chain)
    low, high = _halves(chain.links) if chain.order == "nested" else _anything(chain.links)
    rounds = chain.by_length(chain.purification.rounds, 0, between=False)
    times = chain.cutoff.times
    times = times * (chain.levels + 1) if len(times) == 1 else times
    cutoff = [np.inf if time is None else time / unit for time in chain.by_length(times, None, between=True)]
    with np.errstate(divide="ignore"):
        per_decay = 1.0 / np.log1p(-chain.success)  # p = 1: 1/-inf, which is the 0 that means so
    memory, swap, purification = chain.memory, chain.swap, chain.purification
    return ChainArrays(
        per_decay=np.where(chain.success == 1.0, 0.0, per_decay),
        attempt=_snapped(chain.attempt_time / unit),
        made=np.ascontiguousarray(chain.state @ _SIGNS.T),
        rounds=np.array(rounds, dtype=np.int64),
        cutoff=_snapped(np.array(cutoff)),
        low=low,
        high=high,
        decay=np.array(
            [
                _rate(memory.dephasing_time, unit),
                _rate(memory.depolarising_time, unit),
                _rate(memory.gaussian_dephasing_time, unit) ** 2,
            ]
        ),
        swap_noise=np.array(swap_noise(float(swap.gate_noise), float(swap.readout_error))),
        swap_success=float(swap.success),
        gate_noise=float(purification.gate_noise),
        readout_error=float(purification.readout_error),
        protocol=DEJMPS if purification.protocol == "dejmps" else BBPSSW,
        memories=int(chain.memories),
        bound=chain.sharing == "bound",
        fresh=restart == "fresh",
        age_of_oldest=chain.cutoff.age == "oldest",
        clears=chain.cutoff.discards == "siblings",
    )


def _rate(time: float | None, unit: float) -> float:
    return 0.0 if time is None else min(unit / max(time, unit / _AT_ONCE), _AT_ONCE)


def _snapped(times: FloatArray) -> FloatArray:
    """Return times with those that are whole but for rounding made whole: then ages compare exactly."""
    whole = np.round(times)
    near = np.isfinite(times) & (np.abs(times - np.where(np.isfinite(whole), whole, 0.0)) <= _SNAP * times)
    return np.where(near, whole, times)


def _anything(links: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.full(links + 1, -1, dtype=np.int64), np.full(links + 1, -1, dtype=np.int64)


def _halves(links: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, by node, the ends of the pair that a swap there makes; the left half is the longer one."""
    low, high = _anything(links)
    spans = [(0, links)]
    while spans:
        start, end = spans.pop()
        if end - start > 1:
            node = (start + end + 1) // 2
            low[node], high[node] = start, end
            spans += [(start, node), (node, end)]
    return low, high
