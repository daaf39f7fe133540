"""A turn recorded once as a CUDA graph and replayed: no launch overhead, the same numbers."""

import torch

from handloom.engine.objective import Batch
from handloom.engine.step import TrainStep
from handloom.errors import UserError


class Captured:
    """Calls like the turn it wraps: a few eager turns, one recording, then replays.

    The eager turns warm up cuDNN and the allocator; they are real, counted steps. Replay reads
    the addresses that were recorded: sources refill the same tensors, learning rates and totals
    are tensors, and the device's generator advances as in eager mode. The batch's shapes must not
    change, and an optimizer that waits for the host (L-BFGS) cannot be captured.

    Raises UserError where the device has no such graphs.
    """

    def __init__(self, turn: TrainStep, warmup: int = 3) -> None:
        if not turn.optimizer.capturable:
            raise ValueError(f"{type(turn.optimizer).__name__} waits for the host: capture=False")
        if turn.precision.device.type != "cuda":
            raise UserError(
                f"steps cannot be captured on {turn.precision.device}: that needs a CUDA device; "
                "leave --capture out"
            )
        self.turn, self.remaining = turn, warmup
        self.graph: torch.cuda.CUDAGraph | None = None
        self._places: Places = {}

    def __call__(self, batch: Batch) -> None:
        # Streams and graphs belong to the present device, which need not be the turn's.
        with torch.cuda.device(self.turn.precision.device):
            if self.remaining:
                self.remaining -= 1
                self._aside(batch)
                return
            if self.graph is None:
                self.graph = self._recorded(batch)
            if self._places != _places(batch):
                raise ValueError("a captured turn needs the same tensors at every step")
            self.graph.replay()
        self.turn.calls += 1

    def _aside(self, batch: Batch) -> None:
        """Warm up on a side stream, as recording asks (CUDA programming guide, graphs)."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self.turn(batch)
        torch.cuda.current_stream().wait_stream(stream)

    def _recorded(self, batch: Batch) -> torch.cuda.CUDAGraph:
        calls = self.turn.calls
        self.turn.optimizer.zero_grad()
        graph, self.turn.capturing = torch.cuda.CUDAGraph(), True
        try:
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                self.turn(batch)
        finally:
            self.turn.capturing, self.turn.calls = False, calls  # recording computes nothing
        self._places = _places(batch)
        return graph


Places = dict[str, tuple[int, torch.Size]]


def _places(batch: Batch) -> Places:
    """Address and shape: a shorter last batch begins at the same address as a whole one."""
    return {name: (tensor.data_ptr(), tensor.shape) for name, tensor in batch.items()}
