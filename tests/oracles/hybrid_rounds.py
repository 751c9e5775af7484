"""One way of the hybrid protocol in plain Python: attempt by attempt, ion pair by ion pair, with 4-vectors.

A state is its weights on Phi+, Phi-, Psi+, Psi-, numbered by the bits (flip, phase). Nothing is shared with the
simulator but the description of the way.
"""

from __future__ import annotations

import heapq
import math

from satqn.simulate.hybrid import SatellitePart


def phase_flip(f):
    return (f, 1.0 - f, 0.0, 0.0)


def two_way_cnot(kept, spent):
    """Return (state, success probability) of the round that keeps a pair if the outcomes on the other agree."""
    out = [0.0] * 4
    for i, a in enumerate(kept):
        for j, b in enumerate(spent):
            if (i >> 1) == (j >> 1):
                out[(i & 2) | ((i ^ j) & 1)] += a * b
    success = sum(out)
    return tuple(w / success for w in out), success


def twirl(state):
    rest = (1.0 - state[0]) / 3.0
    return (state[0], rest, rest, rest)


def purify(kept, spent, protocol):
    if protocol == "bbpssw":
        state, success = two_way_cnot(twirl(kept), twirl(spent))
        return twirl(state), success
    # Quarter turns exchange Phi- and Psi- before; a Hadamard at both ends exchanges Phi- and Psi+ after.
    (a, b, c, d), (e, f, g, h) = kept, spent
    (p, m, s, t), success = two_way_cnot((a, d, c, b), (e, h, g, f))
    return (p, s, m, t), success


def distil(states, protocol, rng):
    """Return the state into which states are made; the worst in reserve, the two worst of the rest first."""
    useful = sorted(state for state in states if state[0] > 0.5)
    if not useful:
        return max(states)
    reserve, *rest = useful
    pairs = [(state[0], number, state) for number, state in enumerate(rest)]
    heapq.heapify(pairs)
    while len(pairs) > 1:
        (_, _, a), (_, number, b) = heapq.heappop(pairs), heapq.heappop(pairs)
        better, success = purify(a, b, protocol)
        if rng.random() < success:
            heapq.heappush(pairs, (better[0], number, better))
    return pairs[0][2] if pairs else reserve


def swapped(a, b, s):
    """Return two pairs joined; the noise of the swap shrinks all correlations by s."""
    out = [0.0] * 4
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            out[i ^ j] += x * y
    return tuple(s * w + (1.0 - s) / 4.0 for w in out)


class Part:
    """Copies of one part as they come: ``times`` so far, and a clock."""

    def __init__(self, part, rng):
        self.part, self.rng, self.times = part, rng, []
        satellite = isinstance(part, SatellitePart)
        self.cycle = rng.expovariate(part.rate) if satellite else part.attempt_time
        self.cycles = 1

    @property
    def next_time(self):
        return self.cycle if isinstance(self.part, SatellitePart) else self.cycles * self.cycle

    def step(self):
        now, part, rng = self.next_time, self.part, self.rng
        if isinstance(part, SatellitePart):
            self.times.append(now)
            self.cycle = now + rng.expovariate(part.rate)
            return
        self.times += [now for _ in range(part.ion_pairs) if rng.random() < part.success]
        self.cycles += 1


def play_round(plan, discipline, rng):
    """Return (time, fidelity or None) of one round, event by event."""
    parts = [Part(part, rng) for part in plan.parts]
    wanted = [{"rounds": 0, "patient": 1}.get(discipline, part.part.copies) for part in parts]
    end = 0.0 if discipline == "planned" else plan.time
    for part, number in zip(parts, wanted, strict=True):
        while len(part.times) < number:
            part.step()
            end = max(end, part.times[number - 1]) if len(part.times) >= number else end
    for part in parts:
        while part.next_time <= end:
            part.step()
    if not all(part.times for part in parts):
        return end, None
    result, swaps = None, 0
    for part in parts:
        copies = [phase_flip(stored(part.part.fidelity, end - t, plan.memory_time)) for t in part.times]
        state = distil(copies, plan.protocol, rng)
        if result is None:
            result = state
        else:
            result, swaps = swapped(result, state, plan.swap), swaps + 1
    for _ in range(plan.swaps - swaps):
        result = swapped(result, (1.0, 0.0, 0.0, 0.0), plan.swap)
    return end, result[0]


def stored(fidelity, age, memory_time):
    """Return the fidelity of a phase flip of which both qubits were stored."""
    if memory_time is None:
        return fidelity
    return 0.5 + (fidelity - 0.5) * math.exp(-((age / memory_time) ** 2)) ** 2
