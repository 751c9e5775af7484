"""Bounds of single variables, by hand."""

from __future__ import annotations

import numpy as np
from tests.oracles.routing_instances import document

from satqn.routing.instance_file import instance_from_document
from satqn.routing.problem import Problem


def test_what_a_store_may_take_in_is_its_capacity_by_the_length_of_a_slot() -> None:
    """30 pairs of room in slots of 20 s: 1.5 pairs a second at most, over a link of 10; none in the last."""
    fields = document(
        [("a", "m", 100), ("m", "n", [10, 1, 10]), ("n", "b", 100)], [("a", "b")], slots=3,
        storage={"m": 30.0, "n": 50.0}, rate_unit="pairs_per_second", slot_duration_s=20,
    )  # fmt: skip
    stock = Problem.of(instance_from_document(fields)).formulation.stock
    np.testing.assert_allclose(stock.most_storing, [[1.5], [1.0], [0.0]], rtol=1e-12)
    np.testing.assert_allclose(stock.most_stored, [[0.0], [30.0], [30.0], [30.0]], rtol=1e-12)


def test_a_slot_whose_rates_are_pairs_has_the_length_1() -> None:
    fields = document(
        [("a", "m", 100), ("m", "n", [10, 50]), ("n", "b", 100)], [("a", "b")], slots=2,
        storage={"m": 30.0, "n": 50.0}, options={"stock_end_value": 0.5},
    )  # fmt: skip
    stock = Problem.of(instance_from_document(fields)).formulation.stock
    np.testing.assert_allclose(stock.most_storing, [[10.0], [30.0]], rtol=1e-12)
    np.testing.assert_allclose(stock.most_stored, [[0.0], [10.0], [30.0]], rtol=1e-12)
