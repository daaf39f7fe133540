"""Samples of an autoencoder or a VAE in training: images, their reconstructions, new images."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from handloom.jobs.generation.autoencoding import ResolvedAutoencoding, example_images

if TYPE_CHECKING:
    from torch import Tensor, nn

    from handloom.data.images.dataset import DataSet
    from handloom.engine.loop import Callback
    from handloom.engine.precision import Precision

COLUMNS, NEW = 8, 32


def reconstruction_samples(
    config: ResolvedAutoencoding,
    data: DataSet,
    networks: dict[str, nn.Module],
    precision: Precision,
    conditional: bool = False,
    new: bool = False,
) -> Callable[[Any], Callback]:
    """A callback that writes 32 images of the evaluated split, with each row's reconstructions
    below it; new: also 32 images of latents from N(0, I), below all."""
    import torch

    from handloom.jobs.generation.generate import generate
    from handloom.jobs.generation.latents import encode_images
    from handloom.jobs.generation.samples import WriteSamples

    pixels, label = example_images(data)
    columns = min(COLUMNS, len(pixels))
    pixels = pixels[: len(pixels) // columns * columns]
    label = label[: len(pixels)] if conditional and label is not None else None
    latent = torch.randn(NEW, config.latent_dim, generator=torch.Generator().manual_seed(2))
    classes = torch.arange(NEW) % len(data.train.classes) if conditional else None

    def samples() -> Tensor:
        encoded = encode_images(networks["encoder"], pixels, label, precision).mean
        decoded = generate(networks["decoder"], encoded, precision, label)
        rows = zip(pixels.split(columns), decoded.split(columns), strict=True)
        images = [part for pair in rows for part in pair]
        if new:
            images.append(generate(networks["decoder"], latent, precision, classes))
        return torch.cat(images)

    return lambda run: WriteSamples(run, samples, config.sample_every, columns)
