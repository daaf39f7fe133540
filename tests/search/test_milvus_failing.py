"""A Milvus server that restarts, goes away, or does not answer, in the middle of an index."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from handloom.data.images.reading import Reading
from handloom.errors import UserError
from handloom.search import embedding, milvus
from handloom.search.index import Index
from handloom.search.milvus_client import TimedClient, sentences
from handloom.search.opening import open_index, update
from handloom.search.refresh import Refreshed, WantedEncoder
from handloom.search.vectors import PixelVectors
from tests.search.conftest import Encoders, silent

pytest.importorskip("pymilvus")
pytest.importorskip("milvus_lite")

from milvus_lite.adapter.grpc import server as lite
from milvus_lite.adapter.grpc.servicer import MilvusServicer

Report = Callable[[str, int, int], None]


class Server:
    """Milvus Lite at one address, which can be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        started = lite.start_server_in_thread(str(self.folder), port=self.port)
        self.server, self.db, self.port = started

    def stop(self) -> None:
        self.server.stop(grace=0).wait()
        self.db.close()


class KeptClient(TimedClient):
    """The last client that was made, so that its time can be shortened."""

    last: "KeptClient"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        KeptClient.last = self


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(embedding, "PART", 8)
    monkeypatch.setattr("handloom.data.images.chunks.CHUNK", 8)
    monkeypatch.setattr(PixelVectors, "batch", 8)
    started = Server(tmp_path / "server")
    yield started
    started.stop()


def indexed(photos: Path, server: Server, encoders: Encoders, report: Report = silent) -> Any:
    """The index of the photos on the server, and what was done."""
    wanted = WantedEncoder(None, None, encoders)
    made: tuple[Index, Refreshed, tuple[str, ...]] = update(
        photos, server.url, wanted, False, Reading(), report, "photos"
    )
    return made[0], made[1]


def once(action: Callable[[], None]) -> Report:
    """Acts when the first images have been embedded and inserted."""
    done = []

    def report(what: str, count: int, total: int) -> None:
        if what == "embedding" and not done:
            done.append(count)
            assert count < total
            action()

    return report


def test_a_restart_in_the_middle_costs_nothing_but_time(
    photos: Path, server: Server, encoders: Encoders
) -> None:
    def restart() -> None:
        server.stop()
        threading.Timer(1, server.start).start()

    index, done = indexed(photos, server, encoders, once(restart))
    assert (done.embedded, len(index)) == (24, 24)
    assert index.search(photos / "red" / "3.png", 3).results[0].label == "red"


def test_a_server_that_goes_away_keeps_what_was_done(
    photos: Path, server: Server, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(milvus, "TimedClient", KeptClient)

    def stop() -> None:
        server.stop()
        KeptClient.last._seconds = 1.0  # it is not waited for

    with pytest.raises(UserError, match=r"there is no Milvus server at http.*what was done is"):
        indexed(photos, server, encoders, once(stop))
    server.start()
    assert len(open_index(server.url, encoders, "photos")) == 8
    index, done = indexed(photos, server, encoders)
    assert (done.embedded, len(index)) == (16, 24)


def test_a_server_that_does_not_answer_is_one_sentence(
    photos: Path, server: Server, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = MilvusServicer.Search
    server.stop()

    def slow(*given: Any) -> Any:
        time.sleep(4)
        return answered(*given)

    monkeypatch.setattr(MilvusServicer, "Search", slow)
    server.start()
    monkeypatch.setattr(milvus, "TimedClient", KeptClient)
    index, _ = indexed(photos, server, encoders)
    KeptClient.last._seconds = 1.0
    with pytest.raises(UserError, match=r"does not answer .*see whether it is overloaded"):
        index.search(photos / "red" / "3.png")


class Refused(grpc.RpcError, grpc.Call):  # type: ignore[misc]
    """What a server says of a wrong token."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAUTHENTICATED

    def details(self) -> str:
        return "auth check failure"


Refused.__abstractmethods__ = frozenset()  # type: ignore[misc]


def test_a_wrong_token_is_one_sentence() -> None:
    with pytest.raises(UserError, match=r"does not let you in .*: set MILVUS_TOKEN"):
        with sentences("http://there"):
            raise Refused
