"""Free-space terminals: the shape of an entry of the hardware catalogue, and of a scenario's own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from satqn.scenario.sections import Efficiency, Fidelity, NotNegative, Positive, Section


class TransmitterSection(Section):
    """What sends one photon of a pair."""

    beam_waist_m: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]
    """1/e^2 radius of the beam at the telescope."""
    aperture_radius_m: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] | None = None
    """Of a telescope that truncates the beam."""
    obscuration_radius_m: NotNegative = 0.0
    """Radius of the shadow of its secondary mirror; with `aperture_radius_m`."""
    pointing_jitter_urad: NotNegative
    """Standard deviation of the pointing error on each axis."""
    optics: Efficiency
    """Efficiency of the transmitting optics."""
    source_pairs_per_s: Positive
    """R_src."""
    source_fidelity: Fidelity
    """Of a pair as it is made."""


class ReceiverSection(Section):
    """What catches a photon and brings it to a detector or a memory."""

    radius_m: Annotated[float, Field(gt=0, le=20, allow_inf_nan=False)]
    """Radius of the telescope."""
    obscuration_radius_m: NotNegative = 0.0
    """Radius of the shadow of its secondary mirror."""
    optics: Efficiency
    """Efficiency of the receiving optics."""
    fibre_coupling: Efficiency
    """Efficiency of coupling into a fibre."""
    spectral_filter: Efficiency
    """Transmittance of the filter in its band."""
    detector: Efficiency
    """Efficiency of the detector."""
    dark_counts_per_s: NotNegative
    """Clicks of the detector in the dark."""
    window_ns: Positive
    """Window of one attempt in which a click counts."""
    filter_bandwidth_nm: Positive
    """Width of the band that passes."""
    field_of_view_urad: Positive
    """Full opening angle."""


class MemorySection(Section):
    """A memory with many modes."""

    modes: Annotated[int, Field(ge=1)]
    """M."""
    efficiency: Efficiency
    """Of writing and reading at this end."""
    overhead_us: NotNegative
    """T0 per attempt and mode, beside the travel of light."""


class TerminalSection(Section):
    """A telescope with what stands behind it. Without a memory a source sends both photons away."""

    description: str = ""
    """One sentence."""
    wavelength_nm: Annotated[float, Field(ge=200, le=5000, allow_inf_nan=False)]
    """Of the light that it sends and receives."""
    transmitter: TransmitterSection | None = None
    """What sends; needed on HAPs and satellites."""
    receiver: ReceiverSection | None = None
    """What receives; needed on the ground, and where light comes from another platform."""
    memory: MemorySection | None = None
    """Memories; needed on HAPs, and where heralded pairs are kept."""
    acquisition_s: NotNegative = 0.0
    """Slewing and acquisition that a contact loses at its beginning."""
