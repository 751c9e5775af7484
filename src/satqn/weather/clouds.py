"""Cloud-free lines of sight: by elevation, at several sites at once, and from one slot to the next."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.physics.checks import in_range

FloatArray = NDArray[np.float64]

CLOUD_HEIGHT_OVER_WIDTH = 0.3
"""b = (4/pi) H/D of upright clouds (assumption; 0 is a flat sheet, for which elevation does not matter)."""
DECORRELATION_LENGTH = 400e3
"""L, m, over which the correlation of two sites falls by e (assumption; only the shape is published)."""
PERSISTENCE = 12 * 3600.0
"""tau_w, s, in which the correlation of a site with itself falls by e. Source: Jones, J. Climate 5 (1992):
half-lives of 5 to 40 h; US TMY3 records of Greensboro NC and Sand Point AK: 6.6 to 8.9 h."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


def cloud_free_line_of_sight(
    clear_fraction: ArrayLike, elevation: ArrayLike, height_over_width: float = CLOUD_HEIGHT_OVER_WIDTH
) -> FloatArray:
    """Return the probability that no cloud stands in a line of sight.

    Parameters
    ----------
    clear_fraction
        c, of the zenith, in [0, 1].
    elevation
        rad, in (0, pi/2].
    height_over_width
        b >= 0 of the clouds.

    Notes
    -----
    c^(1 + b cot e): upright clouds placed at random (Boolean model), whose sides hide more the lower one
    looks.

    Examples
    --------
    >>> round(float(cloud_free_line_of_sight(0.6, math.radians(20.0))), 6)
    0.393817
    """
    c = in_range("clear fraction", clear_fraction, 0.0, 1.0)
    e = in_range("elevation", elevation, 0.0, np.pi / 2, above=True, unit="rad")
    b = float(in_range("height over width of clouds", height_over_width, 0.0))
    slope = np.maximum(np.cos(e) / np.sin(e), 0.0)  # cos(pi/2) is 6e-17, not 0
    return np.asarray(np.power(c, 1.0 + b * slope))


def copula_correlation(distance: ArrayLike, length: float = DECORRELATION_LENGTH) -> FloatArray:
    """Return the correlation exp(-d/L) of the Gaussian copula of two sites a distance d apart, m."""
    d = in_range("distance", distance, 0.0, unit="m")
    return np.asarray(np.exp(-d / float(in_range("decorrelation length", length, 0.0, above=True, unit="m"))))


def both_clear(clear_a: ArrayLike, clear_b: ArrayLike, correlation: ArrayLike) -> FloatArray:
    """Return the probability that two sites are clear at once.

    Parameters
    ----------
    clear_a, clear_b
        Clear fractions in (0, 1).
    correlation
        Of the Gaussian copula, in [0, 1].

    Notes
    -----
    Phi2(h, k; rho) = Phi(h) Phi(k) + (1/2 pi) int_0^{asin rho} exp(-(h^2 + k^2 - 2 h k sin t)/(2 cos^2 t)) dt
    (Plackett 1954), by 64 Gauss-Legendre points.

    Examples
    --------
    >>> round(float(both_clear(0.6, 0.6, copula_correlation(100e3))), 6)
    0.495629
    """
    from scipy.special import ndtri

    a = in_range("clear fraction", clear_a, 0.0, 1.0)
    b = in_range("clear fraction", clear_b, 0.0, 1.0)
    rho = in_range("correlation", correlation, 0.0, 1.0)
    h, k = ndtri(np.clip(a, 1e-15, 1 - 1e-15)), ndtri(np.clip(b, 1e-15, 1 - 1e-15))
    top = np.arcsin(rho)
    t = top[..., None] * (_NODES + 1.0) / 2.0
    h, k = h[..., None], k[..., None]
    with np.errstate(divide="ignore", over="ignore"):
        density = np.exp(-(h * h + k * k - 2.0 * h * k * np.sin(t)) / (2.0 * np.square(np.cos(t))))
    extra = top / 2.0 * np.sum(density * _WEIGHTS, axis=-1) / (2.0 * np.pi)
    return np.asarray(np.clip(a * b + extra, np.maximum(0.0, a + b - 1.0), np.minimum(a, b)))


def transition_probabilities(
    clear_fraction: ArrayLike, slot: float, persistence: float = PERSISTENCE
) -> tuple[FloatArray, FloatArray]:
    """Return the probabilities clear to cloudy and cloudy to clear from one slot to the next.

    Parameters
    ----------
    clear_fraction
        c in [0, 1].
    slot
        Length of a slot, s.
    persistence
        tau_w, s.

    Notes
    -----
    (1 - c)(1 - f) and c (1 - f) with f = exp(-slot/tau_w): a two-state chain whose stationary share of
    clear slots is c and whose correlation after n slots is f^n.

    Examples
    --------
    >>> out, back = transition_probabilities(0.6, 600.0, 11.5 * 3600)
    >>> round(float(out), 9), round(float(back), 9)
    (0.005755296, 0.008632944)
    """
    c = in_range("clear fraction", clear_fraction, 0.0, 1.0)
    in_range("slot", slot, 0.0, above=True, unit="s")
    in_range("persistence", persistence, 0.0, above=True, unit="s")
    changed = -math.expm1(-slot / persistence)
    return np.asarray((1.0 - c) * changed), np.asarray(c * changed)


def draw_clear(
    clear_fraction: ArrayLike,
    correlation: ArrayLike,
    slot: float,
    slots: int,
    runs: int,
    rng: np.random.Generator,
    persistence: float = PERSISTENCE,
) -> NDArray[np.bool_]:
    """Return skies: which station is clear in which slot, correlated in space and in time.

    Parameters
    ----------
    clear_fraction
        c of every station, shape (stations,) or (slots, stations).
    correlation
        Matrix of the Gaussian copula, shape (stations, stations).
    slot, slots
        Length, s, and number of slots.
    runs
        Skies to draw.
    rng
        Source of the draws.
    persistence
        tau_w, s.

    Returns
    -------
    NDArray[np.bool_]
        Shape (runs, slots, stations).

    Notes
    -----
    With probability f = exp(-slot/tau_w) all stations keep their weather, else all take that of a fresh joint
    draw: each station then is the two-state chain of :func:`transition_probabilities`, and in every slot the
    stations are correlated as the copula says. The coin is shared by all stations; independent coins would
    make neighbours forget each other.
    """
    from scipy.special import ndtri

    share = np.atleast_1d(in_range("clear fraction", clear_fraction, 0.0, 1.0))
    by_slot = np.broadcast_to(share, (slots, share.shape[-1]))
    matrix = np.asarray(correlation, dtype=np.float64)
    stations = by_slot.shape[1]
    if matrix.shape != (stations, stations) or not np.allclose(matrix, matrix.T):
        raise InputError(f"a correlation of shape {matrix.shape} for {stations} stations")
    values, vectors = np.linalg.eigh(matrix)
    if values[0] < -1e-9:
        raise InputError("a correlation that is not positive semidefinite", fix="Use exp(-distance/length)")
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    threshold = ndtri(by_slot)
    keep = math.exp(-slot / persistence)
    state = np.empty((runs, slots, stations), dtype=np.bool_)
    level = rng.standard_normal((runs, stations)) @ root.T
    for number in range(slots):
        if number:
            renewed = rng.random(runs) >= keep
            fresh = rng.standard_normal((runs, stations)) @ root.T
            level = np.where(renewed[:, None], fresh, level)
        state[:, number] = level <= threshold[number]
    return state
