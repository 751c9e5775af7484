"""Swaps and purification with noisy gates and wrong readings on density matrices of four qubits."""

from __future__ import annotations

import itertools

import numpy as np
from tests.oracles.density_matrix import (
    I2,
    PAULIS,
    X,
    Z,
    cnot,
    density,
    keep,
    kron,
    project,
    weights,
)

H = np.array([[1, 1], [1, -1]], dtype=complex) * np.sqrt(0.5)


def noisy(rho, first, second, probability):
    """Replace two of four qubits by white noise: the mean over all sixteen Pauli products."""
    mixed = np.zeros_like(rho)
    for a, b in itertools.product(PAULIS, repeat=2):
        factors = [I2] * 4
        factors[first], factors[second] = a, b
        error = kron(*factors)
        mixed += error @ rho @ error.conj().T / 16
    return (1 - probability) * rho + probability * mixed


def swap(left, right, gate_noise, readout_error):
    """CNOT and H on the inner qubits, noise, two readings that may be wrong, corrections as they were read."""
    rho = np.kron(density(left), density(right))
    gate = kron(I2, H, I2, I2) @ cnot(1, 2)
    rho = noisy(gate @ rho @ gate.conj().T, 1, 2, gate_noise)
    outer = np.zeros((4, 4), dtype=complex)
    for phase, flip in itertools.product((0, 1), repeat=2):
        bra = np.kron(np.eye(2)[phase], np.eye(2)[flip])
        left_over = project(rho, bra, (1, 2))
        for wrong_phase, wrong_flip in itertools.product((0, 1), repeat=2):
            chance = np.prod(
                [readout_error if wrong else 1 - readout_error for wrong in (wrong_phase, wrong_flip)]
            )
            fix = np.linalg.matrix_power(Z, phase ^ wrong_phase) @ np.linalg.matrix_power(
                X, flip ^ wrong_flip
            )
            both = np.kron(I2, fix)
            outer += chance * both @ left_over @ both.conj().T
    return weights(outer)


def purify(first, second, rotate, gate_noise, readout_error):
    """Return (success probability, weights): bilateral CNOTs, noise at each end, equal readings kept."""
    rho = np.kron(density(first), density(second))
    if rotate:
        alice = (I2 - 1j * X) * np.sqrt(0.5)
        turn = kron(alice, alice.conj().T, alice, alice.conj().T)
        rho = turn @ rho @ turn.conj().T
    both = cnot(1, 3) @ cnot(0, 2)
    rho = noisy(noisy(both @ rho @ both.conj().T, 0, 2, gate_noise), 1, 3, gate_noise)
    kept = np.zeros_like(rho)
    for a, b in itertools.product((0, 1), repeat=2):
        seen_equal = sum(
            (readout_error if x else 1 - readout_error) * (readout_error if y else 1 - readout_error)
            for x, y in itertools.product((0, 1), repeat=2)
            if a ^ x == b ^ y
        )
        outcome = kron(I2, I2, np.diag(np.eye(2)[a]), np.diag(np.eye(2)[b])).astype(complex)
        kept += seen_equal * outcome @ rho @ outcome
    success = np.trace(kept).real
    return success, weights(keep(kept, 0, 1) / success)


def twirled(state):
    rest = (1 - state[0]) / 3
    return np.array([state[0], rest, rest, rest])
