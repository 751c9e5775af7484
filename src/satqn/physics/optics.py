"""The terminals of a free-space link: what a budget needs to know of beam, telescopes and receivers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from satqn.errors import InputError
from satqn.physics.atmosphere import SCALE_HEIGHT, AirMass
from satqn.physics.checks import in_range, one_of


@dataclass(frozen=True, slots=True)
class FreeSpaceOptics:
    """One transmitter, one receiver and the air between them.

    The beam, the two telescopes and the air have no defaults: a link budget states them. What is left
    out of the optional items is not in the budget, and its item does not appear there.

    Parameters
    ----------
    wavelength
        m.
    beam_waist
        1/e^2 radius w0 of the beam at the transmitter, m.
    receiver_radius
        Radius a_R of the receiving telescope, m.
    zenith_transmittance
        Of clear air, straight up from sea level, in (0, 1].
    pointing_jitter
        Standard deviation of the pointing error on each axis, rad.
    beam_wander
        Standard deviation, on each axis, of the angle by which turbulence makes a beam wander that rises
        through the atmosphere, rad; it adds to the jitter. An uplink needs it, a downlink has none: its
        beam meets the air where it is already wider than the eddies.
    transmitter_radius
        Radius of the transmitting telescope that truncates the beam, m; None for a telescope so wide
        that it does not.
    transmitter_obscuration, receiver_obscuration
        Radii of central obscurations, m.
    air_mass
        ``integral``, ``secant`` or ``kasten_young``: see
        :func:`satqn.physics.atmosphere.line_transmittance`.
    scale_height
        Of the extinction, m.
    efficiencies
        Named efficiencies, each in (0, 1]: optics of either end, filter, coupling into a fibre, detector.
    """

    wavelength: float
    beam_waist: float
    receiver_radius: float
    zenith_transmittance: float
    pointing_jitter: float = 0.0
    beam_wander: float | None = None
    transmitter_radius: float | None = None
    transmitter_obscuration: float = 0.0
    receiver_obscuration: float = 0.0
    air_mass: AirMass = "integral"
    scale_height: float = SCALE_HEIGHT
    efficiencies: tuple[tuple[str, float], ...] = field(default=())

    def __post_init__(self) -> None:
        for name, unit in (("wavelength", "m"), ("beam_waist", "m"), ("receiver_radius", "m")):
            in_range(name, getattr(self, name), 0.0, above=True, unit=unit)
        in_range("zenith_transmittance", self.zenith_transmittance, 0.0, 1.0, above=True)
        in_range("scale_height", self.scale_height, 0.0, above=True, unit="m")
        in_range("pointing_jitter", self.pointing_jitter, 0.0, unit="rad")
        if self.beam_wander is not None:
            in_range("beam_wander", self.beam_wander, 0.0, unit="rad")
        one_of("air_mass", self.air_mass, ("integral", "secant", "kasten_young"))
        in_range("receiver_obscuration", self.receiver_obscuration, 0.0, self.receiver_radius, unit="m")
        if self.transmitter_radius is None:
            if self.transmitter_obscuration:
                raise InputError("a transmitter obscuration without a radius", fix="Give transmitter_radius")
        else:
            in_range("transmitter_radius", self.transmitter_radius, 0.0, above=True, unit="m")
            in_range("transmitter_obscuration", self.transmitter_obscuration, 0.0, self.transmitter_radius)
        for name, efficiency in self.efficiencies:
            in_range(f"efficiency {name}", efficiency, 0.0, 1.0, above=True)


def truncation(beam_waist: float, radius: float, obscuration: float = 0.0) -> float:
    """Return by how much an annular aperture weakens the middle of the far field of a Gaussian beam.

    Parameters
    ----------
    beam_waist
        w0, m.
    radius, obscuration
        Outer radius a and inner radius b < a of the transmitting telescope, m.

    Notes
    -----
    [exp(-b^2/w0^2) - exp(-a^2/w0^2)]^2: the clipped power and the wider spot together, relative to the
    whole beam of the same waist. Source: B. J. Klein and J. J. Degnan, "Optical antenna gain. 1:
    transmitting antennas", Applied Optics 13, 2134 (1974), on-axis gain. Valid in the far field where the
    receiver is small beside the spot.

    Examples
    --------
    >>> round(truncation(0.1, 0.112), 4)  # the beam of the largest gain, w0 = 0.89 a
    0.5109
    """
    a = float(in_range("transmitter radius", radius, 0.0, above=True, unit="m"))
    b = float(in_range("transmitter obscuration", obscuration, 0.0, a, unit="m"))
    w0 = float(in_range("beam waist", beam_waist, 0.0, above=True, unit="m"))
    return float((np.exp(-((b / w0) ** 2)) - np.exp(-((a / w0) ** 2))) ** 2)
