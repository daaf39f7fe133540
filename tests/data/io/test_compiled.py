"""Files of networks in the cache: written once, found whole or not at all."""

from pathlib import Path

import pytest

from handloom.data.io.compiled import (
    CHECKSUM,
    FILE,
    REFUSED,
    WEIGHTS,
    is_refused,
    is_worth_it,
    keep,
    kept,
    name_of,
)
from handloom.data.io.storage import cache_folder

KEY = "0" * 32 + "-images"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty one."""
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache"))


class Writer:
    """What writes the files, and how often it was asked to."""

    def __init__(self, outcome: bool | Exception = True) -> None:
        self.outcome, self.calls = outcome, 0

    def __call__(self, folder: Path) -> bool:
        self.calls += 1
        if isinstance(self.outcome, Exception):
            raise self.outcome
        (folder / FILE).write_bytes(b"network")
        (folder / WEIGHTS).write_bytes(b"weights")
        return self.outcome


def put(write: Writer) -> None:
    keep(KEY, write, lambda: kept(KEY) is not None)


def test_it_is_written_once() -> None:
    write = Writer()
    assert kept(KEY) is None
    for _ in range(2):
        put(write)
    folder = kept(KEY)
    assert folder is not None
    assert (folder / FILE).read_bytes() == b"network"
    assert write.calls == 1


def test_it_is_worth_its_time_from_the_second_process_on() -> None:
    assert [is_worth_it(KEY) for _ in range(3)] == [False, True, True]
    put(Writer())
    assert kept(KEY) is not None
    assert not is_worth_it(KEY)  # it is there


def test_what_is_refused_or_turned_off_is_never_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    put(Writer(False))
    assert not is_worth_it(KEY)
    monkeypatch.setenv("HANDLOOM_COMPILE", "0")
    other = KEY.replace("0", "1")
    assert [is_worth_it(other) for _ in range(2)] == [False, False]
    write = Writer()
    keep(other, write, lambda: False)
    assert write.calls == 0


@pytest.mark.parametrize("name", [FILE, WEIGHTS, CHECKSUM])
def test_a_damaged_one_is_written_again(name: str) -> None:
    put(Writer())
    (cache_folder() / name_of(KEY) / name).write_bytes(b"damaged")
    assert kept(KEY) is None
    put(Writer())
    assert kept(KEY) is not None


@pytest.mark.parametrize("outcome", [False, RuntimeError("no such operator")])
def test_what_cannot_be_compiled_is_not_tried_again(
    outcome: bool | Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Writer(outcome)
    for _ in range(2):
        put(write)
    assert write.calls == 1
    assert kept(KEY) is None
    assert is_refused(KEY)
    monkeypatch.setattr("handloom.data.io.compiled.version", lambda library: "another")
    put(write)
    assert write.calls == 2


def test_a_damaged_refusal_is_none() -> None:
    put(Writer(False))
    (cache_folder() / name_of(KEY) / REFUSED).write_bytes(b"\xff")
    put(Writer())
    assert kept(KEY) is not None


def test_a_limit_that_is_not_a_size_is_nothing_to_fail_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDLOOM_CACHE_GIB", "many")
    put(Writer())
    assert kept(KEY) is None


@pytest.mark.parametrize("error", [OSError("no room"), MemoryError()])
def test_what_has_no_room_is_tried_again(error: Exception) -> None:
    write = Writer(error)
    for _ in range(2):
        put(write)
    assert write.calls == 2
    assert kept(KEY) is None


def test_nothing_is_written_where_it_cannot_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "file" / "cache"))
    write = Writer()
    put(write)
    assert write.calls == 0
    assert kept(KEY) is None


def test_a_key_is_not_a_path() -> None:
    """It may come with an index, which may be somebody else's."""
    put(Writer())
    folder = cache_folder() / name_of(KEY)
    folder.rename(folder.parent / "elsewhere")
    folder.mkdir()
    assert kept(f"{KEY}/../elsewhere") is None
    assert kept("0" * 1000) is None
