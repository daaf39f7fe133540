"""How bright images are, and whether new ones are like those a network was trained on."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_low
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from handloom.data.images.reading import Brightness, Preprocessing

MOST = 5_000  # images measured
FAR = 4.0  # standard deviations of the training images' brightness
LEAST = 0.12  # of 1, a difference that may matter however alike the training images are


def brightness(image: Tensor) -> Brightness:
    """Mean and standard deviation, over images uint8 (N, H, W, C), of an image's mean, in 0..1."""
    means = _means(image)
    deviation = means.std(correction=0).item() if len(means) else 0.0
    return {"mean": round(means.mean().item(), 4) if len(means) else 0.0,
            "std": round(deviation, 4)}  # fmt: skip


def brightness_warning(image: Tensor, preprocessing: Preprocessing) -> str | None:
    """The sentence of `warning_of` on images uint8 (N, H, W, C)."""
    if preprocessing.get("brightness") is None or not len(image):
        return None
    return warning_of(_means(image).tolist(), preprocessing)


def warning_of(means: Sequence[float], preprocessing: Preprocessing) -> str | None:
    """A sentence where most of the images are far brighter or darker than the training images.

    means: of the pixels of each image, in 0..1. A network trained on light digits on dark names
    dark digits on light with confidence and at random. None where they are alike, or where the run
    does not record its brightness.
    """
    known = preprocessing.get("brightness")
    if known is None or not means:
        return None
    margin = max(FAR * known["std"], LEAST)
    far = sum(abs(mean - known["mean"]) > margin for mean in means)
    if far <= 0.5 * len(means):
        return None
    typical = median_low(means)
    word = "brighter" if typical > known["mean"] else "darker"
    return (
        f"these images are {word} ({100 * typical:.0f} % of white) than the training images "
        f"({100 * known['mean']:.0f} %): predictions may be wrong; are light and dark inverted?"
    )


def _means(image: Tensor) -> Tensor:
    """Mean of each image, float (M,), of a sample of at most 5,000."""
    import torch

    from handloom.division.sample import sample_rows

    some = image if len(image) <= MOST else image[sample_rows(len(image), MOST)]
    means = [chunk.float().mean((1, 2, 3)) for chunk in some.split(512)]
    return torch.cat(means) / 255 if means else torch.empty(0)
