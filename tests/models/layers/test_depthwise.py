import copy

import pytest
import torch
from torch import Tensor, nn

from handloom.models.layers.depthwise import depthwise_in_float32


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 5, 2, padding=2, groups=8), nn.Conv2d(8, 4, 1)
    )


def gradients(model: nn.Module, image: Tensor) -> dict[str, Tensor]:
    with torch.autocast("cpu", torch.bfloat16):
        out = model(image)
        assert out.dtype == torch.bfloat16  # what came out of the layer is autocast's again
    out.float().square().mean().backward()
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def types_of_depthwise(model: nn.Module) -> list[tuple[torch.dtype, torch.dtype]]:
    """What comes into the depthwise layer's own computation, and what leaves the layer."""
    seen: list[tuple[torch.dtype, torch.dtype]] = []
    model[1].register_forward_hook(  # type: ignore[operator]
        lambda _, inputs, output: seen.append((inputs[0].dtype, output.dtype))
    )
    return seen


def test_only_depthwise_convolutions_leave_autocast() -> None:
    torch.manual_seed(1)
    image = torch.rand(2, 3, 12, 12)
    plain, changed = network(), network()
    depthwise_in_float32(changed)
    seen = types_of_depthwise(changed)
    assert list(changed.state_dict()) == list(plain.state_dict())
    exact = gradients_in_float32(plain, image)
    close = gradients(changed, image)
    assert seen == [(torch.float32, torch.bfloat16)]
    assert close.keys() == exact.keys()
    for name, gradient in close.items():
        cosine = torch.cosine_similarity(gradient.flatten(), exact[name].flatten(), 0)
        assert cosine > 0.99, name


def gradients_in_float32(model: nn.Module, image: Tensor) -> dict[str, Tensor]:
    model(image).square().mean().backward()
    return {name: p.grad for name, p in model.named_parameters() if p.grad is not None}


def test_a_copy_keeps_it_and_nothing_changes_without_gradients() -> None:
    image = torch.rand(2, 3, 12, 12)
    plain, changed = network(), network()
    depthwise_in_float32(changed)
    copied = copy.deepcopy(changed)
    seen = types_of_depthwise(copied)
    gradients(copied, image)
    assert seen == [(torch.float32, torch.bfloat16)]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(copied(image), plain(image))
    assert copied(image).dtype == torch.float32  # without autocast nothing is changed


def test_autocast_is_on_again_after_a_failure() -> None:
    changed = network()
    depthwise_in_float32(changed)
    with torch.autocast("cpu", torch.bfloat16):
        with pytest.raises(RuntimeError):
            changed[1](torch.rand(2, 5, 12, 12))  # type: ignore[operator]
        assert torch.is_autocast_enabled("cpu")
