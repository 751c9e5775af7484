"""The addresses of the server: scenarios, jobs with their progress, and results in small pieces."""

from __future__ import annotations

import asyncio
import json
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from satqn import api
from satqn._version import __version__
from satqn.errors import InputError, SatqnError
from satqn.server.answers import error_document
from satqn.server.guard import Door, Guard
from satqn.server.jobs import ENDED, EVENTS, GLOBE, RUN, BusyError, Jobs, NoJobError

MOST_CHANGES = 500
LONGEST_KEY = 200
_LOOK_S = 0.15
"""s between two looks at the log of a job."""
_KEPT_GLOBES = 4
"""Results that stay in memory."""
REPORT_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Of files of a run: a report has its pictures and its style within, and no script."""
NO_PAGE = """<!doctype html><meta charset=utf-8><title>satqn</title><h1>The page is not installed</h1>
<p>The server runs and answers under <code>/api/</code>. The page is the distribution satqn-web:
in a clone of satqn type <code>python -m pip install ./web</code>, then start satqn again."""


class Asked(BaseModel):
    """What a job is asked for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    scenario: Annotated[str, Field(min_length=1, max_length=200)]
    changes: Annotated[dict[str, Any], Field(max_length=MOST_CHANGES)] = {}
    time_limit_s: Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)] | None = None
    again: bool = False


class Globes:
    """Results of jobs, the last few of them in memory."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, int], dict[str, Any]] = OrderedDict()

    def of(self, jobs: Jobs, name: str) -> dict[str, Any]:
        """Return the result of a job.

        Raises
        ------
        NoJobError
            There is no such job, or it has no plan yet.
        """
        path = jobs.place(name) / GLOBE
        try:
            key = (name, path.stat().st_mtime_ns)
            if key not in self._kept:
                self._kept[key] = json.loads(path.read_bytes())
        except FileNotFoundError as error:
            raise NoJobError("this job has no plan", fix="Follow its events until there is one") from error
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT_GLOBES:
            self._kept.popitem(last=False)
        return self._kept[key]


def create_app(
    jobs: Jobs, door: Door, scenarios: Mapping[str, Path] | None = None, page: Path | None = None
) -> FastAPI:
    """Return the server as an ASGI application.

    Parameters
    ----------
    jobs
        Where jobs are kept and worked off.
    door
        Who may come in.
    scenarios
        Files that are offered beside the catalogue, by name: a request can name these and no others.
    page
        Folder of the built page; None where it is not installed.
    """
    app = FastAPI(
        title="satqn", version=__version__, docs_url=None, redoc_url=None, openapi_url="/api/openapi.json"
    )
    app.add_middleware(Guard, door=door)
    _answer_errors(app)
    files = dict(scenarios or {})
    _scenarios(app, files)
    _jobs(app, jobs, files)
    _results(app, jobs, Globes())
    if page is None:

        @app.get("/", include_in_schema=False)
        def nothing() -> HTMLResponse:
            return HTMLResponse(NO_PAGE)

    else:
        app.mount("/", StaticFiles(directory=page, html=True))
    return app


def _answer_errors(app: FastAPI) -> None:
    """Let every error be one answer: what, where, why, what to do."""

    @app.exception_handler(SatqnError)
    def of_satqn(request: Request, error: SatqnError) -> JSONResponse:
        status = 404 if isinstance(error, NoJobError) else 429 if isinstance(error, BusyError) else 422
        return JSONResponse({"error": error_document(error)}, status)

    @app.exception_handler(RequestValidationError)
    def of_request(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            {
                "key": ".".join(str(part) for part in fault["loc"][1:])[:LONGEST_KEY],
                "what": fault["msg"],
                "fix": "",
            }
            for fault in error.errors()[:20]
        ]
        return _refused(422, "the request cannot be used", fix="See problems", problems=faults)

    @app.exception_handler(HTTPException)
    def of_http(request: Request, error: HTTPException) -> JSONResponse:
        return _refused(error.status_code, str(error.detail).lower())

    @app.exception_handler(RecursionError)
    def of_depth(request: Request, error: RecursionError) -> JSONResponse:
        return _refused(422, "the request is nested too deeply")


def _refused(status: int, what: str, *, fix: str = "", problems: list[Any] | None = None) -> JSONResponse:
    error = {"what": what, "where": "", "why": "", "fix": fix, "problems": problems or []}
    return JSONResponse({"error": error}, status)


def _source(files: Mapping[str, Path], name: str) -> str:
    """Return what the API loads under a name that a request gives: one of the lists, never a path.

    Raises
    ------
    NoJobError
        No scenario of this name.
    """
    if name in files:
        return str(files[name])
    if name in api.catalogue():
        return name
    raise NoJobError("there is no scenario of this name", fix="GET /api/scenarios lists them")


def _scenarios(app: FastAPI, files: Mapping[str, Path]) -> None:
    @app.get("/api/scenarios")
    def scenarios() -> dict[str, Any]:
        """List what can be planned."""
        found = [{"name": name, "description": "a file of yours", "file": True} for name in files]
        found += [
            {"name": name, "description": text, "file": False}
            for name, text in api.catalogue().items()
            if name not in files
        ]
        for one in found:
            one["study"] = api.load(_source(files, str(one["name"]))).study
        return {"satqn": __version__, "scenarios": found}

    @app.get("/api/scenarios/{name}")
    def scenario(name: str) -> dict[str, Any]:
        """Return a scenario with nothing implicit, and where every value is from."""
        return {"name": name, **api.resolved(_source(files, name))}

    @app.get("/api/schema/{study}")
    def schema(study: str) -> dict[str, Any]:
        """Return the JSON Schema of scenarios of a study."""
        if study not in ("plan", "hybrid", "case-study"):
            raise NoJobError("there is no study of this name", fix="plan, hybrid or case-study")
        return api.schema(study)


def _jobs(app: FastAPI, jobs: Jobs, files: Mapping[str, Path]) -> None:
    checking = asyncio.Semaphore(2)  # writing out a scenario can take a core for seconds

    @app.get("/api/jobs")
    def listed() -> dict[str, Any]:
        """List all jobs, the newest first."""
        return {"jobs": jobs.all()}

    @app.post("/api/jobs", status_code=202)
    async def submit(asked: Asked) -> dict[str, Any]:
        """Plan a scenario with changes; who asks for the same gets the same job."""
        source = _source(files, asked.scenario)
        _refuse_keys(asked.changes)
        async with checking:
            found = await run_in_threadpool(_checked, source, asked)
        what = {
            "scenario": asked.scenario,
            "source": source,
            "changes": asked.changes,
            "time_limit_s": asked.time_limit_s,
        }
        return await run_in_threadpool(jobs.submit, what, found, again=asked.again)

    @app.get("/api/jobs/{name}")
    def job(name: str) -> dict[str, Any]:
        """Return what a job asks for and how far it is."""
        return jobs.get(name)

    @app.post("/api/jobs/{name}/cancel")
    def cancel(name: str) -> dict[str, Any]:
        """Stop a job with the best plan that it has."""
        return jobs.cancel(name)

    @app.delete("/api/jobs/{name}", status_code=204)
    def delete(name: str) -> Response:
        """Remove a job that has ended."""
        jobs.delete(name)
        return Response(status_code=204)

    def known(name: str) -> None:  # before the stream begins: after that there is no other status
        jobs.place(name)

    @app.get("/api/jobs/{name}/events", response_class=EventSourceResponse, dependencies=[Depends(known)])
    async def events(
        name: str, last_event_id: Annotated[str | None, Header()] = None
    ) -> AsyncIterator[ServerSentEvent]:
        """Tell how a job goes on, from the event after ``Last-Event-ID``."""
        told = last_event_id or ""
        after = int(told) if re.fullmatch("[0-9]{1,9}", told) else 0
        async for event in _follow(jobs, name, after):
            yield event


def _refuse_keys(changes: Mapping[str, Any]) -> None:
    for key in changes:
        if not key or len(key) > LONGEST_KEY:
            raise InputError("a key of the changes is empty or too long", where="changes")
    api.refuse_files(changes, "changes")


def _checked(source: str, asked: Asked) -> dict[str, Any]:
    """Return the scenario with its changes written out: what is wrong with it is found here."""
    scenario: dict[str, Any] = api.resolved(source, asked.changes)["scenario"]
    return scenario


async def _follow(jobs: Jobs, name: str, after: int) -> AsyncIterator[ServerSentEvent]:
    """Yield the events of a job as they are written, and at last its state."""
    place = jobs.place(name)
    number, offset, shown = 0, 0, None
    while True:
        state = await run_in_threadpool(jobs.state, place)  # before the log: nothing is written after its end
        for line in await run_in_threadpool(_lines, place / EVENTS, offset):
            offset += len(line)
            number += 1
            if number > after:
                told = json.loads(line)
                yield ServerSentEvent(event=told["event"], data=told["data"], id=str(number))
        if state["state"] in ENDED:
            yield ServerSentEvent(event="end", data=state, id=str(number))
            return
        if state["state"] != shown:
            shown = state["state"]
            yield ServerSentEvent(event="state", data=state)
        await asyncio.sleep(_LOOK_S)


def _lines(path: Path, offset: int) -> list[bytes]:
    """Return the whole lines of a file from an offset on."""
    try:
        with open(path, "rb") as file:
            file.seek(offset)
            return [line for line in file if line.endswith(b"\n")]
    except FileNotFoundError:
        return []


def _results(app: FastAPI, jobs: Jobs, globes: Globes) -> None:
    @app.get("/api/jobs/{name}/scene")
    def scene(name: str) -> dict[str, Any]:
        """Return what does not change with time: bodies, links, demands, services, stores, passes."""
        found = globes.of(jobs, name)
        parts = {key: value for key, value in found.items() if key not in ("slots", "motion")}
        links = [{k: v for k, v in link.items() if k != "budget"} for link in found["links"]]
        return parts | {"links": links}

    @app.get("/api/jobs/{name}/motion")
    def motion(name: str) -> dict[str, Any]:
        """Return where bodies are."""
        found: dict[str, Any] = globes.of(jobs, name)["motion"]
        return found

    @app.get("/api/jobs/{name}/slots/{number}")
    def slot(name: str, number: int) -> dict[str, Any]:
        """Return what the links are in a slot."""
        return _item(globes.of(jobs, name)["slots"], number, "slot")

    @app.get("/api/jobs/{name}/links/{number}")
    def link(name: str, number: int) -> dict[str, Any]:
        """Return a link with its loss, factor by factor."""
        return _item(globes.of(jobs, name)["links"], number, "link")

    @app.get("/api/jobs/{name}/compare/{other}")
    def compare(name: str, other: str) -> dict[str, Any]:
        """Return what another plan has more than this one."""
        found = api.compare_globes(globes.of(jobs, name), globes.of(jobs, other))
        changes = [jobs.get(one)["changes"] for one in (name, other)]
        return found | {"a": name, "b": other, "changes": {"a": changes[0], "b": changes[1]}}

    @app.get("/api/jobs/{name}/files")
    def listed(name: str) -> dict[str, Any]:
        """List the files of a run."""
        return {"files": _files(jobs, name)}

    @app.get("/api/jobs/{name}/files/{file:path}")
    def file(name: str, file: str) -> FileResponse:
        """Return a file of a run; only one of the list."""
        if file not in {one["name"] for one in _files(jobs, name)}:
            raise NoJobError("this run has no file of this name", fix="GET …/files lists them")
        shown = file.endswith((".html", ".png"))
        return FileResponse(
            jobs.place(name) / RUN / file,
            filename=file.rpartition("/")[2],
            content_disposition_type="inline" if shown else "attachment",
            headers={"content-security-policy": REPORT_POLICY},
        )


def _item(items: list[dict[str, Any]], number: int, what: str) -> dict[str, Any]:
    if not 0 <= number < len(items):
        raise NoJobError(f"there is no {what} of this number", fix=f"They count from 0 to {len(items) - 1}")
    return items[number]


def _files(jobs: Jobs, name: str) -> list[dict[str, Any]]:
    run = jobs.place(name) / RUN
    found = [path for path in run.rglob("*") if path.is_file() and not path.is_symlink()]
    return [
        {"name": path.relative_to(run).as_posix(), "bytes": path.stat().st_size}
        for path in sorted(found)
        if not path.name.startswith(".")
    ]
