"""Forged plans: sound ones, changed in every way that might earn something, with the sums made to fit.

    python -m tests.adversarial.forger 20000 --seed 1

A forged plan counts as a fault if the checker accepts it and rational arithmetic does not, or the other way
round; the tolerance of the oracle is put on either side of that of the checker.
"""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from typing import Any

from tests.adversarial.tally import attack_by_command
from tests.oracles.routing import Oracle, per_slot
from tests.oracles.routing_instances import document
from tests.oracles.sound_plans import UnsoundError, worth

from satqn.errors import InvalidFileError
from satqn.routing.check import check
from satqn.routing.instance_file import instance_from_document
from satqn.routing.plan_file import plan_document, plan_from_document
from satqn.routing.solve import Settings, solve

Document = dict[str, Any]

LOOSE, STRICT = Fraction(1, 10**5), Fraction(1, 10**8)
"""The tolerance of the checker, 1e-6, lies between: what it accepts is sound loosely, what is sound strictly
it accepts."""


def instance_of(rng: random.Random) -> Document:
    """Draw a small instance of any scale: outages, stores, stock, promises, terminals, options."""
    scale = 10.0 ** rng.uniform(-6, 12)
    names = [f"n{i}" for i in range(rng.randint(3, 5))]
    slots = rng.randint(1, 3)
    ends = list(itertools.pairwise(names))
    others = [(a, b) for i, a in enumerate(names) for b in names[i + 2 :]]
    ends += rng.sample(others, min(len(others), rng.randint(0, 3)))

    def rate() -> float:
        return scale * rng.choice([0.0, 1.0, 2.0, 3.5, 5.0])

    links = [(a, b, [rate() for _ in range(slots)], rng.choice([1.0, 0.97, 0.92])) for a, b in ends]
    pairs = rng.sample(others, min(len(others), rng.randint(1, 2)))
    demands = [
        (a, b, [rng.choice([0.5, 1.0, 2.0]) for _ in range(slots)], scale * rng.choice([0.0, 0.0, 0.0, 0.5]))
        for a, b in pairs
    ]
    stores = dict.fromkeys(rng.sample(names, rng.randint(0, 3)), scale * rng.choice([2.0, 6.0]))
    made = document(links, demands, slots=slots, storage=stores)
    made["paths"] = {"mode": "all_simple", "max_hops": 4}
    made["options"] = {
        "splittable": rng.random() < 0.3,
        "storing_single_path": rng.random() < 0.2,
        "stock_retention": rng.choice([1.0, 1.0, 0.5]),
        "stock_end_value": rng.choice([0.0, 0.0, 0.25]),
    }
    if rng.random() < 0.3:
        made |= {"rate_unit": "pairs_per_second", "slot_duration_s": rng.choice([0.5, 86400.0])}
    held = [(a, b) for a, b in ends if a in stores and b in stores]
    if held and rng.random() < 0.7:
        made["initial_stock"] = [{"pair": list(held[0]), "route": list(held[0]), "pairs": scale}]
    for node in made["nodes"]:
        node["kind"] = rng.choice(["satellite", "aerial", "base_station"])
        if rng.random() < 0.3:
            node["terminals"] = rng.choice([0.5, 1.0, 2.0])
    return made


Forgery = Callable[[Document, Document, random.Random], None]


def _pick(rng: random.Random, plan: Document, *keys: str) -> Document | None:
    rows = [row for key in keys for row in plan[key]]
    return rng.choice(rows) if rows else None


def more(instance: Document, plan: Document, rng: random.Random) -> None:
    row = _pick(rng, plan, "serve", "store")
    if row is not None:
        row["rate"] *= rng.choice([1 + 1e-12, 1 + 1e-4, 1.01, 2.0, 1e3, 0.5, 0.0])


def all_more(instance: Document, plan: Document, rng: random.Random) -> None:
    factor = rng.choice([1 + 1e-4, 1.001, 0.9])
    for row in (*plan["serve"], *plan["store"]):
        row["rate"] *= factor


def negative(instance: Document, plan: Document, rng: random.Random) -> None:
    row = _pick(rng, plan, "serve", "store")
    if row is not None:
        row["rate"] *= rng.choice([-1.0, -1e-7, -1e-300])


def other_slot(instance: Document, plan: Document, rng: random.Random) -> None:
    row = _pick(rng, plan, "serve", "store", "stock")
    if row is not None:
        row["slot"] += rng.choice([-1, 1, 0, 5])


def record_again(instance: Document, plan: Document, rng: random.Random) -> None:
    key = rng.choice(["serve", "store", "stock", "paths", "classes"])
    row = _pick(rng, plan, key)
    if row is not None:
        plan[key].append(deepcopy(row))


def left_out(instance: Document, plan: Document, rng: random.Random) -> None:
    key = rng.choice(["serve", "store", "stock", "paths", "classes"])
    if plan[key]:
        plan[key].pop(rng.randrange(len(plan[key])))


def twin_class(instance: Document, plan: Document, rng: random.Random) -> None:
    """One route under two ids, the second for half of those who draw."""
    group = _pick(rng, plan, "classes")
    if group is None:
        return
    twin = deepcopy(group) | {"id": "twin"}
    if rng.random() < 0.5:
        twin["route"] = twin["route"][::-1]
    if rng.random() < 0.3:
        twin["initial_stock"] = 0.0
    plan["classes"].append(twin)
    for path in plan["paths"]:
        if rng.random() < 0.5:
            for leg in path["legs"]:
                if leg.get("virtual") == group["id"]:
                    leg["virtual"] = "twin"


def twin_path(instance: Document, plan: Document, rng: random.Random) -> None:
    """One path under two ids, which both serve."""
    path = _pick(rng, plan, "paths")
    if path is None:
        return
    plan["paths"].append(deepcopy(path) | {"id": "twin"})
    for row in list(plan["serve"]):
        if row["path"] == path["id"] and rng.random() < 0.7:
            share = rng.choice([0.5, 1.0])
            plan["serve"].append(row | {"path": "twin", "rate": row["rate"] * share})
            row["rate"] *= rng.choice([share, 1.0])


def served_from_nowhere(instance: Document, plan: Document, rng: random.Random) -> None:
    path = _pick(rng, plan, "paths")
    rates = [v for e in instance["links"] for v in per_slot(e["rate"], instance["slots"])]
    if path is not None:
        slot = rng.randint(1, instance["slots"])
        plan["serve"].append({"slot": slot, "path": path["id"], "rate": max(rates) * rng.choice([1e-9, 1.0])})


def stored_from_nowhere(instance: Document, plan: Document, rng: random.Random) -> None:
    group = _pick(rng, plan, "classes")
    rates = [v for e in instance["links"] for v in per_slot(e["rate"], instance["slots"])]
    if group is not None:
        slot = rng.randint(1, instance["slots"])
        plan["store"].append(
            {"slot": slot, "class": group["id"], "rate": max(rates) * rng.choice([1e-9, 1.0])}
        )


def other_nodes(instance: Document, plan: Document, rng: random.Random) -> None:
    path = _pick(rng, plan, "paths")
    legs = [leg for leg in path["legs"] if "real" in leg] if path is not None else []
    if legs:
        leg = rng.choice(legs)
        kind = rng.randrange(3)
        if kind == 0:
            leg["real"] = leg["real"][::-1]
        elif kind == 1:
            leg["real"].insert(rng.randrange(len(leg["real"]) + 1), rng.choice(instance["nodes"])["id"])
        elif len(leg["real"]) > 2:
            leg["real"].pop(rng.randrange(len(leg["real"])))


def straight_on(instance: Document, plan: Document, rng: random.Random) -> None:
    """Over one link that is not there, or is, between the users."""
    path = _pick(rng, plan, "paths")
    if path is not None:
        demand = rng.choice(instance["demands"])
        path["legs"] = [{"real": [demand["source"], demand["destination"]]}]
        path |= {"fidelity": rng.choice([1.0, 0.97, path["fidelity"]]), "base_pairs_per_pair": 1.0}


def other_demand(instance: Document, plan: Document, rng: random.Random) -> None:
    path = _pick(rng, plan, "paths")
    if path is not None:
        path["demand"] = rng.choice(instance["demands"])["id"]


def cheaper(instance: Document, plan: Document, rng: random.Random) -> None:
    path = _pick(rng, plan, "paths")
    if path is not None:
        path[rng.choice(["base_pairs_per_pair", "fidelity"])] *= rng.choice([0.5, 0.999, 1.001, 2.0])


def other_stock(instance: Document, plan: Document, rng: random.Random) -> None:
    group = _pick(rng, plan, "classes")
    row = _pick(rng, plan, "stock")
    if group is not None and rng.random() < 0.5:
        group["initial_stock"] = group["initial_stock"] * rng.choice([0.0, 2.0]) + rng.choice([0.0, 1.0])
    elif row is not None:
        row["pairs"] *= rng.choice([0.0, 0.99, 1.01, -1.0])


def other_route(instance: Document, plan: Document, rng: random.Random) -> None:
    group = _pick(rng, plan, "classes")
    if group is not None:
        kind = rng.randrange(3)
        if kind == 0:
            group["pair"] = group["pair"][::-1]
        elif kind == 1:
            group["route"] = group["route"][::-1]
        else:
            group["route"].insert(1, rng.choice(instance["nodes"])["id"])


def other_claims(instance: Document, plan: Document, rng: random.Random) -> None:
    objective = plan["objective_pairs"]
    plan |= rng.choice([
        {"bound_pairs": None}, {"bound_pairs": None, "gap": None}, {"gap": 0.0, "bound_pairs": 10 * objective},
        {"bound_pairs": 0.5 * objective, "gap": None}, {"bound_pairs": 1.5 * objective, "gap": None},
        {"status": "infeasible"}, {"status": "time_limit"}, {"asked_gap": None}, {"gap": 0.5},
        {"objective_pairs": objective * 1.01}, {"objective_pairs": objective * (1 + 1e-4)},
        {"delivered_pairs": plan["delivered_pairs"] * 2},
    ])  # fmt: skip


def other_order(instance: Document, plan: Document, rng: random.Random) -> None:
    """Nothing: a plan is the same in any order of its records, and by any names of paths."""
    for key in ("classes", "serve", "store", "stock", "paths"):
        rng.shuffle(plan[key])
    name = {path["id"]: f"way {i}" for i, path in enumerate(plan["paths"])}
    for path in plan["paths"]:
        path["id"] = name[path["id"]]
    for row in plan["serve"]:
        row["path"] = name.get(row["path"], row["path"])


FORGERIES: tuple[Forgery, ...] = (
    more, all_more, negative, other_slot, record_again, left_out, twin_class, twin_path, served_from_nowhere,
    stored_from_nowhere, other_nodes, straight_on, other_demand, cheaper, other_stock, other_route,
    other_claims, other_order,
)  # fmt: skip


def with_sums(instance: Document, plan: Document, rng: random.Random) -> None:
    """Make the sums fit what the records say: objective, delivered pairs and bound; no list of stocks."""
    tau = 1.0 if instance["rate_unit"] == "pairs_per_slot" else instance["slot_duration_s"]
    owner = {path["id"]: path["demand"] for path in plan["paths"]}
    weight = {k["id"]: per_slot(k.get("weight", 1.0), instance["slots"]) for k in instance["demands"]}
    objective = delivered = 0.0
    for row in plan["serve"]:
        if row["path"] in owner and 1 <= row["slot"] <= instance["slots"]:
            delivered += tau * row["rate"]
            objective += tau * row["rate"] * weight[owner[row["path"]]][row["slot"] - 1]
    end = instance["options"].get("stock_end_value", 0.0)
    if end > 0:
        objective += max(0.0, plan["objective_pairs"] - objective)
    plan |= {"objective_pairs": objective, "delivered_pairs": delivered}
    if rng.random() < 0.7:
        plan["stock"] = []
    if plan.get("bound_pairs") is not None and rng.random() < 0.7:
        plan |= {"bound_pairs": max(objective, plan["bound_pairs"]), "gap": None}


def sound_plan(instance: Document) -> Document | None:
    """Return a plan that satqn makes, as the fields of its file."""
    made = solve(instance_from_document(instance), Settings(method="exact")).plan
    return None if made is None else plan_document(made) | {"log": []}


def verdict(instance: Document, plan: Document, most: float | None) -> str:
    """Return what checker and oracle make of a plan; ``FAULT ...`` if they must not differ so."""
    try:
        accepted = check(instance_from_document(instance), plan_from_document(plan)) == []
    except InvalidFileError:
        return "refused as a file"
    try:
        loosely = worth(instance, plan, LOOSE)
    except UnsoundError as rule:
        return f"FAULT: accepted, although {rule}" if accepted else "rejected"
    if most is not None and float(loosely) > most * (1 + 1e-4):
        return "FAULT: worth more than the optimum"
    if accepted:
        return "accepted and sound"
    try:
        worth(instance, plan, STRICT)
    except UnsoundError:
        return "rejected, within tolerances"
    return "FAULT: rejected, although sound"


def forge(count: int, seed: int) -> tuple[Counter[str], list[tuple[str, Document, Document]]]:
    """Forge so many plans; return verdicts by number, and the faults with instance and plan."""
    rng = random.Random(seed)
    verdicts: Counter[str] = Counter()
    faults: list[tuple[str, Document, Document]] = []
    while sum(verdicts.values()) < count:
        instance = instance_of(rng)
        made = sound_plan(instance)
        if made is None:
            continue
        largest = max(v for e in instance["links"] for v in per_slot(e["rate"], instance["slots"]))
        # The plain MILP of the oracle has absolute tolerances: it can be believed near 1 only.
        most = Oracle(instance).by_milp() if 1e-1 < largest < 1e4 else None
        for _ in range(min(60, count - sum(verdicts.values()))):
            plan = deepcopy(made)
            for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
                rng.choice(FORGERIES)(instance, plan, rng)
            if rng.random() < 0.7:
                with_sums(instance, plan, rng)
            found = verdict(instance, plan, most)
            verdicts[found] += 1
            if found.startswith("FAULT"):
                faults.append((found, instance, plan))
    return verdicts, faults


def in_full(fault: tuple[str, Document, Document]) -> str:
    """Return what is wrong, the instance and the plan, a line each."""
    what, *documents = fault
    return "\n".join([what, *map(json.dumps, documents)])


if __name__ == "__main__":
    raise SystemExit(attack_by_command(__doc__, forge, in_full, most_told=3))
