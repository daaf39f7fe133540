"""Files and contents of an embedded store; `test_store` has what holds for every store."""

from pathlib import Path

from handloom.search import embedded_files
from handloom.search.embedded import EmbeddedStore
from tests.search.conftest import RECORD, entry, part, unit

KEYS = [number.to_bytes(16, "big") for number in range(1, 1001)]  # more than one statement's


def test_contents_are_looked_up_in_portions(tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path, is_new=True) as store:
        store.begin(RECORD, False)
        good = [entry(f"{key.hex()}.png", key) for key in KEYS[::3]]
        store.put(good, part(KEYS[::3], unit([[1, 0, 0, number] for number in range(len(good))])))
        others = set(KEYS) - set(KEYS[::3])
        assert set(store.missing(iter(KEYS))) == others
        assert set(store.held(iter(KEYS))) == set(KEYS[::3])


def test_a_rebuild_that_did_not_end_leaves_files_without_a_vector(tmp_path: Path) -> None:
    other = RECORD._replace(spec="other", fingerprint="0" * 32)
    with EmbeddedStore(tmp_path, is_new=True) as store:
        store.begin(RECORD, False)
        store.put([entry("a.png", KEYS[0])], part(KEYS[:1], unit([[1, 0, 0, 0]])))
        store.finish()
        store.begin(other, True)
        store.put([entry("b.png", KEYS[1])], part(KEYS[1:2], unit([[1, 0, 0, 0]])))
    with EmbeddedStore(tmp_path) as store:  # as after a kill
        store.begin(RECORD, False)
        assert store.unembedded() == {"b.png"}
        assert [each.path for each in store.entries()] == ["a.png", "b.png"]
        assert embedded_files.unembedded(store._db, 2) == {"a.png"}
