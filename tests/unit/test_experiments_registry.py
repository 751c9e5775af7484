"""Every figure and table of the contract has an id, and people may write it short."""

from __future__ import annotations

import pytest

from satqn.errors import InputError
from satqn.experiments import registry
from satqn.experiments.registry import experiments, select
from satqn.experiments.run import listing

FIGURES = [
    *(f"fig2{panel}" for panel in "abc"),
    *(f"fig3{panel}" for panel in "abcd"),
    *(f"fig4{panel}" for panel in "abc"),
    "fig5",
    *(f"fig6{panel}" for panel in "abcdefghi"),
    "fig7a",
    "fig7b",
    "table1",
    *(f"figS{number}" for number in range(1, 7)),
    "options",
]


def ids(*names: str) -> list[str]:
    return [experiment.id for experiment in select(names)]


def test_everything_of_the_paper_is_there_in_its_order():
    assert [name for name in experiments() if name.startswith("shao2025.")] == [
        f"shao2025.{f}" for f in FIGURES
    ]
    assert ids() == list(experiments())


def test_every_experiment_says_what_it_is():
    assert all(entry["title"] and entry["source"] for entry in listing())
    offline = {
        entry["id"] for entry in listing() if not entry["needs_census"] and entry["id"].startswith("shao")
    }
    assert offline == {"shao2025.fig2a", "shao2025.fig2b", "shao2025.fig2c"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("shao2025.fig2a", ["fig2a"]),
        ("fig2a", ["fig2a"]),
        ("2a", ["fig2a"]),
        ("FIG2A", ["fig2a"]),
        ("S5", ["figS5"]),
        ("s5", ["figS5"]),
        ("figS5", ["figS5"]),
        ("table1", ["table1"]),
        ("options", ["options"]),
        ("7", ["fig7a", "fig7b"]),
        ("fig7", ["fig7a", "fig7b"]),
        ("shao2025.fig6", [f"fig6{panel}" for panel in "abcdefghi"]),
        ("shao2025", FIGURES),
    ],
)
def test_short_forms_and_groups(name, meant):
    assert ids(name) == [f"shao2025.{one}" for one in meant]


def test_figures_of_zhang2024():
    assert ids("zhang2024") == ["zhang2024.fig5", "zhang2024.fig6", "zhang2024.instances", "zhang2024.worth"]
    assert ids("worth") == ["zhang2024.worth"]
    assert ids("zhang2024.fig6", "shao2025.fig5") == ["shao2025.fig5", "zhang2024.fig6"]


@pytest.mark.parametrize(
    ("name", "choices"),
    [("5", "shao2025.fig5 or zhang2024.fig5"), ("fig6", "shao2025.fig6 or zhang2024.fig6")],
)
def test_a_figure_that_two_papers_have_is_not_guessed(name, choices):
    with pytest.raises(InputError, match=f"more than one paper.*{choices}"):
        select([name])


def test_a_selection_keeps_the_order_of_the_paper_and_each_once():
    assert ids("shao2025.table1", "shao2025.fig2", "2b") == [
        "shao2025.fig2a",
        "shao2025.fig2b",
        "shao2025.fig2c",
        "shao2025.table1",
    ]


@pytest.mark.parametrize("name", ["2z", "fig", "", ".", "shao", "shao2025.fig6z", "6aa"])
def test_unknown_names_are_refused(name):
    with pytest.raises(InputError, match="there is no experiment"):
        select([name])


def test_a_misspelt_name_gets_a_suggestion():
    with pytest.raises(InputError, match="Did you mean 'table1'"):
        select(["tabel1"])


def test_a_name_that_two_papers_have_is_not_guessed(monkeypatch):
    one, *_ = experiments().values()
    monkeypatch.setattr(registry, "experiments", lambda: {"a2000.fig1": one, "b2000.fig1": one})
    with pytest.raises(InputError, match=r"Write a2000\.fig1 or b2000\.fig1"):
        select(["fig1"])
    assert len(select(["a2000.fig1"])) == 1
