"""Folds, the strength of a head, and what trials lead to."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from handloom.config import check
from handloom.data.images.load import load
from handloom.data.images.reading import Reading
from handloom.jobs.classification.linear_head import (
    CLEAR,
    STRENGTHS,
    Chosen,
    choose_strength,
    cross_validated,
    in_order,
)
from handloom.jobs.classifier.config import Config
from handloom.jobs.classifier.trials import choose, search
from handloom.jobs.training.trials import Result, Trial

from .conftest import ENCODER


def nothing(*_: Any) -> None:
    pass


def test_folds_deal_out_every_class_evenly(photos: Path) -> None:
    data = load(photos, validation=0.0)
    assert data.train.label is not None
    fold = data.folds(4)
    for label in range(3):
        count = torch.bincount(fold[data.train.label == label], minlength=4)
        assert count.max() - count.min() <= 1
    assert torch.equal(fold, data.folds(4))
    assert not torch.equal(fold, replace(data, seed=1).folds(4))


@pytest.mark.parametrize("has_own_split", [False, True], ids=["one folder", "own splits"])
def test_what_belongs_together_is_in_one_fold(has_own_split: bool, tmp_path: Path) -> None:
    """Four photos each of twelve patients, who stay whole in the folds as in the split."""
    rng = np.random.default_rng(0)
    splits = ("train", "val") if has_own_split else ("",)
    for split in splits:
        for patient in range(12):
            where = tmp_path / split / f"class{patient % 2}" / f"p{patient}"
            where.mkdir(parents=True)
            for number in range(4):
                pixels = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(where / f"{number}.png")
    data = load(tmp_path, reading=Reading(group="folder"))
    patients = [str(Path(name).parent) for name in data.train.names]
    assert len(set(patients)) >= 8
    fold = data.folds(4).tolist()
    of = {patient: {f for p, f in zip(patients, fold, strict=True) if p == patient}
          for patient in patients}  # fmt: skip
    assert all(len(places) == 1 for places in of.values())
    assert set(fold) == {0, 1, 2, 3}
    assert len(set(data.group)) == len(of)


def features(classes: int = 3, rows: int = 90) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(rows) % classes
    center = torch.randn(classes, 20, generator=generator)
    noise = 1.5 * torch.randn(rows, 20, generator=generator)
    return center[label] + noise, label, torch.arange(rows) // classes % 5


def test_the_strength_is_that_of_the_lowest_loss_among_the_accurate() -> None:
    known, label, fold = features()
    chosen = choose_strength(known, label, fold, 3, False)
    tried = [cross_validated(known, label, fold, 3, s, False) for s in STRENGTHS]
    best = max(head.accuracy for head in tried)
    error = (best * (1 - best) / 90) ** 0.5
    good = [head for head in tried if head.accuracy >= best - error]
    assert len(good) < len(tried), "one is worse than chance makes it"
    assert chosen.loss == min(head.loss for head in good)
    assert chosen.right.shape == (90,)
    assert chosen.accuracy > 0.5


def result(name: str, fold: int | None, options: dict[str, Any], **metrics: float) -> Result:
    return Result(Trial(name, options, fold), metrics, 1.0)


HEAD = result("head", None, {"tune": "head"}, accuracy=0.8, loss=0.5, strength=0.03)


def test_the_head_stays_where_tuning_does_not_help() -> None:
    tuned = [result(f"t{k}", k, {"tune": "all", "lr": 1e-3}, gain=g)
             for k, g in enumerate((0.02, -0.05, 0.01))]  # fmt: skip
    choice = choose([HEAD, *tuned])
    assert choice.options == {"tune": "head", "strength": 0.03}
    assert "tuning did not help (-0.7" in choice.reason


def test_the_better_rate_is_taken_where_it_helps() -> None:
    tuned = [result(f"t{k}{lr}", k, {"tune": "all", "lr": lr}, gain=g)
             for lr, gains in ((1e-3, (0.02, 0.03)), (1e-4, (0.01, 0.0)))
             for k, g in enumerate(gains)]  # fmt: skip
    choice = choose([HEAD, *tuned])
    assert choice.options == {"tune": "all", "strength": 0.03, "lr": 1e-3}
    assert "+2.5 ± 0.5 points of accuracy" in choice.reason
    assert "chance" not in choice.reason


def test_a_gain_within_its_error_may_be_chance() -> None:
    tuned = [result(f"t{k}", k, {"tune": "all", "lr": 1e-3}, gain=g)
             for k, g in enumerate((0.06, -0.04, 0.01))]  # fmt: skip
    choice = choose([HEAD, *tuned])
    assert choice.options["tune"] == "all"
    assert "+1.0 ± 2.9 points of accuracy over 3 folds, which may be chance" in choice.reason


def test_minutes_are_planned_before_anything_is_tried(photos: Path, encoder_weights: Path) -> None:
    from handloom.jobs.classifier.pretrained import load as load_photos

    options = {"network": ENCODER, "weights": str(encoder_weights), "tune": "all"}
    config = check(Config, options | {"minutes": 60.0})
    data = load_photos(config, str(photos), nothing)
    plan = search(config, _named(data), torch.device("cpu"), nothing)
    assert plan is not None
    epochs = {trial.options.get("epochs") for trial in plan.trials}
    assert len(epochs) == 1
    assert epochs.pop() >= 1
    hasty = check(Config, options | {"minutes": 0.01})
    short = search(hasty, _named(data), torch.device("cpu"), nothing)
    assert short is not None
    assert [trial.name for trial in short.trials] == ["head"]
    assert "--minutes 0.01 is too short for tuning, which is left out: 8 epochs" in short.notes[-1]
    needed = short.notes[-1].partition("take about --minutes ")[2].split()[0]
    enough = search(check(Config, options | {"minutes": 2 * int(needed)}), _named(data),
                    torch.device("cpu"), nothing)  # fmt: skip
    assert enough is not None
    assert len(enough.trials) > 1


def _named(data: Any) -> Any:
    return replace(data, preprocessing=data.preprocessing | {"network": ENCODER})


def test_a_network_from_nothing_is_not_searched() -> None:
    data = load("digits")
    known = data.preprocessing | {"network": "resnet"}
    config = check(Config, {})
    assert search(config, replace(data, preprocessing=known), torch.device("cpu"), nothing) is None


def unequal(photos: Path, path: Path) -> Path:
    """The photos, of which one class has three."""
    import shutil

    shutil.copytree(photos, path)
    for image in sorted((path / "sea").iterdir())[3:]:
        image.unlink()
    return path


def head_result(photos: Path, weights: Path, **options: Any) -> tuple[Any, Result]:
    """The search of a head, and what its only trial came to."""
    from handloom.jobs.classifier import build

    config = check(Config, {"network": ENCODER, "weights": str(weights)} | options)
    data = build.load(config, str(photos), nothing)
    searched = search(config, data, torch.device("cpu"), nothing)
    assert searched is not None
    (trial,) = searched.trials
    return searched, Result(trial, searched.run(trial), 1.0)  # type: ignore[arg-type]


def test_unequal_classes_are_weighted_where_folds_say_so(
    photos: Path, encoder_weights: Path, tmp_path: Path
) -> None:
    searched, tried = head_result(unequal(photos, tmp_path / "p"), encoder_weights)
    is_balanced = bool(tried.metrics["balanced"])
    gain, error = tried.metrics["weights_gain"], tried.metrics["weights_error"]
    assert is_balanced == (gain > CLEAR * error)
    assert f"weights gain {100 * gain:+.1f} ± {100 * error:.1f} points" in searched.describe(tried)
    choice = searched.choose([tried])
    assert choice.options["class_weights"] == ("balanced" if is_balanced else "none")
    assert "macro F1" in searched.describe(tried)
    assert "macro F1" in choice.reason


def test_weights_are_chosen_beyond_the_noise_of_folds_alone() -> None:
    def head(is_balanced: bool, *of_folds: float) -> Chosen:
        mean = sum(of_folds) / len(of_folds)
        return Chosen(0.1, is_balanced, torch.ones(1), mean, mean, 0.5, of_folds)

    plain = head(False, 0.70, 0.76, 0.74, 0.72, 0.79)
    by_chance = head(True, 0.74, 0.73, 0.75, 0.70, 0.80)
    assert by_chance.macro_f1 > plain.macro_f1
    assert in_order([plain, by_chance]) == [plain, by_chance]
    clear = head(True, 0.74, 0.79, 0.76, 0.76, 0.82)
    assert in_order([plain, clear]) == [clear, plain]
    assert in_order([plain]) == [plain]


def test_weights_that_are_asked_for_are_not_chosen(
    photos: Path, encoder_weights: Path, tmp_path: Path
) -> None:
    path = unequal(photos, tmp_path / "p")
    for asked in ("none", "balanced"):
        _, tried = head_result(path, encoder_weights, class_weights=asked)
        assert "other_macro_f1" not in tried.metrics
        assert tried.metrics.get("balanced", 0.0) == (asked == "balanced")


def test_equal_classes_have_one_way(photos: Path, encoder_weights: Path) -> None:
    searched, tried = head_result(photos, encoder_weights)
    assert "balanced" not in tried.metrics
    assert "class_weights" not in searched.choose([tried]).options


def test_tuning_keeps_the_weights_of_the_head_it_was_compared_with() -> None:
    head = result("head", None, {"tune": "head"}, accuracy=0.8, loss=0.5, strength=0.03,
                  macro_f1=0.7, other_macro_f1=0.6, balanced=1.0)  # fmt: skip
    tuned = [result(f"t{k}", k, {"tune": "all", "lr": 1e-3}, gain=0.05) for k in range(3)]
    choice = choose([head, *tuned])
    assert choice.options["tune"] == "all"
    assert choice.options["class_weights"] == "balanced"
    assert "points of macro F1" in choice.reason


def test_tuning_is_compared_with_the_head_that_its_fold_prefers(
    photos: Path, encoder_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By macro F1 where classes are unequal, with the same weights for both; and no image of the
    fold decides which epoch counts."""
    from handloom.jobs.classifier import build, pretrained

    options = {"network": ENCODER, "weights": str(encoder_weights), "tune": "all", "epochs": 1}
    config = check(Config, options | {"tune_size": 64, "validation": 0.0})
    data = build.load(config, str(unequal(photos, tmp_path / "p")), nothing)
    searched = search(config, _named(data), torch.device("cpu"), nothing)
    assert searched is not None
    seen: list[tuple[str, float, str, bool]] = []
    real = pretrained.build

    def spy(resolved: Any, part: Any, device: Any, keeps_last: bool = False) -> Any:
        seen.append((resolved.tune, resolved.strength, resolved.class_weights, keeps_last))
        built = real(resolved, part, device, keeps_last)
        assert all(stage.build(None).monitor is None for stage in built.stages)
        return built

    monkeypatch.setattr(pretrained, "build", spy)
    metrics = searched.run(searched.trials[1])
    assert [tune for tune, *_ in seen] == ["all", "head"]
    assert seen[0][1:] == seen[1][1:]
    assert all(is_last for *_, is_last in seen)
    assert metrics is not None
    assert metrics["gain"] == pytest.approx(metrics["macro_f1"] - metrics["head_macro_f1"])
    assert "macro F1" in searched.describe(Result(searched.trials[1], metrics, 1.0))
