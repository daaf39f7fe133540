"""The fast pools equal torch's, forwards and backwards."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from handloom.models.kernels.pool import AvgPool2d, ReLUMaxPool2d, is_fast

SHAPES = st.tuples(*[st.integers(1, 4), st.integers(1, 9), st.integers(2, 9), st.integers(2, 9)])


def both_ways(pool: Callable[[Tensor], Tensor], image: Tensor) -> tuple[Tensor, Tensor]:
    """The pooled image and the gradient of a weighted sum of it."""
    image = image.detach().requires_grad_()
    pooled = pool(image)
    weight = torch.arange(pooled.numel(), dtype=pooled.dtype).view(pooled.shape) % 97 - 40
    (gradient,) = torch.autograd.grad(pooled, image, weight)
    return pooled.detach(), gradient


def relu_max(image: Tensor) -> Tensor:
    return F.max_pool2d(F.relu(image), 2)


def relu_max_by_columns(image: Tensor) -> Tensor:
    """With the documented rule for ties: torch's own, on the transposed image."""
    return F.max_pool2d(F.relu(image.transpose(2, 3)), 2).transpose(2, 3)


def channels_last(image: Tensor) -> Tensor:
    return image.contiguous(memory_format=torch.channels_last)


@settings(max_examples=40, deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 10**6))
def test_max_pool_equals_torch_in_float32(shape: tuple[int, ...], seed: int) -> None:
    image = channels_last(torch.randn(shape, generator=torch.Generator().manual_seed(seed)))
    for ours, theirs in zip(
        both_ways(ReLUMaxPool2d(), image), both_ways(relu_max, image), strict=True
    ):
        assert torch.equal(ours, theirs)


@settings(max_examples=40, deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 10**6))
def test_max_pool_equals_torch_in_bfloat16_with_ties(shape: tuple[int, ...], seed: int) -> None:
    image = torch.randint(-3, 4, shape, generator=torch.Generator().manual_seed(seed))
    image = channels_last(image.to(torch.bfloat16))  # most windows have ties
    for ours, theirs in zip(
        both_ways(ReLUMaxPool2d(), image), both_ways(relu_max_by_columns, image), strict=True
    ):
        assert torch.equal(ours, theirs)


@settings(max_examples=40, deadline=None)
@given(shape=SHAPES, seed=st.integers(0, 10**6), dtype=st.sampled_from(["bfloat16", "float32"]))
def test_avg_pool_equals_torch(shape: tuple[int, ...], seed: int, dtype: str) -> None:
    image = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
    image = channels_last(image.to(getattr(torch, dtype)))
    for ours, theirs in zip(
        both_ways(AvgPool2d(), image),
        both_ways(lambda image: F.avg_pool2d(image, 2), image),
        strict=True,
    ):
        # bfloat16 has 8 bits, and the sums of two rows, up to 8 here, are rounded to them.
        tolerance = 0.02 if dtype == "bfloat16" else 1e-6
        torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_every_bfloat16_that_is_a_number(dtype: torch.dtype) -> None:
    every = torch.arange(-(2**15), 2**15).to(torch.int16).view(torch.bfloat16)
    every = every[~every.isnan()].to(dtype)
    shuffled = every[torch.randperm(len(every), generator=torch.Generator().manual_seed(0))]
    image = channels_last(shuffled[: len(every) // 16 * 16].view(1, -1, 4, 4))
    assert torch.equal(ReLUMaxPool2d()(image), relu_max(image))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_window_of_nan_stays_nan(dtype: torch.dtype, sign: float) -> None:
    nan = torch.copysign(torch.tensor(float("nan")), torch.tensor(sign)).to(dtype)
    image = channels_last(nan.expand(2, 3, 4, 4).clone())
    assert ReLUMaxPool2d()(image).isnan().all()
    image[:, :, 0, 0] = -1.0
    assert ReLUMaxPool2d()(image).isnan().all()


def test_a_nan_without_sign_bit_beats_every_number() -> None:
    image = channels_last(torch.full((1, 2, 2, 2), 3.0))
    image[0, :, 1, 0] = float("nan")
    assert ReLUMaxPool2d()(image).isnan().all()


@pytest.mark.parametrize("pool", [ReLUMaxPool2d(), AvgPool2d()])
def test_other_memory_and_types_go_to_torch(pool: torch.nn.Module) -> None:
    torch_pool = relu_max if isinstance(pool, ReLUMaxPool2d) else (lambda x: F.avg_pool2d(x, 2))
    for image in (torch.randn(2, 3, 5, 4), channels_last(torch.randn(2, 3, 5, 4)).double()):
        assert not is_fast(image)
        for ours, theirs in zip(both_ways(pool, image), both_ways(torch_pool, image), strict=True):
            assert torch.equal(ours, theirs)


@pytest.mark.parametrize("pool", [ReLUMaxPool2d(), AvgPool2d()])
def test_twice_in_one_network(pool: torch.nn.Module) -> None:
    image = channels_last(torch.randn(2, 4, 8, 8)).requires_grad_()
    (once,) = torch.autograd.grad(pool(pool(image)).sum(), image)
    torch_pool = relu_max if isinstance(pool, ReLUMaxPool2d) else (lambda x: F.avg_pool2d(x, 2))
    (expected,) = torch.autograd.grad(torch_pool(torch_pool(image)).sum(), image)
    torch.testing.assert_close(once, expected)


@pytest.mark.parametrize("pool", [ReLUMaxPool2d(), AvgPool2d()])
def test_the_image_is_left_alone(pool: torch.nn.Module) -> None:
    image = channels_last(torch.randn(2, 4, 6, 6))
    before = image.clone()
    assert pool(image).is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(image, before)


def test_nothing_is_saved_without_gradients() -> None:
    saved = []

    def pack(tensor: Tensor) -> Tensor:
        saved.append(tensor)
        return tensor

    image = channels_last(torch.randn(2, 4, 6, 6)).requires_grad_()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        with torch.no_grad():
            ReLUMaxPool2d()(image)
        assert not saved
        ReLUMaxPool2d()(image)
    assert len(saved) == 3


def test_in_place_gives_the_same_and_overwrites_only_the_image() -> None:
    image = torch.randn(4, 8, 6, 6).to(memory_format=torch.channels_last)
    weight = torch.randn(8, 8, 3, 3, requires_grad=True)
    gradients = []
    for inplace in (False, True):
        pool = ReLUMaxPool2d(inplace)
        (pool(F.conv2d(image, weight, padding=1)) ** 2).sum().backward()
        assert weight.grad is not None
        gradients.append(weight.grad)
        weight.grad = None
    assert torch.equal(*gradients)
