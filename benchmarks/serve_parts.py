"""What reading and answering a request costs: a server of texts with more and more in it.

    python -m benchmarks.serve_parts runs/texts-1 texts.txt      a text a line

Prints the processor time of server, worker and clients for one request, at 64 clients, for: an
application that answers at once; with our guard; with routes and JSON; with the queue of batches;
and the whole, whose network answers in a worker. With each of uvicorn's parsers and event loops
that are installed. Processor time says little of how busy the machine is otherwise.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Hashable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.arguments import parser_of
from benchmarks.serve import answering, bodies, load, processor

PORT = 8977
PARTS = ("answer", "guard", "routes", "queue", "whole")
CLIENTS = 64
RECORD = {"label": "1", "probability": 0.91234, "probabilities": {"1": 0.91234, "0": 0.08766}}
BODY = json.dumps(RECORD).encode()
HEAD = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]


async def at_once(scope: Any, receive: Any, send: Any) -> None:
    """An application that reads a request and has its answer."""
    message = await receive()
    if scope["type"] == "lifespan":
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
    elif message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 200, "headers": HEAD})
        await send({"type": "http.response.body", "body": BODY})


def application(part: str, run: Path) -> Any:
    """A server with everything up to a part."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import JSONResponse, Response
    from starlette.routing import Route

    from handloom.jobs import find_job
    from handloom.runs.directory import RunDirectory
    from handloom.studio.app import HANDLERS
    from handloom.studio.batches import Batches
    from handloom.studio.security import Access, Guard
    from handloom.studio.serving import server
    from handloom.studio.state import object_of
    from handloom.studio.uploads import checked_text

    access = Access("127.0.0.1", PORT)
    if part == "answer":
        return at_once
    if part == "guard":
        return Guard(at_once, access)
    if part == "whole":
        return server(run, find_job(RunDirectory.open(run).config()["job"]), access)

    async def answer(key: Hashable, subjects: Sequence[Any]) -> Sequence[Any]:
        await asyncio.sleep(0.001)  # while others arrive
        return [RECORD] * len(subjects)

    batches = Batches(answer)

    async def predict(request: Request) -> Response:
        text = checked_text((await object_of(request)).get("text"))
        return JSONResponse(RECORD if part == "routes" else await batches.ask("texts", text))

    routes = [Route("/predict", predict, methods=["POST"])]
    app: Any = Starlette(routes=routes, exception_handlers=HANDLERS)
    return Guard(app, access)


def serve(part: str, run: Path, parser: Any, loop: Any) -> None:
    """Answer until the process is ended."""
    import uvicorn

    from handloom.studio.server import listen

    config = uvicorn.Config(
        application(part, run), http=parser, loop=loop, log_level="error", access_log=False,
        server_header=False, date_header=False, proxy_headers=False, lifespan="on", ws="none",
    )  # fmt: skip
    uvicorn.Server(config).run([listen("127.0.0.1", PORT)])


def measure(part: str, given: Any, parser: str, loop: str) -> None:
    """Print the row of a server."""
    sent = bodies(given.data)
    command = [sys.executable, "-m", "benchmarks.serve_parts", str(given.run), str(given.data)]
    with answering([*command, "--serve", part, parser, loop], PORT, sent) as process:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()

        def worker() -> float:
            return sum(processor(int(child)) for child in children)

        load(PORT, sent, CLIENTS, 1.0)
        before = (processor(process), worker(), time.process_time())
        count = len(load(PORT, sent, CLIENTS, given.seconds))
        after = (processor(process), worker(), time.process_time())
    both, network, clients = (1000 * (b - a) / count for a, b in zip(before, after, strict=True))
    print(
        f"{parser:10}{loop:9}{part:8} server {both - network:.3f} ms, worker {network:.3f} ms, "
        f"clients {clients:.3f} ms; {count / given.seconds:,.0f} a second",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--serve", nargs=3, help="PART PARSER LOOP: be such a server")
    given = parser.parse_args()
    if given.serve:
        part, reading, loop = given.serve
        serve(part, given.run, reading, loop)
        return
    parsers = [name for name in ("h11", "httptools") if find_spec(name)]
    loops = [name for name in ("asyncio", "uvloop") if name == "asyncio" or find_spec(name)]
    for reading in parsers:
        for loop in loops:
            for part in PARTS:
                measure(part, given, reading, loop)


if __name__ == "__main__":
    main()
