"""A file of text as a string: marks, encodings, compression, and what is none of them."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handloom.data.io.encoding import bare_suffix, check_encoding, read_text
from handloom.data.io.table import read_table
from handloom.data.text.corpus import read_corpus
from handloom.errors import UserError

TEXT = "naïve café 日本\nzwei\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marks_are_followed(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(TEXT.replace("\n", "\r\n").encode(encoding))
    assert read_text(path) == TEXT


def test_a_gz_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode("shift-jis", "ignore")))
    assert "日本" in read_text(path, "shift-jis")
    assert bare_suffix(path) == ".csv"


@pytest.mark.parametrize("encoding", ["windows", "rot13", "utf-9", "", "a\0b"])
def test_encodings_that_do_not_exist(encoding: str) -> None:
    with pytest.raises(UserError, match="there is no encoding"):
        check_encoding(encoding)


@pytest.mark.parametrize(
    ("content", "encoding", "sentence"),
    [
        ("thé\n".encode("cp1252"), None, r"byte 0xe9 in line 1 .* --encoding"),
        (b"ok\nJos\xe9 x\n", "ascii", "in line 2"),
        ("some words,1\n".encode("utf-16-le"), None, "utf-16-le"),
    ],
)
def test_the_wrong_encoding_is_one_sentence(
    tmp_path: Path, content: bytes, encoding: str | None, sentence: str
) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        read_text(tmp_path / "t.csv", encoding)


@given(st.binary(max_size=60), st.sampled_from(["utf-8", "utf-16", "gb18030", None]))
def test_any_bytes_give_a_string_or_one_sentence(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, encoding: str | None
) -> None:
    path = tmp_path_factory.getbasetemp() / "noise.csv"
    path.write_bytes(content)
    try:
        text = read_text(path, encoding)
    except UserError:
        return
    assert "\r" not in text


@pytest.mark.parametrize(
    ("start", "sentence"),
    [
        (b"PK\x03\x04", "an Excel or Word file"),
        (b"\xd0\xcf\x11\xe0", "save it as text"),
        (b"\x1f\x8b\x08", r"ends in \.gz"),
        (b"PAR1", r"ends in \.parquet"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x89PNG\r\n", "an image"),
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, start: bytes, sentence: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(start + bytes(99))
    for read in (read_text, lambda path: read_corpus(str(path))):
        with pytest.raises(UserError, match=sentence):
            read(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_running_text_follows_its_mark(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes("two words\n".encode(encoding))
    assert read_corpus(str(tmp_path / "a.txt")).text() == "two words\n"


def test_running_text_full_of_zeros_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(("two words\n" * 9).encode("utf-16-le"))
    with pytest.raises(UserError, match="--encoding utf-16-le"):
        read_corpus(str(tmp_path / "a.txt"))
    assert read_corpus(str(tmp_path / "a.txt"), "utf-16-le").text() == "two words\n" * 9


def test_the_flag_is_a_remedy_only_where_there_is_one(tmp_path: Path) -> None:
    """An Excel's own CSV of photos: no verb that reads it has --encoding."""
    path = tmp_path / "a.csv"
    path.write_bytes("file,correction\nKleid grün.jpg,rot\n".encode("cp1252"))
    with pytest.raises(UserError, match=r"not UTF-8 .*: save it as UTF-8, in Excel as 'CSV UTF-8'"):
        read_table(path)
    with pytest.raises(UserError, match="name its encoding with --encoding"):
        read_table(path, None)
    assert read_table(path, "cp1252").columns[0] == ["Kleid grün.jpg"]
