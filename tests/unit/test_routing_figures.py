"""The figures over the case study of zhang2024: what is planned, what is claimed of it, and that both can fail."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from satqn.experiments import run
from satqn.experiments.context import Context, Sizes
from satqn.experiments.experiment import Data
from satqn.experiments.figures import instances, schemes, worth
from satqn.experiments.figures.case_study import Case, half_width, mean_claim, planned
from satqn.experiments.registry import select
from satqn.experiments.store import Store
from satqn.routing.generate import case_study, case_study_document
from satqn.routing.instance_file import instance_from_document, load_instance
from satqn.routing.solve import Settings, solve

ONE = Sizes(main=40, variation=25, slow=4, instances=1)


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(sizes=ONE, store=Store())


def test_a_planned_case_is_what_satqn_plan_finds(context: Context) -> None:
    found = planned(context, Case(seed=1), method="exact", gap=5e-3)
    solution = solve(case_study(1), Settings(gap=5e-3))
    assert solution.plan is not None
    assert found.delivered_pairs == pytest.approx(solution.plan.delivered_pairs)
    assert found.bound_pairs >= found.delivered_pairs * (1 - 1e-6)
    computed = context.store.computed
    assert planned(context, Case(seed=1), method="exact", gap=5e-3) == found
    assert context.store.computed == computed
    planned(context, Case(seed=2), method="no-storage")
    assert context.store.computed == computed + 1


def test_ctrl_c_keeps_no_half_planned_case() -> None:
    store = Store()
    before = signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        with pytest.raises(KeyboardInterrupt):
            planned(Context(sizes=ONE, store=store), Case(seed=2, demands=6), method="exact", gap=0.0)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert store.computed == 0


def test_without_room_the_paths_stay_the_same(context: Context) -> None:
    """Without stores PS-EGR is NSS; a random path among all may be one through a store without room."""
    empty = Case(seed=1, capacity=0.0)
    egr, nss = (planned(context, empty, method=m, gap=1e-6) for m in ("exact", "no-storage"))
    assert egr.delivered_pairs == pytest.approx(nss.delivered_pairs)
    usable, every = (planned(context, empty, method="random", draw=d) for d in ("available", "all"))
    assert every.delivered_pairs < usable.delivered_pairs


@pytest.mark.parametrize(
    "name", ["zhang2024.fig5", "zhang2024.fig6", "zhang2024.instances", "zhang2024.worth"]
)
def test_every_figure_is_drawn_and_judged(name: str, context: Context, tmp_path) -> None:
    (experiment,) = select([name])
    assert not experiment.needs_census
    outcome = run.carry_out(experiment, context, tmp_path)
    assert all(path.stat().st_size > 0 for path in outcome.files)
    assert {claim.verdict for claim in outcome.claims} & {"reproduced", "true by construction"}
    wrong = [claim.sentence for claim in outcome.claims if claim.verdict == "not reproduced"]
    assert wrong == [s for s in wrong if s.startswith("RRS over usable paths rises with capacity")]
    tables = outcome.data.tables
    plans = tables["plans"] if "plans" in tables else tables["instances"]
    named = [("ps_egr_pairs", "ps_egr_bound_pairs"), ("delivered_pairs", "bound_pairs")]
    pair = next((pair for pair in named if pair[0] in plans), ("optimum_pairs", "bound_pairs"))
    delivered, bound = (plans[key] for key in pair)
    assert (np.asarray(bound) >= np.asarray(delivered) * (1 - 1e-6)).all()


def capacity_data(egr: list[list[float]]) -> Data:
    """Figure 5 with PS-EGR as given per seed, and baselines that deliver 5000 everywhere."""
    points = [0, 1500, 3000, 5000]
    sweep = {s.key: np.full((len(egr), 4), 5000.0) for s in schemes.SCHEMES} | {"ps_egr": np.array(egr)}
    return schemes._tables("capacity_pairs", points, sweep, sweep["ps_egr"])


def verdicts(data: Data) -> dict[str, str]:
    return {claim.sentence.split(":")[0]: claim.verdict for claim in schemes._claims_by_capacity(data)}


def test_claims_on_capacity_can_fail() -> None:
    seeds = 6
    good = verdicts(capacity_data([[27450.0, 28850.0, 29250.0, 29300.0]] * seeds))
    assert good["PS-EGR rises with capacity"] == "true by construction"
    assert good["PS-EGR saturates near 3000"] == "reproduced"
    assert good["PS-EGR at capacity 1500"] == good["SOS at capacity 0"] == "not judged"
    bad = verdicts(capacity_data([[6000.0, 4000.0, 4100.0, 9000.0]] * seeds))
    for sentence in ("PS-EGR rises with capacity", "PS-EGR saturates near 3000"):
        assert bad[sentence] == "not reproduced"
    assert bad["Every plan of PS-EGR delivers at least as much as those of all baselines"] == "not reproduced"


def test_steps_and_margins_are_the_smallest() -> None:
    assert schemes.smallest_step(np.array([[100.0, 110.0, 99.0], [100.0, 110.0, 99.0]])) == pytest.approx(
        -10.0
    )
    sweep = {"ps_egr": np.array([[5.0, 7.0]]), "a": np.array([[4.0, 1.0]]), "b": np.array([[1.0, 6.5]])}
    assert schemes.smallest_margin(sweep) == pytest.approx(0.5)


def test_tolerance_and_interval_by_hand() -> None:
    sample = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    claim = mean_claim("x", 3.0, sample)
    spread = np.sqrt(2.5)
    assert claim.tolerance == pytest.approx(2.0 * np.hypot(spread / np.sqrt(5), spread / np.sqrt(4)))
    assert claim.verdict == "not judged"
    assert claim.published == 3.0
    assert mean_claim("x", 3.0, sample[:4]).published is None
    assert float(half_width(sample)) == pytest.approx(2.7764451 * spread / np.sqrt(5))
    assert float(half_width(sample[:4])) == 0.0


def test_gains_are_paired_with_what_they_are_compared_with() -> None:
    table = {
        "variant": ["b", "d"],
        "against": ["a", "c"],
        "gain_percent": [0.0, 0.0],
        "half_width_percent": [0.0, 0.0],
    }
    plans = {
        "seed": [0] * 4 + [1] * 4,
        "variant": ["a", "b", "c", "d"] * 2,
        "delivered_pairs": [10.0, 11.0, 4.0, 2.0, 20.0, 20.0, 8.0, 12.0],
        "bound_pairs": [0.0] * 8,
    }
    found = worth.gains(Data({"worth": table, "plans": plans}))
    assert found["b"].tolist() == pytest.approx([10.0, 0.0])
    assert found["d"].tolist() == pytest.approx([-50.0, 50.0])


def test_the_instances_are_those_of_the_files_digit_by_digit(context: Context, tmp_path) -> None:
    for seed in range(3):
        file = Path(__file__).parents[1] / "golden" / "zhang2024" / f"seed{seed}.json"
        given = json.loads(file.read_text(encoding="utf-8"))
        made = case_study_document(seed, paths=dict(instances.PATHS))
        for key in ("rate_unit", "slot_duration_s", "slots", "nodes", "links", "demands", "paths", "options"):
            assert made[key] == given[key], key
        theirs, ours = load_instance(file), instance_from_document(made)
        assert {frozenset(p) for p in theirs.storage_pairs.tolist()} == {
            frozenset(p) for p in ours.storage_pairs.tolist()
        }
    (experiment,) = select(["zhang2024.instances"])
    claims = run.carry_out(experiment, context, tmp_path).claims
    assert [claim.verdict for claim in claims] == ["reproduced"] * 6
    assert max(claim.tolerance / claim.expected for claim in claims) <= 1e-6
