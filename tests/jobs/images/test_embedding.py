"""Images to vectors of length 1."""

from pathlib import Path

import pytest
import torch

from handloom import encoders
from handloom.data.images import chunks
from handloom.data.images.reading import Reading
from handloom.encoders import Encoder
from handloom.errors import UserError
from handloom.jobs.images.embedding import embed, normalized


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return encoders.find("pixels", device=torch.device("cpu"))


def test_files_folders_and_sets_in_the_order_given(
    encoder: Encoder, shapes: Path, digit_files: list[str]
) -> None:
    made = embed([digit_files[1], shapes, "digits", digit_files[0]], encoder)
    assert made.names[0] == digit_files[1]
    assert made.names[-1] == digit_files[0]
    assert made.names[1] == f"{shapes}/blue/0.png"
    assert made.names[37].startswith("train/")
    assert made.labels[1] == "blue"
    assert made.labels[0] is None
    assert (made.splits[37], made.splits[-2]) == ("train", "test")
    assert len(made.names) == len(made.vector) == 1 + 36 + 1797 + 1  # of a set every split
    assert torch.allclose(made.vector.norm(dim=1), torch.ones(len(made.vector)), atol=1e-5)


def test_a_folder_is_encoded_once(
    encoder: Encoder, shapes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = embed([shapes], encoder)

    def refuse(*_: object) -> None:
        raise AssertionError("encoded again")

    monkeypatch.setattr(chunks, "decode_chunk", refuse)
    again = embed([shapes], encoder)
    assert torch.equal(again.vector, first.vector)
    assert again.labels == first.labels


def test_a_pattern_and_a_reading(encoder: Encoder, shapes: Path) -> None:
    assert len(embed([f"{shapes}/red/*.png"], encoder).names) == 12
    assert len(embed([shapes], encoder, Reading(splits="none")).names) == 36
    with pytest.raises(UserError, match="does not exist"):
        embed([shapes / "none.png"], encoder)


def test_what_is_broken_is_listed(encoder: Encoder, tmp_path: Path, digit_files: list[str]) -> None:
    (tmp_path / "x.png").write_text("no image")
    made = embed([digit_files[0], tmp_path / "x.png"], encoder)
    assert len(made.names) == 1
    assert [entry.path for entry in made.broken] == [str(tmp_path / "x.png")]
    with pytest.raises(UserError, match=r"x.png' cannot be read as an image"):
        embed([tmp_path / "x.png"], encoder)


def test_images_that_are_identical(
    encoder: Encoder, tmp_path: Path, digit_files: list[str]
) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for path in paths:
        path.write_bytes(Path(digit_files[0]).read_bytes())
    vectors = embed(paths, encoder).vector
    assert len(vectors) == 5
    assert (vectors == vectors[0]).all()


def test_a_vector_of_zeros_stays() -> None:
    vectors = normalized(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    assert torch.allclose(vectors, torch.tensor([[0.6, 0.8], [0.0, 0.0]]))
