"""SimCLR (Chen et al. 2020, arXiv:2002.05709): two random views of an image are to be close."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from handloom.engine.objective import Batch, Loss, Objective, Phase
from handloom.metrics.alignment import alignment, uniformity
from handloom.metrics.neighbors import knn_accuracy

Contrast = Callable[[Tensor, Tensor], Tensor]
"""(embedding (2 B, D) of length 1, views i and i + B of one image; label (2 B,)) -> a loss."""


class SimCLR(Objective):
    """Minimises contrast(z, label), z = normalized head(features(view)) of two views an image.

    Batch fields: `image` float (B, C, H, W) in [0, 1]; where classes are learned from, `label`
    int64 (B,). For an evaluation `held_out` bool (B,), which images are compared with the others,
    and, where it is known, `label`.
    Phase `network`: every parameter of the network.

    network: image to embedding (B, D), with `features`. views: image to a random view of it.
    contrast: NT-Xent or another loss of `objectives.contrastive`.
    is_supervised: images of one class belong together too; without it only views of one image.
    """

    def __init__(
        self, network: nn.Module, views: nn.Module, contrast: Contrast, is_supervised: bool = False
    ) -> None:
        super().__init__()
        self.network, self.views, self.contrast = network, views, contrast
        self.is_supervised = is_supervised

    def phases(self) -> list[Phase]:
        return [Phase("network", self.loss, list(self.network.parameters()))]

    def loss(self, batch: Batch) -> Loss:
        image = batch["image"]
        if self.is_supervised:
            label = batch["label"]
        else:
            label = torch.arange(len(image), device=image.device)
        return self.contrast(self.embeddings(image), label.repeat(2)), {}

    def embeddings(self, image: Tensor) -> Tensor:
        """Two views of each image, embedded: (2 B, D), rows i and i + B of one image."""
        return F.normalize(self.network(self.views(image.repeat(2, 1, 1, 1))).float(), dim=1)

    def outputs(self, batch: Batch) -> dict[str, Tensor]:
        """`features` (B, F) of the images, `embedding` (B, 2, D) of two views of each that is held
        out and zeros of others, `held_out`, and `label` where there is one."""
        image, held_out = batch["image"], batch["held_out"]
        if bool(held_out.any()):
            embedding = torch.stack(self.embeddings(image).chunk(2), 1)
        else:
            embedding = torch.zeros_like(self.network(image[:1]).float())
            embedding = embedding.unsqueeze(1).repeat(len(image), 2, 1)
        features: Tensor = self.network.features(image)  # type: ignore[operator]
        known = {"features": features.float(), "embedding": embedding}
        return known | {name: batch[name] for name in ("held_out", "label") if name in batch}

    def metrics(self, outputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """Alignment and uniformity of the embeddings of images that are held out, and, of labelled
        images, the accuracy `knn` of 20 neighbours among the others, by their features."""
        held_out = outputs["held_out"]
        first, second = outputs["embedding"][held_out].unbind(1)
        metrics: dict[str, Tensor] = {}
        if "label" in outputs and bool((~held_out).any()):
            features, label = outputs["features"], outputs["label"]
            metrics["knn"] = knn_accuracy(
                features[~held_out], label[~held_out], features[held_out], label[held_out]
            )
        spread = {"alignment": alignment(first, second), "uniformity": uniformity(first)}
        return metrics | spread
