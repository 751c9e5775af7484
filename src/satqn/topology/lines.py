"""Light between bodies at instants: range, loss budget and noise.

Bodies are numbers of a stage, one or as many as there are instants.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.model.shown import Shown
from satqn.orbits.sun import sun_elevation
from satqn.physics import background
from satqn.physics.atmosphere import AirTable
from satqn.physics.line_budget import line_factors
from satqn.physics.optics import FreeSpaceOptics
from satqn.scenario.hardware import ReceiverSection, TerminalSection, TransmitterSection
from satqn.sightline import Sightline
from satqn.topology.bodies import Stage
from satqn.units import MICROSECONDS_IN_A_SECOND, NANOMETRES_IN_A_METRE

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, repr=False)
class Light(Shown):
    """What arrives over lines of sight; columns of equal length n.

    Parameters
    ----------
    range
        m.
    transmittance
        In [0, 1].
    noise_rate
        Clicks at the receiver that no signal makes, 1/s.
    """

    range: FloatArray
    transmittance: FloatArray
    noise_rate: FloatArray


@dataclass(frozen=True, slots=True, repr=False)
class Downlink(Shown):
    """Light between terminals of one kind each, with its whole budget.

    Parameters
    ----------
    range
        m, shape (n,).
    factors
        The transmittance factor by factor, each of shape (n,).
    noise_rate
        Clicks at the receiver that no signal makes, 1/s, shape (n,).
    """

    range: FloatArray
    factors: dict[str, FloatArray]
    noise_rate: FloatArray

    @property
    def transmittance(self) -> FloatArray:
        """The product of all factors."""
        return np.asarray(np.prod(list(self.factors.values()), axis=0))


def roles(
    stage: Stage, a: int, b: int
) -> tuple[TerminalSection, TransmitterSection, TerminalSection, ReceiverSection]:
    """Return sender and receiver of light from body ``a`` to body ``b``.

    Raises
    ------
    InputError
        One of them lacks its part, or they work at different wavelengths.
    """
    sender, receiver = stage.bodies[a].terminal, stage.bodies[b].terminal
    names = f"{stage.bodies[a].id} to {stage.bodies[b].id}"
    if sender is None or receiver is None or sender.transmitter is None or receiver.receiver is None:
        raise InputError(
            f"no light can go from {names}", why="One has no transmitter or the other no receiver",
            fix="Give the terminals both parts",
        )  # fmt: skip
    if sender.wavelength_nm != receiver.wavelength_nm:
        raise InputError(
            f"the terminals of {names} work at {sender.wavelength_nm:g} and {receiver.wavelength_nm:g} nm",
            fix="Give both the same wavelength",
        )
    return sender, sender.transmitter, receiver, receiver.receiver


def optics(stage: Stage, a: int, b: int) -> FreeSpaceOptics:
    """Return the optics of light from body ``a`` to body ``b``."""
    sender, transmitter, _, receiver = roles(stage, a, b)
    air = stage.scenario.air
    ground = "base_station" in (stage.bodies[a].kind, stage.bodies[b].kind)
    return FreeSpaceOptics(
        wavelength=sender.wavelength_nm / NANOMETRES_IN_A_METRE,
        beam_waist=transmitter.beam_waist_m,
        receiver_radius=receiver.radius_m,
        zenith_transmittance=stage.scenario.links.zenith_transmittance,
        pointing_jitter=transmitter.pointing_jitter_urad / MICROSECONDS_IN_A_SECOND,
        air_mass=stage.scenario.links.air_mass,
        air_table=None if air is None or not ground else air_table(air.rows or ()),
        transmitter_radius=transmitter.aperture_radius_m,
        transmitter_obscuration=transmitter.obscuration_radius_m,
        receiver_obscuration=receiver.obscuration_radius_m,
        efficiencies=(
            ("transmitter_optics", transmitter.optics),
            ("receiver_optics", receiver.optics),
            ("fibre_coupling", receiver.fibre_coupling),
            ("spectral_filter", receiver.spectral_filter),
            ("detector", receiver.detector),
        ),
    )


@lru_cache(maxsize=8)
def air_table(rows: tuple[tuple[float, float], ...]) -> AirTable:
    """Return the air of a table of elevations, degrees, and transmittances."""
    return AirTable(tuple(math.radians(angle) for angle, _ in rows), tuple(share for _, share in rows))


def downlink(stage: Stage, a: ArrayLike, b: ArrayLike, seconds: ArrayLike) -> Downlink:
    """Return the light from bodies ``a`` to bodies ``b`` at seconds after the start, factor by factor.

    Parameters
    ----------
    stage
        The bodies.
    a, b, seconds
        Shape (n,) or single; all of ``a`` have the same terminal, and all of ``b``.

    Raises
    ------
    InputError
        As :func:`roles`, or where the Earth is between them.
    """
    senders, receivers, times = columns(a, b, seconds)
    start, end = stage.positions(senders, times), stage.positions(receivers, times)
    line = Sightline.between(start, end, stage.earth)
    one, other = int(senders[0]), int(receivers[0])
    noise = dark_rate(stage, other) + sky_rate(stage, other, end, times)
    return Downlink(line.length, line_factors(line, optics(stage, one, other)), noise)


def light(stage: Stage, a: ArrayLike, b: ArrayLike, seconds: ArrayLike) -> Light:
    """Return the light from bodies ``a`` to bodies ``b``, whatever their terminals.

    Parameters as in :func:`downlink`. Lines of terminals of the same kinds are evaluated together.
    """
    senders, receivers, times = columns(a, b, seconds)
    kinds = {(id(body.terminal), body.kind): body for body in stage.bodies}
    number = {key: i for i, key in enumerate(kinds)}
    kind = np.array([number[id(body.terminal), body.kind] for body in stage.bodies])
    together = kind[senders] * len(number) + kind[receivers]
    found = np.empty((3, times.size))
    for both in np.unique(together):
        mine = together == both
        some = downlink(stage, senders[mine], receivers[mine], times[mine])
        found[:, mine] = some.range, some.transmittance, some.noise_rate
    return Light(*found)


def columns(a: ArrayLike, b: ArrayLike, seconds: ArrayLike) -> tuple[IntArray, IntArray, FloatArray]:
    """Return numbers of bodies and seconds, all of shape (n,)."""
    one, other, times = np.broadcast_arrays(a, b, np.atleast_1d(np.asarray(seconds, dtype=float)))
    return one.astype(np.int64), other.astype(np.int64), times


def dark_rate(stage: Stage, b: int) -> float:
    """Return the dark counts at body ``b``, 1/s."""
    terminal = stage.bodies[b].terminal
    assert terminal is not None
    assert terminal.receiver is not None
    return terminal.receiver.dark_counts_per_s


def sky_rate(stage: Stage, b: int, place: FloatArray, seconds: FloatArray) -> FloatArray:
    """Return the light of the sky that terminals like that of body ``b`` count, 1/s.

    Parameters
    ----------
    stage, b
        A body with a receiver.
    place, seconds
        Where such bodies are, m, shape (n, 3), and when, shape (n,).

    Notes
    -----
    A receiver above the stratosphere looks into a dark sky; its background is not counted.
    """
    terminal, sky = stage.bodies[b].terminal, stage.scenario.sky
    assert terminal is not None
    assert terminal.receiver is not None
    receiver = terminal.receiver
    if sky is None or stage.bodies[b].kind != "base_station":
        return np.zeros(len(seconds))
    per_metre = NANOMETRES_IN_A_METRE
    radiance = background.SkyRadiance(
        sky.day * per_metre, sky.twilight * per_metre, sky.night * per_metre, sky.source
    )
    return background.sky_photon_rate(
        radiance.at(sun_elevation(place, stage.timeline.start, seconds, stage.earth)),
        background.field_of_view(receiver.field_of_view_urad / MICROSECONDS_IN_A_SECOND),
        math.pi * (receiver.radius_m**2 - receiver.obscuration_radius_m**2),
        receiver.filter_bandwidth_nm / NANOMETRES_IN_A_METRE,
        terminal.wavelength_nm / NANOMETRES_IN_A_METRE,
        receiver.optics * receiver.spectral_filter * receiver.detector,
    )
