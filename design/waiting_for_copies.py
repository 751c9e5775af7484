"""How do k copies on all N segments of a chain come together over time?

    python design/waiting_for_copies.py

The protocol counts with means: a segment that takes 1/q cycles per copy has k copies after k W/q cycles,
where W is the waiting factor, E[slowest of N first successes] times q. That is exact for k = 1. For more
copies the true waiting time is the mean of the largest of N negative binomial times, and in rounds of a
fixed length the copies are binomial numbers. Equal segments, one trial a cycle.

Finding (the tables that this prints; ten segments, q = 0.1, DEJMPS):

1. The factor belongs to the first copy. Over many copies the luck evens out: the true factor is 2.83 for
   one copy, 1.75 for five, 1.35 for twenty, 1.15 for a hundred, and goes to 1. With k = 20 the model waits
   2.1 times too long: k W/q is a pessimistic bound for k > 1.
2. In rounds as long as the model takes for one copy per segment, all ten segments are ready in 58 % of the
   rounds; the model promises a pair in every round. With three copies it is 99.9 %, and the segments hold
   2.8 times the copies that the model counts.
3. So a round that succeeds delivers a fidelity above the model's, always: 0.807 for 0.713 with one copy,
   0.892 for 0.713 with two (DEJMPS as the protocol uses it gains nothing from a second copy, which is the
   reserve), 0.911 for 0.893 with three; from five copies on the difference is below 0.003.

The model errs on the safe side, but for rounds of a single copy, where its rate is 1.7 times what fixed
rounds deliver. Waiting for all segments instead of for a fixed time gives the promised mean rate again.
What follows from it is in docs/decisions/0003-waiting-and-copies.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from satqn.physics.purification import copies_table
from satqn.physics.waiting import waiting_factor

F1 = 0.970596
SWAP = (4.0 * 0.99 - 1.0) / 3.0
FloatArray = NDArray[np.float64]


def mean_time_of_all(n: int, k: int, q: float) -> float:
    """Return the mean number of cycles until each of n segments has k copies: sum of P(not yet) over t."""
    total, t, chunk = 0.0, 0, 4096
    while True:
        ready = binom.sf(k - 1, np.arange(t, t + chunk), q)
        missing = -np.expm1(n * np.log(np.clip(ready, 1e-300, None)))
        total += float(missing.sum())
        t += chunk
        if missing[-1] < 1e-13:
            return total


def sampled_time_of_all(n: int, k: int, q: float, samples: int, seed: int = 1) -> tuple[float, float]:
    """Return the same by chance, with its standard error."""
    times = np.random.default_rng(seed).negative_binomial(k, q, (samples, n)).max(axis=1) + k
    return float(times.mean()), float(times.std() / np.sqrt(samples))


def true_factor(n: int, k: int, q: float) -> float:
    """Return by how much k copies on all n segments take longer than on one, on average."""
    return mean_time_of_all(n, k, q) * q / k


def round_of(n: int, q: float, cycles: int) -> tuple[float, float, float]:
    """Return (share of rounds with a pair, mean copies of a segment, mean F of those rounds)."""
    table = np.minimum(copies_table(F1, cycles, "dejmps"), 1.0)
    counts = binom.pmf(np.arange(cycles + 1), cycles, q)
    ready = float(counts[1:].sum())
    product = float((counts[1:] * (2.0 * table[1:] - 1.0)).sum()) / ready
    fidelity = 0.25 * (1.0 + SWAP ** (n - 1) * (1.0 + 2.0 * product**n))
    return ready**n, cycles * q, fidelity


def model_fidelity(n: int, k: int) -> float:
    """Return the protocol's F of n segments with k copies each."""
    product = float(min(copies_table(F1, k, "dejmps")[k], 1.0)) * 2.0 - 1.0
    return 0.25 * (1.0 + SWAP ** (n - 1) * (1.0 + 2.0 * product**n))


def main() -> None:
    for q in (0.1, 0.3):
        print(f"\nwaiting for k copies on all N segments, q = {q}: true factor (k = 1 is the model's W)")
        counts = (1, 2, 5, 20, 100, 500)
        print("   N  " + "".join(f"  k = {k:<4}" for k in counts) + "  H_N   (3/2)^log2 N")
        for n in (2, 5, 10, 30):
            row = "".join(f"  {true_factor(n, k, q):8.4f}" for k in counts)
            bounds = [float(waiting_factor(kind, n)) for kind in ("harmonic", "power")]
            print(f"  {n:2d}  {row}  {bounds[0]:5.3f}  {bounds[1]:5.3f}")
    (mean, error), summed = sampled_time_of_all(10, 5, 0.1, 200_000), mean_time_of_all(10, 5, 0.1)
    print(f"\nby chance: N = 10, k = 5, q = 0.1: {mean:.3f} +- {error:.3f}; sum {summed:.3f}")

    print("\nrounds of T = k W/q cycles, q = 0.1: what the model says, and what happens")
    print("   N   k   cycles  rounds with a pair  copies each  F when there is one  F of the model")
    for n in (5, 10, 30):
        factor = float(waiting_factor("exact", n, 0.1))
        for k in (1, 2, 3, 5, 10):
            cycles = round(k * factor / 0.1)
            share, copies, fidelity = round_of(n, 0.1, cycles)
            print(
                f"  {n:2d}  {k:2d}  {cycles:7d}  {share:18.4f}  {copies:11.1f}"
                f"  {fidelity:19.5f}  {model_fidelity(n, k):14.5f}"
            )


if __name__ == "__main__":
    main()
