"""Terminals and shared sources (C7): optima by hand, broken plans, bad input, prices, names."""

from __future__ import annotations

import copy
from typing import Any

import highspy
import numpy as np
import pytest
from tests.oracles.routing import Oracle
from tests.oracles.routing_instances import document

from satqn.errors import InvalidFileError
from satqn.model.instance import RoutingInstance
from satqn.routing.benders_master import master_model
from satqn.routing.check import check
from satqn.routing.explain import explain
from satqn.routing.export import export, names
from satqn.routing.generate import network_document
from satqn.routing.instance_file import instance_from_document, instance_schema
from satqn.routing.instance_writer import document_text, instance_document
from satqn.routing.plan_file import plan_from_document
from satqn.routing.problem import Problem
from satqn.routing.slots import SlotProblem
from satqn.routing.solve import Method, Settings, Solution, solve

METHODS: tuple[Method, ...] = ("exact", "paper", "benders")

FAN = [("a", "sat", 100), ("b", "sat", 50)]
CHAIN = [("a", "sat1", 100), ("sat1", "sat2", 10), ("sat2", "b", 100)]
SPLIT = {"splittable": True}


def fan(terminals: float, *weights: float, promised: float = 0.0) -> dict[str, Any]:
    """Two stations below one satellite, each with a demand for pairs with it."""
    one, other = weights
    demands = [("a", "sat", one, promised), ("b", "sat", other, promised)]
    return document(FAN, demands, terminals={"sat": terminals})


def chain(weight: Any, terminals: dict[str, float], **more: Any) -> dict[str, Any]:
    storage = {"sat1": 30.0, "sat2": 30.0}
    return document(CHAIN, [("a", "b", weight)], slots=2, storage=storage, terminals=terminals, **more)


def purified() -> dict[str, Any]:
    made = document([("a", "sat", 30, 0.8)], [("a", "sat")], terminals={"sat": 0.5})
    made["demands"][0]["target_fidelity"] = 0.85
    return made


SOURCE = {"id": "source sat-3", "limit": 1, "links": [["a", "b"], ["d", "c"]], "slot": 2}

BY_HAND: dict[str, tuple[dict[str, Any], float]] = {
    "one terminal goes to the better link": (fan(1, 1, 1), 100),
    "and to the other if its pairs are worth more": (fan(1, 1, 3), 150),
    "half a terminal": (fan(0.5, 1, 3), 75),
    "one and a half: the better link whole, half of the other": (fan(1.5, 1, 3), 200),
    "as many terminals as links": (fan(2, 1, 3), 250),
    # y1/100 + y2/50 <= 1, y1 >= 20, y2 >= 20: y2 = 40.
    "promises come first": (fan(1, 1, 3, promised=20), 140),
    # The relay turns to a and to b: y/100 + y/50 <= 1.
    "a relay turns to both sides": (document(FAN, [("a", "b")], terminals={"sat": 1}), 100 / 3),
    "two terminals for a relay": (document(FAN, [("a", "b")], terminals={"sat": 2}), 50),
    "stations have one link each": (document(FAN, [("a", "b")], terminals={"a": 1, "b": 1}), 50),
    "fibre takes no terminal": (
        document([("a", "b", 100), ("a", "sat", 100)], [("a", "b"), ("a", "sat")], terminals={"a": 1}), 200),
    "base pairs take the time, not delivered ones": (purified(), 0.5 * 30 / 6.442610687),
    # Slot 1 fills the store over sat1–sat2; slot 2 draws 10 and spends a tenth of sat1 on a–sat1.
    "a virtual link takes no terminal while it serves": (chain([0, 1], {"sat1": 1}), 10),
    "real and virtual at once": (chain([0, 1], {"sat1": 1}, options=SPLIT), 10 + 0.9 / 0.11),
    # Slot 1 either stores (w/10) or serves (0.11 y); slot 2: 0.11 y + 0.01 d <= 1, weight 2.
    "storing takes terminals": (chain([1, 2], {"sat1": 1}, options=SPLIT), 400 / 11),
    "storing with half a terminal": (chain([0, 1], {"sat2": 0.5}), 5),
    "a source is shared in one slot": (
        document([("a", "b", 100), ("c", "d", 100)], [("a", "b"), ("c", "d")], slots=2, sharing=[SOURCE]), 300),
    "a link that is down takes no part": (
        document([("a", "sat", [100, 0]), ("b", "sat", [50, 50])], [("a", "sat"), ("b", "sat")], slots=2,
                 terminals={"sat": 1}), 150),
    "terminals per second": (fan(1, 1, 3) | {"rate_unit": "pairs_per_second", "slot_duration_s": 20}, 3000),
}  # fmt: skip


def plan(fields: dict[str, Any], method: Method = "exact", **more: Any) -> Solution:
    return solve(instance_from_document(fields), Settings(method=method, gap=0.0, **more))


def solved(fields: dict[str, Any]) -> float:
    made = plan(fields).plan
    assert made is not None
    return made.objective_pairs


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", BY_HAND)
def test_optimum_by_hand(name: str, method: Method) -> None:
    fields, optimum = BY_HAND[name]
    for warm_start in (True, False):
        solution = plan(fields, method, warm_start=warm_start)
        assert solution.status == "optimal"
        assert solution.plan is not None
        assert solution.plan.objective_pairs == pytest.approx(optimum, rel=1e-6)
        assert solution.bound_pairs == pytest.approx(optimum, rel=1e-6)


@pytest.mark.parametrize("name", BY_HAND)
def test_the_oracle_agrees(name: str) -> None:
    fields, optimum = BY_HAND[name]
    assert Oracle(fields).by_milp() == pytest.approx(optimum, rel=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_promises_that_terminals_cannot_keep(method: Method) -> None:
    """20/100 + 20/50 fit, 40/100 + 40/50 do not: the two demands are named."""
    solution = plan(fan(1, 1, 3, promised=40), method)
    assert solution.status == "infeasible"
    assert solution.conflict is not None
    assert (solution.conflict.demands, solution.conflict.slots) == (("k1", "k2"), (1,))


@pytest.mark.parametrize("method", ["paper", "benders"])
def test_bounds_hold_at_every_step(method: Method) -> None:
    fields = network_document(3, cities=2, stations=3, haps=2, satellites=2, demands=4, slots=4)
    for node in fields["nodes"]:
        node["terminals"] = 2 if node["kind"] == "satellite" else 1
    optimum = solved(fields)
    free = copy.deepcopy(fields)
    for node in free["nodes"]:
        del node["terminals"]
    assert optimum < 0.9 * solved(free)
    # Classical Benders needs many rounds to the end; ten show as much.
    solution = plan(fields, method, warm_start=False, max_iterations=10 if method == "paper" else None)
    assert solution.status == ("iteration_limit" if method == "paper" else "optimal")
    assert len(solution.log) > 1
    for line in solution.log:
        assert line.bound is None or line.bound >= optimum * (1 - 1e-6)
        assert line.incumbent is None or line.incumbent <= optimum * (1 + 1e-6)


@pytest.mark.parametrize("rate", [1.0, 1e3, 1e11])
def test_rates_of_any_size(rate: float) -> None:
    """Rows are scaled: neither entries that a solver does not read nor rates far apart change the optimum."""
    fields = document([("a", "sat", rate), ("b", "sat", rate / 1e4)], [("a", "sat"), ("b", "sat", 1e5)],
                      terminals={"sat": 1})  # fmt: skip
    assert solved(fields) == pytest.approx(10 * rate, rel=1e-6)


def by_hand(serve: list[tuple[int, str, float]], total: float, delivered: float) -> dict[str, Any]:
    return {
        "format": "satqn-plan", "version": 1, "objective_pairs": total, "delivered_pairs": delivered,
        "classes": [{"id": "c1", "pair": ["sat1", "sat2"], "route": ["sat1", "sat2"]}],
        "paths": [
            {"id": "p1", "demand": "k1", "fidelity": 1.0, "base_pairs_per_pair": 1.0,
             "legs": [{"real": ["a", "sat1"]}, {"virtual": "c1", "from": "sat1", "to": "sat2"},
                      {"real": ["sat2", "b"]}]},
            {"id": "p2", "demand": "k1", "fidelity": 1.0, "base_pairs_per_pair": 1.0,
             "legs": [{"real": ["a", "sat1", "sat2", "b"]}]},
        ],
        "serve": [{"slot": t, "path": p, "rate": rate} for t, p, rate in serve],
        "store": [{"slot": 1, "class": "c1", "rate": 8.0}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("serve", "delivered", "violated"),
    [
        # sat1 in slot 1: 8/10 for the store, 0.11 a pair for p2.
        ([(1, "p2", 0.2 / 0.11)], 0.2 / 0.11, None),
        ([(1, "p2", 2.0)], 2.0, ("terminals of node sat1, slot 1", 0.02)),
        ([(2, "p1", 8.0), (2, "p2", 0.92 / 0.11)], 8.0 + 0.92 / 0.11, None),
        ([(2, "p1", 8.0), (2, "p2", 9.0)], 17.0, ("terminals of node sat1, slot 2", 0.07)),
    ],
)
def test_the_checker_adds_up_stores_and_paths(
    serve: list[tuple[int, str, float]], delivered: float, violated: tuple[str, float] | None
) -> None:
    fields = chain([1, 1], {"sat1": 1}, options=SPLIT)
    found = check(instance_from_document(fields), plan_from_document(by_hand(serve, delivered, delivered)))
    assert [(v.constraint, v.index) for v in found] == ([("C7", violated[0])] if violated else [])
    if violated:
        assert found[0].amount == pytest.approx(violated[1])
    free = instance_from_document(chain([1, 1], {}, options=SPLIT))
    assert check(free, plan_from_document(by_hand(serve, delivered, delivered))) == []


def test_the_checker_knows_shared_sources_and_their_slots() -> None:
    links, demands = [("a", "b", 100), ("c", "d", 100)], [("a", "b"), ("c", "d")]
    free = document(links, demands, slots=2)
    made = plan(free).plan
    assert made is not None
    found = check(instance_from_document(free | {"sharing": [SOURCE]}), made)
    assert [(v.constraint, v.index, v.amount) for v in found if v.constraint == "C7"] == [
        ("C7", "source sat-3, slot 2", pytest.approx(1.0))
    ]


BAD: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "unknown node": ([SOURCE | {"links": [["a", "x"]]}], "sharing[0] (source sat-3).links[0]", "unknown node 'x'"),
    "unknown link": ([SOURCE | {"links": [["a", "c"]]}], "sharing[0] (source sat-3).links[0]", "no link a–c"),
    "link twice": ([SOURCE | {"links": [["a", "b"], ["b", "a"]]}], "sharing[0] (source sat-3).links[1]", "twice"),
    "no links": ([SOURCE | {"links": []}], "sharing[0] (source sat-3).links", "at least 1"),
    "three ends": ([SOURCE | {"links": [["a", "b", "c"]]}], "sharing[0] (source sat-3).links[0]", "at most 2"),
    "zero": ([SOURCE | {"limit": 0}], "sharing[0] (source sat-3).limit", "0"),
    "negative": ([SOURCE | {"limit": -1}], "sharing[0] (source sat-3).limit", "-1"),
    "not a number": ([SOURCE | {"limit": float("nan")}], "sharing[0] (source sat-3).limit", "nan"),
    "slot zero": ([SOURCE | {"slot": 0}], "sharing[0] (source sat-3).slot", "0"),
    "slot after the last": ([SOURCE | {"slot": 3}], "sharing[0] (source sat-3).slot", "slot 3, but there are 2"),
    "the same slot twice": ([SOURCE, SOURCE], "sharing[1] (source sat-3).id", "stands twice for slot 2"),
    "every slot and one": (
        [{k: v for k, v in SOURCE.items() if k != "slot"}, SOURCE], "sharing[1] (source sat-3).id", "stands twice"),
    "one and every slot": (
        [SOURCE, {k: v for k, v in SOURCE.items() if k != "slot"}], "sharing[1] (source sat-3).id", "stands twice"),
    "misspelt": ([SOURCE | {"limits": 1}], "sharing[0] (source sat-3).limits", "did you mean 'limit'?"),
}  # fmt: skip


def faults(fields: dict[str, Any]) -> list[str]:
    with pytest.raises(InvalidFileError) as caught:
        instance_from_document(fields)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("name", BAD)
def test_bad_sharing_names_record_and_field(name: str) -> None:
    sharing, where, what = BAD[name]
    fields = document([("a", "b", 1), ("c", "d", 1)], [("a", "b")], slots=2, sharing=sharing)
    found = faults(fields)
    assert len(found) == 1
    assert found[0].startswith(where + ":")
    assert what in found[0]


@pytest.mark.parametrize("count", [0, -1, float("inf"), float("nan"), "2"])
def test_bad_terminals_name_the_node(count: Any) -> None:
    (found,) = faults(fan(count, 1, 1))
    assert found.startswith("nodes[2] (sat).terminals:")
    assert repr(count) in found


def test_terminals_that_nothing_shares_are_a_warning() -> None:
    fields = document([("a", "b", 1)], [("a", "b")], terminals={"a": 1})
    (note,) = instance_from_document(fields).warnings
    assert note.startswith("nodes[0] (a).terminals: no free-space link")


def test_the_file_says_what_the_instance_knows() -> None:
    fields = fan(1.5, 1, 1) | {"sharing": [{"id": "s", "limit": 1, "links": [["sat", "b"]], "slot": 1}]}
    instance = instance_from_document(fields)
    assert instance.nodes.terminals == (None, None, 1.5)
    assert (instance.sharing[0].links, instance.sharing[0].slot) == ((1,), 0)
    again = instance_document(instance)
    assert again["nodes"][2] == {"id": "sat", "kind": "satellite", "terminals": 1.5}
    assert again["sharing"] == [{"id": "s", "limit": 1.0, "links": [["b", "sat"]], "slot": 1}]
    assert '"sharing": [\n' in document_text(again)
    plain = instance_document(instance_from_document(document(FAN, [("a", "b")])))
    assert "sharing" not in plain
    assert {"NodeRecord", "SharingRecord"} <= set(instance_schema()["$defs"])


def test_slots_of_the_decomposition_know_the_limit() -> None:
    """Slot 1 at a point of the master: every choice open, and 4 of 10 pairs stored over sat1–sat2."""
    problem = Problem.of(instance_from_document(chain([1, 2], {"sat1": 1}, options=SPLIT)))
    f, master = problem.formulation, master_model(problem)
    u = master.block("u")
    slot = SlotProblem(problem, 0, u.start + np.arange(u.count, dtype=np.int64))
    point = np.zeros(len(master.cost))
    assert slot.solve(point).value == pytest.approx(1 / 0.11)
    (direct,) = [q for q, route in enumerate(f.pool.classes.route) if len(route) == 2]
    point[f.w_column(np.array(0), np.array(direct))] = 4.0
    found = slot.solve(point)
    assert found.value == pytest.approx(0.6 / 0.11)
    # The cut of the first point already knows what storing costs: 0.1 / 0.11 for a pair.
    assert slot.solve(np.zeros(len(point))).cut.at(point) == pytest.approx(0.6 / 0.11)


def test_more_than_the_row_allows_is_dropped() -> None:
    """A limit that all links together cannot reach writes no row, and leaves bounds as they are."""
    for terminals, rows in ((1.99, 1), (2.0, 0), (50.0, 0)):
        problem = Problem.of(instance_from_document(fan(terminals, 1, 1)))
        block = problem.model.rows_of("C7")
        assert block.stop - block.start == rows


def test_bounds_of_columns_know_the_limit() -> None:
    """Alone, a relay path carries 1 / (1/100 + 1/50); a store fills with half of what its link makes."""
    relay = Problem.of(instance_from_document(BY_HAND["a relay turns to both sides"][0])).formulation
    assert relay.serve.most == pytest.approx([100 / 3])
    store = Problem.of(instance_from_document(chain([0, 1], {"sat2": 0.5}))).formulation
    (direct,) = [q for q, route in enumerate(store.pool.classes.route) if len(route) == 2]
    assert store.stock.most_storing[0, direct] == pytest.approx(5.0)


@pytest.mark.parametrize("unit", [{}, {"rate_unit": "pairs_per_second", "slot_duration_s": 20}])
def test_prices_are_what_a_little_more_is_worth(unit: dict[str, Any]) -> None:
    for terminals in (0.5, 1.5):
        fields = fan(terminals, 1, 3) | unit
        solution = plan(fields)
        assert solution.primal is not None
        prices = explain(solution.problem, solution.primal).prices
        (price,) = [each for each in prices if each.what == "terminals"]
        assert (price.name, price.slot, price.per) == ("sat", 1, "terminal")
        fields["nodes"][2]["terminals"] = terminals + 0.1
        assert solved(fields) - solved(fan(terminals, 1, 3) | unit) == pytest.approx(0.1 * price.worth)
        assert (
            str(price) == f"slot 1: price at the margin of one more terminal at node sat: {price.worth:.4g}"
        )


def test_prices_and_reasons_of_a_shared_source() -> None:
    fields = document([("a", "b", 100), ("c", "d", 100)], [("a", "b", 2), ("c", "d", 1)], slots=2,
                      sharing=[SOURCE | {"limit": 0.5}])  # fmt: skip
    solution = plan(fields)
    assert solution.primal is not None
    explanation = explain(solution.problem, solution.primal)
    (price,) = [each for each in explanation.prices if each.what == "sharing"]
    assert (price.name, price.slot, price.worth) == ("source sat-3", 2, pytest.approx(200.0))
    (nothing,) = explanation.unserved
    assert str(nothing) == (
        "demand k2 gets nothing in slot 2: its best path c–d could carry 50, "
        "but source sat-3 is worth more to demand k1"
    )
    assert {row["per"] for row in explanation.to_dict()["prices"]} == {"pair", "unit"}


def test_reasons_name_the_node() -> None:
    solution = plan(fan(1, 1, 1))
    assert solution.primal is not None
    (nothing,) = explain(solution.problem, solution.primal).unserved
    assert nothing.reason.endswith("but the terminals of node sat are worth more to demand k1")


def shared_names() -> RoutingInstance:
    rows = [{"id": "sat", "limit": 0.5, "links": [["a", "sat"]], "slot": t} for t in (1, 2)]
    return instance_from_document(
        document(FAN, [("a", "sat"), ("b", "sat")], slots=2, terminals={"sat": 1}, sharing=rows)
    )


def test_exported_names() -> None:
    _, rows = names(Problem.of(shared_names()))
    found = [name for name in rows if name.startswith("C7.")]
    assert sorted(found) == ["C7.sat.t1", "C7.sat.t2", "C7.sat_2.t1", "C7.sat_2.t2"]


def test_the_exported_model_has_the_same_optimum(tmp_path: Any) -> None:
    instance = shared_names()
    file = tmp_path / "model.lp"
    file.write_text(export(Problem.of(instance), "lp"))
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(file)) == highspy.HighsStatus.kOk
    solver.run()
    made = solve(instance, Settings(gap=0.0)).plan
    assert made is not None
    # Half of sat for a, by the sharing list; the other half for b: 50 + 25 in either slot.
    assert solver.getInfo().objective_function_value == pytest.approx(made.objective_pairs)
    assert made.objective_pairs == pytest.approx(150.0)
    assert np.isclose(made.delivered_pairs, 150.0)
