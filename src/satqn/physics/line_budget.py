"""One loss budget for every free-space link: ground, aircraft and satellites in any combination."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.physics.aperture import Truncation, collected, passed
from satqn.physics.atmosphere import line_transmittance, table_transmittance
from satqn.physics.freespace import diffraction
from satqn.physics.optics import FreeSpaceOptics
from satqn.sightline import Sightline

FloatArray = NDArray[np.float64]

TURBULENT_AIR = 15_000.0
"""Altitude, m, below which a beam that climbs is an uplink: above it the Hufnagel-Valley 5/7 profile has
0.7 % of its integral left, and r0 at 810 nm is 1.7 m (see :mod:`satqn.physics.turbulence`)."""

_LEVEL = np.radians(5.0)
"""Elevation up to which a line between platforms counts as level and not as an uplink, rad."""


_ROUNDING = 1e-3
"""Rounding of the altitude of a lowest point, m."""


def line_factors(line: Sightline, optics: FreeSpaceOptics) -> dict[str, FloatArray]:
    """Return the factors of the transmittance of free-space links, by name, in the order of the light.

    Parameters
    ----------
    line
        From the transmitter to the receiver.
    optics
        Both terminals and the air.

    Returns
    -------
    dict
        ``transmitter_aperture`` (if it truncates: the share of the beam that passes), ``diffraction``
        (the share of that which is received, with jitter and obscurations), ``atmosphere``, then the named
        efficiencies; each of the shape of the lines.

    Raises
    ------
    InputError
        A line that passes through the Earth, an uplink without a number for its beam wander, or a
        truncated beam caught in the shadow of its telescope: see :func:`satqn.physics.aperture.collected`.

    Notes
    -----
    Source: specification of links, section 1. Refraction and scintillation are ignored. Light that comes
    down and light that goes up lose the same by diffraction and in the air; what tells them apart is the
    wander of a beam that starts in the turbulent air.
    """
    _refuse_blocked(line)
    climbs = _climbs(line)
    if np.any(climbs) and optics.beam_wander is None:
        raise InputError(
            "an uplink without beam wander",
            why="A beam that rises through the air wanders far more than one that comes down",
            fix="Give beam_wander in rad, 0 only if adaptive optics removes it",
        )
    wander = np.where(climbs, optics.beam_wander or 0.0, 0.0)
    factors = _spread(line.length, np.hypot(optics.pointing_jitter, wander), optics)
    if optics.air_table is not None:
        factors["atmosphere"] = table_transmittance(line, optics.air_table, optics.scale_height)
    else:
        factors["atmosphere"] = line_transmittance(
            line, optics.zenith_transmittance, optics.air_mass, optics.scale_height
        )
    factors.update((name, np.asarray(float(value))) for name, value in optics.efficiencies)
    return {name: np.broadcast_to(value, line.length.shape) for name, value in factors.items()}


def _spread(length: FloatArray, jitter: FloatArray, optics: FreeSpaceOptics) -> dict[str, FloatArray]:
    """Return what the telescopes let out and catch of the beam."""
    a, b = optics.transmitter_radius, optics.transmitter_obscuration
    if a is None:
        return {
            "diffraction": diffraction(
                length, optics.beam_waist, optics.wavelength, optics.receiver_radius,
                pointing_jitter=jitter, obscuration_radius=optics.receiver_obscuration,
            )
        }  # fmt: skip
    share = passed(optics.beam_waist, a, b)
    jitter = np.broadcast_to(jitter, length.shape)
    caught = np.empty(length.shape)
    for error in np.unique(jitter):
        beam = Truncation(
            optics.wavelength, optics.beam_waist, a, b,
            optics.receiver_radius, optics.receiver_obscuration, float(error),
        )  # fmt: skip
        mine = jitter == error
        caught[mine] = collected(length[mine], beam)
    return {"transmitter_aperture": np.asarray(share), "diffraction": caught / share}


def line_transmission(line: Sightline, optics: FreeSpaceOptics) -> FloatArray:
    """Return the transmittance of free-space links: the product of :func:`line_factors`.

    Examples
    --------
    A satellite at 500 km, 800 km from a station at 890 m (specification of links, section 5):

    >>> from satqn.earth import SPHERE
    >>> satellite = SPHERE.position(0, np.degrees(800e3 / 6371e3), 500e3)
    >>> down = Sightline.between(satellite, SPHERE.position(0, 0, 890.0), SPHERE)
    >>> optics = FreeSpaceOptics(810e-9, 0.15, 0.6, 0.967, pointing_jitter=1e-6)
    >>> round(float(line_transmission(down, optics)), 9) == round(0.1041047153 * 0.938387074, 9)
    True
    """
    return np.asarray(np.prod(list(line_factors(line, optics).values()), axis=0))


def blocked(line: Sightline) -> NDArray[np.bool_]:
    """Return which lines pass below the surface of the Earth between their ends."""
    _, lowest = line.lowest_point()
    bottom = np.minimum(line.earth.altitude(line.start), line.earth.altitude(line.at(line.length)))
    return np.asarray(lowest < np.minimum(bottom, 0.0) - _ROUNDING)


def _refuse_blocked(line: Sightline) -> None:
    if np.any(through := blocked(line)):
        lowest = float(line.lowest_point()[1][through].flat[0])
        raise InputError(
            f"a line passes {-lowest / 1e3:.6g} km below the surface",
            why="Light cannot pass through the Earth",
            fix="Choose higher or nearer ends",
        )


def _climbs(line: Sightline) -> NDArray[np.bool_]:
    """Return where the light starts within the turbulent air and goes up through it."""
    return np.asarray((line.earth.altitude(line.start) < TURBULENT_AIR) & (line.elevation() > _LEVEL))
