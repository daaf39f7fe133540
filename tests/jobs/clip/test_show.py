"""A look at images with captions: pairs, and what is not a pair."""

import shutil
from pathlib import Path

import pytest

from handloom.display.captions import show_captions as display_captions
from handloom.display.console import Display
from handloom.errors import UserError
from handloom.jobs.clip.config import Config
from handloom.jobs.clip.show import show_captions


@pytest.fixture
def table(pairs: Path, tmp_path: Path) -> Path:
    """Five images: one without a caption, one that no row names; a caption without an image, and
    one that two images have."""
    for number in range(5):
        shutil.copy(pairs.parent / f"{number}.png", tmp_path / f"{number}.png")
    lines = ["image,caption", "0.png,A red bar", "1.png,a red bar", "2.png,blue", "3.png,",
             "gone.png,what is gone"]  # fmt: skip
    (tmp_path / "table.csv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path / "table.csv"


def test_pairs_and_what_is_not_a_pair(table: Path) -> None:
    record = show_captions(str(table), Config())
    assert record["splits"] == {"train": {"images": 4, "pairs": 3}}
    assert (record["captions"], record["different"]) == (3, 3)
    assert record["words"] == {"min": 1, "median": 3, "max": 3}
    first = record["pairs"][0]
    assert first["captions"] == ["A red bar"]
    assert first["file"] == str((table.parent / "0.png").resolve())
    assert record["without_caption"] == ["3.png", "4.png"]
    assert record["without_image"] == [
        {"name": "gone.png", "reason": "no such file", "captions": ["what is gone"]}
    ]
    assert [entry["images"] for entry in record["shared"]] == [2]
    assert record["broken"] == []


def test_captions_made_of_class_names(shapes: Path) -> None:
    record = show_captions(str(shapes), Config(template="a {} bar"))
    assert record["pairs"][0]["captions"] == ["a blue bar"]
    assert Path(record["pairs"][0]["file"]).is_file()
    assert (record["without_caption"], record["without_image"], record["shared"]) == ([], [], [])


def test_what_training_refuses_is_refused(table: Path) -> None:
    with pytest.raises(UserError, match="no such column"):
        show_captions(str(table), Config(text_column="title"))


def test_as_a_person_reads_it(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    display_captions(Display(stderr=False), show_captions(str(table), Config()))
    shown = " ".join(capsys.readouterr().out.split())
    assert "0.png: A red bar" in shown
    assert "without a caption: 2 images: 3.png; 4.png" in shown
    assert "gone.png (no such file)" in shown
