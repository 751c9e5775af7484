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
    pointing_jitter_urad: NotNegative
    """Standard deviation of the pointing error on each axis."""
    optics: Efficiency
    source_pairs_per_s: Positive
    """R_src."""
    source_fidelity: Fidelity
    """Of a pair as it is made."""


class ReceiverSection(Section):
    """What catches a photon and brings it to a detector or a memory."""

    radius_m: Annotated[float, Field(gt=0, le=20, allow_inf_nan=False)]
    obscuration_radius_m: NotNegative = 0.0
    optics: Efficiency
    fibre_coupling: Efficiency
    spectral_filter: Efficiency
    detector: Efficiency
    dark_counts_per_s: NotNegative
    window_ns: Positive
    """Window of one attempt in which a click counts."""
    filter_bandwidth_nm: Positive
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
    wavelength_nm: Annotated[float, Field(ge=200, le=5000, allow_inf_nan=False)]
    transmitter: TransmitterSection | None = None
    receiver: ReceiverSection | None = None
    memory: MemorySection | None = None
    acquisition_s: NotNegative = 0.0
    """Slewing and acquisition that a contact loses at its beginning."""
