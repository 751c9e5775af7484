"""Conversions between the units of files and tables and the SI units used inside.

Inside satqn a name without a suffix is SI; every other unit stands in the name (``length_km``,
``zenith_deg``). Loss in decibels is positive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

KM = 1_000.0
"""Metres in a kilometre."""
MICROSECONDS_IN_A_SECOND = 1e6
"""Divide by it: 810 / 1e9 is exactly the float 8.1e-7, 810 * 1e-9 is not."""
NANOMETRES_IN_A_METRE = 1e9
"""Divide by it."""


def to_db(transmittance: ArrayLike) -> NDArray[np.float64]:
    """Return the loss of a transmittance in dB, positive for a loss.

    Parameters
    ----------
    transmittance
        Power ratio in [0, 1]; 0 gives ``inf``.

    Examples
    --------
    >>> float(to_db(0.1))
    10.0
    """
    with np.errstate(divide="ignore"):
        return np.asarray(-10.0 * np.log10(np.asarray(transmittance, dtype=float)) + 0.0)


def from_db(loss_db: ArrayLike) -> NDArray[np.float64]:
    """Return the transmittance of a loss in dB (a positive number is a loss).

    Examples
    --------
    >>> float(from_db(10.0))
    0.1
    """
    return np.asarray(10.0 ** (-np.asarray(loss_db, dtype=float) / 10.0))
