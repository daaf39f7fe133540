"""Small networks with weights, and a server that speaks like the hub."""

import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

SMALL = "test_resnet"  # of timm: 0.5 million parameters


@pytest.fixture(scope="session")
def small_weights() -> dict[str, Tensor]:
    """Weights of timm's test_resnet with its head, at random."""
    import timm

    torch.manual_seed(0)
    network = timm.create_model(SMALL, pretrained=False)
    return {key: value.clone() for key, value in network.state_dict().items()}


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory, small_weights: dict[str, Tensor]) -> Path:
    """The same as a file of safetensors."""
    path = tmp_path_factory.mktemp("weights") / "small.safetensors"
    save_file(small_weights, path)
    return path


@dataclass
class Hub:
    """What the server holds and how it answers.

    status: of every answer but 200. seconds: waited before every part of a content. cut: only so
    many bytes are sent. etag: in place of the content's sha256. requests: what was asked for.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    seconds: float = 0.0
    cut: int | None = None
    etag: str | None = None
    requests: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub of our own, an empty cache, and no files in $HANDLOOM_DATA."""
    from huggingface_hub import constants

    held = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(held))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    held.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", held.url)
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE",
        held.url + "/{repo_id}/resolve/{revision}/{filename}",
    )  # fmt: skip
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "torch"))
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path / "data"))
    yield held
    server.shutdown()
    server.server_close()


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            content = self.answer()
            for start in range(0, len(content), 1 << 20):
                time.sleep(hub.seconds)
                self.wfile.write(content[start : start + (1 << 20)])

        def answer(self) -> bytes:
            hub.requests.append(f"{self.command} {self.path}")
            content = hub.files.get(self.path.rpartition("/")[2])
            if self.path == "/" or hub.status != 200 or content is None:
                failure = 404 if hub.status == 200 else hub.status
                self.send_response(200 if self.path == "/" else failure)
                if content is None:
                    self.send_header("X-Error-Code", "EntryNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return b""
            self.send_response(200)
            digest = hub.etag or hashlib.sha256(content).hexdigest()
            for name, value in (("ETag", f'"{digest}"'), ("X-Linked-Etag", f'"{digest}"'),
                                ("X-Linked-Size", len(content)), ("X-Repo-Commit", "0" * 40),
                                ("Content-Length", len(content))):  # fmt: skip
                self.send_header(name, str(value))
            self.end_headers()
            return content[: hub.cut]

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
