"""PS-EGR written in pyomo as one would read it from the text: sets, variables, one rule per constraint."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import pyomo.environ as pyo
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

from satqn.model.instance import RoutingInstance
from satqn.model.paths import PathSet
from satqn.routing.formulation import Formulation


@dataclass
class Data:
    """Plain lists and dictionaries; making them is not timed."""

    tau: float
    slots: range
    classes: range
    weight: dict[tuple[int, int], float]
    most: dict[tuple[int, int], float]
    base_pairs: list[float]
    on_link: dict[tuple[int, int], list[int]]
    storing_on_link: dict[tuple[int, int], list[int]]
    drawing: dict[tuple[int, int], list[int]]
    of_demand: dict[tuple[int, int], list[int]]
    at_node: dict[int, list[int]]
    rate: dict[tuple[int, int], float]
    capacity: list[float]
    most_storing: dict[tuple[int, int], float]
    most_stored: dict[tuple[int, int], float]


def plain_data(instance: RoutingInstance, pool: PathSet, f: Formulation) -> Data:
    serve = list(zip(f.serve.path.tolist(), f.serve.slot.tolist(), f.serve.most.tolist(), strict=True))
    demand, groups = pool.demand.tolist(), range(len(pool.classes))
    on_link, storing, drawing, of_demand = (defaultdict(list) for _ in range(4))
    for p, t, _ in serve:
        for e in pool.links[p].tolist():
            on_link[e, t].append(p)
        for q in pool.drawn[p].tolist():
            drawing[q, t].append(p)
        of_demand[demand[p], t].append(p)
    at_node: dict[int, list[int]] = defaultdict(list)
    for q in groups:
        for node in instance.storage_pairs[pool.classes.pair[q]].tolist():
            at_node[node].append(q)
        for e in pool.classes.links[q].tolist():
            for t in range(instance.slots):
                if f.stock.most_storing[t, q] > 0:
                    storing[e, t].append(q)
    slots = range(instance.slots)
    return Data(
        tau=instance.slot_length, slots=slots, classes=groups,
        weight={(p, t): float(instance.demands.weight[t, demand[p]]) for p, t, _ in serve},
        most={(p, t): value for p, t, value in serve}, base_pairs=pool.base_pairs.tolist(),
        on_link=on_link, storing_on_link=storing, drawing=drawing, of_demand=of_demand, at_node=at_node,
        rate={(e, t): float(instance.links.rate[t, e]) for e in range(len(instance.links)) for t in slots},
        capacity=instance.nodes.storage_capacity.tolist(),
        most_storing={(q, t): float(f.stock.most_storing[t, q]) for q in groups for t in slots},
        most_stored={
            (q, t): float(f.stock.most_stored[t, q]) for q in groups for t in range(instance.slots + 1)
        },
    )  # fmt: skip


def pyomo_model(d: Data) -> pyo.ConcreteModel:
    m = pyo.ConcreteModel()
    m.serve = pyo.Set(initialize=list(d.most), dimen=2)
    m.hold = pyo.Set(initialize=list(d.most_stored), dimen=2)
    m.fill = pyo.Set(initialize=list(d.most_storing), dimen=2)
    m.x = pyo.Var(m.serve, domain=pyo.Binary)
    m.y = pyo.Var(m.serve, bounds=lambda m, p, t: (0.0, d.most[p, t]))
    m.w = pyo.Var(m.fill, bounds=lambda m, q, t: (0.0, d.most_storing[q, t]))
    m.z = pyo.Var(m.hold, bounds=lambda m, q, t: (0.0, d.most_stored[q, t]))
    g, tau = d.base_pairs, d.tau
    m.throughput = pyo.Objective(
        expr=tau * sum(d.weight[p, t] * m.y[p, t] for p, t in m.serve), sense=pyo.maximize
    )
    m.c1 = pyo.Constraint(m.serve, rule=lambda m, p, t: m.y[p, t] <= d.most[p, t] * m.x[p, t])
    m.c2 = pyo.Constraint(
        list(d.of_demand), rule=lambda m, k, t: sum(m.x[p, t] for p in d.of_demand[k, t]) <= 1
    )
    m.c3 = pyo.Constraint(
        list(d.at_node), d.slots, rule=lambda m, v, t: sum(m.z[q, t] for q in d.at_node[v]) <= d.capacity[v]
    )
    m.c4 = pyo.Constraint(
        list({**d.on_link, **d.storing_on_link}),
        rule=lambda m, e, t: (
            sum(g[p] * m.y[p, t] for p in d.on_link.get((e, t), ()))
            + sum(m.w[q, t] for q in d.storing_on_link.get((e, t), ()))
            <= d.rate[e, t]
        ),
    )
    m.c5 = pyo.Constraint(
        list(d.drawing),
        rule=lambda m, q, t: tau * sum(g[p] * m.y[p, t] for p in d.drawing[q, t]) <= m.z[q, t],
    )
    m.c6 = pyo.Constraint(
        m.fill,
        rule=lambda m, q, t: (
            m.z[q, t + 1]
            == m.z[q, t] - tau * sum(g[p] * m.y[p, t] for p in d.drawing.get((q, t), ())) + tau * m.w[q, t]
        ),
    )
    return m


def arrays_of(m: pyo.ConcreteModel) -> dict[str, Any]:
    """Compile to the sparse matrix that a solver takes; return its size."""
    form = LinearStandardFormCompiler().write(m, mixed_form=True)
    return {"rows": form.A.shape[0], "nonzeros": form.A.nnz}
