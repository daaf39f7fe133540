"""Optimizers over torch's functional forms, with learning rates in tensors.

Why not the classes of `torch.optim`: constructing any of them imports the compiler
(torch._dynamo), 2.3 s on a machine where `import torch` takes 1.7 s, at every command. Their
functional forms with fused=True do the arithmetic here, so results equal `torch.optim` (tested),
and import no compiler (tested).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.optim.adam import adam
from torch.optim.adamw import adamw
from torch.optim.sgd import sgd

Closure = Callable[[], Tensor]
EPS = 1e-8  # of Adam, as published and as torch has it


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters with their own learning rate and weight decay, such as a head on a backbone.

    lr, weight_decay: None takes the optimizer's.
    """

    parameters: list[nn.Parameter]
    lr: float | None = None
    weight_decay: float | None = None


class Optimizer(ABC):
    """Changes parameters from their gradients.

    parameters: what it changes, in one list or in groups; each must be floating point and ask for
        gradients.
    lr: learning rate at its highest; `lrs`, one 0-dim tensor a group on the device of the
        parameters, hold the present ones, so that a schedule writes them in place and a recorded
        graph sees them change. `schedule.scheduled_lr` makes one schedule for all.
    """

    capturable = True  # may be recorded in a CUDA graph
    grad_scale: Tensor | None = None  # 0-dim; an update takes gradients divided by it
    found_inf: Tensor | None = None  # 0-dim; 1.0 skips the update

    def __init__(
        self,
        parameters: Sequence[nn.Parameter] | Sequence[ParameterGroup],
        lr: float,
        weight_decay: float = 0.0,
    ) -> None:
        self.groups = _groups(parameters, lr, weight_decay)
        self.parameters = [p for group in self.groups for p in group.parameters]
        self.initial_lrs = [lr if group.lr is None else group.lr for group in self.groups]
        device = self.parameters[0].device
        self.lrs = [torch.tensor(lr, device=device) for lr in self.initial_lrs]

    @property
    def lr(self) -> Tensor:
        """The present learning rate, 0-dim; of the first group where there are several."""
        return self.lrs[0]

    def zero_grad(self) -> None:
        """Forget gradients, so that the next backward writes instead of adding."""
        for parameter in self.parameters:
            parameter.grad = None

    def clip(self, most: float) -> None:
        """Bound the global norm of the gradients (Pascanu et al. 2013, arXiv:1211.5063).

        To be called in a closure: the fused update then divides the gradients itself, which saves
        the pass over them that torch's clip_grad_norm_ makes.
        """
        if self.lr.device.type not in ("cpu", "cuda"):
            # Elsewhere it is not known that the fused kernels use grad_scale.
            torch.nn.utils.clip_grad_norm_(self.parameters, most)
            return
        norms = torch.stack(list(torch._foreach_norm(_gradients(self.parameters))))
        norm = torch.linalg.vector_norm(norms)
        self.grad_scale = ((norm + 1e-6) / most).clamp_(min=1.0)  # torch's own 1e-6

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

    no_decay_on_1d: do not decay biases and norms (tensors of fewer than two dimensions);
        torch.optim.SGD decays everything.
    """

    def __init__(
        self,
        parameters: Sequence[nn.Parameter] | Sequence[ParameterGroup],
        lr: float,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        no_decay_on_1d: bool = False,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.momentum, self.nesterov = momentum, nesterov
        self.velocity = [torch.zeros_like(p) for p in self.parameters] if momentum else []
        self._calls = _calls(self, no_decay_on_1d)

    @torch.no_grad()
    def step(self, closure: Closure) -> Tensor:
        with torch.enable_grad():
            loss = closure()
        for call in self._calls:
            sgd(
                call.parameters,
                _gradients(call.parameters),
                [self.velocity[i] if self.momentum else None for i in call.positions],
                fused=True,
                grad_scale=self.grad_scale,
                found_inf=self.found_inf,
                weight_decay=call.weight_decay,
                momentum=self.momentum,
                lr=cast(Any, call.lr),  # a tensor, which the stubs of torch 2.10 do not know
                dampening=0.0,
                nesterov=self.nesterov,
                maximize=False,
            )
        return loss

    def state(self) -> dict[str, Tensor]:
        return _numbered("lr", self.lrs) | _numbered("velocity", self.velocity)


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, arXiv:1412.6980), by default without decay.

    decoupled: weight decay shrinks the weights themselves (AdamW: Loshchilov and Hutter 2019,
        arXiv:1711.05101) and leaves out biases and norms, as above;
        otherwise it is added to every gradient, as in torch.optim.Adam.
    """

    def __init__(
        self,
        parameters: Sequence[nn.Parameter] | Sequence[ParameterGroup],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.999),
        weight_decay: float = 0.0,
        decoupled: bool = False,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.betas, self.decoupled = betas, decoupled
        self.mean = [torch.zeros_like(p) for p in self.parameters]
        self.square = [torch.zeros_like(p) for p in self.parameters]
        # torch advances every entry of the list it is given: a count of its own for each.
        self.count = [torch.zeros((), device=p.device) for p in self.parameters]
        self._calls = _calls(self, no_decay_on_1d=decoupled)

    @torch.no_grad()
    def step(self, closure: Closure) -> Tensor:
        with torch.enable_grad():
            loss = closure()
        update = adamw if self.decoupled else adam
        for call in self._calls:
            update(
                call.parameters,
                _gradients(call.parameters),
                [self.mean[i] for i in call.positions],
                [self.square[i] for i in call.positions],
                [],
                [self.count[i] for i in call.positions],
                fused=True,
                grad_scale=self.grad_scale,
                found_inf=self.found_inf,
                amsgrad=False,
                beta1=self.betas[0],
                beta2=self.betas[1],
                lr=call.lr,
                weight_decay=call.weight_decay,
                eps=EPS,
                maximize=False,
            )
        return loss

    def state(self) -> dict[str, Tensor]:
        return (
            _numbered("lr", self.lrs)
            | _numbered("mean", self.mean)
            | _numbered("square", self.square)
            | _numbered("count", self.count)
        )


class _Call(NamedTuple):
    """Parameters that share a learning rate and a weight decay: one call of a fused kernel."""

    positions: list[int]  # among all parameters of the optimizer
    parameters: list[Tensor]
    lr: Tensor
    weight_decay: float


def _calls(optimizer: Optimizer, no_decay_on_1d: bool) -> list[_Call]:
    """Every group, its biases and norms apart where they do not decay; none empty."""
    calls: list[_Call] = []
    first = 0
    for group, lr in zip(optimizer.groups, optimizer.lrs, strict=True):
        decay = group.weight_decay or 0.0
        positions = range(first, first + len(group.parameters))
        exempt = [
            i for i in positions if no_decay_on_1d and decay and optimizer.parameters[i].ndim < 2
        ]
        decayed = [i for i in positions if i not in set(exempt)]
        calls += [
            _Call(part, [optimizer.parameters[i] for i in part], lr, weight_decay)
            for part, weight_decay in ((decayed, decay), (exempt, 0.0))
            if part
        ]
        first += len(group.parameters)
    return calls


def _groups(
    parameters: Sequence[nn.Parameter] | Sequence[ParameterGroup], lr: float, weight_decay: float
) -> list[ParameterGroup]:
    """Groups with every value filled in; a plain list is one group."""
    groups = [group for group in parameters if isinstance(group, ParameterGroup)]
    if not groups:
        plain = [p for p in parameters if isinstance(p, nn.Parameter)]
        return [ParameterGroup(plain, lr, weight_decay)]
    return [
        replace(
            group,
            lr=lr if group.lr is None else group.lr,
            weight_decay=weight_decay if group.weight_decay is None else group.weight_decay,
        )
        for group in groups
    ]


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    return [p.grad for p in parameters if p.grad is not None]


def _numbered(name: str, tensors: list[Tensor]) -> dict[str, Tensor]:
    return {f"{name}.{i}": tensor for i, tensor in enumerate(tensors)}
