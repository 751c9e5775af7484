"""Baselines of zhang2024: satellites only, random paths, no storage; each is the MILP with columns shut."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from satqn.routing.architectures import Architecture
from satqn.routing.columns import class_capacity
from satqn.routing.pool import inner_nodes
from satqn.routing.problem import Problem

Draw = Literal["available", "all"]
"""Random paths are drawn among those whose links are up in the slot, or among all."""


def satellite_only(problem: Problem) -> Problem:
    """SOS: every inner node of f(p) is a satellite; stores at satellites may be used.

    Parameters
    ----------
    problem
        The problem; the columns of the baseline are a subset of its own.
    """
    kind = problem.instance.nodes.kind
    over = np.array(
        [all(kind[v] == "satellite" for v in inner) for inner in inner_nodes(problem.pool)], dtype=bool
    )
    return problem.only(over[problem.formulation.serve.path])


def no_storage(problem: Problem) -> Problem:
    """NSS: no virtual links, nothing is stored.

    Parameters
    ----------
    problem
        The problem.
    """
    real = np.diff(problem.pool.drawn.ptr) == 0
    return problem.only(real[problem.formulation.serve.path], storing=False)


def part_of(problem: Problem, part: Architecture) -> Problem:
    """Return the problem with all columns shut that a part of the network does not have.

    Parameters
    ----------
    problem
        The whole.
    part
        What stays: a path, or a route into store, all of whose links do.
    """
    missing = ~part.links(problem.instance)
    pool = problem.pool
    routes = pool.classes.links
    storing = np.bincount(routes.row_of_value, missing[routes.values], minlength=len(pool.classes)) == 0
    storing &= part.storage
    gone = np.bincount(pool.links.row_of_value, missing[pool.links.values], minlength=len(pool))
    gone += np.bincount(pool.drawn.row_of_value, ~storing[pool.drawn.values], minlength=len(pool))
    return problem.only((gone == 0)[problem.formulation.serve.path], storing=storing)


def random_paths(problem: Problem, seed: int, draw: Draw = "available") -> Problem:
    """RRS: one path per demand and slot is drawn uniformly; rates and stocks are optimised.

    Parameters
    ----------
    problem
        The problem.
    seed
        Children are keyed by demand and slot: a draw does not depend on how many others there are.
    draw
        Among which paths.
    """
    serve, slots = problem.formulation.serve, problem.instance.slots
    # Paths that differ in the age of what they draw are one.
    origin, listed = problem.pool.origin, problem.pool.listed
    possible = np.ones((slots, len(listed)), dtype=bool)
    if draw == "available":
        up = np.zeros((len(listed), slots))
        np.maximum.at(up, origin, _available(problem).T)
        possible = up.T > 0
    drawn = np.full((slots, len(problem.instance.demands)), -1, dtype=np.int64)
    for k in range(drawn.shape[1]):
        mine = listed.demand == k
        for t in range(slots):
            choices = np.flatnonzero(possible[t] & mine)
            if len(choices):
                child = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(k, t)))
                drawn[t, k] = child.choice(choices)
    return problem.only(drawn[serve.slot, serve.demand] == origin[serve.path])


def _available(problem: Problem) -> NDArray[np.bool_]:
    """Which paths have all their links up and a store with room behind every virtual link, shape (T, P)."""
    pool, rate = problem.pool, problem.instance.links.rate
    down = np.zeros((rate.shape[0], len(pool)), dtype=np.int64)
    for t in range(rate.shape[0]):
        down[t] = np.bincount(
            pool.links.row_of_value, weights=rate[t, pool.links.values] == 0, minlength=len(pool)
        )
    roomless = class_capacity(problem.instance, pool)[pool.drawn.values] == 0
    down += np.bincount(pool.drawn.row_of_value, weights=roomless, minlength=len(pool)).astype(np.int64)
    return np.asarray(down == 0)
