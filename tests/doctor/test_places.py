"""Folders that are there, that are not, and that cannot be written to."""

from pathlib import Path

import pytest

from handloom.doctor import places


def test_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path))
    check = places.data(tmp_path)
    assert check.status == "works"
    assert check.detail.startswith(f"{tmp_path}: digits, pydoc")
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path / "none"))
    assert places.data(tmp_path).status == "failed"


def test_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache"))
    assert places.cache(tmp_path).status == "works"
    monkeypatch.setattr(places, "LITTLE", 1 << 60)
    assert places.cache(tmp_path).status == "failed"


def test_a_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(places.os, "access", lambda *_: False)
    check = places.cache(tmp_path)
    assert (check.status, check.remedy) == ("failed", "set HANDLOOM_CACHE to a folder of yours")
