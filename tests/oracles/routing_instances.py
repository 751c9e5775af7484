"""Instances for tests: the nets of the specification, and small random ones for hypothesis."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

RATES = (0.0, 1.0, 2.0, 3.5, 5.0, 8.0, 5.0, 3.5)


def document(
    links: list[tuple[Any, ...]],
    demands: list[tuple[Any, ...]],
    *,
    slots: int = 1,
    storage: dict[str, float] | None = None,
    terminals: dict[str, float] | None = None,
    **more: Any,
) -> Document:
    """Return an instance of (a, b, rate[, fidelity]) and (source, destination[, weight[, minimum rate]]).

    Nodes are base stations, or satellites where their name begins with ``sat``.
    """
    names = sorted(
        {end for link in links for end in link[:2]} | {end for demand in demands for end in demand[:2]}
    )
    stores, count = storage or {}, terminals or {}
    fields: Document = {
        "format": "satqn-instance",
        "version": 1,
        "rate_unit": "pairs_per_slot",
        "slots": slots,
        "nodes": [
            {"id": name, "kind": "satellite" if name.startswith("sat") else "base_station"}
            | ({"storage_pairs": stores[name]} if name in stores else {})
            | ({"terminals": count[name]} if name in count else {})
            for name in names
        ],
        "links": [
            {"ends": [a, b], "rate": rate, "fidelity": rest[0] if rest else 1.0}
            for a, b, rate, *rest in links
        ],
        "demands": [
            {"id": f"k{k}", "source": s, "destination": d, "weight": rest[0] if rest else 1.0,
             "target_fidelity": 0.9, "minimum_rate": rest[1] if len(rest) > 1 else 0.0}
            for k, (s, d, *rest) in enumerate(demands, start=1)
        ],
        "paths": {"mode": "all_simple", "max_hops": 8},
        "options": {},
    }  # fmt: skip
    return fields | more


@st.composite
def small_documents(
    draw: st.DrawFn, *, nodes: int = 5, slots: int = 2, demands: int = 2, minimum_rates: bool = True
) -> Document:
    """Draw an instance of a few nodes: outages, weights, stores, stock, minimum rates, options."""
    count = draw(st.integers(3, nodes))
    names = [f"n{i}" for i in range(count)]
    horizon = draw(st.integers(1, slots))
    rates = st.lists(st.sampled_from(RATES), min_size=horizon, max_size=horizon)
    # A backbone keeps most users connected; the rest of the links are drawn.
    backbone = list(itertools.pairwise(names))
    others = [pair for pair in itertools.combinations(names, 2) if pair not in backbone]
    chosen = backbone + draw(st.lists(st.sampled_from(others), unique=True, max_size=3))
    links = [(a, b, draw(rates), draw(st.sampled_from([1.0, 0.97, 0.92]))) for a, b in chosen]
    # Late demand is what makes storing pay.
    even = st.lists(st.sampled_from([0.5, 1.0, 2.0, 0.0]), min_size=horizon, max_size=horizon)
    weights = even | st.just([0.0] * (horizon - 1) + [2.0])
    least = st.sampled_from([0.0] * 12 + [0.5, 2.0]) if minimum_rates else st.just(0.0)
    far = [
        pair for pair in itertools.combinations(names, 2) if names.index(pair[1]) - names.index(pair[0]) > 1
    ]
    users = draw(st.lists(st.sampled_from(far), min_size=1, max_size=demands))
    stores = draw(st.lists(st.sampled_from(names), unique=True, max_size=3) | st.just(names[1:3]))
    storage = {name: draw(st.sampled_from([2.0, 6.0])) for name in stores}
    options: Document = {
        "purification": draw(st.sampled_from(["bbpssw", "dejmps", "none"])),
        "swap": draw(st.sampled_from(["werner", "product"])),
        "stock_retention": draw(st.sampled_from([1.0, 1.0, 0.5])),
        "stock_end_value": draw(st.sampled_from([0.0, 0.0, 0.25])),
    }
    made = document(
        links,
        [(a, b, draw(weights), draw(least)) for a, b in users],
        slots=horizon,
        storage=storage,
        options=options,
    )
    if draw(st.booleans()):
        made |= {"rate_unit": "pairs_per_second", "slot_duration_s": 2.0}
    made["paths"] = {"mode": "all_simple", "max_hops": draw(st.integers(1, 4))}
    held = [(a, b) for a, b, *_ in links if a in storage and b in storage]
    if held and draw(st.integers(0, 3)):
        a, b = draw(st.sampled_from(held))
        made["initial_stock"] = [
            {"pair": [a, b], "route": [a, b], "pairs": draw(st.sampled_from([1.0, 2.0]))}
        ]
    return made


@st.composite
def sharing_documents(draw: st.DrawFn, **sizes: Any) -> Document:
    """Draw an instance whose links share: satellites among the nodes, few terminals, shared sources."""
    made = draw(small_documents(**sizes))
    for node in made["nodes"]:
        node["kind"] = draw(st.sampled_from(["satellite", "aerial", "base_station"]))
        count = draw(st.sampled_from([1.0, 1.0, 2.0, 0.5, 1.5, None]))
        if count is not None:
            node["terminals"] = count
    ends = [link["ends"] for link in made["links"]]
    made["sharing"] = []
    for number in range(draw(st.integers(0, 2))):
        several = st.lists(st.sampled_from(ends), min_size=1, max_size=3, unique_by=tuple)
        row = {"id": f"source {number}", "limit": draw(st.sampled_from([1.0, 0.75])), "links": draw(several)}
        when = draw(st.none() | st.integers(1, made["slots"]))
        made["sharing"].append(row if when is None else row | {"slot": when})
    return made
