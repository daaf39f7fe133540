"""Small descriptions of images, and the pairs of images that are worth a closer look.

An image's signature is its 16x16 grey thumbnail, centred and scaled to length 1; of a pair, the
product of two signatures is their correlation. Its lowest frequencies, a perceptual hash that is
not rounded to bits, say quickly which pairs can correlate so well.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from handloom.data.io.progress import ReportProgress

FLAT = 2.0  # of 255: standard deviation of the thumbnail below which there is nothing to compare
AT_ONCE = 1024
LUMA = (0.299, 0.587, 0.114)
SIDE = 16  # pixels of the thumbnail
WAVES = 6  # frequencies kept of each direction


class View(NamedTuple):
    """How the first image of a pair is looked at: mirrored, or without so much of each side."""

    is_mirrored: bool = False
    margin: float = 0.0

    def of(self, brightness: Tensor) -> Tensor:
        """Brightness (N, 1, H, W) without the margin; mirroring is left to the frequencies."""
        rows, columns = (round(self.margin * side) for side in brightness.shape[2:])
        height, width = brightness.shape[2:]
        return brightness[:, :, rows : height - rows, columns : width - columns]


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
    """Vectors (N, D) centred and scaled to length 1."""
    vector = vector - vector.mean(dim=1, keepdim=True)
    length: Tensor = torch.linalg.vector_norm(vector, dim=1, keepdim=True)
    return vector / length.clamp(min=1e-6)


def uneven(image: Tensor, rows: Tensor) -> Tensor:
    """Those of the rows whose images are not flat."""
    kept = []
    for chunk in torch.split(rows, AT_ONCE):
        small = adaptive_avg_pool2d(grey(image[chunk]), SIDE).flatten(1)
        kept.append(chunk[small.std(dim=1) >= FLAT])
    return torch.cat(kept)


def low_frequencies(image: Tensor, rows: Tensor, views: Sequence[View]) -> list[Tensor]:
    """The lowest frequencies of the signatures in each view, float (M, 35), in one pass."""
    basis = _frequencies()
    parts: list[list[Tensor]] = [[] for _ in views]
    for chunk in torch.split(rows, AT_ONCE):
        brightness = grey(image[chunk])
        for part, view in zip(parts, views, strict=True):
            part.append(thumbnails(view.of(brightness)) @ basis)
    made = [torch.cat(part) for part in parts]
    return [
        mirrored(frequencies) if view.is_mirrored else frequencies
        for frequencies, view in zip(made, views, strict=True)
    ]


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
    no pair is missed. most: only so many of the nearest. is_symmetric: (j, i) is as near as (i, j),
    and one of them is enough. Sorted by the component that varies most, a row is compared with its
    neighbourhood alone.
    """
    pairs, nearness = torch.empty(0, 2, dtype=torch.int64), torch.empty(0)
    for near, value in _near_rows(viewed, plain, coarse, report):
        is_pair = near[:, 0] < near[:, 1] if is_symmetric else near[:, 0] != near[:, 1]
        pairs = torch.cat([pairs, near[is_pair]])
        nearness = torch.cat([nearness, value[is_pair]])
        if len(pairs) > most:
            nearness, best = nearness.topk(most)
            pairs = pairs[best]
    return pairs


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
    right = torch.cat([plain, torch.ones_like(half), -half_right], dim=1)  # left @ right: as below
    step = min(AT_ONCE, max(1, (1 << 25) // max(len(plain), 1)))
    for start in range(0, len(viewed), step):
        end = min(start + step, len(viewed))
        first = int(torch.searchsorted(main_right, main[start] - radius))
        stop = int(torch.searchsorted(main_right, main[end - 1] + radius, right=True))
        nearness = left[start:end] @ right[first:stop].T  # -distance ** 2 / 2
        # 10 times as fast as torch.nonzero here
        place = torch.from_numpy(np.flatnonzero((nearness > floor).numpy()))
        i, j = place // (stop - first or 1), place % (stop - first or 1)
        yield torch.stack([order[i + start], order_right[j + first]], dim=1), nearness[i, j]
        report("comparing", end, len(viewed))
