"""What is copied is whole, wherever it lay."""

import os
from pathlib import Path

import pytest

from handloom.bundles.item import copy


def test_links_are_followed(tmp_path: Path) -> None:
    """As the hub's cache has them: names that are links to content elsewhere."""
    blob = tmp_path / "blobs" / "abc"
    blob.parent.mkdir()
    blob.write_bytes(b"weights")
    named = tmp_path / "snapshot" / "1_Pooling"
    named.mkdir(parents=True)
    (named / "config.json").symlink_to(blob)
    copied = copy(tmp_path / "snapshot", tmp_path / "to") / "1_Pooling" / "config.json"
    assert copied.read_bytes() == b"weights"
    assert not copied.is_symlink()


def test_on_a_disk_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", refused)
    (tmp_path / "a").write_bytes(b"content")
    assert copy(tmp_path / "a", tmp_path / "deep" / "b").read_bytes() == b"content"


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"new")
    (tmp_path / "b").write_bytes(b"old")
    assert copy(tmp_path / "a", tmp_path / "b").read_bytes() == b"old"
