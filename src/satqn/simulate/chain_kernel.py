"""A chain that runs: the faster kernel where it is enough, the general one otherwise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.kernels import simulate_work as columns
from satqn.kernels.simulate_chain import advance
from satqn.kernels.simulate_memory import restart_all
from satqn.kernels.simulate_single import advance_single, begin_single
from satqn.simulate.chain import Chain, Restart
from satqn.simulate.chain_arrays import chain_arrays, time_unit
from satqn.simulate.chain_counts import ChainCounts


def is_single(chain: Chain) -> bool:
    """Return whether the kernel for one memory and no purification can run a chain."""
    return chain.memories == 1 and not any(chain.purification.rounds) and chain.cutoff.discards == "pair"


class RunningChain:
    """A chain between two events.

    Parameters
    ----------
    chain, restart
        As in :func:`satqn.simulate.monte_carlo.simulate_chain`.
    words
        State of the random numbers, shape (4,).
    general
        Use the general kernel even where the faster one would do.
    """

    def __init__(
        self, chain: Chain, restart: Restart, words: NDArray[np.uint64], *, general: bool = False
    ) -> None:
        self.unit, self.restart = time_unit(chain), restart
        self.arrays = chain_arrays(chain, restart)
        self.work = columns.empty_work(
            chain.links, int(chain.memories), words, random_order=chain.simultaneous == "random"
        )
        self.single = is_single(chain) and not general
        begin = begin_single if self.single else restart_all
        begin(self.arrays, self.work)

    def advance(self, deliveries: int, events: int) -> int:
        """Go on until so many deliveries are counted, for so many events at most; see the kernels."""
        move = advance_single if self.single else advance
        return int(move(self.arrays, self.work, deliveries, events))

    def progress(self) -> tuple[int, int]:
        """Return the deliveries and events that have been counted so far."""
        return int(self.work.tally[columns.DELIVERED]), int(self.work.tally[columns.EVENTS])

    def begin_counting(self) -> None:
        """Forget what was counted; pairs in memory count as made now."""
        work = self.work
        for counted in (work.tally, work.sums, work.times, work.fidelities):
            counted[:] = 0
        work.batches[:] = 0.0
        work.tally[columns.MADE] = self._held()

    def _held(self) -> int:
        spot = self.work.spot
        if self.single:
            ends = spot[:, columns.END]
            return int(np.sum((ends - np.arange(ends.size))[ends > 0]))
        return int(spot[self.work.state == columns.HOLDING, columns.WEIGHT].sum())

    def counts(self) -> ChainCounts:
        """Return what has been counted so far; pairs in memory are left over."""
        work = self.work
        tally = work.tally.copy()
        tally[columns.LEFT_OVER] += self._held()
        return ChainCounts(
            self.unit, self.restart, tally, work.sums.copy(), work.times.copy(), work.fidelities.copy()
        )
