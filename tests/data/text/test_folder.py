"""Folders of texts: classes, splits, and both."""

from pathlib import Path

import pytest

from handloom.data.text.folder import read_folder, read_plain
from handloom.data.text.rows import TextReading
from handloom.errors import UserError


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"text of {name}\n", encoding="utf-8")
    return folder


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    rows = read_folder(
        write(tmp_path, "b/1.txt", "a/2.txt", "a/10.txt", "@eaDir/x.txt"), TextReading()
    )
    assert rows.target == ["a", "a", "b"]
    assert rows.split is None
    assert rows.text[0] == "text of a/10.txt"


def test_splits_with_classes_and_unlabelled_texts(tmp_path: Path) -> None:
    write(tmp_path, "Train/pos/1.txt", "Train/neg/1.txt", "Train/unsup/1.txt", "README")
    write(tmp_path, "test/pos/1.txt", "test/neg/1.txt", "dev/7.txt")
    rows = read_folder(tmp_path, TextReading())
    assert sorted(zip(rows.split or [], rows.target or [], strict=True)) == [
        ("test", "neg"), ("test", "pos"), ("train", "neg"), ("train", "pos"),
    ]  # fmt: skip
    assert any("'unsup': 1 unlabelled text" in note for note in rows.notes)
    assert any("'dev': 1 text without a class" in note for note in rows.notes)


def test_a_table_for_each_split(tmp_path: Path) -> None:
    for name, label in (("train", "a"), ("dev", "b"), ("test", "a"), ("labels", "c")):
        (tmp_path / f"{name}.csv").write_text(f"sentence,label\n{name} it,{label}\n")
    rows = read_folder(tmp_path, TextReading())
    assert rows.split == ["valid", "test", "train"]
    assert any("labels.csv" in note for note in rows.notes)


@pytest.mark.parametrize(
    "names",
    [
        ("train/a/1.txt", "test/a/1.txt", "spare/1.txt"),
        ("training/1.txt", "copy-of-all/1.txt"),
        ("val/x/1.txt", "notes/1.txt", "drafts/2.txt"),
    ],
)
def test_splits_beside_other_folders_are_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(UserError, match=r"mean splits and .* do not"):
        read_folder(write(tmp_path, *names), TextReading())


def test_texts_without_classes(tmp_path: Path) -> None:
    assert read_plain(write(tmp_path, "b.txt", "a/c.txt"), None).where == ["a/c.txt", "b.txt"]
    with pytest.raises(UserError, match=r"no .txt file"):
        read_plain(write(tmp_path / "other", "x.md"), None)


def test_texts_at_any_depth_in_either_case_and_what_is_left_out(tmp_path: Path) -> None:
    for name in ("pos/1.TXT", "pos/deep/2.txt", "neg/3.txt", "neg/4.md", "other/5.md"):
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_text(f"text {name}")
    (tmp_path / "set" / "none").mkdir()
    for folder in (tmp_path, tmp_path / "set"):  # one folder around all is looked through
        rows = read_folder(folder, TextReading())
        assert sorted(rows.target or []) == ["neg", "pos", "pos"]
        assert "passed over 1 file without the suffix .txt" in rows.notes
        assert "left out 'none' and 'other': no .txt file there" in rows.notes


def test_splits_inside_classes_are_refused(tmp_path: Path) -> None:
    for name in ("pos/train/1.txt", "pos/test/2.txt", "neg/train/3.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text")
    with pytest.raises(UserError, match="holds the split 'test': put the class folders into"):
        read_folder(tmp_path, TextReading())
