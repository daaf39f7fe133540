"""Batch norms folded into the convolutions before them, for networks that train no more."""

import copy
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

TOLERANCE = 1e-3  # of the norm of the features


@torch.no_grad()
def folded(network: nn.Module, example: Tensor) -> nn.Module:
    """A copy that computes the same with fewer passes over the maps, in eval mode.

    example: an image the network takes. A batch norm is folded where its input is what a
    convolution has just returned. Whether a map goes elsewhere too, its network alone knows: so the
    copy's features of the example are compared, and where they differ it comes back unfolded.
    """
    copied = copy.deepcopy(network).eval()
    pairs = _pairs(copied, example)
    if not pairs:
        return copied
    wanted = copied(example)
    for convolution, norm in pairs:
        _fold(copied, convolution, norm)
    difference = torch.linalg.vector_norm(copied(example) - wanted)
    if difference <= TOLERANCE * torch.linalg.vector_norm(wanted):
        return copied
    return copy.deepcopy(network).eval()


def _pairs(network: nn.Module, example: Tensor) -> list[tuple[str, str]]:
    """Names of convolutions and of the batch norms that take what they return."""
    source: dict[int, str] = {}  # id of a map: the convolution it came from
    kept: list[Tensor] = []  # so that no id is used twice
    pairs: list[tuple[str, str]] = []
    hooks = []

    def watch(name: str, module: nn.Module) -> None:
        def after(_: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
            if isinstance(module, nn.Conv2d):
                source[id(output)] = name
                kept.append(output)
            elif id(inputs[0]) in source:
                pairs.append((source[id(inputs[0])], name))

        hooks.append(module.register_forward_hook(after))

    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.BatchNorm2d):
            watch(name, module)
    network(example)
    for hook in hooks:
        hook.remove()
    return pairs if len({name for name, _ in pairs}) == len(pairs) else []


def _fold(network: nn.Module, convolution: str, norm: str) -> None:
    """A subclass of BatchNorm2d, as timm has, normalizes first; its children come after it."""
    layer, after = network.get_submodule(convolution), network.get_submodule(norm)
    assert isinstance(layer, nn.Conv2d)
    assert isinstance(after, nn.BatchNorm2d)
    network.set_submodule(convolution, fuse_conv_bn_eval(layer, after))
    network.set_submodule(norm, nn.Sequential(*after.children()))
