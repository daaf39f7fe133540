"""What an autoencoder and a VAE draw while they learn: images and what comes back of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from handloom.jobs.generation.autoencoding import example_images

if TYPE_CHECKING:
    from torch import Tensor, nn

    from handloom.data.images.dataset import DataSet
    from handloom.engine.loop import Callback
    from handloom.engine.precision import Precision

COLUMNS, NEW = 8, 32


def drawing(
    config: Any,
    data: DataSet,
    made: dict[str, nn.Module],
    precision: Precision,
    conditional: bool = False,
    new: bool = False,
) -> Callable[[Any], Callback]:
    """A watcher that draws the first 32 judged images in rows, below each row what comes back of
    it; new: 32 images of latents from N(0, I) below all."""
    import torch

    from handloom.jobs.generation.generate import draw, judged
    from handloom.jobs.generation.latents import codes_of
    from handloom.jobs.generation.samples import Drawing

    pixels, label = example_images(data)
    columns = min(COLUMNS, len(pixels))
    pixels = pixels[: len(pixels) // columns * columns]
    label = label[: len(pixels)] if conditional and label is not None else None
    latent = torch.randn(NEW, config.latent, generator=torch.Generator().manual_seed(2))
    classes = torch.arange(NEW) % len(data.train.classes) if conditional else None

    def images() -> Tensor:
        with judged(made["encoder"]):
            code = codes_of(made["encoder"], pixels, label, precision)
        back = draw(made["decoder"], code, precision, label)
        rows = zip(pixels.split(columns), back.split(columns), strict=True)
        found = [part for pair in rows for part in pair]
        if new:
            found.append(draw(made["decoder"], latent, precision, classes))
        return torch.cat(found)

    return lambda run: Drawing(run, images, config.sample_every, columns)
