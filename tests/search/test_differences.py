"""What differs between a collection and its index, found in one walk through both."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handloom.data.images.reading import Reading
from handloom.data.io.path_order import order
from handloom.errors import UserError
from handloom.search.differences import Differences, aligned
from handloom.search.embedded import EmbeddedStore
from handloom.search.opening import update
from handloom.search.records import Entry
from handloom.search.refresh import Refreshed, WantedEncoder
from handloom.search.spool import sorted_entries
from tests.search.conftest import RECORD, Encoders, by_path, entry, settle, silent, write

NAMES = ["a", "a.png", "a/b", "a-b", "a.b", "a0", "A", "B/1", "\u00e9", "e\u0301", "\u65e5\u672c",
         "\uffee", "\U0001f600", os.fsdecode(b"\xff"), os.fsdecode(b"a/\xe9"), " "]  # fmt: skip
names = st.sets(st.one_of(st.sampled_from(NAMES), st.text(min_size=1, max_size=4).filter(
    lambda text: text.isprintable() and not any("\ud800" <= c < "\udc80" for c in text)
)))  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(names)
def test_both_stores_have_the_order_of_paths(paths: set[str]) -> None:
    entries = [entry(path, b"c" * 16, own=(("price", 2.5), ("note", None))) for path in paths]
    expected = sorted(entries, key=lambda each: order(each.path))
    assert list(sorted_entries(entries, ["price", "note"])) == expected  # as Milvus's are sorted
    with tempfile.TemporaryDirectory() as folder, EmbeddedStore(Path(folder), True) as store:
        store.begin(RECORD, False)
        store.put(entries, None, {"price": "number", "note": "text"})
        assert list(store.entries()) == expected


@given(names, names)
def test_streams_are_aligned_by_path(left: set[str], right: set[str]) -> None:
    def stream(paths: set[str]) -> Iterator[Entry]:
        return (entry(path, b"") for path in sorted(paths, key=order))

    pairs = list(aligned(stream(left), stream(right)))
    assert [each.path for each, _ in pairs if each] == sorted(left, key=order)
    assert [each.path for _, each in pairs if each] == sorted(right, key=order)
    assert all(new is None or old is None or new.path == old.path for new, old in pairs)
    assert {new.path for new, old in pairs if new and old} == left & right


def test_files_out_of_order_are_not_taken_for_gone() -> None:
    wrong = iter([entry("b", b""), entry("a", b"")])
    with pytest.raises(AssertionError, match="'a' does not come after b'b'"):
        list(aligned(wrong, iter(())))


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect

    def full(place: str, **options: object) -> sqlite3.Connection:
        connection = connect(place, **options)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count = 12")
        return connection  # type: ignore[no-any-return]

    monkeypatch.setattr(sqlite3, "connect", full)
    many = (entry(f"{number:05d}", bytes(16)) for number in range(10_000))
    with (
        Differences([]) as differences,
        pytest.raises(UserError, match=r"temporary files .*TMPDIR"),
    ):
        differences.compare(many, iter(()), set(), False, False)


CONTENTS = 5  # the last is broken
states = st.dictionaries(
    st.sampled_from(["a/1.png", "a/2.png", "a.b/1.png", "a-b/1.png", "B/1.png", "b/1.png",
                     "\u00e9/1.png", "\u65e5/1.png", "top/x/1.png"]),
    st.integers(0, CONTENTS - 1), min_size=1,
).filter(lambda state: any(content < CONTENTS - 1 for content in state.values()))  # fmt: skip


@settings(max_examples=6, deadline=None)
@given(states, states, states)
def test_any_change_leaves_the_index_that_a_new_one_would_be(
    first: dict[str, int], second: dict[str, int], third: dict[str, int]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, encoders, before = Path(folder), Encoders(), dict[str, int]()
        for age, state in enumerate((first, second, third)):
            arrange(root / "photos", before, state, 3_600 * (age + 1))
            done = run(root, "kept.index", encoders)
            assert done[:5] == expected(before, state)
            before = state
        run(root, "new.index", encoders)
        with EmbeddedStore(root / "kept.index") as old, EmbeddedStore(root / "new.index") as fresh:
            assert by_path(old) == by_path(fresh)
            assert old.count() == fresh.count()
            old.begin(done.encoder, False)
            assert old.unembedded() == set()


def arrange(photos: Path, before: dict[str, int], state: dict[str, int], age: int) -> None:
    """Files as a state has them; what does not differ from the state before is not touched."""
    for path in before.keys() - state.keys():
        (photos / path).unlink()
    for path, content in state.items():
        if before.get(path) == content:
            continue
        if content == CONTENTS - 1:
            (photos / path).parent.mkdir(parents=True, exist_ok=True)
            (photos / path).write_bytes(b"no image")
            settle(photos / path, age)
        else:
            pattern = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * (content + 1)
            write(photos / path, pattern, age)


def run(root: Path, name: str, encoders: Encoders) -> Refreshed:
    wanted = WantedEncoder("pixels", None, encoders)
    index, done, _ = update(root / "photos", root / name, wanted, False, Reading(), silent)
    index.close()
    return done


def expected(before: dict[str, int], now: dict[str, int]) -> tuple[int, int, int, int, int]:
    """Files in all, unchanged, renamed, embedded, removed."""
    good = {content for content in now.values() if content < CONTENTS - 1}
    return (
        len(now),
        sum(before.get(path) == content for path, content in now.items() if content in good),
        sum(path not in before and content in before.values() for path, content in now.items()),
        len(good - set(before.values())),
        sum(path not in now and content not in now.values() for path, content in before.items()),
    )
