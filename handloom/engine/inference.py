"""Logits of images, and the temperature that makes their probabilities honest."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.precision import Precision

PHOTO = 224  # pixels of a side
# Photos that go through a network together. On a CPU their maps then stay in its cache: of 128
# each takes EfficientNet-Lite0 1.5 times as long as of 8 (docs/benchmarks/encoders.md).
PHOTOS = {"cpu": 8, "cuda": 128, "mps": 128}
NEWTON_STEPS = 30  # of the temperature


def images_at_once(height: int, width: int, device: torch.device) -> int:
    """How many images of H x W go through a network together: more of small ones."""
    most = PHOTOS.get(device.type, PHOTOS["cpu"])
    return most * min(16, max(1, PHOTO * PHOTO // (height * width)))


@torch.no_grad()
def logits_of(
    network: nn.Module, pixels: Tensor, precision: Precision, batch: int | None = None
) -> Tensor:
    """Logits float32 (N, K), on the CPU.

    pixels: uint8 (N, H, W, C), as images are decoded; network: image (B, C, H, W) in [0, 1] to
    logits (B, K), in eval mode. batch: images at once; None: `images_at_once`.
    """
    if batch is None:
        batch = images_at_once(pixels.shape[1], pixels.shape[2], precision.device)
    batches = []
    for rows in pixels.split(batch):
        image = rows.to(precision.device).permute(0, 3, 1, 2).float().div_(255)
        with precision.autocast():
            logits = network(image)
        batches.append(logits.float().cpu())
    return torch.cat(batches)


def fit_temperature(logits: Tensor, label: Tensor) -> float:
    """The temperature that calibrates the probabilities, in [0.25, 4].

    Minimises the mean of -log softmax(logits / T)[label] over T (Guo et al. 2017,
    arXiv:1706.04599, sec. 4.2), which is convex in 1 / T, by Newton's method. Which class is the
    likeliest does not change. logits (N, K), label (N,).
    """
    inverse, scores = 1.0, logits.double()
    wanted = scores.gather(1, label[:, None])[:, 0]
    for _ in range(NEWTON_STEPS):
        probability = F.softmax(scores * inverse, 1)
        mean = (probability * scores).sum(1)
        slope = (mean - wanted).mean().item()
        curvature = ((probability * scores**2).sum(1) - mean**2).mean().item()
        inverse = min(4.0, max(0.25, inverse - slope / max(curvature, 1e-12)))
    return 1 / inverse
