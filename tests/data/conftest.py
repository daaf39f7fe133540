"""Images drawn for the tests, a server of files, and a cache of each test's own."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

Draw = Callable[[int], Image.Image]


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def running(handler: Any) -> Iterator[str]:
    """The address of a server on this machine, while it runs."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def breaking(content: bytes, sent: int) -> type[Silent]:
    """Promises all of `content` and closes after `sent` bytes."""

    class Breaks(Silent, SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:sent])

    return Breaks


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """An address, and the folder that is served there."""
    folder = tmp_path / "served"
    folder.mkdir()
    with running(partial(Silent, directory=str(folder))) as url:
        yield url, folder


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("HANDLOOM_MIRROR", raising=False)
    monkeypatch.setattr("handloom.data.io.download.PAUSE", 0)


@pytest.fixture
def published() -> Path:
    """Real data; tests that want them skip where there are none."""
    folder = os.environ.get("HANDLOOM_DATA")
    if folder is None or not Path(folder).is_dir():
        pytest.skip("HANDLOOM_DATA is not set: real data are not at hand")
    return Path(folder)


@pytest.fixture
def no_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HANDLOOM_DATA."""
    folder = tmp_path / "named"
    monkeypatch.setenv("HANDLOOM_DATA", str(folder))
    return folder


@pytest.fixture
def draw() -> Draw:
    """A colourful image of 80x100 pixels, a different one for every number."""

    def drawn(number: int) -> Image.Image:
        random = np.random.RandomState(number)
        coarse = random.randint(0, 256, (6, 5, 3), dtype=np.uint8)
        return Image.fromarray(coarse).resize((80, 100), Image.Resampling.BICUBIC)

    return drawn


@pytest.fixture
def photos(tmp_path: Path, draw: Draw) -> Path:
    """Class folders: 10 cats, 10 dogs (some of them deeper), 10 owls, as JPEG and PNG."""
    root = tmp_path / "photos"
    for place, kind in enumerate(("cat", "dog", "owl")):
        for number in range(10):
            deep = "more" if kind == "dog" and number > 6 else ""
            path = root / kind / deep / f"{number}.{'png' if number % 2 else 'jpg'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            draw(100 * place + number).save(path)
    return root
