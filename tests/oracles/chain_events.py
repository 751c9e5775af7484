"""A chain of links as a plain event loop: every attempt is an event, every state a list of four weights.

Written from the definitions of `satqn.simulate.chain`, without any of its kernels: slow, and meant to be read.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from dataclasses import dataclass, field


@dataclass(eq=False)
class Pair:
    left: int
    right: int
    weights: list[float]
    stored: tuple[float, float]  # when its left and its right qubit came into their memories
    seen: float  # decay is in the weights up to then
    oldest: float
    formed: float
    rounds: int = 0
    elementary: int = 1
    lanes: frozenset[int] = frozenset()  # by which it is joined, in bound lanes
    places: frozenset[tuple[int, int]] = frozenset()  # links and lanes that it keeps busy
    expires: float = math.inf


@dataclass(eq=False)
class Attempt:
    link: int
    lane: int
    alive: bool = True


@dataclass
class Outcome:
    times: list[float] = field(default_factory=list)
    fidelities: list[float] = field(default_factory=list)
    made: int = 0
    delivered: int = 0
    lost_in_swaps: int = 0
    lost_in_purification: int = 0
    lost_by_cutoff: int = 0
    left_over: int = 0


def convolve(a, b):
    return [sum(a[j] * b[j ^ k] for j in range(4)) for k in range(4)]


def flipped(weights, probability, kind):
    """Return the weights after an error, 1 a phase flip and 2 a bit flip, of one qubit."""
    error = [0.0] * 4
    error[0], error[kind] = 1.0 - probability, probability
    return convolve(weights, error)


def whitened(weights, probability):
    return [(1.0 - probability) * w + probability / 4.0 for w in weights]


def swapped(a, b, swap):
    out = whitened(convolve(a, b), swap.gate_noise)
    return flipped(flipped(out, swap.readout_error, 1), swap.readout_error, 2)


def purified(kept, spent, how):
    """Return (success probability, weights); weights are indexed by flip (high bit) and phase (low bit)."""

    def prepared(w):
        if how.protocol == "bbpssw":
            return [w[0], *[(1.0 - w[0]) / 3.0] * 3]
        return [w[0], w[3], w[2], w[1]]

    a, b = prepared(kept), prepared(spent)
    clear, wrong = (1.0 - how.gate_noise) ** 2, 2.0 * how.readout_error * (1.0 - how.readout_error)
    out = [(1.0 - clear) / 8.0] * 4
    for i, j in itertools.product(range(4), repeat=2):
        same = (i ^ j) < 2
        out[(i & 2) | ((i ^ j) & 1)] += clear * a[i] * b[j] * ((1.0 - wrong) if same else wrong)
    success = sum(out)
    if success <= 0.0:
        return 0.0, out
    out = [w / success for w in out]
    return success, [out[0], *[(1.0 - out[0]) / 3.0] * 3] if how.protocol == "bbpssw" else out


class EventLoop:
    def __init__(self, chain, restart, seed):
        self.chain, self.restart, self.draw = chain, restart, random.Random(seed).random
        self.links = len(chain.success)
        self.serial = itertools.count()
        self.out = Outcome()
        self.since = 0.0
        self.clear()

    # --- memories and attempts
    def clear(self):
        self.now = 0.0
        self.events, self.pairs, self.attempts = [], [], []
        self.attempting = [[None] * self.chain.memories for _ in range(self.links)]
        for link in range(self.links):
            self.try_link(link)

    def busy(self, link):
        """Return how many couples of memories of a link cannot begin to attempt."""
        running = sum(a is not None for a in self.attempting[link])
        left = running + sum(p.left == link for p in self.pairs)
        right = running + sum(p.right == link + 1 for p in self.pairs)
        return max(left, right)

    def try_link(self, link):
        for lane in range(self.chain.memories):
            if self.attempting[link][lane] is not None:
                continue
            if self.chain.sharing == "bound":
                free = not any((link, lane) in p.places for p in self.pairs)
            else:
                free = self.busy(link) < self.chain.memories
            if free:
                attempt = self.attempting[link][lane] = Attempt(link, lane)
                self.schedule(attempt)

    def schedule(self, attempt):
        time = self.now + float(self.chain.attempt_time[attempt.link])
        mixed = self.chain.simultaneous == "random"
        first = self.draw() if mixed else attempt.link
        heapq.heappush(self.events, (time, 0, first, attempt.link, next(self.serial), attempt))

    def lose(self, *pairs):
        for pair in pairs:
            self.pairs.remove(pair)
        for link in range(self.links):
            self.try_link(link)
        return sum(pair.elementary for pair in pairs)

    # --- states
    def decay(self, pair):
        memory, dt = self.chain.memory, self.now - pair.seen
        for came in pair.stored:
            if memory.dephasing_time is not None:
                pair.weights = flipped(pair.weights, (1 - math.exp(-dt / memory.dephasing_time)) / 2, 1)
            if memory.depolarising_time is not None:
                pair.weights = whitened(pair.weights, 1 - math.exp(-dt / memory.depolarising_time))
            if memory.gaussian_dephasing_time is not None:
                tau = memory.gaussian_dephasing_time
                more = ((self.now - came) / tau) ** 2 - ((pair.seen - came) / tau) ** 2
                pair.weights = flipped(pair.weights, (1 - math.exp(-more)) / 2, 1)
        pair.seen = self.now

    def level(self, pair):
        """Return the level by which rounds and cut-offs are given, or None between levels (order asap)."""
        length = pair.right - pair.left
        if self.chain.order == "nested":
            return math.ceil(math.log2(length))
        if length == self.links:
            return self.chain.levels
        return 0 if length == 1 else None

    def rounds_due(self, pair):
        level, rounds = self.level(pair), self.chain.purification.rounds
        return rounds[level] if level is not None and level < len(rounds) else 0

    def limit(self, pair):
        times, level = self.chain.cutoff.times, self.level(pair)
        if len(times) == 1:
            return times[0]
        return times[1 if level is None else level]

    def formed(self, pair):
        """Note the cut-off of a pair that has a new form."""
        limit = self.limit(pair)
        if limit is not None:
            born = pair.oldest if self.chain.cutoff.age == "oldest" else pair.formed
            pair.expires = max(self.now, born + limit)
            heapq.heappush(self.events, (pair.expires, 1, 0, pair.left, next(self.serial), pair))
        else:
            pair.expires = math.inf

    # --- what pairs do
    def parent(self, left, right):
        """Return the ends of the pair of which [left, right) is a half, in nested order."""
        low, high = 0, self.links
        while True:
            middle = (low + high + 1) // 2
            if (left, right) in ((low, middle), (middle, high)):
                return low, high
            low, high = (low, middle) if right <= middle else (middle, high)

    def fit(self, a, b):
        if a.right != b.left or a.rounds != self.rounds_due(a) or b.rounds != self.rounds_due(b):
            return False
        if self.chain.order == "nested" and self.parent(a.left, a.right) != (a.left, b.right):
            return False
        return self.chain.sharing == "shared" or a.lanes <= b.lanes or b.lanes <= a.lanes

    def twins(self, a, b):
        if a is b or (a.left, a.right, a.rounds) != (b.left, b.right, b.rounds):
            return False
        if self.chain.sharing == "bound":
            width = len(a.lanes)
            return {lane ^ width for lane in a.lanes} == set(b.lanes)
        return True

    @staticmethod
    def first(pairs):
        return min(pairs, key=lambda p: (p.oldest, p.formed), default=None)

    def settle(self, pair):
        while True:
            if pair.rounds < self.rounds_due(pair):
                twin = self.first([p for p in self.pairs if self.twins(p, pair)])
                pair = twin and self.purify(twin, pair)
            elif pair.right - pair.left == self.links:
                return self.deliver(pair)
            elif before := self.first([p for p in self.pairs if self.fit(p, pair)]):
                pair = self.swap(before, pair)
            elif after := self.first([p for p in self.pairs if self.fit(pair, p)]):
                pair = self.swap(pair, after)
            else:
                return None
            if pair is None:
                return None

    def purify(self, kept, spent):
        self.decay(kept)
        self.decay(spent)
        success, weights = purified(kept.weights, spent.weights, self.chain.purification)
        if self.draw() >= success:
            self.out.lost_in_purification += self.lose(kept, spent)
            return None
        kept.weights, kept.rounds = weights, kept.rounds + 1
        kept.oldest, kept.formed = min(kept.oldest, spent.oldest), self.now
        kept.elementary += spent.elementary
        kept.lanes |= spent.lanes
        kept.places |= spent.places
        return self.joined(kept, spent)

    def swap(self, a, b):
        if self.draw() >= self.chain.swap.success:
            self.out.lost_in_swaps += self.lose(a, b)
            return None
        self.decay(a)
        self.decay(b)
        a.weights = swapped(a.weights, b.weights, self.chain.swap)
        a.right, a.stored, a.rounds = b.right, (a.stored[0], b.stored[1]), 0
        a.oldest, a.formed = min(a.oldest, b.oldest), self.now
        a.elementary += b.elementary
        a.lanes |= b.lanes
        a.places |= b.places
        return self.joined(a, b)

    def joined(self, pair, gone):
        self.pairs.remove(gone)
        gone.expires = None
        self.formed(pair)
        for link in range(self.links):
            self.try_link(link)
        return pair

    def deliver(self, pair):
        self.decay(pair)
        self.out.times.append(self.now - self.since)
        self.out.fidelities.append(pair.weights[0])
        self.out.delivered += pair.elementary
        self.since = self.now
        if self.restart == "fresh":
            self.out.left_over += sum(p.elementary for p in self.pairs) - pair.elementary
            self.since = 0.0
            self.clear()
        else:
            self.lose(pair)

    def discard(self, pair):
        if self.chain.cutoff.discards == "pair":
            self.out.lost_by_cutoff += self.lose(pair)
            return
        low, high, lanes = pair.left, pair.right, set(pair.lanes)
        if pair.rounds < self.rounds_due(pair):
            lanes |= {lane ^ len(pair.lanes) for lane in pair.lanes}
        else:
            low, high = self.parent(low, high)
        for link, lane in itertools.product(range(low, high), lanes):
            if self.attempting[link][lane] is not None:
                self.attempting[link][lane].alive = False
                self.attempting[link][lane] = None
        inside = [p for p in self.pairs if low <= p.left and p.right <= high and p.lanes <= lanes]
        self.out.lost_by_cutoff += self.lose(*inside)

    # --- the loop
    def step(self):
        self.now, kind, _, link, _, what = heapq.heappop(self.events)
        if kind == 1:
            if what in self.pairs and what.expires == self.now:
                self.discard(what)
        elif what.alive:
            if self.draw() >= float(self.chain.success[link]):
                self.schedule(what)
                return
            self.attempting[link][what.lane] = None
            weights, now = [float(w) for w in self.chain.state[link]], self.now
            pair = Pair(link, link + 1, weights, (now, now), now, now, now, lanes=frozenset([what.lane]))
            pair.places = frozenset([(link, what.lane)])
            self.pairs.append(pair)
            self.out.made += 1
            self.formed(pair)
            self.settle(pair)


def simulate(chain, restart, deliveries, seed):
    """Return the outcome of so many deliveries of a chain, begun empty."""
    loop = EventLoop(chain, restart, seed)
    while len(loop.out.times) < deliveries:
        loop.step()
    loop.out.left_over += sum(p.elementary for p in loop.pairs)
    return loop.out
