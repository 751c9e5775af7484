"""Reading a plan by its instance: paths and classes as links, classes and fidelities; faults all at once.

Whether a plan keeps every constraint is asked of ``satqn check``. Here is found only what would make a
replay meaningless: references to nothing, fidelities that are not so, links that give more than they make.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from satqn.errors import Problem
from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan, PlanPath, RealLeg

TOLERANCE = 1e-6
"""Share of max(1, value) by which what a plan says may miss what the instance says."""


@dataclass(frozen=True, slots=True)
class ReplayClass:
    """An inventory class: links of its route, node indices of its ends, pairs in store at the start."""

    links: tuple[int, ...]
    ends: tuple[int, int]
    initial: float


@dataclass(frozen=True, slots=True)
class ReplayPath:
    """A path: index of its demand, real links, classes it draws from, fidelity of fresh base pairs."""

    demand: int
    links: tuple[int, ...]
    classes: tuple[int, ...]
    fidelity: float


def _either_way(route: Sequence[str]) -> tuple[str, ...]:
    """Return the spelling that a route and its reverse share."""
    forward = tuple(route)
    return min(forward, forward[::-1])


class Reader:
    """Reads the records of a plan and notes what is wrong with them.

    Parameters
    ----------
    instance
        The instance of the plan.
    plan
        The plan.
    shared_stock
        Whether classes over one route share its initial stock, as they do where pairs age.
    """

    def __init__(self, instance: RoutingInstance, plan: Plan, *, shared_stock: bool = False) -> None:
        self.instance, self.plan, self._shared_stock = instance, plan, shared_stock
        self.problems: list[Problem] = []
        ids = instance.nodes.ids
        self._node = {name: i for i, name in enumerate(ids)}
        self._demand = {name: k for k, name in enumerate(instance.demands.ids)}
        ends = zip(instance.links.a.tolist(), instance.links.b.tolist(), strict=True)
        self._link = {frozenset((ids[a], ids[b])): e for e, (a, b) in enumerate(ends)}
        self._initial = {
            _either_way([ids[v] for v in stock.route]): stock.pairs for stock in instance.initial_stock
        }
        self.class_index = {group.id: q for q, group in enumerate(plan.classes)}

    def note(self, where: str, what: str, fix: str = "") -> None:
        """Add a fault."""
        self.problems.append(Problem(where, what, fix))

    def differs(self, where: str, name: str, said: float, true: float) -> None:
        """Add a fault if what a plan says is not what the instance says."""
        if not abs(said - true) <= TOLERANCE * max(1.0, abs(true)):
            self.note(where, f"{name} is {said:.9g} in the plan, {true:.9g} by the instance")

    def classes(self) -> list[ReplayClass]:
        """Return the classes in the order of the plan."""
        found = []
        for group in self.plan.classes:
            where = f"class {group.id}"
            links = self._links(group.route, where)
            start, end = group.route[0], group.route[-1]
            if {start, end} != set(group.pair):
                self.note(where, f"its route joins {start} and {end}, not {'–'.join(group.pair)}")
            ends = (self._node.get(start, 0), self._node.get(end, 0))
            initial = self._initial.get(_either_way(group.route), 0.0)
            if not self._shared_stock:
                self.differs(where, "initial stock", group.initial_stock, initial)
            found.append(ReplayClass(links, ends, group.initial_stock))
        if self._shared_stock:
            self._compare_shared()
        return found

    def _compare_shared(self) -> None:
        """Compare the initial stock of every route, over all classes that share it."""
        said: dict[tuple[str, ...], float] = {}
        for group in self.plan.classes:
            route = _either_way(group.route)
            said[route] = said.get(route, 0.0) + group.initial_stock
        for route, pairs in said.items():
            where = f"classes over {'–'.join(route)}"
            self.differs(where, "initial stock", pairs, self._initial.get(route, 0.0))

    def paths(self) -> list[ReplayPath]:
        """Return the paths in the order of the plan."""
        return [self._path(path) for path in self.plan.paths]

    def _links(self, nodes: Sequence[str], where: str) -> tuple[int, ...]:
        links = []
        for a, b in pairwise(nodes):
            link = self._link.get(frozenset((a, b)))
            if link is None:
                self.note(where, f"there is no link {a}–{b} in the instance")
            else:
                links.append(link)
        return tuple(links)

    def _path(self, path: PlanPath) -> ReplayPath:
        where = f"path {path.id}"
        links: list[int] = []
        drawn: list[int] = []
        along: list[int] = []
        places: list[str] = []
        for leg in path.legs:
            if isinstance(leg, RealLeg):
                start, end = leg.nodes[0], leg.nodes[-1]
                here = self._links(leg.nodes, where)
                links += here
                along += here
            else:
                start, end = leg.start, leg.end
                along += self._draw(leg.inventory, {start, end}, where, drawn)
            if places and places[-1] != start:
                self.note(where, f"its legs do not meet: {places[-1]}, {start}")
            places += [start, end]
        demand = self._demand_of(path, places, where)
        fidelity = self._fidelity(along)
        self.differs(where, "fidelity", path.fidelity, fidelity)
        return ReplayPath(demand, tuple(links), tuple(drawn), fidelity)

    def _demand_of(self, path: PlanPath, places: Sequence[str], where: str) -> int:
        """Return the index of the demand of a path, which joins its users."""
        demand, instance = self._demand.get(path.demand), self.instance
        if demand is None:
            self.note(where, f"there is no demand {path.demand!r} in the instance")
            return 0
        users = {
            instance.nodes.ids[int(end[demand])]
            for end in (instance.demands.source, instance.demands.destination)
        }
        ends = {places[0], places[-1]} if places else set()
        if ends != users:
            joined = " and ".join(sorted(ends)) or "nothing"
            self.note(where, f"joins {joined}, not {' and '.join(sorted(users))} of {path.demand}")
        return demand

    def _draw(self, name: str, ends: set[str], where: str, drawn: list[int]) -> tuple[int, ...]:
        """Add a class to those drawn from, and return the links of its route."""
        index = self.class_index.get(name)
        if index is None:
            self.note(where, f"there is no class {name!r} in the plan")
            return ()
        route = self.plan.classes[index].route
        if {route[0], route[-1]} != ends:
            self.note(where, f"class {name} joins {route[0]} and {route[-1]}, not {'–'.join(sorted(ends))}")
        drawn.append(index)
        # Links that do not exist are noted with the class.
        found = (self._link.get(frozenset(step)) for step in pairwise(route))
        return tuple(link for link in found if link is not None)

    def _fidelity(self, links: Sequence[int]) -> float:
        werner, product = self.instance.options.swap == "werner", 1.0
        for link in links:
            f = float(self.instance.links.fidelity[link])
            product *= (4.0 * f - 1.0) / 3.0 if werner else f
        return 0.25 + 0.75 * product if werner else product
