"""A turn recorded once as a CUDA graph and replayed: no launch overhead, the same numbers."""

import torch

from handloom.engine.objective import Batch
from handloom.engine.turn import Turn


class Captured:
    """Calls like the turn it wraps: a few eager turns, one recording, then replays.

    The eager turns warm up cuDNN and the allocator; they are real, counted steps. Replay reads
    the addresses that were recorded: sources refill the same tensors, learning rates and totals
    are tensors, and the device's generator advances as in eager mode. The batch's shapes must not
    change, and an optimizer that waits for the host (L-BFGS) cannot be captured.
    """

    def __init__(self, turn: Turn, warmup: int = 3) -> None:
        if not turn.optimizer.capturable:
            raise ValueError(f"{type(turn.optimizer).__name__} waits for the host: capture=False")
        self.turn, self.remaining = turn, warmup
        self.graph: torch.cuda.CUDAGraph | None = None
        self._addresses: dict[str, int] = {}

    def __call__(self, batch: Batch) -> None:
        if self.remaining:
            self.remaining -= 1
            self._aside(batch)
            return
        if self.graph is None:
            self._record(batch)
        if self._addresses != _addresses(batch):
            raise ValueError("a captured turn needs the same tensors at every step")
        assert self.graph is not None
        self.graph.replay()
        self.turn.calls += 1

    def _aside(self, batch: Batch) -> None:
        """Warm up on a side stream, as recording asks (CUDA programming guide, graphs)."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self.turn(batch)
        torch.cuda.current_stream().wait_stream(stream)

    def _record(self, batch: Batch) -> None:
        calls = self.turn.calls
        self.turn.optimizer.zero_grad()
        self.graph, self.turn.capturing = torch.cuda.CUDAGraph(), True
        with torch.cuda.graph(self.graph):
            self.turn(batch)
        self.turn.capturing, self.turn.calls = False, calls  # recording computes nothing
        self._addresses = _addresses(batch)


def _addresses(batch: Batch) -> dict[str, int]:
    return {name: tensor.data_ptr() for name, tensor in batch.items()}
