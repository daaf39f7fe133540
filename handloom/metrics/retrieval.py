"""Recall of a search from images to texts and back, where several answers may be right."""

import torch
from torch import Tensor

AT_ONCE = 1024  # rows compared with all columns
KS = (1, 5, 10)


def recalls(image: Tensor, text: Tensor, meaning: Tensor, group: Tensor) -> dict[str, Tensor]:
    """The share of queries that have a right answer among the k nearest, both ways.

    image float (N, D), text float (M, D), of length 1. group int64 (M,): what each text means.
    meaning int64 (N, C): what the texts of each image mean, so that every text which means one of
    these is right, and so is every image that has one of a text's own.

    Returns `recall`, the mean of both ways at 1 and at 5, and `image_to_text_K` and
    `text_to_image_K` for K of 1, 5 and 10, those that are smaller than the number of answers. A
    wrong answer that scores as much as the right one stands before it.
    """
    forth = torch.cat([
        _ranks(rows @ text.T, _are_right(mean, group[:, None]))
        for rows, mean in zip(image.split(AT_ONCE), meaning.split(AT_ONCE), strict=True)
    ])  # fmt: skip
    back = torch.cat([
        _ranks(rows @ image.T, _are_right(mean[:, None], meaning))
        for rows, mean in zip(text.split(AT_ONCE), group.split(AT_ONCE), strict=True)
    ])  # fmt: skip
    shares = dict[str, Tensor]()
    for name, rank, answers in (("image_to_text", forth, text), ("text_to_image", back, image)):
        shares |= {f"{name}_{k}": (rank < k).float().mean() for k in KS if k < max(2, len(answers))}
    first = [value for name, value in shares.items() if name.endswith(("_1", "_5"))]
    return {"recall": torch.stack(first).mean()} | shares


def _are_right(theirs: Tensor, ours: Tensor) -> Tensor:
    """bool (n, m): whether any of theirs (n, C) is one of ours (m, E)."""
    right = torch.zeros(len(theirs), len(ours), dtype=torch.bool, device=theirs.device)
    for left in theirs.unbind(1):
        for other in ours.unbind(1):
            right |= left[:, None] == other
    return right


def _ranks(scores: Tensor, is_right: Tensor) -> Tensor:
    """How many wrong answers stand before the best right one; all of them where none is right.

    scores float and is_right bool, (n, m) -> int64 (n,). Wrong answers stand before a score that
    is not a number.
    """
    best = scores.masked_fill(~is_right, -torch.inf).amax(1, keepdim=True)
    return (~(scores < best) & ~is_right).sum(1)
