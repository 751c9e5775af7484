"""Contacts the slow way: the elevation at every fine step, no skipping, no interpolation of the track."""

from __future__ import annotations

import numpy as np

from satqn.earth import WGS84
from satqn.sightline import Sightline


def contacts(positions, seconds, site, least_elevation):
    """Return (rise, culmination, set, highest elevation, range there) of one satellite and one site.

    ``positions`` at fine, equal steps, shape (T, 3); crossings are linear between two steps.
    """
    line = Sightline.between(np.broadcast_to(site, positions.shape), positions, WGS84)
    elevation = line.elevation()
    up = elevation >= least_elevation
    edges = np.flatnonzero(np.diff(up.astype(int)))
    crossings = [
        seconds[k]
        + (least_elevation - elevation[k]) / (elevation[k + 1] - elevation[k]) * (seconds[k + 1] - seconds[k])
        for k in edges
    ]
    if up[0]:
        crossings.insert(0, seconds[0])
    if up[-1]:
        crossings.append(seconds[-1])
    found = []
    for rise, setting in zip(crossings[::2], crossings[1::2], strict=True):
        within = np.flatnonzero((seconds >= rise) & (seconds <= setting))
        best = within[np.argmax(elevation[within])]
        found.append((rise, seconds[best], setting, elevation[best], float(line.length[best])))
    return found
