"""Secret key from entangled pairs: asymptotic rates, the best number of purification rounds, finite blocks.

A pair is a Bell-diagonal state with weights on (Phi+, Phi-, Psi+, Psi-). Measured in the Z basis both ends
differ with probability e_Z = l3 + l4, in the X basis with e_X = l2 + l4. All rates are secret bits per
*sifted* pair: the share of pairs that both ends measured in the same basis is for the caller to multiply in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.physics.bell import bell_state, werner
from satqn.physics.checks import in_range, made_fidelity, one_of, whole_number
from satqn.physics.purification import Protocol, bbpssw, dejmps

FloatArray = NDArray[np.float64]

ERROR_CORRECTION_EFFICIENCY = 1.16
"""f: bits revealed by error correction over the Shannon limit; 1.10 to 1.22 are in use (assumption)."""
MAX_ROUNDS = 10
"""Rounds of purification that are looked at: with more, less than 1e-3 of the base pairs is left."""
CORRECTNESS_SHARE = 1e-2
"""eps_c over eps in a finite block: the share of the failure probability for error verification."""


def binary_entropy(probability: ArrayLike) -> FloatArray:
    """Return h(p) = -p log2 p - (1 - p) log2(1 - p) for p in [0, 1]; 0 at both ends.

    Examples
    --------
    >>> binary_entropy([0.0, 0.5, 1.0]).tolist()
    [0.0, 1.0, 0.0]
    """
    p = in_range("probability", probability, 0.0, 1.0)
    return _shannon(np.stack([p, 1.0 - p], axis=-1))


def _shannon(weights: FloatArray) -> FloatArray:
    """Return the entropy in bits over the last axis."""
    positive = np.where(weights > 0.0, weights, 1.0)
    return np.asarray(np.abs(np.sum(positive * np.log2(positive), axis=-1)))  # abs: no -0.0


def error_rates(state: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return e_Z and e_X of Bell-diagonal states.

    Parameters
    ----------
    state
        Weights on (Phi+, Phi-, Psi+, Psi-), shape (..., 4).

    Examples
    --------
    >>> error_rates([0.95, 0.05, 0.0, 0.0])  # phase flips show in the X basis only
    (array(0.), array(0.05))
    """
    weights = np.clip(bell_state(state), 0.0, 1.0)
    flips = weights[..., 2] + weights[..., 3]
    phases = weights[..., 1] + weights[..., 3]
    return np.asarray(np.minimum(flips, 1.0)), np.asarray(np.minimum(phases, 1.0))


def bbm92(state: ArrayLike, f_ec: float = ERROR_CORRECTION_EFFICIENCY) -> FloatArray:
    """Return the asymptotic BBM92 rate, secret bits per sifted pair, with the key in the Z basis.

    Parameters
    ----------
    state
        Weights on (Phi+, Phi-, Psi+, Psi-), shape (..., 4).
    f_ec
        Efficiency f >= 1 of error correction.

    Notes
    -----
    max(0, 1 - f h(e_Z) - h(e_X)). Source: Bennett, Brassard, Mermin, PRL 68, 557 (1992); Shor and Preskill,
    PRL 85, 441 (2000). A Werner state has a key above F = 0.834958 (f = 1).

    Examples
    --------
    >>> round(float(bbm92(werner(0.9), 1.0)), 10)
    0.29328133
    """
    _efficiency(f_ec)
    e_z, e_x = error_rates(state)
    return np.asarray(np.maximum(0.0, 1.0 - f_ec * binary_entropy(e_z) - binary_entropy(e_x)))


def tomographic(state: ArrayLike, f_ec: float = ERROR_CORRECTION_EFFICIENCY) -> FloatArray:
    """Return the rate of a protocol that knows the whole Bell-diagonal state (six-state like).

    Notes
    -----
    max(0, 1 - H(l) - (f - 1) h(e_Z)). Source: Renner, Gisin, Kraus, PRA 72, 012332 (2005). A Werner state
    has a key above F = 0.810710 (f = 1).

    Examples
    --------
    >>> round(float(tomographic(werner(0.9), 1.0)), 10)
    0.3725081563
    """
    _efficiency(f_ec)
    e_z, _ = error_rates(state)
    entropy = _shannon(np.clip(bell_state(state), 0.0, 1.0))
    return np.asarray(np.maximum(0.0, 1.0 - entropy - (f_ec - 1.0) * binary_entropy(e_z)))


def e91_device_independent(
    fidelity: ArrayLike, f_ec: float = 1.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return CHSH value S, error rate Q and device-independent rate of Werner states.

    Parameters
    ----------
    fidelity
        F in (0.25, 1].
    f_ec
        Efficiency f >= 1 of error correction.

    Notes
    -----
    w = (4F - 1)/3, S = 2 sqrt(2) w, Q = (1 - w)/2, rate = max(0, 1 - f h(Q) - h((1 + sqrt(S^2/4 - 1))/2)),
    0 for S <= 2. Source: Acin et al., PRL 98, 230501 (2007). There is a key above F = 0.892762 (f = 1).

    Examples
    --------
    >>> s, q, rate = e91_device_independent(0.95)
    >>> round(float(s), 6), round(float(q), 6), round(float(rate), 6)
    (2.639865, 0.033333, 0.426083)
    """
    _efficiency(f_ec)
    w = (4.0 * made_fidelity("fidelity", fidelity) - 1.0) / 3.0
    s, q = 2.0 * math.sqrt(2.0) * w, (1.0 - w) / 2.0
    violation = np.sqrt(np.maximum(s * s / 4.0 - 1.0, 0.0))
    guess = np.minimum((1.0 + violation) / 2.0, 1.0)
    rate = 1.0 - f_ec * binary_entropy(q) - binary_entropy(guess)
    return np.asarray(s), np.asarray(q), np.asarray(np.where(s > 2.0, np.maximum(0.0, rate), 0.0))


@dataclass(frozen=True, slots=True)
class KeyRound:
    """What is left after some rounds of nested purification.

    Parameters
    ----------
    rounds
        Rounds r >= 0; each takes two pairs that went through r - 1 rounds.
    base_pairs
        g, expected base pairs per purified pair.
    fidelity
        Fidelity of the purified pair.
    bits_per_sifted
        BBM92 bits per sifted purified pair.
    bits_per_base_pair
        ``bits_per_sifted / base_pairs`` with every pair sifted (q = 1).
    """

    rounds: int
    base_pairs: float
    fidelity: float
    bits_per_sifted: float
    bits_per_base_pair: float

    def to_dict(self) -> dict[str, Any]:
        """Return the row as it stands in JSON."""
        return {
            "rounds": self.rounds,
            "base_pairs": self.base_pairs,
            "fidelity": self.fidelity,
            "bits_per_sifted": self.bits_per_sifted,
            "bits_per_base_pair_q1": self.bits_per_base_pair,
        }


def key_rounds(
    state: ArrayLike,
    protocol: Protocol,
    f_ec: float = ERROR_CORRECTION_EFFICIENCY,
    max_rounds: int = MAX_ROUNDS,
) -> list[KeyRound]:
    """Return key per pair and per base pair after 0, 1, ... rounds of nested purification.

    Parameters
    ----------
    state
        Weights of the base pair on (Phi+, Phi-, Psi+, Psi-), shape (4,).
    protocol
        ``bbpssw`` twirls to a Werner state in every round, ``dejmps`` keeps the Bell-diagonal state.
    f_ec
        Efficiency f >= 1 of error correction.
    max_rounds
        Last row of the table, 0 to 10.

    Notes
    -----
    g_r = 2 g_{r-1} / p_r. Purifying up to some fidelity wastes key: from a Werner state of 0.88 BBPSSW is
    best with no round, DEJMPS with one.

    Examples
    --------
    >>> [round(row.bits_per_base_pair, 6) for row in key_rounds(werner(0.88), "dejmps", max_rounds=2)]
    [0.131293, 0.214067, 0.153459]
    """
    one_of("protocol", protocol, ("bbpssw", "dejmps"))
    count = int(whole_number("max_rounds", max_rounds, 0))
    in_range("max_rounds", count, 0, MAX_ROUNDS)
    pair = np.asarray(bell_state(state), dtype=np.float64)
    if pair.shape != (4,):
        raise InputError(f"a state of shape {pair.shape}", fix="Give the four weights of one pair")
    rows, base_pairs = [_key_round(0, 1.0, pair, f_ec)], 1.0
    for number in range(1, count + 1):
        pair, success = _purified(pair, protocol)
        base_pairs *= 2.0 / success
        rows.append(_key_round(number, base_pairs, pair, f_ec))
    return rows


def best_round(rows: list[KeyRound]) -> KeyRound:
    """Return the row with the most key per base pair; the fewest rounds among equals."""
    return max(rows, key=lambda row: (row.bits_per_base_pair, -row.rounds))


def _purified(pair: FloatArray, protocol: Protocol) -> tuple[FloatArray, float]:
    if protocol == "dejmps":
        better, success = dejmps(pair, pair)
        return better, float(success)
    fidelity, success = bbpssw(max(float(pair[0]), 0.25), max(float(pair[0]), 0.25))
    return werner(np.minimum(fidelity, 1.0)), float(success)


def _key_round(rounds: int, base_pairs: float, pair: FloatArray, f_ec: float) -> KeyRound:
    bits = float(bbm92(pair / pair.sum(), f_ec))
    return KeyRound(rounds, base_pairs, float(pair[0]), bits, bits / base_pairs)


def _efficiency(f_ec: float) -> None:
    in_range("f_ec", f_ec, 1.0)
