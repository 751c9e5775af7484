"""Maps of what a place, or a region, gets: figure, GeoJSON, and tables as CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from satqn.extras import missing
from satqn.model.country import PlaceMap, Quantity, RegionMap, shown_values
from satqn.network.datasets import us_outline
from satqn.reports.maps import NATION, albers_km, us_map
from satqn.reports.style import ORANGE, TWO_COLUMNS, WAY_COLOURS, new_figure, render, styled
from satqn.reports.summary import WAYS, median

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLES: dict[Quantity, str] = {
    "rate": "rate of the protocol (pairs/s)",
    "fidelity": "fidelity of the protocol",
    "protocol": "way with the highest rate",
}
PALE = "#BBBBBB"
"""Colour of places that get nothing."""
ENDS = 0.02, 0.95
"""Quantiles of the rates between which the colours change."""


def place_files(found: PlaceMap, quantity: Quantity, stations: Any) -> dict[str, bytes]:
    """Return the files of a map from one place by name.

    Parameters
    ----------
    found
        The map.
    quantity
        What the figure shows; tables hold all quantities.
    stations
        Node indices of the ground stations.
    """
    columns = found.columns()
    nodes = found.network.nodes
    features = [
        _point(lon, lat, rest)
        for lon, lat, rest in zip(
            columns["lon_deg"].tolist(),
            columns["lat_deg"].tolist(),
            _records({name: c for name, c in columns.items() if name not in ("lat_deg", "lon_deg")}),
            strict=True,
        )
    ]
    start = {"node": str(nodes.ids[found.start]), "role": "from"}
    here = _point(float(nodes.lon_deg[found.start]), float(nodes.lat_deg[found.start]), start)
    with styled():
        figure = draw_place(found, quantity, stations)
    return {
        "map.png": render(figure, "png"),
        "map.geojson": _geojson([here, *features]),
        **_tables("places", columns),
    }


def region_files(found: RegionMap, quantity: Quantity) -> dict[str, bytes]:
    """Return the files of a map of medians by region by name; parameters as in :func:`place_files`."""
    table = region_table(found)
    outlines = {name: rings for name, rings in us_outline() if name != NATION}
    features = [
        {"type": "Feature", "geometry": _outline(outlines.get(row["region"])), "properties": row}
        for row in table
    ]
    with styled():
        figure = draw_regions(found, quantity)
    columns = {name: np.array([row[name] for row in table], dtype=object) for name in table[0]}
    return {
        "map.png": render(figure, "png"),
        "map.geojson": _geojson(features),
        **_tables("regions", columns),
    }


def region_table(found: RegionMap) -> list[dict[str, Any]]:
    """Return for every region medians with 95 % intervals and the share of every way.

    A pair counts in the region of each of its ends, once if that is the same. One that gets nothing counts as
    rate 0; medians of fidelities are over the pairs that have one.
    """
    rows = []
    for index, name in enumerate(found.names):
        some = found.rows(index)
        rate = median(found.results.protocol_rate.filled(0.0)[some])
        fidelity = median(found.results.protocol_fidelity[some].compressed())
        row: dict[str, Any] = {"region": name, "pairs": len(some)}
        for quantity, summary in (("rate_per_s", rate), ("fidelity", fidelity)):
            row |= {
                f"median_{quantity}": summary["value"],
                f"{quantity}_low": summary["low"],
                f"{quantity}_high": summary["high"],
            }
        chosen = found.results.protocol_by_rate[some]
        row |= {f"share_{way}": float(np.mean(chosen == way)) for way in WAYS}
        rows.append(row)
    return rows


def draw_place(found: PlaceMap, quantity: Quantity, stations: Any) -> Figure:
    """Draw every place in the colour of what it gets with the one in the middle of the question."""
    figure = new_figure(TWO_COLUMNS, 4.6)
    axes = figure.subplots()
    us_map(axes)
    nodes, results = found.network.nodes, found.results
    x, y = albers_km(nodes.lat_deg, nodes.lon_deg)
    _widen(axes, x, y)
    size = 14.0 if len(results) < 1000 else 0.7
    at: dict[str, Any] = {"s": size, "lw": 0, "zorder": 2, "rasterized": len(results) > 5000}
    values = shown_values(results, quantity)
    if quantity == "protocol":
        for way in WAYS:
            some = results.b[np.asarray(values) == way]
            if len(some):
                axes.scatter(x[some], y[some], color=WAY_COLOURS[way], label=f"{way}: {len(some)}", **at)
    else:
        _coloured(figure, axes, x[results.b], y[results.b], values, quantity, at)
    sites: dict[str, Any] = {"marker": "^", "s": 12, "color": "none", "ec": "black", "lw": 0.5, "zorder": 3}
    axes.scatter(x[stations], y[stations], label="ground station", **sites)
    star: dict[str, Any] = {"marker": "*", "s": 130, "color": ORANGE, "ec": "black", "lw": 0.7, "zorder": 4}
    axes.scatter(x[[found.start]], y[[found.start]], label=str(nodes.ids[found.start]), **star)
    axes.legend(loc="lower left", markerscale=1.0 if size > 1 else 1.2)
    axes.set_title(f"From {nodes.ids[found.start]} to {len(results)} places: {_title(found, quantity)}")
    return figure


def draw_regions(found: RegionMap, quantity: Quantity) -> Figure:
    """Draw the median of every region as a dot in the middle of its places, its name beside it."""
    from matplotlib.collections import PolyCollection

    figure = new_figure(TWO_COLUMNS, 4.6)
    axes = figure.subplots()
    us_map(axes)
    nodes, table = found.network.nodes, region_table(found)
    x, y = albers_km(nodes.lat_deg, nodes.lon_deg)
    _widen(axes, x, y)
    key = "median_fidelity" if quantity == "fidelity" else "median_rate_per_s"
    outlines = dict(us_outline())
    middle = np.array([(x[i].mean(), y[i].mean()) for i in _members(found)])
    if quantity == "protocol":
        best = [WAYS[int(np.argmax([row[f"share_{way}"] for way in WAYS]))] for row in table]
        colours: Any = [WAY_COLOURS[way] for way in best]
        for way in WAYS:
            if way in best:
                axes.scatter([], [], color=WAY_COLOURS[way], label=f"most often {way}")
        axes.legend(loc="lower left")
    else:
        values = np.ma.masked_invalid([np.nan if row[key] is None else row[key] for row in table])
        at: dict[str, Any] = {"s": 26, "lw": 0.4, "ec": "black", "zorder": 3}
        scale = _coloured(figure, axes, middle[:, 0], middle[:, 1], values, quantity, at)
        colours = [scale.to_rgba(v) if v is not np.ma.masked and v > 0.0 else PALE for v in values]
        if PALE in colours:
            axes.legend(loc="lower left")
    for row, colour, (cx, cy) in zip(table, colours, middle, strict=True):
        rings = [np.column_stack(albers_km(r[:, 1], r[:, 0])) for r in outlines.get(row["region"], [])]
        axes.add_collection(PolyCollection(rings, facecolors=[colour], edgecolors="white", lw=0.4, zorder=1))
        if not rings and quantity == "protocol":
            axes.scatter([cx], [cy], s=26, color=[colour], zorder=3)
    axes.set_title(
        f"{len(found.results)} pairs by the {len(table)} regions of their ends: {_title(found, quantity)}"
    )
    return figure


def _members(found: RegionMap) -> list[Any]:
    return [np.flatnonzero(found.region == index) for index in range(len(found.names))]


def _title(found: PlaceMap | RegionMap, quantity: Quantity) -> str:
    at = f" at F = {found.target_fidelity:g}" if quantity != "fidelity" else ""
    return (
        ("median " if isinstance(found, RegionMap) and quantity != "protocol" else "") + TITLES[quantity] + at
    )


def _coloured(
    figure: Figure, axes: Axes, x: Any, y: Any, values: Any, quantity: Quantity, at: Mapping[str, Any]
) -> Any:
    """Draw points in the colour of their values with a bar beside them; return the scale."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LogNorm, Normalize

    there = np.ma.masked_less_equal(values, 0.0)
    some = ~np.ma.getmaskarray(there)
    present = there.compressed()
    norm: Any = Normalize(0.5, 1.0)
    if quantity == "rate":
        low, top = np.quantile(present, ENDS).tolist() if len(present) else (0.1, 1.0)
        norm = LogNorm(min(low, 0.9 * top), top)
    elif len(present):
        norm = Normalize(
            min(float(present.min()), 0.9999), max(float(present.max()), float(present.min()) + 1e-4)
        )
    scale = ScalarMappable(norm, "viridis")
    if not some.all():
        axes.scatter(x[~some], y[~some], color=PALE, label=f"nothing: {int((~some).sum())}", **at)
    axes.scatter(x[some], y[some], c=present, cmap="viridis", norm=norm, **at)
    extend = "both" if quantity == "rate" else "neither"
    figure.colorbar(scale, ax=axes, shrink=0.7, pad=0.01, label=TITLES[quantity], extend=extend)
    return scale


def _widen(axes: Axes, x: Any, y: Any) -> None:
    """Make room for networks that reach beyond the contiguous US."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    axes.set_xlim(min(left, float(x.min()) - 40.0), max(right, float(x.max()) + 40.0))
    axes.set_ylim(min(low, float(y.min()) - 40.0), max(high, float(y.max()) + 40.0))


def _point(lon: float, lat: float, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": dict(properties),
    }


def _outline(rings: Any) -> dict[str, Any] | None:
    """Return a state's outline, each ring a polygon; None where a region has none."""
    if rings is None:
        return None
    return {"type": "MultiPolygon", "coordinates": [[ring.tolist()] for ring in rings]}


def _geojson(features: list[dict[str, Any]]) -> bytes:
    document = {"type": "FeatureCollection", "features": features}
    return (json.dumps(document, allow_nan=False, ensure_ascii=False) + "\n").encode()


def _listed(column: Any) -> list[Any]:
    """Return a column as plain values, None where there is none."""
    absent = np.broadcast_to(np.ma.getmaskarray(column), len(column))
    return [None if gone else v for v, gone in zip(np.ma.getdata(column).tolist(), absent, strict=True)]


def _records(columns: Mapping[str, Any]) -> list[dict[str, Any]]:
    lists = {name: _listed(column) for name, column in columns.items()}
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _tables(name: str, columns: Mapping[str, Any]) -> dict[str, bytes]:
    """Return the table as CSV and, where pyarrow is installed, as Parquet."""
    lists = {key: _listed(column) for key, column in columns.items()}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(lists)
    rows = zip(*lists.values(), strict=True)
    writer.writerows(
        ["" if v is None else f"{v:.10g}" if isinstance(v, float) else v for v in row] for row in rows
    )
    files = {f"{name}.csv": stream.getvalue().encode()}
    if not missing("pyarrow"):
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
        buffer = io.BytesIO()
        parquet.write_table(pyarrow.table(lists), buffer)
        files[f"{name}.parquet"] = buffer.getvalue()
    return files
