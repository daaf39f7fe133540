"""Approximate search: what it finds is scored exactly, and what is new is not missed."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from handloom.errors import UserError
from handloom.search import approximate
from handloom.search.embedded import EmbeddedStore
from handloom.search.filters import Compare
from handloom.search.records import Vectors
from tests.search.conftest import RECORD, entry, part

COUNT, WIDTH = 4_000, 16


def vectors() -> Vectors:
    """Around 50 directions."""
    random = np.random.default_rng(0)
    centres = random.normal(size=(50, WIDTH))
    rows = centres[random.integers(0, 50, COUNT)] + 0.3 * random.normal(size=(COUNT, WIDTH))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def store(folder: Path, rows: Vectors) -> EmbeddedStore:
    made = EmbeddedStore(folder / "x.index", is_new=True)
    made.begin(RECORD._replace(width=WIDTH), False)
    keys = [number.to_bytes(16, "big") for number in range(len(rows))]
    entries = [entry(f"{number}.png", key, label="ab"[number % 2])
               for number, key in enumerate(keys)]  # fmt: skip
    made.put(entries, part(keys, rows))
    made.finish()
    return made


def first(made: EmbeddedStore, query: Vectors, how: bool | None, count: int = 10) -> list[str]:
    return [match.images[0].path for match in islice(made.nearest(query, None, how), count)]


def test_most_of_the_nearest_are_found_with_exact_scores(tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    rows = vectors()
    made = store(tmp_path, rows)
    hits = 0
    for query in rows[::200]:
        exact, nearly = (first(made, query, how) for how in (False, True))
        hits += len({*exact} & {*nearly})
        match = next(iter(made.nearest(query, None, True)))
        assert match.score == pytest.approx(1, abs=1e-5)
    assert hits >= 0.95 * 10 * len(rows[::200])
    every = [match.images[0].path for match in made.nearest(rows[0], None, True)]
    assert sorted(every) == sorted(f"{number}.png" for number in range(COUNT))  # then all others
    made.begin(RECORD._replace(width=WIDTH), False)
    made.put([entry("new.png", b"n" * 16)], part([b"n" * 16], rows[7:8]))
    assert "new.png" in first(made, rows[7], True, 2)
    chosen = made.nearest(rows[0], Compare("label", "=", "b"), True)
    expected = made.nearest(rows[0], Compare("label", "=", "b"), False)
    assert [m.images[0].path for m in chosen] == [m.images[0].path for m in expected]


def test_large_collections_have_one_without_asking(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("faiss")
    monkeypatch.setattr(approximate, "LARGE", COUNT * WIDTH)
    made = store(tmp_path, vectors())
    assert list(tmp_path.glob("x.index/matrix-*/approximate.faiss"))
    assert len({*first(made, vectors()[5], None)} & {*first(made, vectors()[5], False)}) >= 9


def test_without_faiss_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handloom.extras.find_spec", lambda module: None)
    made = store(tmp_path, vectors())
    assert first(made, vectors()[5], None) == first(made, vectors()[5], False)
    with pytest.raises(UserError, match=r"needs faiss-cpu, .* pip install faiss-cpu, or"):
        first(made, vectors()[5], True)
