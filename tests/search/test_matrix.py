"""The matrix that is searched, derived from what is stored."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handloom.search import matrix
from handloom.search.embedded import EmbeddedStore
from tests.search.conftest import RECORD, entry, part, unit

VECTORS = np.random.default_rng(0).normal(size=(5_000, 4)).tolist()


def fill(store: EmbeddedStore, numbers: range) -> None:
    keys = [number.to_bytes(16, "big") for number in numbers]
    vectors = unit([VECTORS[number] for number in numbers])
    store.put([entry(f"{n}.png", key) for n, key in zip(numbers, keys, strict=True)],
              part(keys, vectors))  # fmt: skip


@pytest.mark.parametrize(("new", "written"), [(matrix.FEW, False), (matrix.FEW + 1, True)])
def test_what_is_much_newer_is_written_and_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new: int, written: bool
) -> None:
    read: list[int] = []
    read_rows = matrix._read

    def counted(*given: Any) -> Any:
        numbers, vectors = read_rows(*given)
        read.append(len(vectors))
        return numbers, vectors

    monkeypatch.setattr(matrix, "_read", counted)
    with EmbeddedStore(tmp_path, is_new=True) as store:
        store.begin(RECORD, False)
        fill(store, range(5))
        assert len(list(store.nearest(unit(VECTORS[:1])[0]))) == 5
        fill(store, range(5, 5 + new))
        query = unit(VECTORS[4 + new : 5 + new])[0]
        assert next(iter(store.nearest(query))).images[0].path == f"{4 + new}.png"
        assert read == [0, 0 if written else new]
        assert len(list(store.nearest(query))) == 5 + new
