"""Word vectors from text files: every spelling of the format, and broken lines."""

import gzip
import os
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from handloom.data.text import vectors as module
from handloom.data.text.vectors import read_vectors
from handloom.errors import UserError

GLOVE = "the 0.1 -0.2 3e-1\n. . . 1 2 3\ncat 4 5 6\nthe 9 9 9\n你好 7 8 9\n"


def written(folder: Path, text: str = GLOVE, name: str = "v.txt") -> str:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    elif name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("v.txt", text)
    else:
        path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["v.txt", "v.vec", "v.gz", "v.zip"])
@pytest.mark.parametrize("header", ["", "5 3\n"])
def test_formats(tmp_path: Path, name: str, header: str) -> None:
    found = read_vectors(written(tmp_path, header + GLOVE, name), ["the", "cat", "你好", "dog"])
    assert found.words == ["the", "cat", "你好"]
    wanted = [[0.1, -0.2, 0.3], [4, 5, 6], [7, 8, 9]]
    torch.testing.assert_close(found.vector, torch.tensor(wanted))
    assert (found.lines, found.broken) == (5, 0)


def test_words_that_hold_spaces(tmp_path: Path) -> None:
    found = read_vectors(written(tmp_path), [". . .", "."])
    assert found.words == [". . ."]
    assert found.vector.tolist() == [[1, 2, 3]]


def test_broken_lines_are_counted(tmp_path: Path) -> None:
    lines = "".join(f"w{i} {i} 1 2\n" for i in range(10)) + "short 1 2\nw11 x 1 2\nw12 nan 1 2\n"
    found = read_vectors(written(tmp_path, lines), ["w3", "w11", "w12", "short"])
    assert found.words == ["w3"]
    assert (found.lines, found.broken) == (13, 3)


def test_lines_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 11)
    lines = "".join(f"w{i} {i} 1 2\n" for i in range(50)).rstrip("\n")
    found = read_vectors(written(tmp_path, lines), [f"w{i}" for i in range(0, 50, 7)])
    assert found.vector[:, 0].tolist() == list(range(0, 50, 7))
    assert found.lines == 50


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_vectors_or_a_sentence(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "v.txt"
    path.write_bytes(content)
    try:
        found = read_vectors(str(path), ["a", "the"])
    except UserError:
        return
    assert found.vector.ndim == 2


def test_refusals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="neither a file of word vectors nor a name"):
        read_vectors("glove.7B.50d", [])
    with pytest.raises(UserError, match="not a file of word vectors"):
        read_vectors(written(tmp_path, "just some prose\nand more of it here\n"), ["a"])
    with pytest.raises(UserError, match="are not a word and 3 numbers"):
        read_vectors(written(tmp_path, "9 3\n" + "a 1\n" * 9), ["a"])
    (tmp_path / "bad.gz").write_bytes(b"no gzip")
    with pytest.raises(UserError, match="cannot be read"):
        read_vectors(str(tmp_path / "bad.gz"), ["a"])
    monkeypatch.setenv("HANDLOOM_DATA", str(tmp_path))
    (tmp_path / "glove").mkdir()
    (tmp_path / "glove" / "glove.6B.50d.txt").write_text("a 1 2 3\n")
    assert read_vectors("glove.6B.50d", ["a"]).words == ["a"]


def test_the_real_excerpt() -> None:
    root = os.environ.get("HANDLOOM_DATA")
    path = Path(root or "") / "glove" / "glove.6B.50d.first-rows.txt"
    if not root or not path.exists():
        pytest.skip("HANDLOOM_DATA has no excerpt of GloVe")
    found = read_vectors(str(path), ["france", "paris", "lucid"])
    france, paris = found.vector
    assert found.broken == 0
    assert found.vector.shape[1] == 50
    assert torch.cosine_similarity(france, paris, 0) > 0.7
