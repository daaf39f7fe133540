"""Which kind of data is which: images, labelled texts, running text."""

from pathlib import Path

import pytest

from handloom.data.kinds import DataKind, kinds_of


def test_names_and_tables(tmp_path: Path) -> None:
    assert kinds_of("digits") == ("images",)
    assert kinds_of("pydoc") == ("texts",)
    assert kinds_of("timemachine") == ("corpus",)
    assert kinds_of(str(tmp_path / "nothing")) == ("images",)
    assert kinds_of(str(tmp_path / "any.csv")) == ("images", "texts")


@pytest.mark.parametrize(
    ("files", "kinds"),
    [
        (["cat/1.jpg", "cat/readme.txt"], ("images",)),
        (["good/1.txt", "bad/1.txt"], ("texts", "corpus")),
        (["train.csv", "test.csv"], ("images", "texts")),
        ([], ("images",)),
    ],
)
def test_folders(tmp_path: Path, files: list[str], kinds: tuple[DataKind, ...]) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert kinds_of(str(tmp_path)) == kinds


def test_text_files(tmp_path: Path) -> None:
    (tmp_path / "novel.txt").write_text("It was a dark night.")
    (tmp_path / "labelled.txt").write_text("__label__good A fine film.")
    assert kinds_of(str(tmp_path / "novel.txt")) == ("corpus",)
    assert kinds_of(str(tmp_path / "labelled.txt")) == ("texts",)
