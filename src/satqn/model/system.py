"""The hybrid system: everything that the protocol needs to know, resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.model.hardware import FibreHardware, SatelliteHardware
from satqn.model.network import Network
from satqn.model.options import ProtocolOptions
from satqn.model.shown import Shown


@dataclass(frozen=True, slots=True, repr=False)
class HybridSystem(Shown):
    """A fibre network, its ground stations, one satellite, the hardware and the options.

    Parameters
    ----------
    network
        The fibre network after splitting of long links.
    stations
        Node indices of the ground stations, sorted, unique.
    fibre, satellite
        Hardware, SI.
    subpoint_lat_deg, subpoint_lon_deg
        Point of the Earth below the satellite.
    options
        One value per open choice.
    target_fidelity
        Fidelity at which rates are compared, in (0.5, 1).
    memory_time
        Dephasing time tau of a stored qubit, s; None for perfect memories.
    """

    network: Network
    stations: NDArray[np.int64]
    fibre: FibreHardware
    satellite: SatelliteHardware
    subpoint_lat_deg: float
    subpoint_lon_deg: float
    options: ProtocolOptions
    target_fidelity: float = 0.87
    memory_time: float | None = None

    def _shown(self) -> dict[str, Any]:
        return {
            "nodes": len(self.network),
            "links": len(self.network.links),
            "stations": len(self.stations),
            "target_fidelity": self.target_fidelity,
            "memory_time": self.memory_time,
        }
