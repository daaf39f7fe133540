"""The web application: routes, what every request can use, and errors as sentences."""

from __future__ import annotations

import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from handloom.errors import UserError, system_refusal
from handloom.studio.folder import Folder
from handloom.studio.frames import refusal
from handloom.studio.routes import mistakes, runs, search, train, verbs
from handloom.studio.security import Access, Application, Guard
from handloom.studio.state import STATE, Json, Studio
from handloom.studio.workers import Busy, Failed

STATIC = files("handloom.studio") / "static"
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
PAGES = ("/", "/run", "/compare", "/search", "/train")


def studio(folder: Folder, access: Access) -> Application:
    """The studio over a folder, guarded."""
    routes = [Route(page, shell) for page in PAGES]
    routes.append(Route("/static/{name}", static))
    for part in (runs, verbs, mistakes, search, train):
        routes += part.ROUTES
    return guarded(routes, Studio.over(folder), access)


def guarded(routes: list[Route], state: Studio, access: Access) -> Application:
    """An application with these routes, whose errors are sentences in JSON."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        state.close()

    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=HANDLERS)
    setattr(app.state, STATE, state)
    return Guard(app, access)  # type: ignore[arg-type]


async def shell(request: Request) -> Response:
    """The page; its script fills it by the address."""
    return Response(await _read("studio.html"), media_type="text/html")


async def static(request: Request) -> Response:
    """A script or a style sheet of ours."""
    name = request.path_params["name"]
    suffix = name[name.rfind(".") :]
    if suffix not in KINDS or name not in {entry.name for entry in STATIC.iterdir()}:
        raise HTTPException(404)
    headers = {"cache-control": "no-cache"}
    return Response(await _read(name), media_type=KINDS[suffix], headers=headers)


async def _read(name: str) -> bytes:
    content: bytes = await run_in_threadpool((STATIC / name).read_bytes)
    return content


def _answer(request: Request, error: object, status: int, more: dict[str, str]) -> Response:
    """A sentence in JSON; in a frame, where a person would see that, as a page."""
    if request.headers.get("sec-fetch-dest") == "iframe":
        return refusal(request, str(error), status)
    return Json({"error": str(error)}, status, more)


async def _busy(request: Request, error: Exception) -> Response:
    return _answer(request, error, 503, {"retry-after": "1"})


async def _refused(request: Request, error: Exception) -> Response:
    return _answer(request, error, 400, {})


async def _of_the_system(request: Request, error: Exception) -> Response:
    assert isinstance(error, OSError)
    sentence = system_refusal(error)
    if sentence is None:
        return await _failed(request, error)
    return _answer(request, sentence, 400, {})


async def _gone(request: Request, error: Exception) -> Response:
    return Json({"error": "the request is too large, or was broken off"}, 413)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _answer(request, error.detail, error.status_code, {})


async def _failed(request: Request, error: Exception) -> Response:
    if not isinstance(error, Failed):
        traceback.print_exception(error, file=sys.stderr)
    return _answer(request, f"something went wrong here: {error}", 500, {})


HANDLERS: dict[Any, Any] = {
    Busy: _busy,
    UserError: _refused,
    OSError: _of_the_system,
    Failed: _failed,
    HTTPException: _http,
    ClientDisconnect: _gone,
    Exception: _failed,
}
"""What an error becomes: a sentence in JSON, with a status."""
