"""How likely images are under a VAE: its terms and both bounds, of many samples of each image."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from handloom.data.images.dataset import Images
from handloom.jobs.generation import evaluation as shared
from handloom.jobs.generation.latents import to_image
from handloom.jobs.loading import Loaded
from handloom.jobs.vae.build import likelihood_of
from handloom.jobs.vae.records import Record
from handloom.metrics.likelihood_bound import Bounds, bits_per_dimension, likelihood_bounds
from handloom.objectives.vae import divergence

BUDGET = 1e12  # multiply-adds of the decoder for the samples: some seconds on two cores
FEWEST = 100  # images that have all their samples, whatever they take
LEVELS = 256  # of a pixel


class Terms(NamedTuple):
    """Of every image, nats (N,): reconstruction, the mean over `samples`, and kl; mean (N, D).
    bound: minus the importance-weighted one with k samples, of a sample of the images (M,)."""

    reconstruction: Tensor
    kl: Tensor
    mean: Tensor
    samples: int
    bound: Tensor


def terms(run: Loaded[Record], images: Images, k: int) -> Terms:
    """Of all images, with k samples of each where the decoder is fast enough for that. Otherwise
    only the bound has k, over fewer images, and the others have as many as take as long."""
    part = images.sample(max(FEWEST, int(BUDGET / (k * _cost(run)))))
    sampled, samples = bounds(run, part, k), k
    bound = -sampled.importance
    if len(part) < len(images):
        samples = max(1, k * len(part) // len(images))
        sampled = bounds(run, images, samples)
    kl = divergence(sampled.mean, sampled.log_variance)
    return Terms(sampled.reconstruction, kl, sampled.mean, samples, bound)


def bounds(run: Loaded[Record], images: Images, k: int, seed: int = 0, batch: int = 50) -> Bounds:
    """The bounds of every image with k samples, on the CPU.

    Every image is binarized once if the run binarizes. The same seed gives the same figures.
    """
    generator = torch.Generator().manual_seed(seed)
    likelihood = likelihood_of(run.config, run.networks["decoder"]).eval()
    networks = (run.networks["encoder"], run.networks["decoder"])
    label, parts = shared.labels(run, images), list[Bounds]()
    for start in range(0, len(images), batch):
        rows = slice(start, start + batch)
        image = to_image(images.image[rows], run.precision)
        if run.config["binarize"] == "dynamic":
            image = torch.bernoulli(image.cpu(), generator=generator).to(run.device)
        classes = None if label is None else label[rows].to(run.device)
        with run.precision.autocast():
            parts.append(
                likelihood_bounds(*networks, image, classes, likelihood, k, generator=generator)
            )
    return Bounds(*(torch.cat(values).cpu() for values in zip(*parts, strict=True)))


def bits(run: Loaded[Record], nats: float) -> float | None:
    """Nats of an image in bits per dimension; None where intensities count as parts of bits, which
    is not a probability."""
    if run.config["likelihood"] == "bernoulli" and run.config["binarize"] == "none":
        return None
    levels = 2 if run.config["likelihood"] == "bernoulli" else LEVELS
    return bits_per_dimension(nats, dimensions(run), levels)


def dimensions(run: Loaded[Record]) -> int:
    """Numbers in an image."""
    height, width, channels = run.config["network"]["size"]
    return height * width * channels


def _cost(run: Loaded[Record]) -> int:
    """Multiply-adds of the decoder for one latent, at least one per weight."""
    from handloom.models.summary import layer_table

    decoder, device = run.networks["decoder"], run.device
    label = torch.zeros(1, dtype=torch.int64, device=device) if run.config["conditional"] else None
    layers = layer_table(
        _WithLabel(decoder, label), torch.zeros(1, run.config["latent_dim"], device=device)
    )
    # Dense layers may run as one autograd function, which hides the layers from the table.
    return max(
        sum(layer.multiply_adds for layer in layers), sum(p.numel() for p in decoder.parameters())
    )


class _WithLabel(nn.Module):
    """A decoder with its label fixed."""

    def __init__(self, decoder: nn.Module, label: Tensor | None) -> None:
        super().__init__()
        self.decoder, self.label = decoder, label

    def forward(self, latent: Tensor) -> Tensor:
        logits: Tensor = self.decoder(latent, self.label)
        return logits
