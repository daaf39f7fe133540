"""Do mirrored images keep their class? The training images say so, whatever they show.

A mirrored shirt is a shirt, a mirrored 3 is no digit, and a mirrored b is a d. Nearest neighbours
by histograms of oriented gradients (after Dalal and Triggs 2005, CVPR) name images that they have
not seen, and their mirror images; and the images once more with mirror images among the neighbours.
docs/log.md has what was measured on which data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.dataset import DataSet
    from handloom.jobs.classifier.records import MirroredRecord

MOST, FEWEST = 3_000, 100  # images that are looked at; 3,000 take about a second of one core
SIDE, NEIGHBOURS, FOLDS = 28, 5, 5
# Of the images that are recognised, as many must be when they are mirrored: digits and letters have
# 0.32 to 0.44, Fashion-MNIST, whose shoes all point to the left, 0.75, photos 0.94 and more.
KEPT = 0.65
# So many times the mistakes may there be with mirrored neighbours: 1.29 on MNIST, 1.3 and more
# where two of eleven classes are mirror images of each other, 0.95 to 1.03 on clothes and photos.
MISTAKES = 1.1
FACT = "mirrored"  # in the facts of a data set, and in config.json


@dataclass(frozen=True)
class Mirrored:
    """What neighbours made of images and of their mirror images.

    images: looked at. recognized: share of them that was named rightly; mirrored: the same, turned
    left to right; among_mirrored: the same as they are, with mirror images among the neighbours
    too. commonest: share of the commonest class.
    """

    images: int
    recognized: float
    mirrored: float
    among_mirrored: float
    commonest: float

    @property
    def keep_class(self) -> bool | None:
        """Whether mirrored images keep their class; None where the images do not tell."""
        error = (self.recognized * (1 - self.recognized) / self.images) ** 0.5
        if self.images < FEWEST or self.recognized <= self.commonest + 2 * error:
            return None
        mistakes, others = 1 - self.recognized, 1 - self.among_mirrored
        return self._are_recognized and others <= MISTAKES * mistakes

    @property
    def _are_recognized(self) -> bool:
        return self.mirrored >= KEPT * self.recognized

    def record(self) -> MirroredRecord:
        """For config.json."""
        return {
            "images": self.images,
            "recognized": round(self.recognized, 4),
            "mirrored": round(self.mirrored, 4),
            "among_mirrored": round(self.among_mirrored, 4),
            "commonest": round(self.commonest, 4),
            "keep_class": self.keep_class,
        }

    def sentence(self) -> str:
        """What a person should know before training."""
        plain, turned, among = (
            f"{100 * share:.0f} %"
            for share in (self.recognized, self.mirrored, self.among_mirrored)
        )
        what = f"nearest neighbours recognize {plain} of {self.images:,} training images"
        if self.keep_class:
            return (
                f"mirrored images keep their class ({what}, mirrored {turned}): half are trained "
                "on mirrored"
            )
        if not self._are_recognized:
            return f"mirrored images lose their class ({what}, mirrored {turned}): none are used"
        return (
            f"mirrored images look like other classes ({what}, beside mirrored ones {among}): none "
            "are used"
        )


def with_mirrored(data: DataSet) -> DataSet:
    """The data, with a fact and a note on mirrored images where they tell."""
    seen = mirrored(data)
    if seen is None or seen.keep_class is None:
        return data
    return replace(
        data, facts=data.facts | {FACT: seen.record()}, notes=(*data.notes, seen.sentence())
    )


def mirrored(data: DataSet) -> Mirrored | None:
    """Name training images by others, in folds that keep together what belongs together.

    None for fewer images than FEWEST. The same for the same data, whatever the seed of the run.
    """
    import torch

    from handloom.division.sample import sample_rows

    if len(data.train) < FEWEST:
        return None
    rows = sample_rows(len(data.train), MOST)  # by chance: folds deal the classes
    part = replace(data, train=data.train.subset(rows), seed=0)
    assert part.train.label is not None
    label, fold = part.train.label, part.folds(FOLDS)
    plain, turned = edges(part.train.image), edges(part.train.image.flip(2))
    both, labels, known = torch.cat([plain, turned]), label.repeat(2), fold.repeat(2)
    recognized = _right(plain, fold, plain, fold, label, label)
    return Mirrored(
        len(label),
        recognized,
        _right(turned, fold, plain, fold, label, label),
        _right(plain, fold, both, known, labels, label),
        label.bincount().max().item() / len(label),
    )


def edges(image: Tensor) -> Tensor:
    """How strong edges of eight orientations are, on a grid of at most 7x7; (N, D), of length 1.

    image: uint8 (N, H, W, C), at least 4x4, which is brought to SIDE pixels a side where it is
    larger.
    """
    import torch

    return torch.cat([_edges(rows) for rows in image.split(500)])


def _edges(image: Tensor) -> Tensor:
    import torch
    import torch.nn.functional as F

    grey = image.float().mean(3)[:, None]  # (N, 1, H, W)
    height, width = grey.shape[2:]
    grey = F.adaptive_avg_pool2d(grey, (min(SIDE, height), min(SIDE, width)))
    across = grey[..., 1:-1, 2:] - grey[..., 1:-1, :-2]
    down = grey[..., 2:, 1:-1] - grey[..., :-2, 1:-1]
    angle, strength = torch.atan2(down, across), torch.hypot(across, down)
    turns = [torch.cos(angle - turn * torch.pi / 4) - 0.5**0.5 for turn in range(8)]
    maps = torch.cat([strength * turn.clamp_min(0) for turn in turns], 1)  # (N, 8, H - 2, W - 2)
    grid = F.adaptive_avg_pool2d(maps, 7 if min(grey.shape[2:]) >= 14 else 4)
    return F.normalize(grid.sqrt().flatten(1))


def _right(
    query: Tensor, fold: Tensor, known: Tensor, fold_of: Tensor, label: Tensor, actual: Tensor
) -> float:
    """Share of the queries that their nearest neighbours outside their own fold name rightly.

    Each of NEIGHBOURS votes by how much nearer it is than the last. query: (N, D), fold, actual:
    int64 (N,); known: (M, D), fold_of, label: int64 (M,).
    """
    import torch

    near = (query @ known.T).masked_fill_(fold[:, None] == fold_of, -1.0)  # (N, M)
    nearness, row = near.topk(min(NEIGHBOURS, len(known)), 1)
    vote = nearness - nearness[:, -1:] + 1e-3
    votes = torch.zeros(len(query), int(label.max()) + 1).scatter_add_(1, label[row], vote)
    return (votes.argmax(1) == actual).float().mean().item()
