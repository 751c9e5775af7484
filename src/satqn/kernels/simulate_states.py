"""Bell-diagonal states in the correlation picture, and what noisy purification makes of two of them.

A state with weights w on (Phi+, Phi-, Psi+, Psi-) is the triple of signed sums
zz = w0 + w1 - w2 - w3, xx = w0 - w1 + w2 - w3, yy = w0 - w1 - w2 + w3 (yy with the sign that makes it 1 for
Phi+), so F = (1 + zz + xx + yy)/4. Swaps multiply triples; a phase flip of probability q multiplies xx and yy
by 1 - 2q, white noise of probability q all three by 1 - q.
"""

from __future__ import annotations

from satqn.kernels.compiling import bare

BBPSSW, DEJMPS = 0, 1

Triple = tuple[float, float, float]


@bare
def swap_noise(gate_noise: float, readout_error: float) -> Triple:
    """Return the factors by which a noisy Bell measurement shrinks the triple of the outer pair.

    Parameters
    ----------
    gate_noise
        Probability that the two measured qubits are replaced by white noise in the gate.
    readout_error
        Probability that one of the two outcomes is read wrongly: one of them says which flip to undo, the
        other which phase.
    """
    clear = 1.0 - gate_noise
    right = 1.0 - 2.0 * readout_error
    return clear * right, clear * right, clear * right * right


@bare
def purify(
    protocol: int, kept: Triple, spent: Triple, gate_noise: float, readout_error: float
) -> tuple[float, float, float, float]:
    """Return (success probability, zz, xx, yy) of one round of BBPSSW or DEJMPS with noisy local operations.

    Parameters
    ----------
    protocol
        ``BBPSSW`` (both pairs twirled before, the result after) or ``DEJMPS`` (rotations exchange Phi-
        and Psi- before).
    kept, spent
        The pair that stays and the pair that is measured.
    gate_noise
        Probability, at each end, that the two qubits there are replaced by white noise in the CNOT.
    readout_error
        Probability, at each end, that the outcome is read wrongly.

    Notes
    -----
    If the gate fails at either end, the other end holds white noise alone: outcomes agree half of the time
    and leave white noise. Read outcomes agree if neither or both were read wrongly.
    A success probability of 0 comes with a triple of zeros.
    """
    zz1, xx1, yy1 = kept
    zz2, xx2, yy2 = spent
    if protocol == BBPSSW:
        zz1 = xx1 = yy1 = (zz1 + xx1 + yy1) / 3.0
        zz2 = xx2 = yy2 = (zz2 + xx2 + yy2) / 3.0
    else:  # exchanging Phi- and Psi- exchanges zz and yy
        zz1, yy1 = yy1, zz1
        zz2, yy2 = yy2, zz2
    agree = zz1 * zz2
    clear = (1.0 - gate_noise) * (1.0 - gate_noise)
    reads = 1.0 - 2.0 * readout_error
    seen = clear * reads * reads
    success = 0.5 * (1.0 + seen * agree)
    if success <= 0.0:
        return 0.0, 0.0, 0.0, 0.0
    # Sums and differences of the two parities of outcomes: kept flips are (zz1 + r^2 zz2), and so on.
    zz = 0.5 * (clear * zz1 + seen * zz2) / success
    xx = 0.5 * (clear * xx1 * xx2 + seen * yy1 * yy2) / success
    yy = 0.5 * (clear * yy1 * xx2 + seen * xx1 * yy2) / success
    if protocol == BBPSSW:
        zz = xx = yy = (zz + xx + yy) / 3.0
    return success, zz, xx, yy
