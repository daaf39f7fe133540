"""The user's own columns of a table: metadata of an index, which a refresh keeps true."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from handloom.data.images.reading import Reading
from handloom.errors import UserError
from handloom.search.columns import UserColumn
from handloom.search.index import Index
from handloom.search.opening import open_index, update
from handloom.search.refresh import Refreshed, WantedEncoder
from tests.search.conftest import Encoders, by_path, silent, write

Run = Callable[..., tuple[Index, Refreshed]]
PATTERN = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5


def test_the_columns_of_a_table_are_metadata(photos: Path, encoders: Encoders) -> None:
    table = photos.parent / "shop.csv"
    rows = [f"photos/red/{n}.png,shoes,{n}.5,{'' if n else 'none'}" for n in range(4)]
    table.write_text("image,label,price,note\n" + "\n".join(rows) + "\n")
    wanted = WantedEncoder(None, None, encoders)
    index, _, _ = update(table, None, wanted, False, Reading(), silent)
    assert index.store.columns()["price"] == "number"
    found = index.search(photos / "blue" / "0.png", 9, where="price > 1 and note != 'none'")
    assert sorted(dict(each.own)["price"] for each in found.results) == [1.5, 2.5, 3.5]
    table.write_text(
        "image,label,cost\n" + "\n".join(f"photos/red/{n}.png,a,{n}" for n in range(4))
    )
    index, done, _ = update(table, None, wanted, False, Reading(), silent)
    assert (done.unchanged, encoders.images) == (4, 4 + 1)  # and a query
    assert "price" not in index.store.columns()
    assert (
        len(index.search(photos / "blue" / "0.png", 9, where="cost >= 2 and label = 'a'").results)
        == 2
    )


def test_prices_with_a_decimal_comma_are_numbers(photos: Path, encoders: Encoders) -> None:
    table, wanted = photos.parent / "shop.csv", WantedEncoder(None, None, encoders)
    prices = ["8,90", "19,90", "102,00", "n/a"]

    def indexed() -> tuple[Index, tuple[str, ...]]:
        rows = [f"photos/red/{n}.png;{price}" for n, price in enumerate(prices)]
        table.write_text("image;price\n" + "\n".join(rows) + "\n")
        index, _, notes = update(table, None, wanted, False, Reading(), silent)
        return index, notes

    index, notes = indexed()
    assert (
        "price is read as numbers with a decimal comma; 1 cell without one, such as 'n/a'" in notes
    )
    query = photos / "blue" / "0.png"
    found = index.search(query, 9, where="price < 20").results
    assert sorted(str(dict(each.own)["price"]) for each in found) == ["19.9", "8.9"]
    with pytest.raises(UserError, match="price is a number, and '20' is text: write 20, without"):
        index.search(query, where="price < '20'")
    index.close()
    prices[3] = "on request"
    index, notes = indexed()
    assert any(note.startswith("price is text because of 'on request' (1 cell)") for note in notes)
    for where in ("price < 20", "price < '20'"):  # as texts, 102,00 is less than 20
        with pytest.raises(UserError, match="text because of cells such as 'on request'"):
            index.search(query, where=where)
    assert len(index.search(query, 9, where="price = '8,90'").results) == 1
    index.close()


def test_an_index_that_has_numbers_as_text_gets_them(
    photos: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one of an earlier version, which read no decimal comma."""
    table, wanted = photos.parent / "shop.csv", WantedEncoder(None, None, encoders)
    rows = [f"photos/red/{n}.png;{n},90;{n}" for n in range(4)]
    table.write_text("image;price;stock\n" + "\n".join(rows) + "\n")
    with monkeypatch.context() as patch:
        patch.setattr("handloom.search.scan.read_column", as_texts)
        update(table, None, wanted, False, Reading(), silent)[0].close()
    query = photos / "blue" / "0.png"
    with open_index(photos.parent / "shop.index", encoders) as index:
        for where in ("price < 2", "price < '2'", "price > '2,5'"):
            with pytest.raises(UserError, match=r"was indexed as text, .* as '0,90' is"):
                index.search(query, where=where)
    index, done, _ = update(table, None, wanted, False, Reading(), silent)
    assert (done.unchanged, done.embedded) == (4, 0)
    assert len(index.search(query, 9, where="price < 2 and stock >= 0").results) == 2
    assert dict(by_path(index.store)["photos/red/3.png"].own) == {"price": 3.9, "stock": 3}
    index.close()


def as_texts(name: str, cells: Sequence[str]) -> UserColumn:
    """A column as it is written."""
    return UserColumn("text", list(cells), ())


def test_a_killed_refresh_shows_no_column_as_another(
    photos: Path, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, wanted = photos.parent / "shop.csv", WantedEncoder(None, None, encoders)
    rows = [f"photos/red/{n}.png,{n}.5,{9 - n}" for n in range(4)]
    table.write_text("image,price,weight\n" + "\n".join(rows) + "\n")
    update(table, None, wanted, False, Reading(), silent)[0].close()
    rows = [f"photos/red/{n}.png,{9 - n},{n}.5" for n in range(4)]
    table.write_text("image,weight,price\n" + "\n".join(rows) + "\n")
    write(photos / "red" / "3.png", PATTERN)  # to be embedded, which is killed
    with monkeypatch.context() as patch:
        patch.setattr("handloom.search.refresh.embed_images", None)
        with pytest.raises(TypeError):
            update(table, None, wanted, False, Reading(), silent)
    with open_index(photos.parent / "shop.index", encoders) as index:
        assert dict(by_path(index.store)["photos/red/3.png"].own) == {"weight": 6, "price": 3.5}
        found = index.search(1, 9, where="price < 5 and weight > 5", duplicates="show").results
        assert len(found) == 3  # and the query itself
