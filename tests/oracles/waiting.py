"""E[max of geometric variables] by inclusion and exclusion in exact arithmetic, and term by term."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations
from math import comb, fsum, log1p, prod

import numpy as np


def expected_max(p):
    """Return the mean for few unequal probabilities (floats), exactly."""
    fail = [1 - Fraction(x) for x in p]
    total = Fraction(0)
    for size in range(1, len(p) + 1):
        for subset in combinations(fail, size):
            total += (-1) ** (size + 1) / (1 - prod(subset))
    return total


def expected_max_equal(p, n):
    """Return the mean for n equal probabilities; the alternating sum needs as many digits as 2^n has."""
    with localcontext() as context:
        context.prec = 60 + n
        fail = 1 - Decimal(p)
        return sum((-1) ** (k + 1) * Decimal(comb(n, k)) / (1 - fail**k) for k in range(1, n + 1))


def expected_max_by_terms(p):
    """Return the mean for many unequal probabilities, none of them tiny: the sum of P(max > t)."""
    p = np.asarray(p)
    last = int(40 / -log1p(-p.min()))
    t = np.arange(last)[:, None]
    return fsum(1.0 - np.prod(1.0 - (1.0 - p) ** t, axis=1))
