"""The place of a run that nobody named."""

from pathlib import Path

import pytest

from handloom.runs.naming import next_folder


def test_the_next_free_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert next_folder("vae", "some/photos") == Path("runs/vae-photos-1")
    (tmp_path / "runs" / "vae-photos-7").mkdir()
    (tmp_path / "runs" / "vae-photos-x").mkdir()
    assert next_folder("vae", "photos.csv\nother.csv") == Path("runs/vae-photos-8")
    assert next_folder("vae", "//") == Path("runs/vae-data-1")
