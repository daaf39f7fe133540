"""Running text as batches: the two ways of sampling a corpus, and the reading of held-out text."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

Batch = dict[str, Tensor]
UNSCORED = -100
CPU = torch.device("cpu")


@dataclass
class Windows:
    """Stretches of `steps` characters and the characters that follow them.

    ids: the text (N,), any integer type, a memory map too; lut: int64, its numbers -> tokens.
    lanes: stretches in a batch, B.
    consecutive: lane b goes on where it stopped in the batch before, and `first` is true in the
        first batch of an epoch alone, so that state is carried; otherwise stretches are drawn in
        random order, and `first` is always true.
    moving: every epoch begins at another character, so that cuts fall elsewhere; the tutorials'
        cuts are always the same.

    An example is a character: `batch_size` counts B * T. Orders depend on seed and epoch alone.
    """

    ids: Tensor
    lut: Tensor
    lanes: int
    steps_each: int
    device: torch.device = CPU
    consecutive: bool = True
    moving: bool = True
    seed: int = 0
    _batch: Batch = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        shape = (self.lanes, self.steps_each)
        for name in ("tokens", "target"):
            self._batch[name] = torch.zeros(shape, dtype=torch.int64, device=self.device)
        self._batch["first"] = torch.ones(self.lanes, dtype=torch.bool, device=self.device)
        self._span = torch.arange(self.steps_each + 1)

    @property
    def steps(self) -> int:
        """Batches in an epoch: as many as fit, wherever it begins."""
        usable = len(self.ids) - (self.steps_each - 1 if self.moving else 0)
        if self.consecutive:
            return (usable // self.lanes - 1) // self.steps_each
        return (usable - 1) // self.steps_each // self.lanes

    @property
    def batch_size(self) -> int:
        """Characters in a batch."""
        return self.lanes * self.steps_each

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
        high = self.steps_each if self.moving else 1
        offset = int(torch.randint(high, (), generator=generator))
        if self.consecutive:
            length = (len(self.ids) - offset) // self.lanes
            lanes = offset + length * torch.arange(self.lanes)
            return torch.arange(self.steps)[:, None] * self.steps_each + lanes
        count = (len(self.ids) - offset - 1) // self.steps_each
        order = torch.randperm(count, generator=generator)[: self.steps * self.lanes]
        return (offset + order * self.steps_each).view(self.steps, self.lanes)


@dataclass
class HeldOut:
    """A text read once from beginning to end, every character scored once.

    It is cut into lanes that are read side by side; each begins `warmup` characters early, in the
    lane before (the first one in `before`), and those are not scored: they only set the state.

    tokens: int64 (N,), those the network reads; target: int64 (N,), with the size of the
    vocabulary for characters it does not know; before: int64 (M,), what stands before the text.
    """

    tokens: Tensor
    target: Tensor
    before: Tensor
    device: torch.device = CPU
    lanes: int = 8
    steps_each: int = 64
    warmup: int = 128

    @property
    def steps(self) -> int:
        """Batches."""
        return -(-(self._length + self.warmup) // self.steps_each)

    @property
    def batch_size(self) -> int:
        """Characters in a batch."""
        return self.lanes * self.steps_each

    @property
    def _length(self) -> int:
        return -(-len(self.tokens) // self.lanes)

    def batches(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """The batches, in new tensors."""
        tokens, target = self._lanes()
        for step in range(start, self.steps):
            part = slice(step * self.steps_each, (step + 1) * self.steps_each)
            yield {
                "tokens": tokens[:, part].to(self.device),
                "target": target[:, part].to(self.device),
                "first": torch.full((self.lanes,), step == 0, device=self.device),
            }

    def _lanes(self) -> tuple[Tensor, Tensor]:
        """Tokens and targets (B, T) of all lanes, filled up with unscored zeros at both ends."""
        width = self.steps * self.steps_each
        known = torch.cat([self.before[-self.warmup - 1 :], self.tokens])
        lead = len(known) - len(self.tokens)
        tokens = torch.zeros(self.lanes, width, dtype=torch.int64)
        target = torch.full((self.lanes, width), UNSCORED)
        for lane in range(self.lanes):
            begin = lane * self._length
            scored = self.target[begin : begin + self._length]
            # The token before the first scored character stands at column `warmup`.
            first = lead + begin - 1 - self.warmup
            read = known[max(first, 0) : max(lead + begin + len(scored) - 1, 0)]
            shift = max(-first, 0)
            tokens[lane, shift : shift + len(read)] = read
            column = self.warmup
            target[lane, column : column + len(scored)] = scored
        if lead == 0 and len(self.tokens):
            target[0, self.warmup] = UNSCORED  # nothing stands before it to foretell it from
        return tokens, target
