"""From transmittance to entangled pairs: four kinds of generation, each with its rate and fidelity.

In every kind the fidelity is that of all coincidences, true and accidental; the rate counts the true
ones only, so that noise never makes a link look faster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.constants import SPEED_OF_LIGHT
from satqn.model.hardware import FibreHardware
from satqn.physics import fiber
from satqn.physics.checks import in_range, made_fidelity, whole_number
from satqn.physics.waiting import WaitingKind

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Generation:
    """What a link makes.

    Parameters
    ----------
    rate
        True pairs per second.
    accidental_rate
        Coincidences per second that are no pair.
    fidelity
        Of the mixture of both.
    """

    rate: FloatArray
    accidental_rate: FloatArray
    fidelity: FloatArray


def diluted_fidelity(true_rate: ArrayLike, accidental_rate: ArrayLike, fidelity: ArrayLike) -> FloatArray:
    """Return the fidelity of pairs among which accidental coincidences are mixed.

    Parameters
    ----------
    true_rate, accidental_rate
        S and N, 1/s.
    fidelity
        F0 of the true pairs.

    Notes
    -----
    (S F0 + N/4)/(S + N): an accident is the fully mixed state. 1/4 where nothing arrives at all.
    Source: specification of links, section 2.

    Examples
    --------
    >>> round(float(diluted_fidelity(1000.0, 20.0, 0.98)), 6)
    0.965686
    """
    s = in_range("true rate", true_rate, 0.0, unit="1/s")
    n = in_range("accidental rate", accidental_rate, 0.0, unit="1/s")
    f = made_fidelity("fidelity", fidelity)
    everything = s + n
    share = np.divide(s, everything, out=np.zeros(np.shape(everything)), where=everything > 0.0)
    return np.asarray(0.25 + share * (f - 0.25))


def _mixed(true: FloatArray, accidental: FloatArray, fidelity: ArrayLike) -> Generation:
    true, accidental = np.asarray(true), np.asarray(accidental)
    return Generation(true, accidental, diluted_fidelity(true, accidental, fidelity))


def attempt_rate(modes: ArrayLike, distance: ArrayLike, overhead: ArrayLike, speed: float) -> FloatArray:
    """Return how many attempts per second a multimode memory allows that waits for an answer.

    Parameters
    ----------
    modes
        M >= 1 memory modes.
    distance
        z to where the answer comes from, m.
    overhead
        T0, s, per attempt and mode; with no distance it must be positive.
    speed
        Of light on the way, m/s.

    Notes
    -----
    M/(2z/c + T0). Source: specification of links, section 2.

    Examples
    --------
    >>> round(float(attempt_rate(1000, 500e3, 175e-6, SPEED_OF_LIGHT)))
    284848
    """
    m = whole_number("memory modes", modes, 1)
    trip = 2.0 * in_range("distance", distance, 0.0, unit="m") / in_range("speed", speed, 0.0, above=True)
    cycle = trip + in_range("overhead", overhead, 0.0, unit="s")
    return np.asarray(m / in_range("time of an attempt", cycle, 0.0, above=True, unit="s"))


def dual_downlink(
    transmittance_a: ArrayLike,
    transmittance_b: ArrayLike,
    *,
    source_rate: ArrayLike,
    fidelity: ArrayLike,
    noise_rate_a: ArrayLike = 0.0,
    noise_rate_b: ArrayLike = 0.0,
    window: ArrayLike = 0.0,
) -> Generation:
    """Return what two stations get from a pair source on a platform that sends either photon to one.

    Parameters
    ----------
    transmittance_a, transmittance_b
        eta of either way, detection included, in [0, 1].
    source_rate
        R_src, pairs per second.
    fidelity
        F0 of the pairs that arrive.
    noise_rate_a, noise_rate_b
        Clicks per second without signal at either station (sky and dark counts).
    window
        s. Continuous source: the coincidence window. Pulsed source: the period of the pulses, as long
        as the detectors' gate is counted in the noise rates.

    Notes
    -----
    S = R_src eta_A eta_B (shao2025, eq. 9). Accidentals: N = s_A s_B window, with s = R_src eta + noise
    the clicks of one station that are not half of a detected pair.
    """
    a = in_range("transmittance", transmittance_a, 0.0, 1.0)
    b = in_range("transmittance", transmittance_b, 0.0, 1.0)
    pairs = in_range("source rate", source_rate, 0.0, unit="1/s")
    true = pairs * a * b
    lone_a = pairs * a * (1.0 - b) + in_range("noise rate", noise_rate_a, 0.0, unit="1/s")
    lone_b = pairs * b * (1.0 - a) + in_range("noise rate", noise_rate_b, 0.0, unit="1/s")
    accidental = lone_a * lone_b * in_range("window", window, 0.0, unit="s")
    return _mixed(true, accidental, fidelity)


def one_sided(
    transmittance: ArrayLike,
    distance: ArrayLike,
    *,
    source_rate: ArrayLike,
    memory_modes: ArrayLike,
    memory_efficiency: ArrayLike,
    overhead: ArrayLike,
    fidelity: ArrayLike,
    noise_per_window: ArrayLike = 0.0,
    speed: float = SPEED_OF_LIGHT,
) -> Generation:
    """Return what a source makes that keeps one photon in a memory and sends the other to a far memory.

    Parameters
    ----------
    transmittance
        eta of the way and of the heralded arrival, in [0, 1].
    distance
        z between the ends, m.
    source_rate
        R_src, pairs per second.
    memory_modes, overhead
        M and T0 (s) of the memory at the source, as in :func:`attempt_rate`.
    memory_efficiency
        eta_mem of both memories together, in (0, 1].
    fidelity
        F0 of a pair in the two memories.
    noise_per_window
        False heralds in the window of one attempt (:func:`satqn.physics.background.noise_per_window`).
    speed
        Of light on the way, m/s.

    Notes
    -----
    R = R_att eta eta_mem with R_att = min(R_src, M/(2z/c + T0)): a mode is taken until the herald is back.
    Source: specification of links, section 2. A false herald counts where no photon came.
    """
    eta = in_range("transmittance", transmittance, 0.0, 1.0)
    pairs = in_range("source rate", source_rate, 0.0, unit="1/s")
    stored = in_range("memory efficiency", memory_efficiency, 0.0, 1.0, above=True)
    attempts = np.minimum(pairs, attempt_rate(memory_modes, distance, overhead, speed))
    noise = in_range("noise per window", noise_per_window, 0.0, 1.0)
    true, accidental = attempts * eta * stored, attempts * (1.0 - eta) * noise * stored
    return _mixed(true, accidental, fidelity)


def midpoint(
    transmittance_a: ArrayLike,
    transmittance_b: ArrayLike,
    distance_a: ArrayLike,
    distance_b: ArrayLike,
    *,
    memory_modes: ArrayLike,
    overhead: ArrayLike,
    fidelity: ArrayLike,
    noise_per_window: ArrayLike = 0.0,
    speed: float,
) -> Generation:
    """Return what two memories make whose photons meet at a Bell measurement between them.

    Parameters
    ----------
    transmittance_a, transmittance_b
        eta of either arm, detection included, in [0, 1].
    distance_a, distance_b
        Of either arm, m; the longer one sets the time.
    memory_modes, overhead
        M and T0 (s), as in :func:`attempt_rate`.
    fidelity
        F0 of a heralded pair.
    noise_per_window
        Expected clicks without signal of either arm in the window of one attempt.
    speed
        Of light in the arms, m/s; 2e8 in fibre.

    Notes
    -----
    R = R_att eta_A eta_B / 2 with R_att = M/(2z/c + T0): linear optics tells two of four Bell states.
    Source: specification of links, section 2; shao2025, eq. 1. An accident is a coincidence with at least
    one click that is noise.
    """
    a = in_range("transmittance", transmittance_a, 0.0, 1.0)
    b = in_range("transmittance", transmittance_b, 0.0, 1.0)
    noise = in_range("noise per window", noise_per_window, 0.0, 1.0)
    longer = np.maximum(
        in_range("distance", distance_a, 0.0, unit="m"), in_range("distance", distance_b, 0.0, unit="m")
    )
    attempts = attempt_rate(memory_modes, longer, overhead, speed)
    clicks_a, clicks_b = a + (1.0 - a) * noise, b + (1.0 - b) * noise
    true, accidental = attempts * a * b / 2.0, attempts * (clicks_a * clicks_b - a * b) / 2.0
    accidental = np.maximum(accidental, 0.0)  # the difference of equal products may round below
    return _mixed(true, accidental, fidelity)


def fibre_chain(
    length: float,
    hardware: FibreHardware,
    *,
    photon_repeaters: int | None = None,
    waiting: WaitingKind = "exact",
) -> tuple[Generation, int]:
    """Return what a fibre makes as the best chain of repeaters or directly, and its photon repeaters.

    Parameters
    ----------
    length
        m.
    hardware
        With its ion pairs per direction, which work side by side.
    photon_repeaters
        N, 0 for direct transmission; None for the N of the highest rate.
    waiting
        As in :func:`satqn.physics.fiber.chain_rate`.

    Notes
    -----
    Source: shao2025, eqs. 1 to 3. Noise of the detectors is within its fidelities.
    """
    pairs = hardware.ion_pairs
    if photon_repeaters is None:
        count, rate = fiber.best_photon_repeaters(length, hardware, waiting, pairs)
    else:
        count = photon_repeaters
        rate = float(fiber.chain_rate(length, count, hardware, waiting, pairs))
    fidelity = fiber.chain_fidelity(count, hardware)
    return Generation(np.asarray(rate), np.asarray(0.0), fidelity), count
