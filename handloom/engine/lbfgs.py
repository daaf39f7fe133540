"""Limited-memory BFGS: one evaluation a step, and memory known beforehand.

Liu and Nocedal 1989, "On the limited memory BFGS method". Unlike `torch.optim.LBFGS`:
- a step is one evaluation. The line search is spread over steps: a step that made the loss worse
  is taken back half-way by the next one. Progress, frames and checkpoints so count evaluations.
- pairs are taken from where the parameter really is, so a projection between steps is allowed.
- the history is two matrices made at the start, so that its memory can be planned, and a
  checkpoint has the same tensors at every step.
- no import of torch's compiler, 2.3 s.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from handloom.engine.optim import Closure, Optimizer

RETREATS = 5  # halvings before a worse point is taken after all


class LBFGS(Optimizer):
    """L-BFGS with backtracking over steps.

    parameters: float32 tensors, of N numbers together. lr: length of a
        quasi-Newton step, usually 1.
    history: pairs remembered; they take 2 * history * N * 4 bytes, and 3 * N * 4 besides.
    first_change: root mean square change of the parameter in the first step, before anything is
        known of the curvature; in units of the parameter.
    """

    capturable = False

    def __init__(
        self,
        parameters: list[nn.Parameter],
        lr: float = 1.0,
        history: int = 10,
        first_change: float = 0.02,
    ) -> None:
        super().__init__(parameters, lr)
        self.history, self.first_change = history, first_change
        n, device = sum(p.numel() for p in parameters), parameters[0].device
        self.moves = torch.zeros(history, n, device=device)
        self.bends = torch.zeros(history, n, device=device)
        self.point = torch.zeros(n, device=device)
        self.slope = torch.zeros(n, device=device)
        self.curvature = torch.zeros(history, dtype=torch.float64)  # moves . bends
        # pairs ever stored, evaluations, retreats in a row; loss at `point`
        self.counts = torch.zeros(3, dtype=torch.int64)
        self.loss = torch.zeros((), dtype=torch.float64)

    def step(self, closure: Closure) -> Tensor:
        loss = closure()
        with torch.no_grad():
            self._move(float(loss))
        return loss

    @property
    def settled(self) -> list[Tensor]:
        """The last point that was evaluated and accepted; the parameters are ahead of it."""
        parameters = [p.detach() for p in self.parameters]
        return self._parts(self.point) if int(self.counts[1]) else parameters

    def state(self) -> dict[str, Tensor]:
        return {
            "lr": self.lr,
            "moves": self.moves,
            "bends": self.bends,
            "point": self.point,
            "slope": self.slope,
            "curvature": self.curvature,
            "counts": self.counts,
            "loss": self.loss,
        }

    def _move(self, loss: float) -> None:
        here = _flat(self.parameters)
        slope = _flat([p.grad for p in self.parameters if p.grad is not None])
        pairs, evaluations, retreats = self.counts.tolist()
        if evaluations:
            if not loss <= float(self.loss) and retreats < RETREATS:
                self.counts[1:] += 1
                # Half-way back; a quarter and so on when that is worse too.
                halfway = self._parts((here + self.point) / 2)
                for parameter, part in zip(self.parameters, halfway, strict=True):
                    parameter.copy_(part)
                return
            pairs = self._remember(here, slope, 0 if retreats == RETREATS else pairs)
        direction = self._direction(slope, pairs)
        self.point.copy_(here)
        self.slope.copy_(slope)
        self.loss.fill_(loss)
        self.counts.copy_(torch.tensor([pairs, evaluations + 1, 0]))
        for parameter, part in zip(self.parameters, self._parts(direction), strict=True):
            parameter.add_(part, alpha=float(self.lr) if pairs else 1.0)

    def _parts(self, flat: Tensor) -> list[Tensor]:
        """A flat tensor (N,) in the shapes of the parameters; not copied."""
        parts = flat.split([p.numel() for p in self.parameters])
        return [part.view_as(p) for part, p in zip(parts, self.parameters, strict=True)]

    def _remember(self, here: Tensor, slope: Tensor, pairs: int) -> int:
        """Store the latest pair where its curvature is positive; returns the number of pairs."""
        move, bend = here - self.point, slope - self.slope
        curvature = torch.dot(move, bend).item()
        if curvature <= 1e-10 * torch.dot(bend, bend).item():
            return pairs
        place = pairs % self.history
        self.moves[place], self.bends[place] = move, bend
        self.curvature[place] = curvature
        return pairs + 1

    def _direction(self, slope: Tensor, pairs: int) -> Tensor:
        """-H slope by the two-loop recursion (Nocedal 1980, algorithm 2)."""
        direction = -slope
        if pairs == 0:
            length: Tensor = slope.norm().clamp(min=1e-30) / slope.numel() ** 0.5
            return direction * (self.first_change / length)
        newest = range(pairs - 1, max(-1, pairs - 1 - self.history), -1)
        factors = {}
        for i in (k % self.history for k in newest):
            factors[i] = torch.dot(self.moves[i], direction).item() / float(self.curvature[i])
            direction.add_(self.bends[i], alpha=-factors[i])
        last = (pairs - 1) % self.history
        bend = self.bends[last]
        direction.mul_(float(self.curvature[last]) / torch.dot(bend, bend).item())
        for i in (k % self.history for k in reversed(newest)):
            back = torch.dot(self.bends[i], direction).item() / float(self.curvature[i])
            direction.add_(self.moves[i], alpha=factors[i] - back)
        return direction


def _flat(tensors: Sequence[Tensor]) -> Tensor:
    """All numbers in one row; a view of a single tensor."""
    rows = [tensor.reshape(-1) for tensor in tensors]
    return rows[0] if len(rows) == 1 else torch.cat(rows)
