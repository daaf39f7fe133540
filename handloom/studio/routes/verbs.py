"""What a finished run does: predict, explain, sample, write, reconstruct, walk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from handloom.errors import UserError
from handloom.studio.state import Json, asked, object_of, state_of
from handloom.studio.uploads import checked_image, checked_text
from handloom.studio.workers import Worker

MOST = {"count": 100, "length": 20_000}  # images or texts, and characters, that are made at once
FRAMES = 15  # of a walk, before its end


async def predict(request: Request) -> Response:
    """The classes of an image (the body) or of a text (JSON), and what spoke for them."""
    worker = _worker(request)
    name = "explain" if request.query_params.get("explain") else "predict"
    if request.headers.get("content-type", "").startswith("application/json"):
        given: dict[str, Any] = {"texts": [checked_text((await object_of(request)).get("text"))]}
    else:
        given = {"images": [await body_image(request)]}
    if request.query_params.get("labels"):  # of a run that takes any
        given["labels"] = request.query_params["labels"][:2000]
    records = await worker.ask(name, **given)
    return Json(records[0])


async def sample(request: Request) -> Response:
    """New images, or whole texts, with the options of the verb."""
    options = _options(await object_of(request))
    made = await _worker(request).ask("sample", **options)
    return Json(made)


async def write(request: Request) -> Response:
    """A text, character by character."""
    options = _options(await object_of(request))
    parts = _worker(request).stream("write", **options)
    first = await anext(parts, "")  # what is refused is refused before the answer begins

    async def characters() -> AsyncIterator[str]:
        yield first
        async for part in parts:
            yield part

    return StreamingResponse(characters(), media_type="text/plain; charset=utf-8")


async def reconstruct(request: Request) -> Response:
    """An image, encoded and decoded."""
    image, label = await body_image(request), request.query_params.get("class")
    made = await _worker(request).ask("reconstruct", images=[image], label=label)
    return Json(made)


async def interpolate(request: Request) -> Response:
    """A walk between two images (a form with the files a and b), or, in JSON, between two "seeds"
    or two "latents"."""
    worker = _worker(request)
    label = request.query_params.get("class")
    if request.headers.get("content-type", "").startswith("application/json"):
        ends = _ends(await object_of(request))
        made = await worker.ask("interpolate", ends=ends, label=label, frames=FRAMES)
    else:
        async with request.form(max_files=2, max_fields=2) as form:
            files = [await part.read() for part in form.values() if not isinstance(part, str)]
        images = [await run_in_threadpool(checked_image, file) for file in files]
        made = await worker.ask("interpolate", images=images, label=label, frames=FRAMES)
    return Json(made)


def _ends(wanted: dict[str, Any]) -> list[str]:
    """The ends of a walk as they are typed in a terminal."""
    seeds, latents = wanted.get("seeds"), wanted.get("latents")
    if isinstance(latents, list) and all(_is_numbers(latent) for latent in latents):
        return [",".join(map(str, latent)) for latent in latents[:2]]
    if isinstance(seeds, list) and all(type(seed) is int for seed in seeds):
        return [str(seed) for seed in seeds[:2]]
    raise UserError("the request needs 'seeds', whole numbers, or 'latents', lists of numbers")


def _is_numbers(latent: Any) -> bool:
    return isinstance(latent, list) and all(type(value) in (int, float) for value in latent)


async def body_image(request: Request) -> bytes:
    """The image that is the body of a request, its header checked."""
    image: bytes = await run_in_threadpool(checked_image, await request.body())
    return image


def _worker(request: Request) -> Worker:
    state = state_of(request)
    return state.workers.run(state.folder.run(asked(request, "run")))


def _options(wanted: dict[str, Any]) -> dict[str, Any]:
    options = wanted.get("options")
    if not isinstance(options, dict):
        raise UserError("the request needs 'options', an object")
    return sample_options(options)


def sample_options(given: dict[str, Any]) -> dict[str, Any]:
    """Those of `sample` that a request gives, without what it leaves open. Raises UserError where
    they ask for more than is made at once."""
    options = {name: value for name, value in given.items() if value not in (None, "")}
    for name, most in MOST.items():
        value = options.get(name, 1)
        if type(value) is not int:
            raise UserError(f"'{name}' must be a whole number")
        if value > most:
            raise UserError(f"'{name}' is {value:,}: at most {most:,} are made at once")
    return options


ROUTES = [
    Route("/api/predict", predict, methods=["POST"]),
    Route("/api/sample", sample, methods=["POST"]),
    Route("/api/write", write, methods=["POST"]),
    Route("/api/reconstruct", reconstruct, methods=["POST"]),
    Route("/api/interpolate", interpolate, methods=["POST"]),
]
