"""Fine-tuning after the head: what it sees, what moves, whether folds choose it, and resuming."""

from pathlib import Path
from typing import Any

import pytest
import torch

import handloom
from handloom.jobs.classifier.pretrained import build, layer_groups
from handloom.models.image.transferred import Transferred
from handloom.objectives.classification import Classification
from handloom.runs.directory import RunDirectory

from .conftest import ENCODER, prepared


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
