"""The effects of single options as a table for the page that explains them."""

from __future__ import annotations

from satqn.experiments.experiment import Columns
from satqn.experiments.figures.options import ALL, MEASURES, changes

SHOWN: tuple[tuple[str, str, bool], ...] = (
    *MEASURES,
    ("fibre_entangles_percent", "entangled by fibre", False),
    ("highest_fibre_rate_per_s", "highest fibre rate", True),
)
"""Columns, their titles, and whether the change is a factor (else a difference)."""


def options_table(table: Columns) -> str:
    """Return the effects of the options in Markdown: the value after the switch, its change in brackets."""
    head = ["option", "`published` → `physical`", *(title for _, title, _ in SHOWN)]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for row, option in enumerate(table["option"]):
        if option == "published":
            switch = f"`published`{_in_setting(table['setting'][row])}"
            cells = [switch, "", *(_amount(name, float(table[name][row])) for name, _, _ in SHOWN)]
            lines.append(f"| {' | '.join(cells)} |")
    switched = [row for row, option in enumerate(table["option"]) if option != "published"]
    for row, (option, measured) in zip(switched, changes(table), strict=True):
        values = "" if option == ALL else f"{table['published_value'][row]} → {table['physical_value'][row]}"
        title = "**all together**" if option == ALL else f"`{option}`{_in_setting(table['setting'][row])}"
        cells = [title, values]
        cells += [_with_change(name, *measured[name], is_factor) for name, _, is_factor in SHOWN]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _in_setting(setting: str) -> str:
    return f" ({setting})" if setting else ""


def _amount(name: str, value: float) -> str:
    if name.endswith("percent"):
        return f"{value:.1f} %"
    return f"{value:.3f}" if name.endswith("fidelity") else f"{value:.4g} /s"


def _with_change(name: str, before: float, after: float, is_factor: bool) -> str:
    if before == after:
        return "="
    if not is_factor:
        return f"{_amount(name, after)} ({after - before:+.{1 if name.endswith('percent') else 3}f})"
    return f"{_amount(name, after)} ({f'×{after / before:.3g}' if before > 0.0 else 'from 0'})"
