"""What the z of a replay means, in words."""

from __future__ import annotations

from collections.abc import Iterator

from satqn.simulate.replay_counts import REASON_NAMES, Estimate, ReplayCounts

BEYOND_CHANCE = 4.0
"""Standard errors beyond which a difference is not chance: less than once in ten thousand comparisons."""

MOST_NAMED = 3


def z_in_words(counts: ReplayCounts) -> list[str]:
    """Return one line that says what z is, and one for every value of it that chance does not explain.

    Parameters
    ----------
    counts
        Of a replay.

    Notes
    -----
    A z of -330 is no fault of the replay: it says that the difference is 330 times as large as its standard
    error, which becomes small with many pairs and runs. How large the difference is, is another question.
    """
    if counts.runs < 2:
        return ["z needs two runs or more."]
    lines = [
        f"z: delivered less promised, in standard errors of the mean of {counts.runs} runs; within "
        f"±{BEYOND_CHANCE:g} it may be chance."
    ]
    found = [("all", counts.promised_pairs, counts.delivered_pairs)]
    if len(counts.demands) > 1:
        found += [
            (name, float(counts.promised[:, k].sum()), counts.demand(k))
            for k, name in enumerate(counts.demands)
        ]
    far = [row for row in found if _far(*row[1:])]
    far.sort(key=lambda row: abs(row[2].mean - row[1]), reverse=True)
    lines += [_told(*row) for row in far[: 1 + MOST_NAMED]]
    if len(far) > 1 + MOST_NAMED:
        lines.append(f"{len(far) - 1 - MOST_NAMED} more demands are farther off than chance.")
    if far:
        lines += _reasons(counts)
    return lines


def _far(promised: float, found: Estimate) -> bool:
    z = found.z(promised)
    return abs(z) > BEYOND_CHANCE if z is not None else found.error == 0.0


def _told(name: str, promised: float, found: Estimate) -> str:
    gap, z = found.mean - promised, found.z(promised)
    way = "more" if gap > 0.0 else "fewer"
    share = f" ({abs(gap) / promised:.2%} of what was promised)" if promised > 0.0 else ""
    size = f"{name}: {abs(gap):.4g} pairs {way} than promised{share}"
    if z is None:
        return f"{size}, in every run alike: there is no scatter to compare with, and no z."
    return (
        f"{size}; z = {z:+.4g} because that is known to ±{1.96 * (found.error or 0.0):.2g}: not chance, "
        "however small it is."
    )


def _reasons(counts: ReplayCounts) -> Iterator[str]:
    """Yield the reason that takes most pairs, if one does."""
    missing = {name: counts.missing(name).mean for name in REASON_NAMES}
    most = max(missing, key=lambda name: missing[name])
    if missing[most] > 0.0:
        yield f"Most pairs are missing by {most.replace('_', ' ')}: {missing[most]:.4g} in a run."
