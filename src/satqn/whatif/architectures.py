"""The same demands on parts of a network: what fibre, HAPs, satellites and stores are worth together."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.extras import need
from satqn.model.instance import RoutingInstance
from satqn.model.paths import PathSet
from satqn.model.plan import LogLine
from satqn.model.shown import Shown
from satqn.planning import PlanSystem, settings_of
from satqn.routing.solve import Settings, Solution, solve
from satqn.routing.stopping import Listener
from satqn.whatif.lift import no_less_than
from satqn.whatif.notebook import rows_html
from satqn.whatif.pools import pool_of_part, union, used_paths

Segment = Literal["fibre", "HAPs", "satellites"]

PART_GAP = 0.01
"""Relative gap asked of a part, unless the whole is asked for less: enough to tell parts apart."""

PARTS_SHARE = 0.5
"""Share of a time limit that all parts may take together."""

PART_LEAST_S = 1.0
"""Every part may take so long, where there is no time limit."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """A part of a network.

    Parameters
    ----------
    name
        What it is called.
    segments
        What its links may touch; a link between a HAP and a satellite touches both.
    storage
        Whether pairs may be stored.
    """

    name: str
    segments: frozenset[Segment]
    storage: bool = True

    def within(self, other: Architecture) -> bool:
        """Whether another one has all that this one has."""
        return self.segments <= other.segments and self.storage <= other.storage

    def links(self, instance: RoutingInstance) -> NDArray[np.bool_]:
        """Return which links of an instance it has, shape (E,)."""
        kinds = zip(*(np.array(instance.nodes.kind)[end] for end in (instance.links.a, instance.links.b)),
                    strict=True)  # fmt: skip
        return np.array([_touched({str(a), str(b)}) <= self.segments for a, b in kinds], dtype=bool)


def _touched(kinds: set[str]) -> set[Segment]:
    above: set[Segment] = set()
    if "aerial" in kinds:
        above.add("HAPs")
    if "satellite" in kinds:
        above.add("satellites")
    return above or {"fibre"}


ALL: frozenset[Segment] = frozenset(("fibre", "HAPs", "satellites"))

WHOLE = Architecture("all together", ALL)

PARTS = (
    Architecture("fibre only", frozenset(("fibre",))),
    Architecture("HAPs only", frozenset(("HAPs",))),
    Architecture("satellites only", frozenset(("satellites",))),
    Architecture("without satellites", ALL - {"satellites"}),
    Architecture("without HAPs", ALL - {"HAPs"}),
    Architecture("without fibre", ALL - {"fibre"}),
    Architecture("without storage", ALL, storage=False),
)
"""What the whole is compared with; none is within one before it."""

SEGMENTS_ALONE = frozenset(part.name for part in PARTS if len(part.segments) == 1)
"""The parts of one segment."""


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Shown):
    """Plans of a network and of its parts for the same demands and slots.

    Parameters
    ----------
    parts
        Name and solution of every part; after Ctrl-C of those that were reached.
    whole
        Solution of all together; its objective is that of no part less.
    """

    parts: tuple[tuple[str, Solution], ...]
    whole: Solution

    def _shown(self) -> dict[str, Any]:
        return {row["name"].replace(" ", "_"): row["objective_pairs"] for row in self.rows()}

    def rows(self) -> list[dict[str, Any]]:
        """Return name, objective, delivered pairs, bound, gap and status of each; the whole is the last."""
        return [_row(name, found) for name, found in (*self.parts, (WHOLE.name, self.whole))]

    def gain(self, among: Collection[str] | None = None) -> dict[str, Any]:
        """Return by how much all together beats the best part, and by how much at least for certain.

        Parameters
        ----------
        among
            Names of the parts that count; None for all of them.

        Notes
        -----
        ``gain_pairs`` compares plans. ``certain_gain_pairs`` takes the largest bound of a part for what the
        best part could do: negative where the bounds do not yet tell.
        """
        parts = [(name, found) for name, found in self.parts if among is None or name in among]
        served = [(n, found.plan.objective_pairs) for n, found in parts if found.plan is not None]
        if self.whole.plan is None or not served:
            return {"best_part": None, "gain_pairs": None, "gain_share": None, "certain_gain_pairs": None}
        worth = self.whole.plan.objective_pairs
        name, best = max(served, key=lambda item: item[1])
        bounds = [found.bound_pairs for _, found in parts if found.status != "infeasible"]
        known = [bound for bound in bounds if bound is not None]
        return {
            "best_part": name,
            "gain_pairs": worth - best,
            "gain_share": (worth - best) / best if best > 0 else None,
            "certain_gain_pairs": worth - max(known) if len(known) == len(bounds) else None,
        }

    def _repr_html_(self) -> str:
        return rows_html(self.rows())

    def to_pandas(self) -> Any:
        """Return the rows as a ``pandas.DataFrame``.

        Raises
        ------
        InputError
            pandas is not installed.
        """
        return need("pandas").DataFrame(self.rows())

    def to_dict(self) -> dict[str, Any]:
        """Return rows and gain as plain values for JSON."""
        return {
            "architectures": self.rows(),
            "gain": self.gain(),
            "gain_over_one_segment": self.gain(SEGMENTS_ALONE),
        }


def _row(name: str, found: Solution) -> dict[str, Any]:
    return {
        "name": name,
        "objective_pairs": None if found.plan is None else found.plan.objective_pairs,
        "delivered_pairs": None if found.plan is None else found.plan.delivered_pairs,
        "bound_pairs": None if found.bound_pairs is None else found.bound_pairs + 0.0,  # no -0.0
        "gap": None if found.gap is None else found.gap + 0.0,
        "status": found.status,
    }


def compare(system: PlanSystem, *, listener: Listener | None = None, **changes: Any) -> Comparison:
    """Plan a scenario and its parts; parameters as of :meth:`satqn.planning.PlanSystem.plan`.

    Parameters
    ----------
    system
        The scenario made ready: its links are evaluated once, for all architectures.
    listener
        Is told every line of every log; the event begins with the name of the architecture.
    changes
        Fields of :class:`satqn.routing.solve.Settings` that differ; None leaves that of the scenario.
    """
    return compare_instance(system.instance, settings_of(system.scenario, **changes), listener=listener)


def compare_instance(
    instance: RoutingInstance, settings: Settings | None = None, *, listener: Listener | None = None
) -> Comparison:
    """Plan an instance and its parts, for the same demands and slots.

    Parameters
    ----------
    instance
        The whole network.
    settings
        How the whole is planned. Parts stop at a gap of 1 %, and all of them together take about as long as
        the whole, which is half of a time limit if there is one.
    listener
        Is told every line of every log.

    Raises
    ------
    InputError
        The method draws paths: what it draws of a part says nothing about the whole.

    Notes
    -----
    A part has all nodes, but only links and stores of its own, and its paths are listed in it. Whatever a
    part may do, a larger one may do: the paths that the plan of the smaller one uses are in its pool, and it
    takes over that plan where it finds less within its limits. So does the whole, which is planned first,
    with its own paths only, and once more if a part then finds more.

    Examples
    --------
    >>> from satqn.routing.generate import case_study
    >>> comparison = compare_instance(case_study(seed=0, slots=2, demands=1))
    >>> [row["name"] for row in comparison.rows()][-1]
    'all together'
    """
    settings = settings or Settings()
    if settings.method == "random":
        raise InputError(
            "architectures cannot be compared by drawn paths",
            where="method",
            fix="Use exact, benders or paper",
        )
    limit = settings.time_limit
    begun = time.perf_counter()
    first = replace(settings, time_limit=None if limit is None else (1.0 - PARTS_SHARE) * limit)
    whole = solve(instance, first, listener=_named(WHOLE.name, listener))
    everything = np.ones(len(instance.links), dtype=bool).tobytes(), True
    known = {everything: whole}
    keys = [(part.links(instance).tobytes(), part.storage) for part in PARTS]
    for number, (part, key) in enumerate(zip(PARTS, keys, strict=True)):
        if any(one.status == "interrupted" for one in known.values()):
            break
        if key not in known:
            left = max(PART_LEAST_S, whole.wall_s / len(PARTS))
            if limit is not None:
                share = (limit - (time.perf_counter() - begun)) / (len(PARTS) - number)
                left = min(left, max(0.0, share))
            smaller = {k: known[k] for p, k in zip(PARTS[:number], keys, strict=False) if p.within(part)}
            chosen = replace(settings, time_limit=left)
            known[key] = _plan_part(instance, part, list(smaller.values()), chosen, listener)
    known[everything] = _best_of_all(instance, list(known.values()), settings, listener)
    found = [(part.name, known[key]) for part, key in zip(PARTS, keys, strict=True) if key in known]
    return Comparison(tuple(found), known[everything])


def _plan_part(
    instance: RoutingInstance,
    part: Architecture,
    smaller: list[Solution],
    settings: Settings,
    listener: Listener | None,
) -> Solution:
    """Plan a part that has all that some smaller parts have, and is worth no less than they are."""
    own = pool_of_part(instance, part.links(instance), storage=part.storage)
    pool = _joined(instance, own, smaller)
    # Without stores the slots are apart, and this method solves them one by one.
    method = settings.method if part.storage else "no-storage"
    chosen = replace(settings, method=method, gap=max(settings.gap, PART_GAP))
    found = solve(instance, chosen, pool=pool, listener=_named(part.name, listener))
    for one in smaller:
        found = no_less_than(found, one, chosen.gap)
    return found


def _best_of_all(
    instance: RoutingInstance, found: list[Solution], settings: Settings, listener: Listener | None
) -> Solution:
    """Return the solution of the whole, the first of those found, made worth no less than any part."""
    whole, *parts = found
    better = [part for part in parts if _worth(part) > _worth(whole)]
    if not better:
        return whole
    spent = sum(one.wall_s for one in found)
    limit = None if settings.time_limit is None else max(PART_LEAST_S, settings.time_limit - spent)
    if any(one.status == "interrupted" for one in found):
        limit = 0.0
    name = f"{WHOLE.name}, with the paths of its parts"
    again = solve(
        instance,
        replace(settings, time_limit=limit),
        pool=_joined(instance, whole.problem.pool, better),
        listener=_named(name, listener),
    )
    for part in better:
        again = no_less_than(again, part, settings.gap)
    return again


def _joined(instance: RoutingInstance, pool: PathSet, parts: list[Solution]) -> PathSet:
    """Return a pool with the paths over which the plans of parts serve."""
    links = np.arange(len(instance.links), dtype=np.int64)
    return union([(pool, links), *((used_paths(part), links) for part in parts if part.plan is not None)])


def _worth(found: Solution) -> float:
    return -np.inf if found.plan is None else found.plan.objective_pairs


def _named(name: str, listener: Listener | None) -> Callable[[LogLine], None] | None:
    if listener is None:
        return None
    return lambda line: listener(replace(line, event=f"{name}: {line.event}"))
