"""A plan in words and short numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from satqn.model.plan import Plan
from satqn.model.timeline import Timeline

SECONDS_IN_AN_HOUR = 3600.0
CLOSED = 1e-8
"""A share below this is nothing but rounding."""

STATUS_WORDS = {
    "optimal": "the gap asked for was reached",
    "time_limit": "stopped at the time limit",
    "iteration_limit": "stopped at the limit of rounds",
    "stalled": "stopped because neither bound nor plan moved",
    "interrupted": "stopped by the user",
    "infeasible": "no plan can keep the promised rates",
    "bound_invalid": "the bound lies below the plan: it proves nothing",
}
COVERS_WORDS = {
    "pool": "the paths considered",
    "drawn_paths": "the paths drawn at random",
    "all_paths_within_hop_cap": "all paths within the cap of hops",
}


EARLY = {
    "time_limit": "Time",
    "iteration_limit": "The limit of rounds",
    "stalled": "A standstill of bound and plan",
    "interrupted": "The user",
}


def ended_early(status: str) -> str | None:
    """Say what ended a search before its gap was reached; None where the gap did."""
    if status not in EARLY:
        return None
    return f"{EARLY[status]} ended the search before its gap was reached: another run may find another plan."


def covered(bound_covers: str, paths: int | None = None) -> str:
    """Return in words which paths a bound covers.

    Examples
    --------
    >>> covered("pool", 388), covered("all_paths_within_hop_cap")
    ('388 paths considered', 'all paths within the cap of hops')
    """
    if bound_covers == "all_paths_within_hop_cap" or paths is None:
        return COVERS_WORDS.get(bound_covers, bound_covers)
    return f"{paths} paths {'drawn at random' if bound_covers == 'drawn_paths' else 'considered'}"


DIGITS = 3
MOST_DIGITS = 15
"""Of a number in few characters, and the most that a float has."""


def short(value: float, digits: int = DIGITS) -> str:
    """Return a number in few characters.

    Examples
    --------
    >>> short(20000.0), short(2345678.0), short(12.0)
    ('20 k', '2.35 M', '12')
    """
    for factor, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= factor:
            return f"{value / factor:.{digits}g}{unit}"
    return f"{value:.{digits}g}"


def short_all(values: Sequence[float]) -> list[str]:
    """Return numbers in few characters, with as many digits as it takes to tell different ones apart.

    Examples
    --------
    >>> short_all([6_441_000.0, 6_442_000.0]), short_all([0.0, 2e4])
    (['6.441 M', '6.442 M'], ['0', '20 k'])
    """
    different = len(set(values))
    for digits in range(DIGITS, MOST_DIGITS + 1):
        labels = [short(value, digits) for value in values]
        if len(set(labels)) >= different:
            break
    return labels


def duration(seconds: float) -> str:
    """Return a span of time in words.

    Examples
    --------
    >>> duration(14400.0), duration(600.0), duration(90.0), duration(5400.0)
    ('4 hours', '10 minutes', '90 seconds', '90 minutes')
    """
    for unit, length in (("hour", SECONDS_IN_AN_HOUR), ("minute", 60.0)):
        count = seconds / length
        if count >= 1.0 and abs(count - round(count)) < 1e-9:
            return f"{count:.0f} {unit}{'' if round(count) == 1 else 's'}"
    return f"{seconds:g} seconds"


def lead(description: str, plan: Plan, timeline: Timeline, demands: int) -> str:
    """Return in one or two sentences what was planned and what came out."""
    users = "one pair of users" if demands == 1 else f"{demands} pairs of users"
    text = (
        f"{description} A plan for {users} over {duration(timeline.duration)} in {timeline.slots} slots of "
        f"{duration(timeline.slot)} from {timeline.start:%d %B %Y, %H:%M} UTC delivers "
        f"{plan.delivered_pairs:,.0f} pairs"
    )
    if plan.bound_pairs is not None and plan.gap is not None and plan.status != "bound_invalid":
        better = "" if plan.gap < CLOSED else f" by more than {percent(plan.gap)}"
        text += f"; over {COVERS_WORDS[plan.bound_covers]} no plan can be better{better}"
    return text.strip() + "."


def percent(share: float) -> str:
    """Return a share as a percentage with as many digits as it needs.

    Examples
    --------
    >>> percent(0.0009990224), percent(0.25), percent(1.5e-16)
    ('0.1 %', '25 %', '0 %')
    """
    if share < CLOSED:
        return "0 %"
    return f"{100.0 * share:.2g} %" if share < 1.0 else f"{100.0 * share:,.0f} %"


ALONE = "the best segment alone"
"""The others, where only networks of one segment are compared with."""


def more_together(rows: Sequence[Mapping[str, Any]], others: str = "the best of the others") -> str:
    """Return by how much more the whole network, the last row, delivers than the best of the other rows."""
    whole = rows[-1]
    parts = [row for row in rows[:-1] if row["delivered_pairs"] is not None]
    if whole["delivered_pairs"] is None or not parts:
        return "There is nothing to compare with."
    best = max(parts, key=lambda row: float(row["delivered_pairs"]))
    here, there = float(whole["delivered_pairs"]), float(best["delivered_pairs"])
    name = f"{whole['name']} delivers {here:,.0f} pairs"
    if there <= 0.0:
        rest = "no segment alone" if others == ALONE else "no other architecture"
        return f"{name}; {rest} delivers any."
    more = here / there - 1.0
    if abs(more) < 5e-4:
        return f"{name}, as many as {others}, {best['name']}."
    word = "more" if more > 0.0 else "fewer"
    return f"{name}: {percent(abs(more))} {word} than {others}, {best['name']} ({there:,.0f})."


def what_binds(explanation: Mapping[str, Any], most: int = 8) -> list[str]:
    """Return the price at the margin of more of something, added over slots, the highest first.

    Parameters
    ----------
    explanation
        ``prices`` with ``what``, ``name``, ``slot``, ``worth_pairs`` and ``per``.
    most
        So many sentences.
    """
    total: dict[tuple[str, str, str], list[tuple[int, float]]] = {}
    for price in explanation["prices"]:
        key = (price["what"], price["name"], price["per"])
        total.setdefault(key, []).append((price["slot"], price["worth_pairs"]))
    ranked = sorted(total.items(), key=lambda item: -sum(worth for _, worth in item[1]))
    return [_sentence(*key, found) for key, found in ranked[:most]]


def _sentence(what: str, name: str, per: str, found: Sequence[tuple[int, float]]) -> str:
    slots = spans(sorted(slot for slot, _ in found))
    worth = sum(value for _, value in found)
    plural = "slot" if len(found) == 1 else "slots"
    place = _one_more(what, name, per)
    return f"Price at the margin of {place}: {short(worth)} weighted pairs ({plural} {slots})."


def _one_more(what: str, name: str, per: str) -> str:
    return {
        "link": f"one more pair in every such slot on the link {name}",
        "store": f"room for one more pair at {name}",
        "class": f"one more pair in store over {name}",
        "terminals": f"one more terminal at {name}",
        "sharing": f"one more unit of the limit {name}",
        "minimum rate": f"one pair less promised to {name}",
    }.get(what, f"one more {per} of {what} {name}")


def one_more_brings(gain: Mapping[str, Any]) -> str:
    """Return what one more of something brings, planned again.

    Parameters
    ----------
    gain
        ``what``, ``name``, ``per``, ``price``, ``paths_kept``, ``found``, ``at_most``, ``bound_covers``.
    """
    place = _one_more(str(gain["what"]), str(gain["name"]), str(gain["per"]))
    most = gain["at_most"]
    bound = "" if most is None else f", and no more than {short(most)} over {covered(gain['bound_covers'])}"
    return (
        f"{place[0].upper()}{place[1:]} brings {short(gain['found'])} weighted pairs routed again{bound}; "
        f"{short(gain['paths_kept'])} with the paths as chosen; price at the margin {short(gain['price'])}."
    )


def spans(numbers: Sequence[int]) -> str:
    """Return numbers in order with runs drawn together.

    Examples
    --------
    >>> spans([1, 2, 3, 7, 9, 10])
    '1–3, 7, 9, 10'
    """
    groups: list[list[int]] = []
    for number in numbers:
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    return ", ".join(f"{g[0]}–{g[-1]}" if len(g) > 2 else ", ".join(map(str, g)) for g in groups)


def unserved(explanation: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return demand, slots and reason of what gets nothing, slots of one reason drawn together.

    Reasons that differ only in what a path could carry are one, with the range of it.
    """
    found: dict[tuple[str, str], list[tuple[int, list[float]]]] = {}
    for row in explanation["unserved"]:
        amounts = [float(number) for number in _CARRY.findall(row["reason"])]
        key = row["demand"], _CARRY.sub("could carry {}", row["reason"])
        found.setdefault(key, []).append((row["slot"], amounts))
    return [
        (demand, spans(sorted(slot for slot, _ in rows)), _with_ranges(reason, [a for _, a in rows]))
        for (demand, reason), rows in found.items()
    ]


_CARRY = re.compile(r"could carry (\d[\d.]*(?:e[+-]?\d+)?)")


def _with_ranges(reason: str, amounts: Sequence[Sequence[float]]) -> str:
    """Put what paths could carry back into a reason, as a range where it differs by slot."""
    parts = reason.split("could carry {}")
    text = parts[0]
    for column, part in zip(zip(*amounts, strict=True), parts[1:], strict=True):
        low, high = min(column), max(column)
        text += f"could carry {low:.6g}" + ("" if low == high else f" to {high:.6g}") + part
    return text
