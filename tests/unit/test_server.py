"""The server: who may come in, what a request can reach, and jobs that outlive tab, worker and server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("fastapi", reason="the extra satqn[web] is not installed")
pytest.importorskip("httpx", reason="httpx is not installed")

from fastapi.testclient import TestClient

from satqn.server.app import create_app
from satqn.server.guard import Door
from satqn.server.jobs import EVENTS, LOCK, REQUEST, STATE, BusyError, Jobs, Limits
from satqn.server.locks import hold, is_held
from satqn.server.serve import LOCAL, page_folder

SMALL = {"time.horizon_s": 1200, "solver.gap": 0.1}
"""metro-pair in two slots: planned in a second."""
PATIENCE = 180.0


def client(jobs, **door):
    kept = {"hosts": LOCAL, "token": None, "body_bytes": jobs.limits.body_bytes} | door
    return TestClient(
        create_app(jobs, Door(**kept)), base_url="http://127.0.0.1", raise_server_exceptions=False
    )


@pytest.fixture
def jobs(tmp_path):
    """Jobs that are never begun."""
    return Jobs(tmp_path / "served")


@pytest.fixture
def web(jobs):
    return client(jobs)


def ended(web, name):
    """Follow the events of a job to their end and return them."""
    found, kind = [], ""
    with web.stream("GET", f"/api/jobs/{name}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("event:"):
                kind = line[6:].strip()
            if line.startswith("data:"):
                found.append((kind, json.loads(line[5:])))
    assert found[-1][0] == "end"
    return found


# ------------------------------------------------------------------------------------------- the door


def test_every_answer_forbids_what_a_page_does_not_need(web):
    for path in ("/", "/api/jobs", "/api/nothing"):
        headers = web.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 403),
        ({"host": "127.0.0.1.evil.example:8765"}, 403),
        ({"host": ""}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"content-type": "text/plain"}, 415),
    ],
)
def test_other_sites_change_nothing(web, jobs, headers, status):
    answer = web.post(
        "/api/jobs",
        content=b'{"scenario": "metro-pair"}',
        headers={"content-type": "application/json"} | headers,
    )
    assert answer.status_code == status
    assert answer.json()["error"]["what"]
    assert jobs.all() == []


def test_the_own_page_is_let_in(web):
    own = {"origin": "http://127.0.0.1:8765", "sec-fetch-site": "same-origin"}
    assert (
        web.post("/api/jobs", json={"scenario": "metro-pair", "changes": SMALL}, headers=own).status_code
        == 202
    )
    assert web.get("/api/jobs", headers={"host": "localhost:8765"}).status_code == 200
    assert web.get("/api/jobs", headers={"host": "[::1]:8765"}).status_code == 200


def test_without_its_token_nothing_is_told(jobs):
    web = client(jobs, hosts=frozenset(), token="t" * 24)
    for headers in ({}, {"authorization": "Bearer wrong"}, {"cookie": "satqn_token=x"}, {"cookie": "=;;"}):
        for path in ("/", "/api/scenarios", "/api/jobs"):
            answer = web.get(path, headers=headers)
            assert answer.status_code == 401
            assert "token" in answer.json()["error"]["what"]
    assert web.get("/api/jobs?token=" + "t" * 23).status_code == 401
    assert web.get("/api/jobs", headers={"authorization": "Bearer " + "t" * 24}).status_code == 200
    came_in = web.get("/?token=" + "t" * 24)
    assert "HttpOnly" in came_in.headers["set-cookie"]
    assert "SameSite=Strict" in came_in.headers["set-cookie"]
    assert web.get("/api/jobs").status_code == 200  # by the cookie


def test_a_body_of_50_mb_is_refused_with_and_without_its_length(web, jobs):
    def parts():
        for _ in range(50):
            yield b"0" * 1_000_000

    kind = {"content-type": "application/json"}
    for body in (b"0" * 50_000_000, parts()):
        answer = web.post("/api/jobs", content=body, headers=kind)
        assert answer.status_code == 413
        assert "too large" in answer.json()["error"]["what"]
    assert jobs.all() == []


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"[]", b"null", b'"x"', b'{"scenario": 7}', b'{"scenario": "metro-pair", "other": 1}', b"\xff\xfe",
        b'{"scenario": "metro-pair", "changes": [1]}', b'{"scenario": "metro-pair", "time_limit_s": -1}',
        b'{"scenario": "metro-pair", "time_limit_s": NaN}', b'{"scenario": "metro-pair", "changes": {"": 1}}',
        b'{"scenario": "metro-pair", "changes": {"seed": NaN}}',
        b'{"scenario": "metro-pair", "changes": {"seed": ' + b"[" * 5000 + b"]" * 5000 + b"}}",
        b'{"scenario": "metro-pair", "changes": {"' + b"a" * 5000 + b'": 1}}',
    ],
)  # fmt: skip
def test_what_is_no_request_gets_one_answer(web, jobs, body):
    answer = web.post("/api/jobs", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    error = answer.json()["error"]
    assert set(error) == {"what", "where", "why", "fix", "problems"}
    assert error["what"]
    assert len(answer.text) < 5000
    assert jobs.all() == []


# ------------------------------------------------------------------------------------------- what is reached


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "..",
        "../../etc/passwd",
        "%2e%2e%2f%2e%2e",
        "a" * 32,
        "0" * 31,
        "/etc",
        "\x00",
        "A" * 5000,
    ],
)
def test_no_id_leads_anywhere(web, name):
    from urllib.parse import quote

    for path in ("", "/scene", "/events", "/files", "/files/report.html", "/slots/0"):
        answer = web.get(f"/api/jobs/{quote(name, safe='')}{path}")
        assert answer.status_code == 404
        assert "script" not in answer.text
        assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "scenario", ["../metro-pair", "/etc/passwd", "metro-pair.yaml", "hardware", "<b>", "~/x"]
)
def test_scenarios_are_those_of_the_list(web, scenario):
    answer = web.post("/api/jobs", json={"scenario": scenario})
    assert answer.status_code == 404
    assert web.get(f"/api/scenarios/{scenario.replace('/', '%2F')}").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"ground.csv": "/etc/passwd"},
        {"ground.geojson": "x.geojson"},
        {"ground": {"nodes": [], "csv": "x.csv"}},
        {"ground.topology.file": "../x.gml"},
        {"ground.topology": {"file": "x.gml"}},
        {"ground.topology.name": "../../secret"},
        {"satellites": [{"id": "A", "file": {"path": "/etc/passwd"}}]},
        {"satellites": [[{"file": {"path": "x"}}]]},
        {"air.table": "x.csv"},
        {"ground . csv ": "x"},
        {"extends": "/etc/passwd"},
    ],
)
def test_changes_name_no_files(web, jobs, changes):
    answer = web.post("/api/jobs", json={"scenario": "metro-pair", "changes": changes})
    assert answer.status_code == 422
    assert "passwd" not in json.dumps(answer.json()["error"]["problems"])
    assert jobs.all() == []


def test_faults_of_a_scenario_stand_at_their_keys(web):
    changes = {"time.slot_s": -3, "ground.nodes.Manhattan.lat_deg": 400, "target_fidelity": "<b>x</b>"}
    answer = web.post("/api/jobs", json={"scenario": "metro-pair", "changes": changes})
    assert answer.status_code == 422
    found = {problem["key"]: problem["what"] for problem in answer.json()["error"]["problems"]}
    assert set(found) == {"time.slot_s", "ground.nodes.0.lat_deg", "target_fidelity"}


def test_scenarios_are_written_out_with_origins(web):
    names = {one["name"]: one["study"] for one in web.get("/api/scenarios").json()["scenarios"]}
    assert names["metro-pair"] == "plan"
    found = web.get("/api/scenarios/metro-pair").json()
    assert found["scenario"]["time"]["slot_s"] == 600
    assert "metro-pair.yaml" in found["origins"]["time.slot_s"]
    assert web.get("/api/schema/plan").json()["$defs"]
    assert web.get("/api/schema/x").status_code == 404


# ------------------------------------------------------------------------------------------- jobs


def test_who_asks_for_the_same_gets_the_same_job(web, jobs):
    one = web.post("/api/jobs", json={"scenario": "metro-pair", "changes": SMALL}).json()
    other = web.post(
        "/api/jobs", json={"scenario": "metro-pair", "changes": dict(reversed(SMALL.items()))}
    ).json()
    third = web.post("/api/jobs", json={"scenario": "metro-pair", "changes": {**SMALL, "seed": 2}}).json()
    assert one["id"] == other["id"] != third["id"]
    assert len(jobs.all()) == 2
    assert str(jobs.folder) not in web.get("/api/jobs").text


def test_of_100_jobs_at_once_8_are_taken(web, jobs):
    found = []

    def post(seed):
        found.append(
            web.post("/api/jobs", json={"scenario": "metro-pair", "changes": {"seed": seed}}).status_code
        )

    threads = [threading.Thread(target=post, args=(seed,)) for seed in range(100)]
    with web:  # one loop of events for all, as in the server
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == [202] * 8 + [429] * 92
    assert len(jobs.all()) == 8


def test_a_job_that_waits_is_cancelled_at_once_and_can_be_begun_again(web):
    asked = {"scenario": "metro-pair", "changes": SMALL}
    name = web.post("/api/jobs", json=asked).json()["id"]
    assert web.delete(f"/api/jobs/{name}").status_code == 429
    assert web.post(f"/api/jobs/{name}/cancel", json={}).json()["state"] == "cancelled"
    assert [kind for kind, _ in ended(web, name)] == ["end"]
    assert web.get(f"/api/jobs/{name}/scene").status_code == 404
    assert web.post("/api/jobs", json=asked).json()["state"] == "cancelled"
    assert web.post("/api/jobs", json={**asked, "again": True}).json()["state"] == "queued"
    web.post(f"/api/jobs/{name}/cancel", json={})
    assert web.delete(f"/api/jobs/{name}").status_code == 204
    assert web.get(f"/api/jobs/{name}").status_code == 404


def test_a_job_is_planned_shown_and_still_there_after_a_restart(jobs):
    web = client(jobs)
    name = web.post("/api/jobs", json={"scenario": "metro-pair", "changes": SMALL}).json()["id"]
    jobs.start()
    try:
        told = ended(web, name)
        kinds = [kind for kind, _ in told]
        assert {"stage", "progress", "bounds", "plan", "end"} <= set(kinds)
        assert told[-1][1]["state"] == "done", told[-1]
        assert told[-1][1]["plan"]
        lines = (jobs.folder / name / EVENTS).read_text().splitlines()
        with web.stream(
            "GET", f"/api/jobs/{name}/events", headers={"last-event-id": str(len(lines) - 1)}
        ) as answer:
            rest = [line for line in answer.iter_lines() if line.startswith("id:")]
        assert rest == [f"id: {len(lines)}"] * 2
        scene = web.get(f"/api/jobs/{name}/scene").json()
        assert len(scene["bodies"]) == 22
        assert scene["time"]["slots"] == 2
        assert web.get(f"/api/jobs/{name}/motion").json()["ids"] == [f"MEO-{n}" for n in range(1, 9)]
        slot = web.get(f"/api/jobs/{name}/slots/1").json()
        assert len(slot["links"]) == len(slot["rate_per_s"])
        assert web.get(f"/api/jobs/{name}/slots/2").status_code == 404
        assert web.get(f"/api/jobs/{name}/slots/-1").status_code == 404
        assert web.get(f"/api/jobs/{name}/slots/x").status_code == 422
        assert web.get(f"/api/jobs/{name}/links/0").json()["budget"]
        same = web.get(f"/api/jobs/{name}/compare/{name}").json()
        assert same["result"]["delivered_pairs"]["more"] == 0.0
        files = {one["name"] for one in web.get(f"/api/jobs/{name}/files").json()["files"]}
        assert {"report.html", "plan.json", "scenario.resolved.yaml", "exports/orbits.czml"} <= files
        page = web.get(f"/api/jobs/{name}/files/report.html")
        assert page.headers["content-security-policy"].startswith("sandbox")
        for wrong in (
            "../request.json",
            "%2e%2e/request.json",
            "../../../etc/passwd",
            "x",
            "exports",
            "exports/",
        ):
            assert web.get(f"/api/jobs/{name}/files/{wrong}").status_code == 404
    finally:
        assert jobs.stop() == 0
    later = Jobs(jobs.folder)
    later.start()
    try:
        assert later.get(name)["state"] == "done"
        assert client(later).get(f"/api/jobs/{name}/scene").json() == scene
    finally:
        later.stop()


def until(true, what):
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < PATIENCE, what
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="kills with POSIX signals")
def test_a_killed_worker_fails_its_job_and_a_killed_server_loses_nothing(jobs, tmp_path):
    changes = {"time.horizon_s": 7200, "solver.gap": 0.0}
    name = client(jobs).post("/api/jobs", json={"scenario": "metro-pair", "changes": changes}).json()["id"]
    place = jobs.folder / name
    script = "import sys, time; from pathlib import Path; from satqn.server.jobs import Jobs; j = Jobs(Path(sys.argv[1])); j.start(); time.sleep(600)"
    server = subprocess.Popen([sys.executable, "-c", script, str(jobs.folder)])
    try:
        until(lambda: is_held(place / LOCK), "the worker begins")
        until(lambda: '"planning"' in (place / EVENTS).read_text(), "it plans")
    finally:
        server.kill()
        server.wait()
    assert is_held(place / LOCK)  # the worker goes on without its server
    jobs.start()
    try:
        assert jobs.get(name)["state"] == "running"
        until(lambda: '"bounds"' in (place / EVENTS).read_text(), "it tells of bounds")
        jobs.cancel(name)
        until(lambda: jobs.get(name)["state"] == "cancelled", "it is cancelled by another server")
        assert (place / "globe.json").is_file() == jobs.get(name)["plan"]
        again = client(jobs).post(
            "/api/jobs", json={"scenario": "metro-pair", "changes": changes, "again": True}
        )
        assert again.json()["state"] in ("queued", "running")
        until(lambda: is_held(place / LOCK), "it begins again")
        until(lambda: (place / EVENTS).is_file(), "it tells something")
        os.kill(jobs._children[name].pid, signal.SIGKILL)
        until(lambda: jobs.get(name)["state"] == "failed", "it has failed")
        assert "without a word" in jobs.get(name)["error"]["what"]
    finally:
        jobs.stop()


def test_work_left_by_a_dead_worker_is_taken_up_again_by_a_new_server(jobs):
    name = client(jobs).post("/api/jobs", json={"scenario": "metro-pair", "changes": SMALL}).json()["id"]
    place = jobs.folder / name
    (place / STATE).write_text(
        json.dumps({**jobs.state(place), "state": "running"})
    )  # as a power cut leaves it
    jobs.start()
    try:
        until(lambda: jobs.get(name)["state"] == "done", "it is done after all")
    finally:
        jobs.stop()


def test_a_scenario_that_cannot_be_kept_says_so(jobs):
    web = client(jobs)
    changes = {**SMALL, "demands.finance.minimum_rate_per_s": 1e9}
    name = web.post("/api/jobs", json={"scenario": "metro-pair", "changes": changes}).json()["id"]
    jobs.start()
    try:
        last = ended(web, name)[-1][1]
        assert last["state"] == "infeasible"
        assert last["error"]["what"]
    finally:
        jobs.stop()


def test_damaged_folders_harm_no_other_job(jobs, web):
    for number, content in enumerate(["", "{", "[]", "{}"]):
        place = jobs.folder / f"{number:032x}"
        place.mkdir()
        (place / REQUEST).write_text(content)
    (jobs.folder / ("f" * 32)).write_text("a file")
    (jobs.folder / "other").mkdir()
    assert web.get("/api/jobs").json() == {"jobs": []}
    assert web.get("/api/jobs/" + "0" * 32).status_code == 404


def test_limits_are_kept(tmp_path):
    jobs = Jobs(tmp_path, Limits(open_jobs=1, kept_jobs=2))
    what = {"scenario": "x", "source": "x", "changes": {}, "time_limit_s": None}
    for number in range(2):
        job = jobs.submit(what, {"n": number}, again=False)
        jobs.cancel(job["id"])
    with pytest.raises(BusyError, match="kept"):
        jobs.submit(what, {"n": 3}, again=False)


def test_a_lock_ends_with_its_file(tmp_path):
    assert not is_held(tmp_path / "lock")
    file = hold(tmp_path / "lock")
    assert file is not None
    assert is_held(tmp_path / "lock")
    assert hold(tmp_path / "lock") is None
    file.close()
    assert not is_held(tmp_path / "lock")


# ------------------------------------------------------------------------------------------- the command


def test_the_command_prints_its_address_and_ends_with_ctrl_c(tmp_path):
    command = [sys.executable, "-m", "satqn", "serve", "--port", "0", "-o", str(tmp_path / "served")]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        import httpx

        assert httpx.get(address + "api/jobs", trust_env=False).json() == {"jobs": []}
        other = subprocess.run(
            [*command[:-3], address.rsplit(":")[-1].strip("/"), "-o", str(tmp_path / "b")],
            capture_output=True,
            text=True,
        )
        assert other.returncode == 2
        assert "--port" in other.stderr
    finally:
        server.send_signal(signal.SIGINT)
        _, told = server.communicate(timeout=60)
    assert server.returncode == 0, told
    assert ("not installed" in told) == (page_folder() is None)


@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["--port", "70000"], "--port"),
        (["--workers", "0"], "--workers"),
        (["--token", "short"], "--token"),
        (["--host", "192.0.2.77", "--port", "0"], "192.0.2.77"),
        (["nothing.yaml"], "nothing.yaml"),
    ],
)
def test_bad_options_are_one_error(words, seen, capsys, tmp_path, monkeypatch):
    from satqn.cli import main

    monkeypatch.chdir(tmp_path)
    assert main(["serve", *words]) == 2
    assert seen in capsys.readouterr().err
    assert not (tmp_path / "results").exists()
