"""Convolutional encoders of the VGG-19 shape, read at named layers, fast in both directions.

Simonyan and Zisserman 2015, arXiv:1409.1556; read for style and content as in Gatys, Ecker and
Bethge 2016. An encoder here is frozen: only the image gets a gradient.
"""

from collections.abc import Sequence
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

VGG19 = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4)
COMPRESSED = ((16, 16), (32, 32), (64,) * 4, (128,) * 4, (128,))
Padding = Literal["zeros", "reflect"]
Pooling = Literal["max", "average"]


class VGG(nn.Module):
    """Levels of 3x3 convolutions with ReLU, halved in between.

    widths: channels of each convolution, level by level; layer j of level i is `convI_J` before
        its ReLU and `reluI_J` after it.
    padding: at the border of the image, and so of every map.
    pooling: between levels; average is smoother (Gatys et al. 2016), max is the trained one.
    dtype: of weights and maps. In bfloat16 the image comes in two parts, rounded and remainder:
        a pixel rounded alone moves in steps of 1/128, and a line search sees stairs.

    expanded: channels that a 1x1 convolution and a ReLU lead the first map of each level to, as
        layer `fullI_1`; the compressed encoders so come back to VGG-19's own channels.

    `centre` (3,) is subtracted from the image; any scaling is folded into the first weights.
    Weights are buffers, since nothing here learns.
    """

    centre: Tensor

    def __init__(
        self,
        widths: Sequence[Sequence[int]],
        padding: Padding = "zeros",
        pooling: Pooling = "max",
        dtype: torch.dtype = torch.float32,
        expanded: Sequence[int] = (),
    ) -> None:
        super().__init__()
        self.padding, self.pooling, self.dtype = padding, pooling, dtype
        self.levels = [tuple(level) for level in widths]
        self.register_buffer("centre", torch.zeros(3))
        channels = 3 if dtype == torch.float32 else 6
        for i, level in enumerate(self.levels, 1):
            for j, width in enumerate(level, 1):
                weight = torch.zeros(width, channels, 3, 3, dtype=dtype)
                self.register_buffer(
                    f"weight{i}_{j}", weight.contiguous(memory_format=torch.channels_last)
                )
                self.register_buffer(f"bias{i}_{j}", torch.zeros(width, dtype=dtype))
                channels = width
        self.expanded = tuple(expanded)
        for i, width in enumerate(self.expanded, 1):
            weight = torch.zeros(width, self.levels[i - 1][0], 1, 1, dtype=dtype)
            self.register_buffer(f"weight{i}_1full", weight)
            self.register_buffer(f"bias{i}_1full", torch.zeros(width, dtype=dtype))

    @torch.no_grad()
    def fill(self, weights: dict[str, tuple[Tensor, Tensor]], scale: Tensor, shift: Tensor) -> None:
        """Take weights by name ("1_1"); the first sees scale (3, 3) @ pixel + shift (3,).

        The shift becomes the centre and the scale part of the first weights, exactly.
        """
        self.centre.copy_(-torch.linalg.solve(scale.double(), shift.double()))
        for name, (weight, bias) in weights.items():
            if name == "1_1":
                weight = torch.einsum("oikl,ij->ojkl", weight.double(), scale.double())
                weight = weight if self.dtype == torch.float32 else torch.cat([weight, weight], 1)
            self.get_buffer(f"weight{name}").copy_(weight)
            self.get_buffer(f"bias{name}").copy_(bias)

    def strides(self) -> dict[str, int]:
        """Pixels between neighbours of every layer that can be asked for."""
        return {
            f"{kind}{i}_{j}": 1 << (i - 1)
            for i, level in enumerate(self.levels, 1)
            for j in range(1, len(level) + 1)
            for kind in ("conv", "relu", *(["full"] if j == 1 and self.expanded else []))
        }

    def channels(self) -> dict[str, int]:
        """Width of every layer that can be asked for."""
        widths = {
            f"{kind}{i}_{j}": width
            for i, level in enumerate(self.levels, 1)
            for j, width in enumerate(level, 1)
            for kind in ("conv", "relu")
        }
        return widths | {f"full{i}_1": width for i, width in enumerate(self.expanded, 1)}

    def reach(self, layers: Sequence[str]) -> int:
        """Pixels to each side that the farthest-seeing of `layers` depends on."""
        last, reach = self._last(layers), 0
        for i, level in enumerate(self.levels, 1):
            for j in range(1, len(level) + 1):
                reach += 1 << (i - 1)
                if (i, j) == last:
                    return reach  # pooling stays inside cells, at which windows are cut
        raise ValueError(f"there is no layer {last}")

    def smallest(self, layers: Sequence[str]) -> int:
        """Side in pixels of the smallest image that all `layers` can be read of."""
        stride = max(self.strides()[name] for name in layers)
        return stride * 2 if self.padding == "reflect" else stride

    def forward(self, image: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """image (1, 3, H, W) in [0, 1] -> each of `layers` (1, C, H / stride, W / stride).

        Nothing above the last of them is computed.
        """
        maps: dict[str, Tensor] = {}
        last = self._last(layers)
        x = self._entered(image)
        for i, level in enumerate(self.levels, 1):
            for j in range(1, len(level) + 1):
                name = f"{i}_{j}"
                if f"conv{name}" in layers:
                    x = maps[f"conv{name}"] = self._convolved(x, name)
                    if (i, j) == last and f"relu{name}" not in layers:
                        return maps
                    x = F.relu(x)
                else:
                    x = self._rectified(x, name)
                if f"relu{name}" in layers:
                    maps[f"relu{name}"] = x
                if f"full{name}" in layers:
                    weights = self._weights(f"{name}full")
                    maps[f"full{name}"] = _Convolution.apply(x, *weights, 0, True)
                if (i, j) == last:
                    return maps
            x = F.max_pool2d(x, 2) if self.pooling == "max" else F.avg_pool2d(x, 2)
        raise ValueError(f"there is no layer {last}")

    def _last(self, layers: Sequence[str]) -> tuple[int, int]:
        return max((int(name[4:].split("_")[0]), int(name.split("_")[1])) for name in layers)

    def _entered(self, image: Tensor) -> Tensor:
        """The centred image; in bfloat16 as (1, 6, H, W), with what rounding takes away."""
        x = image - self.centre.view(3, 1, 1)
        if self.dtype != torch.float32:
            rounded = x.to(self.dtype)
            x = torch.cat([rounded, (x - rounded).detach().to(self.dtype)], 1)
        return x.contiguous(memory_format=torch.channels_last)

    def _convolved(self, x: Tensor, name: str) -> Tensor:
        x, pad = self._padded(x)
        y: Tensor = _Convolution.apply(x, *self._weights(name), pad, False)
        return y

    def _rectified(self, x: Tensor, name: str) -> Tensor:
        x, pad = self._padded(x)
        y: Tensor = _Convolution.apply(x, *self._weights(name), pad, True)
        return y

    def _weights(self, name: str) -> tuple[Tensor, Tensor]:
        return self.get_buffer(f"weight{name}"), self.get_buffer(f"bias{name}")

    def _padded(self, x: Tensor) -> tuple[Tensor, int]:
        if self.padding == "zeros":
            return x, 1
        return F.pad(x, (1, 1, 1, 1), mode="reflect"), 0


class _Convolution(torch.autograd.Function):
    """3x3 convolution, with or without ReLU, that keeps its result alone for the way back.

    The gradient towards the weights is never wanted, and the one towards the image needs no input
    values: half the memory of autograd's own. On CPUs the ReLU is fused into the convolution,
    which with the rest takes an iteration from 1.8 to 2.3-2.9 times the plain speed.
    """

    @staticmethod
    def forward(
        ctx: FunctionCtx, x: Tensor, weight: Tensor, bias: Tensor, pad: int, relu: bool
    ) -> Tensor:
        if relu and x.device.type == "cpu" and torch._C._has_mkldnn:
            y = torch.ops.mkldnn._convolution_pointwise(
                x, weight, bias, [pad, pad], [1, 1], [1, 1], 1, "relu", [], ""
            )
        else:
            y = F.conv2d(x, weight, bias, padding=pad)
            y = y.relu_() if relu else y
        ctx.save_for_backward(weight, *([y] if relu else []))
        ctx.shape, ctx.pad = x.shape, pad  # type: ignore[attr-defined]
        return y  # type: ignore[no-any-return]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        gradient, (weight, *kept) = gradients[0], ctx.saved_tensors
        if kept:
            gradient = torch.ops.aten.threshold_backward(gradient, kept[0], 0)
        n, c, h, w = ctx.shape
        shape_alone = gradient.new_empty((n, h, w, c)).permute(0, 3, 1, 2)
        inputs = torch.ops.aten.convolution_backward(
            gradient,
            shape_alone,
            weight,
            None,
            [1, 1],
            [ctx.pad, ctx.pad],
            [1, 1],
            False,
            [0, 0],
            1,
            [True, False, False],
        )
        return inputs[0], None, None, None, None
