"""One update: a phase bound to its optimizer."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from handloom.engine.cuda_graph import Replay
from handloom.engine.objective import Batch, Phase, trainable
from handloom.engine.optim import Optimizer
from handloom.engine.precision import Precision


class Share(NamedTuple):
    """What a micro-batch is of its batch: of the rows, and of their weights in the loss (0-dim)."""

    rows: float
    loss: float | Tensor


WHOLE = Share(1.0, 1.0)


class TrainStep:
    """Call it with a batch, and the phase's parameters move.

    phase, optimizer: the optimizer must hold exactly the phase's trainable parameters.
    clip: largest global gradient norm, or None (Pascanu et al. 2013, arXiv:1211.5063).
    grad_accum_steps: micro-batches a batch is split into; gradients are the mean over all rows.
        Not for carried state, which has as many rows as the whole batch.
    skip_nonfinite: skip the update where the loss is not finite, so that one network's divergence
        cannot reach the other.
    cuda_graph: record the update once and replay it; see `Replay` for what that asks.

    Nothing here waits for the device: logged scalars are summed into `totals`, tensors that keep
    their place, which `means` reads when somebody wants to see them.
    """

    def __init__(
        self,
        phase: Phase,
        optimizer: Optimizer,
        precision: Precision,
        clip: float | None = None,
        grad_accum_steps: int = 1,
        skip_nonfinite: bool = False,
        cuda_graph: bool = False,
    ) -> None:
        self.phase, self.optimizer, self.precision = phase, optimizer, precision
        self.clip, self.grad_accum_steps = clip, grad_accum_steps
        self.skip_nonfinite, self.cuda_graph = skip_nonfinite, cuda_graph
        self.totals: dict[str, Tensor] = {}
        self.calls = 0  # since the totals were last cleared
        self._checked = False
        if cuda_graph and not optimizer.capturable:
            raise ValueError(f"{type(optimizer).__name__} waits for the host: cuda_graph=False")
        self._run = Replay(self.update, optimizer, precision.device) if cuda_graph else self.update

    def __call__(self, batch: Batch) -> None:
        """One update, counted."""
        self._run(batch)
        self.calls += 1

    def update(self, batch: Batch) -> None:
        """zero_grad, loss, backward, clip, optimizer, EMA, project."""
        with self.precision.exact():
            self.optimizer.step(lambda: self._loss_and_gradients(batch))
        if self.phase.ema is not None:
            self.phase.ema.update()
        self.phase.project()

    def means(self) -> dict[str, float]:
        """Mean of every logged scalar since the last `clear`; waits for the device once."""
        if not self.calls:
            return {}
        numbers = (torch.stack(list(self.totals.values())) / self.calls).tolist()
        return dict(zip(self.totals, numbers, strict=True))

    def size(self) -> float:
        """Norm of the parameters, infinite where one is not finite; waits for the device."""
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
        if not self._checked:
            self._check_gradients()
        if self.skip_nonfinite:
            self.optimizer.found_inf = loss.isfinite().logical_not().float()
        if self.clip is not None:
            self.optimizer.clip(self.clip)
        return loss

    def _backward(self, batch: Batch) -> Tensor:
        if self.grad_accum_steps == 1:
            return self._backward_rows(WHOLE, batch)
        weight = None if self.phase.row_weight is None else self.phase.row_weight(batch)
        shares = _shares(batch, self.grad_accum_steps, weight)
        parts = _split(batch, self.grad_accum_steps)
        losses = [self._backward_rows(*pair) for pair in zip(shares, parts, strict=True)]
        return torch.stack(losses).sum()

    def _backward_rows(self, share: Share, batch: Batch) -> Tensor:
        # Autocast caches casted weights: entered anew for every forward pass, never around
        # backward, and without the cache where a graph is recorded.
        with self.precision.autocast(cache=not self.cuda_graph):
            loss, logs = self.phase.loss(batch)
        scaled = loss if share is WHOLE else loss * share.loss
        scaled.backward(inputs=self.optimizer.parameters)
        self._add("loss", scaled)
        for name, value in logs.items():
            self._add(name, value if share is WHOLE else value * share.rows)
        return scaled.detach()

    def _add(self, name: str, value: Tensor) -> None:
        total = self.totals.get(name)
        if total is None:
            total = self.totals[name] = torch.zeros((), device=self.precision.device)
        total += value.detach()

    def _check_gradients(self) -> None:
        """Once: backward(inputs=...) leaves None, silently, where the loss does not reach."""
        unreached = sum(p.grad is None for p in self.optimizer.parameters)
        if unreached:
            raise ValueError(
                f"the loss of phase '{self.phase.name}' does not depend on {unreached} of its "
                f"{len(self.optimizer.parameters)} parameters: leave them out of the phase"
            )
        self._checked = True


def _rows(batch: Batch) -> int:
    return len(next(iter(batch.values()), ()))


def _split(batch: Batch, count: int) -> Iterator[Batch]:
    """Micro-batches, as even as possible."""
    pieces = {name: tensor.tensor_split(count) for name, tensor in batch.items()}
    for i in range(count):
        yield {name: chunks[i] for name, chunks in pieces.items()}


def _shares(batch: Batch, count: int, weight: Tensor | None) -> Iterator[Share]:
    """What the micro-batches are of the whole; weight: of every row (B,), or None."""
    parts = torch.arange(_rows(batch)).tensor_split(count)
    rows = [len(part) / _rows(batch) for part in parts]
    if weight is None:
        yield from (Share(share, share) for share in rows)
        return
    for share, of_rows in zip(rows, weight.tensor_split(count), strict=True):
        yield Share(share, of_rows.sum() / weight.sum())


def check_parameters(steps: Sequence[TrainStep]) -> None:
    """Raises ValueError where an optimizer does not hold exactly what its phase may change."""
    for step in steps:
        wanted = {id(p) for p in trainable(step.phase.parameters)}
        if not wanted:
            raise ValueError(f"phase '{step.phase.name}' has no parameter that can be trained")
        if wanted != {id(p) for p in step.optimizer.parameters}:
            raise ValueError(
                f"the optimizer of phase '{step.phase.name}' does not hold exactly its parameters"
            )
