"""Distorted views of images: what a query is where there are no labels.

A view is a crop of half to nine tenths of the image, mirrored or not, lighter or darker, blurred a
little, and saved again. An encoder that takes it for another image sees pixels; one that finds the
image need not know what is in it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter

from handloom.data.images.decode import Undecodable, decode_whole

AREA = (0.5, 0.9)  # share of the image
ASPECT = (0.8, 1.25)  # of the crop, as a factor of the image's own
STRENGTH = 0.3  # of brightness, contrast and saturation
BLUR = 0.01  # of the shorter side, at most
LARGEST = 512  # pixels of the longer side
QUALITY = 75  # of JPEG


def distorted(image: Image.Image, seed: int) -> Image.Image:
    """A view of an image of mode RGB; the same seed gives the same view."""
    random = np.random.default_rng(seed)
    image.thumbnail((LARGEST, LARGEST))
    area, aspect = random.uniform(*AREA), random.uniform(*ASPECT)
    wide = max(1, min(image.width, round(image.width * (area * aspect) ** 0.5)))
    tall = max(1, min(image.height, round(image.height * (area / aspect) ** 0.5)))
    left = int(random.integers(0, image.width - wide + 1))
    top = int(random.integers(0, image.height - tall + 1))
    view = image.crop((left, top, left + wide, top + tall))
    if random.random() < 0.5:
        view = view.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        view = change(view).enhance(1 + random.uniform(-STRENGTH, STRENGTH))
    return view.filter(ImageFilter.GaussianBlur(random.uniform(0, BLUR) * min(view.size)))


def write_views(
    paths: Sequence[Path], digests: Sequence[str], rows: Sequence[int], folder: Path
) -> tuple[list[int], list[Path]]:
    """A view of each of some images, as a file; returns the rows that could be read, and the files.

    digests: of the contents, which the views depend on, and not on their order.
    """
    kept, files = [], []
    for row in rows:
        try:
            image, _ = decode_whole(paths[row])
        except Undecodable:
            continue
        file = folder / f"{row}.jpg"
        distorted(image, int(digests[row][:8], 16)).save(file, "JPEG", quality=QUALITY)
        kept.append(row)
        files.append(file)
    return kept, files
