"""Depthwise convolutions that a CPU computes in float32 while the rest trains in bfloat16.

Their gradients in bfloat16 are not optimized on CPUs (oneDNN in torch 2.14, one thread of a Zen 4,
32 images): those of 672 channels with 5 x 5 weights on maps of 10 x 10 take 73 ms and in float32
22 ms, with a stride of 2 181 and 11 ms. The passes of EfficientNet-Lite0, its lower layers frozen,
take 0.52 s instead of 0.83 (benchmarks/tuning.py).
"""

import torch
from torch import Tensor, nn


def is_depthwise(module: nn.Module) -> bool:
    """Whether a layer convolves every channel by itself."""
    return isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1


def depthwise_in_float32(network: nn.Module) -> None:
    """From now on depthwise convolutions of `network` leave bfloat16 autocast on a CPU.

    Only where gradients are wanted; what comes out is of autocast's own type again. The names of
    weights stay what they are.
    """
    for module in network.modules():
        if is_depthwise(module):
            pause = _Pause()
            module.register_forward_pre_hook(pause.begin)
            module.register_forward_hook(pause.end, always_call=True)


class _Pause:
    """Autocast is off from `begin` to `end`, the hooks before and after a layer."""

    def __init__(self) -> None:
        self.autocast: torch.autocast | None = None

    def begin(self, layer: nn.Module, inputs: tuple[Tensor]) -> tuple[Tensor] | None:
        if not torch.is_grad_enabled() or not torch.is_autocast_enabled("cpu"):
            return None
        has_gradient = inputs[0].requires_grad or any(p.requires_grad for p in layer.parameters())
        if inputs[0].device.type != "cpu" or not has_gradient:
            return None
        self.autocast = torch.autocast("cpu", enabled=False)
        self.autocast.__enter__()
        return (inputs[0].float(),)

    def end(self, layer: nn.Module, inputs: tuple[Tensor], output: Tensor) -> Tensor | None:
        if self.autocast is None:
            return None
        self.autocast.__exit__(None, None, None)
        self.autocast = None
        return output if output is None else output.to(torch.get_autocast_dtype("cpu"))
