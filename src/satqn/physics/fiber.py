"""Entanglement over fibre: a segment around a photon repeater, chains of segments, and direct transmission.

A chain over a length L has N photon repeaters, hence N segments of two arms of L/(2N) between ion nodes,
joined by N - 1 ion repeaters. N = 0 is direct transmission of a photon from end to end.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.model.hardware import FibreHardware
from satqn.physics.bell import elementary_fidelity
from satqn.physics.checks import fibre_hardware, in_range, one_of, whole_number
from satqn.physics.waiting import WaitingKind, waiting_factor

FloatArray = NDArray[np.float64]
ArmLatency = Literal["one_way", "round_trip"]
SegmentLosses = Literal["longer_arm", "true_arms"]


def fibre_transmittance(length: ArrayLike, attenuation_per_m: ArrayLike) -> FloatArray:
    """Return the transmittance 10^(-gamma l) of a fibre.

    Parameters
    ----------
    length
        l, m, >= 0.
    attenuation_per_m
        gamma, 1/m, base 10: 1.73e-5 is 0.173 dB/km.

    Notes
    -----
    Source: shao2025, eq. 1.
    """
    gamma = in_range("attenuation", attenuation_per_m, 0.0, unit="1/m")
    return np.asarray(10.0 ** (-gamma * _length("fibre length", length)))


def segment_success(
    arm_a: ArrayLike, arm_b: ArrayLike, hw: FibreHardware, losses: SegmentLosses = "true_arms"
) -> FloatArray:
    """Return the probability that one attempt of one ion pair entangles the two ends of a segment.

    Parameters
    ----------
    arm_a, arm_b
        Fibre from the photon repeater to either end, m, >= 0.
    hw
        Detectors and fibre.
    losses
        ``longer_arm``: the longer arm sets both losses; ``true_arms``: each arm its own.

    Notes
    -----
    P0^2/2 times the transmittances of both arms: both photons must arrive, and linear optics tells
    two of the four Bell states. Source: shao2025, eq. 1; specification of the hybrid network, section 4.
    """
    one_of("segment losses", losses, ("longer_arm", "true_arms"))
    a, b = _length("arm", arm_a), _length("arm", arm_b)
    travelled = a + b if losses == "true_arms" else 2.0 * np.maximum(a, b)
    detected = fibre_hardware(hw).detector_efficiency ** 2 / 2.0
    return np.asarray(detected * fibre_transmittance(travelled, hw.attenuation_per_m))


def attempt_time(
    arm_a: ArrayLike, arm_b: ArrayLike, hw: FibreHardware, latency: ArmLatency = "round_trip"
) -> FloatArray:
    """Return the duration of one attempt of a segment, s.

    Parameters
    ----------
    arm_a, arm_b
        Fibre from the photon repeater to either end, m, >= 0; the longer one, l, counts.
    hw
        Light speed and emission cycle.
    latency
        ``round_trip``: 2 l/c + T0, photon out and herald back; ``one_way``: l/c + T0, as in the
        published fidelity figures.
    """
    one_of("arm latency", latency, ("one_way", "round_trip"))
    longer = np.maximum(_length("arm", arm_a), _length("arm", arm_b))
    trips = 2.0 if latency == "round_trip" else 1.0
    return np.asarray(trips * longer / fibre_hardware(hw).light_speed + hw.emission_time)


def segment_time(
    arm_a: ArrayLike,
    arm_b: ArrayLike,
    hw: FibreHardware,
    *,
    latency: ArmLatency = "round_trip",
    losses: SegmentLosses = "true_arms",
) -> FloatArray:
    """Return the mean time in which one ion pair entangles a segment, s; nothing else is waited for.

    Parameters as in :func:`attempt_time` and :func:`segment_success`, whose quotient it is; ``inf``
    where no double is as small as the success probability.

    Examples
    --------
    Ten ion pairs share the arms of 20 and 15 km (specification, section 6):

    >>> round(float(segment_time(20e3, 15e3, FibreHardware())) / 10, 12)
    0.006856818817
    """
    attempt, success = attempt_time(arm_a, arm_b, hw, latency), segment_success(arm_a, arm_b, hw, losses)
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(attempt / success)


def direct_time(length: ArrayLike, hw: FibreHardware) -> FloatArray:
    """Return the mean time per pair of direct transmission with one ion, s.

    Parameters
    ----------
    length
        L, m, >= 0.
    hw
        Hardware.

    Notes
    -----
    (2 L/c + T0) / (P0 10^(-gamma L)); ``inf`` where no double is as small as the transmittance.
    Source: shao2025, eq. 2.
    """
    total = _length("fibre length", length)
    detected = fibre_hardware(hw).detector_efficiency * fibre_transmittance(total, hw.attenuation_per_m)
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray((2.0 * total / hw.light_speed + hw.emission_time) / detected)


def chain_rate(
    length: ArrayLike,
    photon_repeaters: ArrayLike,
    hw: FibreHardware,
    waiting: WaitingKind = "power",
    ion_pairs: int = 1,
) -> FloatArray:
    """Return the rate of end-to-end pairs of a chain of equal segments, or of direct transmission, 1/s.

    Parameters
    ----------
    length
        Fibre from end to end, m, >= 0.
    photon_repeaters
        N >= 0; 0 is direct transmission. Broadcasts against ``length``.
    hw
        Hardware.
    waiting
        ``power``, ``harmonic`` or ``exact``: see :func:`satqn.physics.waiting.waiting_factor`.
    ion_pairs
        m >= 1 ion pairs per direction. They multiply the rate; with ``exact`` a cycle succeeds with
        1 - (1 - p)^m, and the waiting factor is that of this probability.

    Notes
    -----
    Source: shao2025, eqs. 1 and 2; specification of the hybrid network, section 4.

    Examples
    --------
    >>> round(float(chain_rate(300e3, 32, FibreHardware())), 8)
    9.00858184
    """
    one_of("waiting factor", waiting, ("power", "harmonic", "exact"))
    whole_number("ion_pairs", ion_pairs, 1)
    n = whole_number("number of photon repeaters", photon_repeaters, 0)
    total, n = np.broadcast_arrays(_length("fibre length", length), n)
    segments = np.maximum(n, 1)
    arm = total / (2.0 * segments)
    factor = waiting_factor(waiting, segments, _in_cycle(segment_success(arm, arm, hw), ion_pairs))
    with np.errstate(over="ignore"):
        pair_time = np.where(n == 0, direct_time(total, hw), segment_time(arm, arm, hw) * factor)
    return np.asarray(ion_pairs / pair_time)


def _in_cycle(success: FloatArray, ion_pairs: int) -> FloatArray:
    """Return the probability that at least one of the ion pairs succeeds in a cycle."""
    tiny = np.finfo(float).tiny  # where it underflows the time is inf whatever the waiting factor
    return np.asarray(np.maximum(-np.expm1(ion_pairs * np.log1p(-success)), tiny))


def chain_fidelity(photon_repeaters: ArrayLike, hw: FibreHardware) -> FloatArray:
    """Return the fidelity that a chain delivers without purification.

    Parameters
    ----------
    photon_repeaters
        N >= 0; 0 is direct transmission, which has the fidelity F0 of an ion-photon pair.
    hw
        Fidelities F0, F_p, F_s.

    Notes
    -----
    Source: shao2025, specification of the hybrid network, section 2.3.

    Examples
    --------
    >>> chain_fidelity([0, 1, 2, 27], FibreHardware()).round(6).tolist()
    [0.99, 0.970596, 0.933682, 0.49501]
    """
    n = whole_number("number of photon repeaters", photon_repeaters, 0)
    segments = np.maximum(n, 1)
    f1 = elementary_fidelity(fibre_hardware(hw).ion_photon_fidelity, hw.photonic_bsm_fidelity)
    s = (4.0 * hw.ion_swap_fidelity - 1.0) / 3.0
    chain = (1.0 + s ** (segments - 1) * (1.0 + 2.0 * (2.0 * f1 - 1.0) ** segments)) / 4.0
    return np.asarray(np.where(n == 0, hw.ion_photon_fidelity, chain))


MOST_REPEATERS = 100_000
"""Photon repeaters that are tried: segments of 10 m on 1 000 km. A chain file has no more links either."""
_TRIED = 100
"""Chains that are compared first, from one segment to the most, in equal ratios."""
_BLOCK = 16
"""Chains of neighbouring numbers that are compared one by one."""


def best_photon_repeaters(
    length: float,
    hw: FibreHardware,
    waiting: WaitingKind = "power",
    ion_pairs: int = 1,
    n_max: int | None = None,
) -> tuple[int, float]:
    """Return the number of photon repeaters of the highest rate, and that rate in 1/s.

    Parameters
    ----------
    length
        Fibre from end to end, m, >= 0.
    hw, waiting, ion_pairs
        As in :func:`chain_rate`.
    n_max
        Largest number tried; at most, and by default, ``MOST_REPEATERS``.

    Notes
    -----
    The optimum of 0 (direct transmission) to ``n_max``; the smallest N of equal ones. Branch and bound: no
    chain of a to b segments is faster than one with the arms of b segments that waits for only a of them,
    so most ranges fall at once. With ``exact`` waiting and m ion pairs whose cycle succeeds with 1 - e, the
    rate still grows, ever less, up to about e^(-1/2) segments, which for hundreds of ion pairs is beyond
    any number; hence the limit, at which the rate differs from its supremum by about L/(c T0 N).

    Examples
    --------
    >>> n, rate = best_photon_repeaters(300e3, FibreHardware())
    >>> n, round(rate, 4)
    (32, 9.0086)
    """
    total = float(_length("fibre length", length))
    limit = MOST_REPEATERS if n_max is None else min(MOST_REPEATERS, int(whole_number("n_max", n_max, 0)))
    if not limit:
        return 0, float(chain_rate(total, 0, hw, waiting, ion_pairs))
    tried = np.concatenate([[0], np.unique(np.geomspace(1, limit, _TRIED).round().astype(np.int64))])
    rates = chain_rate(total, tried, hw, waiting, ion_pairs)
    best, best_rate = int(tried[np.argmax(rates)]), float(rates.max())
    ranges = [(2**k, min(2 ** (k + 1), limit + 1)) for k in range(limit.bit_length())]
    while ranges:
        low, stop = ranges.pop()
        if _fastest(total, low, stop - 1, hw, waiting, ion_pairs) < best_rate:
            continue
        if stop - low > _BLOCK:
            ranges += [(low, (low + stop) // 2), ((low + stop) // 2, stop)]
            continue
        rates = chain_rate(total, np.arange(low, stop), hw, waiting, ion_pairs)
        top, rate = low + int(np.argmax(rates)), float(rates.max())
        if (rate, -top) > (best_rate, -best):
            best, best_rate = top, rate
    return best, best_rate


def _fastest(
    total: float, low: int, high: int, hw: FibreHardware, waiting: WaitingKind, ion_pairs: int
) -> float:
    """Return a rate that no chain of ``low`` to ``high`` segments exceeds, 1/s."""
    arm = total / (2.0 * high)
    success = _in_cycle(segment_success(arm, arm, hw), ion_pairs)
    with np.errstate(over="ignore"):
        time = segment_time(arm, arm, hw) * waiting_factor(waiting, low, success)
    # The waiting factor is known to 1e-12 only; equal rates must not be cut off by its rounding.
    return float(ion_pairs / time) * (1.0 + 1e-11)


def crossover_length(hw: FibreHardware, waiting: WaitingKind = "power") -> float:
    """Return the length above which the best chain is faster than direct transmission, m.

    Notes
    -----
    It is unique: the time of direct transmission grows faster with the length than that of any chain.
    Bisection to the last digit. Source: shao2025 (the threshold L_c); 61.7052 km with ``power``.
    """

    def chain_wins(length: float) -> bool:
        return best_photon_repeaters(length, hw, waiting)[0] > 0

    low, high = 0.0, 1e3
    while not chain_wins(high):
        low, high = high, 2.0 * high
    while low < (middle := (low + high) / 2.0) < high:
        low, high = (low, middle) if chain_wins(middle) else (middle, high)
    return high


def _length(name: str, value: ArrayLike) -> FloatArray:
    return in_range(name, value, 0.0, unit="m")
