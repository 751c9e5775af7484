"""Demands that get nothing at all: why, and what would help, in one line each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from satqn.model.plan import Plan
from satqn.routing.base_pairs import base_pairs, path_fidelity
from satqn.routing.graph import FAR, UNIT, RoutingGraph
from satqn.routing.problem import Problem

EARLY = ("time_limit", "iteration_limit", "stalled", "interrupted")
"""Statuses of a search that did not reach its gap."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A demand that a plan never serves.

    Parameters
    ----------
    demand
        Its id.
    why, remedy
        In words.
    """

    demand: str
    why: str
    remedy: str

    def __str__(self) -> str:
        return f"Demand {self.demand} gets nothing: {self.why}. {self.remedy}."


def demands_with_nothing(problem: Problem, plan: Plan) -> tuple[Missing, ...]:
    """Return the demands that a plan never serves, with why and what would help.

    Parameters
    ----------
    problem
        The problem; shut columns count as paths that there are not.
    plan
        The plan.
    """
    owner = {path.id: path.demand for path in plan.paths}
    served = {owner[serve.path] for serve in plan.serve if serve.rate > 0}
    left = [k for k, name in enumerate(problem.instance.demands.ids) if name not in served]
    if not left:
        return ()
    graph = RoutingGraph.from_instance(problem.instance)
    return tuple(Missing(problem.instance.demands.ids[k], *_reason(problem, plan, graph, k)) for k in left)


def _reason(problem: Problem, plan: Plan, graph: RoutingGraph, k: int) -> tuple[str, str]:
    """Return the first of the reasons that holds, from the network to the other demands."""
    instance, demands = problem.instance, problem.instance.demands
    if not (demands.weight[:, k] > 0).any():
        return "its weight is 0 in every slot", "Give it a weight, or a minimum rate"
    source, target = int(demands.source[k]), int(demands.destination[k])
    for end in (source, target):
        if not graph.neighbours[end]:
            name = instance.nodes.ids[end]
            return (
                f"no link of {name} is ever up",
                f"Join {name} by fibre, or let it see a HAP or satellites: longer horizon, lower masks",
            )
    loss = graph.distances(target, graph.loss)[source]
    ends = f"{instance.nodes.ids[source]} and {instance.nodes.ids[target]}"
    if loss >= FAR:
        return (
            f"no links join {ends}, not even in different slots",
            "Add fibre, HAPs or satellites between them, or a longer horizon",
        )
    best = float(path_fidelity(np.exp(-loss / UNIT), instance.options.swap))
    goal, protocol = float(demands.target_fidelity[k]), instance.options.purification
    if not np.isfinite(base_pairs(best, goal, protocol)):
        lifted = "and nothing is purified" if protocol == "none" else f"which {protocol} cannot lift to it"
        return (
            f"its best path has a fidelity of {best:.4g} where {goal:.4g} is asked, {lifted}",
            f"Lower its target_fidelity to {best:.4g}, or make its links better or fewer",
        )
    if not (problem.pool.demand == k).any():
        return (
            "no path among those considered reaches its target fidelity",
            "Allow more links on a path (max_hops), or consider more paths",
        )
    mine = problem.formulation.serve.demand == k
    if not (mine & problem.open).any():
        return (
            "none of its paths is up as a whole in any slot",
            "Store pairs on the way, or add links, or a longer horizon",
        )
    if plan.status in EARLY:
        return "the search ended before its gap was reached", "Give it more time"
    return (
        "what it would use is worth more to other demands in every slot",
        "Raise its weight, promise it a minimum rate, or add terminals and links where it competes",
    )
