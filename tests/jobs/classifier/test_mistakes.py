"""mistakes.csv: its columns, and what an image is known by."""

import csv
import io
import shutil
from pathlib import Path

import pytest

from handloom.data.images.load import load
from handloom.errors import UserError
from handloom.jobs.classifier.mistakes import (
    COLUMNS,
    MISTAKE,
    Mistake,
    duplicate_of,
    table,
    with_corrections,
)
from handloom.jobs.images.contents import contents


def test_the_columns_are_those_that_corrections_are_read_by() -> None:
    assert COLUMNS == (
        "file", "content", "split", "label", "predicted", "confidence", "likely_label", "problem",
        "correction",
    )  # fmt: skip


def test_any_name_survives_the_table() -> None:
    name = 'a "quoted", split\nname.png'
    rows = [
        Mistake(name, "0" * 32, "valid", "brick", "sea", "0.9", "", MISTAKE),
        Mistake("b.png", "1" * 32, "train", "sea", "", "", "", duplicate_of(name), "drop"),
    ]
    read = list(csv.DictReader(io.StringIO(table(rows), newline="")))
    assert [tuple(row.values()) for row in read] == rows


def test_a_file_is_known_by_its_content_whatever_its_name_and_size(
    photos: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(photos, moved)
    (moved / "sea" / "3.png").rename(moved / "sea" / "zebra.png")
    before, after = load(photos, size=32), load(moved, size=48)
    digest = dict(zip(before.train.names, contents(before.train, before.digests), strict=True))
    assert len(set(digest.values())) == len(before.train)
    assert before.digests["sea/3.png"] == after.digests["sea/zebra.png"]
    assert all(after.digests[n] == value for n, value in digest.items() if n != "sea/3.png")


def test_an_image_of_an_array_is_known_by_its_pixels() -> None:
    digits = load("digits").train
    assert contents(digits, {}, [5, 7]) == [contents(digits, {})[row] for row in (5, 7)]
    before = contents(digits, {}, [5])
    digits.image[5, 0, 0] ^= 1
    assert contents(digits, {}, [5]) != before
    assert len(before[0]) == 32


def test_what_a_person_wrote_is_never_lost(tmp_path: Path) -> None:
    first = Mistake("a.png", "0" * 32, "valid", "brick", "sea", "0.9", "", MISTAKE)
    gone, new = first._replace(file="b.png", content="1" * 32), first._replace(file="c.png")
    path = tmp_path / "mistakes.csv"
    assert with_corrections([first], path) == [first]
    wanted = [first._replace(correction="sea"), gone._replace(correction="drop")]
    saved = table(wanted).replace(",", ";")  # as some spreadsheets do
    path.write_text(saved, encoding="utf-8-sig")
    again = with_corrections([new, first._replace(confidence="0.7")], path)
    assert again == [new, wanted[0]._replace(confidence="0.7"), wanted[1]]
    path.write_bytes(b"\xff\xfe\x00broken")
    with pytest.raises(UserError, match=r"may hold corrections, and cannot be read"):
        with_corrections([first], path)
