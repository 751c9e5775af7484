"""Blocks of runs: each is drawn from its own child of the seed, so that who computes it does not matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.replay import replay_runs
from satqn.kernels.replay_tables import LEDGER, REASONS, Scratch, Tally
from satqn.simulate.replay_script import ReplayScript

BLOCK_RUNS = 256
"""Runs of a block; the last one of a replay may have fewer."""
REPLAY_KEY = 0x5245504C
"""What the children of the seed are for: replays ("REPL")."""


Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class ReplayBlock:
    """Some runs of a replay.

    Parameters
    ----------
    script
        What is replayed.
    seed
        Of the whole replay.
    number
        Which block, from 0.
    runs
        How many runs it has.
    """

    script: ReplayScript
    seed: int
    number: int
    runs: int


def blocks_of(script: ReplayScript, *, runs: int, seed: int) -> list[ReplayBlock]:
    """Return the blocks of a replay of so many runs.

    Parameters
    ----------
    script
        What is replayed.
    runs
        How many runs in all.
    seed
        Of the replay.
    """
    firsts = range(0, runs, BLOCK_RUNS)
    return [ReplayBlock(script, seed, n, min(BLOCK_RUNS, runs - first)) for n, first in enumerate(firsts)]


def replay_block(block: ReplayBlock) -> Arrays:
    """Replay the runs of a block and return what they count, by the names of ``ReplayCounts``.

    Parameters
    ----------
    block
        The runs.
    """
    script = block.script
    tally = _empty_tally(script)
    child = np.random.SeedSequence(block.seed, spawn_key=(REPLAY_KEY, block.number))
    replay_runs(
        np.random.default_rng(child), block.runs, script.uses, script.links, script.ladders, script.stores,
        script.generation, script.outages, tally, _scratch(script),
    )  # fmt: skip
    return dict(tally._asdict())


def _empty_tally(script: ReplayScript) -> Tally:
    slots, demands = script.promised.shape
    classes = len(script.stores.initial)
    return Tally(
        delivered=np.zeros((slots, demands), dtype=np.int64),
        squares=np.zeros((slots, demands), dtype=np.int64),
        demand_squares=np.zeros(demands, dtype=np.int64),
        total=np.zeros(2, dtype=np.int64),
        chance=np.zeros(2),
        reasons=np.zeros((REASONS, slots, demands)),
        reason_squares=np.zeros(REASONS),
        ledger=np.zeros((LEDGER, classes), dtype=np.int64),
        store_reasons=np.zeros((REASONS, classes)),
    )


def _scratch(script: ReplayScript) -> Scratch:
    slots, demands = script.promised.shape
    uses, classes, links = script.uses, len(script.stores.initial), len(script.links.a)
    nodes = len(script.stores.capacity)
    # Pairs with ages are at most those planned for one use, rounded up.
    most = int(np.ceil(uses.base.max(initial=0.0))) + 2
    accounts = int(uses.account.max(initial=-1)) + 1
    return Scratch(
        down=np.zeros(nodes, dtype=np.bool_),
        made=np.zeros(len(uses.leg_link), dtype=np.int64),
        attempts_left=np.zeros(links, dtype=np.int64),
        chance_left=np.ones(links),
        spare=np.zeros(links, dtype=np.int64),
        gained=np.zeros(len(uses.way), dtype=np.int64),
        cohorts=np.zeros((classes, slots + 1), dtype=np.int64),
        held=np.zeros(nodes, dtype=np.int64),
        ages=np.zeros(most, dtype=np.int64),
        arrivals=np.zeros(classes, dtype=np.int64),
        offsets=np.zeros(max(accounts, classes)),
        delivered=np.zeros((slots, demands), dtype=np.int64),
        reasons=np.zeros(REASONS),
    )
