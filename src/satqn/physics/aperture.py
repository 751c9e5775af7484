"""A Gaussian beam that its transmitting telescope truncates: what a receiver of any size collects of it.

The clipped beam is no Gaussian any more: its far field has a wider middle and rings. Its diffraction is the
Fresnel integral over the annulus of the telescope, whose intensity is known best by its Fourier transform:
that is the overlap of the aperture with itself, shifted, and vanishes beyond twice its radius. There, jitter
of the pointing is a Gaussian factor and a round receiver a Bessel function, so one integral over a bounded
range holds all of them, without rings to follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf, j1

from satqn.errors import InputError
from satqn.model.hardware import LEAST_PASSED
from satqn.physics.checks import in_range
from satqn.physics.freespace import diffraction

FloatArray = NDArray[np.float64]

WHOLE_BEAM = 6.1
"""Waists beyond which a Gaussian amplitude is below 1e-16 of its middle: wider telescopes are cut there."""

_NEAREST_PHASE = 500.0
"""Largest k a^2 / z, the phase of the near field at the rim, that is integrated; the cost is its square."""
_LARGEST_RECEIVER = 5_000.0
"""Largest k a R / z: radius of the receiver in units of the spot's; the cost is proportional to it."""
_FAINT = 9.0
"""exp(-9^2/2) = 3e-18: where a Gaussian factor has become that small, the rest of an integral is nothing."""
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(44)
"""Gauss-Legendre points of a smooth piece; pieces in which a phase turns far are cut."""
_RADIANS = 30.0
"""By which a phase turns at most in a piece that is integrated, and in one of distances that is tabled."""
_DEGREES = (16, 32, 64, 128)
"""Of the Chebyshev polynomials of such a piece, tried in turn."""
_TABLED, _NOTHING = 1e-12, 1e-15
"""Size of the last coefficients, in units of the largest or alone, at which a polynomial is good enough."""


@dataclass(frozen=True, slots=True)
class Truncation:
    """A collimated Gaussian beam, the annulus that lets it out, and the annulus that receives it.

    Parameters
    ----------
    wavelength, beam_waist
        lambda and w0 (1/e^2 radius at the transmitter), m.
    radius, obscuration
        Outer and inner radius a and b of the transmitting telescope, m, b < a.
    receiver_radius, receiver_obscuration
        Outer and inner radius of the receiving telescope, m.
    jitter
        Standard deviation of the pointing error on each axis, rad.
    """

    wavelength: float
    beam_waist: float
    radius: float
    obscuration: float
    receiver_radius: float
    receiver_obscuration: float
    jitter: float

    @property
    def rim(self) -> float:
        """Radius where the light ends, m: that of the telescope, or where the beam itself has ended."""
        return max(min(self.radius, WHOLE_BEAM * self.beam_waist), self.obscuration)

    @property
    def nearest(self) -> float:
        """Distance from which on the diffraction is computed, m."""
        wave, largest = 2.0 * np.pi / self.wavelength, self.receiver_radius / _LARGEST_RECEIVER
        return float(wave * self.rim * max(self.rim / _NEAREST_PHASE, largest))


def passed(beam_waist: float, radius: float, obscuration: float = 0.0) -> float:
    """Return the share of a Gaussian beam that an annular telescope lets out.

    Parameters
    ----------
    beam_waist
        w0, m.
    radius, obscuration
        Outer radius a and inner radius b < a of the transmitting telescope, m.

    Notes
    -----
    exp(-2 b^2/w0^2) - exp(-2 a^2/w0^2).

    Raises
    ------
    InputError
        An obscuration that leaves less than a thousandth of what the open telescope passes.

    Examples
    --------
    >>> round(passed(0.1, 0.112), 4)  # the beam of the largest gain, w0 = 0.89 a
    0.9186
    """
    a = float(in_range("transmitter radius", radius, 0.0, above=True, unit="m"))
    b = float(in_range("transmitter obscuration", obscuration, 0.0, a, unit="m"))
    w0 = float(in_range("beam waist", beam_waist, 0.0, above=True, unit="m"))
    share = float(np.exp(-2.0 * (b / w0) ** 2) * -np.expm1(-2.0 * (a * a - b * b) / w0**2))
    if share < LEAST_PASSED * -np.expm1(-2.0 * (a / w0) ** 2):
        raise InputError(
            f"a transmitter obscuration of {b:g} m in a telescope of {a:g} m radius shadows nearly all of a "
            f"beam of {w0:g} m",
            fix="Give a smaller obscuration, a wider beam or telescope, or the power that passes as an "
            "efficiency",
        )
    return share


def collected(distance: ArrayLike, beam: Truncation) -> FloatArray:
    """Return the share of a truncated beam, as it was before, that a receiver collects.

    Parameters
    ----------
    distance
        From the transmitter, where the waist is, to the receiver, m; at least ``beam.nearest``.
    beam
        Both telescopes.

    Raises
    ------
    InputError
        A receiver so near that the field behind the telescope is still its shadow.

    Notes
    -----
    The mean over Gaussian pointing errors of the Fresnel integral, exact to about 1e-10 of what is
    collected; with a telescope much wider than the beam it is 1 - exp(-2 R^2/w_eff^2). Every octave of
    distances is tabulated once by Chebyshev polynomials, in pieces where the phase turns fast, so a value
    depends on its distance alone.
    Source: J. W. Goodman, "Introduction to Fourier Optics", chapters 4 and 6; B. J. Klein and
    J. J. Degnan, Applied Optics 13, 2134 (1974), for the far field of the same aperture.
    """
    z = in_range("distance", distance, 0.0, unit="m")
    if beam.obscuration == 0.0 and beam.radius >= WHOLE_BEAM * beam.beam_waist:
        return _whole(z, beam)
    if np.any(z < beam.nearest):
        raise InputError(
            f"a receiver {float(z.min()):.4g} m from a truncating telescope of {beam.radius:g} m radius",
            why=f"Up to {beam.nearest:.4g} m the light is still in its shadow, which is not computed",
            fix="Leave out the radius of the transmitting telescope, or choose ends farther apart",
        )
    height = np.log2(z)
    octave = np.floor(height).astype(np.int64)
    out = np.empty(z.shape)
    for one in np.unique(octave):
        pieces = _pieces(beam, int(one))
        within = octave == one
        piece = np.minimum(((height[within] - one) * pieces).astype(np.int64), pieces - 1)
        place = 2.0 * ((height[within] - one) * pieces - piece) - 1.0
        found = np.empty(piece.shape)
        for number in np.unique(piece):
            mine = piece == number
            table = _table(beam, one + number / pieces, 1.0 / pieces)
            found[mine] = np.polynomial.chebyshev.chebval(place[mine], table)
        out[within] = found
    return np.maximum(out, 0.0)


def _whole(distance: FloatArray, beam: Truncation) -> FloatArray:
    return diffraction(
        distance, beam.beam_waist, beam.wavelength, beam.receiver_radius,
        pointing_jitter=beam.jitter, obscuration_radius=beam.receiver_obscuration,
    )  # fmt: skip


def _pieces(beam: Truncation, octave: int) -> int:
    """Return into how many pieces an octave of distances is cut, so that the phase turns little in each."""
    turns = 2.0 * np.pi / beam.wavelength * beam.rim * (beam.rim + beam.receiver_radius) / 2.0**octave
    return int(2 ** max(np.ceil(np.log2(turns / _RADIANS)), 0.0))


@lru_cache(maxsize=4096)
def _table(beam: Truncation, begin: float, width: float) -> FloatArray:
    """Return Chebyshev coefficients of what is collected, over a piece of the logarithm of the distance."""
    for degree in _DEGREES:
        nodes = np.cos(np.pi * (np.arange(degree + 1) + 0.5) / (degree + 1))
        values = np.array([_share(2.0 ** (begin + width * 0.5 * (node + 1.0)), beam) for node in nodes])
        # interpolation at the zeros of the next polynomial
        columns = np.polynomial.chebyshev.chebvander(nodes, degree)
        table: FloatArray = 2.0 / (degree + 1) * (columns.T @ values)
        table[0] /= 2.0
        if np.abs(table[-3:]).max() <= _TABLED * np.abs(table).max() + _NOTHING:
            break
    return table


def _share(distance: float, beam: Truncation) -> float:
    """Return what is collected at one distance: the integral over shifts of the aperture."""
    a = beam.rim
    wide, hole = a / beam.beam_waist, beam.obscuration / a
    wave = 2.0 * np.pi / beam.wavelength
    phase = wave * a * a / distance
    shaken = wave * a * beam.jitter
    end = min(2.0, _FAINT / np.hypot(wide, shaken))
    joints = sorted({0.0, *(x for x in (2.0 * hole, 1.0 - hole, 1.0 + hole) if 0.0 < x < end), end})
    outer, inner = wave * a * beam.receiver_radius / distance, wave * a * beam.receiver_obscuration / distance
    total = 0.0
    for low, high in pairwise(joints):
        shift, weight = _rounded(low, high, (outer + phase) * (high - low))
        seen = outer * j1(outer * shift) - (inner * j1(inner * shift) if inner > 0.0 else 0.0)
        blur = np.exp(-0.5 * (shaken * shift) ** 2)
        total += float(np.sum(weight * seen * blur * _overlap(shift, wide, hole, phase)))
    return total * 2.0 * wide * wide / np.pi


def _rounded(low: float, high: float, radians: float) -> tuple[FloatArray, FloatArray]:
    """Return points and weights on an interval at both ends of which a function may go like a root."""
    panels = 1 + int(radians / _RADIANS)
    begins = np.arange(panels) / panels
    angle = np.pi * (begins[:, None] + 0.5 * (_POINTS + 1.0) / panels).ravel()
    half = 0.5 * (high - low)
    sine = np.tile(_WEIGHTS, panels) * (0.5 * np.pi / panels) * np.sin(angle)
    return low + half * (1.0 - np.cos(angle)), sine * half


def _overlap(shift: FloatArray, wide: float, hole: float, phase: float) -> FloatArray:
    """Return the Fourier transform of the intensity, in units of the telescope's radius squared.

    Parameters
    ----------
    shift
        Of two copies of the aperture, in units of its radius, shape (n,).
    wide, hole
        a/w0 and b/a.
    phase
        k a^2 / z of the near field; 0 is the Fraunhofer limit.
    """
    out = _lenses(shift, 1.0, 1.0, wide, phase)
    if hole > 0.0:
        out -= 2.0 * _lenses(shift, 1.0, hole, wide, phase)
        out += _lenses(shift, hole, hole, wide, phase)
    return np.asarray(out * np.exp(-0.5 * (wide * shift) ** 2))


def _lenses(shift: FloatArray, left: float, right: float, wide: float, phase: float) -> FloatArray:
    """Return the integral of exp(-2 wide^2 r^2) cos(phase shift x) over where two discs overlap.

    The discs have the radii ``left`` and ``right`` and their centres at x = -shift/2 and +shift/2. Across x
    the overlap is bounded by the right disc up to where the circles meet, then by the left one.
    """
    half = 0.5 * shift
    low = np.maximum(half - right, -half - left)
    high = np.maximum(np.minimum(half + right, left - half), low)
    equal = (left * left - right * right) / np.maximum(4.0 * half, np.finfo(float).tiny)
    meet = np.clip(equal, low, high)
    total = np.zeros(shift.shape)
    nodes, weights = _rounded(0.0, 1.0, 0.5 * phase)
    for begin, end, centre, radius in ((low, meet, half, right), (meet, high, -half, left)):
        there = np.flatnonzero(end > begin)
        length = (end - begin)[there, None]
        x = begin[there, None] + length * nodes
        reach = np.sqrt(np.maximum(radius * radius - (x - centre[there, None]) ** 2, 0.0))
        across = np.sqrt(0.5 * np.pi) / wide * erf(np.sqrt(2.0) * wide * reach)
        along = np.exp(-2.0 * (wide * x) ** 2) * np.cos(phase * shift[there, None] * x)
        total[there] += np.sum(weights * across * along, axis=1) * length[:, 0]
    return total
