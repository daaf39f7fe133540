"""What the columns of an index hold, from which a page makes its filters."""

import shutil
from pathlib import Path

import pytest

import handloom
from handloom.studio import facets as module
from handloom.studio.facets import facets


def test_values_and_ends(shapes: Path, tmp_path: Path) -> None:
    shutil.copytree(shapes, tmp_path / "shapes")
    index = handloom.index(tmp_path / "shapes", encoder="pixels", store=tmp_path / "s.index")
    made = facets(index)
    assert made["label"] == {
        "kind": "text", "values": [["blue", 12], ["green", 12], ["red", 12]]
    }  # fmt: skip
    assert made["size"]["kind"] == "number"
    assert made["size"]["low"] < made["size"]["high"]
    assert "folder" not in made  # which says what the label says
    assert "split" not in made  # which is nowhere
    assert "path" not in made
    index.close()


def test_columns_of_a_table(shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["file,caption,shop,price"]
    for number, path in enumerate(sorted(shapes.glob("*/*.png"))[:6]):
        shutil.copy(path, tmp_path / f"{number}.png")
        lines.append(f"{number}.png,it's a thing,{'ab'[number % 2]}'s,{number}.5")
    (tmp_path / "table.csv").write_text("\n".join(lines))
    index = handloom.index(tmp_path / "table.csv", encoder="pixels", store=tmp_path / "t.index")
    made = facets(index)
    assert made["shop"]["values"] == [["a's", 3], ["b's", 3]]
    assert (made["price"]["low"], made["price"]["high"]) == (0.5, 5.5)
    assert "caption" not in made
    monkeypatch.setattr(module, "MOST", 5)
    assert facets(index) == {}
    index.close()
