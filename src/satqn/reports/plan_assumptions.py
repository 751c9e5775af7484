"""What a plan takes for granted, in words, and where the numbers of its hardware are from."""

from __future__ import annotations

from collections.abc import Iterator

from satqn.reports.plan_record import PlanRecord
from satqn.topology.bodies import Stage


def assumptions(stage: Stage) -> list[str]:
    """Return what the plan takes for granted.

    Parameters
    ----------
    stage
        Says which parts there are: nothing is said about satellites where there are none.
    """
    return [*_light(stage), *_assumptions(stage)]


def _light(stage: Stage) -> Iterator[str]:
    """Yield first what most often makes a plan look better than it is: light that is not counted."""
    sky = stage.scenario.sky
    kinds = {body.kind for body in stage.bodies}
    if not kinds & {"aerial", "satellite"}:
        return
    if sky is None:
        yield (
            "No light of the sky is counted at ground stations, by day or by night, because the scenario has "
            "no `sky`: by day fidelities are too good."
        )
    else:
        yield (
            f"Light of the sky at ground stations, W/(m² sr nm): {sky.day:g} by day, {sky.twilight:g} in "
            f"twilight, {sky.night:g} at night ({sky.source}), wherever the telescope points, in "
            "every weather. Twilight is one step from sunset to the Sun 18° below the horizon: its bright "
            "end is taken for too dark or its dark end for too bright."
        )
    if "aerial" in kinds:
        yield (
            "Light of the sky and of the Earth at receivers on HAPs is not counted, not even by day: their "
            "fidelities are too good."
        )
    if "satellite" in kinds:
        yield "Light of the Earth and the sky at receivers on satellites is not counted."


def _assumptions(stage: Stage) -> Iterator[str]:
    scenario = stage.scenario
    kinds = {body.kind for body in stage.bodies}
    figure = "the WGS-84 ellipsoid" if scenario.earth == "wgs84" else "a sphere"
    if "satellite" in kinds:
        made = [g for g in scenario.satellites if g.omm is None]
        read = [g for g in scenario.satellites if g.omm is not None]
        if made:
            yield (
                "Designed orbits move by Kepler with the secular drift of J2; periodic terms are left out "
                "(beside SGP4 at most 26 km over a day)."
            )
        if read:
            yield "Orbits of catalogued satellites are those of SGP4 from their mean elements."
        yield "Polar motion and the difference of UT1 and UTC are ignored: at most 0.4 km at the equator."
    links = scenario.links
    yield (
        f"The Earth is {figure}. Light travels straight (refraction is ignored) and is used above "
        f"{links.ground_mask_deg:g}° at ground stations."
    )
    air = f"a zenith transmittance of {links.zenith_transmittance:g}"
    if scenario.air is not None:
        air = f"above all ground stations alike the air of a table by elevation, between platforms {air}"
    yield f"The sky is clear: {air}, no clouds, no scintillation."
    yield (
        "Rates are means over each slot; a link has one fidelity, its mean over all slots weighted by pairs. "
        "Pairs are Werner states, swaps multiply Werner parameters."
    )
    if any(body.storage > 0.0 for body in stage.bodies):
        kept = scenario.routing.stock_retention
        lost = "are kept without loss" if kept == 1.0 else f"fade: a share of {kept:g} is left after a slot"
        yield f"Pairs in store {lost}; their fidelity stays as it is."
    yield (
        "Terminals are shared by time within a slot; slewing and acquisition cost what the hardware says at "
        "the beginning of a contact."
    )


def hardware_rows(record: PlanRecord) -> list[tuple[str, str, str]]:
    """Return key, value and source of every number of the terminals that the plan's bodies have."""
    hardware = record.stage.scenario.hardware
    bodies = record.stage.bodies
    used = {name for name, terminal in hardware.items() if any(b.terminal == terminal for b in bodies)}
    rows = []
    for key, value, where in record.origins:
        first, _, rest = key.partition(".")
        name, _, field = rest.partition(".")
        if first == "hardware" and name in used and field and value is not None:
            rows.append((f"{name}.{field}", str(value), where))
    return rows
