"""What every request must pass before anything else looks at it: host, token, origin, size; and the headers.

Pages of other sites can send requests to 127.0.0.1, too, and a name that they own can be made to point there:
so the name asked for must be one of this server, and what changes something must come from its own page.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "satqn_token"
HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
"""Of every answer, unless it has its own."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in.

    Parameters
    ----------
    hosts
        Names that a request may ask for, without a port; empty for all, where a token is needed anyway.
    token
        What a request must bring, as ``Authorization: Bearer``, cookie or ``?token=``; None for nothing.
    body_bytes
        Longest body.
    """

    hosts: frozenset[str]
    token: str | None
    body_bytes: int


class Guard:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                return
            await self.app(scope, receive, send)
            return
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        entering = self._token_in_address(scope)
        refused = self._refused(scope, headers, entering)
        if refused is not None:
            await _answer(send, *refused)
            return
        cookie = entering if entering is not None and self.door.token is not None else None
        body = _Body(receive, self.door.body_bytes)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _with_headers(message.get("headers", []), cookie)}
            await send(message)

        if not await body.read(scope, headers):
            await _answer(
                send, 413, "the body of the request is too large",
                f"No more than {self.door.body_bytes} bytes are read", "Send the changes only",
            )  # fmt: skip
            return
        await self.app(scope, body, sent)

    def _token_in_address(self, scope: Scope) -> str | None:
        found = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token")
        return found[0] if found else None

    def _refused(
        self, scope: Scope, headers: dict[str, str], entering: str | None
    ) -> tuple[int, str, str, str] | None:
        """Return status, what, why and fix of a request that may not come in."""
        door = self.door
        asked = _host(headers.get("host", ""))
        if door.hosts and asked not in door.hosts:
            return (
                403, "this server is not known by the name that was asked for",
                "A foreign page could reach it through a name of its own",
                "Open it under the address that it printed",
            )  # fmt: skip
        if door.token is not None and not self._has_token(headers, entering):
            return (
                401, "the token is missing or wrong", "This server is open to other machines",
                "Open the whole address that it printed, with its token",
            )  # fmt: skip
        if scope["method"] not in READING:
            origin = headers.get("origin")
            if origin is not None and _host(urlsplit(origin).netloc) != asked:
                return 403, "the request comes from another site", "It would change something here", ""
            if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                return 403, "the request comes from another site", "It would change something here", ""
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if scope["method"] == "POST" and kind != "application/json":
                return 415, "the body is not JSON", "", "Send Content-Type: application/json"
        return None

    def _has_token(self, headers: dict[str, str], entering: str | None) -> bool:
        bearer = headers.get("authorization", "")
        given = [bearer[7:]] if bearer.lower().startswith("bearer ") else []
        given += [entering] if entering is not None else []
        try:
            kept = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            kept = None
        given += [kept.value] if kept is not None else []
        token = (self.door.token or "").encode()
        return any(hmac.compare_digest(one.encode(), token) for one in given)


class _Body:
    """The body of a request, read up to a limit before anything is done with it."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive, self._limit = receive, limit
        self._parts: list[Message] = []

    async def read(self, scope: Scope, headers: dict[str, str]) -> bool:
        """Return whether the body is short enough."""
        if scope["method"] in READING:
            return True
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 18 or int(length) > self._limit:
            return False
        size, more = 0, True
        while more:
            message = await self._receive()
            size += len(message.get("body", b""))
            if size > self._limit:
                return False
            self._parts.append(message)
            more = message["type"] == "http.request" and message.get("more_body", False)
        return True

    async def __call__(self) -> Message:
        """Hand on what was read, then what comes."""
        return self._parts.pop(0) if self._parts else await self._receive()


def _host(name: str) -> str:
    """Return a name without its port, in small letters."""
    if name.startswith("["):
        return name.partition("]")[0].lstrip("[").lower()
    return name.partition(":")[0].lower()


def _with_headers(headers: Iterable[tuple[bytes, bytes]], cookie: str | None) -> list[tuple[bytes, bytes]]:
    own = [(name.lower(), value) for name, value in headers]
    there = {name for name, _ in own}
    own += [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in there]
    if cookie is not None:
        own.append((b"set-cookie", f"{COOKIE}={cookie}; HttpOnly; SameSite=Strict; Path=/".encode("latin-1")))
    return own


async def _answer(send: Send, status: int, what: str, why: str, fix: str) -> None:
    error: dict[str, Any] = {"what": what, "where": "", "why": why, "fix": fix, "problems": []}
    body = json.dumps({"error": error}).encode()
    headers = _with_headers([(b"content-type", b"application/json")], None)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
