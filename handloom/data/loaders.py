"""Sources: where batches come from, always in the same tensors."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

Batch = dict[str, Tensor]
"""Named tensors of one step, as `engine.objective` documents them."""


@dataclass
class InMemoryLoader:
    """A set that lives in memory, gathered into the same tensors at every step.

    fields: tensors of N rows. `image` is uint8 (N, H, W, C) and comes out as float in [0, 1],
        (B, C, H, W) laid out channels-last; every other field comes out as it is.
    batch_size: rows in a batch; clipped to N.
    device: where batches are made. The set moves there whole if it takes at most `memory_share`
        of the memory that is free there; otherwise rows are gathered where they are (from a
        memory map too) and sent over.
    shuffle: a new order every epoch, made from (seed, epoch) alone, so that epoch k can be
        repeated by itself; incomplete batches are then dropped. Without it rows come in order
        and the last batch is the shorter rest.
    image_row: int64 (N,), which row of `image` belongs to each row of the other fields, where
        `image` holds others too; None where they lie side by side.
    weight: float (N,), relative probability of each row; an epoch of N rows is then sampled with
        replacement, from (seed, epoch) as well. None takes every row once.
    """

    fields: dict[str, Tensor]
    batch_size: int
    device: torch.device = torch.device("cpu")  # noqa: RUF009 (immutable)
    shuffle: bool = True
    seed: int = 0
    memory_share: float = 0.5
    weight: Tensor | None = None
    image_row: Tensor | None = None
    _batch: Batch = field(default_factory=dict, repr=False)
    _rows: dict[str, Tensor] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.batch_size = min(self.batch_size, self.examples)
        size = sum(t.nbytes for t in self.fields.values())
        if size <= self.memory_share * free_memory(self.device):
            self.fields = {name: t.to(self.device) for name, t in self.fields.items()}
        if self.image_row is not None:
            self.image_row = self.image_row.to(self.fields["image"].device)
        for name, tensor in self.fields.items():
            shape = (self.batch_size, *tensor.shape[1:])
            self._rows[name] = torch.empty(shape, dtype=tensor.dtype, device=tensor.device)
            dtype = torch.float32 if name == "image" else tensor.dtype
            self._batch[name] = torch.empty(shape, dtype=dtype, device=self.device)

    @property
    def examples(self) -> int:
        """Rows of the set, N."""
        if self.image_row is not None:
            return len(self.image_row)
        return len(next(iter(self.fields.values())))

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        whole, rest = divmod(self.examples, self.batch_size)
        return whole if self.shuffle or not rest else whole + 1

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Batches `start` and on of an epoch; the tensors are overwritten by the next one."""
        order = self._order(epoch).to(next(iter(self.fields.values())).device)
        for step in range(start, self.steps):
            rows = order[step * self.batch_size : (step + 1) * self.batch_size]
            yield {name: self._gather(name, rows) for name in self.fields}

    def _order(self, epoch: int) -> Tensor:
        if not self.shuffle:
            return torch.arange(self.examples)
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + epoch) % (1 << 63))
        if self.weight is not None:
            return torch.multinomial(self.weight, self.examples, True, generator=generator)
        return torch.randperm(self.examples, generator=generator)

    def _gather(self, name: str, rows: Tensor) -> Tensor:
        values, gathered, out = self.fields[name], self._rows[name], self._batch[name]
        if len(rows) < len(out):
            gathered, out = gathered[: len(rows)], out[: len(rows)]
        if name == "image" and self.image_row is not None:
            rows = self.image_row[rows]
        torch.index_select(values, 0, rows, out=gathered)
        if name != "image":
            return out.copy_(gathered)
        out.copy_(gathered).div_(255)
        return out.permute(0, 3, 1, 2)


def free_memory(device: torch.device) -> float:
    """Bytes that a device has left; infinite on the CPU, where nothing has to move."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    return math.inf


@dataclass
class EmptyLoader:
    """A source of empty batches, for what is optimised over no data, such as an image."""

    steps: int
    batch_size: int = 1

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """`steps - start` times the same empty batch."""
        for _ in range(start, self.steps):
            yield {}
