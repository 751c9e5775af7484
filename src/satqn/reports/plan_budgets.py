"""Loss budgets: one link of each kind at its best moment, factor by factor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from satqn.model.timeline import BodyKind, LinkState
from satqn.orbits.visibility import sight
from satqn.sightline import Sightline
from satqn.topology.bodies import Stage
from satqn.topology.fibres import fibre_chosen
from satqn.topology.lines import downlink
from satqn.topology.making import heralded, sent_down
from satqn.units import KM, to_db

FloatArray = NDArray[np.float64]

SAMPLES = 121
"""Moments of a slot among which the best one is sought."""

_NAMES: dict[BodyKind, str] = {"base_station": "station", "aerial": "HAP", "satellite": "satellite"}


@dataclass(frozen=True, slots=True)
class Budget:
    """The loss of light on its way from one body to another at a moment.

    Parameters
    ----------
    title
        Kind of the link and its ends.
    seconds
        After the start of the plan.
    range_km
        Distance.
    factors_db
        Losses by name, in the order of the light, dB.
    noise_per_s
        Clicks that no signal makes.
    rate_per_s, fidelity
        Of the pairs that the link makes at that moment.
    """

    title: str
    seconds: float
    range_km: float
    factors_db: dict[str, float]
    noise_per_s: float
    rate_per_s: float
    fidelity: float

    @property
    def total_db(self) -> float:
        """All losses together."""
        return sum(self.factors_db.values())


@dataclass(frozen=True, slots=True)
class FibreBudget:
    """The fastest fibre of a plan.

    Parameters
    ----------
    a, b
        Its ends.
    length_km
        Length.
    loss_db
        Attenuation over all of its length.
    repeaters
        Photon repeaters on it, 0 for none.
    rate_per_s, fidelity
        Of its pairs.
    """

    a: str
    b: str
    length_km: float
    loss_db: float
    repeaters: int
    rate_per_s: float
    fidelity: float


def fibre_budget(stage: Stage, state: LinkState) -> FibreBudget | None:
    """Return the fastest fibre; None where no fibre delivers any pairs."""
    fibres = [e for e, making in enumerate(state.making) if making == "fibre_chain"]
    if not fibres:
        return None
    e = max(fibres, key=lambda column: float(state.rate[0, column]))
    length = float(state.length[e])
    repeaters, rate, fidelity = fibre_chosen(stage.scenario, length)
    loss = stage.scenario.fibre.hardware.attenuation_db_per_km * length / KM
    return FibreBudget(state.a[e], state.b[e], length / KM, loss, repeaters, rate, fidelity)


def budgets(stage: Stage, state: LinkState) -> list[Budget]:
    """Return the budget of the fastest link of every kind through free space, at its best moment.

    Parameters
    ----------
    stage, state
        Who, and what the links deliver; the fastest slot of a kind is that of ``state``.

    Notes
    -----
    A dual downlink has two lines of sight and gives two budgets.
    """
    number = {body.id: n for n, body in enumerate(stage.bodies)}
    found: list[Budget] = []
    for e, slot in _fastest(stage, state):
        if state.making[e] == "dual_downlink":
            ends = [str(state.via[slot, e]), state.a[e], state.b[e]]
        else:
            ends = [state.a[e], state.b[e]]
        found += _best_moment(stage, [number[name] for name in ends], slot)
    return found


def _fastest(stage: Stage, state: LinkState) -> Iterator[tuple[int, int]]:
    """Yield column and slot of the fastest link of every kind that is not fibre."""
    kind = {body.id: body.kind for body in stage.bodies}
    kinds = [(making, kind[a], kind[b]) for making, a, b in zip(state.making, state.a, state.b, strict=True)]
    for each in dict.fromkeys(kinds):
        if each[0] != "fibre_chain":
            columns = [e for e, its in enumerate(kinds) if its == each]
            slot, place = np.unravel_index(
                int(np.argmax(state.rate[:, columns])), (state.slots, len(columns))
            )
            yield columns[int(place)], int(slot)


def _best_moment(stage: Stage, ends: list[int], slot: int) -> list[Budget]:
    sender, *receivers = ends
    length = stage.timeline.slot
    moments = (slot + np.linspace(0.0, 1.0, SAMPLES)) * length
    clear = np.ones(SAMPLES, dtype=bool)
    for receiver in receivers:
        line = Sightline.between(
            stage.position(sender, moments), stage.position(receiver, moments), stage.earth
        )
        clear &= np.asarray(sight(line, stage.rules).visible)
    if not np.any(clear):
        return []  # a contact shorter than the samples are apart
    moments = moments[clear]
    if len(receivers) == 2:
        made, _, _ = sent_down(stage, sender, receivers[0], receivers[1], moments)
    else:
        made, _ = heralded(stage, sender, receivers[0], moments)
    rate, fidelity = np.asarray(made.rate), np.asarray(made.fidelity)
    best = int(np.argmax(rate))
    found = []
    for receiver in receivers:
        light = downlink(stage, sender, receiver, moments[best : best + 1])
        found.append(
            Budget(
                title=_title(stage, sender, receiver, dual=len(receivers) == 2),
                seconds=float(moments[best]),
                range_km=float(light.range[0]) / KM,
                factors_db={name: float(to_db(factor[0])) for name, factor in light.factors.items()},
                noise_per_s=float(light.noise_rate[0]),
                rate_per_s=float(rate[best]),
                fidelity=float(fidelity[best]),
            )
        )
    return found


def _title(stage: Stage, sender: int, receiver: int, *, dual: bool) -> str:
    one, other = stage.bodies[sender], stage.bodies[receiver]
    kind = f"{_NAMES[one.kind]} to {_NAMES[other.kind]}" + (", both photons sent" if dual else "")
    return f"{kind}: {one.id} → {other.id}"
