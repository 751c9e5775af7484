"""Delivery times and fidelities of nested protocols, three slow ways that share nothing with the fast one.

`enumerate_histories` follows every history with its own Bell-diagonal state, `sample` draws them, and
`two_segments_step_by_step` is a Markov chain in single attempts.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import exp

import numpy as np

from satqn.physics.bell import bell_state, depolarise, from_phase_flip, swap, werner
from satqn.physics.purification import bbpssw


def _waited(state, steps, protocol):
    """A stored pair after some steps: white noise, or phase flips."""
    if protocol.coherence_steps is None:
        return state
    kept = np.exp(-np.asarray(steps) / protocol.coherence_steps)
    if protocol.state == "werner":
        return depolarise(state, 1.0 - kept)
    flip = ((1.0 - kept) / 2.0)[..., None]
    return bell_state((1.0 - flip) * state + flip * state[..., [1, 0, 3, 2]])


def _made(protocol):
    return (werner if protocol.state == "werner" else from_phase_flip)(protocol.fidelity)


def _joined(states, level):
    """State and success probability of the operation on links that are all there; links on the first axis."""
    if level.kind == "distil":
        fidelity, chance = bbpssw(states[0][..., 0].clip(0.25, 1.0), states[1][..., 0].clip(0.25, 1.0))
        return werner(fidelity), chance
    out = states[0]
    for state in states[1:]:
        out = swap(out, state, level.swap_fidelity)
    return out, np.full(out.shape[:-1], level.success ** (level.links - 1))


def enumerate_histories(protocol, last):
    """Return P(T = t) and P(T = t) E[F | T = t], t = 1..last, from all histories up to `last`."""
    p = protocol.success
    links = {(t, tuple(_made(protocol))): p * (1 - p) ** (t - 1) for t in range(1, last + 1)}
    for level in protocol.levels:
        links = _level_by_histories(links, level, protocol, last)
    mass, fidelity = np.zeros(last), np.zeros(last)
    for (t, state), chance in links.items():
        mass[t - 1] += chance
        fidelity[t - 1] += chance * state[0]
    return mass, fidelity


def _level_by_histories(links, level, protocol, last):
    never = (last + 10**6, None)  # some time after `last`
    choices = [*links.items(), (never, 1.0 - sum(links.values()))]
    ends, fails = defaultdict(float), np.zeros(last + 1)
    cutoff = 10**5 if level.cutoff is None else level.cutoff
    for chosen in product(choices, repeat=level.links):
        times = [link[0] for link, _ in chosen]
        chance = np.prod([probability for _, probability in chosen])
        if max(times) - min(times) > cutoff:
            if min(times) + cutoff <= last:
                fails[min(times) + cutoff] += chance
        elif max(times) <= last:
            stored = [_waited(np.array(state), max(times) - t, protocol) for (t, state), _ in chosen]
            state, success = _joined(stored, level)
            ends[max(times), tuple(np.round(state, 13))] += chance * success
            fails[max(times)] += chance * (1.0 - success)
    begins = np.zeros(last + 1)  # P(an attempt begins right after step t)
    begins[0] = 1.0
    for t in range(1, last + 1):
        begins[t] = sum(fails[u] * begins[t - u] for u in range(1, t + 1))
    out = defaultdict(float)
    for (t, state), chance in ends.items():
        for start in range(last + 1 - t):
            out[start + t, state] += begins[start] * chance
    return out


def sample(protocol, count, rng):
    """Return delivery times and fidelities of `count` runs of the recursive protocol."""
    times, states = _draw(protocol, len(protocol.levels), count, rng)
    return times, states[:, 0]


def _draw(protocol, height, count, rng):
    if height == 0:
        return rng.geometric(protocol.success, count), np.broadcast_to(_made(protocol), (count, 4))
    level = protocol.levels[height - 1]
    elapsed, out, pending = np.zeros(count, dtype=np.int64), np.empty((count, 4)), np.arange(count)
    while pending.size:
        drawn = [_draw(protocol, height - 1, pending.size, rng) for _ in range(level.links)]
        times = np.stack([t for t, _ in drawn])
        first, last = times.min(axis=0), times.max(axis=0)
        stored = [_waited(state, last - t, protocol) for t, state in drawn]
        state, chance = _joined(stored, level)
        works = rng.random(pending.size) < chance
        elapsed[pending] += last
        if level.cutoff is not None:
            late = last - first > level.cutoff
            works &= ~late
            elapsed[pending[late]] += (first + level.cutoff - last)[late]
        out[pending[works]] = state[works]
        pending = pending[~works]
    return elapsed, out


def two_segments_step_by_step(p, fidelity, cutoff, coherence_steps, last):
    """Return P(T = t) and P(T = t) E[F | T = t] of two Werner segments and a perfect swap with a cut-off."""
    w0, q = (4 * fidelity - 1) / 3, 1 - p
    empty, ages = 1.0, np.zeros(cutoff + 1)  # ages[a]: one link, a steps old
    mass, out = np.zeros(last), np.zeros(last)
    for t in range(last):
        fresh = empty * 2 * p * q
        mass[t] += empty * p * p
        out[t] += empty * p * p * (1 + 3 * w0 * w0) / 4
        empty *= q * q
        older = np.zeros(cutoff + 1)
        for age in range(cutoff):
            mass[t] += ages[age] * p
            out[t] += ages[age] * p * (1 + 3 * w0 * w0 * exp(-(age + 1) / coherence_steps)) / 4
            older[age + 1] = ages[age] * q
        older[0] += fresh
        empty += older[cutoff]  # as old as it may get and still alone
        older[cutoff] = 0.0
        ages = older
    return mass, out


def until_success_by_recursion(column, failure):
    """Return c = column + failure * c, term by term."""
    out = np.zeros(len(column))
    for t in range(len(column)):
        out[t] = column[t] + sum(failure[u] * out[t - 1 - u] for u in range(t))
    return out
