"""Colour distortion of SimCLR (Chen et al. 2020, arXiv:2002.05709, appendix A), batched.

Differences: brightness, contrast, saturation and hue change in this order, where the paper has
them in random order; every image still has random numbers of its own.
"""

import torch
from torch import Tensor, nn

from handloom.models.layers.rand_augment import grey

JITTERED, GREYED = 0.8, 0.2  # shares of the images


class ColorDistortion(nn.Module):
    """Jitters the colours of most images, and makes some of them grey.

    strength: s, from 0 to 1.25. Four of five images change: brightness, contrast and saturation
    by a factor from 1 - 0.8 s to 1 + 0.8 s, and the hue by up to 0.2 s of the circle; one of five
    becomes grey. Of grey images brightness and contrast change alone.
    forward: image (B, 3 or 1, H, W) in [0, 1], float, to the same shape. Random numbers are from
    the default generator of the device.
    """

    def __init__(self, strength: float = 1.0) -> None:
        super().__init__()
        if not 0 <= strength <= 1.25:
            raise ValueError("strength must be in [0, 1.25].")
        self.strength = strength

    def forward(self, image: Tensor) -> Tensor:
        draw = torch.rand(6, len(image), 1, 1, 1, device=image.device)
        changed = draw[4] < JITTERED
        factor = torch.where(changed, 1 + 0.8 * self.strength * (2 * draw[:3] - 1), 1.0)
        image = (image * factor[0]).clamp(0, 1)
        mean = grey(image).mean((1, 2, 3), keepdim=True)
        image = torch.lerp(mean, image, factor[1]).clamp(0, 1)
        if image.shape[1] == 1:
            return image
        image = torch.lerp(grey(image), image, factor[2]).clamp(0, 1)
        turn = torch.where(changed, 0.2 * self.strength * (2 * draw[3] - 1), 0.0)
        image = hue_shifted(image, turn)
        return torch.where(draw[5] < GREYED, grey(image), image)


def hue_shifted(image: Tensor, turn: Tensor) -> Tensor:
    """image (B, 3, H, W) in [0, 1], its hue (of HSV) turned by `turn` (B, 1, 1, 1) of a circle."""
    red, green, blue = image.unbind(1)
    high, low = image.amax(1), image.amin(1)  # (B, H, W)
    chroma = high - low
    scale = 1 / chroma.clamp(min=1e-6)
    hue = torch.where(
        high == red,
        (green - blue) * scale,
        torch.where(high == green, (blue - red) * scale + 2, (red - green) * scale + 4),
    )
    hue = hue + 6 * turn.squeeze(1)
    parts = []
    for offset in (5, 3, 1):  # red, green, blue
        place = (hue + offset) % 6
        parts.append(high - chroma * torch.minimum(place, 4 - place).clamp(0, 1))
    return torch.stack(parts, 1)
