"""An image before and after, and the pixels of both that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from handloom.data.io.names import resolve
from handloom.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.values import ImageValues

EXACT = 1e-6  # a difference that float32 cannot tell from none


@dataclass(frozen=True)
class Pair:
    """Two images. digest: of what both files hold."""

    before: ImageValues
    after: ImageValues
    digest: str

    @property
    def sizes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Height and width of both."""
        (_, *before), (_, *after) = self.before.values.shape, self.after.values.shape
        return (before[0], before[1]), (after[0], after[1])


class Aligned(NamedTuple):
    """before (N, C, H, W), after (N, O, H - h + 1, W - w + 1) and counts (N, 1, ...), 1 for pixels
    that count: what a filter with a kernel of h x w is trained on."""

    before: Tensor
    after: Tensor
    counts: Tensor

    @property
    def pixels(self) -> int:
        """Those that count."""
        return int(self.counts.sum())


def set_names() -> tuple[str, ...]:
    """The built-in pair: `stripe`, the tutorial's."""
    return ("stripe",)


def read_pair(data: str, target: str | None) -> Pair:
    """The image `data` and what it is to become. Raises UserError for what is not understood."""
    import torch

    from handloom.data.images.values import read_values
    from handloom.data.io.digest import digest, image_digest

    place = resolve(data, set_names())
    if place.path is None:
        if target is not None:
            raise UserError(f"--target {target}: '{place.name}' has a target; leave it out")
        before, after = _stripe()
    elif target is None:
        raise UserError(f"--target is missing: name what '{data}' is to become")
    else:
        before, after = read_values(place.path), read_values(Path(target).expanduser())
    halves = [torch.from_numpy(half.values) for half in (before, after)]
    parts = [image_digest(half, torch.zeros(0)) for half in halves]
    return Pair(before, after, digest(*parts))


def align(pair: Pair, size: tuple[int, int], mix: bool, cut_off: str) -> Aligned:
    """The pixels that belong together, for a kernel of that size.

    Where both images have one size, the pixels of the target whose window reaches over the border
    are left out: what was taken to be there, the files do not say. mix: colours are channels of
    one image; otherwise each is an image of its own. cut_off: with `drop`, pixels that
    are 0 or 1 do not count.
    """
    import torch

    (height, width), before = size, torch.from_numpy(pair.before.values)
    after = torch.from_numpy(pair.after.values)
    if pair.sizes[0] == pair.sizes[1]:
        top, left = (height - 1) // 2, (width - 1) // 2  # where torch's padding="same" puts it
        after = after[:, top : after.shape[1] - (height - 1 - top)]
        after = after[:, :, left : after.shape[2] - (width - 1 - left)]
    before, after = (before[None], after[None]) if mix else (before[:, None], after[:, None])
    counts = torch.ones_like(after[:, :1])
    if cut_off == "drop":
        counts = ((after > 0) & (after < 1)).all(1, keepdim=True).float()
    return Aligned(before.contiguous(), after.contiguous(), counts)


def _stripe() -> tuple[ImageValues, ImageValues]:
    """Ones with a stripe of zeros, and its edges: 1 from white to black, -1 back."""
    import numpy as np

    from handloom.data.images.values import ImageValues

    before, after = np.ones((1, 6, 8), np.float32), np.zeros((1, 6, 7), np.float32)
    before[:, :, 2:6] = 0
    after[:, :, 1], after[:, :, 5] = 1, -1
    return ImageValues(before, False), ImageValues(after, False)
