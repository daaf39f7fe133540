"""Searching the indexes of a folder."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from handloom.errors import UserError
from handloom.studio.frames import framed
from handloom.studio.routes.verbs import body_image
from handloom.studio.state import Json, Studio, asked, object_of, state_of
from handloom.studio.uploads import FORMATS, MOST_PIXELS, checked_text
from handloom.studio.workers import Worker
from handloom.wording import join_or

MOST_RESULTS = 60
MOST_THUMBNAILS = 200  # that may wait for their places
SIDE = 320  # pixels of a thumbnail
FIELDS = ("where", "min_score")
QUERIES = ("id", "words", "random")
ADDRESS = ("index", "token")  # of a request, not of a query


async def indexes(request: Request) -> Response:
    """Names of all indexes."""
    folder = state_of(request).folder
    await run_in_threadpool(folder.look)
    return Json({"indexes": folder.indexes})


async def about(request: Request) -> Response:
    """What an index holds."""
    return Json(await _worker(request).ask("about"))


async def facets(request: Request) -> Response:
    """What the columns of an index hold, for filters."""
    return Json(await _worker(request).ask("facets"))


async def search(request: Request) -> Response:
    """Results for an image (the body, options in the address), or for a JSON object: "id", "words"
    or "random", "k", "where", "min_score"."""
    is_json = request.headers.get("content-type", "").startswith("application/json")
    wanted = await object_of(request) if is_json else dict(request.query_params)
    query = query_of(wanted, None if is_json else await body_image(request))
    answer = await _worker(request).ask("search", **query)
    for result in answer["results"]:
        result["path"] = _name(state_of(request), result["path"])
    return Json(answer)


def query_of(wanted: dict[str, Any], image: bytes | None) -> dict[str, Any]:
    """What the worker is asked: a query, which is the image where there is one, and its options.

    Raises UserError for what is not known, and for two queries: none of it is passed over.
    """
    unknown = set(wanted) - {"k", *FIELDS, *QUERIES, *ADDRESS}
    if unknown:
        raise UserError(
            f"there is no option '{min(unknown)[:50]}': give {join_or([*QUERIES, 'k', *FIELDS])}; "
            "an image is the body of the request"
        )
    given = [name for name in QUERIES if wanted.get(name, "") not in ("", None, False)]
    if len(given) + (image is not None) > 1:
        raise UserError("give one of an image, words, id and random")
    query: dict[str, Any] = {"k": _whole("k", wanted.get("k", 12), 1, MOST_RESULTS)}
    query |= {name: str(wanted[name])[:2000] for name in FIELDS if wanted.get(name)}
    if query.get("min_score") not in (None, "auto"):
        query["min_score"] = _share(query["min_score"])
    if image is not None:
        query["images"] = [image]
    elif wanted.get("random"):
        query["is_random"] = True
    elif wanted.get("words"):
        query["words"] = checked_text(wanted["words"], 2_000)
    else:
        query["id"] = _whole("id", wanted.get("id"), 0, 2**62)
    return query


async def thumbnail(request: Request) -> Response:
    """An image of a collection, small."""
    number = _whole("id", request.query_params.get("id"), 0, 2**62)
    path = Path(await _worker(request).ask("place", MOST_THUMBNAILS, id=number))
    state_of(request).folder.check(path)
    content = await run_in_threadpool(small, path)
    headers = {"cache-control": "private, max-age=600"}
    return Response(content, media_type="image/jpeg", headers=headers)


async def image_map(request: Request) -> Response:
    """The map of an index: a page that can reach nothing of the studio."""
    roots = state_of(request).folder.places
    page = await _worker(request).ask("draw_map", roots=roots)
    return await framed(request, page.encode())


def small(path: Path) -> bytes:
    """A thumbnail as JPEG, upright, over white. Raises UserError for what cannot be read."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise UserError(f"'{path.name}' has too many pixels to be shown")
            image.draft("RGB", (SIDE, SIDE))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((SIDE, SIDE))
            whole = Image.new("RGB", upright.size, "white")
            has_alpha = "A" in upright.getbands() or "transparency" in upright.info
            rgba = upright.convert("RGBA") if has_alpha else None
            whole.paste(rgba or upright.convert("RGB"), (0, 0), rgba)
    except UserError:
        raise
    except Exception:  # whatever a malformed file makes a decoder raise
        raise UserError(f"'{path.name}' cannot be read as an image") from None
    buffer = io.BytesIO()
    whole.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def _name(state: Studio, path: str) -> str:
    whole = Path(path).resolve()
    return whole.relative_to(state.folder.root).as_posix() if whole.is_relative_to(
        state.folder.root) else path  # fmt: skip


def _worker(request: Request) -> Worker:
    state = state_of(request)
    return state.workers.index(state.folder.index(asked(request, "index")))


def _whole(name: str, value: Any, low: int, high: int) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise UserError(f"{name} '{str(value)[:50]}': must be a whole number") from None
    if not low <= number <= high:
        raise UserError(f"{name} {number}: must be from {low} to {high}")
    return number


def _share(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UserError(f"the least score '{str(value)[:50]}' must be auto, or a number") from None


ROUTES = [
    Route("/api/indexes", indexes),
    Route("/api/index", about),
    Route("/api/facets", facets),
    Route("/api/search", search, methods=["POST"]),
    Route("/api/thumbnail", thumbnail),
    Route("/map", image_map),
]
