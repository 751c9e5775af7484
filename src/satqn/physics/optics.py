"""The terminals of a free-space link: what a budget needs to know of beam, telescopes and receivers."""

from __future__ import annotations

from dataclasses import dataclass, field

from satqn.errors import InputError
from satqn.physics.aperture import passed
from satqn.physics.atmosphere import SCALE_HEIGHT, AirMass, AirTable
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
        that it does not. See :mod:`satqn.physics.aperture`.
    transmitter_obscuration, receiver_obscuration
        Radii of central obscurations, m; that of the transmitter needs its radius.
    air_mass
        ``integral``, ``secant`` or ``kasten_young``: see
        :func:`satqn.physics.atmosphere.line_transmittance`.
    scale_height
        Of the extinction, m.
    air_table
        Transmittance by elevation above the lower end, which is then on the ground; in place of
        ``zenith_transmittance`` and ``air_mass``.
    efficiencies
        Named efficiencies, each in (0, 1]: optics of either end, filter, coupling into a fibre, detector.

    Examples
    --------
    >>> FreeSpaceOptics(810e-9, 0.15, 0.6, 0.967, transmitter_radius=0.2).air_mass
    'integral'
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
    air_table: AirTable | None = None
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
            passed(self.beam_waist, self.transmitter_radius, self.transmitter_obscuration)
        for name, efficiency in self.efficiencies:
            in_range(f"efficiency {name}", efficiency, 0.0, 1.0, above=True)
