"""The records of a plan as uses of links and stores, slot by slot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.replay_tables import CLEARED, THROWN, Ladders, Uses
from satqn.simulate.replay_ages import Throw
from satqn.simulate.replay_reading import TOLERANCE, Reader, ReplayClass, ReplayPath

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass
class _Table:
    """Uses as they are gathered; running totals by account (classes first, then paths)."""

    totals_in: FloatArray
    totals_out: FloatArray
    rows: dict[str, list[float]] = field(default_factory=dict)
    legs: list[tuple[int, ...]] = field(default_factory=list)
    draws: list[tuple[int, ...]] = field(default_factory=list)

    def add(
        self, totals: FloatArray, account: int, base: float, legs: tuple[int, ...],
        draws: tuple[int, ...] = (), **row: float,
    ) -> None:  # fmt: skip
        before = float(totals[account])
        totals[account] += base
        row |= {"account": account, "base": base, "carry_from": before, "carry_to": float(totals[account])}
        for name, value in row.items():
            self.rows.setdefault(name, []).append(value)
        self.legs.append(legs)
        self.draws.append(draws)

    def whole(self, name: str) -> IntArray:
        return _ints(self.rows.get(name, []))

    def numbers(self, name: str) -> FloatArray:
        return np.array(self.rows.get(name, []), dtype=np.float64)


def _ints(values: object) -> IntArray:
    return np.array(values, dtype=np.int64)


def plan_uses(
    reader: Reader,
    classes: list[ReplayClass],
    paths: list[ReplayPath],
    steps: Ladders,
    throws: Sequence[Throw] = (),
) -> Uses:
    """Return the uses of links and stores, slot by slot: who is served, what is thrown away, what is stored.

    Parameters
    ----------
    reader
        The plan; it notes records that refer to nothing.
    classes, paths
        What it reads.
    steps
        Purification of the paths.
    throws
        What is thrown away, where pairs age.
    """
    plan, instance = reader.plan, reader.instance
    serves: dict[int, list[tuple[int, float]]] = {}
    stores: dict[int, list[tuple[int, float]]] = {}
    path_index = {path.id: p for p, path in enumerate(plan.paths)}
    for serve in plan.serve:
        _note_flow(reader, "serve", serve.slot, serve.path, serve.rate, path_index, serves)
    for store in plan.store:
        _note_flow(reader, "store", store.slot, store.inventory, store.rate, reader.class_index, stores)
    accounts = len(classes) + len(paths)
    table = _Table(np.zeros(accounts), np.zeros(accounts))
    table.totals_in[: len(classes)] = [group.initial for group in classes]
    start = [0]
    for slot in range(1, instance.slots + 1):
        for p, pairs in serves.get(slot, ()):
            path = paths[p]
            # Drawn pairs are rounded as the stock of their class is, so that none is short by rounding.
            account = path.classes[0] if path.classes else len(classes) + p
            table.add(
                table.totals_out, account, pairs / float(steps.worth[p, 0, 0]), path.links, path.classes,
                storing=False, way=p, demand=path.demand, promise=pairs,
            )  # fmt: skip
        for throw in throws:
            if throw.slot == slot and throw.inventory in reader.class_index:
                q = reader.class_index[throw.inventory]
                table.add(
                    table.totals_out, q, throw.pairs or 0.0, (), (q,), storing=False,
                    way=CLEARED if throw.pairs is None else THROWN, demand=0, promise=0.0,
                )  # fmt: skip
        for q, pairs in stores.get(slot, ()):
            table.add(table.totals_in, q, pairs, classes[q].links, storing=True, way=q, demand=0, promise=0.0)
        start.append(len(table.legs))
    return Uses(
        start=_ints(start),
        storing=table.whole("storing").astype(np.bool_),
        way=table.whole("way"),
        demand=table.whole("demand"),
        base=table.numbers("base"),
        promise=table.numbers("promise"),
        account=table.whole("account"),
        carry_from=table.numbers("carry_from"),
        carry_to=table.numbers("carry_to"),
        leg_start=_ints([0, *np.cumsum([len(legs) for legs in table.legs])]),
        leg_link=_ints([link for legs in table.legs for link in legs]),
        draw_start=_ints([0, *np.cumsum([len(draws) for draws in table.draws])]),
        draw_class=_ints([group for draws in table.draws for group in draws]),
    )


def _note_flow(
    reader: Reader,
    kind: str,
    slot: int,
    name: str,
    rate: float,
    known: dict[str, int],
    flows: dict[int, list[tuple[int, float]]],
) -> None:
    """Add the pairs of a record to the flows of its slot, or note what is wrong with it."""
    where, slots = f"{kind}, slot {slot}, {name}", reader.instance.slots
    if name not in known:
        reader.note(where, f"the plan does not define {name!r}")
    elif not 1 <= slot <= slots:
        reader.note(where, f"there are slots 1 to {slots}")
    elif rate < -TOLERANCE:
        reader.note(where, f"the rate {rate:.9g} is negative")
    elif rate > 0.0:
        flows.setdefault(slot, []).append((known[name], rate * reader.instance.slot_length))
