"""``satqn serve``: the page on the user's own machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from satqn.commands.common import say, show


def serve(
    *files: Path,
    host: str = "127.0.0.1",
    port: Annotated[int, Parameter(allow_leading_hyphen=True)] = 8765,
    token: str | None = None,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("results/served"),
    workers: Annotated[int, Parameter(allow_leading_hyphen=True)] = 1,
    open_jobs: Annotated[int, Parameter(allow_leading_hyphen=True)] = 8,
) -> int:
    """Serve a page that shows plans on a globe, and plans again what is changed in it, until Ctrl-C.

    Needs the extra satqn[web]; the page itself is the distribution satqn-web. Jobs are kept in a folder: they
    outlive the tab, and the server.

    Parameters
    ----------
    files
        Scenario files that are offered beside those that ship with satqn, under their names without .yaml.
    host
        Address to listen at; one that other machines reach needs a token.
    port
        Port; 0 takes one that is free.
    token
        What a browser must bring; drawn for an address that other machines reach, unless given.
    output
        Folder of the jobs.
    workers
        Jobs that are planned at the same time.
    open_jobs
        Jobs that may wait or run.
    """
    from satqn import extras
    from satqn.errors import EXIT_OK, InputError

    lacking = extras.missing("fastapi", "uvicorn")
    if lacking:
        raise extras.refusal(lacking, where="satqn serve")
    from satqn.server.jobs import Limits
    from satqn.server.serve import page_folder
    from satqn.server.serve import serve as run

    for name, value, least, most in (
        ("--port", port, 0, 65535), ("--workers", workers, 1, 64), ("--open-jobs", open_jobs, 1, 1000),
    ):  # fmt: skip
        if not least <= value <= most:
            raise InputError(f"{value} is out of range", where=name, fix=f"Give {least} to {most}")
    if token is not None and (len(token) < 16 or not token.isascii() or not token.isalnum()):
        raise InputError("the token is too short, or not of letters and digits", where="--token",
                         fix="Give 16 or more, or leave it out")  # fmt: skip
    offered = _offered(files)
    if page_folder() is None:
        say(
            "The page is not installed: in a clone of satqn type `python -m pip install ./web`. "
            "Without it the server answers under /api/ only"
        )
    left = run(
        output.absolute(), host=host, port=port, token=token, scenarios=offered,
        limits=Limits(open_jobs=open_jobs, workers=workers), tell=_tell,
    )  # fmt: skip
    if left:
        say(f"{left} job{'s go' if left > 1 else ' goes'} on without the server; start it again to see")
    return EXIT_OK


def _tell(address: str) -> None:
    import sys

    show(address)
    sys.stdout.flush()
    say("Open this address in a browser; Ctrl-C ends the server")


def _offered(files: tuple[Path, ...]) -> dict[str, Path]:
    """Return scenario files by the names under which they are offered.

    Raises
    ------
    InputError
        One that is not there or has faults, or two of one name.
    """
    from satqn import api
    from satqn.errors import InputError

    found: dict[str, Path] = {}
    for file in files:
        api.load(file)
        name = file.stem
        if name in found:
            raise InputError(f"two files are called {name}", fix="Rename one of them")
        found[name] = file.absolute()
    return found
