"""What a person should look at in the data of a run, and corrections of it."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from handloom.errors import UserError
from handloom.jobs.another import options_of_another
from handloom.runs.directory import RunDirectory
from handloom.studio import corrections
from handloom.studio.forms import command, words
from handloom.studio.state import Json, Studio, asked, object_of, state_of

MOST_LINES = 1_000
MOST_THUMBNAILS = 60  # at once


async def listed(request: Request) -> Response:
    """The lines of mistakes.csv, and the training that would take the corrections."""
    state, run = state_of(request), asked(request, "run")
    return Json(await run_in_threadpool(_listed, state, run))


async def thumbnails(request: Request) -> Response:
    """Images of the run's data by their names."""
    state, wanted = state_of(request), await object_of(request)
    path, names = state.folder.run(str(wanted.get("run", ""))), wanted.get("names")
    if not isinstance(names, list) or len(names) > MOST_THUMBNAILS:
        raise UserError(f"the request needs 'names', {MOST_THUMBNAILS} at most")
    state.folder.check_data(path, RunDirectory.open(path).config())
    made = await state.workers.run(path).ask("thumbnails", names=list(map(str, names)))
    return Json(made)


async def save(request: Request) -> Response:
    """Write corrections into mistakes.csv; all that are in it then, since others may write too."""
    state, wanted = state_of(request), await object_of(request)
    path = state.folder.run(str(wanted.get("run", "")))
    classes = RunDirectory.open(path).config().get("classes", [])
    given = wanted.get("corrections")
    decided = await run_in_threadpool(corrections.save, path, given, classes)
    return Json({"corrections": decided})


async def train(request: Request) -> Response:
    """Start the training that takes the corrections."""
    state, run = state_of(request), str((await object_of(request)).get("run", ""))
    wanted = await run_in_threadpool(_wanted, state, run)
    return Json(await run_in_threadpool(state.trainings.start, wanted))


def _listed(state: Studio, run: str) -> dict[str, Any]:
    path = state.folder.run(run)
    known = corrections.lines(path)
    is_editable = corrections.is_editable(known)
    try:
        typed, problem = command(words(state.folder, _wanted(state, run))), None
    except UserError as error:
        typed, problem = None, str(error)
    return {
        "lines": known[:MOST_LINES],
        "total": len(known),
        "is_editable": is_editable,
        "classes": RunDirectory.open(path).config().get("classes", []),
        "command": typed if is_editable else None,
        "problem": problem if is_editable else None,
    }


def _wanted(state: Studio, run: str) -> dict[str, Any]:
    config = RunDirectory.open(state.folder.run(run)).config()
    options = options_of_another(config) | {"corrections": f"{run}/{corrections.FILE}"}
    return {"job": config["job"], "data": config["data"], "options": options}


ROUTES = [
    Route("/api/mistakes", listed),
    Route("/api/mistakes", save, methods=["POST"]),
    Route("/api/thumbnails", thumbnails, methods=["POST"]),
    Route("/api/retrain", train, methods=["POST"]),
]
