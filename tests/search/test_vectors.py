"""Vectors without torch are those of the encoder; a fresh search imports none."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from handloom.encoders import find
from handloom.errors import UserError
from handloom.extras import has
from handloom.search.copies import thumbs
from handloom.search.encoding import encode
from handloom.search.vectors import (
    PREPROCESSING,
    CompiledVectors,
    NetworkVectors,
    PixelVectors,
    normalized,
)
from tests.search.conftest import write


def test_pixels_are_those_of_the_encoder() -> None:
    encoder, here = find("pixels"), PixelVectors()
    assert here.record.fingerprint == encoder.fingerprint
    assert here.record.width == encoder.width
    assert here.preprocessing == encoder.preprocessing
    images = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    there = normalized(encoder(torch.from_numpy(images)).numpy())
    assert np.allclose(here(images), there, atol=1e-6)
    assert np.allclose(NetworkVectors(encoder, "pixels")(images), there, atol=1e-6)


def test_files_come_in_order_with_the_broken_ones(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    paths = [tmp_path / f"{number}.png" for number in range(100)]
    for number, path in enumerate(paths):
        write(path, random.integers(0, 255, (4, 4, 3), dtype=np.uint8))
        if number % 10 == 3:
            path.write_bytes(b"")
    vectorizer = PixelVectors()
    vectorizer.batch = 7
    parts = list(encode(paths, vectorizer, 40))
    assert len(parts) > 1
    rows = [row for part in parts for row in part.rows]
    assert rows == [row for row in range(100) if row % 10 != 3]
    assert sorted(row for part in parts for row, _ in part.broken) == list(range(3, 100, 10))
    vectors = np.concatenate([part.vector for part in parts])
    whole = next(encode([paths[42]], PixelVectors(), 1000))
    assert np.allclose(vectors[rows.index(42)], whole.vector[0])


def test_thumbnails_are_means_of_areas() -> None:
    images = np.zeros((1, 40, 33, 3), np.uint8)
    images[:, 20:] = 200
    thumb = thumbs(images).reshape(16, 16)
    assert (thumb[:7] == 0).all()
    assert (thumb[9:] == 200).all()
    assert thumbs(np.full((2, 8, 8, 1), 7, np.uint8)).shape == (2, 256)


CHECK = """
import sys
from handloom.cli.main import main
status = main(sys.argv[1:])
slow = {"torch", "pandas", "matplotlib", "sklearn", "scipy"} & set(sys.modules)
raise SystemExit(status or (f"imported {slow}" if slow else 0))
"""


def test_nothing_slow_is_imported_for_pixels_and_numbers(tmp_path: Path) -> None:
    for number in range(3):
        write(
            tmp_path / "photos" / "a" / f"{number}.png", np.full((4, 4, 3), 40 * number, np.uint8)
        )
    image = str(tmp_path / "photos" / "a" / "1.png")
    folder = str(tmp_path / "photos")
    for words in (["index", folder, "--encoder", "pixels"], ["index", folder],
                  ["search", folder, image], ["search", folder, "--id", "1", "--json"],
                  ["search", folder, image, "--where", "label = 'a'",
                   "--plot", str(tmp_path / "found.png")]):  # fmt: skip
        subprocess.run([sys.executable, "-c", CHECK, *words], check=True, stdout=subprocess.PIPE)


@pytest.mark.skipif(not has("export"), reason="onnx, onnxscript, onnxruntime are missing")
def test_a_compiled_encoder_answers_without_torch(tmp_path: Path, photos: Path) -> None:
    """An image that is no part of the index, and one that is new in it; words need the whole."""
    import timm

    import handloom

    torch.manual_seed(0)
    weights, elsewhere, new = tmp_path / "w.safetensors", tmp_path / "0.png", photos / "red/new.png"
    save_file(timm.create_model("test_resnet").state_dict(), weights)
    write(elsewhere, np.full((4, 4, 3), 90, np.uint8))
    with handloom.index(photos, encoder="timm:test_resnet", weights=weights) as index:
        (wanted, *_) = index.search(elsewhere, k=1).results
    ask = [sys.executable, "-c", CHECK]
    subprocess.run([*ask, "search", photos, elsewhere], check=True, stdout=subprocess.PIPE)
    write(new, np.full((4, 4, 3), 30, np.uint8))
    subprocess.run([*ask, "index", photos], check=True, stdout=subprocess.PIPE)
    with handloom.open_index(photos) as index:
        assert index.store.count()[0] == 25
        results = index.search(elsewhere).results
        assert wanted.path in [each.path for each in results]
        with pytest.raises(UserError, match="reads no words"):
            index.search("red shoes")
    weights.unlink()  # what was compiled needs none
    subprocess.run([*ask, "search", photos, elsewhere], check=True, stdout=subprocess.PIPE)


def test_other_weights_are_not_those_that_were_compiled(tmp_path: Path, photos: Path) -> None:
    import timm

    import handloom

    weights, elsewhere = tmp_path / "w.safetensors", tmp_path / "0.png"
    write(elsewhere, np.full((4, 4, 3), 90, np.uint8))
    for seed in (0, 1):
        torch.manual_seed(seed)
        save_file(timm.create_model("test_resnet").state_dict(), weights)
        if seed == 0:
            handloom.index(photos, encoder="timm:test_resnet", weights=weights).close()
    with handloom.open_index(photos) as index:
        for _ in range(2):  # nor are they the index's when it is asked again
            with pytest.raises(UserError, match="other weights now"):
                index.search(elsewhere)


def test_the_whole_encoder_is_made_once() -> None:
    """Where nothing was compiled."""
    made = []

    def find() -> PixelVectors:
        made.append(PixelVectors())
        return made[-1]

    vectors = CompiledVectors(PixelVectors().record, find)
    assert not vectors.is_to_be_compiled("images")
    for _ in range(3):
        assert vectors.unknown_words("red shoes") == ()
        assert vectors.preprocessing == PREPROCESSING
    assert len(made) == 1


def test_the_verbs_in_python(photos: Path) -> None:
    import handloom

    made = handloom.index(photos, encoder="pixels")
    assert len(made) == 24
    made.close()
    opened = handloom.open_index(photos)
    answer = opened.search(photos / "red" / "3.png", k=3, where="label = 'red'", min_score="auto")
    assert all(each.label == "red" for each in answer.results)
    opened.close()
