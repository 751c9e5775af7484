"""The independent checker: is a plan possible, and is it worth what it says? From the instance alone.

Nothing here knows the formulation, the pool of paths or a solver; even fidelities and purification costs
are reckoned anew. A plan that was made elsewhere is checked the same way.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from satqn.model.instance import RoutingInstance
from satqn.model.plan import Plan, RealLeg, Violation
from satqn.routing.check_ageing import Flows, aged_flows, aged_stock, discards
from satqn.routing.check_paths import CheckedClass, CheckedPath, Layout, class_of, path_of

TOLERANCE = 1e-6
"""Share of a row's own size by which it may be missed: of its right-hand side, or of what adds up to it.

An absolute tolerance would be in the unit of the rates: 1e-6 pairs/s over a day are 0.086 pairs, and worth
any amount where weights are large (spec routing, section 4)."""

SOLVED = 1e-5
"""A gap this small is closed whatever gap was asked for: solvers add up tolerances of their own."""

CLOSED = 0.1
"""Largest relative gap of a plan that calls itself optimal and does not say what gap it was asked for."""


@dataclass
class _Review:
    """A plan under review: what it refers to, what flows, and what is wrong."""

    instance: RoutingInstance
    plan: Plan
    layout: Layout
    classes: dict[str, CheckedClass] = field(default_factory=dict)
    paths: dict[str, CheckedPath] = field(default_factory=dict)
    served: dict[tuple[str, int], float] = field(default_factory=dict)
    stored: dict[tuple[str, int], float] = field(default_factory=dict)
    twins: set[str] = field(default_factory=set)
    """Classes whose route stands under another id already: what a route holds counts once."""
    cutoff: dict[str, int] = field(default_factory=dict)
    """Where pairs age: slots after which a class throws pairs away."""
    flows: Flows = field(default_factory=Flows)
    """What serving takes from links and stores, in base pairs."""
    violations: list[Violation] = field(default_factory=list)

    def fault(self, constraint: str, index: str, detail: str, amount: float = 0.0) -> None:
        self.violations.append(Violation(constraint, index, amount, detail))

    def at_most(
        self, constraint: str, index: str, found: float, allowed: float, size: float | None = None
    ) -> None:
        """Note what is larger than allowed; ``size`` is that of the row where it is not what is allowed."""
        if not found <= allowed + TOLERANCE * (abs(allowed) if size is None else size):
            self.fault(
                constraint, index, f"{found:.9g} where at most {allowed:.9g} is allowed", found - allowed
            )

    def equal(self, constraint: str, index: str, said: float, true: float, size: float | None = None) -> None:
        """Note what is not as it is said; ``size`` is that of the row where it is not the true value."""
        if not abs(said - true) <= TOLERANCE * (abs(true) if size is None else size):
            self.fault(constraint, index, f"says {said:.9g}, but it is {true:.9g}", abs(said - true))


def check(instance: RoutingInstance, plan: Plan) -> list[Violation]:
    """Return every rule that a plan breaks; an empty list means that it is possible and worth what it says.

    Parameters
    ----------
    instance
        The instance.
    plan
        The plan, made by satqn or elsewhere.

    Notes
    -----
    Source: zhang2024, constraints C1..C6 in the reading of spec routing, sections 2, 4 and 5; C7: spec links,
    section 3; ages: specification of ageing.
    """
    review = _Review(instance, plan, Layout(instance))
    _references(review)
    _flows(review)
    _c1_path_capacity(review)
    if not instance.options.splittable:
        _c2_one_path(review)
    inflow = _inflow(review)
    stock = _aged_stock(review) if instance.ageing is not None else _stock(review)
    _c6_stock_balance(review, stock, inflow)
    _c3_storage_capacity(review, stock)
    used = _link_use(review)
    _c4_link_capacity(review, used)
    if instance.ageing is None:
        _c5_draw_from_stock(review, stock, inflow)
    _c7_shared_terminals(review, used)
    _minimum_rates(review)
    _storing(review)
    worth = _totals(review, stock)
    _claims(review, worth)
    return review.violations


def _references(review: _Review) -> None:
    """Every record refers to something that exists, once; paths and classes are sound."""
    plan, layout = review.plan, review.layout
    for name, count in Counter(group.id for group in plan.classes).items():
        if count > 1:
            review.fault("classes", name, f"stands {count} times", count - 1.0)
    for name, count in Counter(path.id for path in plan.paths).items():
        if count > 1:
            review.fault("paths", name, f"stands {count} times", count - 1.0)
    first: dict[tuple[tuple[str, ...], int | None], str] = {}
    for group in plan.classes:
        known = class_of(layout, group, _reporter(review, f"class {group.id}"))
        review.classes[group.id] = known
        key = known.route, group.cutoff if _ages(review) else None
        if _ages(review) and group.cutoff is not None:
            review.cutoff[group.id] = group.cutoff
        if first.setdefault(key, group.id) != group.id:
            review.twins.add(group.id)
            what = f"has the route of class {first[key]}: what is in store over a route counts once"
            review.fault("classes", f"class {group.id}", what)
    for path in plan.paths:
        found = path_of(layout, path, review.classes, _reporter(review, f"path {path.id}"))
        if found is not None:
            review.paths[path.id] = found
    _initial_stock(review)
    known_paths, known_classes = {path.id for path in plan.paths}, set(review.classes)
    for serve in plan.serve:
        _flow(review, "serve", serve.path, known_paths, serve.slot, serve.rate, review.served)
    for store in plan.store:
        _flow(review, "store", store.inventory, known_classes, store.slot, store.rate, review.stored)


def _ages(review: _Review) -> bool:
    """Whether stored pairs age in the instance of the plan."""
    return review.instance.ageing is not None


def _flows(review: _Review) -> None:
    """Reckon what serving takes; where nothing ages, a plan that says otherwise is for another instance."""
    plan = review.plan
    if _ages(review):
        review.flows = aged_flows(
            review.layout, plan, review.classes, review.paths, review.cutoff, review.fault
        )
        return
    told = [f"class {group.id}" for group in plan.classes if group.cutoff is not None]
    told += [f"path {serve.path}, slot {serve.slot}" for serve in plan.serve if serve.aged]
    told += [f"discard {row.inventory}, slot {row.slot}" for row in plan.discard]
    for where in told:
        review.fault("ageing", where, "tells ages, but the instance has no ageing")
    for (name, slot), rate in review.served.items():
        if name in review.paths:
            review.flows.base[name, slot] = review.paths[name].base_pairs * rate


def _reporter(review: _Review, index: str) -> Callable[[str, str, float], None]:
    return lambda constraint, detail, amount: review.fault(constraint, index, detail, amount)


def _initial_stock(review: _Review) -> None:
    """Check that the stock at the start is what the instance says, class by class."""
    said: dict[tuple[str, ...], float] = {}
    for group in review.classes.values():
        if group.sound:
            # Copies of a class, which differ in their cut-offs, share its stock.
            copies = said.get(group.route, 0.0) if group.id in review.cutoff else 0.0
            said[group.route] = copies + group.initial_stock
    for route, pairs in review.layout.initial_stock.items():
        if route not in said and pairs == 0.0:
            continue  # nothing is in store there, and nobody need say so
        if route not in said:
            review.fault(
                "C6", "–".join(route), f"leaves out a class with {pairs:g} pairs of initial stock", pairs
            )
    for group in review.classes.values():
        if group.sound and group.id not in review.twins:
            true = review.layout.initial_stock.get(group.route, 0.0)
            whole = said[group.route] if group.id in review.cutoff else group.initial_stock
            review.equal("C6", f"class {group.id}, initial stock", whole, true)


def _flow(
    review: _Review,
    kind: str,
    name: str,
    known: set[str],
    slot: int,
    rate: float,
    flows: dict[tuple[str, int], float],
) -> None:
    index = f"{name}, slot {slot}"
    if name not in known:
        review.fault(kind, index, f"refers to {name!r}, which the plan does not define")
        return
    if not 1 <= slot <= review.instance.slots:
        review.fault(kind, index, f"there are slots 1 to {review.instance.slots}")
        return
    if (name, slot) in flows:
        review.fault(kind, index, "stands twice")
    if rate < 0.0:
        review.fault(kind, index, f"the rate {rate:.9g} is negative", -rate)
    flows[name, slot] = flows.get((name, slot), 0.0) + rate


def _c1_path_capacity(review: _Review) -> None:
    """C1: a path carries no more than its narrowest link or store, divided by the purification cost."""
    layout, tau = review.layout, review.instance.slot_length
    for (name, slot), rate in review.served.items():
        if name not in review.paths:
            continue
        path = review.paths[name]
        if _ages(review):
            # The cost depends on age: base pairs are held against the width, not pairs against a share of it.
            rate, cost = review.flows.base.get((name, slot), 0.0), 1.0
        else:
            cost = path.base_pairs
        widths = [layout.rate(link, slot) for link in path.links]
        widths += [layout.pair_capacity(review.classes[group].route) / tau for group in path.drawn]
        review.at_most("C1", f"path {name}, slot {slot}", rate, min(widths) / cost)


def _c2_one_path(review: _Review) -> None:
    """C2: a demand uses one path in a slot; a record with rate 0 still chooses its path."""
    chosen: dict[tuple[str, int], list[str]] = defaultdict(list)
    way = _ways(review)
    for name, slot in review.served:
        if name in review.paths:
            names = chosen[review.paths[name].demand, slot]
            if not any(way[name] == way[other] for other in names):
                names.append(name)
    for (demand, slot), names in chosen.items():
        if len(names) > 1:
            review.fault(
                "C2", f"demand {demand}, slot {slot}", "uses paths " + ", ".join(names), len(names) - 1.0
            )


def _ways(review: _Review) -> dict[str, object]:
    """Return what tells paths apart: their ids; copies of a class, by their cut-offs, are one store."""
    if not review.cutoff:
        return {path.id: path.id for path in review.plan.paths}
    return {
        path.id: tuple(
            leg.nodes if isinstance(leg, RealLeg) else (review.classes[leg.inventory].route, leg.start)
            for leg in path.legs
        )
        for path in review.plan.paths
        if path.id in review.paths
    }


def _drawn(review: _Review, slot: int) -> dict[str, float]:
    """Pairs drawn from every class in a slot."""
    drawn: dict[str, float] = defaultdict(float)
    for (name, when), rate in review.served.items():
        if when == slot and name in review.paths:
            path = review.paths[name]
            for group in path.drawn:
                drawn[group] += review.instance.slot_length * path.base_pairs * rate
    return drawn


def _opening(review: _Review, name: str) -> float:
    """Pairs of a class in store when the first slot starts, as the instance says."""
    if name in review.twins:
        return 0.0
    if name in review.cutoff:
        return review.classes[name].initial_stock
    return review.layout.initial_stock.get(review.classes[name].route, 0.0)


def _inflow(review: _Review) -> dict[tuple[str, int], float]:
    """All that has gone into a class until a slot starts: the size of the rows about its stock."""
    inflow = {(name, 1): _opening(review, name) for name in review.classes}
    for slot in range(1, review.instance.slots + 1):
        for name in review.classes:
            stored = review.instance.slot_length * review.stored.get((name, slot), 0.0)
            inflow[name, slot + 1] = inflow[name, slot] + stored
    return inflow


def _aged_stock(review: _Review) -> dict[tuple[str, int], float]:
    """Add up the stock of every class by age."""
    slots = review.instance.slots
    gone = discards(review.plan, review.classes, review.cutoff, slots, review.fault)
    names = list(review.classes)
    opening = {name: _opening(review, name) for name in names}
    return aged_stock(
        review.instance, names, opening, review.stored, review.flows, gone, review.cutoff, review.at_most
    )


def _stock(review: _Review) -> dict[tuple[str, int], float]:
    """C6: stock = what was left, as far as it survives, + what was stored."""
    instance = review.instance
    stock = {(name, 1): _opening(review, name) for name in review.classes}
    for slot in range(1, instance.slots + 1):
        drawn = _drawn(review, slot)
        for name in review.classes:
            left = stock[name, slot] - drawn[name]
            stored = instance.slot_length * review.stored.get((name, slot), 0.0)
            stock[name, slot + 1] = instance.options.stock_retention * left + stored
    return stock


def _c6_stock_balance(
    review: _Review, stock: dict[tuple[str, int], float], inflow: dict[tuple[str, int], float]
) -> None:
    """C6: the plan says what is in store as it is."""
    instance = review.instance
    said: dict[tuple[str, int], float] = {}
    for record in review.plan.stock:
        key = record.inventory, record.slot
        if key not in stock:
            review.fault("stock", f"{record.inventory}, slot {record.slot}", "no such class or slot")
        elif key in said:
            review.fault("stock", f"{record.inventory}, slot {record.slot}", "stands twice")
        said[key] = record.pairs
    for (name, slot), true in stock.items():
        # A plan may leave its stocks out altogether; if it lists them, what is missing counts as 0.
        if (name, slot) in said or (said and slot <= instance.slots):
            pairs = said.get((name, slot), 0.0)
            review.equal("C6", f"class {name}, slot {slot}", pairs, true, inflow[name, slot])


def _c3_storage_capacity(review: _Review, stock: dict[tuple[str, int], float]) -> None:
    """C3: a stored pair occupies one unit at each of its two ends, at the start of every slot."""
    nodes = review.instance.nodes
    held: dict[tuple[str, int], float] = defaultdict(float)
    for (name, slot), pairs in stock.items():
        if slot <= review.instance.storing_slots:
            route = review.classes[name].route
            held[route[0], slot] += pairs
            held[route[-1], slot] += pairs
    for (node, slot), pairs in held.items():
        if node in review.layout.node:
            capacity = float(nodes.storage_capacity[review.layout.node[node]])
            review.at_most("C3", f"node {node}, slot {slot}", pairs, capacity)


def _link_use(review: _Review) -> dict[tuple[tuple[str, str], int], float]:
    """Add up the base pairs that paths and stores take from every link in a slot, in the rate unit."""
    used: dict[tuple[tuple[str, str], int], float] = defaultdict(float)
    for name, slot in review.served:
        if name in review.paths:
            for link in review.paths[name].links:
                used[link, slot] += review.flows.base.get((name, slot), 0.0)
    for (name, slot), rate in review.stored.items():
        for link in review.classes[name].links:
            used[link, slot] += rate
    return used


def _c4_link_capacity(review: _Review, used: dict[tuple[tuple[str, str], int], float]) -> None:
    """C4: paths and stores together take no more from a link than it makes."""
    for (link, slot), rate in used.items():
        review.at_most("C4", f"link {link[0]}–{link[1]}, slot {slot}", rate, review.layout.rate(link, slot))


def _c5_draw_from_stock(
    review: _Review, stock: dict[tuple[str, int], float], inflow: dict[tuple[str, int], float]
) -> None:
    """C5: no more is drawn from a class than it holds when the slot starts."""
    for slot in range(1, review.instance.slots + 1):
        for name, pairs in _drawn(review, slot).items():
            if name in review.classes:
                held = max(stock[name, slot], 0.0)
                review.at_most("C5", f"class {name}, slot {slot}", pairs, held, inflow[name, slot])


def _c7_shared_terminals(review: _Review, used: dict[tuple[tuple[str, str], int], float]) -> None:
    """C7: the links that share terminals, or another limit, are in use for no more time than there is."""
    shares: dict[tuple[frozenset[str], int], float] = {}
    for (link, slot), rate in used.items():
        made = review.layout.rate(link, slot)
        # A link that is down is a matter of C4.
        if made > 0:
            shares[frozenset(link), slot] = rate / made
    for shared in review.layout.shared():
        for slot in range(1, review.instance.slots + 1):
            if shared.slot in (None, slot):
                found = sum(shares.get((ends, slot), 0.0) for ends in shared.links)
                review.at_most("C7", f"{shared.name}, slot {slot}", found, shared.limit)


def _minimum_rates(review: _Review) -> None:
    """Minimum rates: a demand that was promised one gets it in every slot."""
    demands = review.instance.demands
    delivered: dict[tuple[str, int], float] = defaultdict(float)
    for (name, slot), rate in review.served.items():
        if name in review.paths:
            delivered[review.paths[name].demand, slot] += rate
    for k, demand in enumerate(demands.ids):
        needed = float(demands.minimum_rate[k])
        for slot in range(1, review.instance.slots + 1) if needed > 0 else ():
            rate = delivered[demand, slot]
            review.at_most("minimum_rate", f"demand {demand}, slot {slot}", needed, rate, needed)


def _storing(review: _Review) -> None:
    """Nothing is stored in the last slot unless stock has a worth; one route per pair where asked for."""
    instance = review.instance
    ways: dict[tuple[frozenset[str], int], list[str]] = defaultdict(list)
    for (name, slot), rate in review.stored.items():
        route = review.classes[name].route
        if slot > instance.storing_slots - 1:
            review.at_most("last slot", f"class {name}", rate, 0.0)
        if rate > 0.0:
            ways[frozenset((route[0], route[-1])), slot].append(name)
    for (pair, slot), names in ways.items():
        if instance.options.storing_single_path and len(names) > 1:
            where = f"storage pair {'–'.join(sorted(pair))}, slot {slot}"
            review.fault("storing_single_path", where, "fills classes " + ", ".join(names), len(names) - 1.0)


def _totals(review: _Review, stock: dict[tuple[str, int], float]) -> float:
    """Check that the plan is worth what it says; return what it is worth."""
    instance, plan, layout = review.instance, review.plan, review.layout
    delivered = weighted = 0.0
    for (name, slot), rate in review.served.items():
        if name in review.paths:
            pairs = instance.slot_length * rate
            delivered += pairs
            weighted += pairs * layout.weight(review.paths[name].demand, slot)
    last = instance.slots + 1
    weighted += instance.options.stock_end_value * sum(stock[name, last] for name in review.classes)
    for name, said, true in (
        ("objective_pairs", plan.objective_pairs, weighted),
        ("delivered_pairs", plan.delivered_pairs, delivered),
    ):
        if math.isfinite(true):
            review.equal("objective", name, said, true)
        else:
            review.fault("objective", name, f"says {said:.9g}, but rates times weights overflow", math.inf)
    return weighted


def _claims(review: _Review, worth: float) -> None:
    """Check that bound, gap and status agree with each other and with what the plan is worth."""
    plan = review.plan
    if plan.status == "infeasible":
        review.fault("status", "status", "says that no plan is possible, but this is one")
    if plan.bound_pairs is None:
        if plan.gap is not None:
            review.fault("bound", "gap", f"says {plan.gap:.9g}, but there is no bound_pairs to have it from")
        return
    bound, said = plan.bound_pairs, plan.objective_pairs
    review.at_most("bound", "objective_pairs", said, bound, max(abs(bound), abs(said)))
    base = max(1.0, abs(said))
    if plan.gap is not None:
        # Either number may be off by the tolerance: so may what they are worth compared.
        size = max(abs(plan.gap), (abs(bound) + abs(said)) / base)
        review.equal("bound", "gap", plan.gap, (bound - said) / base, size)
    asked = CLOSED if plan.asked_gap is None else plan.asked_gap
    open_share = (bound - worth) / (abs(worth) if worth != 0.0 else 1.0)
    if plan.status == "optimal" and not open_share <= asked + SOLVED * (1.0 + asked):
        what = f"says optimal, but its bound lies {100 * open_share:.4g} % above what it is worth"
        review.fault("status", "status", f"{what}, where {100 * asked:.4g} % closes a gap", open_share)
