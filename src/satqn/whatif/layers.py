"""Layers of a network: who is served through which, and what each is worth by leaving it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from satqn.model.instance import RoutingInstance
from satqn.model.plan import PlanPath, RealLeg
from satqn.model.shown import Shown
from satqn.planning import PlanSystem, settings_of
from satqn.routing.pool import with_paths
from satqn.routing.solve import Settings, Solution, solve
from satqn.whatif.lift import no_less_than

FIBRE_ALONE = "fibre alone"
TOGETHER = " + "
"""Between the names of layers that a path takes together."""


@dataclass(frozen=True, slots=True, repr=False)
class Layers(Shown):
    """The plan of a network, and those of the network without each of its layers.

    Parameters
    ----------
    whole
        The plan of all together.
    members
        Ids of the nodes of every layer, by its name: every group of satellites, and ``HAPs``.
    without
        By layer, the plan without it; after Ctrl-C of those that were reached.
    """

    whole: Solution
    members: dict[str, frozenset[str]]
    without: dict[str, Solution]

    def _shown(self) -> dict[str, Any]:
        return {str(row["layer"]): row["worth_pairs"] for row in self.rows()}

    def served(self) -> list[dict[str, Any]]:
        """Return, by demand and by the layers that its paths touch, the pairs that are delivered."""
        plan, slot = self.whole.plan, self.whole.problem.instance.slot_length
        if plan is None:
            return []
        routes = {one.id: one.route for one in plan.classes}
        touched = {path.id: (path.demand, self._touched(path, routes)) for path in plan.paths}
        pairs: dict[tuple[str, str], float] = {}
        for serve in plan.serve:
            key = touched[serve.path]
            pairs[key] = pairs.get(key, 0.0) + serve.rate * slot
        order = {name: number for number, name in enumerate(self.whole.problem.instance.demands.ids)}
        return [
            {"demand": demand, "through": through, "pairs": value}
            for (demand, through), value in sorted(
                pairs.items(), key=lambda item: (order[item[0][0]], item[0][1])
            )
            if value > 0
        ]

    def _touched(self, path: PlanPath, routes: Mapping[str, tuple[str, ...]]) -> str:
        """Return the layers on a path, and on the routes over which what it draws was stored."""
        nodes: set[str] = set()
        for leg in path.legs:
            nodes.update(leg.nodes if isinstance(leg, RealLeg) else routes[leg.inventory])
        names = [layer for layer, members in self.members.items() if nodes & members]
        return TOGETHER.join(names) or FIBRE_ALONE

    def rows(self) -> list[dict[str, Any]]:
        """Return, for every layer, the pairs through it and what all together is worth more than without it.

        Notes
        -----
        ``worth_pairs`` compares two plans. ``certain_worth_pairs`` takes the bound without the layer for what
        could be done without it: that much it is worth for certain, if above 0.
        """
        plan, served = self.whole.plan, self.served()
        rows = []
        for layer, found in self.without.items():
            worth = None if plan is None else plan.objective_pairs
            other = None if found.plan is None else found.plan.objective_pairs
            bound = found.bound_pairs
            infeasible = found.status == "infeasible"
            rows.append(
                {
                    "layer": layer,
                    "nodes": len(self.members[layer]),
                    "pairs_through": sum(
                        row["pairs"] for row in served if layer in str(row["through"]).split(TOGETHER)
                    ),
                    "demands": len(
                        {row["demand"] for row in served if layer in str(row["through"]).split(TOGETHER)}
                    ),
                    "objective_without_pairs": other,
                    "bound_without_pairs": bound,
                    "worth_pairs": None if worth is None or other is None else worth - other,
                    "certain_worth_pairs": None
                    if worth is None or bound is None or infeasible
                    else worth - bound,
                    "status_without": found.status,
                }
            )
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        plan = self.whole.plan
        return {
            "objective_pairs": None if plan is None else plan.objective_pairs,
            "bound_pairs": self.whole.bound_pairs,
            "gap": self.whole.gap,
            "status": self.whole.status,
            "layers": self.rows(),
            "served": self.served(),
        }


def layers_of(system: PlanSystem) -> dict[str, frozenset[str]]:
    """Return the nodes of every layer of a scenario, by its name.

    Parameters
    ----------
    system
        The scenario made ready. The relay nodes of satellites without memory belong to their group.
    """
    ids = system.instance.nodes.ids
    found: dict[str, set[str]] = {}
    group = {body.id: body.group for body in system.stage.bodies if body.kind == "satellite"}
    names = [one.id for one in system.scenario.satellites]
    for name in ids:
        layer = group.get(name) or next((g for g in names if name.startswith(f"{g}:")), None)
        if layer is not None:
            found.setdefault(layer, set()).add(name)
    haps = {hap.id for hap in system.scenario.haps}
    order = [name for name in names if name in found]
    layers = {name: frozenset(found[name]) for name in order}
    return layers | ({"HAPs": frozenset(haps)} if haps else {})


def without_nodes(instance: RoutingInstance, names: frozenset[str]) -> RoutingInstance:
    """Return an instance in which the links of some nodes are never up.

    Parameters
    ----------
    instance
        The instance.
    names
        Ids of the nodes.
    """
    gone = np.array([name in names for name in instance.nodes.ids], dtype=bool)
    links = instance.links
    up = ~(gone[links.a] | gone[links.b])
    return replace(instance, links=replace(links, rate=links.rate * up))


def compare_layers(system: PlanSystem, **changes: Any) -> Layers:
    """Plan a scenario, and plan it without each of its layers.

    Parameters
    ----------
    system
        The scenario made ready.
    changes
        Fields of :class:`satqn.routing.solve.Settings` that differ; the time limit is that of each plan.

    Notes
    -----
    All plans are made over all paths. What can be done without a layer can be done with it: where the search
    finds less with it, within its gap, the plan of the smaller network is taken over.
    """
    settings: Settings = replace(settings_of(system.scenario, **changes), warm_start=False, method=None)
    instance = with_paths(system.instance, "generated")
    members = layers_of(system)
    whole = solve(instance, settings)
    without: dict[str, Solution] = {}
    for layer, names in members.items():
        if "interrupted" in (whole.status, *(one.status for one in without.values())):
            break
        without[layer] = solve(without_nodes(instance, names), settings)
    for one in without.values():
        whole = no_less_than(whole, one, settings.gap)
    return Layers(whole, members, without)
