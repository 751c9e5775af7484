"""Random numbers for kernels that draw one at a time: xoshiro256++ and the jumps of Bernoulli trials.

Source: Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM Trans. Math. Softw. 47, 36
(2021). The state is four words, seeded by :class:`numpy.random.SeedSequence`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiling import bare

Words = NDArray[np.uint64]

_ULP = 2.0**-53


@bare
def next_word(state: Words) -> int:
    """Return the next 64 random bits; ``state`` has shape (4,) and must not be all zeros."""
    total = state[0] + state[3]
    word = ((total << np.uint64(23)) | (total >> np.uint64(41))) + state[0]
    shifted = state[1] << np.uint64(17)
    state[2] ^= state[0]
    state[3] ^= state[1]
    state[1] ^= state[2]
    state[0] ^= state[3]
    state[2] ^= shifted
    state[3] = (state[3] << np.uint64(45)) | (state[3] >> np.uint64(19))
    return word


@bare
def uniform(state: Words) -> float:
    """Return a number in (0, 1), one of 2^53 equally spaced ones symmetric about 1/2."""
    return (np.int64(next_word(state) >> np.uint64(11)) + 0.5) * _ULP


@bare
def attempts(state: Words, per_decay: float) -> float:
    """Return how many attempts pass up to and with the first success, a whole number >= 1.

    Parameters
    ----------
    state
        Of the generator.
    per_decay
        1 / log(1 - p) for a success probability p in (0, 1), 0 for p = 1.
    """
    return 1.0 if per_decay == 0.0 else 1.0 + math.floor(math.log(uniform(state)) * per_decay)
