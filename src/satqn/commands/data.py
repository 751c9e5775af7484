"""``satqn data``: which data sets there are, where they lie, and how to get them."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from satqn.commands.common import Json, emit_json, say, show

app = App(name="data", help="List, fetch and locate data sets.")


@app.command(name="list")
def list_datasets(*, json: Json = False) -> None:
    """List the data sets, their sources and licences, and whether they are at hand."""
    from satqn.network import datasets

    rows = []
    for name, entry in datasets.DATASETS.items():
        place = datasets.locate(name)
        rows.append(
            {
                "name": name,
                "title": entry.title,
                "source": entry.source,
                "licence": entry.licence,
                "origin": place.origin if place else None,
            }
        )
    if json:
        emit_json({"datasets": rows})
        return
    for row in rows:
        state = f"at hand ({row['origin']})" if row["origin"] else "not at hand: satqn data fetch"
        show(f"{row['name']:<10}  {row['title']}\n{'':<10}  {row['source']}; {row['licence']}; {state}")


@app.command
def fetch(name: str = "us-tracts", *, again: bool = False, json: Json = False) -> None:
    """Make sure that a data set is at hand and undamaged; download it if need be.

    Parameters
    ----------
    name
        The data set.
    again
        Download it even if it is in the cache.
    """
    from satqn.network import datasets

    place = datasets.fetch(name, again=again)
    if json:
        emit_json({"name": name, "path": str(place.path), "origin": place.origin})
    else:
        say(f"{name} is at hand ({place.origin}): {place.path}")


@app.command(name="clear-cache")
def clear(*, datasets: Annotated[bool, Parameter(negative=())] = False, json: Json = False) -> None:
    """Remove what satqn keeps to save time: networks, finished tasks, compiled code.

    All of it is made again when it is needed.

    Parameters
    ----------
    datasets
        Remove downloaded data sets, too.
    """
    from satqn.kept import cache_folder, clear_cache

    removed = clear_cache(datasets=datasets)
    if json:
        emit_json({"cache": str(cache_folder()), "removed_bytes": removed})
        return
    parts = ", ".join(f"{kind} {size / 1e6:.1f} MB" for kind, size in removed.items())
    say(f"Removed from {cache_folder()}: {parts}")


@app.command
def where(name: Annotated[str | None, Parameter()] = None, *, json: Json = False) -> None:
    """Print where data sets lie, and the cache.

    Parameters
    ----------
    name
        One data set; without it, all and the cache.
    """
    from satqn.kept import cache_folder
    from satqn.network import datasets

    names = [datasets.dataset(name).name] if name else list(datasets.DATASETS)
    places = {entry: datasets.locate(entry) for entry in names}
    if json:
        emit_json(
            {
                "cache": str(cache_folder()),
                "datasets": {entry: str(place.path) if place else None for entry, place in places.items()},
            }
        )
        return
    for entry, place in places.items():
        show(f"{entry}: {place.path if place else 'not at hand (satqn data fetch)'}")
    if name is None:
        show(f"cache: {cache_folder()}")
