"""Which worker answers for a run or an index: another one when what is there is another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handloom.studio import workers as module
from handloom.studio.workers import MOST_WORKERS, Busy, Workers


class Idle:
    """A worker without a process. It has its index open, as a worker has, so that the number of the
    file is not given to another one."""

    def __init__(self, place: Path, is_index: bool, *more: Any) -> None:
        self.place, self.waiting, self.is_alive = place, 0, True
        self.file = (place / "index.sqlite").open("rb") if is_index else None

    def close(self) -> None:
        self.is_alive = False
        if self.file is not None:
            self.file.close()


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(module, "Worker", Idle)
    made = Workers([])
    yield made
    made.close()


def index_at(folder: Path) -> Path:
    folder.mkdir()
    (folder / "index.sqlite").write_bytes(b"")
    return folder


def test_an_index_that_was_made_anew_is_opened_anew(workers: Any, tmp_path: Path) -> None:
    place = index_at(tmp_path / "photos.index")
    first = workers.index(place)
    (place / "index.sqlite").write_bytes(b"more")  # as one that is brought up to date
    assert workers.index(place) is first
    (place / "index.sqlite").unlink()
    place.rmdir()
    second = workers.index(index_at(place))
    assert second is not first
    assert not first.is_alive
    assert workers.index(place) is second


def test_few_are_open_and_the_last_asked_stay(workers: Any, tmp_path: Path) -> None:
    opened = [workers.run(tmp_path / str(number)) for number in range(MOST_WORKERS)]
    assert workers.run(tmp_path / "0") is opened[0]
    workers.run(tmp_path / "another")
    assert [each.is_alive for each in opened] == [True, False, True]
    for worker in workers._workers.values():
        worker.waiting = 1
    with pytest.raises(Busy, match="are answering already"):
        workers.run(tmp_path / "one more")
