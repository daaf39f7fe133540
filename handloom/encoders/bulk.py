"""Many images to features: decoder and network at work at once, memory bounded."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from handloom.data.images.chunks import whole_batches
from handloom.data.images.decode import Treatment
from handloom.data.io.progress import ReportProgress
from handloom.encoders.compiling import Encode, fastest
from handloom.encoders.encoder import Encoder

AT_ONCE = 32  # images between two reports; whole batches


class Encoded(NamedTuple):
    """Features of files, without those that cannot be read.

    feature: float32 (M, D). rows: which file each is of. broken: (file, reason) of the others.
    """

    feature: Tensor
    rows: list[int]
    broken: list[tuple[int, str]]


def encode(
    images: Tensor,
    encoder: Encoder,
    report: ReportProgress | None = None,
    mirrored: bool = False,
    run: Encode | None = None,
) -> Tensor:
    """Features float32 (N, D) of decoded images uint8 (N, H, W, C), which may be memory-mapped.

    mirrored: of their mirror images. report: called with ("encoding", done, N). run: what
    encodes, from `fastest`; None: what is fastest for N images.
    """
    features, run = torch.empty(len(images), encoder.width), run or fastest(encoder, len(images))
    step = max(AT_ONCE, encoder.batch)
    for start in range(0, len(images), step):
        rows = images[start : start + step]
        features[start : start + step] = run(rows.flip(2) if mirrored else rows)
        if report is not None:
            report("encoding", min(start + step, len(images)), len(images))
    return features


def encode_files(
    paths: Sequence[Path],
    encoder: Encoder,
    report: ReportProgress | None = None,
    keep: Callable[[Encoded], None] | None = None,
    every: int = 2048,
    run: Encode | None = None,
) -> Encoded:
    """Features of image files, in order; threads decode while the network encodes.

    keep: called with what is new after every `every` files and at the end, so that what is done
    outlasts a kill. report: called with ("encoding", files done, files). What cannot be read is in
    `broken`. run: as in `encode`.
    """
    batches, new, kept = list[Encoded](), list[Encoded](), 0
    run = run or fastest(encoder, len(paths))
    for part in whole_batches(paths, Treatment.of(encoder.preprocessing), encoder.batch):
        images = torch.from_numpy(part.images)
        feature = run(images) if len(images) else torch.empty(0, encoder.width)
        new.append(Encoded(feature, part.rows, part.broken))
        if part.done - kept >= every or part.done == len(paths):
            batches.append(joined(new, encoder.width))
            new, kept = [], part.done
            if keep is not None:
                keep(batches[-1])
        if report is not None:
            report("encoding", part.done, len(paths))
    return joined(batches, encoder.width)


def joined(batches: Sequence[Encoded], width: int) -> Encoded:
    """The features of consecutive files as one record, in order; width: D."""
    return Encoded(
        torch.cat([torch.empty(0, width), *(batch.feature for batch in batches)]),
        [row for batch in batches for row in batch.rows],
        [entry for batch in batches for entry in batch.broken],
    )
