"""CSV tables: links by slot, services, and the network with means over time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from satqn.model.timeline import LinkState
from satqn.reports.cells import cell
from satqn.reports.plan_geography import ground_points
from satqn.reports.plan_view import PlanView
from satqn.topology.bodies import Stage
from satqn.units import KM

Cell = str | float | int


def links_csv(stage: Stage, state: LinkState) -> str:
    """Return every link in every slot in which it is up: rate, fidelity, share of the slot, satellite."""
    header = ["slot", "begin_utc", "node_a", "node_b", "making", "via", "rate_per_s", "fidelity", "up_share"]
    return _csv(header, _link_rows(stage, state))


def _link_rows(stage: Stage, state: LinkState) -> Iterator[Sequence[Cell]]:
    fidelity = state.fidelity.filled(0.0)
    for t in range(state.slots):
        begin = stage.timeline.begin(t).isoformat()
        for e in np.flatnonzero(state.rate[t] > 0.0).tolist():
            yield (
                t + 1, begin, state.a[e], state.b[e], state.making[e], str(state.via[t, e]),
                float(state.rate[t, e]), float(fidelity[t, e]), float(state.up[t, e]),
            )  # fmt: skip


def served_csv(view: PlanView) -> str:
    """Return who is served in which slot over which path."""
    header = [
        "slot", "begin_utc", "demand", "path_id", "path", "from_store", "rate_per_s", "pairs",
        "path_fidelity", "base_pairs_per_pair",
    ]  # fmt: skip
    rows = (
        (
            s.slot + 1, view.timeline.begin(s.slot).isoformat(), s.demand, s.path.id, " ".join(s.nodes),
            " ".join(f"{hop.a}~{hop.b}" for hop in s.hops if hop.stored), s.rate, s.pairs, s.path.fidelity,
            s.path.base_pairs,
        )
        for s in view.services
    )  # fmt: skip
    return _csv(header, rows)


def network_csv(stage: Stage, state: LinkState) -> str:
    """Return nodes, then links with means over time, one table told apart by its first column."""
    header = [
        "record", "id", "node_a", "node_b", "kind", "lat_deg", "lon_deg", "altitude_m", "terminals",
        "storage_pairs", "length_km", "mean_rate_per_s", "largest_rate_per_s", "fidelity", "slots_up",
    ]  # fmt: skip
    return _csv(header, _network_rows(stage, state))


def _network_rows(stage: Stage, state: LinkState) -> Iterator[Sequence[Cell]]:
    nothing = ("",) * 5
    for number, body in enumerate(stage.bodies):
        where: tuple[Cell, ...] = ("", "", "")
        if body.kind != "satellite":
            where = tuple(round(float(value[0]), 9) for value in ground_points(stage, number, 0.0))
        yield ("node", body.id, "", "", body.kind, *where, body.terminals, float(body.storage), *nothing)
    fidelity = state.mean_fidelity()
    for e in range(len(state)):
        yield (
            "link", "", state.a[e], state.b[e], state.making[e], *nothing, float(state.length[e]) / KM,
            float(state.rate[:, e].mean()), float(state.rate[:, e].max()), float(fidelity[e]),
            int(np.count_nonzero(state.rate[:, e])),
        )  # fmt: skip


def _csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(map(cell, row) for row in rows)
    return stream.getvalue()
