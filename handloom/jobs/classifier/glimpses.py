"""Where the network looks in some images that it got right and some that it got wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor

from handloom.engine.grad_cam import grad_cam
from handloom.jobs.classifier.answers import Answers

if TYPE_CHECKING:
    from handloom.jobs.classifier.records import Record
    from handloom.jobs.loading import Loaded

EACH = 4  # images that are right, and as many that are wrong
STRENGTH = 0.75  # of the colour where the map is 1


class Glimpse(NamedTuple):
    """An image uint8 (H, W, C) and the same under its map, (H, W, 3); place: among the answers."""

    place: int
    is_right: bool
    image: Tensor
    heated: Tensor


def glimpses(run: Loaded[Record], answers: Answers) -> list[Glimpse]:
    """The most confident mistakes, then right answers of different classes; none for a network
    without maps."""
    right = answers.predicted == answers.label
    order = answers.confidence.argsort(descending=True, stable=True).tolist()
    wrong = [place for place in order if not right[place]][:EACH]
    first = {int(answers.label[place]): place for place in reversed(order) if right[place]}
    chosen = [*wrong, *sorted(first.values(), key=order.index)[:EACH]]
    if not chosen:
        return []
    image = answers.images.image[answers.rows[chosen]]
    pixels = image.permute(0, 3, 1, 2).float().div(255).to(run.device)
    heat = grad_cam(run.networks["network"], pixels, answers.predicted[chosen])
    if heat is None:
        return []
    return [
        Glimpse(place, bool(right[place]), image[i], heated(image[i], heat[i]))
        for i, place in enumerate(chosen)
    ]


def heated(image: Tensor, heat: Tensor) -> Tensor:
    """An image uint8 (H, W, C) in grey, with a map (H, W) in [0, 1] over it from blue to red."""
    grey = image.float().mean(2, keepdim=True).expand(-1, -1, 3)
    color = torch.stack([heat, 1 - (2 * heat - 1).abs(), 1 - heat], 2) * 255
    opacity = STRENGTH * heat[:, :, None].sqrt()
    return ((1 - opacity) * grey + opacity * color).round().to(torch.uint8)
