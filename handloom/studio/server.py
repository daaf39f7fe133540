"""Listening: where, with which token, and what is printed."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from handloom.errors import UserError
from handloom.studio.security import LOOPBACK, Access, Application

PORT = 8765
TRIED = 20  # ports after it, where it is taken and none was asked for
GRACE = 5  # seconds for requests under way, when the server is stopped


def listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens. Raises UserError where the port is taken or the address not ours."""
    ports = range(PORT, PORT + TRIED) if port is None else [port]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for number in ports:
        # With its protocol named asyncio sends at once; without, answers wait 40 ms for the other
        # side's acknowledgement of their head.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if sys.platform != "win32":  # there it would let a second server take the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
            listener.listen(1024)
        except (OSError, OverflowError) as error:
            listener.close()
            reason = getattr(error, "strerror", None) or str(error)
            continue
        return listener
    raise UserError(f"cannot listen at {host}:{ports[-1]} ({reason}): choose another --port")


def access_to(listener: socket.socket, host: str, token: str | None) -> Access:
    """Who may ask: beyond loopback only who has the token, which is made where none is given."""
    if token is None and host not in LOOPBACK:
        token = secrets.token_urlsafe(24)
    return Access(host, listener.getsockname()[1], token)


def address(access: Access) -> str:
    """The address to open in a browser."""
    name = socket.gethostname() if access.host in ("0.0.0.0", "::") else access.host
    name = f"[{name}]" if ":" in name else name
    return f"http://{name}:{access.port}/" + (f"?token={access.token}" if access.token else "")


def serve(app: Application, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Answer until Ctrl-C or SIGTERM; requests under way are finished."""
    import uvicorn

    config = uvicorn.Config(
        app, log_level="error", access_log=False, server_header=False, date_header=False,
        proxy_headers=False, timeout_graceful_shutdown=GRACE, lifespan="on", ws="none",
    )  # fmt: skip
    ready()  # the socket listens already: what comes before the application is up waits in it
    with suppress(KeyboardInterrupt):  # which it raises again when all is answered
        uvicorn.Server(config).run([listener])
