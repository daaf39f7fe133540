"""Sentences on the labels of images, which are others once a person has corrected some."""

from collections.abc import Iterable, Sequence

import torch

from handloom.data.images.dataset import DataSet, Images
from handloom.data.io.labels import alike_notes, few_notes
from handloom.division.splits import TRAIN, VALID


def label_notes(data: DataSet) -> list[str]:
    """Those among the notes of a set that depend on its labels alone."""
    label = {
        name: number
        for part in data.splits.values()
        if part.label is not None
        for name, number in zip(part.names, part.label.tolist(), strict=True)
    }
    equal = [[label[name] for name in names if name in label] for names in data.equal]
    own = [part for split, part in data.splits.items()
           if split == TRAIN or (split == VALID and VALID not in data.own)]  # fmt: skip
    return [*alike_notes(data.train.classes), *class_notes(own), *equal_notes(equal)]


def class_notes(parts: Sequence[Images]) -> list[str]:
    """Sentences on classes with few images or none in the parts that training images are of."""
    counts = [part.label.bincount(minlength=len(part.classes))
              for part in parts if part.label is not None and len(part)]  # fmt: skip
    return (
        few_notes(parts[0].classes, torch.stack(counts).sum(0).tolist(), "image") if counts else []
    )


def equal_notes(labels: Iterable[Sequence[int]]) -> list[str]:
    """A sentence where equal images have different labels; one item for each group of them."""
    equal = sum(len(group) for group in labels if len(set(group)) > 1)
    if not equal:
        return []
    return [f"{equal:,} images are equal to images with another label: mend their labels"]
