"""An update recorded once as a CUDA graph and replayed: no launch overhead, the same numbers."""

from collections.abc import Callable
from typing import Literal

import torch

from handloom.engine.objective import Batch
from handloom.engine.optim import Optimizer
from handloom.errors import UserError

WARMUP = 3  # eager updates before the recording
CudaGraphChoice = Literal["auto", "on", "off"]


def is_recorded(choice: CudaGraphChoice, device: torch.device) -> bool:
    """Whether steps of constant shapes are recorded: `auto` records them on a CUDA device."""
    return choice == "on" or (choice == "auto" and device.type == "cuda")


class Replay:
    """Called like the update it records: three eager updates, one recording, then replays.

    The eager updates warm up cuDNN and the allocator; they are real training steps. A replay reads
    the addresses that were recorded: sources refill the same tensors, learning rates and totals
    are tensors, and the device's generator advances as in eager mode. The batch's shapes must not
    change, and the update must not wait for the host.

    Raises UserError where the device has no such graphs.
    """

    def __init__(
        self, update: Callable[[Batch], None], optimizer: Optimizer, device: torch.device
    ) -> None:
        if device.type != "cuda":
            raise UserError(
                f"steps cannot be recorded on {device}: CUDA graphs need a CUDA device; leave out "
                "--cuda-graph"
            )
        self.update, self.optimizer, self.device = update, optimizer, device
        self.remaining = WARMUP
        self.graph: torch.cuda.CUDAGraph | None = None
        self._places: Addresses = {}

    def __call__(self, batch: Batch) -> None:
        # Streams and graphs belong to the present device, which need not be the step's.
        with torch.cuda.device(self.device):
            if self.remaining:
                self.remaining -= 1
                self._aside(batch)
                return
            if self.graph is None:
                self.graph = self._recorded(batch)
            if self._places != _places(batch):
                raise ValueError("a recorded step needs the same tensors at every step")
            self.graph.replay()

    def _aside(self, batch: Batch) -> None:
        """Warm up on a side stream, as recording asks (CUDA programming guide, graphs)."""
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            self.update(batch)
        torch.cuda.current_stream().wait_stream(stream)

    def _recorded(self, batch: Batch) -> torch.cuda.CUDAGraph:
        """Recording computes nothing: the first replay is the step."""
        self.optimizer.zero_grad()
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph, capture_error_mode="thread_local"):
                self.update(batch)
        except RuntimeError as error:  # of torch, where an operator waits for the host
            first = str(error).partition("\n")[0] or type(error).__name__
            raise UserError(
                f"this step cannot be recorded as a CUDA graph ({first}): give --cuda-graph off"
            ) from error
        self._places = _places(batch)
        return graph


Addresses = dict[str, tuple[int, torch.Size]]


def _places(batch: Batch) -> Addresses:
    """Address and shape: a shorter last batch begins at the same address as a whole one."""
    return {name: (tensor.data_ptr(), tensor.shape) for name, tensor in batch.items()}
