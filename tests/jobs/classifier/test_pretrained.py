"""A classifier on a pretrained encoder: the head alone, tuning, and runs that open anywhere."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.cli.main import main
from handloom.jobs.classifier.pretrained import build
from handloom.runs.directory import RunDirectory

from .conftest import ENCODER, prepared


@pytest.fixture(scope="module")
def head_run(photos: Path, encoder_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return handloom.train(
        "classifier", photos, network=ENCODER, weights=str(encoder_weights), quiet=True,
        out=tmp_path_factory.mktemp("runs") / "head",
    )  # fmt: skip


def test_the_head_alone_is_a_finished_run(head_run: Any) -> None:
    assert head_run.finished
    assert head_run.config["stages"] == [{"name": "head", "epochs": 0}]
    assert head_run.config["options"]["tune"] == "head"
    assert head_run.evaluation["accuracy"] >= 0.8  # a third is chance
    assert head_run.evaluation["split"] == "valid"


def test_the_choice_of_the_strength_is_recorded(head_run: Any) -> None:
    strength = head_run.config["choice"]["options"]["strength"]
    assert head_run.config["options"]["strength"] == strength
    (line,) = RunDirectory(head_run.path).trials()
    assert line["metrics"]["strength"] == strength
    assert f"{100 * line['metrics']['accuracy']:.2f} %" in head_run.config["choice"]["reason"]


def test_the_run_opens_without_the_file_of_weights(
    photos: Path, encoder_weights: Path, tmp_path: Path
) -> None:
    weights = Path(shutil.copy(encoder_weights, tmp_path / "w.safetensors"))
    run = handloom.train(
        "classifier", photos, network=ENCODER, weights=str(weights), out=tmp_path / "r", quiet=True
    )
    weights.unlink()
    again = handloom.open(run.path)
    assert again.evaluate() == run.evaluation
    records = again.predict(photos / "sea")
    assert sum(record["label"] == "sea" for record in records) >= 13


def test_the_head_is_the_solution_on_the_features(photos: Path, encoder_weights: Path) -> None:
    """Its gradient of the regularized loss is near zero: a hundredth of that of no head."""
    from handloom.models.image.transferred import roots

    config, data = prepared(photos, encoder_weights, strength=0.1)
    built = build(config, data, torch.device("cpu"))
    experiment = built.experiment
    built.stages[0].solve(experiment)
    features, label = experiment.train.fields["features"], experiment.train.fields["label"]
    head = experiment.networks["network"].head
    known = roots(features)
    std = known.std(0, correction=0).clamp(min=1e-6)

    def slope(weight: torch.Tensor, bias: torch.Tensor) -> float:
        weight = weight.detach().clone().requires_grad_()
        loss = torch.nn.functional.cross_entropy(known @ weight.T + bias, label, reduction="sum")
        loss = loss + ((weight * std) ** 2).sum() / (2 * 0.1)
        (gradient,) = torch.autograd.grad(loss, weight)
        return float((gradient / std).norm())

    nothing = slope(torch.zeros_like(head.weight), torch.zeros_like(head.bias))
    assert slope(head.weight, head.bias.detach()) < 0.01 * nothing


def test_more_epochs_of_a_head_are_refused(
    head_run: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["resume", str(head_run.path), "--epochs", "3"]) == 2
    assert "--tune all" in capsys.readouterr().err


def test_bad_options_in_one_sentence(
    photos: Path, encoder_weights: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = ["--network", ENCODER, "--weights", str(encoder_weights)]
    for words, part in (
        ([*own, "--size", "64"], "a size of its own"),
        (["--network", "resnet", "--tune", "all"], "trained from scratch"),
        ([*own, "--sampler", "balanced"], "--class-weights balanced, or --tune all"),
        (["--sampler", "balanced", "--class-weights", "balanced"], "give one of them"),
        (["--network", "resnett"], "did you mean 'resnet'?"),
        (["--network", "test_resnet"], "did you mean 'timm:test_resnet'?"),
        (["--network", "mobilenet_v2"], "did you mean 'torchvision:mobilenet_v2'?"),
        (["--network", "tim:test_resnet"], "did you mean 'timm:test_resnet'?"),
        (["--network", "anything"], "torchvision:NAME or resnet, resnet18, cnn"),
        (["--network", "timm:test_resnt"], "did you mean 'timm:test_resnet'?"),
        (["--network", ENCODER, "--weights", str(photos / "sea" / "0.png")], "0.png"),
        (["--network", "timm:test_vit", "--weights", str(encoder_weights)], "timm:test_vit"),
    ):
        out = tmp_path / "never"
        assert main(["train", "classifier", str(photos), *words, "--out", str(out)]) == 2
        assert part in " ".join(capsys.readouterr().err.split())
        assert not out.exists()


def test_predictions_of_a_class_with_a_single_image(
    photos: Path, encoder_weights: Path, tmp_path: Path
) -> None:
    data = shutil.copytree(photos, tmp_path / "data")
    (data / "moss").mkdir()
    shutil.copy(data / "leaf" / "0.png", data / "moss" / "0.png")
    (data / "leaf" / "0.png").unlink()
    run = handloom.train(
        "classifier", data, network=ENCODER, weights=str(encoder_weights), out=tmp_path / "r",
        quiet=True,
    )  # fmt: skip
    assert run.config["classes"] == ["brick", "leaf", "moss", "sea"]
    assert run.finished


def test_identical_images_are_guessed_at_chance(
    encoder_weights: Path, photos: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(12):
            shutil.copy(photos / "sea" / "0.png", tmp_path / "data" / name / f"{number}.png")
    run = handloom.train(
        "classifier", tmp_path / "data", network=ENCODER, weights=str(encoder_weights),
        out=tmp_path / "r", quiet=True,
    )  # fmt: skip
    assert run.evaluation is not None
    assert run.evaluation["accuracy"] <= 0.75


def test_json_of_evaluate(head_run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(head_run.path), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["accuracy"] == head_run.evaluation["accuracy"]


def test_the_run_is_an_encoder_too(head_run: Any, photos: Path, encoder_weights: Path) -> None:
    photo = photos / "sea" / "3.png"
    own = handloom.encoder(head_run.path)(photo)
    plain = handloom.encoder(ENCODER, weights=encoder_weights)(photo)
    assert own.shape == plain.shape
    assert torch.dot(own, plain) > 0.99, "the head alone leaves the encoder as it was"


def test_a_head_that_begins_from_a_run_reads_that_run_s_features(
    photos: Path, encoder_weights: Path, tmp_path: Path
) -> None:
    """The weights are copied after the features were computed, which were those of the file."""
    from safetensors.torch import load_file, save_file

    options = {"network": ENCODER, "weights": str(encoder_weights), "quiet": True}
    first = handloom.train("classifier", photos, out=tmp_path / "first", **options)
    file = first.path / "networks.safetensors"
    tensors = load_file(file)
    torch.manual_seed(1)
    for key, tensor in tensors.items():  # a run whose encoder is another than that of the file
        if "backbone" in key and tensor.ndim == 4:
            tensors[key] = tensor + 0.3 * tensor.std() * torch.randn_like(tensor)
    save_file(tensors, file)
    run = handloom.train(
        "classifier", photos, out=tmp_path / "second", from_run=first.path, **options
    )
    weights = load_file(run.path / "networks.safetensors")
    copied = [key for key in tensors if "backbone" in key and tensors[key].ndim == 4]
    assert copied
    assert all(torch.equal(weights[key], tensors[key]) for key in copied)
    head = [key for key in tensors if "head" in key and tensors[key].ndim == 2]
    assert head
    assert not any(torch.equal(weights[key], tensors[key]) for key in head)  # of other features
    recorded = run.evaluation["accuracy"]
    assert run.evaluate()["accuracy"] == recorded  # by its network, from the images on
    rows = run.predict(photos)
    right = [row["label"] == Path(row["input"]).parent.name for row in rows]
    assert sum(right) / len(right) >= 0.8  # a third is chance
