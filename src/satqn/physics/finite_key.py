"""Secret key of one finite block of sifted pairs.

Of m sifted pairs, k = beta m are compared in the open and n = m - k make the key. How far the error rate
of the n may lie above that of the k is a sampling problem without replacement; its bound and the privacy
amplification together give the length of the key. eps is the failure probability of the *block*: a year of
a thousand blocks needs eps/1000 for each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.physics.checks import in_range
from satqn.physics.key_rates import CORRECTNESS_SHARE, ERROR_CORRECTION_EFFICIENCY

FloatArray = NDArray[np.float64]

_MARGIN_OF_HALF = 1e-9
_SHARES, _DEVIATIONS, _SPLITS = 40, 60, 24
"""Points of the first search: share that is tested, deviation nu, and xi/nu."""


@dataclass(frozen=True, slots=True)
class FiniteKey:
    """The key of one block, with the choices that give it.

    Parameters
    ----------
    sifted
        m, sifted pairs of the block.
    qber
        delta, an upper bound on the error rate that is accepted in the test.
    eps
        Failure probability of the block.
    f_ec
        Efficiency of error correction.
    bits
        Length of the key in bits, not rounded; 0 if no choice gives one.
    tested_share
        beta, share of the sifted pairs that is compared in the open, in (0, 1/2].
    deviation
        nu: how far the error rate of the key may exceed the tested one.
    split
        xi in (0, nu): the part of nu that the tested sample takes.
    """

    sifted: float
    qber: float
    eps: float
    f_ec: float
    bits: float
    tested_share: float | None
    deviation: float | None
    split: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the key as it stands in JSON."""
        return {
            "sifted": self.sifted,
            "qber": self.qber,
            "eps": self.eps,
            "f_ec": self.f_ec,
            "key_bits": self.bits,
            "key_bits_floor": math.floor(self.bits),
            "bits_per_sifted": self.bits / self.sifted if self.sifted else 0.0,
            "tested_share": self.tested_share,
            "deviation_nu": self.deviation,
            "split_xi": self.split,
            "tomamichel2012_bits": tomamichel2012_bits(self.sifted, self.qber, self.eps, self.f_ec),
        }


def key_bits(
    sifted: float,
    qber: float,
    eps: float,
    f_ec: float,
    tested_share: FloatArray | float,
    deviation: FloatArray | float,
    split: FloatArray | float,
) -> FloatArray:
    """Return the length of the key for given choices; -inf where they prove nothing.

    Parameters
    ----------
    sifted, qber, eps, f_ec
        m > 0, delta in [0, 1/2), eps in (0, 1), f >= 1.
    tested_share, deviation, split
        beta in (0, 1/2], nu in (0, 1/2 - delta), xi in (0, nu); broadcasting.

    Notes
    -----
    n (1 - h(delta + nu) - f h(delta)) - log2(1/eps_c) + 2 log2(2 (eps - eps_c - 2 eps_pe)), with
    eps_pe^2 = exp(-2 m k xi^2/(n + 1)) + exp(-2 G (n^2 (nu - xi)^2 - 1)) and
    G = 1/(m (delta + xi) + 1) + 1/(m - m (delta + xi) + 1).
    Source: Lim, Xu, Pan, Ekert, PRL 126, 100501 (2021), theorem and supplement.
    """
    m, delta = float(sifted), float(qber)
    beta, nu, xi = (np.asarray(value, dtype=np.float64) for value in (tested_share, deviation, split))
    k = beta * m
    n = m - k
    eps_c = CORRECTNESS_SHARE * eps
    errors = m * (delta + xi)
    weight = 1.0 / (errors + 1.0) + 1.0 / (m - errors + 1.0)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        failure = np.exp(-2.0 * m * k * xi * xi / (n + 1.0)) + np.exp(
            -2.0 * weight * (n * n * (nu - xi) ** 2 - 1.0)
        )
        left = eps - eps_c - 2.0 * np.sqrt(failure)
        bits = (
            n * (1.0 - _entropy(delta + nu) - f_ec * _entropy(delta))
            - math.log2(1.0 / eps_c)
            + 2.0 * np.log2(2.0 * np.maximum(left, 1e-300))
        )
    allowed = (
        (left > 0.0) & (xi > 0.0) & (xi < nu) & (nu < 0.5 - delta) & (beta > 0.0) & (beta <= 0.5) & (k >= 1.0)
    )
    return np.asarray(np.where(allowed, bits, -np.inf))


def finite_key(
    sifted: float, qber: float, eps: float, f_ec: float = ERROR_CORRECTION_EFFICIENCY
) -> FiniteKey:
    """Return the longest key of a block, over the tested share and both deviations.

    Parameters
    ----------
    sifted
        m >= 1 sifted pairs.
    qber
        delta in [0, 1/2): the error rate up to which the block is accepted, not the mean expected.
    eps
        Failure probability of the block in (0, 1).
    f_ec
        Efficiency f >= 1 of error correction.

    Notes
    -----
    A grid over (beta, nu, xi/nu) and Nelder-Mead in logarithms from its three best points.

    Examples
    --------
    >>> round(finite_key(1e4, 0.02, 1e-10).bits, 1)
    2127.2
    """
    in_range("sifted pairs", sifted, 1.0, 1e18)
    in_range("qber", qber, 0.0)
    if qber >= 0.5:
        raise InputError(f"qber is {qber:g}", fix="It must lie in [0, 0.5)")
    in_range("eps", eps, 1e-100, above=True)
    if eps >= 1.0:
        raise InputError(f"eps is {eps:g}", fix="It is a failure probability: it must lie in (0, 1)")
    in_range("f_ec", f_ec, 1.0)
    found = _best(float(sifted), float(qber), float(eps), float(f_ec))
    if found is None:
        return FiniteKey(sifted, qber, eps, f_ec, 0.0, None, None, None)
    bits, beta, nu, xi = found
    return FiniteKey(sifted, qber, eps, f_ec, bits, beta, nu, xi)


def _best(m: float, delta: float, eps: float, f_ec: float) -> tuple[float, float, float, float] | None:
    """Return bits, beta, nu and xi of the best choice, or None if no choice gives a key."""
    from scipy.optimize import minimize

    if m < 2.0:
        return None
    top = 0.5 - delta - _MARGIN_OF_HALF
    smallest = min(0.1 * math.sqrt(math.log(1.0 / eps) / m), 0.5 * top)
    beta = np.geomspace(max(1.0 / m, 1e-7), 0.5, _SHARES)[:, None, None]
    nu = np.geomspace(smallest, top, _DEVIATIONS, endpoint=False)[None, :, None]
    share = np.linspace(0.02, 0.98, _SPLITS)[None, None, :]
    grid = key_bits(m, delta, eps, f_ec, beta, nu, share * nu)
    if not np.any(np.isfinite(grid)):
        return None

    def unpack(point: FloatArray) -> tuple[float, float, float]:
        tested = min(math.exp(min(point[0], 0.0)), 0.5)
        deviation = math.exp(min(point[1], 0.0))
        return tested, deviation, deviation / (1.0 + math.exp(-point[2]))

    def cost(point: FloatArray) -> float:
        return -float(key_bits(m, delta, eps, f_ec, *unpack(point)))

    best: tuple[float, float, float, float] | None = None
    for flat in np.argsort(grid, axis=None)[::-1][:3]:
        i, j, s = np.unravel_index(flat, grid.shape)
        if not np.isfinite(grid[i, j, s]):
            continue
        ratio = float(share[0, 0, s])
        start = np.array(
            [math.log(float(beta[i, 0, 0])), math.log(float(nu[0, j, 0])), -math.log(1 / ratio - 1)]
        )
        for _ in range(2):  # a second simplex where the first came to rest
            result = minimize(
                cost,
                start,
                method="Nelder-Mead",
                options={"xatol": 1e-7, "fatol": 1e-11 * (1.0 + abs(float(grid[i, j, s]))), "maxiter": 2000},
            )
            start = result.x
        bits = -float(result.fun)
        if best is None or bits > best[0]:
            best = (bits, *unpack(result.x))
    return best if best is not None and best[0] > 0.0 else None


def tomamichel2012_bits(sifted: float, qber: float, eps: float, f_ec: float) -> float:
    """Return the key by the older bound of Tomamichel et al., Nat. Commun. 3, 634 (2012), for comparison.

    Notes
    -----
    max over the tested share of n (1 - h(Q + mu)) - f n h(Q) - log2(2/(eps_s^2 eps_cor)) with
    mu = sqrt(m/(n k) (k + 1)/k ln(4/eps_s)), eps_cor = eps/100 and eps_s = eps.
    """
    m = float(sifted)
    eps_cor = CORRECTNESS_SHARE * eps
    if m < 2.0:
        return 0.0
    k = m * np.geomspace(max(1.0 / m, 1e-7), 0.5, 4000)
    n = m - k
    mu = np.sqrt(m / (n * k) * (k + 1.0) / k * math.log(4.0 / eps))
    bits = n * (1.0 - _entropy(qber + mu) - f_ec * _entropy(qber)) - math.log2(2.0 / (eps**2 * eps_cor))
    bits = np.where((qber + mu < 0.5) & (k >= 1.0), bits, -np.inf)
    return max(0.0, float(bits.max()))


def _entropy(probability: FloatArray | float) -> FloatArray:
    p = np.clip(np.asarray(probability, dtype=np.float64), 1e-300, 1.0 - 1e-16)
    return np.asarray(-(p * np.log2(p) + (1.0 - p) * np.log1p(-p) / math.log(2.0)))
