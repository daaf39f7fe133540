"""Texts of any script and size become numbers, and bad ones are refused in a sentence."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handloom.data.text import corpus as module
from handloom.data.text.corpus import read_corpus
from handloom.errors import UserError


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "BLOCK", 7)
    monkeypatch.setenv("HANDLOOM_CACHE", str(tmp_path / "cache" / "decoded"))


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_every_text_comes_back(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("text") / "a.txt"
    path.write_bytes(text.encode())
    found = read_corpus(str(path))
    wanted = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if wanted:
        assert found.text() == wanted
        assert found.alphabet == "".join(sorted(set(wanted)))


def test_chinese_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("想要有直升机\n想要和你".encode("gb18030"))
    assert read_corpus(str(path), "gb18030", joined=True).text() == "想要有直升机 想要和你"
    with pytest.raises(UserError, match=r"0xcf at position 0 \(line 1\).*--encoding"):
        read_corpus(str(path))


def test_bad_bytes_are_located_across_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("abcdé\nfgh\nij é".encode() + b"\xff tail")
    with pytest.raises(UserError, match=r"0xff at position 16 \(line 3\)"):
        read_corpus(str(path))


def test_a_large_text_lies_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("the quick brown fox " * 50)
    small = read_corpus(str(path))
    monkeypatch.setattr(module, "MOST_RESIDENT", 100)
    mapped = read_corpus(str(path))
    assert mapped.text(20, 40) == "the quick brown fox "
    assert mapped.ids.equal(small.ids)
    assert mapped.fingerprint == small.fingerprint
    assert len(list((tmp_path / "cache" / "corpora").iterdir())) == 1


def test_refusals(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    with pytest.raises(UserError, match="is empty"):
        read_corpus(str(tmp_path / "empty.txt"))
    with pytest.raises(UserError, match="is empty"):
        read_corpus(str(tmp_path))
    with pytest.raises(UserError, match="does not exist"):
        read_corpus(str(tmp_path / "nothing.txt"))
    with pytest.raises(UserError, match="no encoding 'klingon'"):
        read_corpus(str(tmp_path / "empty.txt"), "klingon")


def test_pydoc_needs_no_file() -> None:
    found = read_corpus("pydoc")
    assert len(found.ids) > 200_000
    assert "lambda" in found.text()
