"""Run the server until Ctrl-C."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from satqn.errors import InputError, OutputError
from satqn.server.guard import Door
from satqn.server.jobs import Jobs, Limits

LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
"""Addresses that only this machine reaches, and the names that it is asked for by."""


def page_folder() -> Path | None:
    """Return the folder of the built page, None where ``satqn-web`` is not installed or was not built."""
    spec = find_spec("satqn_web")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "page"
    return folder if (folder / "index.html").is_file() else None


def serve(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    token: str | None = None,
    scenarios: Mapping[str, Path] | None = None,
    limits: Limits | None = None,
    tell: Callable[[str], None] = print,
) -> int:
    """Serve until Ctrl-C, and return how many jobs go on without the server.

    Parameters
    ----------
    folder
        Where jobs are kept.
    host, port
        Address; port 0 takes one that is free. An address that other machines reach needs a token.
    token
        What a request must bring; for other than local addresses one is drawn if none is given.
    scenarios
        Files that are offered beside the catalogue, by name.
    limits
        What is taken at most.
    tell
        Is called once with the address to open.

    Raises
    ------
    InputError
        An address that cannot be used.
    OutputError
        A folder that cannot be written.
    """
    import uvicorn

    from satqn.server.app import create_app

    limits = limits or Limits()
    local = host in LOCAL
    if not local and token is None:
        token = secrets.token_urlsafe(24)
    listening = _bound(host, port)
    try:
        jobs = Jobs(folder, limits)
    except OSError as error:
        listening.close()
        raise OutputError(
            f"{folder} cannot be used: {error.strerror}", fix="Name another folder with -o"
        ) from error
    door = Door(LOCAL if local else frozenset(), token, limits.body_bytes)
    app = create_app(jobs, door, scenarios, page_folder())
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", server_header=False, timeout_graceful_shutdown=2, access_log=False
        )
    )
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}/"
    jobs.start()
    tell(address if token is None else f"{address}?token={token}")
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # the usual end
    finally:
        listening.close()
        left = jobs.stop()
    return left


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises
    ------
    InputError
        The address is not one of this machine, or something else listens there.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except (OSError, OverflowError, UnicodeError) as error:
        listening.close()
        raise InputError(
            f"{host}, port {port}, cannot be listened at: {getattr(error, 'strerror', None) or error}",
            where="--host, --port",
            fix="Another server may run there: give another --port, or --port 0 for one that is free",
        ) from error
    return listening
