"""The options of the hybrid protocol: every choice that the paper leaves open has a name here.

Two presets exist. ``published`` reproduces the figures of shao2025, artefacts included;
``physical`` (the default) is the corrected model. Every option can be set alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from satqn.model.shown import Shown

Preset = Literal["published", "physical"]


@dataclass(frozen=True, slots=True, repr=False)
class ProtocolOptions(Shown):
    """One value per open choice; the defaults are the ``physical`` preset.

    Parameters
    ----------
    node_set
        ``published`` leaves out Vermont and empty tracts; ``contiguous`` is every populated tract.
    arm_latency
        Time a photon-repeater attempt waits per arm of length l: ``one_way`` l/c or ``round_trip`` 2l/c.
    waiting_factor
        How much longer the slowest of N segments takes than one: ``power`` (3/2)^log2 N,
        ``harmonic`` H_N, ``exact`` the expected maximum of geometric variables.
    purification
        ``bbpssw`` (twirled to Werner states) or ``dejmps``.
    purified_state
        What a BBPSSW output is taken for when chained: ``phase_flip`` (the published relabelling)
        or ``werner`` (true). DEJMPS keeps phase flips, so the option has no effect there.
    placement
        ``greedy`` or ``optimal`` placement of photon and ion repeaters.
    segment_losses
        ``longer_arm``: the longer arm sets both losses; ``true_arms``: each arm its own.
    max_photon_repeaters
        Largest N tried in fidelity curves, or None.
    copies_above_table
        Above 1300 copies: ``shortcut`` (F = 1 for fidelity, skipped for rate) or ``exact``.
    hybrid_rate
        ``alice_only``: leg of A and satellite, one swap; ``both_legs``: both legs, both swaps.
    leg_direct_mode
        Direct transmission on a leg: ``single_link`` legs only, or ``any`` leg.
    shared_station
        Ends with the same nearest station: ``use_satellite`` all the same, or ``swap_legs``.
    long_links
        ``eight_pieces``: links > 61.7 km into 8 until none is left; ``halve``: halved until <= 30 km.
    shortest_time_s
        Smallest time per pair tried when a rate is sought, s, or None for no floor.
    diffraction
        ``far_field`` 2 a^2/w^2 or ``exact`` 1 - exp(-2 a^2/w^2).
    decoherence
        Dephasing in memory: ``restarted`` at every arrival or ``aged``, each pair by its own age.
    geo_position
        Geostationary satellite above the ``centre`` of the network (36 000 km) or above the
        ``equator`` at the best longitude (35 786 km).
    """

    node_set: Literal["published", "contiguous"] = "contiguous"
    arm_latency: Literal["one_way", "round_trip"] = "round_trip"
    waiting_factor: Literal["power", "harmonic", "exact"] = "exact"
    purification: Literal["bbpssw", "dejmps"] = "dejmps"
    purified_state: Literal["phase_flip", "werner"] = "werner"
    placement: Literal["greedy", "optimal"] = "optimal"
    segment_losses: Literal["longer_arm", "true_arms"] = "true_arms"
    max_photon_repeaters: int | None = None
    copies_above_table: Literal["shortcut", "exact"] = "exact"
    hybrid_rate: Literal["alice_only", "both_legs"] = "both_legs"
    leg_direct_mode: Literal["single_link", "any"] = "any"
    shared_station: Literal["use_satellite", "swap_legs"] = "swap_legs"
    long_links: Literal["eight_pieces", "halve"] = "halve"
    shortest_time_s: float | None = None
    diffraction: Literal["far_field", "exact"] = "exact"
    decoherence: Literal["restarted", "aged"] = "aged"
    geo_position: Literal["centre", "equator"] = "equator"


PHYSICAL = ProtocolOptions()
"""The corrected model: the default of every command."""

PUBLISHED = ProtocolOptions(
    node_set="published",
    arm_latency="one_way",
    waiting_factor="power",
    purification="bbpssw",
    purified_state="phase_flip",
    placement="greedy",
    segment_losses="longer_arm",
    max_photon_repeaters=25,
    copies_above_table="shortcut",
    hybrid_rate="alice_only",
    leg_direct_mode="single_link",
    shared_station="use_satellite",
    long_links="eight_pieces",
    shortest_time_s=1e-3,
    diffraction="far_field",
    decoherence="restarted",
    geo_position="centre",
)
"""The choices behind the figures of shao2025, artefacts included."""

PRESETS: dict[str, ProtocolOptions] = {"published": PUBLISHED, "physical": PHYSICAL}
