"""Files that a table names lie in the folders that were given, all links followed."""

import os
from pathlib import Path

import pytest

from handloom.data.images.listing.table import list_table
from handloom.data.io.within import WITHIN, is_within


def test_everything_may_be_named_without_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(WITHIN, raising=False)
    assert is_within(Path("/etc/passwd"), tmp_path)


def test_files_and_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("open", "more", "openly", "sets"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").write_bytes(b"")
    monkeypatch.setenv(WITHIN, os.pathsep.join([str(tmp_path / "open"), str(tmp_path / "more")]))
    root = tmp_path / "sets"  # of a built-in set
    (tmp_path / "open" / "link.png").symlink_to(tmp_path / "openly" / "1.png")
    (tmp_path / "open" / "away").symlink_to(tmp_path / "openly")
    for name in ("open/1.png", "more/1.png", "sets/1.png", "openly/../open/1.png"):
        assert is_within(tmp_path / name, root), name
    for name in ("openly/1.png", "open/link.png", "open/away/1.png", "open/../openly/1.png"):
        assert not is_within(tmp_path / name, root), name


def test_a_table_that_names_files_outside(
    tmp_path: Path, shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "away").symlink_to(shapes)
    (tmp_path / "open" / "1.png").write_bytes((shapes / "red" / "1.png").read_bytes())
    table = tmp_path / "open" / "table.csv"
    table.write_text(f"image,label\n{shapes}/red/1.png,a\naway/red/2.png,b\n1.png,b\n")
    assert list_table(table, True).broken == ()
    monkeypatch.setenv(WITHIN, str(tmp_path / "open"))
    broken = list_table(table, True).broken
    assert [each.path for each in broken] == [f"{shapes}/red/1.png", "away/red/2.png"]
    assert all("outside of the folder of the studio" in each.reason for each in broken)
