"""The server of one run or index: predictions, samples, searches, and what it offers as OpenAPI."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from handloom.errors import UserError
from handloom.jobs.job import Job
from handloom.studio.app import HANDLERS
from handloom.studio.batches import MOST_QUEUED, Batches
from handloom.studio.openapi import description
from handloom.studio.routes.verbs import sample_options
from handloom.studio.security import Access, Application, Guard
from handloom.studio.state import Json, object_of
from handloom.studio.uploads import checked_image, checked_text
from handloom.studio.workers import Worker
from handloom.wording import join_and

ANSWERS = ("top", "abstain_below")  # options of predict that a request may give


class Served:
    """What is open: a run of a job, or, where job is None, an index."""

    def __init__(self, place: Path, job: Job | None) -> None:
        self.place, self.job = place, job
        self.threads = ThreadPoolExecutor(4, "handloom-worker")
        self.worker = Worker(place, job is None, self.threads)
        self.batches = Batches(self._predicted)

    async def ask(self, name: str, /, **arguments: Any) -> Any:
        """The answer of one action."""
        return await self.worker.ask(name, MOST_QUEUED, **arguments)

    async def close(self) -> None:
        """End the worker."""
        await self.batches.close()
        self.worker.close()
        self.threads.shutdown(wait=False, cancel_futures=True)

    async def _predicted(self, key: Hashable, subjects: Sequence[Any]) -> Sequence[Any]:
        kind, options = cast("tuple[str, tuple[tuple[str, Any], ...]]", key)
        records = await self.ask("predict", **{kind: list(subjects)}, **dict(options))
        return [UserError(record["error"]) if "error" in record else record for record in records]


def server(place: Path, job: Job | None, access: Access) -> Application:
    """The application over a run or an index, guarded."""
    served = Served(place, job)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await served.close()

    offered = offers(job)
    routes = [Route(path, endpoint(served, offered[path]), methods=["POST"]) for path in offered]
    page = description(place.name, job, list(offered))
    routes += [
        Route("/openapi.json", lambda request: Json(page)),
        Route("/health", lambda request: Json({"run": place.name, "waiting":
              served.worker.waiting})),
    ]  # fmt: skip
    handlers = HANDLERS | {HTTPException: _not_offered(list(offered))}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    return Guard(app, access)  # type: ignore[arg-type]


def offers(job: Job | None) -> dict[str, Any]:
    """Paths, and the functions (of what is served, and a request) that answer them."""
    if job is None:
        return {"/search": search}
    known = {"predict": predict, "sample": sample}
    takes_one = "predict" not in job.verbs or job.verbs["predict"].takes in ("image", "text")
    names = [name for name in known if name in job.verbs and (name != "predict" or takes_one)]
    if not names:
        raise UserError(f"a {job.name} run neither predicts nor samples: there is nothing to serve")
    return {f"/{name}": known[name] for name in names}


def endpoint(served: Served, function: Any) -> Any:
    """A route's function."""

    async def answering(request: Request) -> Response:
        return Json(await function(served, request))

    return answering


def _not_offered(paths: Sequence[str]) -> Any:
    """What answers a request for something else: with what there is."""

    async def answering(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        posts = join_and([f"POST {path}" for path in paths])
        sentence = (f"there is no {request.method} {request.url.path[:50]} here, but {posts}; "
                    "GET /openapi.json describes the requests")  # fmt: skip
        return Json({"error": sentence}, error.status_code, dict(error.headers or {}))

    return answering


async def predict(served: Served, request: Request) -> Any:
    """The record of an image or a text, as `predict --json` prints it."""
    options = tuple(sorted(_answer_options(request.query_params).items()))
    assert served.job is not None
    if served.job.verbs["predict"].takes == "text":
        text = checked_text((await object_of(request)).get("text"))
        return await served.batches.ask(("texts", options), text)
    return await served.batches.ask(("images", options), await _image(request))


async def sample(served: Served, request: Request) -> Any:
    """Images as PNG in base64 with labels and latents; texts of a run that writes."""
    options = sample_options(await object_of(request))
    return await served.ask("sample", **options)


async def search(served: Served, request: Request) -> Any:
    """Results for an image (the body), or for {"id"}, {"words"} or {"random": true}."""
    from handloom.studio.routes.search import query_of

    is_json = _is_json(request)
    wanted = await object_of(request) if is_json else dict(request.query_params)
    query = query_of(wanted, None if is_json else await _image(request))
    return await served.ask("search", **query)


async def _image(request: Request) -> bytes:
    """The image of a request: its body, or base64 in JSON."""
    content = await request.body()
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise UserError("send the image as the body of the request, as 'curl --data-binary "
                        "@photo.jpg' does, and not in a form")  # fmt: skip
    if _is_json(request):
        given = await object_of(request)
        if "image" not in given:
            raise UserError('there is no image in the request: send it as the body, or as '
                            '{"image": "base64 ..."}')  # fmt: skip
        try:
            content = base64.b64decode(str(given["image"]), validate=True)
        except ValueError:  # binascii.Error, and of letters that are not ASCII
            raise UserError("'image' must be a file of an image in base64") from None
    image: bytes = await run_in_threadpool(checked_image, content)
    return image


def _is_json(request: Request) -> bool:
    kind: str = request.headers.get("content-type", "")
    return kind.startswith("application/json")


def _answer_options(given: Mapping[str, str]) -> dict[str, Any]:
    unknown = set(given) - {*ANSWERS, "token"}
    if unknown:
        raise UserError(f"there is no option '{min(unknown)}': give {' or '.join(ANSWERS)}")
    try:
        return {name: int(given[name]) if name == "top" else float(given[name])
                for name in ANSWERS if name in given}  # fmt: skip
    except ValueError:
        raise UserError("top must be a whole number, abstain_below a number") from None
