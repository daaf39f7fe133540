"""Optimizers over torch's fused kernels, with the learning rate in a tensor.

Why not `torch.optim`: constructing any of its optimizers imports the compiler (torch._dynamo),
2.3 s on a machine where `import torch` takes 1.7 s, at every command. The arithmetic here is
torch's own fused kernels, so results equal `torch.optim` with fused=True (tested); what is left
out is only the bookkeeping. `LBFGS` borrows torch's and pays for the import.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

Closure = Callable[[], Tensor]


class Optimizer(ABC):
    """Changes parameters from their gradients.

    parameters: what it changes; each must be floating point and ask for gradients.
    lr: learning rate to begin with; `rate`, a 0-dim tensor on the device of the parameters, holds
        the present one, so that a value can turn it and a captured graph sees it change.
    """

    capturable = True  # may be recorded in a CUDA graph
    repeats = False  # may call its closure several times in a step
    divisor: Tensor | None = None  # 0-dim; an update takes gradients divided by it
    veto: Tensor | None = None  # 0-dim; 1.0 leaves the parameters as they are

    def __init__(self, parameters: list[nn.Parameter], lr: float) -> None:
        self.parameters = parameters
        self.lr = lr
        self.rate = torch.tensor(lr, dtype=torch.float32, device=parameters[0].device)

    def zero_grad(self) -> None:
        """Forget gradients, so that the next backward writes instead of adding."""
        for parameter in self.parameters:
            parameter.grad = None

    def clip(self, most: float) -> None:
        """Bound the global norm of the gradients (Pascanu et al. 2013, arXiv:1211.5063).

        For the update under way, in which it is done: a pass over all gradients less than
        torch's clip_grad_norm_. To be called in a closure. Not for optimizers that repeat.
        """
        if self.rate.device.type not in ("cpu", "cuda"):
            # Only there are the fused kernels' grad_scale known to be heeded.
            torch.nn.utils.clip_grad_norm_(self.parameters, most)
            return
        norm = torch.linalg.vector_norm(torch.stack(_norms(self.parameters)))
        self.divisor = ((norm + 1e-6) / most).clamp_(min=1.0)  # torch's own 1e-6

    @abstractmethod
    def step(self, closure: Closure) -> Tensor:
        """Call `closure` (gradients and loss) and change the parameters; the loss is returned."""

    @abstractmethod
    def state(self) -> dict[str, Tensor]:
        """Everything a resumed run needs, by name; the tensors themselves, not copies."""

    @torch.no_grad()
    def load(self, state: dict[str, Tensor]) -> None:
        """Copy a saved state into this optimizer's tensors."""
        for name, tensor in self.state().items():
            tensor.copy_(state[name])


class SGD(Optimizer):
    """Stochastic gradient descent with momentum (Sutskever et al. 2013), decay added to gradients.

    spare: do not decay biases and norms (tensors of fewer than two dimensions); torch.optim.SGD
        decays everything.
    """

    def __init__(
        self,
        parameters: list[nn.Parameter],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        spare: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum, self.nesterov = momentum, nesterov
        self.velocity = [torch.zeros_like(p) for p in parameters] if momentum else []
        self.groups = [
            (_pick(parameters, group), _pick(self.velocity, group) if momentum else [], decay)
            for group, decay in _groups(parameters, weight_decay, spare)
        ]

    @torch.no_grad()
    def step(self, closure: Closure) -> Tensor:
        with torch.enable_grad():
            loss = closure()
        for parameters, velocity, weight_decay in self.groups:
            torch._fused_sgd_(
                parameters,
                _gradients(parameters),
                velocity,
                lr=self.rate,
                momentum=self.momentum,
                nesterov=self.nesterov,
                weight_decay=weight_decay,
                dampening=0.0,
                maximize=False,
                is_first_step=False,
                grad_scale=self.divisor,
                found_inf=self.veto,
            )
        return loss

    def state(self) -> dict[str, Tensor]:
        return {"rate": self.rate} | _numbered("velocity", self.velocity)


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, arXiv:1412.6980), by default without decay.

    decoupled: weight decay shrinks the weights themselves (AdamW: Loshchilov and Hutter 2019,
        arXiv:1711.05101) and spares biases and norms, as above;
        otherwise it is added to every gradient, as in torch.optim.Adam.
    """

    def __init__(
        self,
        parameters: list[nn.Parameter],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        weight_decay: float = 0.0,
        decoupled: bool = False,
        eps: float = 1e-8,
    ) -> None:
        super().__init__(parameters, lr)
        self.betas, self.eps, self.decoupled = betas, eps, decoupled
        self.mean = [torch.zeros_like(p) for p in parameters]
        self.square = [torch.zeros_like(p) for p in parameters]
        # One count for all: sixteen small additions are 20 us, as much as a small product.
        self.count = torch.zeros((), device=parameters[0].device)
        state = (self.mean, self.square)
        self.groups = [
            (_pick(parameters, group), [_pick(tensors, group) for tensors in state], decay)
            for group, decay in _groups(parameters, weight_decay, spare=decoupled)
        ]

    @torch.no_grad()
    def step(self, closure: Closure) -> Tensor:
        with torch.enable_grad():
            loss = closure()
        kernel = torch._fused_adamw_ if self.decoupled else torch._fused_adam_
        self.count += 1
        for parameters, (mean, square), weight_decay in self.groups:
            kernel(
                parameters,
                _gradients(parameters),
                mean,
                square,
                [],
                [self.count] * len(parameters),
                lr=self.rate,
                beta1=self.betas[0],
                beta2=self.betas[1],
                weight_decay=weight_decay,
                eps=self.eps,
                amsgrad=False,
                maximize=False,
                grad_scale=self.divisor,
                found_inf=self.veto,
            )
        return loss

    def state(self) -> dict[str, Tensor]:
        return (
            {"rate": self.rate, "count": self.count}
            | _numbered("mean", self.mean)
            | _numbered("square", self.square)
        )

    def load(self, state: dict[str, Tensor]) -> None:
        # Older checkpoints have a count for every parameter, all alike.
        super().load({"count": state["count.0"], **state} if "count.0" in state else state)


class LBFGS(Optimizer):
    """Limited-memory BFGS (Liu and Nocedal 1989), torch's, with a strong-Wolfe line search.

    One step is up to `iterations` inner iterations, and calls the closure up to 1.25 times as
    often. It waits for the host, so it is never captured, and since it asks for the loss again
    at other points, an objective with carried state must not use it.
    """

    capturable = False
    repeats = True

    def __init__(
        self,
        parameters: list[nn.Parameter],
        lr: float = 1.0,
        iterations: int = 20,
        history: int = 100,
    ) -> None:
        super().__init__(parameters, lr)
        self._torch = torch.optim.LBFGS(
            parameters,
            lr=lr,
            max_iter=iterations,
            history_size=history,
            line_search_fn="strong_wolfe",
        )

    def step(self, closure: Closure) -> Tensor:
        self._torch.param_groups[0]["lr"] = self.rate.item()

        def evaluated() -> Tensor:
            with torch.enable_grad():
                return closure()

        return torch.as_tensor(self._torch.step(evaluated))  # type: ignore[arg-type]

    def state(self) -> dict[str, Tensor]:
        """torch's own state: numbers become 0-dim tensors, lists are numbered."""
        found: dict[str, Tensor] = {"rate": self.rate}
        for name, value in self._inner().items():
            if isinstance(value, list):
                found |= _numbered(name, value) if name != "al" else {}  # scratch, made again
            elif value is not None:
                exact = torch.float64 if isinstance(value, float) else None
                found[name] = torch.as_tensor(value, dtype=exact)
        return found

    def load(self, state: dict[str, Tensor]) -> None:
        self.rate.copy_(state["rate"])
        inner = self._inner()
        inner.clear()
        for name in sorted(set(state) - {"rate"}, key=_position):
            stem, _, number = name.rpartition(".")
            if number.isdecimal():
                inner.setdefault(stem, []).append(state[name].to(self.rate.device, copy=True))
            else:
                inner[name] = _restored(state[name], self.rate.device)

    def _inner(self) -> dict[str, Any]:
        state: dict[str, Any] = self._torch.state[self.parameters[0]]
        return state


def _groups(
    parameters: Sequence[Tensor], weight_decay: float, spare: bool
) -> list[tuple[list[int], float]]:
    """Positions of the parameters that share a weight decay, no group empty."""
    spared = [i for i, p in enumerate(parameters) if spare and weight_decay and p.ndim < 2]
    decayed = [i for i in range(len(parameters)) if i not in set(spared)]
    return [group for group in ((decayed, weight_decay), (spared, 0.0)) if group[0]]


def _pick(tensors: Sequence[Tensor], indices: list[int]) -> list[Tensor]:
    return [tensors[i] for i in indices]


def _norms(parameters: Sequence[Tensor]) -> list[Tensor]:
    return list(torch._foreach_norm(_gradients(parameters)))


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    return [p.grad for p in parameters if p.grad is not None]


def _numbered(name: str, tensors: list[Tensor]) -> dict[str, Tensor]:
    return {f"{name}.{i}": tensor for i, tensor in enumerate(tensors)}


def _position(name: str) -> tuple[str, int]:
    stem, _, number = name.rpartition(".")
    return (stem, int(number)) if number.isdecimal() else (name, -1)


def _restored(value: Tensor, device: torch.device) -> Tensor | int | float:
    """A number where torch kept one: int64 counts, and float64 scalars, which no gradient has."""
    if value.dtype in (torch.int64, torch.float64) and value.ndim == 0:
        number: int | float = value.item()
        return number
    return value.to(device, copy=True)
