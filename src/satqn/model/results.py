"""What the protocol delivers to each pair of users: one row per pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MaskedFloats = np.ma.MaskedArray[Any, np.dtype[np.float64]]
MaskedInts = np.ma.MaskedArray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class PairResults:
    """Columns of equal length; a masked entry means that the way does not exist for that pair.

    Fidelities are those reached in the satellite's time per pair, rates those at the target fidelity.

    Parameters
    ----------
    a, b
        Node indices of the two ends.
    distance, fibre_length
        Great-circle distance and length of the shortest fibre path, m.
    satellite_rate
        Pairs per second of one satellite link straight between the two ends.
    fibre_fidelity, fibre_photon_repeaters, fibre_rate
        Fibre only; 0 photon repeaters is direct transmission.
    hybrid_fidelity, hybrid_rate
        Fibre to the nearest stations, satellite between them.
    satellite_fidelity, satellite_only_rate
        Satellite only: unmasked where both ends have a station (and, for the rate, where the
        target fidelity is reached).
    protocol_by_fidelity, protocol_by_rate
        The way chosen: ``fibre``, ``hybrid``, ``satellite`` or ``none``.
    protocol_fidelity, protocol_rate
        What the chosen way delivers.
    """

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    distance: NDArray[np.float64]
    fibre_length: NDArray[np.float64]
    satellite_rate: MaskedFloats
    fibre_fidelity: MaskedFloats
    fibre_photon_repeaters: MaskedInts
    fibre_rate: MaskedFloats
    hybrid_fidelity: MaskedFloats
    hybrid_rate: MaskedFloats
    satellite_fidelity: MaskedFloats
    satellite_only_rate: MaskedFloats
    protocol_by_fidelity: NDArray[np.str_]
    protocol_by_rate: NDArray[np.str_]
    protocol_fidelity: MaskedFloats
    protocol_rate: MaskedFloats

    def __len__(self) -> int:
        return len(self.a)
