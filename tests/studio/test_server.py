"""`handloom studio` and `handloom serve` as commands: they start without torch, and end well."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from handloom.cli.main import main
from handloom.errors import UserError
from handloom.studio.server import access_to, address, listen
from tests.studio.conftest import GOLDEN, Answer, Client

posix = pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal to one process")

STARTED = """
import sys
from handloom.cli.main import main
status = main(["studio", ".", "--no-browser", "--port", "0"])
sys.exit(status or 10 * ("torch" in sys.modules))
"""


@posix
def test_it_starts_without_torch_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="handloom[studio] is not installed")
    process = subprocess.Popen(
        [sys.executable, "-c", STARTED], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    place = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
    with urllib.request.urlopen(place, timeout=30) as answer:
        assert b"<main" in answer.read()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    with process.stderr:
        assert "Traceback" not in process.stderr.read()
    process.stderr.close()


@posix
def test_what_was_asked_is_answered_before_it_ends() -> None:
    pytest.importorskip("uvicorn", reason="handloom[studio] is not installed")
    command = [sys.executable, "-m", "handloom", "serve", str(GOLDEN / "classifier"), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    line = process.stderr.readline()
    place = next(word for word in line.split() if word.startswith("http://127.0.0.1:"))
    client = Client(int(place.rstrip("/").rpartition(":")[2]))
    image = (GOLDEN / "classifier" / "digit.png").read_bytes()
    ask = partial(client.post, "/predict", image, content_type="image/png")
    assert ask().status == 200  # the network is open now
    with ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(ask) for _ in range(8)]
        while client.get("/health").json["waiting"] == 0 and not asked[-1].done():
            pass
        process.send_signal(signal.SIGTERM)
        statuses = [each.result().status for each in asked if _was_taken(each)]
    assert statuses
    assert set(statuses) == {200}
    assert process.wait(timeout=60) in (0, -signal.SIGTERM)
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def _was_taken(asked: Future[Answer]) -> bool:
    """Whether the server had accepted a request before it was told to end."""
    return asked.exception() is None


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UserError, match="choose another --port"):
            listen("127.0.0.1", taken.getsockname()[1])


def test_addresses() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # else asyncio leaves out TCP_NODELAY
        access = access_to(listener, "127.0.0.1", None)
        assert access.token is None
        assert address(access) == f"http://127.0.0.1:{access.port}/"
        assert address(access_to(listener, "127.0.0.1", "abc")).endswith("/?token=abc")
        assert len(access_to(listener, "0.0.0.0", None).token or "") > 20


@pytest.mark.parametrize("verb", ["studio", "serve"])
def test_what_is_missing_is_one_sentence(
    verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("handloom.extras.find_spec", lambda module: None)
    assert main([verb, "."]) == 2
    assert "pip install starlette uvicorn python-multipart" in capsys.readouterr().err
