"""Small descriptions of images, and the pairs of images that are worth a closer look.

An image's signature is its 16x16 grey thumbnail, centred and scaled to length 1; of a pair, the
product of two signatures is their correlation. Its lowest frequencies, a perceptual hash that is
not rounded to bits, say quickly which pairs can correlate so well.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from handloom.data.io.progress import ReportProgress

FLAT = 2.0  # of 255: standard deviation of the thumbnail below which there is nothing to compare
VALUES = 1 << 20  # of images, made floats at a time: few enough to stay near the core
TILE = 512, 1024  # rows compared with rows at a time: so do their products
LUMA = (0.299, 0.587, 0.114)
SIDE = 16  # pixels of the thumbnail
WAVES = 6  # frequencies kept of each direction


def low_frequencies(image: Tensor, rows: Tensor, margins: Sequence[float]) -> tuple[Tensor, Tensor]:
    """Those of the rows (M,) of images uint8 (N, H, W, C) that are not flat, and the lowest
    frequencies of their signatures for each of V margins, float (V, M, 35), in one pass.

    margins: shares of each side that are left out, the first of which says what is flat.
    """
    basis, kept, low = _frequencies(), list[Tensor](), list[Tensor]()
    for part, small in _thumbnails(image, rows, margins):
        is_uneven = small[0].std(dim=1) >= FLAT
        kept.append(part[is_uneven])
        low.append(unit(small[:, is_uneven]) @ basis)
    return torch.cat(kept), torch.cat(low, 1)


def _thumbnails(
    image: Tensor, rows: Tensor, margins: Sequence[float]
) -> Iterator[tuple[Tensor, Tensor]]:
    """Some rows (n,) at a time, and their thumbnails, float (V, n, 256).

    Brightness and means are linear: one product of matrices makes brightness and the means across
    for all margins, and one for each margin the means down.
    """
    height, width, channels = image.shape[1:]
    across, down = _across(width, channels, margins), _pooling(height, margins)
    count = max(1, VALUES // (height * width * channels))
    # Filled again and again: the first touch of new memory takes longer than all that follows.
    pixels = torch.empty(count, height, width * channels, dtype=torch.uint8)
    values = torch.empty(pixels.shape)
    for part in torch.split(rows, count):
        torch.index_select(image.flatten(2), 0, part, out=pixels[: len(part)])
        values[: len(part)] = pixels[: len(part)]
        means = values[: len(part)].flatten(0, 1) @ across
        views = means.view(len(part), height, len(margins), SIDE).unbind(2)
        small = [(view.mT @ weight.T).mT for view, weight in zip(views, down, strict=True)]
        yield part, torch.stack(small).flatten(2)


def _across(width: int, channels: int, margins: Sequence[float]) -> Tensor:
    """From a row of pixels to the brightness of 16 wide ones for each margin, (W * C, V * 16)."""
    luma = torch.tensor(LUMA if channels == 3 else (1.0,))
    weight = torch.einsum("vpw,c->wcvp", _pooling(width, margins), luma)
    return weight.reshape(width * channels, -1)


def _pooling(side: int, margins: Sequence[float]) -> Tensor:
    """The weights of thumbnails along one side, float (V, 16, side), for each margin."""
    return torch.stack([pooling(side, SIDE, margin) for margin in margins])


def pooling(side: int, pixels: int, margin: float = 0.0) -> Tensor:
    """The weights of `adaptive_avg_pool2d` along one side, float (pixels, side), without a margin
    at both ends, which is a share of the side."""
    weight = torch.zeros(pixels, side)
    cut = round(margin * side)
    inner = side - 2 * cut
    for pixel, row in enumerate(weight):
        first, end = pixel * inner // pixels, -(-(pixel + 1) * inner // pixels)
        row[cut + first : cut + end] = 1 / (end - first)
    return weight


def thumbnails(brightness: Tensor) -> Tensor:
    """Signatures, float (N, 256), of brightness (N, 1, H, W)."""
    return unit(adaptive_avg_pool2d(brightness, SIDE).flatten(1))


def grey(image: Tensor) -> Tensor:
    """Luma of images uint8 (N, H, W, C), float (N, 1, H, W), 0 to 255.

    Channel by channel, which makes no floats of all three and takes half as long.
    """
    if image.shape[3] == 1:
        return image[..., 0].float().unsqueeze(1)
    red, green, blue = image.unbind(3)
    luma = red * LUMA[0]
    luma += green * LUMA[1]
    luma += blue * LUMA[2]
    return luma.unsqueeze(1)


def unit(vector: Tensor) -> Tensor:
    """Vectors (..., D) centred and scaled to length 1."""
    vector = vector - vector.mean(dim=-1, keepdim=True)
    length: Tensor = torch.linalg.vector_norm(vector, dim=-1, keepdim=True)
    return vector / length.clamp(min=1e-6)


def mirrored(frequencies: Tensor) -> Tensor:
    """Frequencies (M, 35) of the mirror images: cosines of odd frequency across change sign."""
    sign = 1 - 2 * (torch.arange(1, WAVES**2) % WAVES % 2)
    return frequencies * sign


def _frequencies() -> Tensor:
    """The 6x6 lowest cosines over 16x16 pixels but the constant, orthonormal, float (256, 35).

    Principal components would prune a little better and cost up to 3 s on a busy machine.
    """
    place, wave = torch.arange(SIDE) + 0.5, torch.arange(WAVES)[:, None]
    cosine = torch.cos(torch.pi / SIDE * wave * place) / (SIDE / 2) ** 0.5  # (6, 16)
    cosine[0] /= 2**0.5
    return torch.kron(cosine, cosine)[1:].T.contiguous()


def close_pairs(
    viewed: Tensor,
    plain: Tensor,
    coarse: float,
    most: int,
    is_symmetric: bool,
    report: ReportProgress,
) -> Tensor:
    """Pairs (i, j), int64 (P, 2), whose signatures can correlate to `coarse`: viewed[i], plain[j].

    viewed, plain: low frequencies, float (M, 35), of the same images; projecting only shortens, so
    no pair is missed. most: only so many of the nearest, which come first. is_symmetric: (j, i) is
    as near as (i, j), and one of them is enough. Sorted by the component that varies most, a row is
    compared with its neighbourhood alone.
    """
    pairs, nearness = torch.empty(0, 2, dtype=torch.int64), torch.empty(0)
    for near, value in _near_rows(viewed, plain, coarse, report):
        is_pair = near[:, 0] < near[:, 1] if is_symmetric else near[:, 0] != near[:, 1]
        pairs = torch.cat([pairs, near[is_pair]])
        nearness = torch.cat([nearness, value[is_pair]])
        if len(pairs) > most:
            nearness, best = nearness.topk(most)
            pairs = pairs[best]
    return pairs[nearness.argsort(descending=True, stable=True)]


def _near_rows(
    viewed: Tensor, plain: Tensor, coarse: float, report: ReportProgress
) -> Iterator[tuple[Tensor, Tensor]]:
    """Pairs of rows within the radius, int64 (P, 2), and minus half their squared distance."""
    radius = (2 - 2 * coarse) ** 0.5
    floor = -(radius**2) / 2 - 1e-5  # float32 rounds
    component = int(plain.var(dim=0, correction=0).argmax())
    order, order_right = viewed[:, component].argsort(), plain[:, component].argsort()
    viewed, plain = viewed[order], plain[order_right]
    main, main_right = viewed[:, component].contiguous(), plain[:, component].contiguous()
    half = (viewed * viewed).sum(dim=1, keepdim=True) / 2
    half_right = (plain * plain).sum(dim=1, keepdim=True) / 2
    left = torch.cat([viewed, -half, torch.ones_like(half)], dim=1)
    right = torch.cat([plain, torch.ones_like(half), -half_right], dim=1).T.contiguous()
    products = torch.empty(TILE[0] * TILE[1])
    for start in range(0, len(viewed), TILE[0]):
        end = min(start + TILE[0], len(viewed))
        first = int(torch.searchsorted(main_right, main[start] - radius))
        stop = int(torch.searchsorted(main_right, main[end - 1] + radius, right=True))
        for begin in range(first, stop, TILE[1]):
            part = right[:, begin : min(begin + TILE[1], stop)]
            shape = end - start, part.shape[1]
            nearness = products[: shape[0] * shape[1]].view(shape)
            torch.mm(left[start:end], part, out=nearness)  # -distance ** 2 / 2
            # 10 times as fast as torch.nonzero here
            place = torch.from_numpy(np.flatnonzero(nearness.numpy() > floor))
            i, j = place // shape[1], place % shape[1]
            yield torch.stack([order[i + start], order_right[j + begin]], dim=1), nearness[i, j]
        report("comparing", end, len(viewed))
