"""Contacts of satellites with fixed sites: when they rise, culminate and set, from samples of their tracks.

A track is sampled at equal steps with one sample more at either end. Between samples a position is the cubic
through the four nearest ones. A site is seen below the mask as long as the angle from its vertical to the
satellite, at the Earth's centre, is above a bound; as that angle changes by at most ``turn`` a step, whole
runs of steps are skipped: the work hardly grows with the number of steps.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from satqn.kernels.compiled import njit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


@njit(cache=True)
def _sine(track: FloatArray, at: float, site: FloatArray, up: FloatArray) -> tuple[float, float]:
    """Return the sine of the elevation and the range at a fractional sample ``at``, in [1, K - 2]."""
    k = min(int(at), track.shape[0] - 3)
    u = at - k
    a = -u * (u - 1.0) * (u - 2.0) / 6.0
    b = (u + 1.0) * (u - 1.0) * (u - 2.0) / 2.0
    c = -(u + 1.0) * u * (u - 2.0) / 2.0
    d = (u + 1.0) * u * (u - 1.0) / 6.0
    rise, square = 0.0, 0.0
    for j in range(3):
        p = a * track[k - 1, j] + b * track[k, j] + c * track[k + 1, j] + d * track[k + 2, j] - site[j]
        rise += p * up[j]
        square += p * p
    distance = math.sqrt(square)
    return rise / distance, distance


@njit(cache=True)
def _crossing(
    track: FloatArray, low: float, high: float, site: FloatArray, up: FloatArray, mask: float
) -> float:
    """Return where the sine of the elevation passes ``mask`` between two places of opposite sides."""
    f_low, f_high = _sine(track, low, site, up)[0] - mask, _sine(track, high, site, up)[0] - mask
    kept = 0  # the end that stayed in the last step: twice in a row and its weight is halved (Illinois)
    for _ in range(60):
        at = (low * f_high - high * f_low) / (f_high - f_low)
        f = _sine(track, at, site, up)[0] - mask
        if abs(f) < 1e-13 or high - low < 1e-10:
            return at
        if (f < 0.0) == (f_low < 0.0):
            low, f_low = at, f
            f_high *= 0.5 if kept == 1 else 1.0
            kept = 1
        else:
            high, f_high = at, f
            f_low *= 0.5 if kept == -1 else 1.0
            kept = -1
    return 0.5 * (low + high)


@njit(cache=True)
def _highest(track: FloatArray, low: float, high: float, site: FloatArray, up: FloatArray) -> float:
    """Return where the elevation is largest in [low, high], in which it has one maximum."""
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    f_left, f_right = _sine(track, left, site, up)[0], _sine(track, right, site, up)[0]
    while high - low > 1e-6:
        if f_left < f_right:
            low, left, f_left = left, right, f_right
            right = low + _GOLDEN * (high - low)
            f_right = _sine(track, right, site, up)[0]
        else:
            high, right, f_right = right, left, f_left
            left = high - _GOLDEN * (high - low)
            f_left = _sine(track, left, site, up)[0]
    return 0.5 * (low + high)


@njit(cache=True)
def _sample_sine(track: FloatArray, k: int, site: FloatArray, up: FloatArray) -> float:
    x, y, z = track[k, 0] - site[0], track[k, 1] - site[1], track[k, 2] - site[2]
    rise: float = (x * up[0] + y * up[1] + z * up[2]) / math.sqrt(x * x + y * y + z * z)
    return rise


@njit(cache=True)
def _farthest_turn(track: FloatArray) -> tuple[float, float]:
    """Return the largest distance from the centre and the largest angle between two samples."""
    top, turn = 0.0, 0.0
    for k in range(track.shape[0]):
        r = math.sqrt(track[k, 0] ** 2 + track[k, 1] ** 2 + track[k, 2] ** 2)
        top = max(top, r)
        if k > 0:
            x = track[k, 1] * track[k - 1, 2] - track[k, 2] * track[k - 1, 1]
            y = track[k, 2] * track[k - 1, 0] - track[k, 0] * track[k - 1, 2]
            z = track[k, 0] * track[k - 1, 1] - track[k, 1] * track[k - 1, 0]
            inner = (
                track[k, 0] * track[k - 1, 0] + track[k, 1] * track[k - 1, 1] + track[k, 2] * track[k - 1, 2]
            )
            turn = max(turn, math.atan2(math.sqrt(x * x + y * y + z * z), inner))
    return top, turn


@njit(cache=True)
def largest_turn(tracks: FloatArray) -> float:
    """Return the largest angle, rad, by which a satellite moves about the centre from sample to sample."""
    turn = 0.0
    for i in range(tracks.shape[0]):
        turn = max(turn, _farthest_turn(tracks[i])[1])
    return turn


@njit(cache=True)
def site_contacts(
    tracks: FloatArray, sites: FloatArray, ups: FloatArray, masks: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Return the contacts of satellites with sites.

    Parameters
    ----------
    tracks
        Earth-fixed positions, m, shape (n, K, 3): samples 1 to K - 2 span the time asked for.
    sites, ups
        Positions (m) and unit vectors of the vertical, shape (S, 3).
    masks
        Least elevation, rad, shape (S,).

    Returns
    -------
    numbers
        Satellite, site, and 1 if already risen at the start plus 2 if not yet set at the end; shape (c, 3).
    values
        Rise, culmination and set in samples, sine of the highest elevation, range there (m); shape (c, 5).
    """
    numbers = np.empty((256, 3), dtype=np.int64)
    values = np.empty((256, 5))
    count = 0
    last = tracks.shape[1] - 2
    for i in range(tracks.shape[0]):
        track = tracks[i]
        top, turn = _farthest_turn(track)
        turn = 1.01 * turn + 1e-12  # between samples a little more; some satellites do not move at all
        for s in range(sites.shape[0]):
            site, up, mask = sites[s], ups[s], math.sin(masks[s])
            height = site[0] * up[0] + site[1] * up[1] + site[2] * up[2]
            aside = math.sqrt(max(site[0] ** 2 + site[1] ** 2 + site[2] ** 2 - height * height, 0.0))
            # On a sphere the satellite is below the mask beyond this angle; the site lies up to 21 km
            # beside the vertical line through the centre, which can add as much on either end.
            edge = math.acos(min(1.0, height * math.cos(masks[s]) / (top + aside))) - masks[s]
            edge += 2.0 * aside / height + 1e-9
            k = 1
            inside = _sample_sine(track, 1, site, up) >= mask
            rise, flags, best = 1.0, 1 if inside else 0, 1
            best_sine = _sample_sine(track, 1, site, up) if inside else -2.0
            while k < last:
                if not inside:
                    x, y, z = track[k, 0], track[k, 1], track[k, 2]
                    cosine = (x * up[0] + y * up[1] + z * up[2]) / math.sqrt(x * x + y * y + z * z)
                    gap = math.acos(max(-1.0, min(1.0, cosine))) - edge
                    if gap > turn:
                        k += int(gap / turn)
                        continue
                sine = _sample_sine(track, k + 1, site, up)
                begin, end = -1.0, -1.0
                if inside:
                    if sine > best_sine:
                        best, best_sine = k + 1, sine
                    if sine < mask:
                        begin, end = rise, _crossing(track, k, k + 1.0, site, up, mask)
                        inside = False
                elif sine >= mask:
                    rise = _crossing(track, k, k + 1.0, site, up, mask)
                    inside, flags, best, best_sine = True, 0, k + 1, sine
                elif (
                    _sine(track, k + 1e-3, site, up)[0] > _sample_sine(track, k, site, up)
                    and _sine(track, k + 0.999, site, up)[0] > sine
                ):  # it culminates between two samples that are both below the mask
                    peak = _highest(track, k, k + 1.0, site, up)
                    if _sine(track, peak, site, up)[0] > mask:
                        begin = _crossing(track, k, peak, site, up, mask)
                        end = _crossing(track, peak, k + 1.0, site, up, mask)
                        best, flags = k, 0
                k += 1
                if inside and k == last:
                    begin, end, flags = rise, float(last), flags + 2
                if begin >= 0.0:
                    if count == numbers.shape[0]:
                        numbers = np.concatenate((numbers, np.empty_like(numbers)))
                        values = np.concatenate((values, np.empty_like(values)))
                    peak = _highest(track, max(begin, best - 1.0), min(end, best + 1.0), site, up)
                    numbers[count, 0], numbers[count, 1], numbers[count, 2] = i, s, flags
                    values[count, 0], values[count, 1], values[count, 2] = begin, peak, end
                    values[count, 3], values[count, 4] = _sine(track, peak, site, up)
                    count += 1
    return numbers[:count].copy(), values[:count].copy()
