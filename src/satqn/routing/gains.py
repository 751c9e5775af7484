"""What one more of what binds would bring: planned again, with the paths kept and with all of them open.

A dual is a price at the margin. Where several plans are equally good it is not what one more brings: a
terminal priced at 224 000 pairs brought 47 000 with the paths as chosen, and 192 000 to 249 000 routed again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from satqn.model.instance import RoutingInstance
from satqn.routing.exact import fix_choices
from satqn.routing.explain import Price
from satqn.routing.problem import Problem
from satqn.routing.solve import Settings, Solution, solve

MOST = 3
"""So many of the highest prices are planned again."""
TIME_LIMIT_S = 60.0
"""s for one of them, where the plan itself had no limit."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What one more of something brings, weighted pairs.

    Parameters
    ----------
    what, name, per
        As of :class:`satqn.routing.explain.Price`.
    slots
        In which there is one more, from 1.
    price
        Sum of its prices at the margin.
    paths_kept
        Gain with every path as chosen: exact.
    found
        Gain of the best plan that was found with all paths open.
    at_most
        No plan gains more than this over the plan in hand, by a bound; None if unknown.
    bound_covers
        Which paths the bound covers.
    """

    what: str
    name: str
    per: str
    slots: tuple[int, ...]
    price: float
    paths_kept: float
    found: float
    at_most: float | None
    bound_covers: str

    def to_dict(self) -> dict[str, Any]:
        """Return the gain for JSON."""
        return asdict(self)


def gains(solution: Solution, prices: Sequence[Price], most: int = MOST) -> tuple[Gain, ...]:
    """Plan again with one more of what has the highest prices.

    Parameters
    ----------
    solution
        A solution with a plan.
    prices
        From :func:`satqn.routing.explain.explain`.
    most
        How many of them. Stock in store cannot be added by itself: its prices are passed over.
    """
    if solution.plan is None or solution.primal is None:
        return ()
    found: dict[tuple[str, str, str], list[Price]] = {}
    for price in prices:
        if price.what != "class":
            found.setdefault((price.what, price.name, price.per), []).append(price)
    ranked = sorted(found.values(), key=lambda rows: -sum(row.worth for row in rows))
    return tuple(_gain(solution, rows) for rows in ranked[:most])


def _gain(solution: Solution, rows: list[Price]) -> Gain:
    problem, plan = solution.problem, solution.plan
    assert plan is not None
    assert solution.primal is not None
    slots = tuple(sorted(row.slot for row in rows))
    instance = one_more(problem.instance, rows[0].what, rows[0].name, slots)
    larger = Problem.of(instance, problem.pool)
    now = plan.objective_pairs
    kept = 0.0
    if _same_columns(problem, larger):
        fixed = fix_choices(larger, solution.primal)
        kept = 0.0 if fixed is None else max(0.0, float(larger.model.cost @ fixed) - now)
    over_all = instance.paths.mode == "generated"
    settings = Settings(
        method=None if over_all else "benders",
        gap=0.0 if plan.asked_gap is None else plan.asked_gap,
        time_limit=TIME_LIMIT_S,
        warm_start=False,
    )
    again = solve(instance, settings, pool=None if over_all else problem.pool)
    routed = now if again.plan is None else again.plan.objective_pairs
    return Gain(
        rows[0].what, rows[0].name, rows[0].per, slots, sum(row.worth for row in rows), kept,
        max(kept, routed - now),
        None if again.bound_pairs is None else max(again.bound_pairs - now, kept),
        again.bound_covers,
    )  # fmt: skip


def _same_columns(one: Problem, other: Problem) -> bool:
    a, b = one.formulation, other.formulation
    return (
        one.model.cost.shape == other.model.cost.shape
        and np.array_equal(a.serve.path, b.serve.path)
        and np.array_equal(a.serve.slot, b.serve.slot)
    )


def one_more(instance: RoutingInstance, what: str, name: str, slots: Sequence[int]) -> RoutingInstance:
    """Return an instance with one more of something.

    Parameters
    ----------
    instance
        The instance.
    what, name
        As of :class:`satqn.routing.explain.Price`.
    slots
        In which links have one more pair; what is not slot by slot has one more in all of them.
    """
    nodes, ids = instance.nodes, instance.nodes.ids
    if what == "link":
        a, b = instance.links.a.tolist(), instance.links.b.tolist()
        e = next(
            i for i, ends in enumerate(zip(a, b, strict=True)) if name == f"{ids[ends[0]]}–{ids[ends[1]]}"
        )
        rate = instance.links.rate.copy()
        rate[np.array(slots) - 1, e] += 1.0 / instance.slot_length
        return replace(instance, links=replace(instance.links, rate=rate))
    if what == "store":
        capacity = nodes.storage_capacity.copy()
        capacity[ids.index(name)] += 1.0
        return replace(instance, nodes=replace(nodes, storage_capacity=capacity))
    if what == "terminals":
        terminals = tuple(
            count + 1.0 if count is not None and node == name else count
            for node, count in zip(ids, nodes.terminals, strict=True)
        )
        return replace(instance, nodes=replace(nodes, terminals=terminals))
    if what == "sharing":
        sharing = tuple(
            replace(row, limit=row.limit + 1.0) if row.id == name else row for row in instance.sharing
        )
        return replace(instance, sharing=sharing)
    least = instance.demands.minimum_rate.copy()
    k = instance.demands.ids.index(name)
    least[k] = max(0.0, least[k] - 1.0 / instance.slot_length)
    return replace(instance, demands=replace(instance.demands, minimum_rate=least))
