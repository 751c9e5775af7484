"""``satqn key``: secret bits from entangled pairs: asymptotic, after purification, by finite blocks."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import App, Parameter

from satqn.commands.common import Json, emit_json, print_table, say
from satqn.errors import InputError

app = App(name="key", help="Ask how many secret bits entangled pairs give.")

Number = Annotated[float, Parameter(allow_leading_hyphen=True)]
Efficiency = Annotated[
    float,
    Parameter(
        name="--f-ec", allow_leading_hyphen=True, help="Error correction over the Shannon limit, >= 1."
    ),
]


@app.command
def rate(
    *,
    bell_weights: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    fidelity: Annotated[float | None, Parameter(allow_leading_hyphen=True)] = None,
    f_ec: Annotated[float | None, Parameter(name="--f-ec", allow_leading_hyphen=True)] = None,
    json: Json = False,
) -> None:
    """Asymptotic key rates of a Bell-diagonal state, in secret bits per sifted pair.

    Parameters
    ----------
    bell_weights
        Weights on Phi+, Phi-, Psi+ and Psi-, separated by commas; they sum to 1.
    fidelity
        Fidelity of a Werner state instead; then also the device-independent rate.
    f_ec
        Error correction over the Shannon limit, >= 1; unless given 1.16, and 1 for the device-independent
        rate, as it is published.
    json
        Print one JSON document.
    """
    from satqn.physics.bell import werner
    from satqn.physics.key_rates import (
        ERROR_CORRECTION_EFFICIENCY,
        bbm92,
        e91_device_independent,
        error_rates,
        tomographic,
    )

    if (bell_weights is None) == (fidelity is None):
        raise InputError(
            "a state is needed, and only one",
            where="satqn key rate",
            fix="Give --fidelity F or --bell-weights A,B,C,D",
        )
    published = 1.0 if f_ec is None else f_ec
    f_ec = ERROR_CORRECTION_EFFICIENCY if f_ec is None else f_ec
    state = werner(fidelity) if fidelity is not None else _weights(str(bell_weights))
    e_z, e_x = (float(value) for value in error_rates(state))
    swapped = [float(state[0]), float(state[2]), float(state[1]), float(state[3])]
    in_z, in_x = float(bbm92(state, f_ec)), float(bbm92(swapped, f_ec))
    found: dict[str, float | str] = {
        "e_z": e_z,
        "e_x": e_x,
        "f_ec": f_ec,
        "bbm92_per_sifted": in_z,
        "tomographic_per_sifted": float(tomographic(state, f_ec)),
        "better_key_basis": "x" if in_x > in_z else "z",
        "bbm92_better_basis_per_sifted": max(in_z, in_x),
    }
    if fidelity is not None:
        found["e91_device_independent_f_ec"] = published
        found["e91_device_independent_per_sifted"] = float(e91_device_independent(fidelity, published)[2])
    if json:
        emit_json(found)
        return
    rows = [
        ["error rate in Z", f"{e_z:.6f}"],
        ["error rate in X", f"{e_x:.6f}"],
        ["BBM92, key in Z", f"{in_z:.6f}"],
        ["BBM92, key in X", f"{in_x:.6f}"],
        ["tomographic", f"{found['tomographic_per_sifted']:.6f}"],
    ]
    if fidelity is not None:
        independent = found["e91_device_independent_per_sifted"]
        rows.append([f"device-independent E91 (f = {published:g})", f"{independent:.6f}"])
    print_table(f"secret bits per sifted pair, f = {f_ec:g}", ["protocol", "value"], rows)
    if max(in_z, in_x) == 0.0:
        say("No BBM92 key from this state: purify first (`satqn key rounds`), or lose less.")


@app.command
def rounds(
    *,
    fidelity: Number,
    protocol: Literal["bbpssw", "dejmps"] = "dejmps",
    f_ec: Efficiency = 1.16,
    json: Json = False,
) -> None:
    """How many rounds of purification give the most key from Werner pairs.

    Parameters
    ----------
    fidelity
        Fidelity of the base pairs, in (0.25, 1].
    protocol
        ``bbpssw`` twirls in every round, ``dejmps`` keeps the Bell-diagonal state.
    json
        Print one JSON document.
    """
    from satqn.physics.bell import werner
    from satqn.physics.checks import made_fidelity
    from satqn.physics.key_rates import best_round, key_rounds

    made_fidelity("fidelity", fidelity)
    table = key_rounds(werner(fidelity), protocol, f_ec)
    best = best_round(table)
    if json:
        emit_json(
            {
                "fidelity": fidelity,
                "protocol": protocol,
                "f_ec": f_ec,
                "table": [row.to_dict() for row in table],
                "best_rounds": best.rounds,
                "best_bits_per_base_pair_q1": best.bits_per_base_pair,
            }
        )
        return
    print_table(
        f"Werner pairs of fidelity {fidelity:g} purified by {protocol.upper()}, f = {f_ec:g}",
        ["rounds", "base pairs", "fidelity", "bits per pair", "bits per base pair"],
        [
            [
                str(row.rounds),
                f"{row.base_pairs:.6g}",
                f"{row.fidelity:.6f}",
                f"{row.bits_per_sifted:.6f}",
                f"{row.bits_per_base_pair:.6f}",
            ]
            for row in table
        ],
    )
    if best.bits_per_base_pair > 0.0:
        say(f"Most key per base pair: {best.rounds} round{'' if best.rounds == 1 else 's'}.")
    else:
        say("No key after any number of rounds up to 10.")


@app.command
def finite(
    *,
    sifted: Number,
    qber: Number,
    eps: Number,
    f_ec: Efficiency = 1.16,
    json: Json = False,
) -> None:
    """Length of the key of one finite block of sifted pairs (Lim, Xu, Pan, Ekert 2021).

    Parameters
    ----------
    sifted
        Sifted pairs of the block.
    qber
        Error rate up to which the block is accepted: an upper bound, not the mean expected.
    eps
        Failure probability of this block; many blocks need a smaller one each.
    json
        Print one JSON document.
    """
    from satqn.physics.finite_key import finite_key, tomamichel2012_bits

    found = finite_key(sifted, qber, eps, f_ec)
    if json:
        emit_json(found.to_dict())
        return
    rows = [
        ["secret key, bits", f"{found.bits:.2f}"],
        ["bits per sifted pair", f"{found.bits / sifted:.6f}"],
        ["bound of Tomamichel et al. 2012, bits", f"{tomamichel2012_bits(sifted, qber, eps, f_ec):.2f}"],
    ]
    if found.tested_share is not None:
        rows.append(["share tested in the open", f"{found.tested_share:.4f}"])
    print_table(f"{sifted:g} sifted pairs, error rate {qber:g}, eps {eps:g}", ["", "value"], rows)
    if found.bits == 0.0:
        say("This block gives no key: collect more pairs before distilling, or accept fewer errors.")


def _weights(text: str) -> list[float]:
    try:
        weights = [float(word) for word in text.split(",")]
    except ValueError:
        weights = []
    if len(weights) != 4:
        raise InputError(
            f"{text!r} is not four numbers",
            where="--bell-weights",
            fix="Write the weights on Phi+, Phi-, Psi+, Psi-, e.g. 0.9,0.05,0.03,0.02",
        )
    return weights
