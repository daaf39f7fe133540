"""All runs, one run, its report and its images."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from handloom.errors import UserError
from handloom.jobs import find_job
from handloom.runs.directory import RunDirectory
from handloom.runs.overview import summary
from handloom.runs.records import RunRow
from handloom.studio.folder import Folder
from handloom.studio.forms import changed, command, fields
from handloom.studio.frames import framed
from handloom.studio.state import Json, Studio, asked, object_of, state_of
from handloom.studio.table import main_metric

IMAGES = {".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}
MOST_IMAGES = 60  # of a run that are listed
MOST_COMPARED = 8
SIZES = ("classes", "conditional", "latent_dim", "prior", "temperature")


async def listed(request: Request) -> Response:
    """Rows of the table that changed since a version."""
    since = request.query_params.get("since", "0")
    number = int(since) if since.isdecimal() else 0
    news = await run_in_threadpool(state_of(request).table.since, number)
    return Json(news)


async def shown(request: Request) -> Response:
    """What a run is, and what can be done with it."""
    folder, run = state_of(request).folder, asked(request, "run")
    return Json(await run_in_threadpool(_shown, folder, run))


async def curves(request: Request) -> Response:
    """The metrics of each epoch, of one or more runs; of several those that are still there."""
    names = request.query_params.getlist("run")[:MOST_COMPARED]
    made = await run_in_threadpool(_all_curves, state_of(request).folder, names)
    return Json(made)


async def report(request: Request) -> Response:
    """The report of a run, which can reach nothing of the studio."""
    path = state_of(request).folder.file(asked(request, "run"), "report.html", (".html",))
    return await framed(request, await run_in_threadpool(path.read_bytes))


async def image(request: Request) -> Response:
    """An image that a run has made."""
    folder, name = state_of(request).folder, asked(request, "name")
    path = folder.file(asked(request, "run"), name, IMAGES)
    return FileResponse(path, media_type=IMAGES[path.suffix.lower()])


async def stop(request: Request) -> Response:
    """Stop a training as Ctrl-C does."""
    run = str((await object_of(request)).get("run", ""))
    await run_in_threadpool(state_of(request).trainings.stop, run)
    return Json({"run": run})


async def resume(request: Request) -> Response:
    """Go on with a training."""
    state, run = state_of(request), str((await object_of(request)).get("run", ""))
    path = _with_data_inside(state, run)
    state.workers.forget(path)  # its weights are about to change
    return Json(await run_in_threadpool(state.trainings.resume, run))


async def make_report(request: Request) -> Response:
    """Make the report of a run, where there is none."""
    state, run = state_of(request), str((await object_of(request)).get("run", ""))
    await state.workers.run(_with_data_inside(state, run)).ask("report")
    return Json({"run": run})


async def log(request: Request) -> Response:
    """What a training that was started here prints."""
    run = asked(request, "run")
    return Json(await run_in_threadpool(state_of(request).trainings.log, run))


def _with_data_inside(state: Studio, run: str) -> Path:
    path = state.folder.run(run)
    state.folder.check_data(path, RunDirectory.open(path).config())
    return path


def _shown(folder: Folder, name: str) -> dict[str, Any]:
    path = folder.run(name)
    directory = RunDirectory.open(path)
    config, record = directory.config(), _readable(name, directory)
    recorded: Mapping[str, Any] = config  # with what its job adds
    job = find_job(config["job"])
    trained = job.recorded(config["options"])
    return {
        "run": name,
        "job": job.name,
        "summary": job.summary,
        **{key: record[key] for key in ("data", "status", "epochs", "planned", "minutes")},
        "place": config["data"],
        "begun": record["created"],
        "metric": main_metric(record),
        "metrics": record["metrics"],
        "options": {k: v for k, v in trained.items() if v is not None},
        "changed": changed(job.config, trained),
        "best": directory.status().get("best_epoch"),
        "monitor": directory.status().get("monitor"),
        **{key: recorded[key] for key in SIZES if key in recorded},
        "verbs": {
            verb: {
                "takes": job.verbs[verb].takes,
                "explains": job.verbs[verb].explain is not None,
                "options": fields(options) if options is not None else [],
            }
            for verb, options in ((verb, job.verbs[verb].options) for verb in job.verbs)
        },
        "has_weights": (path / "networks.safetensors").is_file(),
        "has_report": (path / "report.html").is_file(),
        "has_mistakes": (path / "mistakes.csv").is_file(),
        "images": images_of(path),
        "next": command(job.next_words(name, config["data"])),
    }


def _readable(name: str, directory: RunDirectory) -> RunRow:
    """The summary of a run; a UserError where it has none."""
    record = summary(directory)
    if "reason" in record:
        raise UserError(f"'{name}' cannot be shown: {record['reason']}")
    return record


def images_of(path: Path) -> list[str]:
    """Names of the images that a run has made, its result first, then by number and time."""
    result = [entry.name for entry in path.iterdir() if entry.suffix.lower() in IMAGES]
    samples = path / "samples"
    inside = [f"samples/{entry.name}" for entry in samples.iterdir()
              if entry.suffix.lower() in IMAGES] if samples.is_dir() else []  # fmt: skip
    ordered = sorted(inside, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])
    step = max(1, -(-len(ordered) // MOST_IMAGES))
    return [*sorted(result), *ordered[::-step][::-1]]


def _all_curves(folder: Folder, names: list[str]) -> dict[str, Any]:
    made = dict[str, Any]()
    refusals = list[UserError]()
    for name in names:
        try:
            made[name] = _curves(folder, name)
        except UserError as error:
            refusals.append(error)
    if refusals and not made:
        raise refusals[0]
    return made


def _curves(folder: Folder, name: str) -> dict[str, Any]:
    directory = RunDirectory.open(folder.run(name))
    config, record = directory.config(), _readable(name, directory)
    try:
        lines = directory.metrics()
    except UserError:
        lines = []
    return {
        "lines": lines,
        "planned": config.get("epochs"),
        "options": find_job(config["job"]).recorded(config["options"]),
        **{key: record[key] for key in ("metrics", "interval") if key in record},
    }


ROUTES = [
    Route("/api/runs", listed),
    Route("/api/run", shown),
    Route("/api/curves", curves),
    Route("/api/log", log),
    Route("/api/stop", stop, methods=["POST"]),
    Route("/api/resume", resume, methods=["POST"]),
    Route("/api/report", make_report, methods=["POST"]),
    Route("/report", report),
    Route("/image", image),
]
