"""Frames of a fixed camera, which look like copies of one image and are not.

They show the same scene with the sensor's noise, or something small that moves. What they have in
common is their mean; what is left without it is equal in copies, whatever they were saved as, and
unrelated in frames.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d

from handloom.data.images.agreement import agreement
from handloom.data.images.grouping import joined
from handloom.data.images.signatures import grey, unit

MOST_COPIES = 8  # images of a group; more are looked at as frames of a camera
SIDE = 64  # pixels at which they are compared
MOVING = 0.9  # correlation of what is left without what all images share
REST = 0.3  # the same, also without what many of them share
FINE = 0.9  # agreement of regions an eighth of a side wide
THEME = 4.0  # times the median variance, from which a component is one of many images
MOST_THEMES = 2_000  # images, beyond which components take too long
AT_ONCE = 1024


class Link(NamedTuple):
    """Two rows of images that pass as copies; the first may be the other's mirror image."""

    left: int
    right: int
    is_mirrored: bool = False


def without_frames(image: Tensor, group: Tensor, links: Sequence[Link]) -> list[Link]:
    """The links but for those between frames of one camera.

    image: uint8 (N, H, W, C). group: int64 (N,) of equal images, of which one counts.
    """
    together = joined(group, links)
    distinct = torch.unique(group)
    first, size = torch.unique(together[distinct], return_counts=True)
    large = set(first[size > MOST_COPIES].tolist())
    kept = [link for link in links if int(together[link.left]) not in large]
    for number in large:
        inside = [link for link in links if int(together[link.left]) == number]
        rows = distinct[together[distinct] == number]
        kept += _copies(image, rows, inside)
    return kept


def _copies(image: Tensor, rows: Tensor, links: list[Link]) -> list[Link]:
    """Those links of one group, whose rows (M,) are given, that equal noise confirms."""
    small = _oriented(image, rows, links)  # (M, 1, S, S)
    rest = _without_common(small)
    moving, noise = unit(rest), unit(_without_themes(rest))
    place = {row: number for number, row in enumerate(rows.tolist())}
    kept = []
    for start in range(0, len(links), AT_ONCE):
        part = links[start : start + AT_ONCE]
        left = torch.tensor([place[link.left] for link in part])
        right = torch.tensor([place[link.right] for link in part])
        is_equal = (moving[left] * moving[right]).sum(dim=1) >= MOVING
        is_equal |= (noise[left] * noise[right]).sum(dim=1) >= REST
        is_equal &= agreement(small[left], small[right], SIDE, 8) >= FINE
        kept += [link for link, keep in zip(part, is_equal.tolist(), strict=True) if keep]
    return kept


def _oriented(image: Tensor, rows: Tensor, links: list[Link]) -> Tensor:
    """Brightness at 64 pixels, float (M, 1, S, S), all turned to the side of the first image."""
    side = min(SIDE, *image.shape[1:3])
    small = torch.cat([adaptive_avg_pool2d(grey(image[chunk]), side)
                       for chunk in torch.split(rows, AT_ONCE)])  # fmt: skip
    if any(link.is_mirrored for link in links):
        flipped = small.flip(3)
        wanted = unit(small[:1].flatten(1))[0]
        is_turned = unit(flipped.flatten(1)) @ wanted > unit(small.flatten(1)) @ wanted
        small = torch.where(is_turned[:, None, None, None], flipped, small)
    return small


def _without_common(small: Tensor) -> Tensor:
    """Images (M, 1, S, S) without what they share, float (M, S * S).

    They share their mean image, lighter or darker; moved a little, which its slopes say; or
    sharper or softer, as of another size, which its difference from softer ones says.
    """
    mean = small.mean(dim=0, keepdim=True)
    soft = avg_pool2d(mean, 3, 1, 1, count_include_pad=False)
    softer = avg_pool2d(soft, 3, 1, 1, count_include_pad=False)
    right, down = mean.roll(1, 3) - mean.roll(-1, 3), mean.roll(1, 2) - mean.roll(-1, 2)
    shared = torch.cat([mean, soft, softer, right, down]).flatten(1)
    basis, _ = torch.linalg.qr(torch.cat([torch.ones_like(shared[:1]), shared]).T)  # (D, 6)
    flat = small.flatten(1)
    without: Tensor = flat - flat @ basis @ basis.T
    return without


def _without_themes(rest: Tensor) -> Tensor:
    """Rows (M, D) without the components that many of them have: what moves in a burst, or how a
    resized scene differs. Two copies of one image make a component of twice the usual variance."""
    if len(rest) > MOST_THEMES:
        return rest
    variance, direction = torch.linalg.eigh(rest @ rest.T)
    themes = direction[:, variance > THEME * variance.median()]  # (M, T)
    without: Tensor = rest - themes @ (themes.T @ rest)
    return without
