"""Means over slots of what changes within them, by quadrature that halves where it must."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.model.shown import Shown
from satqn.model.timeline import Timeline
from satqn.physics.generation import Generation
from satqn.topology.sight import View

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Progress = Callable[[int, int], None]
Sample = Callable[[IntArray, FloatArray], tuple[Generation, FloatArray]]
"""Numbers of views and seconds in, shape (n,); what is made and the distance of the ends out."""

TOLERANCE = 2e-4
"""Share by which a span and its halves may differ; the specification of links asks for 1 % of a slot."""

MOST_HALVINGS = 8
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)

_AT_ONCE = 20_000
"""Spans that are evaluated together: some 100 MB of intermediate columns."""


@dataclass(frozen=True, slots=True, repr=False)
class SlotMeans(Shown):
    """What every view delivers in every slot; tables of shape (views, slots).

    Parameters
    ----------
    rate
        Mean over the slot, pairs per second.
    good
        Mean of rate times fidelity.
    up
        Share of the slot in which the view lasts.
    nearest
        Shortest distance met, m, shape (views,); infinite for a view outside all slots.
    """

    rate: FloatArray
    good: FloatArray
    up: FloatArray
    nearest: FloatArray


def slot_means(
    timeline: Timeline, views: Sequence[View], sample: Sample, progress: Progress | None = None
) -> SlotMeans:
    """Return the means over all slots of what views deliver.

    Parameters
    ----------
    timeline
        The slots.
    views
        When each is up.
    sample
        What views deliver at given times.
    progress
        Called with spans done and all, as far as they are known: those that are halved are more.

    Notes
    -----
    Six Gauss-Legendre points on every span of sight within a slot and on either of its halves; where the
    pairs, or the pairs times fidelity, of both ways differ by more than ``TOLERANCE``, the halves are spans
    in turn. A step inside a span, as the noise makes at sunrise, is closed in to 1/256 of it.
    """
    table = (len(views), timeline.slots)
    made, good, up = np.zeros(table), np.zeros(table), np.zeros(table)
    owner, slot, begin, end = spans(views, timeline)
    np.add.at(up, (owner, slot), end - begin)
    shown = _Shown(progress, 3 * owner.size)
    pairs, bright, distance = _integrals(sample, owner, begin, end, shown)
    nearest = np.full(len(views), np.inf)
    np.minimum.at(nearest, owner, distance)
    for halving in range(1, MOST_HALVINGS + 1):
        if not owner.size:
            break
        middle = (begin + end) / 2.0
        owners, slots = np.repeat(owner, 2), np.repeat(slot, 2)
        begins, ends = np.stack([begin, middle], axis=1).ravel(), np.stack([middle, end], axis=1).ravel()
        halves, shining, distance = _integrals(sample, owners, begins, ends, shown)
        np.minimum.at(nearest, owners, distance)
        both, light = halves.reshape(-1, 2).sum(axis=1), shining.reshape(-1, 2).sum(axis=1)
        apart = np.maximum(np.abs(both - pairs), np.abs(light - bright))
        done = (apart <= TOLERANCE * both) | (halving == MOST_HALVINGS)
        np.add.at(made, (owner[done], slot[done]), both[done])
        np.add.at(good, (owner[done], slot[done]), light[done])
        again = np.repeat(~done, 2)
        owner, slot, begin, end = owners[again], slots[again], begins[again], ends[again]
        pairs, bright = halves[again], shining[again]
    return SlotMeans(made / timeline.slot, good / timeline.slot, up / timeline.slot, nearest)


class _Shown:
    """Tells how many spans are done; spans that are halved again do not move the end."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def more(self, spans: int) -> None:
        """Count more spans."""
        self.done = min(self.done + spans, self.total)
        if self.progress is not None:
            self.progress(self.done, self.total)


def spans(views: Sequence[View], timeline: Timeline) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return the spans of all views cut at the ends of slots: number of the view, slot, begin and end."""
    count = [view.begin.size for view in views]
    owner = np.repeat(np.arange(len(views)), count)
    begin = np.concatenate([np.empty(0), *(view.begin for view in views)])
    end = np.concatenate([np.empty(0), *(view.end for view in views)])
    length = timeline.slot
    first = np.clip(np.floor(begin / length), 0, timeline.slots).astype(np.int64)
    last = np.clip(np.ceil(end / length), 0, timeline.slots).astype(np.int64)
    pieces = np.maximum(last - first, 0)
    which = np.repeat(np.arange(owner.size), pieces)
    slot = np.arange(which.size) - np.repeat(np.cumsum(pieces) - pieces, pieces) + first[which]
    left, right = np.maximum(begin[which], slot * length), np.minimum(end[which], (slot + 1) * length)
    kept = right > left
    return owner[which][kept], slot[kept], left[kept], right[kept]


def _integrals(
    sample: Sample, owner: IntArray, begin: FloatArray, end: FloatArray, shown: _Shown
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return pairs, pairs times fidelity, and the shortest distance met, of every span."""
    found = np.empty((3, owner.size))
    for first in range(0, owner.size, _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        half, middle = (end[some] - begin[some])[:, None] / 2.0, (end[some] + begin[some])[:, None] / 2.0
        made, distance = sample(np.repeat(owner[some], _NODES.size), (middle + half * _NODES).ravel())
        rate = np.asarray(made.rate).reshape(half.size, -1)
        pairs = rate * (half * _WEIGHTS)
        found[0, some] = pairs.sum(axis=1)
        found[1, some] = (pairs * np.asarray(made.fidelity).reshape(half.size, -1)).sum(axis=1)
        found[2, some] = distance.reshape(half.size, -1).min(axis=1)
        shown.more(half.size)
    return found[0], found[1], found[2]
