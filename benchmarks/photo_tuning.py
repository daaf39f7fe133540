"""Tuning on four folds of photos, and what else the same training could answer for the fifth."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.photo_answers import Asked, right_by_way
from benchmarks.photo_heads import solved_head
from handloom.config import check
from handloom.encoders import Encoder
from handloom.engine.inference import logits_of
from handloom.engine.loop import Experiment
from handloom.jobs.classifier import pretrained
from handloom.jobs.classifier.config import Config
from handloom.jobs.training.trials import best_metrics
from handloom.models.image.transferred import Transferred
from handloom.objectives.classification import Classification

SHARES = (0.5, 0.85, 1.0)  # of the way to tuned weights, beside the job's own


def tuned(
    given: argparse.Namespace,
    part: Any,
    encoder: Encoder,
    seed: int,
    strength: float,
    before: Tensor,
    asked: Asked | None = None,
) -> dict[str, Tensor]:
    """Which unseen images are recognized after tuning on four folds, in several ways, (M,) each.

    strength, before: of the head that tuning begins with, and its logits. asked: photos in other
    views, to be answered too.
    """
    options = {"network": given.network, "tune": "all", "strength": strength} | dict(given.option)
    options |= {"seed": seed, "weights": None if given.weights is None else str(given.weights)}
    config = pretrained.resolve(check(Config, options), part)
    torch.manual_seed(seed)
    built = pretrained.build(config, part, encoder.precision.device)
    stage, kept = built.stages[1], list[Experiment]()

    def keeping(before: Experiment | None) -> Experiment:
        kept.append(stage.build(before))
        return kept[0]

    built.stages[1] = replace(stage, build=keeping)
    accuracy = best_metrics(built)["valid/accuracy"]
    objective, precision = kept[0].objective, kept[0].precision
    assert isinstance(objective, Classification)
    assert objective.ema is not None

    def right(logits: Tensor) -> Tensor:
        return (logits.argmax(1) == part.valid.label).float()

    def answers(share: float) -> Tensor:
        with at_share(objective, share) as network:
            return logits_of(network, part.valid.image, precision)

    own = logits_of(objective.eval_model, part.valid.image, precision)
    assert abs(float(right(own).mean()) - accuracy) < 1e-6
    ways = {"tuned": right(own)}
    if objective.ema.share < 1:
        ways |= {f"tuned, at {share:g}": right(answers(share)) for share in SHARES}
    if asked is not None:
        network = objective.eval_model
        assert isinstance(network, Transferred)
        ways |= right_by_way(asked, network, encoder, strength)
    ways["tuned and head"] = right(own.log_softmax(1) + before.log_softmax(1))
    backbone = replace(encoder, network=objective.eval_model.get_submodule("backbone"))
    known, unseen = (backbone(images.image) for images in (part.train, part.valid))
    anew, _ = solved_head(known, part.train.label, part.train.label, before.shape[1], strength)
    with torch.no_grad():
        return ways | {"head anew": right(anew(unseen))}


@contextmanager
def at_share(objective: Classification, share: float) -> Iterator[nn.Module]:
    """The averaged network at another share of the way from the weights before tuning."""
    average = objective.ema
    assert average is not None
    pairs = zip(average.module.parameters(), objective.network.parameters(), strict=True)
    moving = [mine for mine, trained in pairs if trained.requires_grad]
    kept = [parameter.clone() for parameter in moving]
    start = [value for name, value in average.named_buffers() if name.startswith("start_")]
    with torch.no_grad():
        for parameter, beginning in zip(moving, start, strict=True):
            parameter.copy_(beginning + (parameter - beginning) * (share / average.share))
        yield average.module
        for parameter, value in zip(moving, kept, strict=True):
            parameter.copy_(value)
