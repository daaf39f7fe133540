"""A connection that breaks is taken up again, from a real server on this machine."""

import socket
import threading
import urllib.error
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from handloom.data.io import download as module
from handloom.data.io.download import download
from tests.data.conftest import Silent, running

CONTENT = bytes(range(256)) * 40
asked: list[str | None] = []


class Breaks(Silent, SimpleHTTPRequestHandler):
    """Sends a third of what is left of CONTENT for every request, and knows ranges."""

    ranges = True
    changed = False
    last = module.CONNECTIONS  # the request whose answer is whole

    def do_GET(self) -> None:
        asked.append(self.headers.get("Range"))
        start = int(self.headers["Range"][6:-1]) if self.headers.get("Range") else 0
        content = CONTENT[::-1] if self.changed and start else CONTENT
        if not self.ranges or (self.changed and self.headers.get("If-Range") != '"new"'):
            start = 0
        rest = content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.send_header("ETag", '"old"')
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        self.wfile.write(rest if len(asked) == self.last else rest[: len(rest) // 3])


class Absent(Silent, SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)


class WithoutRanges(Breaks):
    ranges = False


class Replaced(Breaks):
    changed = True


@pytest.fixture(autouse=True)
def _nothing_asked() -> None:
    asked.clear()


def received(handler: type[Breaks], target: Path, most: int = 1 << 20) -> bytes:
    with running(handler) as url:
        download(f"{url}/set.gz", target, most, lambda *_: None)
    return target.read_bytes()


def test_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    assert received(Breaks, tmp_path / "set.gz") == CONTENT
    assert asked[0] is None
    assert asked[1] == f"bytes={len(CONTENT) // 3}-"
    assert len(asked) == module.CONNECTIONS


def test_it_begins_again_where_a_server_knows_no_ranges(tmp_path: Path) -> None:
    assert received(WithoutRanges, tmp_path / "set.gz") == CONTENT


def test_a_file_that_was_replaced_meanwhile_is_read_whole(tmp_path: Path) -> None:
    assert received(Replaced, tmp_path / "set.gz") == CONTENT[::-1]


def test_it_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTIONS", 2)
    monkeypatch.setattr(Breaks, "ranges", False)
    with pytest.raises(ValueError, match=r"the connection broke after 3,413 of 10,240 bytes"):
        received(Breaks, tmp_path / "set.gz")


def test_a_part_is_within_the_bound_of_the_whole(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="larger than 4,000 bytes"):
        received(Breaks, tmp_path / "set.gz", most=4000)


def test_one_that_trickles_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    pause = threading.Event()

    class Trickles(Silent, SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "100000")
            self.end_headers()
            try:
                for _ in range(100):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    pause.wait(0.05)
            except OSError:  # the reader went away
                pass

    with running(Trickles) as url, pytest.raises(ValueError, match="bytes a second"):
        download(f"{url}/set.gz", tmp_path / "set.gz", 1 << 20, lambda *_: None)


def test_one_that_never_answers_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.gz"
        with pytest.raises(OSError, match="timed out"):
            download(url, tmp_path / "x.gz", 9, lambda *_: None)


def test_an_answer_that_is_an_error_is_closed(tmp_path: Path) -> None:
    with running(Absent) as url:
        with pytest.raises(urllib.error.HTTPError) as caught:
            download(f"{url}/absent", tmp_path / "set", 99, print)
    assert caught.value.closed
