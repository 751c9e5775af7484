"""What is made over lines of sight at instants: pairs between memories, and pairs sent down to two places."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from satqn.errors import InputError
from satqn.physics.generation import Generation, dual_downlink, one_sided
from satqn.scenario.hardware import MemorySection, TransmitterSection
from satqn.topology.bodies import Body, Stage
from satqn.topology.lines import Light, columns, light
from satqn.units import MICROSECONDS_IN_A_SECOND, NANOMETRES_IN_A_METRE

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def heralded(stage: Stage, a: ArrayLike, b: ArrayLike, seconds: ArrayLike) -> tuple[Generation, Light]:
    """Return the pairs between memories of bodies, made at ``a`` and heralded at ``b``.

    Parameters as in :func:`light`.

    Notes
    -----
    Generation kind ``one_sided`` of the specification of links, section 2: the memory of ``a`` sets the
    attempts, both memories store.
    """
    senders, receivers, times = columns(a, b, seconds)

    def memory(body: Body) -> MemorySection:
        if body.terminal is None or body.terminal.memory is None:
            raise InputError(f"no memory at {body.id}", why="A heralded pair waits in memories")
        return body.terminal.memory

    modes = _each(stage, senders, lambda body: memory(body).modes)
    efficiency = _each(stage, senders, lambda body: memory(body).efficiency)
    efficiency = efficiency * _each(stage, receivers, lambda body: memory(body).efficiency)
    overhead_us = _each(stage, senders, lambda body: memory(body).overhead_us)
    found = light(stage, senders, receivers, times)
    window = _each(stage, receivers, _window)
    made = one_sided(
        found.transmittance,
        found.range,
        source_rate=_each(stage, senders, lambda body: _transmitter(body).source_pairs_per_s),
        memory_modes=modes,
        memory_efficiency=efficiency,
        overhead=overhead_us / MICROSECONDS_IN_A_SECOND,
        fidelity=_each(stage, senders, lambda body: _transmitter(body).source_fidelity),
        noise_per_window=np.minimum(found.noise_rate * window, 1.0),
    )
    return made, found


def sent_down(
    stage: Stage, satellite: ArrayLike, a: ArrayLike, b: ArrayLike, seconds: ArrayLike
) -> tuple[Generation, Light, Light]:
    """Return the pairs that sources without memory send to two bodies at once.

    Parameters
    ----------
    stage
        The bodies.
    satellite, a, b, seconds
        Shape (n,) or single. A way from a satellite to a body at one instant is evaluated once, however
        many pairs it serves.

    Notes
    -----
    Generation kind ``dual_downlink`` (shao2025, eq. 9); the window is that of the coarser receiver.
    """
    sources, first, times = columns(satellite, a, seconds)
    _, second, _ = columns(satellite, b, seconds)
    who, below, when = np.tile(sources, 2), np.concatenate([first, second]), np.tile(times, 2)
    order = np.lexsort((when, below, who))
    new = np.ones(order.size, dtype=bool)
    new[1:] = np.any(np.diff(np.stack([who, below, when])[:, order]) != 0.0, axis=0)
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    once = order[new]
    shared = light(stage, who[once], below[once], when[once])
    legs = [
        Light(shared.range[leg], shared.transmittance[leg], shared.noise_rate[leg])
        for leg in place.reshape(2, -1)
    ]
    made = dual_downlink(
        legs[0].transmittance,
        legs[1].transmittance,
        source_rate=_each(stage, sources, lambda body: _transmitter(body).source_pairs_per_s),
        fidelity=_each(stage, sources, lambda body: _transmitter(body).source_fidelity),
        noise_rate_a=legs[0].noise_rate,
        noise_rate_b=legs[1].noise_rate,
        window=np.maximum(_each(stage, first, _window), _each(stage, second, _window)),
    )
    return made, legs[0], legs[1]


def _each(stage: Stage, numbers: IntArray, number_of: Callable[[Body], float]) -> FloatArray:
    """Return a number of every body, shape (n,)."""
    who, back = np.unique(numbers, return_inverse=True)
    return np.asarray(np.array([number_of(stage.bodies[i]) for i in who], dtype=float)[back])


def _transmitter(body: Body) -> TransmitterSection:
    if body.terminal is None or body.terminal.transmitter is None:
        raise InputError(f"{body.id} has no transmitter", fix="Give its terminal one")
    return body.terminal.transmitter


def _window(body: Body) -> float:
    """Return the window of one attempt at a receiver, s."""
    if body.terminal is None or body.terminal.receiver is None:
        raise InputError(f"{body.id} has no receiver", fix="Give its terminal one")
    return body.terminal.receiver.window_ns / NANOMETRES_IN_A_METRE
