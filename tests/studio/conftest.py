"""A studio over a folder of small runs, served in a thread, and a browser to look at it."""

from __future__ import annotations

import asyncio
import http.client
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import handloom
from handloom.studio.worker import INDEX_ACTIONS, RUN_ACTIONS
from tests.studio import browsing

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


class Direct:
    """In place of worker processes: actions in a thread of this process, which has torch already;
    as there, one after the other."""

    def __init__(self) -> None:
        self.opened: dict[tuple[str, Path], Any] = {}
        self.lock = asyncio.Lock()

    def run(self, path: Path) -> Here:
        return self._here("run", path, handloom.open, RUN_ACTIONS)

    def index(self, path: Path) -> Here:
        return self._here("index", path, handloom.open_index, INDEX_ACTIONS)

    def forget(self, path: Path) -> None:
        self.opened.pop(("run", path), None)

    def close(self) -> None:
        for (kind, _), opened in self.opened.items():
            if kind == "index":
                opened.close()

    def _here(self, kind: str, path: Path, open: Callable[[Path], Any], actions: Any) -> Here:
        if (kind, path) not in self.opened:
            self.opened[kind, path] = open(path)
        return Here(self.opened[kind, path], actions, self.lock)


class Here(NamedTuple):
    """Asked as a worker is."""

    opened: Any
    actions: dict[str, Callable[..., Any]]
    lock: asyncio.Lock

    async def ask(self, name: str, most_waiting: int = 0, /, **arguments: Any) -> Any:
        async with self.lock:
            return await asyncio.to_thread(self.actions[name], self.opened, **arguments)

    async def stream(self, name: str, /, **arguments: Any) -> Any:
        async with self.lock:
            parts = self.actions[name](self.opened, **arguments)
            while (part := await asyncio.to_thread(next, parts, None)) is not None:
                yield part


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A studio over an empty folder, which a module's tests fill."""
    pytest.importorskip("uvicorn", reason="handloom[studio] is not installed")
    from handloom.studio.app import studio
    from handloom.studio.folder import Folder
    from handloom.studio.server import access_to, listen
    from handloom.studio.state import STATE

    root = tmp_path_factory.mktemp("site")
    listener = listen("127.0.0.1", 0)
    access = access_to(listener, "127.0.0.1", None)
    app: Any = studio(Folder(root), access)
    getattr(app.app.state, STATE).workers = Direct()
    for _ in served(app, listener):
        yield Site(root, Client(access.port))


class Site(NamedTuple):
    """A folder, and the studio over it."""

    root: Path
    client: Client

    def add(self, *names: str) -> None:
        """Golden runs."""
        for name in names:
            if not (self.root / "runs" / name).exists():
                shutil.copytree(GOLDEN / name, self.root / "runs" / name)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, with a camera that is none."""
    yield from browsing.opened_browser()


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Any]:
    """A page that fails the test for whatever the browser complains of."""
    yield from browsing.opened_page(browser, site.client.base)


@pytest.fixture
def chinese(browser: Any, site: Site) -> Iterator[Any]:
    """The same, of somebody who reads Chinese."""
    yield from browsing.opened_page(browser, site.client.base, locale="zh-CN")
