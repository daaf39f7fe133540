"""A classifier on a pretrained encoder: the head alone, tuning, and runs that open anywhere."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.cli.main import main
from handloom.config import check
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.pretrained import build, layer_groups, load, resolve
from handloom.models.image.transferred import Transferred
from handloom.objectives.classification import Classification
from handloom.runs.directory import RunDirectory

from .conftest import ENCODER


@pytest.fixture(scope="module")
def head_run(photos: Path, encoder_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return handloom.train(
        "classifier", photos, network=ENCODER, weights=str(encoder_weights), quiet=True,
        out=tmp_path_factory.mktemp("runs") / "head",
    )  # fmt: skip


def prepared(photos: Path, weights: Path, **options: Any) -> Any:
    """Config and data, as training makes them."""
    config = check(Config, {"network": ENCODER, "weights": str(weights)} | options)
    data = load(config, str(photos), lambda *_: None)
    return resolve(config, data), data


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


def test_tuning_begins_at_the_head_and_keeps_batch_norms(
    photos: Path, encoder_weights: Path
) -> None:
    config, data = prepared(
        photos, encoder_weights, tune="all", epochs=1, lr=1e-3, ema_decay=0, frozen=0.0
    )
    built = build(config, data, torch.device("cpu"))
    head = built.experiment
    built.stages[0].solve(head)
    tuning = built.stages[1].build(head)
    network = tuning.networks["network"]
    before = {key: value.clone() for key, value in network.state_dict().items()}
    assert torch.equal(before["head.weight"], head.networks["network"].head.weight)
    from handloom.engine.loop import fit

    fit(tuning)
    after = network.state_dict()
    changed = {key for key in before if not torch.equal(before[key], after[key])}
    assert not any("running" in key for key in changed)
    assert isinstance(tuning.objective, Classification)
    reached = dict(tuning.objective.network.state_dict())  # ema_decay 0: gone 0.7 of the way
    for key in ("head.weight", "backbone.body.conv1.0.weight"):
        torch.testing.assert_close(after[key], before[key].lerp(reached[key], 0.7))
    assert {"head.weight", "backbone.body.conv1.0.weight"} & changed
    assert len(changed) > len(before) / 3


def test_tuning_sees_images_as_large_as_evaluation_does(
    photos: Path, encoder_weights: Path
) -> None:
    """Smaller ones, cut closer, cost 4 to 6 points against the head (docs/log.md)."""
    config, data = prepared(photos, encoder_weights, tune="all", epochs=1)
    built = build(config, data, torch.device("cpu"))
    tuning = built.stages[1].build(built.experiment)
    objective = tuning.objective.train()
    assert isinstance(objective, Classification)
    assert objective.augment is not None
    batch = next(iter(tuning.train.batches(0)))
    assert objective.augment(batch["image"], batch["aspect"]).shape[2:] == data.train.size


def test_tuning_crops_whole_photos_and_evaluation_sees_the_middle(
    photos: Path, encoder_weights: Path
) -> None:
    config, data = prepared(photos, encoder_weights, tune="all", epochs=1, tune_size=70)
    assert (config.crop, config.tuned_share) == (0.35, 0.7)
    built = build(config, data, torch.device("cpu"))
    tuning = built.stages[1].build(built.experiment)
    batch = next(iter(tuning.train.batches(0)))
    assert batch["image"].shape[2:] == (100, 100)  # 96x80 pixels, stretched
    torch.testing.assert_close(batch["aspect"], torch.full((len(batch["label"]),), 1.2))
    judged = next(iter(tuning.evaluations["valid"].batches(0)))
    assert judged["image"].shape[2:] == data.train.size
    assert set(judged) == {"image", "label"}


def test_without_random_crops_the_middle_is_what_training_sees(
    photos: Path, encoder_weights: Path
) -> None:
    _, data = prepared(photos, encoder_weights, tune="all", epochs=1, crop=1.0)
    assert data.train.whole is None
    config, data = prepared(photos, encoder_weights, tune="all", epochs=1, fit="pad")
    assert (data.train.whole, config.crop) == (None, 0.75)


def test_lower_layers_learn_more_slowly(encoder_weights: Path) -> None:
    from handloom.encoders import find

    encoder = find(ENCODER, encoder_weights, torch.device("cpu"))
    model = Transferred(encoder.network, encoder.width, 3)
    groups = layer_groups(model, 0.1, 0.05, 0.0)
    rates = [group.lr for group in groups]
    assert rates == sorted(rates)
    assert rates[0] == pytest.approx(0.005)
    assert rates[-1] == 0.1
    grouped = [id(p) for group in groups for p in group.parameters]
    assert sorted(grouped) == sorted(id(p) for p in model.parameters())


def test_the_lowest_layers_are_left_as_they_are(encoder_weights: Path) -> None:
    """Those that hold a quarter of the parameters or less; a layer is never tuned in part."""
    from handloom.encoders import find

    encoder = find(ENCODER, encoder_weights, torch.device("cpu"))
    model = Transferred(encoder.network, encoder.width, 3)
    every = layer_groups(model, 0.1, 0.05, 0.0)
    groups = layer_groups(model, 0.1, 0.05, 0.25)
    assert 1 < len(groups) < len(every)
    kept = [group.parameters for group in every[: -len(groups)]]
    sizes = [sum(p.numel() for p in parameters) for parameters in kept]
    whole = sum(p.numel() for p in model.backbone.parameters())
    first = sum(p.numel() for p in groups[0].parameters)
    assert sum(sizes) <= 0.25 * whole < sum(sizes) + first
    assert not any(p.requires_grad for parameters in kept for p in parameters)
    assert all(p.requires_grad for group in groups for p in group.parameters)
    assert groups[0].lr == pytest.approx(0.005)


def test_whether_to_tune_is_chosen_by_folds(
    photos: Path, encoder_weights: Path, tmp_path: Path
) -> None:
    run = handloom.train(
        "classifier", photos, network=ENCODER, weights=str(encoder_weights), tune="all", epochs=1,
        tune_size=64, out=tmp_path / "a", quiet=True,
    )  # fmt: skip
    names = [trial["name"] for trial in run.config["trials"]]
    assert names == ["head", *(f"tuned at 0.001, fold {k} of 3" for k in (1, 2, 3))]
    lines = RunDirectory(run.path).trials()
    is_tuned = sum(line["metrics"]["gain"] for line in lines[1:]) > 0
    assert run.config["options"]["tune"] == ("all" if is_tuned else "head")
    assert [stage["name"] for stage in run.config["stages"]] == ["head", "tune"][: 1 + is_tuned]


class Killed(BaseException):
    """As by kill -9: nothing of the package catches it."""


def test_a_killed_run_ends_with_the_same_bits(
    photos: Path, encoder_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed when the head is saved, and within the first and the second epoch of tuning."""
    from handloom.engine.callbacks.checkpoints import Checkpoints
    from handloom.engine.loop import Fit
    from handloom.jobs.classifier import trials

    def clearly(*_: Any) -> dict[str, float]:
        return {"accuracy": 0.9, "head": 0.5, "gain": 0.4}

    monkeypatch.setattr(trials, "_tuned", clearly)  # what the folds say is of no matter here
    options: dict[str, Any] = dict(
        network=ENCODER, weights=str(encoder_weights), tune="all", epochs=2, tune_size=64,
        quiet=True,
    )  # fmt: skip
    whole = handloom.train("classifier", photos, out=tmp_path / "whole", **options)
    assert [stage["name"] for stage in whole.config["stages"]] == ["head", "tune"]
    save = Checkpoints.save
    for writes in (1, 2, 5):
        count, path = 0, tmp_path / f"{writes}"

        def killing(watch: Checkpoints, fit: Fit, last: int = writes) -> None:
            nonlocal count
            save(watch, fit)
            watch._due = 0.0  # again after the next step
            count += 1
            if count == last:
                raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(Checkpoints, "save", killing)
            patch.setattr(Checkpoints, "start", lambda watch, fit: None)  # the first is due at once
            with pytest.raises(Killed):
                handloom.train("classifier", photos, out=path, **options)
        torch.manual_seed(99)
        assert handloom.resume(path, quiet=True).finished
        mine, theirs = (RunDirectory(run).networks()["network"] for run in (path, whole.path))
        differ = [n for n in theirs if not torch.equal(mine[n], theirs[n])]
        assert (writes, differ[:3], len(differ)) == (writes, [], 0)
        assert RunDirectory(path).evaluation() == whole.evaluation


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
