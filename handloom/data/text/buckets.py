"""Texts of different lengths as batches of similar length, padded as little as possible."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from handloom.data.loaders import Batch

POOL = 32  # batches that are sorted by length together
CPU = torch.device("cpu")
ROUND = 4  # padded lengths are multiples of this, so that kernels are prepared for few shapes


@dataclass
class Buckets:
    """Rows of tokens, cut into batches of similar length.

    tokens: int32, all texts one after the other; length: int64 (N,), 1 at least; label: (N,).
    shuffle: a new order every epoch, from (seed, epoch) alone, and what fills no batch waits for
    another epoch; otherwise all texts come, the shortest first.

    A batch has `tokens` int64 (B, T) padded on the right with 0, `length` and `label`; its
    tensors are new every time, since T changes.
    """

    tokens: Tensor
    length: Tensor
    label: Tensor
    batch_size: int
    device: torch.device = CPU
    shuffle: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        self.batch_size = min(self.batch_size, len(self.length))
        self._start = self.length.cumsum(0) - self.length

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        count = len(self.length)
        return count // self.batch_size if self.shuffle else -(-count // self.batch_size)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Batches `start` and on of an epoch."""
        for rows in self._order(epoch)[start:]:
            yield self._batch(rows)

    def _order(self, epoch: int) -> list[Tensor]:
        """Rows of every batch."""
        if not self.shuffle:
            return list(torch.split(self.length.argsort(stable=True), self.batch_size))
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        order = torch.randperm(len(self.length), generator=generator)
        batches: list[Tensor] = []
        kept = order[: self.steps * self.batch_size]
        for pool in torch.split(kept, POOL * self.batch_size):
            batches += torch.split(pool[self.length[pool].argsort(stable=True)], self.batch_size)
        return [batches[i] for i in torch.randperm(len(batches), generator=generator).tolist()]

    def _batch(self, rows: Tensor) -> Batch:
        length = self.length[rows]
        width = -(-int(length.max()) // ROUND) * ROUND
        column = torch.arange(width)
        place = (self._start[rows][:, None] + column).clamp(max=len(self.tokens) - 1)
        tokens = self.tokens[place].long() * (column < length[:, None])
        batch = {"tokens": tokens, "length": length, "label": self.label[rows]}
        return {name: tensor.to(self.device) for name, tensor in batch.items()}
