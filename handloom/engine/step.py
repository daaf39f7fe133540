"""One update: a phase bound to its optimizer."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from handloom.engine.objective import Batch, Phase
from handloom.engine.optim import Optimizer
from handloom.engine.precision import Precision


class TrainStep:
    """Call it with a batch, and the phase's parameters move.

    phase, optimizer: the optimizer must hold exactly the phase's trainable parameters.
    clip: largest global gradient norm, or None (Pascanu et al. 2013, arXiv:1211.5063).
    parts: number of micro-batches a batch is split into; gradients are the mean over all rows.
        Not for carried state, which has as many rows as the whole batch.
    guarded: where the loss is no number, nothing moves. Of several players the healthy one so
        stays healthy, and it can be told which one was lost.

    Nothing here waits for the device: logged scalars are summed into `totals`, tensors that keep
    their place, and are read by `means` when somebody wants to see them.
    """

    def __init__(
        self,
        phase: Phase,
        optimizer: Optimizer,
        precision: Precision,
        clip: float | None = None,
        parts: int = 1,
        guarded: bool = False,
    ) -> None:
        self.phase, self.optimizer, self.precision = phase, optimizer, precision
        self.clip, self.parts, self.guarded = clip, parts, guarded
        self.totals: dict[str, Tensor] = {}
        self.calls = 0  # since the totals were last cleared
        self.capturing = False
        self._checked = False
        self._logged = False

    def __call__(self, batch: Batch) -> None:
        """zero_grad, loss, backward, clip, step, average, project."""
        self._logged = False
        self.optimizer.step(lambda: self._loss_and_gradients(batch))
        if self.phase.average is not None:
            self.phase.average.update()
        self.phase.project()
        self.calls += 1

    def means(self) -> dict[str, float]:
        """Mean of every logged scalar since the last `clear`; waits for the device once."""
        if not self.calls:
            return {}
        numbers = (torch.stack(list(self.totals.values())) / self.calls).tolist()
        return dict(zip(self.totals, numbers, strict=True))

    def size(self) -> float:
        """Norm of the parameters, infinite where one is no number; waits for the device."""
        with torch.no_grad():
            norms = torch.stack(torch._foreach_norm(list[Tensor](self.optimizer.parameters)))
            return float(torch.linalg.vector_norm(norms).nan_to_num(torch.inf, torch.inf))

    def clear(self) -> None:
        """Start the means afresh."""
        self.calls = 0
        for total in self.totals.values():
            total.zero_()

    def _loss_and_gradients(self, batch: Batch) -> Tensor:
        self.optimizer.zero_grad()
        loss = self._backward(batch)
        self._logged = True
        if not self._checked:
            self._check_gradients()
        if self.guarded:
            self.optimizer.veto = loss.isfinite().logical_not().float()
        # A method that asks for the loss at several points compares unclipped gradients.
        if self.clip is not None and not self.optimizer.repeats:
            self.optimizer.clip(self.clip)
        return loss

    def _backward(self, batch: Batch) -> Tensor:
        if self.parts == 1:
            return self._backward_part(batch, 1.0)
        losses = [self._backward_part(*part) for part in _split(batch, self.parts)]
        return torch.stack(losses).sum()

    def _backward_part(self, batch: Batch, share: float) -> Tensor:
        # Autocast caches casted weights: entered anew for every forward pass, never around
        # backward, and without the cache while a graph is recorded.
        with self.precision.autocast(cache=not self.capturing):
            loss, logs = self.phase.loss(batch)
        scaled = loss if share == 1 else loss * share
        scaled.backward(inputs=self.optimizer.parameters)
        # A line search asks again at other points: the loss before the step is what counts.
        if not self._logged:
            self._add("loss", loss, share)
            for name, value in logs.items():
                self._add(name, value, share)
        return scaled.detach()

    def _add(self, name: str, value: Tensor, share: float) -> None:
        total = self.totals.get(name)
        if total is None:
            total = self.totals[name] = torch.zeros((), device=self.precision.device)
        total += value.detach() if share == 1 else value.detach() * share

    def _check_gradients(self) -> None:
        """Once: backward(inputs=...) leaves None, silently, where the loss does not reach."""
        unreached = sum(p.grad is None for p in self.optimizer.parameters)
        if unreached:
            raise ValueError(
                f"the loss of phase '{self.phase.name}' does not depend on {unreached} of its "
                f"{len(self.optimizer.parameters)} parameters: leave them out of the phase"
            )
        self._checked = True


def _split(batch: Batch, parts: int) -> Iterator[tuple[Batch, float]]:
    """Micro-batches, the rows as even as they go, each with its share of the rows."""
    rows = len(next(iter(batch.values()), ()))
    if rows < parts:
        raise ValueError(f"a batch of {rows} rows cannot be split into {parts} micro-batches")
    pieces = {name: tensor.tensor_split(parts) for name, tensor in batch.items()}
    for i in range(parts):
        part = {name: chunks[i] for name, chunks in pieces.items()}
        yield part, len(next(iter(part.values()))) / rows


Player = Callable[[Batch], None]
"""A TrainStep, or a captured one."""
