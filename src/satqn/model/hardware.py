"""Hardware of a hybrid network: what a repeater chain and a satellite are made of (SI).

The defaults are the parameters of shao2025 (Methods and Supplementary Information); the values are
collected in the specification of the hybrid network, section 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from satqn.constants import SPEED_OF_LIGHT_IN_FIBRE

LEAST_PASSED = 1e-3
"""Least share of what an open transmitting telescope lets out that its obscuration may leave; below it the
integral over the annulus would lose digits (:mod:`satqn.physics.aperture`)."""


@dataclass(frozen=True, slots=True)
class FibreHardware:
    """Trapped-ion nodes, photonic Bell measurements and the fibre between them.

    Parameters
    ----------
    attenuation_per_m
        Base-10 attenuation, 1/m: transmittance is ``10**(-attenuation_per_m * length_m)``;
        1.73e-5 /m is 0.173 dB/km at 1550 nm.
    light_speed
        Speed of light in the fibre, m/s.
    emission_time
        Ion-photon emission cycle T0, s.
    detector_efficiency
        P0: detector efficiency including wavelength conversion, in (0, 1].
    ion_photon_fidelity, photonic_bsm_fidelity, ion_swap_fidelity
        F0, F_p and F_s, in (0.25, 1].
    ion_pairs
        m: ion pairs per direction at every node (time multiplexing).
    """

    attenuation_per_m: float = 1.73e-5
    light_speed: float = SPEED_OF_LIGHT_IN_FIBRE
    emission_time: float = 175e-6
    detector_efficiency: float = 0.21
    ion_photon_fidelity: float = 0.99
    photonic_bsm_fidelity: float = 0.99
    ion_swap_fidelity: float = 0.99
    ion_pairs: int = 10


@dataclass(frozen=True, slots=True)
class SatelliteHardware:
    """A satellite with an entangled-pair source and two downlinks.

    Parameters
    ----------
    altitude
        Height above the sphere, m.
    source_rate
        Pairs made per second.
    fidelity
        Fidelity of a delivered pair, in (0.25, 1].
    wavelength
        m.
    beam_waist
        1/e^2 radius w0 of the beam at the transmitter, m.
    receiver_radius
        Radius a_R of the receiving telescope, m.
    efficiencies
        Named efficiencies of one downlink, each in (0, 1]; their product is 0.14175 in shao2025.
    zenith_transmittance
        Transmittance of the atmosphere at zenith, in (0, 1].
    """

    altitude: float = 10_000_000.0
    source_rate: float = 6.0e7
    fidelity: float = 0.87
    wavelength: float = 810e-9
    beam_waist: float = 0.15
    receiver_radius: float = 0.5
    efficiencies: tuple[tuple[str, float], ...] = field(
        default=(
            ("transmitter_optics", 0.5),
            ("receiver_optics", 0.5),
            ("detector", 0.9),
            ("spectral_filter", 0.9),
            ("fibre_coupling", 0.7),
        )
    )
    zenith_transmittance: float = 0.967
