"""What all requests to a studio share, and how they give what they ask for."""

from __future__ import annotations

import asyncio
import base64
import json
import math
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from handloom.errors import UserError
from handloom.studio.folder import Folder
from handloom.studio.table import RunsTable
from handloom.studio.trainings import Trainings
from handloom.studio.workers import Workers

STATE = "studio"
MOST_LOOKS = 2


@dataclass
class Studio:
    """One for each application. looks: at data, in processes, few at a time."""

    folder: Folder
    table: RunsTable
    workers: Workers
    trainings: Trainings
    looks: asyncio.Semaphore

    @classmethod
    def over(cls, folder: Folder) -> Studio:
        """That of a folder."""
        looks = asyncio.Semaphore(MOST_LOOKS)
        return cls(folder, RunsTable(folder), Workers(folder.places), Trainings(folder), looks)

    def close(self) -> None:
        """End the workers; trainings go on."""
        self.workers.close()
        self.trainings.close()


def state_of(request: Request) -> Studio:
    """What the requests of its application share."""
    state: Studio = getattr(request.app.state, STATE)
    return state


def asked(request: Request, name: str) -> str:
    """A parameter of the address. Raises UserError where it is missing."""
    value: str | None = request.query_params.get(name)
    if not value:
        raise UserError(f"the request lacks '{name}'")
    return value


async def object_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request. Raises UserError for anything else."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise UserError("the request must be JSON (content-type application/json)")
    try:
        content = await request.json()
    except (ValueError, RecursionError):
        raise UserError("the request is not JSON that can be read") from None
    if not isinstance(content, dict):
        raise UserError("the request must be a JSON object")
    return content


def inline(content: bytes, kind: str = "png") -> str:
    """An image as an address that holds it."""
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


class Json(JSONResponse):
    """An answer in JSON, of anything that a run or data hold: see `sendable`. Letters that are no
    Unicode, as in the name of a file, are sent as the escapes that JSON has for them."""

    def render(self, content: Any) -> bytes:
        """The body."""
        try:
            text = _written(content)
        except (TypeError, ValueError):  # bytes, or a number that is not finite
            text = _written(sendable(content))
        return text.encode("utf-8", "backslashreplace")


def _written(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def sendable(value: Any) -> Any:
    """The same for JSON: bytes, which are PNG files, as addresses, and numbers that are not finite,
    as of a training that diverged, as None."""
    if isinstance(value, bytes):
        return inline(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: sendable(part) for name, part in value.items()}
    return [sendable(part) for part in value] if isinstance(value, list | tuple) else value
