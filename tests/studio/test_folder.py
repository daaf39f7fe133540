"""Runs and indexes are found again only where something changed."""

from pathlib import Path

import pytest

from handloom.errors import UserError
from handloom.studio import folder as module
from handloom.studio.folder import Folder


def make_run(root: Path, name: str) -> Path:
    (root / name).mkdir(parents=True)
    (root / name / "config.json").write_text("{}")
    return root / name


def test_only_what_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make_run(tmp_path, f"runs/a-{number}")
    (tmp_path / "photos.index").mkdir()
    (tmp_path / "photos.index" / "index.sqlite").write_bytes(b"")
    folder, reads = Folder(tmp_path), []
    folder.look()
    assert len(folder.runs) == 5
    assert folder.indexes == ["photos.index"]
    read = module._read
    monkeypatch.setattr(module, "_read", lambda *given: reads.append(given) or read(*given))
    folder.look()
    assert not reads
    make_run(tmp_path, "runs/b-1")
    folder.look()
    assert "runs/b-1" in folder.runs
    assert len(reads) == 2  # runs, and the new one


def test_names_stay_inside(tmp_path: Path) -> None:
    make_run(tmp_path / "inside", "runs/a")
    make_run(tmp_path, "outside")
    folder = Folder(tmp_path / "inside")
    assert folder.run("runs/a") == tmp_path / "inside" / "runs" / "a"
    for name in ("../outside", str(tmp_path / "outside"), "runs", "", "runs/../../outside"):
        with pytest.raises(UserError):
            folder.run(name)
    with pytest.raises(UserError, match="outside of"):
        folder.data("../outside")
    further = Folder(tmp_path / "inside", [tmp_path / "outside"])
    assert further.data(str(tmp_path / "outside")) == tmp_path / "outside"


def test_what_is_not_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        Folder(tmp_path / "nothing")
