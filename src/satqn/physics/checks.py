"""Checks at the public boundary of the physics: a value outside its range is named, with the range."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.model.hardware import FibreHardware, SatelliteHardware

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def in_range(
    name: str, value: ArrayLike, low: float, high: float = np.inf, *, above: bool = False, unit: str = ""
) -> FloatArray:
    """Return ``value`` as floats if every one is finite and within [low, high].

    Parameters
    ----------
    name
        What the value is, for the message.
    value
        Any shape.
    low, high
        The range; ``high`` may be infinite.
    above
        ``low`` itself is outside.
    unit
        Unit of the value, for the message.

    Raises
    ------
    InputError
        Names the first value outside.
    """
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is {value!r}", fix="Give a number") from error
    inside = np.isfinite(array) & ((array > low) if above else (array >= low)) & (array <= high)
    if not np.all(inside):
        seen = float(array[~inside].flat[0])
        left, right = "(" if above else "[", ")" if high == np.inf else "]"
        span = f"{left}{low:g}, {high:g}{right}" + (f" {unit}" if unit else "")
        raise InputError(f"{name} is {seen:.12g}{f' {unit}' if unit else ''}", fix=f"It must lie in {span}")
    return array


def whole_number(name: str, value: ArrayLike, low: int) -> IntArray:
    """Return ``value`` as integers if every one is a whole number of at least ``low``."""
    array = in_range(name, value, low)
    if not np.all(array == np.floor(array)):
        seen = float(array[array != np.floor(array)].flat[0])
        raise InputError(f"{name} is {seen:.12g}", fix="It must be a whole number")
    if np.any(array >= 2.0**63):
        raise InputError(f"{name} is {float(np.max(array)):.12g}", fix="It must be below 2^63")
    return array.astype(np.int64)


def one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise InputError unless ``value`` is one of ``choices``."""
    if value not in choices:
        raise InputError(f"{name} is {value!r}", fix=f"Choose one of {', '.join(choices)}")


def made_fidelity(name: str, value: ArrayLike) -> FloatArray:
    """Return the fidelity of pairs as they are made: in (0.25, 1], better than white noise."""
    return in_range(name, value, 0.25, 1.0, above=True)


def fibre_hardware(hw: FibreHardware) -> FibreHardware:
    """Return ``hw`` if every value is physical; raise InputError naming the first that is not."""
    in_range("attenuation_per_m", hw.attenuation_per_m, 0.0, unit="1/m")
    in_range("light_speed", hw.light_speed, 0.0, unit="m/s", above=True)
    in_range("emission_time", hw.emission_time, 0.0, unit="s", above=True)
    in_range("detector_efficiency", hw.detector_efficiency, 0.0, 1.0, above=True)
    made_fidelity("ion_photon_fidelity", hw.ion_photon_fidelity)
    made_fidelity("photonic_bsm_fidelity", hw.photonic_bsm_fidelity)
    made_fidelity("ion_swap_fidelity", hw.ion_swap_fidelity)
    whole_number("ion_pairs", hw.ion_pairs, 1)
    return hw


def satellite_hardware(hw: SatelliteHardware) -> SatelliteHardware:
    """Return ``hw`` if every value is physical; raise InputError naming the first that is not."""
    in_range("altitude", hw.altitude, 0.0, above=True, unit="m")
    in_range("source_rate", hw.source_rate, 0.0, unit="1/s")
    made_fidelity("satellite fidelity", hw.fidelity)
    in_range("wavelength", hw.wavelength, 0.0, above=True, unit="m")
    in_range("beam_waist", hw.beam_waist, 0.0, above=True, unit="m")
    in_range("receiver_radius", hw.receiver_radius, 0.0, above=True, unit="m")
    in_range("zenith_transmittance", hw.zenith_transmittance, 0.0, 1.0, above=True)
    for name, efficiency in hw.efficiencies:
        in_range(f"efficiency {name}", efficiency, 0.0, 1.0, above=True)
    return hw
