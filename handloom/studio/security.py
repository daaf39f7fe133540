"""Who may ask: the machine itself, by its own name, from the studio's own pages.

A page of another site can make a browser send requests here, and a name it owns can be made to lead
here (DNS rebinding). So Host must be a name of this server, Origin must be the same, and what other
sites embed is refused. Beyond loopback a token is asked for.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

COOKIE = "handloom"
MOST_BYTES = 24 << 20  # of a request
ONCE = (b"host", b"origin", b"content-length", b"sec-fetch-site")  # headers that decide
LOOPBACK = ("127.0.0.1", "localhost", "::1")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; frame-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
REPORT_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'self'"
)
"""Of reports and maps, whose scripts are their own and may come from anywhere: they have an origin
of their own."""
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
ADDED = [
    (name.encode(), value.encode())
    for name, value in (HEADERS | {"content-security-policy": POLICY}).items()
]


@dataclass(frozen=True)
class Access:
    """host: where the server listens. token: that must be shown; None on loopback alone."""

    host: str
    port: int
    token: str | None = None

    def knows(self, header: str) -> bool:
        """Whether a Host header is a name of this server."""
        name, port = _split(header)
        if port != self.port:
            return False
        if self.token is None:
            return name in LOOPBACK
        return name in (*LOOPBACK, self.host, socket.gethostname().lower()) or _is_address(name)


class Guard:
    """Wraps an application; see the module."""

    def __init__(self, app: Application, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI call."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1")
                   for name, value in scope["headers"]}  # fmt: skip
        refusal = _repeated(scope) or self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        if self.access.token is not None and not self._shows_token(headers):
            if not _equal(_typed_token(scope), self.access.token):
                await _refuse(send, 401, "this server asks for its token: open the address that "
                              "was printed when it started")  # fmt: skip
                return
            if scope["method"] == "GET":
                await self._remember(scope, send)
                return
        await self.app(scope, _bounded(receive, headers), _with_headers(send))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> tuple[int, str] | None:
        host = headers.get("host", "").lower()
        if not self.access.knows(host):
            return 421, f"'{host[:100]}' is not a name of this server"
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return 403, "requests from pages of other sites are refused"
        is_other = headers.get("sec-fetch-site") in ("cross-site", "same-site")
        is_visit = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if is_other and not (is_visit and headers.get("sec-fetch-dest") == "document"):
            return 403, "requests from pages of other sites are refused"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return 413, f"a request may have {MOST_BYTES >> 20} MiB at most"
        return None

    def _shows_token(self, headers: dict[str, str]) -> bool:
        bearer = headers.get("authorization", "").removeprefix("Bearer ")
        try:
            morsel = SimpleCookie(headers.get("cookie", "")).get(f"{COOKIE}-{self.access.port}")
        except CookieError:
            morsel = None
        shown = (bearer, morsel.value if morsel is not None else "")
        return any(_equal(token, self.access.token or "") for token in shown)

    async def _remember(self, scope: Scope, send: Send) -> None:
        """Keep a token that came in the address as a cookie, and take it out of the address."""
        query = parse_qs(scope["query_string"].decode("latin-1"))
        rest = urlencode({k: v for k, v in query.items() if k != "token"}, doseq=True)
        name = f"{COOKIE}-{self.access.port}"
        cookie = f"{name}={self.access.token}; Path=/; HttpOnly; SameSite=Strict"
        place = "/" + quote(scope["path"].lstrip("/"))  # neither another host nor another header
        headers = {"location": place + (f"?{rest}" if rest else ""), "set-cookie": cookie}
        await _answer(send, 303, b"", headers)


def _repeated(scope: Scope) -> tuple[int, str] | None:
    """The refusal of a request that says twice who asks: which one counts would be a guess."""
    names = [name for name, _ in scope["headers"] if name in ONCE]
    if len(names) == len(set(names)):
        return None
    return 400, f"a request has one of each of {', '.join(name.decode() for name in ONCE)}"


def _typed_token(scope: Scope) -> str:
    query: bytes = scope["query_string"]
    return parse_qs(query.decode("latin-1")).get("token", [""])[0]


def _equal(shown: str, token: str) -> bool:
    return bool(token) and hmac.compare_digest(shown.encode(), token.encode())


def _split(header: str) -> tuple[str, int]:
    """Name and port of a Host header; port 0 where it is not one."""
    name, _, port = header.rpartition(":")
    if not name or header.endswith("]"):
        name, port = header, "80"
    return name.strip("[]"), int(port) if port.isdecimal() else 0


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _bounded(receive: Receive, headers: dict[str, str]) -> Receive:
    """The same, which ends a body that is longer than it may be, whatever its header said."""
    taken = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        return {"type": "http.disconnect"} if taken > MOST_BYTES else message

    return bounded


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            more = [header for header in ADDED if header[0] not in given]
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return sending


async def _refuse(send: Send, status: int, sentence: str) -> None:
    body = json.dumps({"error": sentence}).encode()
    await _answer(send, status, body, {"content-type": "application/json"})


async def _answer(send: Send, status: int, body: bytes, headers: dict[str, str]) -> None:
    fields = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    start = {"type": "http.response.start", "status": status, "headers": fields}
    await _with_headers(send)(start)
    await send({"type": "http.response.body", "body": body})
