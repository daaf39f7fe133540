"""Training from a form."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from handloom.data.images.listing.nearby import tables_of_images
from handloom.data.images.listing.walk import is_image
from handloom.errors import UserError
from handloom.studio.folder import Folder
from handloom.studio.forms import command, forms, look, words
from handloom.studio.routes.search import small
from handloom.studio.state import Json, asked, object_of, state_of
from handloom.studio.trainings import environment
from handloom.studio.workers import Failed

MOST_SECONDS = 120  # of a look at data
REFUSED = 2  # status of a command that has said why
MOST_NAMED = 20  # broken files and duplicates
MOST_PLACES = 24
MOST_LOOKED = 20  # files of a folder
TABLES = (".csv", ".tsv", ".txt", ".parquet", ".jsonl")


async def jobs(request: Request) -> Response:
    """The forms of all jobs, and folders that may be data."""
    folder = state_of(request).folder
    made = await run_in_threadpool(forms)
    places = await run_in_threadpool(_places, folder)
    return Json({"jobs": made, "places": places, "root": str(folder.root)})


def _places(folder: Folder) -> list[str]:
    """Names of what may be data: folders that hold more than runs and indexes, and tables, also
    those of images in such a folder; "." first where the folder itself seems to be data, with its
    classes as folders."""
    folder.look()
    made = {*folder.runs, *folder.indexes}
    taken = {step for name in made for step in _steps(name)}
    inside = [
        name for name in _inside(folder.root)
        if not is_image(name) and (name not in taken
        or (name not in made and any(f"{name}/{each}" not in taken
                                     for each in _inside(folder.root / name))))
    ]  # fmt: skip
    is_data = sum(_holds_images(folder.root / name) for name in inside) > 1
    tables = [
        f"{name}/{table.name}" for name in inside
        for table in tables_of_images(folder.root / name)
    ]  # fmt: skip
    return [*(["."] if is_data else []), *sorted([*inside, *tables])][:MOST_PLACES]


def _steps(name: str) -> Iterator[str]:
    """The name of a folder, and those of all that it lies in."""
    parts = name.split("/")
    return ("/".join(parts[: count + 1]) for count in range(len(parts)))


def _inside(path: Path) -> list[str]:
    """The names of folders, tables and images directly in a folder; none of a file."""
    try:
        with os.scandir(path) as entries:
            return sorted(
                entry.name for entry in entries
                if entry.name[:1] not in "._"
                and (entry.is_dir() or entry.name.lower().endswith(TABLES) or is_image(entry.name))
            )  # fmt: skip
    except OSError:
        return []


def _holds_images(path: Path) -> bool:
    """Whether images are among the first files of a folder."""
    try:
        with os.scandir(path) as entries:
            return any(is_image(entry.name) for entry in islice(entries, MOST_LOOKED))
    except OSError:  # a table, or not ours to read
        return False


async def typed(request: Request) -> Response:
    """The command line of a form, or why it cannot be."""
    wanted, folder = await object_of(request), state_of(request).folder
    made = await run_in_threadpool(words, folder, wanted)
    return Json({"command": command(made)})


async def start(request: Request) -> Response:
    """Start a training."""
    wanted = await object_of(request)
    return Json(await run_in_threadpool(state_of(request).trainings.start, wanted))


async def show(request: Request) -> Response:
    """What data hold, by `handloom show` in a process of its own."""
    folder = state_of(request).folder
    typed = await run_in_threadpool(look, folder, await object_of(request))
    async with state_of(request).looks:
        return Json(_short(await _looked(typed, folder)))


async def _looked(typed: list[str], folder: Folder) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "handloom", *typed,
        cwd=folder.root, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=environment(folder),
    )  # fmt: skip
    try:
        out, err = await asyncio.wait_for(process.communicate(), MOST_SECONDS)
    except TimeoutError:
        process.kill()
        raise UserError(f"looking at '{typed[-1]}' took more than {MOST_SECONDS} seconds") from None
    complaint = err.decode("utf-8", "replace").strip()
    if process.returncode == REFUSED:
        raise UserError(complaint.removeprefix("handloom: ")[-600:])
    if process.returncode:  # a fault of ours: its last line, not where it happened
        raise Failed(
            complaint.splitlines()[-1][-600:] if complaint else f"it ended by {process.returncode}"
        )
    contents: dict[str, Any] = json.loads(out.decode().splitlines()[0])
    return contents


def _short(contents: dict[str, Any]) -> dict[str, Any]:
    for name in ("broken", "duplicates", "equal", "without_caption", "without_image"):
        contents[f"{name}_total"] = len(contents.get(name, ()))
        contents[name] = list(contents.get(name, ()))[:MOST_NAMED]
    return contents


async def image(request: Request) -> Response:
    """An image of data that were looked at, small."""
    path = await run_in_threadpool(state_of(request).folder.data, asked(request, "path"))
    content = await run_in_threadpool(small, path)
    return Response(content, media_type="image/jpeg")


ROUTES = [
    Route("/api/jobs", jobs),
    Route("/api/command", typed, methods=["POST"]),
    Route("/api/train", start, methods=["POST"]),
    Route("/api/show", show, methods=["POST"]),
    Route("/api/data-image", image),
]
