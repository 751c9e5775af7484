"""Replay of a plan: what random events leave of what it promises, and why."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path
from typing import cast

from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan
from satqn.physics.checks import in_range, whole_number
from satqn.provenance import content_hash
from satqn.simulate.executor import Workers
from satqn.simulate.replay_blocks import Arrays, ReplayBlock, blocks_of, replay_block
from satqn.simulate.replay_counts import ReplayCounts
from satqn.simulate.replay_options import ReplayOptions
from satqn.simulate.replay_script import write_script
from satqn.simulate.store import CountStore, task_name

Report = Callable[[int, int], None]
"""Called with the number of runs counted and the number wanted."""
FIRST_LOOK = 4
"""Blocks before a target of precision is first looked at; then after twice as many, and so on."""
Results = Generator[tuple[ReplayBlock, Arrays], None, None]


class ReplayInterrupted(KeyboardInterrupt):
    """The user stopped a replay; ``partial`` holds the counts of the blocks before the first unfinished."""

    def __init__(self, partial: ReplayCounts | None) -> None:
        self.partial = partial
        super().__init__(f"stopped after {partial.runs if partial else 0} runs")


def replay_plan(
    instance: RoutingInstance,
    plan: Plan,
    options: ReplayOptions | None = None,
    *,
    runs: int = 1000,
    seed: int = 0,
    target_relative_error: float | None = None,
    workers: Workers | None = None,
    store: Path | None = None,
    report: Report | None = None,
) -> ReplayCounts:
    """Replay a plan on its instance: links make random numbers of pairs, purification fails, stores age.

    Parameters
    ----------
    instance
        The instance of the plan.
    plan
        The plan.
    options
        What is random and how; by default Poisson generation, perfect memories and no outages.
    runs
        Number of runs, >= 1; the largest number where a target is given.
    seed
        Of everything that is drawn, >= 0. Same seed, same counts, whatever the number of workers.
    target_relative_error
        Stop when half of the 95 % interval of the delivered pairs is at most this share of their mean,
        > 0; looked at after 4, 8, 16, ... blocks of runs.
    workers
        Where blocks run; by default this process.
    store
        Folder that keeps finished blocks, so that a replay that was stopped goes on; None to keep none.
    report
        Called after every block.

    Raises
    ------
    InputError
        An option is out of range.
    InvalidFileError
        The plan does not fit the instance; all faults at once.
    ReplayInterrupted
        On Ctrl-C, with the counts so far.

    Notes
    -----
    In a slot every pair of a link goes to one of its uses with the probability that the plan gives it. A
    path makes as many base pairs as the poorest of its links and stores allows, of Werner fidelity F_p,
    and purifies them by nested rounds with pairs of their age; an odd pair is waste. Stored pairs may be
    used from the next slot on. Source: zhang2024, constraints C1..C6; specification of routing, section 2.

    What stores hold in excess of the plan is not drawn, and shortfalls are not replanned.
    """
    whole_number("number of runs", runs, 1)
    whole_number("seed", seed, 0)
    if target_relative_error is not None:
        in_range("target relative error", target_relative_error, 0.0, above=True)
    script = write_script(instance, plan, options or ReplayOptions())
    fingerprint = script.fingerprint()
    names = instance.demands.ids, script.classes

    def counts(block: ReplayBlock, arrays: Arrays) -> ReplayCounts:
        return ReplayCounts(
            identity=f"{fingerprint} {seed}",
            demands=names[0],
            classes=names[1],
            promised=script.promised,
            stored_as_planned=script.stored_as_planned,
            runs=block.runs,
            **arrays,
        )

    blocks = blocks_of(script, runs=runs, seed=seed)
    looks = (
        set() if target_relative_error is None else {FIRST_LOOK << k for k in range(len(blocks).bit_length())}
    )
    together: ReplayCounts | None = None
    results = _in_order(blocks, fingerprint, workers or Workers(), CountStore(store))
    try:
        with closing(results):
            for block, arrays in results:
                found = counts(block, arrays)
                together = found if together is None else together + found
                if report is not None:
                    report(together.runs, runs)
                if block.number + 1 in looks and together.relative_error <= (target_relative_error or 0.0):
                    break
    except KeyboardInterrupt as stop:
        raise ReplayInterrupted(together) from stop
    assert together is not None  # there is at least one block
    return together


def _in_order(blocks: list[ReplayBlock], fingerprint: str, workers: Workers, store: CountStore) -> Results:
    """Yield the blocks with their counts, first to last, from the store or computed now."""
    done: dict[int, Arrays] = {}
    replay = "" if store.folder is None else task_name({"replay": fingerprint})

    def name(block: ReplayBlock) -> str:
        return content_hash([replay, block.seed, block.number, block.runs])

    def unfinished() -> Generator[ReplayBlock, None, None]:
        for block in blocks:
            kept = store.read(name(block))
            if kept is None:
                yield block
            else:
                done[block.number] = kept

    following = 0
    computed = workers.results(replay_block, unfinished())
    with closing(cast(Results, computed)) as results:
        for block, arrays in results:
            store.write(name(block), arrays)
            done[block.number] = arrays
            while following in done:
                yield blocks[following], done.pop(following)
                following += 1
    for block in blocks[following:]:
        yield block, done[block.number]
