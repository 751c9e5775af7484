"""Data sets: what ships with satqn, and the download of the census against a server of our own."""

from __future__ import annotations

import gzip
import hashlib
import io
import threading
import zipfile
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from satqn.cli import main
from satqn.errors import DataError, InputError, OutputError
from satqn.network import census, datasets
from satqn.network import download as downloads
from satqn.network.census import CENTRES, CONTIGUOUS, FILE, GAZETTEER, STATES
from satqn.sphere import great_circle

OUTSIDE = STATES["tracts"] - CONTIGUOUS["tracts"]
OUTSIDE_POPULATION = STATES["population"] - CONTIGUOUS["population"]


@cache
def nation() -> list[tuple[str, int]]:
    """Return tracts and inhabitants that count what the census counted: 193 in Vermont, 536 + 1 empty."""
    rows = [(f"50{i:09d}", 3000 if i else 0) for i in range(193)]
    rows += [(f"01{i:09d}", 0) for i in range(536)]
    rest = CONTIGUOUS["tracts"] - len(rows)
    share, odd = divmod(CONTIGUOUS["population"] - 192 * 3000, rest)
    rows += [(f"06{i:09d}", share + (i < odd)) for i in range(rest)]
    share, odd = divmod(OUTSIDE_POPULATION, OUTSIDE)
    rows += [(("02", "15")[i % 2] + f"{i:09d}", share + (i < odd)) for i in range(OUTSIDE)]
    rows.append(("72000000001", 5000))  # Puerto Rico is in both files, and in no count
    return sorted(rows)


def zipped(text: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("2020_Gaz_tracts_national.txt", text)
    return archive.getvalue()


def gazetteer(rows: list[tuple[str, int]]) -> bytes:
    """Return the Gazetteer as the Census Bureau writes it: tabs, and blanks after the last column."""
    lines = ["USPS\tGEOID\tALAND\tAWATER\tALAND_SQMI\tAWATER_SQMI\tINTPTLAT\tINTPTLONG" + " " * 30]
    for i, (geoid, _) in enumerate(rows):
        lines.append(f"XX\t{geoid}\t1\t2\t0.1\t0.2\t{30 + i * 1e-4:.6f}\t{-100 + i * 1e-4:.6f}" + " " * 20)
    return zipped("\n".join(lines) + "\n")


def centres(rows: list[tuple[str, int]]) -> bytes:
    """Return the centres of population as the Census Bureau writes them: byte-order mark, signs."""
    lines = ["STATEFP,COUNTYFP,TRACTCE,POPULATION,LATITUDE,LONGITUDE"]
    for i, (geoid, population) in enumerate(rows):
        lines.append(
            f"{geoid[:2]},{geoid[2:5]},{geoid[5:]},{population},+{40 + i * 1e-4:.6f},-{80 - i * 1e-4:.6f}"
        )
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


@cache
def files() -> dict[str, bytes]:
    return {GAZETTEER: gazetteer(nation()), CENTRES: centres(nation())}


class Server(ThreadingHTTPServer):
    """Serves files; each request first uses up the faults that are waiting for its path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = dict(files())
        self.faults: dict[str, list[int | str]] = {}
        self.requests: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        self.server.requests.append(path)
        waiting = self.server.faults.get(path, [])
        fault = waiting.pop(0) if waiting else None
        content = self.server.files.get(path)
        if content is None or isinstance(fault, int):
            self.send_error(fault or 404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if fault == "cut" else content)

    def log_message(self, *words: object) -> None:
        pass


@cache
def own_counts() -> str:
    """Return the hash of the counts that our server serves."""
    rows = [row for row in nation() if row[0][:2] not in {"02", "15", "72"}]
    text = "".join(f"{geoid},{population}\n" for geoid, population in rows)
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setattr(census, "COUNTS_SHA256", own_counts())
    monkeypatch.delenv("SATQN_DATA", raising=False)
    monkeypatch.setenv("SATQN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(downloads, "FIRST_PAUSE_S", 0.0)
    with Server() as served:
        monkeypatch.setenv("SATQN_CENSUS_URL", f"http://127.0.0.1:{served.server_port}/")
        thread = threading.Thread(target=served.serve_forever, args=(0.01,))
        thread.start()
        yield served
        served.shutdown()
        thread.join()


def cached(tmp_path: Path) -> list[str]:
    return sorted(file.name for file in (tmp_path / "cache").rglob("*") if file.is_file())


SEAL = f"{FILE}.sha256"


def test_nothing_but_fetch_downloads(server, tmp_path, capsys):
    with pytest.raises(DataError, match=r"us-tracts is not on this computer.*`satqn data fetch`"):
        datasets.node_table("us-tracts")
    target = tmp_path / "out"
    for words in (["run", "shao2025-us"], ["evaluate", "shao2025-us", "--pairs", "3"]):
        assert main([*words, "-o", str(target)]) == 2
        assert "satqn data fetch" in capsys.readouterr().err
    assert server.requests == []
    assert cached(tmp_path) == []
    assert not target.exists()


def test_another_count_of_the_same_sum_is_refused(server, monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.delenv("SATQN_DATA", raising=False)
    monkeypatch.setenv("SATQN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("SATQN_CENSUS_URL", f"http://127.0.0.1:{server.server_port}/")
    with pytest.raises(DataError, match="not those of the 2020 census"):
        datasets.fetch("us-tracts")  # as many tracts and people, and others
    assert cached(tmp_path) == []


def test_a_table_that_was_edited_is_no_longer_believed(server, tmp_path):
    place = datasets.fetch("us-tracts")
    text = gzip.decompress(place.path.read_bytes()).replace(b",30.", b",31.", 1)
    place.path.write_bytes(gzip.compress(text, mtime=0))
    with pytest.raises(DataError, match="not what was downloaded") as caught:
        datasets.node_table("us-tracts")
    assert "satqn data fetch" in str(caught.value)
    datasets.fetch("us-tracts")
    assert len(server.requests) == 4
    assert len(datasets.node_table("us-tracts")) == 83_239


def test_download_makes_the_table(server, tmp_path):
    datasets.fetch("us-tracts")
    nodes = datasets.node_table("us-tracts", "contiguous")
    assert len(nodes) == 83_239
    assert nodes.population.sum() == CONTIGUOUS["population"]
    assert cached(tmp_path) == [FILE, SEAL]
    place = datasets.locate("us-tracts")
    assert place is not None
    assert (place.origin, place.path.name) == ("cache", FILE)

    table = census.read_table(place.path.read_bytes(), "table")
    points = {source: int((table.source == source).sum()) for source in "IC"}
    assert points == {"I": 83_047, "C": 193 + 536}
    internal = table.source == "I"
    assert (table.lat_deg[internal] < 39).all()
    assert (table.lat_deg[~internal] > 39).all()

    published = datasets.node_table("us-tracts", "published")
    assert len(published) == 83_047
    assert not np.char.startswith(published.ids, "50").any()
    assert server.requests == [GAZETTEER, CENTRES]  # and never again


def test_servers_that_stumble_are_asked_again(server):
    server.faults = {GAZETTEER: [500, "cut", 503], CENTRES: ["cut"]}
    assert datasets.fetch("us-tracts").origin == "cache"
    assert server.requests == [GAZETTEER] * 4 + [CENTRES] * 2


@pytest.mark.parametrize(
    ("faults", "tries", "message"),
    [
        ([500] * 9, downloads.ATTEMPTS, "the server answers 500"),
        (["cut"] * 9, downloads.ATTEMPTS, "the connection broke"),
        ([404], 1, "the server answers 404"),
        ([403], 1, "the server answers 403"),
    ],
)
def test_what_cannot_be_had_leaves_nothing_behind(server, tmp_path, faults, tries, message):
    server.faults = {CENTRES: list(faults)}
    with pytest.raises(DataError, match=message) as caught:
        datasets.fetch("us-tracts")
    assert "satqn data fetch" in str(caught.value)
    assert server.requests.count(CENTRES) == tries
    assert cached(tmp_path) == []


def without_points() -> bytes:
    header = "GEOID\tINTPTLAT\tINTPTLONG\n"
    return zipped(header + "".join(f"{geoid}\tnan\t-90.0\n" for geoid, _ in nation()))


FAULTY = {
    "a tract is missing": (
        CENTRES,
        lambda: centres(nation()[:-2] + nation()[-1:]),
        "84413 tracts .* instead of 84414",
    ),
    "nobody counted": (CENTRES, lambda: centres([(g, 0) for g, _ in nation()]), "with 0 inhabitants"),
    "a tract has no point": (
        GAZETTEER,
        lambda: gazetteer(nation()[:9000] + nation()[9001:]),
        "tract 06000008145 is not in it",
    ),
    "a tract twice": (
        CENTRES,
        lambda: centres([*nation()[:-2], nation()[0], nation()[-1]]),
        "a tract is in it twice",
    ),
    "no zip": (GAZETTEER, lambda: b"<html>Please log in</html>", "it is damaged"),
    "zip cut": (GAZETTEER, lambda: files()[GAZETTEER][:-2000], "it is damaged"),
    "an empty zip": (GAZETTEER, lambda: zipped(""), "it is damaged"),
    "other columns": (CENTRES, lambda: b"STATEFP,POPULATION\n01,5\n", "no column COUNTYFP"),
    "not a number": (
        CENTRES,
        lambda: files()[CENTRES].replace(b",+40.0001", b",+4O.0001", 1),
        "it is damaged",
    ),
    "not a position": (GAZETTEER, without_points, "is not a number"),
    "not text": (CENTRES, lambda: b"\xff\xfe\x00" * 50, "it is damaged"),
}


@pytest.mark.parametrize("case", FAULTY)
def test_a_damaged_download_is_refused(server, tmp_path, case):
    path, make, message = FAULTY[case]
    server.files[path] = make()
    assert server.files[path] != files()[path]
    with pytest.raises(DataError, match=message) as caught:
        datasets.fetch("us-tracts")
    assert path.rsplit("/", 1)[-1] in str(caught.value)
    assert cached(tmp_path) == []


def test_offline_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("SATQN_DATA", raising=False)
    monkeypatch.setenv("SATQN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(downloads, "FIRST_PAUSE_S", 0.0)
    monkeypatch.setenv("SATQN_CENSUS_URL", "http://127.0.0.1:9")  # the port nobody listens on
    with pytest.raises(DataError) as caught:
        datasets.fetch("us-tracts")
    for words in ("cannot download", "not on this computer", "satqn data fetch", "SATQN_DATA", "us-cities"):
        assert words in str(caught.value)


def test_a_mirror_that_is_no_web_address(monkeypatch, tmp_path):
    monkeypatch.delenv("SATQN_DATA", raising=False)
    monkeypatch.setenv("SATQN_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("SATQN_CENSUS_URL", "file:///etc")
    with pytest.raises(DataError, match="is no web address"):
        datasets.fetch("us-tracts")


def test_a_damaged_copy_in_the_cache_is_named_and_fetched_again(server, tmp_path):
    place = datasets.fetch("us-tracts")
    good = place.path.read_bytes()
    place.path.write_bytes(good[:-1000])
    with pytest.raises(DataError, match="not what was downloaded") as caught:
        datasets.node_table("us-tracts")
    assert str(place.path) in str(caught.value)
    assert datasets.fetch("us-tracts").path.read_bytes() == good
    assert len(server.requests) == 4
    datasets.fetch("us-tracts")
    assert len(server.requests) == 4
    datasets.fetch("us-tracts", again=True)
    assert len(server.requests) == 6


def test_a_cache_that_cannot_be_written(server, tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(OutputError, match="cannot write"):
        datasets.fetch("us-tracts")


def test_disk_full_leaves_the_old_copy(server, tmp_path, monkeypatch):
    place = datasets.fetch("us-tracts")
    good = place.path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("satqn.files.os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        datasets.fetch("us-tracts", again=True)
    assert place.path.read_bytes() == good
    assert cached(tmp_path) == [FILE, SEAL]


def test_interrupt_leaves_nothing(server, tmp_path, monkeypatch):
    def interrupt(packed: object, *rest: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(census, "_counted", interrupt)
    with pytest.raises(KeyboardInterrupt):
        datasets.fetch("us-tracts")
    assert cached(tmp_path) == []


def test_progress_counts_bytes(server, monkeypatch):
    seen: list[tuple[int, int | None]] = []

    @contextmanager
    def bar(title: str):
        yield lambda arrived, total: seen.append((arrived, total))

    monkeypatch.setattr(downloads, "_progress_bar", bar)
    downloads.download(f"http://127.0.0.1:{server.server_port}/{CENTRES}", fix="")
    assert seen[-1] == (len(files()[CENTRES]), len(files()[CENTRES]))
    assert all(arrived <= total for arrived, total in seen if total)


def test_own_folder_comes_first_and_is_never_written(server, tmp_path, monkeypatch):
    fetched = datasets.fetch("us-tracts").path.read_bytes()
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("SATQN_DATA", str(own))
    assert datasets.locate("us-tracts").origin == "cache"
    (own / FILE).write_bytes(fetched)
    assert datasets.locate("us-tracts").origin == "SATQN_DATA"
    assert len(datasets.node_table("us-tracts")) == 83_239
    (own / FILE).write_bytes(fetched[:5000])
    for ask in (datasets.node_table, datasets.fetch):
        with pytest.raises(DataError, match="it is damaged"):
            ask("us-tracts")
    assert (own / FILE).read_bytes() == fetched[:5000]


def test_own_folder_that_does_not_exist(monkeypatch, tmp_path):
    monkeypatch.setenv("SATQN_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"SATQN_DATA: there is no folder .*nowhere"):
        datasets.node_table("us-tracts")


@pytest.mark.parametrize("text", ["geoid,lat\n1,2\n", "geoid,lat,lon,population,src\n1,2,3,4,I\n", ""])
def test_another_table_is_refused(text):
    with pytest.raises(DataError, match=r"table: (it is damaged|1 tracts with 4 inhabitants)"):
        census.read_table(gzip.compress(text.encode()), "table")


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="no data set is called 'mars'"):
        datasets.locate("mars")
    with pytest.raises(InputError, match="no node set is called 'all'"):
        datasets.node_table("us-cities", "all")


def test_cities_are_the_largest_and_each_is_one():
    cities = datasets.cities()
    assert len(cities) == 300
    assert cities.ids[0] == "New York NY"
    assert np.unique(cities.ids).size == 300
    assert (np.diff(cities.population) <= 0).all()
    assert cities.population.min() > 100_000
    assert {"Portland OR", "Denver CO", "Springfield MO", "Springfield MA"} <= set(cities.ids.tolist())
    assert not {"Brooklyn NY", "Manhattan NY", "South Boston MA", "Hollywood CA"} & set(cities.ids.tolist())
    assert (cities.lat_deg > 24).all()
    assert (cities.lat_deg < 49.5).all()
    assert (cities.lon_deg > -125).all()
    assert (cities.lon_deg < -66).all()
    denver = cities.ids.tolist().index("Denver CO")
    assert float(great_circle(cities.lat_deg[denver], cities.lon_deg[denver], 39.74, -104.99)) < 5e3
    assert datasets.node_table("us-cities") is cities


def test_outlines_are_closed_and_lie_where_the_country_is():
    outlines = dict(datasets.us_outline())
    assert len(outlines) == 50
    assert {"nation", "District of Columbia", "Texas"} <= set(outlines)
    for rings in outlines.values():
        for ring in rings:
            assert ring.shape[1] == 2
            assert np.array_equal(ring[0], ring[-1])
    corners = np.concatenate(outlines["nation"])
    assert corners.min(axis=0) == pytest.approx([-124.7, 24.5], abs=0.15)
    assert corners.max(axis=0) == pytest.approx([-66.95, 49.38], abs=0.15)
    # Neighbours share their border exactly: Colorado's northern edge is Wyoming's southern one.
    colorado, wyoming = (set(map(tuple, np.concatenate(outlines[name]))) for name in ("Colorado", "Wyoming"))
    assert len(colorado & wyoming) >= 2


def test_the_nation_is_the_union_of_its_states():
    def area(ring: np.ndarray) -> float:
        x, y = ring.T
        return abs(float(np.dot(x[:-1], y[1:]) - np.dot(y[:-1], x[1:]))) / 2

    outlines = dict(datasets.us_outline())
    nation = sum(area(ring) for ring in outlines.pop("nation"))
    states = sum(area(ring) for rings in outlines.values() for ring in rings)
    assert nation == pytest.approx(states, rel=2e-3)


def test_every_embedded_data_set_is_at_hand():
    for name in ("us-cities",):
        place = datasets.fetch(name)
        assert place.origin == "embedded"
        assert place.path.is_file()
    assert set(datasets.DATASETS) == {"us-cities", "us-tracts"}
