"""Is a plan sound, in rational numbers and straight from the text? Knows nothing of satqn; fields of files only.

Slow and plain: one function per rule of the problem. A rule may be missed by a share ``slack`` of its own size.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from fractions import Fraction
from typing import Any

from tests.oracles.routing import cost_g, per_slot

Document = dict[str, Any]
Link = frozenset[str]


class UnsoundError(Exception):
    """The plan breaks a rule."""


def require(holds: bool, rule: str) -> None:
    if not holds:
        raise UnsoundError(rule)


class Reading:
    """The instance by name."""

    def __init__(self, d: Document) -> None:
        self.d = d
        self.slots = int(d["slots"])
        self.tau = Fraction(1) if d["rate_unit"] == "pairs_per_slot" else Fraction(d["slot_duration_s"])
        self.options = d.get("options", {})
        self.rate = {frozenset(e["ends"]): per_slot(e["rate"], self.slots) for e in d["links"]}
        self.fidelity = {frozenset(e["ends"]): e["fidelity"] for e in d["links"]}
        self.kind = {n["id"]: n["kind"] for n in d["nodes"]}
        self.capacity = {n["id"]: Fraction(n.get("storage_pairs", 0)) for n in d["nodes"]}
        self.terminals = {n["id"]: n["terminals"] for n in d["nodes"] if n.get("terminals") is not None}
        self.demand = {k["id"]: k for k in d["demands"]}
        stores = [n for n, c in self.capacity.items() if c > 0]
        pairs = d.get("storage_pairs", list(itertools.combinations(stores, 2)))
        self.pairs = {frozenset(p) for p in pairs}
        self.stock = {way(s["route"]): Fraction(s["pairs"]) for s in d.get("initial_stock", [])}


def way(route: list[str]) -> tuple[str, ...]:
    return min(tuple(route), tuple(reversed(route)))


def worth(instance: Document, plan: Document, slack: Fraction) -> Fraction:
    """Return what a plan is worth; UnsoundError names the first rule that it breaks."""
    r = Reading(instance)
    route = classes(r, plan)
    paths = {p["id"]: path(r, p, route, slack) for p in plan.get("paths", [])}
    require(len(paths) == len(plan.get("paths", [])), "a path id stands twice")
    served = flows(r, plan.get("serve", []), "path", paths)
    stored = flows(r, plan.get("store", []), "class", route)
    links_hold(r, paths, route, served, stored, slack)
    stocks = stocks_hold(r, paths, route, served, stored, slack)
    said = {(s["class"], s["slot"]): Fraction(s["pairs"]) for s in plan.get("stock", [])}
    require(len(said) == len(plan.get("stock", [])), "a stock stands twice")
    for key, (true, size) in stocks.items():
        if key in said or (said and key[1] <= r.slots):
            require(abs(said.get(key, 0) - true) <= slack * size, "a stock that is not there")
    require(set(said) <= set(stocks), "a stock of nothing")
    total = delivered = Fraction(0)
    got: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    chosen: dict[tuple[str, int], set[str]] = defaultdict(set)
    for (name, slot), rate in served.items():
        demand = paths[name][0]
        got[demand, slot] += rate
        chosen[demand, slot].add(name)
        delivered += r.tau * rate
        total += r.tau * rate * Fraction(per_slot(r.demand[demand].get("weight", 1.0), r.slots)[slot - 1])
    for name, demand in r.demand.items():
        for slot in range(1, r.slots + 1):
            least = Fraction(demand.get("minimum_rate", 0))
            require(got[name, slot] >= least * (1 - slack), "a minimum rate")
            require(r.options.get("splittable", False) or len(chosen[name, slot]) <= 1, "two paths at once")
    end = Fraction(r.options.get("stock_end_value", 0))
    total += end * sum(
        (pairs for (_, slot), (pairs, _) in stocks.items() if slot == r.slots + 1), Fraction(0)
    )
    require(abs(Fraction(plan["objective_pairs"]) - total) <= slack * total, "a false objective")
    require(abs(Fraction(plan["delivered_pairs"]) - delivered) <= slack * delivered, "false delivered pairs")
    claims(plan, total, slack)
    return total


def classes(r: Reading, plan: Document) -> dict[str, tuple[str, ...]]:
    route: dict[str, tuple[str, ...]] = {}
    for c in plan.get("classes", []):
        require(c["id"] not in route and way(c["route"]) not in route.values(), "a class stands twice")
        route[c["id"]] = way(c["route"])
        require(len(set(c["route"])) == len(c["route"]) > 1, "a route visits a node twice")
        require(all(frozenset(s) in r.rate for s in itertools.pairwise(c["route"])), "no such link")
        ends = frozenset((c["route"][0], c["route"][-1]))
        require(frozenset(c["pair"]) == ends and ends in r.pairs, "no storage pair")
        require(Fraction(c.get("initial_stock", 0)) == r.stock.get(route[c["id"]], 0), "false initial stock")
    require(set(r.stock) <= set(route.values()), "initial stock left out")
    return route


def path(
    r: Reading, p: Document, route: dict[str, tuple[str, ...]], slack: Fraction
) -> tuple[str, list[Link], list[str], Fraction]:
    """Return demand, real links, classes and base pairs of a path."""
    require(p["demand"] in r.demand and bool(p["legs"]), "no demand or no legs")
    demand = r.demand[p["demand"]]
    full: list[str] = []
    links: list[Link] = []
    drawn: list[str] = []
    for leg in p["legs"]:
        if "real" in leg:
            nodes = list(leg["real"])
            links += [frozenset(s) for s in itertools.pairwise(nodes)]
        else:
            require(leg["virtual"] in route, "no such class")
            nodes = list(route[leg["virtual"]])
            nodes = nodes if nodes[0] == leg["from"] else nodes[::-1]
            require((nodes[0], nodes[-1]) == (leg["from"], leg["to"]), "a virtual link elsewhere")
            drawn.append(leg["virtual"])
        require(not full or full[-1] == nodes[0], "legs do not meet")
        full = full[:-1] + nodes if full else nodes
    require(len(set(full)) == len(full), "a path visits a node twice")
    require({full[0], full[-1]} == {demand["source"], demand["destination"]}, "the wrong users")
    steps = [frozenset(s) for s in itertools.pairwise(full)]
    require(all(s in r.rate for s in steps), "no such link")
    require(len(steps) <= r.d["paths"]["max_hops"], "too many hops")
    require(len(drawn) <= r.options.get("max_virtual_links", 1), "too many virtual links")
    if r.options.get("swap", "werner") == "werner":
        f = 0.25 + 0.75 * math.prod((4 * r.fidelity[s] - 1) / 3 for s in steps)
    else:
        f = math.prod(r.fidelity[s] for s in steps)
    g = cost_g(f, demand["target_fidelity"], r.options.get("purification", "bbpssw"))
    require(math.isfinite(g), "a target out of reach")
    require(
        abs(p["fidelity"] - f) <= slack * f and abs(p["base_pairs_per_pair"] - g) <= slack * g, "a false g"
    )
    return p["demand"], links, drawn, Fraction(g)


def flows(r: Reading, records: list[Document], key: str, known: Any) -> dict[tuple[str, int], Fraction]:
    found: dict[tuple[str, int], Fraction] = {}
    for record in records:
        where = record[key], record["slot"]
        require(record[key] in known and 1 <= record["slot"] <= r.slots, "a record of nothing")
        require(where not in found, "a record stands twice")
        require(record["rate"] >= 0, "a negative rate")
        found[where] = Fraction(record["rate"])
    return found


def links_hold(r: Reading, paths: Any, route: Any, served: Any, stored: Any, slack: Fraction) -> None:
    used: dict[tuple[Link, int], Fraction] = defaultdict(Fraction)
    for (name, slot), rate in served.items():
        _, links, drawn, g = paths[name]
        for link in links:
            used[link, slot] += g * rate
        for group in drawn:
            ends = route[group][0], route[group][-1]
            most = min(r.capacity[v] for v in ends)
            require(r.tau * g * rate <= most * (1 + slack), "more than a store holds")
    for (name, slot), rate in stored.items():
        for step in itertools.pairwise(route[name]):
            used[frozenset(step), slot] += rate
    for (link, slot), rate in used.items():
        require(rate <= Fraction(r.rate[link][slot - 1]) * (1 + slack), "more than a link makes")
    limits = [
        (Fraction(count), [e for e in r.rate if v in e and any(r.kind[u] != "base_station" for u in e)], None)
        for v, count in r.terminals.items()
    ]
    for row in r.d.get("sharing", []):
        limits.append((Fraction(row["limit"]), [frozenset(e) for e in row["links"]], row.get("slot")))
    for limit, links, when in limits:
        for slot in range(1, r.slots + 1):
            up = [e for e in links if r.rate[e][slot - 1] > 0]
            share = sum((used[e, slot] / Fraction(r.rate[e][slot - 1]) for e in up), Fraction(0))
            require(when not in (None, slot) or share <= limit * (1 + slack), "more than a shared limit")
    pairs: dict[tuple[Link, int], int] = defaultdict(int)
    for (name, slot), rate in stored.items():
        require(rate == 0 or slot < r.slots or r.options.get("stock_end_value", 0) > 0, "storing at the end")
        pairs[frozenset((route[name][0], route[name][-1])), slot] += rate > 0
    single = r.options.get("storing_single_path", False)
    require(not single or all(count <= 1 for count in pairs.values()), "storing over two routes")


def stocks_hold(
    r: Reading, paths: Any, route: Any, served: Any, stored: Any, slack: Fraction
) -> dict[tuple[str, int], tuple[Fraction, Fraction]]:
    """Return stock, and all that went in until then, of every class at the start of every slot."""
    keep = Fraction(r.options.get("stock_retention", 1.0))
    stocks: dict[tuple[str, int], tuple[Fraction, Fraction]] = {}
    for name, nodes in route.items():
        held = inflow = r.stock.get(nodes, Fraction(0))
        for slot in range(1, r.slots + 1):
            stocks[name, slot] = held, inflow
            drawn = sum(
                (r.tau * paths[p][3] * rate * paths[p][2].count(name)
                 for (p, when), rate in served.items() if when == slot),
                Fraction(0),
            )  # fmt: skip
            require(drawn <= held + slack * inflow, "more than is in store")
            added = r.tau * stored.get((name, slot), Fraction(0))
            held, inflow = keep * (held - drawn) + added, inflow + added
        stocks[name, r.slots + 1] = held, inflow
    last = r.slots + 1 if r.options.get("stock_end_value", 0) > 0 else r.slots
    for slot in range(1, last + 1):
        for node, capacity in r.capacity.items():
            here = [stocks[n, slot][0] for n, q in route.items() if node in (q[0], q[-1])]
            require(sum(here, Fraction(0)) <= capacity * (1 + slack), "more than a node stores")
    return stocks


def claims(plan: Document, total: Fraction, slack: Fraction) -> None:
    bound, gap, status = plan.get("bound_pairs"), plan.get("gap"), plan.get("status", "optimal")
    require(status != "infeasible", "infeasible, with a plan")
    require(gap is None or bound is not None, "a gap without a bound")
    if bound is None:
        return
    bound = Fraction(bound)
    require(bound >= total - slack * max(abs(bound), total), "a bound below the plan")
    base = max(Fraction(1), total)
    if gap is not None:
        size = max(abs(Fraction(gap)), (abs(bound) + total) / base)
        require(abs(Fraction(gap) - (bound - total) / base) <= slack * size, "a false gap")
    asked = Fraction(plan.get("asked_gap") if plan.get("asked_gap") is not None else 0.1)
    left = (bound - total) / (total or 1)
    require(status != "optimal" or left <= asked + (1 + asked) * (slack + Fraction(1, 10**5)), "not optimal")
