"""Running text as batches: the two ways of sampling a corpus, and the reading of held-out text."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from handloom.data.loaders import Batch

UNSCORED = -100
CPU = torch.device("cpu")


@dataclass
class Windows:
    """Stretches of `seq_len` characters and the characters that follow them.

    ids: the text (N,), any integer type, a memory map too; lut: int64, its numbers -> tokens.
    streams: stretches in a batch, B.
    consecutive: stream b goes on where it stopped in the batch before, and `first` is true in the
        first batch of an epoch alone, so that state is carried; otherwise stretches are drawn in
        random order, and `first` is always true.
    moving: every epoch begins at another character, so that cuts fall elsewhere; the tutorials'
        cuts are always the same.

    An example is a character: `batch_size` counts B * T. Orders depend on seed and epoch alone.
    """

    ids: Tensor
    lut: Tensor
    streams: int
    seq_len: int
    device: torch.device = CPU
    consecutive: bool = True
    moving: bool = True
    seed: int = 0
    _batch: Batch = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        shape = (self.streams, self.seq_len)
        for name in ("tokens", "target"):
            self._batch[name] = torch.zeros(shape, dtype=torch.int64, device=self.device)
        self._batch["first"] = torch.ones(self.streams, dtype=torch.bool, device=self.device)
        self._span = torch.arange(self.seq_len + 1)

    @property
    def steps(self) -> int:
        """Batches in an epoch: as many as fit, wherever it begins."""
        usable = len(self.ids) - (self.seq_len - 1 if self.moving else 0)
        if self.consecutive:
            return (usable // self.streams - 1) // self.seq_len
        return (usable - 1) // self.seq_len // self.streams

    @property
    def batch_size(self) -> int:
        """Characters in a batch."""
        return self.streams * self.seq_len

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Batches `start` and on; the tensors are overwritten by the next one."""
        starts = self._starts(epoch)
        for step in range(start, self.steps):
            rows = starts[step][:, None] + self._span  # (B, T + 1)
            tokens = self.lut[self.ids[rows].long()]
            self._batch["tokens"].copy_(tokens[:, :-1])
            self._batch["target"].copy_(tokens[:, 1:])
            if self.consecutive:
                self._batch["first"].fill_(step == 0)
            yield dict(self._batch)

    def _starts(self, epoch: int) -> Tensor:
        """Where every stretch of an epoch begins, (steps, B)."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        high = self.seq_len if self.moving else 1
        offset = int(torch.randint(high, (), generator=generator))
        if self.consecutive:
            length = (len(self.ids) - offset) // self.streams
            streams = offset + length * torch.arange(self.streams)
            return torch.arange(self.steps)[:, None] * self.seq_len + streams
        count = (len(self.ids) - offset - 1) // self.seq_len
        order = torch.randperm(count, generator=generator)[: self.steps * self.streams]
        return (offset + order * self.seq_len).view(self.steps, self.streams)


@dataclass
class HeldOut:
    """A text read once from beginning to end, every character scored once.

    It is cut into streams that are read side by side; each begins `warmup` characters early, in the
    stream before (the first one in `before`), and those are not scored: they only set the state.

    tokens: int64 (N,), those the network reads; target: int64 (N,), with the size of the
    vocabulary for characters it does not know; before: int64 (M,), what stands before the text.
    """

    tokens: Tensor
    target: Tensor
    before: Tensor
    device: torch.device = CPU
    streams: int = 8
    seq_len: int = 64
    warmup: int = 128

    @property
    def steps(self) -> int:
        """Batches."""
        return -(-(self._length + self.warmup) // self.seq_len)

    @property
    def batch_size(self) -> int:
        """Characters in a batch."""
        return self.streams * self.seq_len

    @property
    def _length(self) -> int:
        return -(-len(self.tokens) // self.streams)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches, in new tensors."""
        tokens, target = self._streams()
        for step in range(start, self.steps):
            part = slice(step * self.seq_len, (step + 1) * self.seq_len)
            yield {
                "tokens": tokens[:, part].to(self.device),
                "target": target[:, part].to(self.device),
                "first": torch.full((self.streams,), step == 0, device=self.device),
            }

    def _streams(self) -> tuple[Tensor, Tensor]:
        """Tokens and targets (B, T) of all streams, filled up with unscored zeros at both ends."""
        width = self.steps * self.seq_len
        known = torch.cat([self.before[-self.warmup - 1 :], self.tokens])
        lead = len(known) - len(self.tokens)
        tokens = torch.zeros(self.streams, width, dtype=torch.int64)
        target = torch.full((self.streams, width), UNSCORED)
        for stream in range(self.streams):
            begin = stream * self._length
            scored = self.target[begin : begin + self._length]
            # The token before the first scored character stands at column `warmup`.
            first = lead + begin - 1 - self.warmup
            read = known[max(first, 0) : max(lead + begin + len(scored) - 1, 0)]
            shift = max(-first, 0)
            tokens[stream, shift : shift + len(read)] = read
            column = self.warmup
            target[stream, column : column + len(scored)] = scored
        if lead == 0 and len(self.tokens):
            target[0, self.warmup] = UNSCORED  # nothing stands before it to predict it from
        return tokens, target
