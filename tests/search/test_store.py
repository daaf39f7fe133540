"""What every store does: one contract, run over each of them."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from handloom.errors import UserError
from handloom.search import embedded_files
from handloom.search.embedded import EmbeddedStore
from handloom.search.filters import And, Compare, Condition, In, Like, Not
from handloom.search.milvus import MilvusStore
from handloom.search.records import ColumnKind, Vectors
from handloom.search.store import VectorStore
from tests.search.conftest import RECORD, by_path, entry, part, unit

OWN: dict[str, ColumnKind] = {"price": "number", "brand": "text"}
ROWS = unit([[1, 0, 0, 0], [1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [-1, 0, 0, 0.1]])
KEYS = [bytes([number]) * 16 for number in range(5)]
Open = Callable[[], VectorStore]


@pytest.fixture(params=["embedded", "milvus"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """open_store() -> the same store again."""
    opened: list[VectorStore] = []
    if request.param == "milvus":  # over its protocol, by a server in this process
        pytest.importorskip("milvus_lite")
        pytest.importorskip("pymilvus")

    def again() -> VectorStore:
        if request.param == "milvus":
            opened.append(MilvusStore(str(tmp_path / "store.db"), "photos"))
            return opened[-1]
        folder = tmp_path / "store.index"
        opened.append(EmbeddedStore(folder, is_new=not folder.exists()))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


def filled(store: VectorStore) -> VectorStore:
    """Five contents in six files."""
    store.begin(RECORD, False)
    entries = [
        entry(f"{'ab'[number % 2]}/{number}.png", key, label="ab"[number % 2], size=number,
              own=(("price", float(number) if number else None), ("brand", "it's")))
        for number, key in enumerate(KEYS)
    ]  # fmt: skip
    store.put(entries, part(KEYS, ROWS), OWN)
    store.put([entry("copy/0.png", KEYS[0], label=None, size=0)], None)
    store.finish()
    return store


def paths(store: VectorStore, query: Vectors, condition: Condition | None = None) -> list[str]:
    """First paths of what is near, in order."""
    matches = store.nearest(query, condition, None)
    return [match.images[0].path for match in matches]


def test_what_is_near_comes_by_cosine(open_store: Open) -> None:
    store = filled(open_store())
    matches = list(store.nearest(ROWS[0], None, None))
    assert [match.images[0].content for match in matches] == [
        KEYS[0], KEYS[1], KEYS[2], KEYS[3], KEYS[4]
    ]  # fmt: skip
    assert np.allclose([match.score for match in matches], ROWS @ ROWS[0], atol=1e-6)
    assert sorted(image.path for image in matches[0].images) == ["a/0.png", "copy/0.png"]
    assert np.allclose(matches[1].vector, ROWS[1])
    assert dict(matches[1].images[0].own) == {"price": 1.0, "brand": "it's"}


def test_conditions_are_exact(open_store: Open) -> None:
    store = filled(open_store())
    assert paths(store, ROWS[0], Compare("label", "=", "b")) == ["b/1.png", "b/3.png"]
    assert paths(store, ROWS[0], Not(Compare("label", "=", "b")))[0].endswith("0.png")
    assert paths(store, ROWS[0], Compare("price", ">", 2.0)) == ["b/3.png", "a/4.png"]
    assert paths(store, ROWS[0], In("size", (2.0, 4.0))) == ["a/2.png", "a/4.png"]
    assert paths(store, ROWS[0], Like("path", "copy/%")) == ["copy/0.png"]
    both = And((Compare("brand", "=", "it's"), Compare("folder", "=", "b")))
    assert paths(store, ROWS[0], both) == ["b/1.png", "b/3.png"]
    assert paths(store, ROWS[0], Compare("brand", "=", "x' OR 1=1 --")) == []
    assert not paths(store, ROWS[0], Compare("label", "<", ""))


def test_everything_is_there_when_it_is_opened_again(open_store: Open) -> None:
    filled(open_store()).close()
    store = open_store()
    assert store.encoder() == RECORD
    assert store.count() == (6, 0)
    assert by_path(store)["b/1.png"] == entry(
        "b/1.png", KEYS[1], label="b", size=1, own=(("price", 1.0), ("brand", "it's"))
    )
    assert {"price", "brand", "label", "size", "date"} <= store.columns().keys()
    assert paths(store, ROWS[3])[0] == "b/3.png"


def test_files_come_in_the_order_of_their_paths(open_store: Open) -> None:
    store = open_store()
    store.begin(RECORD, False)
    names = [
        "b",
        "a/b.png",
        "a.png",
        "a0",
        "A",
        "\u00e9",
        "e\u0301",
        "a-b/c",
        "\uffee",
        "\U0001f600",
    ]
    bad = [entry(name, b"x" * 16, reason="cut off") for name in ("z", "a/a", "B")]
    store.put([*(entry(name, KEYS[0]) for name in names), *bad], part(KEYS[:1], ROWS[:1]))
    store.finish()
    every = sorted([*names, "z", "a/a", "B"], key=str.encode)
    assert [each.path for each in store.entries()] == every
    assert [each.path for each in store.entries(broken=True)] == ["B", "a/a", "z"]


def test_contents_that_files_have(open_store: Open) -> None:
    store = open_store()
    assert list(store.held(KEYS)) == []
    filled(store)
    store.begin(RECORD, False)
    store.put([entry("bad.png", b"x" * 16, reason="cut off")], None)
    assert set(store.held([KEYS[1], b"x" * 16, b"y" * 16])) == {KEYS[1], b"x" * 16}
    assert set(store.missing([KEYS[1], b"x" * 16])) == {b"x" * 16}
    assert store.unembedded() == set()


def test_what_is_removed_goes(open_store: Open) -> None:
    store = filled(open_store())
    store.begin(RECORD, False)
    store.remove(["a/0.png", "b/1.png"])
    store.finish()
    assert store.count() == (4, 0)
    assert paths(store, ROWS[0])[:2] == ["copy/0.png", "a/2.png"]
    assert set(store.missing(KEYS)) == {KEYS[1]}


def test_what_is_added_is_found_before_the_end(open_store: Open) -> None:
    store = filled(open_store())
    reader = open_store()
    assert paths(reader, ROWS[3])[0] == "b/3.png"
    store.begin(RECORD, False)
    store.put([entry("new.png", b"n" * 16)], part([b"n" * 16], unit([[0, 0, 0, 1]])))
    assert paths(reader, unit([[0, 0, 0, 1]])[0])[0] == "new.png"
    assert paths(store, unit([[0, 0, 0, 1]])[0])[0] == "new.png"


def test_another_encoder_is_built_beside_and_takes_over(open_store: Open) -> None:
    store = filled(open_store())
    reader = open_store()
    other = RECORD._replace(spec="other", fingerprint="0" * 32, width=2)
    store.begin(other, True)
    assert set(store.missing(KEYS)) == set(KEYS)
    entries = list(store.entries())
    done = [each for each in entries if each.content in KEYS[:3]]
    store.put(done, part(KEYS[:3], unit([[1, 0], [0, 1], [1, 1]])))
    assert reader.encoder() == RECORD
    assert paths(reader, ROWS[1])[0] == "b/1.png"
    store.close()
    store = open_store()  # as after a kill
    store.begin(RECORD, False)
    store.finish()  # which leaves what was done
    assert store.encoder() == RECORD
    store = open_store()
    store.begin(other, True)
    assert set(store.missing(KEYS)) == set(KEYS[3:])
    rest = [each for each in entries if each.content in KEYS[3:]]
    store.put(done, None)
    store.put(rest, part(KEYS[3:], unit([[1, 3], [0, -1]])))
    store.finish()
    assert reader.encoder() == other
    assert paths(reader, unit([[0, 1]])[0])[:2] == ["b/1.png", "b/3.png"]


def test_broken_files_are_kept_and_not_found(open_store: Open) -> None:
    store = filled(open_store())
    store.begin(RECORD, False)
    store.put([entry("broken.png", b"x" * 16, reason="the file is cut off")], None)
    store.finish()
    assert store.count() == (6, 1)
    assert by_path(store)["broken.png"].reason == "the file is cut off"
    assert "broken.png" not in paths(store, ROWS[0])


def test_an_image_by_its_number(open_store: Open) -> None:
    store = filled(open_store())
    id = next(iter(store.nearest(ROWS[3], None, None))).images[0].id
    image, vector = store.image(id)
    assert image.path == "b/3.png"
    assert np.allclose(vector, ROWS[3])
    assert store.image(store.random())[0].path in by_path(store)
    with pytest.raises(UserError, match="no image has this number"):
        store.image(10_000)


def test_a_sample_has_vectors_with_their_images(open_store: Open) -> None:
    store = filled(open_store())
    vectors, images = store.sample(100)
    assert vectors.shape == (5, 4)
    for vector, image in zip(vectors, images, strict=True):
        place = int(np.argmax(ROWS @ vector))
        assert image.label == "ab"[place % 2] or place == 0
        assert any(each.id == image.id for each in store.lookup(image.content)[0])  # type: ignore[index]
    assert len(store.sample(2)[0]) == 2


def test_an_empty_store_says_so(open_store: Open) -> None:
    store = open_store()
    assert store.encoder() is None
    for ask in (store.random, lambda: list(store.nearest(ROWS[0], None, None))):
        with pytest.raises(UserError, match="holds no images yet"):
            ask()


def test_many_are_ranked_as_numpy_ranks_them(open_store: Open) -> None:
    store, random = open_store(), np.random.default_rng(0)
    vectors = random.normal(size=(3_000, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    keys = [number.to_bytes(16, "big") for number in range(3_000)]
    store.begin(RECORD, False)
    for start in range(0, 3_000, 1_000):
        some = slice(start, start + 1_000)
        store.put([entry(f"{n}.png", keys[n]) for n in range(start, start + 1_000)],
                  part(keys[some], vectors[some]))  # fmt: skip
    store.finish()
    expected = np.argsort(-(vectors @ vectors[7]), kind="stable")
    found = [int(m.images[0].path[:-4]) for m in islice(store.nearest(vectors[7], None, None), 500)]
    assert found == expected[:500].tolist()
    assert len(list(store.nearest(vectors[7], None, None))) == 3_000


def test_facts_are_kept_and_changes_counted(open_store: Open) -> None:
    store = open_store()
    assert store.get("root") is None
    store.set("root", "../photos")
    before = store.changes()
    filled(store)
    assert store.changes() > before
    store.close()
    assert open_store().get("root") == "../photos"


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    """Of the embedded store: a server has no lock."""
    store, other = EmbeddedStore(tmp_path, is_new=True), EmbeddedStore(tmp_path)
    with store.writing(), pytest.raises(UserError, match="another process is writing"):
        with other.writing():
            pass
    store.close()
    other.close()


def test_a_row_keeps_its_columns_where_the_table_has_others(open_store: Open) -> None:
    """Its columns in another order, and some of another kind: what is not written again, as of a
    refresh that is killed, has no value of another column."""
    store = filled(open_store())
    store.put([entry("b/1.png", KEYS[1], own=(("brand", "new"), ("price", 9.0)))], None,
              {"brand": "text", "price": "number"})  # fmt: skip
    assert dict(by_path(store)["b/3.png"].own) == {"brand": "it's", "price": 3.0}
    assert dict(by_path(store)["b/1.png"].own) == {"brand": "new", "price": 9.0}
    assert paths(store, ROWS[0], Compare("brand", "=", "it's"))[-2:] == ["b/3.png", "a/4.png"]
    assert paths(store, ROWS[0], Compare("price", ">", 3.0)) == ["b/1.png", "a/4.png"]
    store.put([], None, {"colour": "text", "brand": "number"})
    assert not dict(by_path(store)["b/3.png"].own).get("colour")
    assert paths(store, ROWS[0], Compare("brand", ">", 3.0)) == []


def test_a_column_of_text_becomes_numbers(open_store: Open) -> None:
    """As where an index that has 19,90 as a text is brought up to date."""
    store = filled(open_store())
    before = sorted(by_path(store).values(), key=lambda each: each.size)
    text = [each._replace(own=(("price", f"{n},90"),)) for n, each in enumerate(before)]
    store.put(text, None, {"price": "text"})
    assert paths(store, ROWS[0], Compare("price", "=", "3,90")) == [text[3].path]
    numbers = [each._replace(own=(("price", n + 0.9 if n else None),))
               for n, each in enumerate(text)]  # fmt: skip
    store.put(numbers, None, {"price": "number"})
    assert store.columns()["price"] == "number"
    assert sorted(paths(store, ROWS[0], Compare("price", "<", 3.0))) == sorted(
        each.path for each in numbers[1:3]
    )
    assert len(paths(store, ROWS[0], Compare("price", ">", -9.0))) == len(numbers) - 1


def test_an_answer_under_way_names_the_columns_as_they_are(
    open_store: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table of a collection changes between two parts of an answer."""
    monkeypatch.setattr(embedded_files, "AT_ONCE", 1)
    store, writer = filled(open_store()), open_store()
    writer.begin(RECORD, False)
    matches = store.nearest(ROWS[0], Compare("brand", "=", "it's"), None)
    first = next(matches)
    again = entry("b/3.png", KEYS[3], own=(("brand", "it's"), ("price", 3.0)))
    writer.put([again], None, {"brand": "text", "price": "number"})
    found = {image.path: dict(image.own) for match in matches for image in match.images}
    assert "a/0.png" in {image.path for image in first.images}
    assert found["b/3.png"] == {"brand": "it's", "price": 3.0}
