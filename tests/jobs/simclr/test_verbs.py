"""A finished SimCLR run: evaluated, as an encoder, and its page."""

import shutil
from pathlib import Path

import pytest
import torch

import handloom
from handloom.data.images.inputs import load_inputs
from handloom.data.images.load import load
from handloom.jobs.images.encoding import find_encoder
from handloom.jobs.loading import load as load_run


def test_an_evaluation_measures_neighbours_a_probe_and_the_spread(run: Path) -> None:
    opened = handloom.open(run)
    evaluation = opened.evaluate()
    assert evaluation == opened.evaluation
    assert (evaluation["split"], evaluation["images"], evaluation["neighbors"]) == (
        "test",
        359,
        1294,
    )
    assert evaluation["knn"] > 0.7
    assert evaluation["linear_probe"] > 0.8
    assert evaluation["knn_pixels"] > 0.95  # digits are that simple
    assert 0 < evaluation["alignment"] < 1
    assert -4 < evaluation["uniformity"] < -0.5
    line = opened.describe(evaluation)
    assert "20-NN accuracy" in line
    assert "(by pixels 9" in line
    assert "one point:" not in line


def test_a_collapsed_embedding_is_named(run: Path) -> None:
    evaluation = handloom.open(run).evaluation
    assert evaluation is not None
    line = handloom.open(run).describe(evaluation | {"uniformity": -0.1})
    assert "all embeddings are nearly one point:" in line


def test_other_images_are_compared_with_each_other(run: Path, shapes: Path, tmp_path: Path) -> None:
    evaluation = handloom.open(run).evaluate(shapes)
    assert evaluation["neighbors"] == 35
    assert "linear_probe" not in evaluation
    shutil.copytree(shapes / "red", tmp_path / "flat")
    evaluation = handloom.open(run).evaluate(tmp_path / "flat")
    assert "knn" not in evaluation


def test_the_encoder_is_what_the_projection_sees(run: Path, digit_files: list[str]) -> None:
    encoder = find_encoder(run, device="cpu")
    opened = load_run(run, "cpu")
    pixels = load_inputs(digit_files, opened.config["preprocessing"]).image
    with torch.no_grad():
        image = pixels.permute(0, 3, 1, 2).float() / 255
        wanted = opened.networks["network"].features(image)  # type: ignore[operator]
    features = encoder(pixels)
    assert torch.allclose(features, wanted, atol=0.05 * float(wanted.abs().max()))
    vectors = handloom.embed(digit_files, handloom.encoder(run)).vector
    assert torch.allclose(vectors.norm(dim=1), torch.ones(4), atol=1e-5)


def test_the_page_shows_neighbours_views_and_a_map(run: Path) -> None:
    page = handloom.open(run).report().read_text(encoding="utf-8")
    for part in (
        "Neighbours",
        "Views",
        "Learning",
        "Map",
        "Uniformity is",
        "handloom embed digits",
    ):
        assert part in page
    assert "--from" in page
    assert "Neighbours by pixels are as good" in page


@pytest.mark.parametrize("verb", ["predict", "sample"])
def test_other_verbs_say_what_there_is(run: Path, verb: str) -> None:
    with pytest.raises(handloom.UserError, match="available: evaluate, report, resume"):
        handloom.open(run).call(verb, [])


def test_what_it_ships_gives_the_vectors_of_embed(run: Path, digit_files: list[str]) -> None:
    opened = load_run(run, "cpu")
    assert opened.job.export is not None
    (program,) = opened.job.export(opened)
    pixels = load_inputs(digit_files, opened.config["preprocessing"]).image
    with torch.no_grad():
        vectors = program.module(pixels)
    wanted = handloom.embed(digit_files, handloom.encoder(run)).vector
    assert torch.allclose(vectors, wanted, atol=0.02)


def test_compare_encoders_trains_one_and_knows_what_learned_labels(run: Path) -> None:
    job = handloom.open(run).job
    assert job.makes_encoder
    assert not job.learns_labels(handloom.open(run).config["options"])
    assert job.learns_labels({"labels": True})


def test_what_comes_next_depends_on_the_data(run: Path) -> None:
    job = handloom.open(run).job
    assert job.next_words("runs/a b", "digits") == (
        ["embed", "digits", "--encoder", "runs/a b", "--out", "vectors.npy"]
    )
    assert job.next_words("run", "/my photos") == ["index", "/my photos", "--encoder", "run"]


def test_labels_of_images_that_were_trained_on_without_them_count(tmp_path: Path) -> None:
    from PIL import Image

    digits = load("digits").train
    assert digits.label is not None
    for row in range(40):
        folder = tmp_path / "part" / digits.classes[int(digits.label[row])]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(digits.image[row, :, :, 0].numpy()).save(folder / f"{row}.png")
    half = handloom.train(
        "simclr", tmp_path / "part", out=tmp_path / "half", epochs=1, projection=16, quiet=True,
        device="cpu", validation=0.0,
    )  # fmt: skip
    (tmp_path / "part" / digits.classes[int(digits.label[39])] / "39.png").unlink()
    evaluation = half.evaluate(tmp_path / "part")
    assert evaluation["images"] == 39
    assert "trained_on" not in evaluation
