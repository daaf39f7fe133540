"""Many images to features: decoder and network at work at once, memory bounded."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from handloom.data.images.decode import Treatment, quiet
from handloom.data.images.decoded import CHUNK, decode_chunk
from handloom.data.io.parallel import in_chunks
from handloom.data.io.progress import ReportProgress
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
    images: Tensor, encoder: Encoder, report: ReportProgress | None = None, mirrored: bool = False
) -> Tensor:
    """Features float32 (N, D) of decoded images uint8 (N, H, W, C), which may be memory-mapped.

    mirrored: of their mirror images. report: called with ("encoding", done, N).
    """
    features = torch.empty(len(images), encoder.width)
    step = max(AT_ONCE, encoder.batch)
    for start in range(0, len(images), step):
        rows = images[start : start + step]
        features[start : start + step] = encoder(rows.flip(2) if mirrored else rows)
        if report is not None:
            report("encoding", min(start + step, len(images)), len(images))
    return features


def encode_files(
    paths: Sequence[Path],
    encoder: Encoder,
    report: ReportProgress | None = None,
    keep: Callable[[Encoded], None] | None = None,
    every: int = 2048,
) -> Encoded:
    """Features of image files, in order; threads decode while the network encodes.

    At most 128 decoded images a thread wait. keep: called with what is new after every `every`
    files and at the end, so that what is done outlasts a kill. report: called with
    ("encoding", files done, files). What cannot be read is in `broken`.
    """
    treatment = Treatment.of(encoder.preprocessing)
    queue, batches = _Queue(encoder), list[Encoded]()
    done = kept = 0
    with quiet():
        for chunk in in_chunks(partial(decode_chunk, treatment), paths, CHUNK):
            queue.add(torch.from_numpy(chunk.images), chunk.rows, chunk.broken)
            done = min(done + CHUNK, len(paths))
            if done - kept >= every and done < len(paths):
                batches.append(queue.take())
                kept = done
                if keep is not None:
                    keep(batches[-1])
            if report is not None:
                report("encoding", done, len(paths))
    batches.append(queue.take(is_last=True))
    if keep is not None:
        keep(batches[-1])
    return joined(batches, encoder.width)


def joined(batches: Sequence[Encoded], width: int) -> Encoded:
    """The features of consecutive files as one record, in order; width: D."""
    return Encoded(
        torch.cat([torch.empty(0, width), *(batch.feature for batch in batches)]),
        [row for batch in batches for row in batch.rows],
        [entry for batch in batches for entry in batch.broken],
    )


class _Queue:
    """Decoded images until there are enough for whole batches, and then their features."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.waiting: list[Tensor] = []
        self.features: list[Tensor] = []
        self.rows: list[int] = []
        self.broken: list[tuple[int, str]] = []

    def add(self, images: Tensor, rows: Sequence[int], broken: Sequence[tuple[int, str]]) -> None:
        """Takes images uint8 (n, H, W, C), and encodes as many as fill batches."""
        self.waiting.append(images)
        self.rows += rows
        self.broken += broken
        self._encode(sum(map(len, self.waiting)) // self.encoder.batch * self.encoder.batch)

    def take(self, is_last: bool = False) -> Encoded:
        """What has been encoded since the last call; at the end also what fills no batch."""
        if is_last:
            self._encode(sum(map(len, self.waiting)))
        feature = torch.cat([torch.empty(0, self.encoder.width), *self.features])
        part = Encoded(feature, self.rows[: len(feature)], self.broken)
        self.rows, self.broken, self.features = self.rows[len(feature) :], [], []
        return part

    def _encode(self, count: int) -> None:
        if count == 0:
            return
        images = torch.cat(self.waiting)
        self.features.append(self.encoder(images[:count]))
        self.waiting = [images[count:]]
