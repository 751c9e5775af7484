"""The checker's own reading of paths, fidelities and purification costs, in plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from satqn.model.instance import RoutingInstance
from satqn.model.plan import PlanClass, PlanPath, RealLeg

Link = tuple[str, str]
Report = Callable[[str, str, float], None]
"""Is told the rule, what was found, and by how much."""

MAX_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Shared:
    """A limit that links share, as the checker understands it.

    Parameters
    ----------
    name
        In words.
    limit
        Most that the shares of use may add up to.
    links
        Ends of the links.
    slot
        From 1; None for every slot.
    """

    name: str
    limit: float
    links: tuple[frozenset[str], ...]
    slot: int | None


class Layout:
    """What the instance says, by name.

    Parameters
    ----------
    instance
        The instance.
    """

    def __init__(self, instance: RoutingInstance) -> None:
        self.instance = instance
        ids = instance.nodes.ids
        self.node = {name: i for i, name in enumerate(ids)}
        self.demand = {name: k for k, name in enumerate(instance.demands.ids)}
        ends = zip(instance.links.a.tolist(), instance.links.b.tolist(), strict=True)
        self.link = {frozenset((ids[a], ids[b])): e for e, (a, b) in enumerate(ends)}
        self.storage_pairs = {frozenset((ids[a], ids[b])) for a, b in instance.storage_pairs.tolist()}
        self.initial_stock = {
            _forward(tuple(ids[v] for v in stock.route)): stock.pairs for stock in instance.initial_stock
        }

    def shared(self) -> list[Shared]:
        """Return what links share: terminals of nodes (not with fibre), then the list of the file."""
        instance = self.instance
        kind = dict(zip(instance.nodes.ids, instance.nodes.kind, strict=True))
        free_space = [ends for ends in self.link if any(kind[v] != "base_station" for v in ends)]
        ends_of = {e: ends for ends, e in self.link.items()}
        return [
            Shared(f"terminals of node {v}", count, tuple(ends for ends in free_space if v in ends), None)
            for v, count in zip(instance.nodes.ids, instance.nodes.terminals, strict=True)
            if count is not None
        ] + [
            Shared(row.id, row.limit, tuple(ends_of[e] for e in row.links),
                   None if row.slot is None else row.slot + 1)
            for row in instance.sharing
        ]  # fmt: skip

    def rate(self, link: Link, slot: int) -> float:
        """Return C_e^t; slots count from 1."""
        return float(self.instance.links.rate[slot - 1, self.link[frozenset(link)]])

    def weight(self, demand: str, slot: int) -> float:
        """Return alpha_k^t; slots count from 1."""
        return float(self.instance.demands.weight[slot - 1, self.demand[demand]])

    def pair_capacity(self, route: tuple[str, ...]) -> float:
        """Return the smaller capacity of the two ends of a route."""
        capacity = self.instance.nodes.storage_capacity
        return min(float(capacity[self.node[end]]) for end in (route[0], route[-1]))


def _forward(route: tuple[str, ...]) -> tuple[str, ...]:
    """Return the spelling that a route and its reverse share."""
    return min(route, route[::-1])


@dataclass(frozen=True, slots=True)
class CheckedClass:
    """An inventory class as the checker understands it.

    Parameters
    ----------
    id
        Its name in the plan.
    route
        Node ids, in the direction that both ways of writing share.
    links
        Those of its links that exist.
    initial_stock
        As the plan says.
    sound
        Whether its route is possible.
    """

    id: str
    route: tuple[str, ...]
    links: tuple[Link, ...]
    initial_stock: float
    sound: bool


@dataclass(frozen=True, slots=True)
class CheckedPath:
    """A path as the checker understands it.

    Parameters
    ----------
    demand
        Id of its demand.
    links
        Real links used while serving.
    drawn
        Ids of the classes it draws from.
    base_pairs
        g of fresh pairs, reckoned anew; infinite if the target cannot be reached.
    fidelity
        F_p of fresh pairs.
    """

    demand: str
    links: tuple[Link, ...]
    drawn: tuple[str, ...]
    base_pairs: float
    fidelity: float


def _existing(layout: Layout, nodes: tuple[str, ...], report: Report) -> tuple[Link, ...]:
    """Return the links along the nodes in one spelling each, and report those that do not exist."""
    found: list[Link] = []
    for a, b in pairwise(nodes):
        if frozenset((a, b)) in layout.link and a != b:
            found.append((min(a, b), max(a, b)))
        else:
            report("links", f"there is no link {a}–{b}", 0.0)
    return tuple(found)


def class_of(layout: Layout, group: PlanClass, report: Report) -> CheckedClass:
    """Check an inventory class: its route is simple, exists, and joins a storage pair.

    Parameters
    ----------
    layout
        The instance by name.
    group
        The class.
    report
        Is told what is wrong.
    """
    links = _existing(layout, group.route, report)
    sound = len(links) == len(group.route) - 1 and len(links) > 0
    if len(set(group.route)) < len(group.route):
        report("paths", "its route visits a node twice", 0.0)
        sound = False
    if frozenset(group.pair) != frozenset((group.route[0], group.route[-1])):
        report("paths", f"its route runs from {group.route[0]} to {group.route[-1]}, not along its pair", 0.0)
        sound = False
    if frozenset(group.pair) not in layout.storage_pairs:
        report("storage_pairs", f"{'–'.join(group.pair)} is not a storage pair", 0.0)
        sound = False
    return CheckedClass(group.id, _forward(group.route), links, group.initial_stock, sound)


def path_of(
    layout: Layout, path: PlanPath, classes: dict[str, CheckedClass], report: Report
) -> CheckedPath | None:
    """Check a path and reckon its fidelity and cost anew; None if it cannot be understood at all.

    Parameters
    ----------
    layout
        The instance by name.
    path
        The path.
    classes
        The classes of the plan.
    report
        Is told what is wrong.
    """
    if path.demand not in layout.demand or not path.legs:
        report("paths", f"unknown demand {path.demand!r}" if path.legs else "has no legs", 0.0)
        return None
    full, links, drawn = _legs(path, layout, classes, report)
    if full is None:
        return None
    _shape(layout, path, full, len(drawn), report)
    f_p = _fidelity(layout, full)
    if f_p is None:
        return None
    instance, k = layout.instance, layout.demand[path.demand]
    cost = purification_cost(f_p, float(instance.demands.target_fidelity[k]), instance.options.purification)
    _compare("fidelity", path.fidelity, f_p, report)
    if math.isinf(cost):
        report("target_fidelity", f"no purification lifts its fidelity {f_p:.6g} to the target", 0.0)
        return None
    _compare("base_pairs_per_pair", path.base_pairs, cost, report)
    return CheckedPath(path.demand, links, drawn, cost, f_p)


def _legs(
    path: PlanPath, layout: Layout, classes: dict[str, CheckedClass], report: Report
) -> tuple[tuple[str, ...] | None, tuple[Link, ...], tuple[str, ...]]:
    """Return the nodes of f(p), the real links and the classes of a path."""
    full: list[str] = []
    links: list[Link] = []
    drawn: list[str] = []
    for leg in path.legs:
        if isinstance(leg, RealLeg):
            nodes = leg.nodes
            links += _existing(layout, nodes, report)
        else:
            if leg.inventory not in classes:
                report("paths", f"refers to class {leg.inventory!r}, which the plan does not define", 0.0)
                return None, (), ()
            nodes = classes[leg.inventory].route
            nodes = nodes if nodes[0] == leg.start else nodes[::-1]
            if (nodes[0], nodes[-1]) != (leg.start, leg.end):
                report("paths", f"class {leg.inventory} does not join {leg.start!r} and {leg.end!r}", 0.0)
            drawn.append(leg.inventory)
        if full and full[-1] != nodes[0]:
            report("paths", f"its legs do not meet: {full[-1]!r}, {nodes[0]!r}", 0.0)
        full += nodes[1:] if full and full[-1] == nodes[0] else nodes
    return tuple(full), tuple(links), tuple(drawn)


def _shape(layout: Layout, path: PlanPath, full: tuple[str, ...], virtual: int, report: Report) -> None:
    instance, k = layout.instance, layout.demand[path.demand]
    ids = instance.nodes.ids
    ends = {ids[instance.demands.source[k]], ids[instance.demands.destination[k]]}
    if {full[0], full[-1]} != ends:
        report("paths", f"joins {full[0]!r} and {full[-1]!r}, not the users of demand {path.demand}", 0.0)
    if len(set(full)) < len(full):
        report("paths", "visits a node twice", 0.0)
    hops, cap = len(full) - 1, instance.paths.max_hops
    if cap is not None and hops > cap:
        report("paths", f"has {hops} hops, at most {cap} are allowed", float(hops - cap))
    if virtual > instance.options.max_virtual_links:
        most = instance.options.max_virtual_links
        report("paths", f"has {virtual} virtual links, at most {most} are allowed", float(virtual - most))


def _fidelity(layout: Layout, full: tuple[str, ...]) -> float | None:
    """Return F_p of f(p), or None where a link does not exist (reported before)."""
    product = 1.0
    for step in pairwise(full):
        if frozenset(step) not in layout.link:
            return None
        link = float(layout.instance.links.fidelity[layout.link[frozenset(step)]])
        product *= (4.0 * link - 1.0) / 3.0 if layout.instance.options.swap == "werner" else link
    return 0.25 + 0.75 * product if layout.instance.options.swap == "werner" else product


def _compare(name: str, said: float, true: float, report: Report) -> None:
    if not abs(said - true) <= 1e-6 * abs(true):
        report(name, f"says {said:.9g}, but it is {true:.9g}", abs(said - true))


def purification_cost(fidelity: float, target: float, protocol: str) -> float:
    """Return g by running the nested protocol round by round; infinite if it does not get there.

    Parameters
    ----------
    fidelity
        F_p of the Werner pairs at the start.
    target
        F_k.
    protocol
        ``bbpssw``, ``dejmps`` or ``none``.
    """
    if fidelity >= target - 1e-12:
        return 1.0
    if fidelity <= 0.5 or protocol == "none":
        return math.inf
    a = fidelity
    b = c = d = (1.0 - fidelity) / 3.0
    cost = 1.0
    for _ in range(MAX_ROUNDS):
        before = a
        if protocol == "bbpssw":
            third = (1.0 - a) / 3.0
            success = a * a + 2.0 * a * third + 5.0 * third * third
            a = (a * a + third * third) / success
        else:
            # DEJMPS: a is the target state, b the one that its rotations pair with it.
            success = (a + b) ** 2 + (c + d) ** 2
            a, b, c, d = (
                (a * a + b * b) / success,
                2.0 * c * d / success,
                (c * c + d * d) / success,
                2.0 * a * b / success,
            )
        cost *= 2.0 / success
        if a >= target - 1e-12:
            return cost
        if a <= before:
            return math.inf
    return math.inf
