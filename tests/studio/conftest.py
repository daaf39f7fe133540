"""A studio over a folder of small runs, served in a thread."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"
RUNS = ("classifier", "text-classifier", "char-rnn", "vae", "gan", "stylize")


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client(NamedTuple):
    """Asks a server as a browser's page of its own would, unless headers say otherwise."""

    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers = {"content-type": "application/json"} | headers
        return self.ask("POST", path, body, headers)

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"host": f"127.0.0.1:{self.port}"} | named)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content)


def served(app: Any, listener: Any) -> Iterator[None]:
    """Serve an application in a thread while the test runs."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on", ws="none"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory, digits_run: Path) -> Path:
    """Runs of every kind, and one of the digits that has a report and mistakes."""
    root = tmp_path_factory.mktemp("studio")
    for name in RUNS:
        shutil.copytree(GOLDEN / name, root / "runs" / name)
    shutil.copytree(digits_run, root / "runs" / "digits")
    return root


@pytest.fixture(scope="package")
def client(folder: Path) -> Iterator[Client]:
    """Of a studio over the folder."""
    pytest.importorskip("starlette", reason="handloom[studio] is not installed")
    pytest.importorskip("uvicorn", reason="handloom[studio] is not installed")
    from handloom.studio.app import studio
    from handloom.studio.folder import Folder
    from handloom.studio.server import access_to, listen

    listener = listen("127.0.0.1", 0)
    access = access_to(listener, "127.0.0.1", None)
    for _ in served(studio(Folder(folder), access), listener):
        yield Client(access.port)
