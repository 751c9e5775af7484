"""A Gaussian beam from a satellite to a telescope on the ground, and the loss budget of the downlink."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.model.hardware import SatelliteHardware
from satqn.physics.atmosphere import slant_transmittance
from satqn.physics.checks import in_range, one_of, satellite_hardware
from satqn.units import to_db

FloatArray = NDArray[np.float64]
Diffraction = Literal["exact", "far_field"]


def rayleigh_range(beam_waist: ArrayLike, wavelength: ArrayLike) -> FloatArray:
    """Return the Rayleigh range pi w0^2 / lambda, m, of a beam of waist w0 (1/e^2 radius, m)."""
    w0 = in_range("beam waist", beam_waist, 0.0, above=True, unit="m")
    return np.asarray(np.pi * w0**2 / in_range("wavelength", wavelength, 0.0, above=True, unit="m"))


def beam_radius(distance: ArrayLike, beam_waist: ArrayLike, wavelength: ArrayLike) -> FloatArray:
    """Return the 1/e^2 radius w(z) = w0 sqrt(1 + (z/z_R)^2), m, at a distance z >= 0 from the waist.

    Source: shao2025, eq. 5.
    """
    z = in_range("distance", distance, 0.0, unit="m")
    reach = rayleigh_range(beam_waist, wavelength)
    return np.asarray(np.asarray(beam_waist, dtype=float) * np.hypot(1.0, z / reach))


def diffraction(
    distance: ArrayLike,
    beam_waist: ArrayLike,
    wavelength: ArrayLike,
    receiver_radius: ArrayLike,
    model: Diffraction = "exact",
    *,
    pointing_jitter: ArrayLike = 0.0,
    obscuration_radius: ArrayLike = 0.0,
) -> FloatArray:
    """Return the share of a Gaussian beam that a circular aperture collects.

    Parameters
    ----------
    distance
        From the waist to the aperture, m, >= 0.
    beam_waist, wavelength
        w0 (1/e^2 radius) and lambda, m.
    receiver_radius
        a, m.
    model
        ``exact``: 1 - exp(-2 a^2 / w^2); ``far_field``: 2 a^2 / w^2 with w = w0 z / z_R, as in the
        published figures.
    pointing_jitter
        Standard deviation of the Gaussian pointing error on each axis, rad; the spot averaged over it
        is a Gaussian of w_eff^2 = w^2 + 4 (sigma z)^2, which replaces w.
    obscuration_radius
        Radius b of a central obscuration of the aperture, m, at most a; ``exact`` subtracts its share,
        1 - exp(-2 b^2 / w^2).

    Raises
    ------
    InputError
        An obscuration as large as the aperture or, with ``far_field``, any obscuration or jitter; and
        where the far field is asked for so near that it would collect more than the whole beam. It is
        an overestimate long before: 0.677 for 0.482 at 500 km with the beam of shao2025.

    Notes
    -----
    Source: shao2025, eqs. 6 and 7; the jitter and the annulus: specification of links, section 1. The
    mean over Gaussian pointing errors is exact, because two Gaussians convolve to a third.
    """
    one_of("diffraction", model, ("exact", "far_field"))
    a = in_range("receiver radius", receiver_radius, 0.0, above=True, unit="m")
    z = in_range("distance", distance, 0.0, unit="m")
    sigma = in_range("pointing jitter", pointing_jitter, 0.0, unit="rad")
    b = in_range("obscuration radius", obscuration_radius, 0.0, unit="m")
    if np.any(b >= a):
        raise InputError(f"an obscuration of {float(np.max(b)):g} m radius covers the whole receiver")
    if model == "exact":
        spot = np.hypot(beam_radius(z, beam_waist, wavelength), 2.0 * sigma * z)
        return np.asarray(np.exp(-2.0 * np.square(b / spot)) * -np.expm1(-2.0 * (a * a - b * b) / spot**2))
    if np.any(sigma > 0.0) or np.any(b > 0.0):
        raise InputError("jitter or an obscuration in the far field", fix="Use the exact diffraction")
    spread = np.asarray(beam_waist, dtype=float) / rayleigh_range(beam_waist, wavelength)
    with np.errstate(divide="ignore"):
        share = np.asarray(2.0 * np.square(a / (spread * z)))
    if np.any(share > 1.0):
        nearest = float(np.min(np.broadcast_to(z, share.shape)[share > 1.0]))
        raise InputError(
            f"the far field at {nearest / 1e3:.6g} km would collect {float(share.max()):.4g} of the beam",
            why="It is an approximation for long distances",
            fix="Use the exact diffraction",
        )
    return share


def loss_factors(
    slant_range: ArrayLike, cos_zenith: ArrayLike, hw: SatelliteHardware, diffraction: Diffraction = "exact"
) -> dict[str, FloatArray]:
    """Return the factors of the transmittance of a downlink by name, in the order of the light.

    Parameters
    ----------
    slant_range
        From satellite to ground, m.
    cos_zenith
        Cosine of the satellite's zenith angle at the ground, in (0, 1]: the caller turns away
        satellites below the horizon.
    hw
        Beam, telescope, efficiencies and atmosphere.
    diffraction
        ``exact`` or ``far_field``.

    Notes
    -----
    ``diffraction``, ``atmosphere``, then the hardware's efficiencies. Source: shao2025, eqs. 5-9.
    Valid for zenith angles up to 1 rad: see :func:`satqn.physics.atmosphere.beyond_secant`.
    """
    satellite_hardware(hw)
    spread = _collected(slant_range, hw, diffraction)
    air = slant_transmittance(hw.zenith_transmittance, cos_zenith)
    shape = np.broadcast_shapes(spread.shape, air.shape)
    factors = {"diffraction": spread, "atmosphere": air}
    factors.update((name, np.asarray(float(value))) for name, value in hw.efficiencies)
    return {name: np.broadcast_to(value, shape) for name, value in factors.items()}


def _collected(slant_range: ArrayLike, hw: SatelliteHardware, model: Diffraction) -> FloatArray:
    return diffraction(slant_range, hw.beam_waist, hw.wavelength, hw.receiver_radius, model)


def downlink(
    slant_range: ArrayLike, cos_zenith: ArrayLike, hw: SatelliteHardware, diffraction: Diffraction = "exact"
) -> FloatArray:
    """Return the transmittance of a downlink: the product of :func:`loss_factors`.

    Examples
    --------
    A satellite at 10 000 km in the zenith, far field (specification, section 6):

    >>> round(float(downlink(1e7, 1.0, SatelliteHardware(), "far_field")), 15)
    0.000231969972885
    """
    factors = loss_factors(slant_range, cos_zenith, hw, diffraction)
    return np.asarray(np.prod(list(factors.values()), axis=0))


def loss_budget(
    slant_range: ArrayLike, cos_zenith: ArrayLike, hw: SatelliteHardware, diffraction: Diffraction = "exact"
) -> dict[str, FloatArray]:
    """Return the losses of a downlink item by item, in dB (positive); their sum is that of the link.

    Parameters as in :func:`loss_factors`.
    """
    factors = loss_factors(slant_range, cos_zenith, hw, diffraction)
    return {name: to_db(factor) for name, factor in factors.items()}


def pair_rate(transmittance_a: ArrayLike, transmittance_b: ArrayLike, hw: SatelliteHardware) -> FloatArray:
    """Return the pairs per second that reach both ends: source rate times both transmittances.

    Source: shao2025, eq. 9. It grows with the fourth power of the receivers' radius.
    """
    a = in_range("transmittance", transmittance_a, 0.0, 1.0)
    b = in_range("transmittance", transmittance_b, 0.0, 1.0)
    return np.asarray(satellite_hardware(hw).source_rate * a * b)
