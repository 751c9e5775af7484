"""Contacts of satellites with ground stations, beside sgp4 and numpy done naively.

    python benchmarks/orbits.py [--quick]

CPU time of one process, all in one run, compilation left out. Stations are scattered between 64 degrees
south and north. The naive way asks sgp4 for every satellite at every step and numpy for every elevation; it
is timed on few satellites, and its time per (satellite, station, step) counts. With `SATQN_DATA` the
catalogued satellites are those of the snapshot of 20 March 2026, otherwise there are none. Results go to
benchmarks/results/orbits.json.
"""

from __future__ import annotations

import gzip
import json
import math
import os
import platform
import resource
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sgp4.api import WGS72, Satrec

from satqn.orbits.catalogue import parse_tle
from satqn.orbits.constellation import MeanElements, walker
from satqn.orbits.contacts import Sites, find_contacts
from satqn.orbits.frames import DAY, julian_date, sidereal_angle
from satqn.orbits.propagate import CataloguedOrbits, DesignedOrbits, Orbits

RESULTS = Path(__file__).parent / "results" / "orbits.json"
SNAPSHOT = "active_satellites_2026-03-20.tle.gz"
EPOCH = datetime(2026, 3, 20, tzinfo=UTC)

Row = dict[str, float | int | str]


def stations(count: int) -> Sites:
    rng = np.random.default_rng(7)
    return Sites.at(np.degrees(np.arcsin(rng.uniform(-0.9, 0.9, count))), rng.uniform(-180, 180, count))


def shell(count: int) -> MeanElements:
    return walker(count, count // 100, 0, altitude=550e3, inclination=math.radians(53), epoch=EPOCH)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(name: str, orbits: Orbits, sites: Sites, step: float) -> Row:
    start = time.process_time()
    found = find_contacts(orbits, sites, EPOCH, DAY, step=step)
    seconds = time.process_time() - start
    triples = len(orbits) * len(sites) * DAY / step
    return {
        "way": name, "satellites": len(orbits), "stations": len(sites), "step_s": step,
        "contacts": len(found), "cpu_s": seconds, "ns_per_triple": seconds / triples * 1e9,
        "peak_mib": peak_mib(),
    }  # fmt: skip


def records(elements: MeanElements) -> CataloguedOrbits:
    """The same shell for SGP4; Kozai's mean motion in place of Brouwer's does not change the work."""
    days = (EPOCH - datetime(1949, 12, 31, tzinfo=UTC)).total_seconds() / DAY
    made = []
    for k in range(len(elements)):
        columns = (elements.eccentricity, elements.argument_of_perigee, elements.inclination)
        record = Satrec()
        record.sgp4init(
            WGS72, "i", k, days, 0.0, 0.0, 0.0, *(float(c[k]) for c in columns),
            float(elements.mean_anomaly[k]), float(elements.mean_motion[k]) * 60.0, float(elements.raan[k]),
        )  # fmt: skip
        made.append(record)
    return CataloguedOrbits(tuple(str(k) for k in range(len(made))), tuple(made))


def naive(orbits: CataloguedOrbits, sites: Sites, step: float) -> tuple[int, float]:
    """Return contacts and CPU time of every satellite at every step, every elevation, edges of a mask."""
    start = time.process_time()
    day, fraction = julian_date(EPOCH)
    rest = fraction + np.arange(0.0, DAY + step / 2, step) / DAY
    angle = sidereal_angle(day, rest)
    cos, sin, count = np.cos(angle), np.sin(angle), 0
    for record in orbits.records:
        _, r, _ = record.sgp4_array(np.full(rest.size, day), rest)
        fixed = (
            np.stack([cos * r[:, 0] + sin * r[:, 1], cos * r[:, 1] - sin * r[:, 0], r[:, 2]], axis=1) * 1e3
        )
        line = fixed[None] - sites.position[:, None]
        sine = np.einsum("stk,sk->st", line, sites.up) / np.linalg.norm(line, axis=-1)
        up = np.arcsin(sine) >= sites.least_elevation[:, None]
        count += int(np.count_nonzero(up[:, 1:] & ~up[:, :-1]) + np.count_nonzero(up[:, 0]))
    return count, time.process_time() - start


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    hundred = stations(100)
    find_contacts(DesignedOrbits(shell(100)), stations(2), EPOCH, 600.0)  # compile
    rows = [
        timed("J2, number of satellites", DesignedOrbits(shell(n)), hundred, 10.0)
        for n in ((100, 200, 400) if quick else (700, 1400, 2800, 7000))
    ]
    few = 200 if quick else 700
    rows += [
        timed("J2, length of step", DesignedOrbits(shell(few)), hundred, s) for s in (40.0, 20.0, 10.0, 5.0)
    ]
    rows += [
        timed("J2, number of stations", DesignedOrbits(shell(few)), stations(n), 10.0)
        for n in (25, 50, 100, 200)
    ]
    folder = os.environ.get("SATQN_DATA")
    if folder and (Path(folder) / SNAPSHOT).is_file():
        everything = parse_tle(gzip.decompress((Path(folder) / SNAPSHOT).read_bytes()).decode())
        starlink = [k for k, name in enumerate(everything.names) if name.startswith("STARLINK")]
        carried = everything.only(starlink)
        carried = carried.only(np.flatnonzero(carried.carried(EPOCH, [0.0, DAY + 60.0])))
        chosen = carried.only(np.arange(200 if quick else 7000))
        rows.append(timed("SGP4, Starlink", chosen, hundred, 10.0))
        if not quick:
            rows.append(timed("SGP4, Starlink", chosen, hundred, 40.0))
    sample = records(shell(100)).only(np.arange(5 if quick else 20))
    count, seconds = naive(sample, hundred, 10.0)
    per_triple = seconds / (len(sample) * 100 * 8641) * 1e9
    rows.append(
        {"way": "naive: sgp4 + numpy", "satellites": len(sample), "stations": 100, "step_s": 10.0,
         "contacts": count, "cpu_s": seconds, "ns_per_triple": per_triple, "peak_mib": peak_mib()}
    )  # fmt: skip
    for row in rows:
        row["naive_over_this"] = per_triple / float(row["ns_per_triple"])
        print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in row.items()))
    record = {
        "python": platform.python_version(), "machine": platform.machine(),
        "versions": {name: version(name) for name in ("numpy", "numba", "sgp4")},
        "quick": quick, "rows": rows,
    }  # fmt: skip
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
