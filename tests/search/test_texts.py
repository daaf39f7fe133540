"""Indexes of texts: lines of a file and columns of a table, found by words and by images."""

from pathlib import Path

import pytest

from handloom.data.images.reading import Reading
from handloom.errors import UserError
from handloom.search.index import Index
from handloom.search.opening import open_index, update
from handloom.search.refresh import Refreshed, WantedEncoder
from handloom.search.sheet import Row, sheet
from tests.search.conftest import Encoders, silent

LINES = "a red thing\n\na blue thing\na  green thing\nred and blue\na red thing\n"


def indexed(
    data: Path, encoders: Encoders, spec: str | None = "wordy", column: str | None = None
) -> tuple[Index, Refreshed]:
    wanted = WantedEncoder(spec, None, encoders)
    index, done, _ = update(data, None, wanted, False, Reading(), silent, None, column)
    return index, done


def test_lines_are_found_by_words_and_by_images(
    tmp_path: Path, photos: Path, encoders: Encoders
) -> None:
    lines = tmp_path / "captions.txt"
    lines.write_text(LINES)
    index, done = indexed(lines, encoders)
    assert (len(index), done.embedded, done.kind) == (5, 4, "texts")
    assert (tmp_path / "captions.index").is_dir()
    first = index.search("something red", 2).results[0]
    assert (first.text, Path(first.path).name) == ("a red thing", "captions.txt:1")
    assert len(first.copies) == 1
    by_image = index.search(photos / "green" / "0.png", 5)
    assert by_image.results[0].text == "a green thing"
    assert sheet([Row(by_image)]).width > 0
    by_number = index.search(by_image.results[0].id, 5)
    assert by_number.words == "a green thing"
    assert "a green thing" not in [each.text for each in by_number.results]
    assert index.search("red", 5, where="text like '%blue'").results[0].text == "red and blue"
    with pytest.raises(UserError, match="not calibrated for images in an index of texts"):
        index.search(photos / "green" / "0.png", min_score="auto")


def test_what_is_unchanged_is_not_read_again(tmp_path: Path, encoders: Encoders) -> None:
    lines = tmp_path / "captions.txt"
    lines.write_text(LINES)
    indexed(lines, encoders)
    lines.write_text("a purple thing\n" + LINES.replace("a blue thing", "a black thing"))
    index, done = indexed(lines, encoders, None)
    assert done.embedded == 2
    assert [each.text for each in open_index(lines, encoders).search("blue", 1).results] == [
        "red and blue"
    ]
    assert len(index) == 6


def test_texts_of_which_nothing_is_known_are_left_out(tmp_path: Path, encoders: Encoders) -> None:
    lines = tmp_path / "captions.txt"
    lines.write_text("a red thing\n???\n")
    index, done = indexed(lines, encoders)
    assert done.broken == (("captions.txt:2", "the encoder knows no word of it"),)
    assert len(index) == 1
    _, again = indexed(lines, encoders)
    assert (again.embedded, again.broken) == (0, done.broken)
    with pytest.raises(UserError, match="no word of it is known"):
        index.search("???")


def test_a_table_has_its_other_columns(tmp_path: Path, encoders: Encoders) -> None:
    table = tmp_path / "goods.csv"
    table.write_text("Title,price,size\nred socks,3,x\nblue socks,9,y\n,1,z\n")
    index, _ = indexed(table, encoders)
    found = index.search("red", 5, where="price > 5").results
    assert [each.own for each in found] == [{"text": "blue socks", "price": 9.0, "table_size": "y"}]
    assert found[0].record()["own"]["text"] == "blue socks"


def test_half_an_emoji_is_kept_as_what_replaces_it(tmp_path: Path, encoders: Encoders) -> None:
    table = tmp_path / "cut.jsonl"
    table.write_text('{"Title": "red \\ud83d", "by": "\\udc57 me"}\n')
    index, _ = indexed(table, encoders, column="Title")
    found = index.search("red", 5, where="by like '% me'").results
    assert [each.own for each in found] == [{"text": "red \ufffd", "by": "\ufffd me"}]


def test_images_or_texts_of_a_table(tmp_path: Path, photos: Path, encoders: Encoders) -> None:
    table = photos / "pairs.csv"
    table.write_text("image,text\nred/0.png,a red one\nblue/0.png,a blue one\n")
    images, done = indexed(table, encoders)
    assert done.kind == "images"
    assert images.search("blue", 1).results[0].text == "a blue one"  # its caption
    with pytest.raises(UserError, match=r"is an index of images: name another --store"):
        indexed(table, encoders, column="text")
    wanted = WantedEncoder("wordy", None, encoders)
    texts, _, _ = update(table, tmp_path / "t", wanted, False, Reading(), silent, None, "text")
    assert texts.search(photos / "red" / "3.png", 1).results[0].text == "a red one"


@pytest.mark.parametrize(
    ("content", "spec", "column", "match"),
    [("a\nb\n", "pixels", None, "the encoder pixels reads no texts"),
     ("a\nb\n", None, None, "--encoder is missing: an index of texts"),
     ("\n \n", "wordy", None, "holds no texts")],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(
    tmp_path: Path, encoders: Encoders, content: str, spec: str | None, column: str | None,
    match: str,
) -> None:  # fmt: skip
    (tmp_path / "captions.txt").write_text(content)
    with pytest.raises(UserError, match=match):
        indexed(tmp_path / "captions.txt", encoders, spec, column)


def test_columns_that_are_not_known(tmp_path: Path, encoders: Encoders) -> None:
    table = tmp_path / "goods.csv"
    table.write_text("name,price\nred socks,3\n")
    with pytest.raises(UserError, match="no column of texts by name"):
        indexed(table, encoders)
    with pytest.raises(UserError, match="--text-column nam: "):
        indexed(table, encoders, column="nam")
    index, _ = indexed(table, encoders, column="name")
    assert index.search("red", 1).results[0].text == "red socks"
