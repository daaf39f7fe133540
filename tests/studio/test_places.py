"""What the form of a training offers as data."""

from pathlib import Path

import pytest


def test_a_folder_of_photos_stays_though_its_index_lies_in_it(tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="handloom[studio] is not installed")
    from handloom.studio.folder import Folder
    from handloom.studio.routes.train import _places

    for place in ("photos/dress", "photos/hat", "runs/shop", "runs/several/1", "a.index"):
        (tmp_path / place).mkdir(parents=True)
    for name in ("photos/dress/1.jpg", "photos/hat/1.jpg", "plain/1.jpg", "plain/2.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for run in ("runs/shop", "runs/several/1"):
        (tmp_path / run / "config.json").touch()
    (tmp_path / "a.index" / "index.sqlite").touch()
    (tmp_path / "photos" / "clean.csv").write_text("image,label\n")
    (tmp_path / "photos" / "prices.csv").write_text("name,price\n")
    before = _places(Folder(tmp_path))
    assert before == ["photos", "photos/clean.csv", "plain"]
    for store in ("photos/clean.index", "plain/all.index"):
        (tmp_path / store).mkdir()
        (tmp_path / store / "index.sqlite").touch()
    assert _places(Folder(tmp_path)) == before
