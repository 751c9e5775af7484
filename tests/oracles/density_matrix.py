"""Swaps, noise and purification on full density matrices of four qubits: slow, and obviously right.

Two pairs live on the qubits (a1, b1) and (a2, b2), in this order; a pair alone is a 4x4 matrix.
"""

from __future__ import annotations

import numpy as np

I2 = np.eye(2, dtype=complex)
X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]], dtype=complex)
Z = np.array([[1, 0], [0, -1]], dtype=complex)
PAULIS = (I2, X, Y, Z)

_R = np.sqrt(0.5)
BELL_STATES = np.array(  # Phi+, Phi-, Psi+, Psi-, as rows over |00>, |01>, |10>, |11>
    [[_R, 0, 0, _R], [_R, 0, 0, -_R], [0, _R, _R, 0], [0, _R, -_R, 0]], dtype=complex
)


def density(weights):
    """Return the Bell-diagonal density matrix of four weights."""
    return sum(w * np.outer(ket, ket.conj()) for w, ket in zip(weights, BELL_STATES, strict=True))


def weights(rho):
    """Return the weights of a density matrix on the Bell states; it must be diagonal in them."""
    in_basis = BELL_STATES.conj() @ rho @ BELL_STATES.T
    assert np.allclose(in_basis, np.diag(np.diag(in_basis)), atol=1e-12)
    return np.diag(in_basis).real


def kron(*factors):
    product = np.eye(1)
    for factor in factors:
        product = np.kron(product, factor)
    return product


def one_qubit(rho, operators):
    """Return the sum of (K x 1) rho (K x 1)^+ over Kraus operators K of the first qubit of a pair."""
    return sum(np.kron(k, I2) @ rho @ np.kron(k, I2).conj().T for k in operators)


def keep(rho, first, second):
    """Return the two named qubits of four, the others traced out."""
    tensor = rho.reshape([2] * 8)
    others = [q for q in range(4) if q not in (first, second)]
    for q in sorted(others, reverse=True):
        tensor = np.trace(tensor, axis1=q, axis2=q + tensor.ndim // 2)
    return tensor.reshape(4, 4)


def project(rho, bra_pair, qubits):
    """Return <bra| rho |bra> on two neighbouring qubits of four, as a matrix of the other two (q0, q3)."""
    assert qubits == (1, 2)
    m = np.kron(np.kron(I2, bra_pair.conj()[None, :]), I2)
    return m @ rho @ m.conj().T


def swap(left, right, swap_fidelity=1.0):
    """Return the outer pair after a Bell measurement of the inner qubits, a correction, and noise."""
    rho = np.kron(density(left), density(right))  # a1 b1 a2 b2: measured are b1 and a2
    corrections = (I2, Z, X, Z @ X)  # undoes Phi+, Phi-, Psi+, Psi- on the last qubit
    outer = np.zeros((4, 4), dtype=complex)
    for ket, correction in zip(BELL_STATES, corrections, strict=True):
        fixed = np.kron(I2, correction)
        outer += fixed @ project(rho, ket, (1, 2)) @ fixed.conj().T
    noise = sum(one_qubit(outer, [p]) for p in (X, Y, Z)) / 3
    return weights(swap_fidelity * outer + (1 - swap_fidelity) * noise)


def cnot(control, target):
    """Return the controlled NOT on four qubits."""
    zero, one = np.diag([1, 0]).astype(complex), np.diag([0, 1]).astype(complex)
    idle = [I2] * 4
    off, on = list(idle), list(idle)
    off[control], on[control], on[target] = zero, one, X
    return kron(*off) + kron(*on)


def purify(first, second, rotate):
    """Return (weights, success probability) of bilateral CNOTs and equal outcomes on the second pair.

    ``rotate``: DEJMPS, whose Alice turns her qubits by pi/2 about x and whose Bob turns his back.
    """
    rho = np.kron(density(first), density(second))
    if rotate:
        alice = (I2 - 1j * X) * _R
        turn = kron(alice, alice.conj().T, alice, alice.conj().T)
        rho = turn @ rho @ turn.conj().T
    both = cnot(1, 3) @ cnot(0, 2)
    rho = both @ rho @ both.conj().T
    equal = kron(I2, I2, np.diag([1, 0, 0, 1]).astype(complex))
    rho = equal @ rho @ equal
    success = np.trace(rho).real
    return weights(keep(rho, 0, 1) / success), success
