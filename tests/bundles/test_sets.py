"""Sets that are bundled, that have no address, and word vectors out of an archive."""

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from handloom.bundles.sets import BUNDLED, sets
from handloom.data.text import vectors
from handloom.errors import UserError


def test_what_ships_with_the_package_needs_no_fetching(tmp_path: Path) -> None:
    for name in ("digits", "pydoc"):
        assert sets()[name].here() == BUNDLED
        assert sets()[name].bring(tmp_path, None) == BUNDLED
    assert list(tmp_path.iterdir()) == []


def test_a_set_without_an_address(own: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no address to be downloaded from: put it at .*own"):
        sets()["rt-polarity"].bring(tmp_path, None)


def test_word_vectors(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own.joinpath("glove").mkdir(parents=True)
    with zipfile.ZipFile(own / "glove" / "glove.6B.zip", "w") as archive:
        archive.writestr("glove.6B.50d.txt", "a 1 2\n")
    md5 = hashlib.md5((own / "glove" / "glove.6B.zip").read_bytes()).hexdigest()
    name = "glove.6B.50d"
    monkeypatch.setitem(vectors.NAMED, name, replace(vectors.NAMED[name], md5=md5))
    assert sets()[name].here() is None
    place = sets()[name].bring(own, None)
    assert place == own / "glove" / "glove.6B.50d.txt" == sets()[name].here()
    assert sets()[name].bring(tmp_path, None).read_text("utf-8") == "a 1 2\n"
