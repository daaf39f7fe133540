"""Why no image meets a condition."""

from pathlib import Path

import numpy as np
import pytest

from handloom.search import holding
from handloom.search.embedded import EmbeddedStore
from handloom.search.filters import And, Compare, Condition, In, Like, Not, Or
from handloom.search.holding import cells_of, why_none
from tests.search.conftest import RECORD, entry, part

KEYS = [bytes([number]) * 16 for number in range(3)]


@pytest.fixture
def store(tmp_path: Path) -> EmbeddedStore:
    """Three images, without labels and splits."""
    made = EmbeddedStore(tmp_path / "s.index", is_new=True)
    made.begin(RECORD, False)
    colours = ["black", "red", None]
    entries = [
        entry(f"{n}.png", key, label=None, size=n, own=(("colour", colours[n]), ("price", n + 0.5)))
        for n, key in enumerate(KEYS)
    ]
    made.put(entries, part(KEYS, np.eye(3, 4, dtype=np.float32)),
             {"colour": "text", "price": "number"})  # fmt: skip
    made.finish()
    return made


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (Compare("label", "=", "red"), "no image has a label"),
        (Like("label", "r%"), "no image has a label"),
        (Compare("colour", "=", "Black"), "colour has no 'Black': did you mean 'black'?"),
        (In("colour", ("pink", "sky")), "colour has no 'pink' or 'sky': it has 'black' and 'red'"),
        (Compare("price", "=", 7.0), "price has no 7: it has 0.5, 1.5 and 2.5"),
        (Compare("price", ">", 7.0), "price is from 0.5 to 2.5"),
        (And((Compare("size", ">=", 0.0), Compare("colour", "<", "a"))),
         "colour is from 'black' to 'red'"),
        (And((Compare("size", "=", 0.0), Compare("colour", "=", "red"))), None),
        (Or((Compare("label", "=", "red"), Compare("size", "=", 9.0))), None),
        (Not(Compare("size", ">=", 0.0)), None),
    ],
)  # fmt: skip
def test_what_no_image_meets(store: EmbeddedStore, condition: Condition, why: str | None) -> None:
    assert why_none(store, condition, "images") == why
    store.close()


def test_large_collections_are_not_looked_through(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "MOST", 2)
    assert why_none(store, Compare("label", "=", "red"), "images") is None
    assert cells_of(store, "colour") == ["black", "red"]
    store.close()
