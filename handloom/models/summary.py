"""The table of a network's layers: shapes, parameters, receptive fields, multiply-adds."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from handloom.models.layers.normalize import Normalize


@dataclass(frozen=True)
class Layer:
    """One call of one layer.

    name: as in the network's `state_dict`; kind: its class; shape: of its answer for one example,
    without the batch; parameters: trained or frozen, counted at the first call only; multiply_adds:
    of one example; receptive_field: side in pixels of the part of the image that one of its
    numbers sees, None where that has no meaning.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    receptive_field: int | None


@torch.no_grad()
def layer_table(network: nn.Module, example: Tensor) -> list[Layer]:
    """The layers of `network` in the order in which they are called on `example`.

    example: a batch, of one at least, as forward takes it. The network is run once in eval mode
    and left as it was. `sum(layer.multiply_adds for layer in layers)` is the cost of an example.

    Receptive fields grow along the order of calls, as in a stack; what runs beside a longer path
    (a shortcut) is given the field of the longer one.
    """
    layers: list[Layer] = []
    field, hooks = Field(), []
    was_training = {module: module.training for module in network.modules()}
    for name, module in network.named_modules():
        if not any(True for _ in module.children()):
            hooks.append(module.register_forward_hook(recorder(name, layers, field)))
    try:
        network.eval()
        network(example)
    finally:
        for hook in hooks:
            hook.remove()
        for module, training in was_training.items():
            module.training = training
    return layers


@dataclass
class Field:
    """What the stack sees so far: side in pixels, and pixels between two neighbours."""

    side: int | None = 1
    step: int = 1

    def grow(self, module: nn.Module) -> None:
        """Add one layer (Dumoulin and Visin 2016, arXiv:1603.07285)."""
        window = window_of(module)
        if window is None or self.side is None:
            self.side = None
            return
        kernel, stride = window
        self.side += (kernel - 1) * self.step
        self.step *= stride


def recorder(
    name: str, layers: list[Layer], field: Field
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    """A forward hook that appends the layer of this name to `layers`."""
    seen = False

    def record(module: nn.Module, inputs: tuple[Tensor, ...], answer: Tensor) -> None:
        nonlocal seen
        field.grow(module)
        parameters = 0 if seen else sum(p.numel() for p in module.parameters())
        layers.append(
            Layer(
                name,
                type(module).__name__,
                tuple(answer.shape[1:]),
                parameters,
                multiply_adds(module, inputs[0], answer),
                field.side,
            )
        )
        seen = True

    return record


def multiply_adds(module: nn.Module, given: Tensor, answer: Tensor) -> int:
    """For one example, of convolutions and linear layers; others count as 0."""
    if isinstance(module, nn.Conv2d):
        return answer[0].numel() * module.weight[0].numel()
    if isinstance(module, nn.ConvTranspose2d):
        return given[0].numel() * module.weight[0].numel()
    if isinstance(module, nn.Linear):
        return answer[0].numel() * module.in_features
    return 0


def window_of(module: nn.Module) -> tuple[int, int] | None:
    """Kernel (dilated, along the height) and stride of a layer, None where it sees everything."""
    if isinstance(module, nn.Conv2d):
        return module.dilation[0] * (module.kernel_size[0] - 1) + 1, module.stride[0]
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        return height_of(module.kernel_size), height_of(module.stride)
    return (1, 1) if isinstance(module, POINTWISE) else None


def height_of(size: int | tuple[int, int]) -> int:
    """The first of two, or the one for both."""
    return size if isinstance(size, int) else size[0]


POINTWISE = (
    *(Normalize, nn.BatchNorm2d, nn.Identity, nn.Dropout, nn.Dropout2d),
    *(nn.ReLU, nn.LeakyReLU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.Tanh),
)
