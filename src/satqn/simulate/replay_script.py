"""A plan and its instance as the arrays that the replay runs on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError, InvalidFileError
from satqn.kernels.replay_tables import (
    BINOMIAL,
    MEAN,
    POISSON,
    Generation,
    Ladders,
    Links,
    Outages,
    Stores,
    Uses,
)
from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan
from satqn.model.shown import Shown
from satqn.provenance import content_hash
from satqn.simulate.replay_ages import AgedPlan, by_age, refuse_twice, worn
from satqn.simulate.replay_ladders import aged_fidelity, ladders
from satqn.simulate.replay_options import ReplayOptions
from satqn.simulate.replay_reading import TOLERANCE, Reader, ReplayClass, ReplayPath
from satqn.simulate.replay_uses import plan_uses

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
_WAYS = {"mean": MEAN, "poisson": POISSON, "binomial": BINOMIAL}


@dataclass(frozen=True, slots=True, repr=False)
class ReplayScript(Shown):
    """What is replayed, in arrays.

    Parameters
    ----------
    uses, links, ladders, stores, generation, outages
        As in :mod:`satqn.kernels.replay`.
    promised
        Pairs that the plan promises, shape (T, K).
    stored_as_planned
        Pairs of every class that the plan stores over all slots, shape (Q,).
    classes
        Names of the classes; a class whose pairs are told apart by age is several.
    """

    uses: Uses
    links: Links
    ladders: Ladders
    stores: Stores
    generation: Generation
    outages: Outages
    promised: FloatArray
    stored_as_planned: FloatArray
    classes: tuple[str, ...]

    def fingerprint(self) -> str:
        """Return a hash of everything that is replayed."""
        parts = (self.uses, self.links, self.ladders, self.stores, self.generation, self.outages)
        texts = [_text(value) for part in parts for value in part]
        return content_hash([*texts, _text(self.promised), _text(self.stored_as_planned)])


def _text(value: object) -> str:
    array = np.asarray(value)
    return f"{array.dtype.str} {array.shape} {content_hash(array.tobytes())}"


def write_script(instance: RoutingInstance, plan: Plan, options: ReplayOptions) -> ReplayScript:
    """Return what is to be replayed.

    Parameters
    ----------
    instance
        The instance of the plan.
    plan
        The plan; records of rate 0 do nothing.
    options
        How it is replayed.

    Raises
    ------
    InputError
        Spare pairs are to be used where links share terminals or sources.
    InvalidFileError
        The plan refers to what does not exist, states other fidelities than the instance gives, or takes
        more from a link than it makes; all faults at once.
    """
    refuse_twice(instance, options.memory_coherence_s, options.draw_order == "lifo", plan)
    if options.use_spare_pairs and (instance.sharing or any(m is not None for m in instance.nodes.terminals)):
        raise InputError(
            "spare pairs where links share terminals or sources",
            why="What one link makes beyond the plan takes time from others",
            fix="Replay without spare pairs",
        )
    aged = None if instance.ageing is None else by_age(instance, plan)
    reader = Reader(instance, plan if aged is None else aged.plan, shared_stock=aged is not None)
    reader.problems += () if aged is None else aged.problems
    classes, paths = reader.classes(), reader.paths()
    steps = _ladders(reader, instance, paths, options, aged)
    uses = plan_uses(reader, classes, paths, steps, () if aged is None else aged.throws)
    unplanned = _unplanned(reader, uses, options)
    if reader.problems:
        raise InvalidFileError("the plan, read by its instance", reader.problems)
    promised = np.zeros((instance.slots, len(instance.demands)))
    slot_of = np.repeat(np.arange(instance.slots), np.diff(uses.start))
    serving = ~uses.storing & (uses.way >= 0)
    np.add.at(promised, (slot_of[serving], uses.demand[serving]), uses.promise[serving])
    stored = np.bincount(uses.way[uses.storing], weights=uses.base[uses.storing], minlength=len(classes))
    return ReplayScript(
        uses=uses,
        links=Links(_ints(instance.links.a), _ints(instance.links.b), unplanned),
        ladders=steps,
        stores=Stores(
            ends=_ints([group.ends for group in classes]).reshape(-1, 2),
            initial=np.array([group.initial for group in classes], dtype=np.float64),
            capacity=_capacity(instance, classes, options),
            retention=float(instance.options.stock_retention),
            newest_first=options.draw_order == "lifo",
            aging=options.memory_coherence_s is not None or (aged is not None and None in aged.ages.values()),
            cutoff=_ints([0 if aged is None else aged.cutoff.get(name, 0) for name in reader.class_index]),
        ),
        generation=Generation(
            _WAYS[options.generation], int(options.attempts_per_slot or 0), options.use_spare_pairs
        ),
        outages=_outages(instance, options),
        promised=promised,
        stored_as_planned=stored.astype(np.float64),
        classes=tuple(reader.class_index),
    )


def _ints(values: object) -> IntArray:
    return np.array(values, dtype=np.int64)


def _ladders(
    reader: Reader,
    instance: RoutingInstance,
    paths: list[ReplayPath],
    options: ReplayOptions,
    aged: AgedPlan | None,
) -> Ladders:
    """Return purification by path and age; a path that cannot reach its target is a fault."""
    if aged is not None:
        return _aged_ladders(reader, instance, paths, options, aged)
    oldest = 0
    if options.memory_coherence_s is not None:
        oldest = instance.slots * max((len(path.classes) for path in paths), default=0)
    ages = instance.slot_duration_s * np.arange(oldest + 1, dtype=np.float64)
    fresh = np.array([path.fidelity for path in paths]).reshape(-1, 1)
    target = instance.demands.target_fidelity[[path.demand for path in paths]]
    steps = ladders(
        aged_fidelity(fresh, ages, options.memory_coherence_s),
        target,
        instance.options.purification,
        extra_rounds=options.extra_rounds,
    )
    for p, path in enumerate(reader.plan.paths):
        if not steps.reached[p, 0]:
            what = f"no purification lifts its fidelity {fresh[p, 0]:.6g} to the target {target[p]:.6g}"
            reader.note(f"path {path.id}", what)
        else:
            cost = 1.0 / float(steps.worth[p, 0, 0])
            reader.differs(f"path {path.id}", "base_pairs_per_pair", path.base_pairs, cost)
    return steps


def _aged_ladders(
    reader: Reader, instance: RoutingInstance, paths: list[ReplayPath], options: ReplayOptions, aged: AgedPlan
) -> Ladders:
    """Return purification where the instance says how pairs age: at the planned age, or at every age.

    A plan that tells ages gets the rounds of the aged pair; one that does not those of the fresh one.
    """
    unaware = None in aged.ages.values()
    oldest = instance.slots if unaware else 0
    fidelity = np.empty((len(paths), oldest + 1))
    for p, (path, read) in enumerate(zip(reader.plan.paths, paths, strict=True)):
        told = aged.ages.get(path.id, ())
        if unaware and len(read.classes) > 1:
            reader.note(f"path {path.id}", "several virtual links of unknown age", "Plan again with ageing")
        ages = [np.arange(oldest + 1.0)] * len(read.classes) if told is None else map(np.float64, told or ())
        fidelity[p] = worn(instance, reader.plan, path, read.fidelity, list(map(np.asarray, ages)))
    target = instance.demands.target_fidelity[[path.demand for path in paths]].reshape(-1)
    steps = ladders(fidelity, target, instance.options.purification, extra_rounds=options.extra_rounds)
    for p, path in enumerate(reader.plan.paths):
        if not steps.reached[p, 0]:
            what = f"no purification lifts its fidelity {fidelity[p, 0]:.6g} to the target {target[p]:.6g}"
            reader.note(f"path {path.id}", what)
    return steps


def _unplanned(reader: Reader, uses: Uses, options: ReplayOptions) -> FloatArray:
    """Return what links make beyond the plan, (T, E); a plan that takes more than that is a fault."""
    instance = reader.instance
    makes = instance.links.rate * instance.slot_length
    taken = np.zeros_like(makes)
    slot_of = np.repeat(np.arange(instance.slots), np.diff(uses.start))
    use_of = np.repeat(np.arange(len(uses.way)), np.diff(uses.leg_start))
    np.add.at(taken, (slot_of[use_of], uses.leg_link), uses.base[use_of])
    ids = instance.nodes.ids
    names = [f"{ids[a]}–{ids[b]}" for a, b in zip(instance.links.a, instance.links.b, strict=True)]
    for t, e in np.argwhere(taken > makes + TOLERANCE * np.maximum(1.0, makes)):
        what = f"the plan takes {taken[t, e]:.9g} pairs of the {makes[t, e]:.9g} that it makes"
        reader.note(f"link {names[e]}, slot {t + 1}", what, "satqn check lists every broken constraint")
    attempts = options.attempts_per_slot
    if attempts is not None:
        for t, e in np.argwhere(np.maximum(makes, taken) > attempts):
            what = f"makes {makes[t, e]:.9g} pairs in {attempts} attempts"
            reader.note(f"link {names[e]}, slot {t + 1}", what, "Give more attempts per slot")
    return np.maximum(makes - taken, 0.0)


def _capacity(instance: RoutingInstance, classes: list[ReplayClass], options: ReplayOptions) -> IntArray:
    """Return the whole pairs that fit into every memory.

    Mean generation rounds every class for itself: a pair more for each of them keeps rounding alone from
    overflowing a store that the plan fills to the brim.
    """
    whole = np.floor(instance.nodes.storage_capacity + TOLERANCE).astype(np.int64)
    if options.generation == "mean":
        np.add.at(whole, _ints([end for group in classes for end in group.ends]), 1)
    return whole


def _outages(instance: RoutingInstance, options: ReplayOptions) -> Outages:
    """Return the Markov chain of every node: independent slots, or outages of a given mean length."""
    p, length = float(options.outage_probability), options.outage_mean_slots
    repair = 1.0 - p if length is None or p == 1.0 else 1.0 / length
    fail = p if length is None or p == 1.0 else p / (1.0 - p) / length
    fails = np.array([kind in options.outage_kinds for kind in instance.nodes.kind])
    return Outages(down=fails * p, fail=fails * fail, repair=np.where(fails, repair, 1.0))
