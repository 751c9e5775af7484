"""Chains of satellites that pass light on like lenses: no memory, no measurement, only loss.

Equal telescopes of diameter D a distance L apart, each refocusing with f = L/2, are a confocal lens guide:
its mode has the 1/e^2 radius w = sqrt(lambda L / pi) at every telescope, and what a hop loses depends on the
Fresnel number N = (D/2)^2 / (lambda L) alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from satqn.constants import EARTH_RADIUS
from satqn.errors import InputError
from satqn.physics.checks import in_range
from satqn.units import to_db

_POINTS_PER_FRESNEL_NUMBER = 40
_LEAST_POINTS = 60
"""Gauss-Legendre points of the kernel: 60 give 1e-12 up to N = 1; it oscillates N times on the interval."""
_LARGEST_FRESNEL_NUMBER = 12.0
"""Above it the loss is below 1e-15 of the light, less than the arithmetic can hold."""


@dataclass(frozen=True, slots=True)
class RelayHop:
    """One hop of the lens guide.

    Parameters
    ----------
    spacing
        L, m, along the straight line between neighbours.
    diameter
        D of every telescope, m.
    wavelength
        m.
    fresnel_number
        N = (D/2)^2 / (lambda L).
    beam_radius
        1/e^2 radius of the guide's mode at a telescope, m.
    diffraction_loss
        Share of the mode that one hop loses beyond the telescopes' edges, in [0, 1].
    """

    spacing: float
    diameter: float
    wavelength: float
    fresnel_number: float
    beam_radius: float
    diffraction_loss: float

    @property
    def focal_length(self) -> float:
        """Focal length of the confocal guide, L/2, m."""
        return self.spacing / 2.0


@dataclass(frozen=True, slots=True)
class RelayChain:
    """Equal hops along a great circle, from the satellite above one end to the one above the other.

    Parameters
    ----------
    hop
        Every hop, with the spacing that divides the way evenly.
    hops
        Their number.
    satellites
        hops + 1.
    deflection
        Angle by which each satellite turns the light, rad.
    diffraction_db, other_db
        Loss beyond the edges, and by reflection, absorption and pointing in the satellites.
    """

    hop: RelayHop
    hops: int
    satellites: int
    deflection: float
    diffraction_db: float
    other_db: float

    @property
    def total_db(self) -> float:
        """Loss of the whole chain."""
        return self.diffraction_db + self.other_db

    def to_dict(self) -> dict[str, Any]:
        """Return the chain as it stands in JSON."""
        return {
            **hop_dict(self.hop),
            "hops": self.hops,
            "satellites": self.satellites,
            "deflection_mrad": self.deflection * 1e3,
            "diffraction_db": self.diffraction_db,
            "other_db": self.other_db,
            "total_db": self.total_db,
        }


def hop_dict(hop: RelayHop) -> dict[str, Any]:
    """Return one hop as it stands in JSON."""
    return {
        "spacing_km": hop.spacing / 1e3,
        "diameter_m": hop.diameter,
        "wavelength_nm": hop.wavelength * 1e9,
        "fresnel_number": hop.fresnel_number,
        "beam_radius_m": hop.beam_radius,
        "focal_length_km": hop.focal_length / 1e3,
        "diffraction_loss_per_hop": hop.diffraction_loss,
    }


@lru_cache(maxsize=1024)
def mode_loss(fresnel_number: float) -> float:
    """Return the share of its light that the guide's lowest mode loses in a hop.

    Parameters
    ----------
    fresnel_number
        N > 0.

    Notes
    -----
    1 - gamma^2 with gamma the largest eigenvalue of K(x, x') = 2 pi N sqrt(x x') J0(2 pi N x x') on [0, 1].
    Source: Fox and Li, Bell Syst. Tech. J. 40, 453 (1961), confocal resonator of circular mirrors; Goswami
    and Dhara, PR Applied 20, 024048 (2023), for satellites. It is the loss of the guide's own mode: the first
    hops of a Gaussian beam cost more.

    Examples
    --------
    >>> round(mode_loss(0.9259259259259259), 9)
    0.001100036
    """
    from scipy.special import j0

    number = float(in_range("Fresnel number", fresnel_number, 0.0, above=True))
    if number >= _LARGEST_FRESNEL_NUMBER:
        return 0.0
    count = max(_LEAST_POINTS, math.ceil(_POINTS_PER_FRESNEL_NUMBER * number))
    nodes, weights = np.polynomial.legendre.leggauss(count)
    x, w = (nodes + 1.0) / 2.0, weights / 2.0
    root = np.sqrt(w * x)
    kernel = 2.0 * np.pi * number * np.outer(root, root) * j0(2.0 * np.pi * number * np.outer(x, x))
    largest = float(np.abs(np.linalg.eigvalsh(kernel)).max())
    return min(1.0, max(0.0, 1.0 - largest * largest))


def relay_hop(spacing: float, diameter: float, wavelength: float) -> RelayHop:
    """Return one hop between neighbouring satellites.

    Parameters
    ----------
    spacing
        Distance of neighbours, m.
    diameter
        Of every telescope, m.
    wavelength
        m.

    Examples
    --------
    >>> hop = relay_hop(120e3, 0.6, 810e-9)
    >>> round(hop.beam_radius, 4), round(hop.fresnel_number, 4), round(hop.diffraction_loss, 6)
    (0.1759, 0.9259, 0.0011)
    """
    in_range("spacing", spacing, 0.0, above=True, unit="m")
    in_range("diameter", diameter, 0.0, above=True, unit="m")
    in_range("wavelength", wavelength, 0.0, above=True, unit="m")
    number = (diameter / 2.0) ** 2 / (wavelength * spacing)
    return RelayHop(
        spacing=spacing,
        diameter=diameter,
        wavelength=wavelength,
        fresnel_number=number,
        beam_radius=math.sqrt(wavelength * spacing / math.pi),
        diffraction_loss=mode_loss(number),
    )


def relay_chain(
    ground_distance: float,
    altitude: float,
    largest_spacing: float,
    diameter: float,
    wavelength: float,
    loss_per_satellite: float,
) -> RelayChain:
    """Return the chain with the fewest hops above two places.

    Parameters
    ----------
    ground_distance
        Along the great circle, m, up to half the Earth's circumference.
    altitude
        Of the satellites, m.
    largest_spacing
        m; the hops are equal and at most this long, measured along the orbit, which is (R + h)/R longer than
        the ground below.
    diameter, wavelength
        Of every telescope, and of the light, m.
    loss_per_satellite
        Share that each satellite loses besides diffraction, in [0, 1): mirrors, absorption, pointing.

    Examples
    --------
    >>> chain = relay_chain(20_000e3, 500e3, 120e3, 0.6, 810e-9, 0.02)
    >>> chain.hops, round(chain.diffraction_db, 3), round(chain.total_db, 2)
    (180, 0.848, 16.73)
    """
    in_range("ground distance", ground_distance, 0.0, math.pi * EARTH_RADIUS, above=True, unit="m")
    in_range("altitude", altitude, 0.0, above=True, unit="m")
    in_range("spacing", largest_spacing, 0.0, above=True, unit="m")
    in_range("loss per satellite", loss_per_satellite, 0.0)
    if loss_per_satellite >= 1.0:
        raise InputError(f"loss per satellite is {loss_per_satellite:g}", fix="It must lie in [0, 1)")
    radius = EARTH_RADIUS + altitude
    way = ground_distance * radius / EARTH_RADIUS
    hops = max(1, math.ceil(way / largest_spacing - 1e-9))
    deflection = ground_distance / EARTH_RADIUS / hops
    hop = relay_hop(2.0 * radius * math.sin(deflection / 2.0), diameter, wavelength)
    return RelayChain(
        hop=hop,
        hops=hops,
        satellites=hops + 1,
        deflection=deflection,
        diffraction_db=hops * float(to_db(1.0 - hop.diffraction_loss))
        if hop.diffraction_loss < 1.0
        else math.inf,
        other_db=(hops + 1) * float(to_db(1.0 - loss_per_satellite)),
    )
