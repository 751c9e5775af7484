"""The report of a plan: whole or not at all, true to the plan, and it asks nothing of other machines."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from numpy.testing import assert_allclose
from tests.oracles.plan_records import Example, comparison, example

from satqn.errors import OutputError, SatqnWarning
from satqn.model.plan import LogLine, PlanClass, Stock
from satqn.model.timeline import Timeline
from satqn.orbits.visibility import sight
from satqn.reports import plan_report
from satqn.reports.exports import netcdf
from satqn.reports.plan_assumptions import assumptions, hardware_rows
from satqn.reports.plan_budgets import budgets, fibre_budget
from satqn.reports.plan_contacts import Contact, contacts
from satqn.reports.plan_gantt import lanes
from satqn.reports.plan_geography import great_circle_points, world_land
from satqn.reports.plan_numbers import draw_bounds, draw_comparison
from satqn.reports.plan_report import write_plan_run
from satqn.reports.plan_scene import Window, middle_longitude
from satqn.reports.plan_timelines import clock, draw_storage, store_levels, ways_in_words
from satqn.reports.plan_view import Hop, PlanView, colours
from satqn.reports.plan_words import duration, lead, more_together, short_all, spans, unserved, what_binds
from satqn.reports.style import styled
from satqn.reports.ticks import ShortTicks
from satqn.scenario.planning import SkySection
from satqn.sightline import Sightline
from satqn.sphere import great_circle
from satqn.topology.lines import light

FILES = (
    "report.html", "scenario.resolved.yaml", "instance.json", "plan.json", "links.csv", "served.csv",
    "summary.json", "provenance.json", "exports/network.geojson", "exports/network.graphml",
    "exports/network.csv", "exports/orbits.czml", "exports/links.nc", "figures/map.png", "figures/map.pdf",
)  # fmt: skip


PICTURES = ("map", "service", "pairs", "comparison", "replay")


@pytest.fixture(scope="module")
def made() -> Example:
    return example()


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    place = tmp_path_factory.mktemp("runs") / "two-capitals"
    assert write_plan_run(made.record, place) == place / "report.html"
    return place


class Requests(HTMLParser):
    """Collects whatever a browser would fetch when it shows the page."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        names = ("src", "srcset", "data", "poster", "background", "action") if tag == "a" else (
            "src", "srcset", "href", "data", "poster", "background", "action")  # fmt: skip
        self.wanted += [value for name, value in attrs if name in names and value]


def test_whole_folder_is_there(folder):
    missing = [name for name in FILES if not (folder / name).is_file()]
    assert not missing or (missing == ["exports/links.nc"] and netcdf.missing_libraries())
    assert (folder / "figures" / "map.png").read_bytes()[:4] == b"\x89PNG"


def test_page_asks_nothing_of_other_machines(folder):
    page = (folder / "report.html").read_text(encoding="utf-8")
    parser = Requests()
    parser.feed(page)
    assert parser.wanted
    assert all(value.startswith("data:image/png;base64,") for value in parser.wanted)
    assert not parser.tags & {"script", "link", "iframe", "object", "embed", "base"}
    assert not re.search(r"@import|url\(", page)
    links = re.findall(r'<a href="([^"]*)"', page)
    assert all((folder / link).is_file() for link in links if not link.startswith("#"))
    assert all(f'id="{link[1:]}"' in page for link in links if link.startswith("#"))


def test_page_says_what_the_plan_says(made, folder):
    page, plan = (folder / "report.html").read_text(encoding="utf-8"), made.record.plan
    assert f"{plan.delivered_pairs:,.0f} pairs" in page
    assert f"Bound {plan.bound_pairs:,.0f}" in page
    assert "<b>passed</b><span>independent checker</span>" in page
    assert "3 of 3" in page
    assert "Two capitals &amp; &lt;two&gt; kinds of satellites" in page
    assert plan.instance_sha256 in page
    for demand in made.view.demands:
        pairs = sum(service.pairs for service in made.view.of_demand(demand))
        assert f"<td>{pairs:,.0f}</td>" in page


def test_checker_is_never_claimed_unasked(made):
    for violations, word in ((None, "not asked"), (["C4 at link a–b"], "failed")):
        record = replace(made.record, violations=violations)
        pictures = dict.fromkeys(PICTURES, b"")
        page = plan_report.render_page(record, made.view, pictures, [], {})
        assert f"<b>{word}</b><span>independent checker</span>" in page


def test_nothing_is_left_when_writing_fails(made, tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    monkeypatch.setattr(plan_report, "draw_figures", lambda record, view: {})
    monkeypatch.setattr(plan_report, "render_page", lambda *_: "page")
    with pytest.raises(OutputError, match="No space left"):
        write_plan_run(made.record, tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def page_only(monkeypatch):
    """Leave out the figures, which take longest."""
    monkeypatch.setattr(plan_report, "draw_figures", lambda record, view: {})
    pictures = dict.fromkeys(PICTURES, b"")
    real = plan_report.render_page
    monkeypatch.setattr(
        plan_report, "render_page", lambda r, v, _, loss, out: real(r, v, pictures, loss, out)
    )


def test_missing_export_is_named_in_one_line_and_on_the_page(made, tmp_path, monkeypatch, page_only):
    monkeypatch.setattr(netcdf, "LIBRARIES", ("no_such_library",))
    with pytest.warns(SatqnWarning) as told:
        page = write_plan_run(made.record, tmp_path / "run").read_text(encoding="utf-8")
    said = [str(warning.message) for warning in told]
    assert said == [f"exports/links.nc was left out: no_such_library not installed. {netcdf.HOW_TO_GET}"]
    assert "exports/links.nc was left out: no_such_library not installed" in page
    assert "pip install" in page
    assert not (tmp_path / "run" / "exports" / "links.nc").exists()
    assert (tmp_path / "run" / "exports" / "network.graphml").is_file()


@pytest.mark.parametrize(
    "fault",
    [
        ImportError("DLL load failed while importing _errors"),
        ValueError("numpy.dtype size changed,\nmay indicate binary incompatibility. " + "x" * 1000),
        OSError(28, "No space left on device"),
    ],
    ids=lambda fault: type(fault).__name__,
)
@pytest.mark.parametrize("export", ["netcdf.write_netcdf", "geojson", "czml", "graphml", "network_csv"])
def test_no_export_loses_the_run(made, tmp_path, monkeypatch, page_only, export, fault):
    def broken(*_):
        raise fault

    monkeypatch.setattr(f"satqn.reports.exports.folder.{export}", broken)
    with pytest.warns(SatqnWarning, match="was left out") as told:
        page = write_plan_run(made.record, tmp_path / "run")
    # Without the extra `exports` NetCDF is left out as well, with a word of its own.
    told = [
        one for one in told if not any(w in str(one.message) for w in ("satqn[exports]", "No module named"))
    ]
    assert len(told) == 1
    said = str(told[0].message)
    assert type(fault).__name__ in said
    assert "\n" not in said
    assert len(said) < 300
    name = said.partition(" was left out")[0]
    assert not (tmp_path / "run" / name).exists()
    assert f"{name} was left out" in page.read_text(encoding="utf-8")
    assert (tmp_path / "run" / "plan.json").is_file()


def test_plan_that_serves_nobody_has_a_report_too(made):
    nothing = {"objective_pairs": 0.0, "delivered_pairs": 0.0, "bound_pairs": None, "gap": None}
    records = {"paths": (), "classes": (), "serve": (), "store": (), "stock": (), "log": ()}
    record = replace(made.record, plan=replace(made.record.plan, **nothing, **records), explanation=None,
                     comparison=None, replay=None)  # fmt: skip
    view = PlanView.of(record.stage, record.state, record.plan)
    with styled():
        figures = plan_report.draw_figures(record, view)
    assert set(figures) == {"map", "contacts", "pairs"}
    page = plan_report.render_page(record, view, dict.fromkeys(figures, b""), [], {})
    for words in ("No demand is served in any slot", "stores no pairs", "kept no log", "0 of 3"):
        assert words in page


def test_services_use_links_that_are_up(made):
    """Relays of pair sources are turned into the satellite of the slot: every step is a link then."""
    state = made.record.state
    total = 0.0
    seen_sources = False
    for service in made.view.services:
        total += service.pairs
        demand = next(d for d in made.record.stage.scenario.demands if d.id == service.demand)
        assert (service.nodes[0], service.nodes[-1]) == (demand.source, demand.destination)
        up = np.flatnonzero(state.rate[service.slot] > 0.0)
        direct = {frozenset((state.a[e], state.b[e])) for e in up if state.making[e] != "dual_downlink"}
        above = {
            frozenset((end, str(state.via[service.slot, e])))
            for e in up if state.making[e] == "dual_downlink" for end in (state.a[e], state.b[e])
        }  # fmt: skip
        for hop in service.hops:
            assert hop.stored or frozenset((hop.a, hop.b)) in direct | above
            seen_sources |= frozenset((hop.a, hop.b)) in above
    assert seen_sources
    assert total == pytest.approx(made.record.plan.delivered_pairs, rel=1e-9)


def test_contacts_are_when_the_bodies_see_each_other(made):
    stage = made.record.stage
    found = contacts(stage, made.record.state)
    assert found
    number = {body.id: n for n, body in enumerate(stage.bodies)}
    moments = np.arange(0.0, stage.timeline.duration + 1.0, 20.0)
    for site, satellite in {(c.site, c.satellite) for c in found}:
        a, b = (stage.position(number[name], moments) for name in (site, satellite))
        truth = np.asarray(sight(Sightline.between(a, b, stage.earth), stage.rules).visible)
        mine = np.zeros(len(moments), dtype=bool)
        edge = np.zeros(len(moments), dtype=bool)
        for c in found:
            if (c.site, c.satellite) == (site, satellite):
                mine |= (moments >= c.begin) & (moments <= c.end)
                edge |= (np.abs(moments - c.begin) < 5.0) | (np.abs(moments - c.end) < 5.0)
        assert_allclose(mine[~edge], truth[~edge])


def test_links_to_satellites_are_up_only_in_contacts(made):
    state, stage = made.record.state, made.record.stage
    total = {}
    for c in contacts(stage, state):
        key = frozenset((c.site, c.satellite))
        total[key] = total.get(key, 0.0) + c.end - c.begin
    for e in range(len(state)):
        key = frozenset((state.a[e], state.b[e]))
        if state.making[e] == "one_sided" and key in total:
            assert state.up[:, e].sum() * stage.timeline.slot == pytest.approx(total[key], abs=2.0)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 100), st.floats(0.1, 30)), max_size=20))
def test_satellites_of_a_lane_are_never_seen_at_once(spans_of):
    mine = [Contact("site", name, begin, begin + length) for name, begin, length in spans_of]
    lane = lanes(mine)
    assert set(lane) == {contact.satellite for contact in mine}
    for one in mine:
        for other in mine:
            if one.satellite != other.satellite and lane[one.satellite] == lane[other.satellite]:
                assert one.end <= other.begin or other.end <= one.begin


def test_budgets_are_those_of_the_links(made):
    stage, state = made.record.stage, made.record.state
    found = budgets(stage, state)
    kinds = {budget.title.partition(":")[0] for budget in found}
    assert {"satellite to station", "satellite to HAP", "HAP to station",
            "satellite to station, both photons sent"} <= kinds  # fmt: skip
    number = {body.id: n for n, body in enumerate(stage.bodies)}
    for budget in found:
        one, other = budget.title.partition(": ")[2].split(" → ")
        arrived = light(stage, number[one], number[other], budget.seconds)
        assert 10.0 ** (-budget.total_db / 10.0) == pytest.approx(float(arrived.transmittance[0]), rel=1e-9)
        assert budget.range_km * 1e3 == pytest.approx(float(arrived.range[0]), rel=1e-9)
        if "both" not in budget.title:
            e = next(e for e in range(len(state)) if {state.a[e], state.b[e]} == {one, other})
            slot = int(min(budget.seconds // stage.timeline.slot, state.slots - 1))
            # The best moment is no worse than the mean of any slot, and the mean no better.
            assert budget.rate_per_s >= 0.99 * state.rate[:, e].max()
            assert budget.rate_per_s >= 0.99 * state.rate[slot, e] / max(state.up[slot, e], 1e-9) * 0.9


def test_fibre_budget_is_that_of_the_fastest_fibre(made):
    stage, state = made.record.stage, made.record.state
    fibre = fibre_budget(stage, state)
    fibres = [e for e, making in enumerate(state.making) if making == "fibre_chain"]
    assert fibre.rate_per_s == pytest.approx(state.rate[:, fibres].max())
    assert fibre.loss_db == pytest.approx(0.173 * fibre.length_km)
    e = next(e for e in fibres if (state.a[e], state.b[e]) == (fibre.a, fibre.b))
    assert fibre.fidelity == pytest.approx(float(state.mean_fidelity()[e]))


def test_ways_in_words_name_what_is_used(made):
    for demand in made.view.demands:
        words = ways_in_words(made.view, demand)
        served = {service.slot for service in made.view.of_demand(demand)}
        assert {slot for slot, text in enumerate(words) if text is not None} == served
    assert "SRC-7" in ways_in_words(made.view, "corners")[0]
    first = made.view.of_demand("suburb")[0]
    drawn = replace(first, hops=(Hop("Oranienburg", "Potsdam", stored=True),))
    assert ways_in_words(replace(made.view, services=(drawn,)), "suburb")[first.slot] == "store"


def test_store_levels_count_every_class_at_both_ends(made):
    stage = made.record.stage
    plan = replace(
        made.record.plan,
        classes=(
            PlanClass("c1", ("HAP", "MEO-3"), ("HAP", "MEO-3")),
            PlanClass("c2", ("HAP", "MEO-4"), ("HAP", "MEO-4")),
        ),
        stock=(Stock(2, "c1", 5.0), Stock(2, "c2", 7.0), Stock(3, "c2", 1.0), Stock(13, "c2", 9.0)),
    )
    levels = store_levels(plan, stage)
    assert set(levels) == {"HAP", "MEO-3", "MEO-4"}
    assert levels["HAP"].tolist() == [0.0, 12.0, 1.0, *[0.0] * 9]
    assert levels["MEO-3"].tolist() == [0.0, 5.0, *[0.0] * 10]
    with styled():
        assert draw_storage(plan, stage, made.view) is not None
        assert draw_storage(replace(plan, stock=()), stage, made.view) is None


def test_figures_without_anything_to_show_are_left_out(made):
    with styled():
        assert draw_bounds(replace(made.record.plan, log=())) is None
        assert len(draw_comparison(comparison(10.0)).axes[0].patches) == 2  # one has no plan


def test_land_covers_what_the_land_covers():
    """148.94 of 510.07 million km2 (CIA World Factbook) less 1.6 of ice shelves, which Natural Earth leaves out."""

    def share(rings):
        areas = []
        for ring in rings:
            lon, sine = np.radians(ring[:, 0]), np.sin(np.radians(ring[:, 1]))
            areas.append(abs(np.sum((sine[1:] + sine[:-1]) / 2.0 * np.diff(lon))) / (4.0 * np.pi))
        return sum(areas)

    land, water = world_land()
    assert share(land) - share(water) == pytest.approx((148.94 - 1.6) / 510.07, abs=0.004)
    assert all(np.all(np.abs(np.diff(ring[:-1, 0])) < 180.0) for ring in land if ring[:, 1].min() > -89.0)


places = st.tuples(st.floats(-85, 85), st.floats(-180, 180))


@given(places, places)
def test_great_circle_points_lie_on_the_great_circle(one, other):
    apart = float(great_circle(*one, *other))
    points = great_circle_points(one, other, step_deg=5.0)
    assert_allclose(points[0], one[::-1], atol=1e-6)
    assert np.all(np.abs(np.diff(points[:, 0])) <= 180.0)
    assert abs(points[-1, 1] - other[0]) < 1e-6
    steps = great_circle(points[:-1, 1], points[:-1, 0], points[1:, 1], points[1:, 0])
    if apart < 0.999 * np.pi * 6371e3:  # ends that are not opposite
        assert np.sum(steps) == pytest.approx(apart, abs=1.0)
        assert np.all(steps <= np.radians(5.0) * 6371e3 * 1.01)


@given(st.lists(st.floats(-180, 180), min_size=1, max_size=12), st.floats(-360, 360))
def test_smallest_arc_is_found_wherever_it_lies(lon, turn):
    def spread(middle):
        return max(abs((value - middle + 180.0) % 360.0 - 180.0) for value in lon)

    middle = middle_longitude(np.array(lon))
    best = min(spread(m) for m in np.arange(-180.0, 180.0, 0.5))
    assert spread(middle) <= best + 1e-6
    moved = middle_longitude(np.array(lon) + turn)
    assert spread(moved - turn) == pytest.approx(spread(middle), abs=1e-6)


@given(st.lists(st.tuples(st.floats(-170, 170), st.floats(-85, 85)), min_size=1, max_size=6))
def test_window_holds_every_point(points):
    where = np.array(points)
    window = Window.around(where, 3.0, 0.42, 0.66)
    assert np.all((where[:, 0] >= window.west - 1e-9) & (where[:, 0] <= window.east + 1e-9))
    assert np.all((where[:, 1] >= window.south - 1e-9) & (where[:, 1] <= window.north + 1e-9))
    assert window.east - window.west <= 360.0
    assert window.north - window.south <= 180.0
    assert -90.0 <= window.south < window.north <= 90.0


@given(st.integers(1, 60))
def test_demands_have_colours_of_their_own(count):
    assert len(set(colours(count))) == count
    assert all(re.fullmatch(r"#[0-9A-Fa-f]{6}", colour) for colour in colours(count))


@given(st.sets(st.integers(1, 60)))
def test_spans_can_be_read_back(numbers):
    found = set()
    for part in filter(None, spans(sorted(numbers)).split(", ")):
        first, _, last = part.partition("–")
        found |= set(range(int(first), int(last or first) + 1))
    assert found == numbers


def test_words():
    rows = comparison(200.0)
    assert (
        more_together(rows)
        == "all together delivers 200 pairs: 300 % more than the best of the others, fibre only (50)."
    )
    assert "no other architecture delivers any" in more_together(
        [{"name": "fibre", "delivered_pairs": 0.0}, rows[-1]]
    )
    assert more_together(rows[-1:]) == "There is nothing to compare with."
    prices = [
        {"what": "terminals", "name": "HAP", "slot": t, "worth_pairs": 10.0 * t, "per": "terminal"}
        for t in (2, 3, 4, 9)
    ] + [{"what": "link", "name": "a–b", "slot": 1, "worth_pairs": 1.0, "per": "pair"}]
    assert what_binds({"prices": prices}) == [
        "Price at the margin of one more terminal at HAP: 180 weighted pairs (slots 2–4, 9).",
        "Price at the margin of one more pair in every such slot on the link a–b: 1 weighted pairs (slot 1).",
    ]
    rows = [{"demand": "d", "slot": t, "reason": "none of its paths is up"} for t in (1, 2, 3)]
    assert unserved({"unserved": rows}) == [("d", "1–3", "none of its paths is up")]
    carried = "its best path a–b could carry {}, but link a–b is worth more to demand e"
    rows = [{"demand": "d", "slot": t, "reason": carried.format(c)} for t, c in ((1, 40), (2, 12.5), (3, 40))]
    assert unserved({"unserved": rows}) == [("d", "1–3", carried.format("12.5 to 40"))]
    assert unserved({"unserved": rows[:1]}) == [("d", "1", carried.format(40))]
    assert duration(3600.0) == "1 hour"


def test_lead_claims_no_bound_where_there_is_none(made):
    plan, timeline = made.record.plan, made.record.stage.timeline
    assert "no plan can be better by more than" in lead("", plan, timeline, 3)
    for changed in (replace(plan, bound_pairs=None, gap=None), replace(plan, status="bound_invalid")):
        assert "no plan can be better" not in lead("", changed, timeline, 3)


def test_what_light_is_left_out_is_said_first(made):
    stage = made.record.stage
    kinds = {body.kind for body in stage.bodies}
    first = assumptions(stage)
    assert first[0].startswith("No light of the sky is counted at ground stations")
    more = [line for line in first if "is not counted" in line]
    assert len(more) == len(kinds & {"aerial", "satellite"})
    assert first[1 : 1 + len(more)] == more
    sky = SkySection(day=1.5e-2, twilight=1e-3, night=1e-6, source="a test")
    lit = replace(stage, scenario=stage.scenario.model_copy(update={"sky": sky}))
    said = assumptions(lit)[0]
    assert "0.015 by day" in said
    assert "a test" in said
    assert "Twilight is one step" in said
    assert not any("No light of the sky" in line for line in assumptions(lit))


def test_assumptions_follow_the_scenario(made):
    stage = made.record.stage
    text = " ".join(assumptions(stage))
    for words in ("WGS-84", "refraction is ignored", "Polar motion", "no clouds"):
        assert words in text
    ground = replace(stage, bodies=tuple(body for body in stage.bodies if body.kind == "base_station"))
    assert "counted" not in " ".join(assumptions(ground))
    assert "Polar motion" not in " ".join(assumptions(ground))
    assert hardware_rows(made.record) == [("plain-50cm.receiver.radius_m", "0.5", "test")]


@given(
    st.floats(0.0, 1e10),
    st.floats(1e-9, 1.0),
    st.integers(2, 8),
)
def test_labels_of_different_ticks_differ(start, share, count):
    step = max(start * share, 1e-6)
    ticks = [start + step * i for i in range(count)]
    assert len(set(short_all(ticks))) == len(set(ticks))


def test_axes_of_a_narrow_range_have_no_label_twice(made):
    log = [LogLine(float(i), "cut", 6.4421e6 - 150.0 * i, 6.4412e6 + 100.0 * i, i) for i in range(4)]
    with styled():
        figures = plan_report.draw_figures(
            replace(made.record, plan=replace(made.record.plan, log=tuple(log))), made.view
        )
        for name, figure in figures.items():
            figure.canvas.draw()
            for axes in figure.axes:
                for axis in (axes.xaxis, axes.yaxis):
                    labels = [tick.get_text() for tick in axis.get_ticklabels() if tick.get_visible()]
                    shown = [label for label in labels if label]
                    assert len(set(shown)) == len(shown), (name, shown)
        axis = figures["bound"].axes[0].yaxis
        assert all(label.get_text().endswith(" M") for label in axis.get_ticklabels())
        assert ShortTicks().format_ticks([1e3, 2e3]) == ["1 k", "2 k"]
        assert axis.get_major_formatter()(6.441e6)[:5] == "6.441"


def test_broad_pictures_scroll_and_cells_of_numbers_are_not_broken_on_a_small_screen(folder):
    import io

    from PIL import Image

    from satqn.reports import html

    def picture(width):
        data = io.BytesIO()
        Image.new("1", (width, 3)).save(data, "png")
        return html.image(data.getvalue(), "caption")

    assert 'class="broad"' in picture(html.BROAD + 1)
    assert 'class="broad"' not in picture(html.BROAD)
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert text.count('<div class="broad">') == text.count("<figure>")
    assert "td { white-space: nowrap; }" in text
    assert ".wide { overflow-x: auto;" in text


def test_values_of_catalogued_satellites_are_a_row_each_and_rows_have_a_limit():
    from satqn.reports.plan_page import MOST_ROWS, origin_rows

    one = [("seed", 1, "default")]
    for m in range(MOST_ROWS + 10):
        place = f"satellites.0.omm.{m}"
        one += [
            (f"{place}.OBJECT_NAME", f"S{m}", f"f.tle: S{m}"),
            (f"{place}.EPOCH", "2026-03-20", f"f.tle: S{m}"),
        ]
        one += [(f"{place}.BSTAR", 0.0, f"f.tle: S{m}")]
    rows = origin_rows(one)
    assert rows[:2] == [["seed", "1", "default"], ["satellites.0.omm.0", "S0, epoch 2026-03-20", "f.tle: S0"]]
    assert rows[-1] == ["… and 11 more", "", "scenario.resolved.yaml"]
    assert len(rows) == MOST_ROWS + 1


@pytest.mark.parametrize("hours", [0.2, 1, 4, 12, 24, 36, 48, 72, 120, 240, 720])
def test_no_time_stands_twice_on_an_axis(hours):
    timeline = Timeline(datetime(2026, 6, 21, 3, tzinfo=UTC), 60.0, round(60 * hours))
    figure = Figure()
    axes = figure.subplots()
    clock(axes, timeline)
    figure.canvas.draw()
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert len(labels) >= 3
    assert len(set(labels)) == len(labels)
