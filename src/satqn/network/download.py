"""Downloads that either arrive whole or say what went wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from satqn._version import __version__
from satqn.errors import DataError

ATTEMPTS = 4
"""Tries before a download is given up."""

FIRST_PAUSE_S = 1.0
"""Seconds before the second try; each later pause is twice as long."""

TIMEOUT_S = 30.0
"""Seconds without an answer after which a try has failed."""

_BLOCK = 1 << 16
_TRY_AGAIN = (408, 425, 429, 500, 502, 503, 504)

Progress = Callable[[int, int | None], None]
"""Called with the bytes that have arrived, and those that will in all if the server says."""


def download(url: str, *, fix: str) -> bytes:
    """Return the content of a web address.

    Parameters
    ----------
    url
        An ``http`` or ``https`` address.
    fix
        What the user can do if it fails.

    Raises
    ------
    DataError
        If every try failed: no connection, a broken one, or a server that refuses.
    """
    reason = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(FIRST_PAUSE_S * 2 ** (attempt - 1))
        try:
            return _receive(url)
        except HTTPError as error:
            reason = f"the server answers {error.code} {error.reason}"
            if error.code not in _TRY_AGAIN:
                break
        except URLError as error:
            reason = str(getattr(error.reason, "strerror", None) or error.reason)
        except (HTTPException, OSError) as error:
            reason = f"the connection broke ({error!r})"
        except ValueError as error:
            raise DataError(f"{url!r} is no web address: {error}", fix=fix) from error
    raise DataError(f"cannot download {url}: {reason}", why="The data set is not on this computer", fix=fix)


def _receive(url: str) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise ValueError("it does not begin with http:// or https://")
    request = Request(url, headers={"User-Agent": f"satqn/{__version__}"})
    with urlopen(request, timeout=TIMEOUT_S) as response, _progress_bar(url.rsplit("/", 1)[-1]) as progress:
        return b"".join(_blocks(response, progress))


def _blocks(response: HTTPResponse, progress: Progress) -> Iterator[bytes]:
    announced = response.headers.get("Content-Length", "")
    total = int(announced) if announced.isdigit() else None
    arrived = 0
    while block := response.read(_BLOCK):
        arrived += len(block)
        progress(arrived, total)
        yield block
    if total is not None and arrived < total:
        # http.client says nothing when a body ends early between two blocks.
        raise HTTPException(f"{arrived} of {total} bytes arrived")


@contextmanager
def _progress_bar(title: str) -> Iterator[Progress]:
    """Show a bar on stderr, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda arrived, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda arrived, total: bar.update(task, completed=arrived, total=total)
