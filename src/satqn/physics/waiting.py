"""How long a chain waits for its slowest segment."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma

from satqn.errors import InputError
from satqn.physics.checks import in_range, one_of, whole_number

FloatArray = NDArray[np.float64]
WaitingKind = Literal["power", "harmonic", "exact"]


def expected_max_geometric(p: ArrayLike, axis: int = -1) -> FloatArray:
    """Return the mean number of attempts until every one of N parallel trials has succeeded once.

    Parameters
    ----------
    p
        Success probability per attempt, in (0, 1]; the N trials lie along ``axis``, N >= 1.
    axis
        The axis of the trials.

    Notes
    -----
    E[max of independent geometric variables], exact to about 1e-12 for equal and unequal p down to
    1e-12 and below: see :mod:`satqn.kernels.waiting`.

    Examples
    --------
    >>> round(float(expected_max_geometric([0.5, 0.5])), 12)
    2.666666666667
    """
    from satqn.kernels.waiting import expected_max_geometric_kernel

    trials = _probability(p)
    if trials.ndim == 0 or trials.shape[axis] == 0:
        raise InputError("no trial to wait for", fix="Give at least one success probability along the axis")
    rows = np.moveaxis(trials, axis, -1)
    flat = np.ascontiguousarray(rows.reshape(-1, rows.shape[-1]))
    return np.array([expected_max_geometric_kernel(row) for row in flat]).reshape(rows.shape[:-1])


def waiting_factor(kind: WaitingKind, n: ArrayLike, p: ArrayLike | None = None) -> FloatArray:
    """Return how many times longer the slowest of n equal segments takes than one segment, on average.

    Parameters
    ----------
    kind
        ``power``: (3/2)^(log2 n), as published; ``harmonic``: H_n, the limit p -> 0; ``exact``:
        p E[max of n geometric variables].
    n
        Number of segments, >= 1.
    p
        Success probability per attempt in (0, 1]; ``exact`` needs it, the others do without.

    Notes
    -----
    Source: shao2025, eq. 1, and the specification of the hybrid network, section 4.

    Examples
    --------
    >>> [round(float(waiting_factor(kind, 4, 0.5)), 6) for kind in ("power", "harmonic", "exact")]
    [2.25, 2.083333, 1.752381]
    """
    one_of("waiting factor", kind, ("power", "harmonic", "exact"))
    count = whole_number("number of segments", n, 1)
    if kind == "power":
        return np.asarray(1.5 ** np.log2(count))
    if kind == "harmonic":
        return np.asarray(digamma(count + 1.0) + np.euler_gamma)
    if p is None:
        raise InputError("the exact waiting factor without a success probability", fix="Give p")
    return _exact(count.astype(float), _probability(p))


def _exact(count: FloatArray, p: FloatArray) -> FloatArray:
    from satqn.kernels.waiting import expected_max_counted_kernel

    counts, probabilities = np.broadcast_arrays(count, p)
    flat = zip(probabilities.reshape(-1, 1).copy(), counts.reshape(-1, 1).copy(), strict=True)
    means = np.array([expected_max_counted_kernel(chance, number) for chance, number in flat])
    return np.asarray(means.reshape(counts.shape) * probabilities)


def _probability(p: ArrayLike) -> FloatArray:
    return in_range("success probability", p, 0.0, 1.0, above=True)
