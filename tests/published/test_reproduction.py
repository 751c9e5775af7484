"""The figures of shao2025 over the census network: the network's numbers, and every experiment end to end."""

from __future__ import annotations

import numpy as np
import pytest

from satqn.experiments import context as context_module
from satqn.experiments import run
from satqn.experiments.context import PAIRS_FILE, STATIONS_FILE, Context, Sizes, from_arrays, to_arrays
from satqn.experiments.registry import experiments, select
from satqn.experiments.store import Store

pytestmark = pytest.mark.data

SMALL = Sizes(main=40, variation=25, slow=4)


@pytest.fixture(scope="module")
def context(data_folder):
    return Context(sizes=SMALL, store=Store(), data_folder=data_folder)


@pytest.mark.parametrize("name", ["3a", "3b", "3c", "5"])
def test_numbers_of_the_network_and_of_the_stations(name, context, tmp_path):
    (experiment,) = select([f"shao2025.fig{name}"])
    outcome = run.carry_out(experiment, context, tmp_path)
    assert [claim.sentence for claim in outcome.claims if claim.verdict != "reproduced"] == []


def test_published_pairs_and_stations_are_used_where_they_are_at_hand(context, data_folder):
    assert (data_folder / PAIRS_FILE).is_file()
    system = context.system(context.scenario("published"))
    a, b = context.pairs(system, 2)
    assert system.network.nodes.ids[a].tolist() == ["06001408800", "51510200108"]
    assert system.network.nodes.ids[b].tolist() == ["34013004400", "39153532901"]
    assert context.scenario("published", 450).ground_stations.file == str(data_folder / STATIONS_FILE)
    assert len(system.stations) == 141


def test_both_presets_get_the_same_places(context):
    names = []
    for preset in ("published", "physical"):
        system = context.system(context.scenario(preset))
        a, b = context.pairs(system, 10)
        names.append((system.network.nodes.ids[a].tolist(), system.network.nodes.ids[b].tolist()))
    assert names[0] == names[1]


def test_without_the_published_files_pairs_are_drawn_and_the_grid_is_our_own(data_folder):
    context = Context(sizes=SMALL, seed=5)
    scenario = context.scenario("published")
    assert scenario.ground_stations.file is None
    system = context.system(scenario)
    first, second = context.pairs(system, 5), context.pairs(system, 3)
    assert first[0][:3].tolist() == second[0].tolist()
    assert not context.has_published_sample(10_000)
    other = Context(sizes=SMALL, seed=6).pairs(system, 5)
    assert first[0].tolist() != other[0].tolist()


def test_evaluations_are_shared_and_survive_the_store(context, tmp_path):
    scenario = context.scenario("published")
    kept = Context(sizes=SMALL, store=Store(tmp_path), data_folder=context.data_folder)
    computed = kept.evaluate(scenario, 10)
    reader = Context(sizes=SMALL, store=Store(tmp_path), data_folder=context.data_folder)
    found = reader.evaluate(scenario, 10)
    assert reader.store.computed == 0
    for name, column in to_arrays(computed).items():
        assert np.array_equal(column, to_arrays(found)[name]), name
    assert isinstance(found.fibre_rate, np.ma.MaskedArray)
    reader.evaluate(scenario, 11)
    assert reader.store.computed == 1


def test_blocks_of_pairs_join_to_the_whole_and_are_taken_over(context, monkeypatch):
    scenario = context.scenario("published")
    whole = to_arrays(context.evaluate(scenario, 11))
    monkeypatch.setattr(context_module, "BLOCK", 4)
    parted = Context(sizes=SMALL, store=Store(), data_folder=context.data_folder)
    for name, column in to_arrays(parted.evaluate(scenario, 11)).items():
        assert np.array_equal(column, whole[name]), name
    assert parted.store.computed == 3
    parted.evaluate(scenario, 8)
    assert parted.store.computed == 3


def test_arrays_and_results_are_two_forms_of_one_thing(context):
    results = context.evaluate(context.scenario("published"), 10)
    again = from_arrays(to_arrays(results))
    assert (again.protocol_by_rate == results.protocol_by_rate).all()
    assert (np.ma.getmaskarray(again.hybrid_rate) == np.ma.getmaskarray(results.hybrid_rate)).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in experiments() if name.startswith("shao2025.")])
def test_every_experiment_computes_draws_and_judges_a_small_sample(name, context, tmp_path):
    outcome = run.carry_out(experiments()[name], context, tmp_path)
    assert outcome.claims
    for path in outcome.files:
        assert path.stat().st_size > 0
    for columns in outcome.data.tables.values():
        for header, column in columns.items():
            kind = np.asarray(column).dtype.kind
            assert kind in "biUf"
            if kind == "f":
                assert np.isfinite(np.ma.compressed(np.ma.asarray(column))).all(), header
