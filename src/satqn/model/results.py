"""What the protocol delivers to each pair of users: one row per pair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from satqn.extras import need
from satqn.model.network import Network
from satqn.model.shown import Shown

MaskedFloats = np.ma.MaskedArray[Any, np.dtype[np.float64]]
MaskedInts = np.ma.MaskedArray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, repr=False)
class PairResults(Shown):
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

    def _shown(self) -> dict[str, Any]:
        ways, counts = np.unique(self.protocol_by_rate, return_counts=True)
        return {
            "pairs": len(self),
            "protocol_by_rate": dict(zip(ways.tolist(), counts.tolist(), strict=True)),
        }

    def to_pandas(self, network: Network | None = None) -> Any:
        """Return the results as a ``pandas.DataFrame``: one row per pair, columns as ``evaluate`` writes.

        Parameters
        ----------
        network
            Its node ids name the ends (``node_a``, ``node_b``); without it they are node indices.

        Raises
        ------
        InputError
            pandas is not installed.
        """
        pandas = need("pandas")
        columns = {name: get(self) for name, get in COLUMNS}
        return pandas.DataFrame(self._ends(network) | {name: _absent(c) for name, c in columns.items()})

    def to_xarray(self, network: Network | None = None) -> Any:
        """Return the results as an ``xarray.Dataset`` along ``pair`` with units; NaN where there is none.

        Parameters
        ----------
        network
            Its node ids name the ends (``node_a``, ``node_b``); without it they are node indices.

        Raises
        ------
        InputError
            xarray is not installed.
        """
        xarray = need("xarray")
        ends = {name: ("pair", column) for name, column in self._ends(network).items()}
        return xarray.Dataset(
            {name: ("pair", _with_nan(get(self)), _unit(name)) for name, get in COLUMNS},
            coords=ends,
            attrs={"title": "Fibre, satellite and hybrid protocol by pair of users", "source": "satqn"},
        )

    def _ends(self, network: Network | None) -> dict[str, Any]:
        if network is None:
            return {"node_a": self.a, "node_b": self.b}
        ids = network.nodes.ids.astype(object)
        return {"node_a": ids[self.a], "node_b": ids[self.b]}


COLUMNS: tuple[tuple[str, Callable[[PairResults], Any]], ...] = (
    ("distance_km", lambda r: r.distance / 1e3),
    ("fibre_km", lambda r: r.fibre_length / 1e3),
    ("satellite_rate_per_s", lambda r: r.satellite_rate),
    ("fibre_fidelity", lambda r: r.fibre_fidelity),
    ("fibre_photon_repeaters", lambda r: r.fibre_photon_repeaters),
    ("fibre_rate_per_s", lambda r: r.fibre_rate),
    ("hybrid_fidelity", lambda r: r.hybrid_fidelity),
    ("hybrid_rate_per_s", lambda r: r.hybrid_rate),
    ("protocol_by_fidelity", lambda r: r.protocol_by_fidelity),
    ("protocol_by_rate", lambda r: r.protocol_by_rate),
    ("satellite_only_fidelity", lambda r: r.satellite_fidelity),
    ("satellite_only_rate_per_s", lambda r: r.satellite_only_rate),
    ("protocol_fidelity", lambda r: r.protocol_fidelity),
    ("protocol_rate_per_s", lambda r: r.protocol_rate),
)
"""The columns of tables after the two ends; the first ten are the contract of ``satqn evaluate``."""

_UNITS = {"_km": "km", "_per_s": "s-1", "_fidelity": "1", "_repeaters": "1"}


def _unit(name: str) -> dict[str, str]:
    return next(({"units": unit} for end, unit in _UNITS.items() if name.endswith(end)), {})


def _absent(column: Any) -> Any:
    """Return a column for pandas: masked whole numbers stay whole, with NA; masked floats become NaN."""
    if isinstance(column, np.ma.MaskedArray) and column.dtype.kind == "i":
        return need("pandas").array(np.ma.filled(column.astype(object), None), dtype="Int64")
    return _with_nan(column)


def _with_nan(column: Any) -> Any:
    if isinstance(column, np.ma.MaskedArray):
        return np.ma.filled(column.astype(float), np.nan)
    return column.astype(object) if column.dtype.kind == "U" else column
