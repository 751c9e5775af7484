"""Claims: the verdict is a comparison and nothing else; the page says what the claims say."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satqn.experiments.claims import SPECIFICATION, Claim, claim_of, count_verdicts
from satqn.experiments.table import reproduction_page, reproduction_table, verdict_of

NUMBERS = st.floats(-1e6, 1e6)


@given(expected=NUMBERS, ours=NUMBERS, tolerance=st.floats(0, 1e6))
def test_a_point_is_reproduced_exactly_within_its_tolerance(expected, ours, tolerance):
    claim = Claim("x", expected, ours, tolerance)
    inside = expected - tolerance <= ours <= expected + tolerance
    assert claim.verdict == ("reproduced" if inside else "not reproduced")


@given(low=NUMBERS, width=st.floats(0, 1e5), ours=NUMBERS, tolerance=st.floats(0, 1e3))
def test_a_range_is_widened_by_the_tolerance_on_both_sides(low, width, ours, tolerance):
    high = low + width
    inside = low - tolerance <= ours <= high + tolerance
    assert (Claim("x", (low, high), ours, tolerance).verdict == "reproduced") is inside
    assert (Claim("x", (low, None), ours, tolerance).verdict == "reproduced") is (ours >= low - tolerance)
    assert (Claim("x", (None, high), ours, tolerance).verdict == "reproduced") is (ours <= high + tolerance)


@pytest.mark.parametrize("absent", [None, math.nan, math.inf])
def test_without_a_number_nothing_is_judged(absent):
    claim = Claim("x", 1.0, absent)
    assert claim.verdict == "not judged"
    assert claim.to_dict()["published"] is None


def test_a_claim_about_the_corrected_model_is_judged_by_its_number():
    values = {"published": 9.0, "physical": 20.0}
    assert claim_of("x", 20.0, values, judged="physical").verdict == "reproduced"
    assert claim_of("x", 20.0, values).verdict == "not reproduced"
    assert claim_of("x", 20.0, {"published": 20.0}).physical is None


@pytest.mark.parametrize("tolerance", [-1.0, math.nan])
def test_a_tolerance_must_be_a_distance(tolerance):
    with pytest.raises(ValueError, match="tolerance"):
        Claim("x", 1.0, 1.0, tolerance)


def test_json_of_a_claim_has_every_part_and_no_nan():
    record = Claim("x", (None, 2.0), 1.0, 0.5, "km", physical=math.nan, note="n").to_dict()
    assert json.loads(json.dumps(record, allow_nan=False)) == {
        "sentence": "x",
        "expected": [None, 2.0],
        "published": 1.0,
        "tolerance": 0.5,
        "unit": "km",
        "verdict": "reproduced",
        "physical": None,
        "judged": "published",
        "source": "shao2025",
        "note": "n",
        "range": "source",
    }


def test_verdicts_are_counted_with_a_key_for_each():
    claims = [Claim("a", 1, 1), Claim("b", 1, 2), Claim("c", 1, None), Claim("d", 1, 1)]
    counts = {"reproduced": 2, "not reproduced": 1, "true by construction": 0, "not judged": 1}
    assert count_verdicts(claims) == counts
    assert count_verdicts([]) == dict.fromkeys(counts, 0)


def test_what_cannot_fail_is_not_counted_as_reproduced_and_is_still_seen_when_it_fails():
    why = "True by construction: more room."
    assert Claim("x", (0.0, None), 1.0, by_construction=why).verdict == "true by construction"
    assert Claim("x", (0.0, None), -1.0, by_construction=why).verdict == "not reproduced"
    assert Claim("x", (0.0, None), None, by_construction=why).verdict == "not judged"
    assert Claim("x", 1.0, 1.0, by_construction=why, note="n").to_dict()["note"] == f"{why} n"


def test_a_number_about_something_else_is_shown_and_not_judged():
    claim = Claim("x", 1.0, 5.0, not_comparable="other instances")
    assert (claim.verdict, claim.published) == ("not judged", 5.0)
    assert claim.to_dict()["note"] == "other instances"


def test_ranges_of_our_own_and_numbers_of_the_specification_are_named():
    claims = [
        Claim("far", (0.0, 0.1), 0.01, own_range=True),
        Claim("given", (0.0, 0.1), 0.01),
        Claim("number", 2.0, 2.0, source=SPECIFICATION),
    ]
    records = [claim.to_dict() for claim in claims]
    assert [record["range"] for record in records] == ["ours", "source", None]
    cells = [line.split(" | ")[1] for line in reproduction_table(records).splitlines()[2:5]]
    assert cells == ["0 to 0.1 (our range)", "0 to 0.1", "2 (specification)"]


def test_the_table_shows_numbers_verdicts_and_notes():
    claims = [
        Claim("a|b", 83_047, 83_047.0),
        Claim("range", (62, 72), 71.61106992941579, 0.5, "1/s", physical=0.000123456789, note="why"),
        Claim("bound", (None, 0.5), 0.6),
        Claim("absent", (2.0, None), None),
    ]
    lines = reproduction_table([claim.to_dict() for claim in claims]).splitlines()
    assert lines[2] == r"| a\|b | 83047 | 83047 | exact | reproduced | – |"
    assert lines[3] == "| range [1] | 62 to 72 1/s | 71.6111 | ±0.5 | reproduced | 0.000123457 |"
    assert lines[4] == "| bound | ≤ 0.5 | 0.6 | range | **not reproduced** | – |"
    assert lines[5] == "| absent | ≥ 2 | – | range | **not judged** | – |"
    assert lines[7].startswith("[1] why")


def test_the_page_counts_only_what_was_judged():
    claims = [Claim("a", 1, 1).to_dict(), Claim("b", 1, None).to_dict()]
    experiment = {"id": "p.fig1", "title": "T", "source": "Fig. 1", "claims": claims}
    document = {"quick": False, "experiments": [experiment]}
    page = reproduction_page(document)
    assert "**1 of 1 judged claims are reproduced; 1 could not be judged.**" in page
    assert "## p.fig1: T" in page
    assert "quick run" in reproduction_page(document | {"quick": True})
    more = [
        *claims,
        Claim("c", (0, 1), 1, own_range=True).to_dict(),
        Claim("d", 1, 1, by_construction="True by construction.").to_dict(),
        Claim("e", 1, 2).to_dict(),
    ]
    assert verdict_of({"quick": False, "experiments": [experiment | {"claims": more}]}) == (
        "2 of 3 judged claims are reproduced (1 of them in a range of ours); 1 are true by construction and "
        "not counted; 1 could not be judged."
    )


def test_a_note_that_several_claims_share_is_printed_once():
    claims = [Claim("a", 1, 1, note="n"), Claim("b", 1, 1, note="m"), Claim("c", 1, 1, note="n")]
    table = reproduction_table([claim.to_dict() for claim in claims])
    assert "| a [1] |" in table
    assert "| b [2] |" in table
    assert "| c [1] |" in table
    assert table.count("[1] n") == 1
