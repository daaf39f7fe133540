"""Milvus over its own protocol: a server of Milvus Lite, which is started in this process."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handloom.data.images.reading import Reading
from handloom.errors import UserError
from handloom.search.expressions import expression
from handloom.search.filters import holds
from handloom.search.grammar import parse
from handloom.search.milvus import MilvusStore
from handloom.search.opening import open_index, update
from handloom.search.records import ColumnKind
from handloom.search.refresh import WantedEncoder
from tests.search.conftest import RECORD, Encoders, entry, part, silent, unit
from tests.search.test_grammar import WORDS, conditions

pytest.importorskip("pymilvus")
lite = pytest.importorskip("milvus_lite")

OWN: dict[str, ColumnKind] = {"price": "number", "Shop name": "text"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> MilvusStore:
    return MilvusStore(str(tmp_path_factory.mktemp("milvus") / "store.db"), "rows")


ROWS = st.lists(
    st.tuples(st.none() | WORDS, st.integers(-5, 5), st.none() | st.integers(-5, 5).map(float),
              st.none() | WORDS), min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=40)
@given(text=conditions(), rows=ROWS)
def test_milvus_agrees_with_the_meaning(
    store: MilvusStore, text: str, rows: list[tuple[str | None, int, float | None, str | None]]
) -> None:
    columns: dict[str, ColumnKind] = {"label": "text", "size": "number", **OWN}
    condition = parse(text, columns, lambda _: ())
    store.begin(RECORD, False)
    store.remove([each.path for each in store.entries()])
    entries = [
        entry(f"{place}.png", bytes([place]) * 16, label=label, size=size,
              own=(("price", price), ("Shop name", shop)))
        for place, (label, size, price, shop) in enumerate(rows)
    ]  # fmt: skip
    vectors = unit([[1, place, 0, 0] for place in range(len(rows))])
    store.put(entries, part([each.content for each in entries], vectors), OWN)
    found = {match.images[0].path for match in store.nearest(vectors[0], condition)}
    names = ["label", "size", "price", "Shop name"]
    expected = {f"{place}.png" for place, row in enumerate(rows)
                if holds(condition, dict(zip(names, row)))}  # fmt: skip
    assert found == expected, expression(condition)


def test_an_index_on_a_server(photos: Path, tmp_path: Path, encoders: Encoders) -> None:
    address = str(tmp_path / "lite.db")
    with pytest.raises(UserError, match=r"there is no index .*handloom index FOLDER --store"):
        open_index(address, encoders, "photos")
    wanted = WantedEncoder(None, None, encoders)
    _, done, _ = update(photos, address, wanted, False, Reading(), silent, "photos")
    assert done.embedded == 24
    (photos / "red" / "1.png").unlink()
    (photos / "red" / "2.png").rename(photos / "red" / "moved.png")
    (photos / "red" / "broken.png").write_bytes(b"")
    index, done, _ = update(photos, address, wanted, False, Reading(), silent, "photos")
    assert (done.embedded, done.renamed, done.removed, encoders.images) == (0, 1, 1, 24)
    assert [path for path, _ in done.broken] == ["red/broken.png"]
    found = index.search(photos / "red" / "moved.png", 5, where="folder = 'red'")
    assert [each.label for each in found.results] == ["red"] * 5
    assert index.search(found.results[0].id, 100).results
    with pytest.raises(UserError, match="add --rebuild"):
        update(photos, address, WantedEncoder("dark", None, encoders), False, Reading(), silent,
               "photos")  # fmt: skip
    dark = WantedEncoder("dark", None, encoders)
    index, done, _ = update(photos, address, dark, True, Reading(), silent, "photos")
    assert (done.embedded, len(index)) == (23, 23)
    again = open_index(address, encoders, "photos")
    assert again.store.encoder() == done.encoder
    assert [each.path for each in again.search(photos / "red" / "0.png").results] == [
        each.path for each in index.search(photos / "red" / "0.png").results
    ]


def test_texts_on_a_server(photos: Path, tmp_path: Path, encoders: Encoders) -> None:
    lines, address = tmp_path / "captions.txt", str(tmp_path / "lite.db")
    lines.write_text("a red thing\na blue thing\n")
    wanted = WantedEncoder("wordy", None, encoders)
    _, done, _ = update(lines, address, wanted, False, Reading(), silent, "lines")
    assert done.embedded == 2
    index = open_index(address, encoders, "lines")
    assert index.search("something blue", 1).results[0].text == "a blue thing"
    assert index.search(photos / "red" / "0.png", 1).results[0].text == "a red thing"


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(UserError, match=r"no Milvus server at http://localhost:1 .*: start it"):
        MilvusStore("http://localhost:1", "photos", timeout=2)


def test_a_file_that_is_no_store_is_one_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.db").write_text("something else")
    with pytest.raises(UserError, match=r"notes.db cannot be opened: it is not one of Milvus Lite"):
        MilvusStore(str(tmp_path / "notes.db"), "photos")
    assert capfd.readouterr() == ("", "")  # nor what the library logs
