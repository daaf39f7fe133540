"""word2vec's binary files, and words that a file has in capitals alone."""

import struct
from pathlib import Path

import pytest
import torch

from handloom.data.text.vectors import read_vectors
from handloom.errors import UserError

WORDS = {"film": [0.5, -1.0, 2.0], "Paris": [1.0, 0.0, 0.25], "NATO": [3.0, 4.0, 5.0]}


def binary(end: bytes, count: int = 3) -> bytes:
    rows = [w.encode() + b" " + struct.pack("<3f", *v) + end for w, v in WORDS.items()]
    return f"{count} 3\n".encode() + b"".join(rows)


@pytest.mark.parametrize("end", [b"\n", b""])
def test_binary_vectors_are_read(tmp_path: Path, end: bytes) -> None:
    (tmp_path / "v.bin").write_bytes(binary(end))
    found = read_vectors(str(tmp_path / "v.bin"), ["film", "paris", "nato", "zoo"])
    assert found.words == ["film", "paris", "nato"]
    torch.testing.assert_close(found.vector, torch.tensor(list(WORDS.values())))
    assert (found.lines, found.broken) == (3, 0)


def test_a_cut_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "v.bin").write_bytes(binary(b"\n", count=4))
    assert read_vectors(str(tmp_path / "v.bin"), ["film"]).broken == 1


@pytest.mark.parametrize("separator", [" ", "\t"])
def test_capitals_and_tabs(tmp_path: Path, separator: str) -> None:
    lines = [separator.join([w, *map(str, v)]) for w, v in WORDS.items()]
    lines.append(separator.join(["Film", "9", "9", "9"]))
    (tmp_path / "v.txt").write_text("\n".join(lines) + "\n")
    found = read_vectors(str(tmp_path / "v.txt"), ["nato", "film"])
    assert found.words == ["nato", "film"]
    torch.testing.assert_close(found.vector[1], torch.tensor(WORDS["film"]))


def test_a_fasttext_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "cc.bin").write_bytes(struct.pack("<ii", 793712314, 12) + b"\0" * 99)
    with pytest.raises(UserError, match=r"fastText model.*\.vec"):
        read_vectors(str(tmp_path / "cc.bin"), ["film"])
