"""The table of options: every option of the model, compared with the reference of its own setting."""

from __future__ import annotations

from dataclasses import asdict

from satqn.experiments.figures.options import ALL, SETTINGS, _runs, changes
from satqn.experiments.option_table import SHOWN, options_table
from satqn.model.options import PHYSICAL, PUBLISHED


def made_up_table() -> dict[str, list]:
    """Give every run a number of its own: the row."""
    table: dict[str, list] = {name: [] for name in ("setting", "option", "published_value", "physical_value")}
    for row, (setting, option, _) in enumerate(_runs()):
        table["setting"].append(setting)
        table["option"].append(option or "published")
        table["published_value"].append(f"from{row}")
        table["physical_value"].append(f"to{row}")
        for name, _, _ in SHOWN:
            table.setdefault(name, []).append(float(row + 1))
    return table


def test_every_option_that_differs_is_switched_once_and_alone():
    runs = _runs()
    single = [option for _, option, _ in runs if option not in ("", ALL)]
    assert single == [name for name, value in asdict(PHYSICAL).items() if value != asdict(PUBLISHED)[name]]
    for setting, option, changed in runs:
        extra = set(changed) - {option} - set(SETTINGS[setting])
        assert option == ALL or extra <= {"satellite__altitude_km"}
    assert set(runs[-1][2]) == set(asdict(PHYSICAL))


def test_options_are_compared_in_their_own_setting():
    table = made_up_table()
    reference = {setting: float(row + 1) for row, setting in enumerate(SETTINGS)}
    by_option = dict(changes(table))
    for row, (setting, option, _) in enumerate(_runs()):
        if option:
            assert by_option[option]["fibre_fidelity"] == (reference[setting], float(row + 1))


def test_the_page_has_a_row_for_every_run_with_value_and_change():
    table = made_up_table()
    lines = options_table(table).splitlines()
    assert len(lines) == 2 + len(_runs())
    assert len({line.count("|") for line in lines}) == 1
    row = next(line for line in lines if line.startswith("| `placement` |"))
    number = 1.0 + table["option"].index("placement")
    assert f"{number:.3f} ({number - 1:+.3f})" in row
    assert f"{number:.4g} /s (×{number:.3g})" in row


def test_changes_from_nothing_and_to_the_same_are_said_in_words():
    table = made_up_table()
    table["fibre_rate_per_s"] = [0.0] * len(table["option"])
    table["fibre_rate_per_s"][-1] = 2.0
    lines = options_table(table).splitlines()
    assert "2 /s (from 0)" in lines[-1]
    assert "| = |" in lines[-2]
