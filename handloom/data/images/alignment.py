"""How one image lies in another: a window of it, found by Lucas and Kanade's method.

Lucas and Kanade 1981, "An iterative image registration technique", with the Gauss-Newton steps of
Baker and Matthews 2004 (eq. 10) over four parameters: scale and place in both directions. Unlike
theirs, both images are centred and scaled first, so that brightness and contrast do not count.
"""

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, conv2d, grid_sample, pad

from handloom.data.images.signatures import unit

SIDE = 32  # pixels at which windows are found
STEPS = 6
LARGEST_STEP = 0.1  # of the scale, or of half a window's side
DAMPING = 1e-4  # of the Hessian's mean diagonal


def windows(large: Tensor, part: Tensor, scale: float) -> Tensor:
    """The windows of `large` that look most like `part`, float (N, 4): scale x, y and centre x, y.

    Coordinates are -1 to 1 over `large`; (1, 1, 0, 0) is all of it. large, part: float
    (N, 1, H, W), brightness. scale: of the window that the search starts from.
    """
    large, part = (_smooth(adaptive_avg_pool2d(image, SIDE)) for image in (large, part))
    wanted = unit(part.flatten(1))
    window = torch.tensor([scale, scale, 0.0, 0.0]).repeat(len(large), 1)
    for _ in range(STEPS):
        seen = seen_in(large, window)
        slope = _slopes(seen)
        error = (wanted - unit(seen.flatten(1))).unsqueeze(2)
        step = torch.linalg.solve(_damped(slope @ slope.mT), slope @ error)[..., 0]
        step = step.clamp(-LARGEST_STEP, LARGEST_STEP)
        size, place = window[:, :2], window[:, 2:]
        window = torch.cat([size * (1 + step[:, :2]), place + size * step[:, 2:]], dim=1)
    return window


def seen_in(image: Tensor, window: Tensor) -> Tensor:
    """The windows (N, 4) of images (N, 1, H, W), brought to the size of the whole."""
    shape = (len(window), *image.shape[2:])
    x, y = (
        size[:, None] * _centres(side) + place[:, None]  # (N, side)
        for size, place, side in (
            (window[:, 0], window[:, 2], image.shape[3]),
            (window[:, 1], window[:, 3], image.shape[2]),
        )
    )
    # affine_grid multiplies matrices, which takes longer than the sampling itself.
    grid = torch.stack([x[:, None].expand(shape), y[:, :, None].expand(shape)], 3)
    return grid_sample(image, grid, padding_mode="border", align_corners=False)


def beyond(window: Tensor) -> Tensor:
    """How far a window (N, 4) reaches over the edge, in whole sides, (N,); negative inside."""
    return (window[:, 2:].abs() + window[:, :2] - 1).amax(dim=1) / 2


def _slopes(seen: Tensor) -> Tensor:
    """How the centred, scaled image changes with each parameter, float (N, 4, H * W)."""
    right, down = torch.zeros_like(seen), torch.zeros_like(seen)
    height, width = seen.shape[2:]
    right[..., 1:-1] = (seen[..., 2:] - seen[..., :-2]) * width / 4  # a pixel is 2 / width
    down[..., 1:-1, :] = (seen[..., 2:, :] - seen[..., :-2, :]) * height / 4
    x, y = _centres(width), _centres(height)[:, None]
    slope = torch.cat([right * x, down * y, right, down], dim=1).flatten(2)
    flat = seen.flatten(1)
    length = (flat - flat.mean(dim=1, keepdim=True)).norm(dim=1).clamp(min=1e-6)
    centred: Tensor = (slope - slope.mean(dim=2, keepdim=True)) / length[:, None, None]
    return centred


def _centres(side: int) -> Tensor:
    """The centres of pixels, (side,), from -1 to 1 over all of them."""
    return (torch.arange(side) + 0.5) / side * 2 - 1


def _damped(hessian: Tensor) -> Tensor:
    level = hessian.diagonal(dim1=1, dim2=2).mean(dim=1).clamp(min=1e-6) * DAMPING
    return hessian + level[:, None, None] * torch.eye(4)


def _smooth(image: Tensor) -> Tensor:
    """Binomial weights over 3x3 pixels, so that slopes hold over a pixel."""
    weight = torch.tensor([1.0, 2.0, 1.0]) / 4
    kernel = (weight[:, None] * weight)[None, None]
    return conv2d(pad(image, (1, 1, 1, 1), mode="replicate"), kernel)
