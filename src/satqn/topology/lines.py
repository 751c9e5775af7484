"""What a line of sight between two bodies delivers at an instant: loss budget, rate and fidelity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.errors import InputError
from satqn.orbits.sun import sun_elevation
from satqn.physics import background
from satqn.physics.generation import Generation, dual_downlink, one_sided
from satqn.physics.line_budget import line_factors
from satqn.physics.optics import FreeSpaceOptics
from satqn.scenario.hardware import ReceiverSection, TerminalSection, TransmitterSection
from satqn.sightline import Sightline
from satqn.topology.bodies import Stage
from satqn.units import MICROSECONDS_IN_A_SECOND, NANOMETRES_IN_A_METRE

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Downlink:
    """Light from one body to another at some instants.

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
    return FreeSpaceOptics(
        wavelength=sender.wavelength_nm / NANOMETRES_IN_A_METRE,
        beam_waist=transmitter.beam_waist_m,
        receiver_radius=receiver.radius_m,
        zenith_transmittance=stage.scenario.links.zenith_transmittance,
        pointing_jitter=transmitter.pointing_jitter_urad / MICROSECONDS_IN_A_SECOND,
        transmitter_radius=transmitter.aperture_radius_m,
        receiver_obscuration=receiver.obscuration_radius_m,
        efficiencies=(
            ("transmitter_optics", transmitter.optics),
            ("receiver_optics", receiver.optics),
            ("fibre_coupling", receiver.fibre_coupling),
            ("spectral_filter", receiver.spectral_filter),
            ("detector", receiver.detector),
        ),
    )


def downlink(stage: Stage, a: int, b: int, seconds: FloatArray) -> Downlink:
    """Return the light from body ``a`` to body ``b`` at seconds after the start.

    Raises
    ------
    InputError
        As :func:`roles`, or where the Earth is between them.
    """
    start, end = stage.position(a, seconds), stage.position(b, seconds)
    line = Sightline.between(start, end, stage.earth)
    factors = line_factors(line, optics(stage, a, b))
    return Downlink(line.length, factors, _noise(stage, b, end, seconds))


def _noise(stage: Stage, b: int, place: FloatArray, seconds: FloatArray) -> FloatArray:
    """Return dark counts, and on the ground the light of the sky, 1/s.

    A receiver above the stratosphere looks into a dark sky; its background is not counted.
    """
    terminal, sky = stage.bodies[b].terminal, stage.scenario.sky
    assert terminal is not None
    assert terminal.receiver is not None
    receiver = terminal.receiver
    noise = np.full(len(seconds), receiver.dark_counts_per_s)
    if sky is None or stage.bodies[b].kind != "base_station":
        return noise
    per_metre = NANOMETRES_IN_A_METRE
    radiance = background.SkyRadiance(
        sky.day * per_metre, sky.twilight * per_metre, sky.night * per_metre, sky.source
    )
    photons = background.sky_photon_rate(
        radiance.at(sun_elevation(place, stage.timeline.start, seconds, stage.earth)),
        background.field_of_view(receiver.field_of_view_urad / MICROSECONDS_IN_A_SECOND),
        math.pi * (receiver.radius_m**2 - receiver.obscuration_radius_m**2),
        receiver.filter_bandwidth_nm / NANOMETRES_IN_A_METRE,
        terminal.wavelength_nm / NANOMETRES_IN_A_METRE,
        receiver.optics * receiver.spectral_filter * receiver.detector,
    )
    return np.asarray(noise + photons)


def heralded(stage: Stage, a: int, b: int, seconds: FloatArray) -> tuple[Generation, Downlink]:
    """Return the pairs between memories of two bodies, made at ``a`` and heralded at ``b``.

    Notes
    -----
    Generation kind ``one_sided`` of the specification of links, section 2: the memory of ``a`` sets the
    attempts, both memories store.
    """
    sender, transmitter, receiver, catcher = roles(stage, a, b)
    if sender.memory is None or receiver.memory is None:
        raise InputError(
            f"no memory at {stage.bodies[a].id} or {stage.bodies[b].id}",
            why="A heralded pair waits in memories",
        )
    light = downlink(stage, a, b, seconds)
    window = catcher.window_ns / NANOMETRES_IN_A_METRE
    made = one_sided(
        light.transmittance,
        light.range,
        source_rate=transmitter.source_pairs_per_s,
        memory_modes=sender.memory.modes,
        memory_efficiency=sender.memory.efficiency * receiver.memory.efficiency,
        overhead=sender.memory.overhead_us / MICROSECONDS_IN_A_SECOND,
        fidelity=transmitter.source_fidelity,
        noise_per_window=np.minimum(light.noise_rate * window, 1.0),
    )
    return made, light


def sent_down(
    stage: Stage, satellite: int, a: int, b: int, seconds: FloatArray
) -> tuple[Generation, Downlink, Downlink]:
    """Return the pairs that a source without memory on a satellite sends to two bodies at once.

    Notes
    -----
    Generation kind ``dual_downlink`` (shao2025, eq. 9); the window is that of the coarser receiver.
    """
    _, transmitter, _, catcher_a = roles(stage, satellite, a)
    _, _, _, catcher_b = roles(stage, satellite, b)
    first, second = downlink(stage, satellite, a, seconds), downlink(stage, satellite, b, seconds)
    made = dual_downlink(
        first.transmittance,
        second.transmittance,
        source_rate=transmitter.source_pairs_per_s,
        fidelity=transmitter.source_fidelity,
        noise_rate_a=first.noise_rate,
        noise_rate_b=second.noise_rate,
        window=max(catcher_a.window_ns, catcher_b.window_ns) / NANOMETRES_IN_A_METRE,
    )
    return made, first, second
