"""`glove.6B.100d` by name: downloaded, checked against its digest, or one sentence why not."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from handloom.data.text import vectors
from handloom.data.text.vectors import read_vectors
from handloom.errors import UserError
from tests.data.conftest import breaking, running
from tests.data.io.test_fetch import left, offered

NAME = "glove.6B.100d"


def archive(path: Path) -> Path:
    """GloVe's own layout, small: one file for each width."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for width in (50, 100, 200, 300):
            lines = (
                f"{word} " + " ".join([f"{number}.5"] * width) + "\n"
                for number, word in enumerate(("the", "film", "gorgeous"))
            )
            zipped.writestr(f"glove.6B.{width}d.txt", "".join(lines))
    return path


def named(monkeypatch: pytest.MonkeyPatch, url: str, path: Path) -> None:
    """The published entry, but for the address and the digest."""
    entry = vectors.NAMED[NAME]
    served = offered(url, path, entry.unpacks)
    monkeypatch.setitem(vectors.NAMED, NAME, replace(entry, urls=served.urls, md5=served.md5))


def refusal() -> str:
    with pytest.raises(UserError) as caught:
        read_vectors(NAME, ["film"])
    sentence = str(caught.value)
    assert sentence.startswith("glove.6B.zip could not be downloaded")
    assert "\n" not in sentence
    return sentence


def test_downloaded_once(
    server: tuple[str, Path], no_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = server
    path = archive(folder / "glove.6B.zip")
    named(monkeypatch, url, path)
    found = read_vectors(NAME, ["film", "unheard"])
    assert found.words == ["film"]
    torch.testing.assert_close(found.vector, torch.full((1, 100), 1.5))
    assert left(no_data / "glove") == ["glove.6B.100d.txt"]
    path.unlink()
    assert read_vectors(NAME, ["the"]).words == ["the"]  # without the server


def test_mirror_of_ones_own(
    server: tuple[str, Path], no_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = server
    named(monkeypatch, "http://127.0.0.1:9", archive(folder / "glove.6B.zip"))
    assert "no connection" in refusal()
    monkeypatch.setenv("HANDLOOM_MIRROR", url)
    assert read_vectors(NAME, ["film"]).width == 100


def test_wrong_digest(
    server: tuple[str, Path], no_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, folder = server
    path = archive(folder / "glove.6B.zip")
    named(monkeypatch, url, path)
    path.write_bytes(path.read_bytes() + b"tampered")
    assert "its md5 is" in refusal()
    assert left(no_data / "glove") == []


def test_truncated_file(
    server: tuple[str, Path], no_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut on the server: whole as far as HTTP knows, and not as far as the digest does."""
    url, folder = server
    path = archive(folder / "glove.6B.zip")
    named(monkeypatch, url, path)
    path.write_bytes(path.read_bytes()[:300])
    assert "its md5 is" in refusal()
    assert left(no_data / "glove") == []


def test_connection_cut_on_the_way(
    tmp_path: Path, no_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = archive(tmp_path / "glove.6B.zip").read_bytes()
    with running(breaking(content, 100)) as url:
        named(monkeypatch, url, tmp_path / "glove.6B.zip")
        assert f"the connection broke after 100 of {len(content):,} bytes" in refusal()
    assert left(no_data / "glove") == []
